//! `crypto.subtle`: what it answers, compared with Node's answers; whose its keys are; and that nothing in
//! it outlasts a run's limits.

mod common;

use common::*;
use sandtide_engine::{Frozen, InstanceConfig, Intrinsics, Limits, Request, Value};

/// A script of many operations, and what it answers.
const SOURCE: &str = include_str!("platform/subtle.js");
const ANSWERS: &str = include_str!("platform/subtle.txt");
const WRECK: &str = include_str!("platform/wreck.js");

#[test]
fn its_answers_are_those_of_the_standard_and_of_node() {
    let found = Bench::base().eval(SOURCE);
    for (ours, theirs) in text(&found).lines().zip(ANSWERS.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(text(&found).lines().count(), ANSWERS.lines().count());
}

/// Keys of each algorithm as JSON Web Keys, signatures and salts, in one text.
const RANDOM: &str = "(async () => {
    const { subtle } = crypto;
    let out = '';
    const exponent = { modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
    const sign = ['sign', 'verify'];
    for (const [algorithm, usages] of [
      [{ name: 'AES-GCM', length: 256 }, ['encrypt']], [{ name: 'HMAC', hash: 'SHA-512' }, sign],
      [{ name: 'ECDSA', namedCurve: 'P-256' }, sign], [{ name: 'ECDSA', namedCurve: 'P-521' }, sign],
      ['Ed25519', sign], ['X25519', ['deriveBits']], [{ name: 'RSA-PSS', ...exponent }, sign]]) {
      const made = await subtle.generateKey(algorithm, true, usages);
      const key = made.privateKey ?? made;
      out += JSON.stringify(await subtle.exportKey('jwk', key));
      if (usages !== sign) continue;
      const signature = await subtle.sign({ name: key.algorithm.name, hash: 'SHA-256', saltLength: 20 }, key, new Uint8Array(9));
      out += new Uint8Array(signature).toHex();
    }
    return out;
  })()";

#[test]
fn what_is_random_in_it_is_the_runs_own_and_the_seeds_where_it_is_given() {
    let mut bench = Bench::base();
    let frozen = |seed| Request { frozen: Some(Frozen { seed, now_ms: 0.0 }), ..ad_hoc(RANDOM) };
    let again = bench.run(&frozen(7)).result.expect("keys");
    assert_eq!(bench.run(&frozen(7)).result, Ok(again.clone()));
    assert_eq!(Bench::base().run(&frozen(7)).result, Ok(again.clone()));
    assert_ne!(bench.run(&frozen(8)).result, Ok(again));
    assert_ne!(bench.eval(RANDOM), bench.eval(RANDOM));
}

#[test]
fn a_key_that_is_not_extractable_shows_its_bytes_to_nobody() {
    // Spies wherever a guest can hook the language.
    let source = "(async () => {
        const seen = new Set();
        const note = (value) => { seen.add(value); return value };
        for (const prototype of [Object.prototype, Array.prototype]) {
          for (const name of ['handle', 'k', 'd', 'secret', 'point', '0', '1', 'value']) {
            Object.defineProperty(prototype, name, {
              __proto__: null, configurable: true, get() { note(this) }, set(value) { note(value); note(this) } });
          }
        }
        const Typed = Object.getPrototypeOf(Uint8Array);
        for (const name of ['set', 'slice', 'subarray', 'fill', 'at', 'values', 'toBase64', 'toHex']) {
          const own = Typed.prototype[name] ?? Uint8Array.prototype[name];
          Typed.prototype[name] = function (...all) { note(this); all.forEach(note); return own.apply(this, all) };
        }
        for (const name of ['buffer', 'length', 'byteLength', 'byteOffset']) {
          const { get } = Object.setPrototypeOf(Object.getOwnPropertyDescriptor(Typed.prototype, name), null);
          Object.defineProperty(Typed.prototype, name, { __proto__: null, configurable: true, get() { note(this); return get.call(this) } });
        }
        Error.prepareStackTrace = (error, sites) => { for (const site of sites) { note(site.getThis?.()); note(site.getFunction?.()) } };
        const { apply, construct } = Reflect;
        Reflect.apply = (...all) => { all.forEach(note); return apply(...all) };
        JSON.stringify = note; JSON.parse = note; Uint8Array.fromBase64 = note; Promise.resolve = note;
        const secret = new TextEncoder().encode('0123456789abcdef');
        const { subtle } = crypto;
        const key = await subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'wrapKey']);
        const mac = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
        const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
        await subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, key, new Uint8Array(4));
        await subtle.sign('HMAC', mac, new Uint8Array(4));
        await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, new Uint8Array(4));
        let refused = 0;
        for (const [each, format] of [[key, 'raw'], [mac, 'jwk'], [pair.privateKey, 'pkcs8']]) {
          await subtle.exportKey(format, each).catch((e) => { refused += e.name === 'InvalidAccessError' });
          await subtle.wrapKey(format, each, key, { name: 'AES-GCM', iv: secret }).catch((e) => { refused += e.name === 'InvalidAccessError' });
        }
        const own = [key, mac, pair.privateKey, structuredClone(key)];
        const shown = own.map((each) => Reflect.ownKeys(each).length + ' ' + String(each) + ' ' + each.extractable);
        const bytes = [...seen].filter((each) => each instanceof Typed || each instanceof ArrayBuffer)
          .filter((each) => each !== secret && each !== secret.buffer);
        key.algorithm.name = 'AES-CBC';
        key.usages.push('decrypt');
        const still = await subtle.encrypt({ name: 'AES-GCM', iv: secret }, key, secret).then(() => 'GCM');
        const decrypts = await subtle.decrypt({ name: 'AES-GCM', iv: secret }, key, secret).catch((e) => e.name);
        return [bytes.length, refused, still, decrypts, ...new Set(shown)].join();
      })()";
    let expected = "0,6,GCM,InvalidAccessError,0 [object CryptoKey] false";
    assert_eq!(Bench::base().eval(source), expected.into());
}

#[test]
fn it_works_where_the_guest_wrecked_the_language_first() {
    // What is awaited is found by its constructor, and what it becomes by `then`: these are the guest's.
    let keep = "const PROMISE = Promise, DEFINE = Reflect.defineProperty, OBJECT = Object.prototype, \
         ITERATOR = Symbol.iterator;";
    let source = "
      delete OBJECT.then;
      const take = (promise) => {
        DEFINE(promise, 'constructor', { __proto__: null, value: PROMISE });
        return promise;
      };
      const usages = (...names) => ({
        __proto__: null, [ITERATOR]: () => ({
          __proto__: null, at: 0, next() {
            return this.at < names.length ? { __proto__: null, value: names[this.at++], done: false }
              : { __proto__: null, value: undefined, done: true };
          } }) });
      const params = (name, more) => ({ __proto__: more ?? null, name });
      take((async () => {
        const { subtle } = crypto;
        const data = new TextEncoder().encode('data');
        const iv = new TextEncoder().encode('0123456789abcdef');
        let out = '';
        const hash = { __proto__: null, hash: 'SHA-256', saltLength: 20, iv, counter: iv, length: 128 };
        for (const name in { __proto__: null, 'AES-CBC': 1, 'AES-CTR': 1, 'AES-GCM': 1 }) {
          const key = await take(subtle.generateKey(params(name, hash), true, usages('encrypt', 'decrypt', 'wrapKey', 'unwrapKey')));
          const encrypted = await take(subtle.encrypt(params(name, hash), key, data));
          out += new TextDecoder().decode(await take(subtle.decrypt(params(name, hash), key, encrypted)));
          const wrapped = await take(subtle.wrapKey('jwk', key, key, params(name, hash)));
          out += (await take(subtle.unwrapKey('jwk', wrapped, key, params(name, hash), name, true, usages('encrypt')))).type;
        }
        for (const name in { __proto__: null, HMAC: 1, ECDSA: 1, Ed25519: 1, 'RSA-PSS': 1, 'RSASSA-PKCS1-v1_5': 1 }) {
          const more = { __proto__: null, hash: 'SHA-256', namedCurve: 'P-256', modulusLength: 1024, publicExponent: new Uint8Array_(3) };
          more.publicExponent[0] = 3;
          more.publicExponent[0] = 1; more.publicExponent[2] = 1;
          const made = await take(subtle.generateKey(params(name, more), true, usages('sign', 'verify')));
          const signer = name === 'HMAC' ? made : made.privateKey, verifier = name === 'HMAC' ? made : made.publicKey;
          const signature = await take(subtle.sign(params(name, hash), signer, data));
          out += await take(subtle.verify(params(name, hash), verifier, signature, data));
          const jwk = await take(subtle.exportKey('jwk', verifier));
          DEFINE(jwk, '__proto__', { __proto__: null, value: null });
          out += jwk.kty;
        }
        const base = await take(subtle.importKey('raw', data, 'PBKDF2', false, usages('deriveBits')));
        const derived = await take(subtle.deriveBits(
          { __proto__: null, name: 'PBKDF2', hash: 'SHA-1', salt: data, iterations: 5000 }, base, 256));
        return out + new DataView_(derived).constructor;
      })());";
    let source = source
        .replace("new Uint8Array_(3)", "new TextEncoder().encode('abc')")
        .replace("more.publicExponent[0] = 3;", "more.publicExponent[1] = 0;")
        .replace(
            "new DataView_(derived).constructor",
            "new TextDecoder('latin1').decode(derived).length",
        );
    let mut bench = Bench::base();
    let sound = bench.eval(&format!("{keep}{source}"));
    assert_eq!(sound, "datasecretdatasecretdatasecrettrueocttrueECtrueOKPtrueRSAtrueRSA32".into());
    assert_eq!(bench.eval(&format!("{keep}{WRECK}\n{source}")), sound);
}

#[test]
fn it_needs_no_more_of_the_language_than_the_typed_arrays() {
    let mut config = InstanceConfig::default();
    config.intrinsics = Intrinsics::minimal();
    config.intrinsics.crypto = true;
    config.intrinsics.typed_arrays = true;
    let source = "(async () => {
        const { subtle } = crypto;
        const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt', 'wrapKey', 'unwrapKey']);
        const params = { name: 'AES-GCM', iv: new Uint8Array(12) };
        const wrapped = await subtle.wrapKey('jwk', key, key, params);
        const back = await subtle.unwrapKey('jwk', wrapped, key, params, 'AES-GCM', true, ['encrypt']);
        return back.usages + ' ' + back.algorithm.name + ' ' + (await subtle.exportKey('raw', back)).byteLength;
      })()";
    let mut bench = Bench::with(config);
    assert_eq!(bench.eval(source), "encrypt AES-GCM 16".into());
    assert_eq!(
        bench.eval("typeof JSON + typeof Map + typeof URLPattern"),
        "undefined".repeat(3).into()
    );
}

#[test]
fn what_takes_long_ends_at_the_wall_time_and_what_takes_much_at_the_heaps_limit() {
    let mut bench = Bench::base();
    let key = "crypto.subtle.importKey('raw', new Uint8Array(9), NAME, false, ['deriveBits'])";
    let derive = |params: &str, bits: &str| {
        let name = if params.contains("iterations") { "'PBKDF2'" } else { "'HKDF'" };
        let key = key.replace("NAME", name);
        format!(
            "{key}.then((key) => crypto.subtle.deriveBits({{name: {name}, hash: 'SHA-512', salt: new Uint8Array(9), {params}}}, key, {bits}))"
        )
    };
    let rsa = "crypto.subtle.generateKey({name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 4096, \
         publicExponent: new Uint8Array([1, 0, 1])}, true, ['sign'])";
    for source in [
        derive("iterations: 2 ** 32 - 1", "512"),
        derive("iterations: 1e6", "2 ** 20"),
        format!("(async () => {{ for (;;) await {rsa} }})()"),
        "(async () => { for (;;) await crypto.subtle.digest('SHA-512', new Uint8Array(1e6)) })()"
            .to_owned(),
    ] {
        let outcome = bench.run(&Request { limits: short(), ..ad_hoc(&source) });
        let code = outcome.result.map_err(|error| error.code());
        assert_eq!(code, Err("ERR_WALL_TIME_LIMIT"), "{source}");
    }
    let limits = Limits { heap: 32 << 20, ..generous() };
    for source in [
        "crypto.subtle.generateKey({name: 'HMAC', hash: 'SHA-1', length: 2 ** 32 - 1}, true, ['sign'])",
        "const all = new Uint8Array(9e6); crypto.subtle.importKey('raw', all, {name: 'HMAC', hash: 'SHA-1'}, true, ['sign'])\
           .then((key) => crypto.subtle.sign('HMAC', key, all))",
    ] {
        let outcome = bench.run(&Request { limits, ..ad_hoc(source) });
        let code = outcome.result.map_err(|error| error.code());
        assert_eq!(code, Err("ERR_HEAP_LIMIT"), "{source}");
    }
    assert_eq!(
        bench.eval("crypto.subtle.digest('SHA-1', new Uint8Array()).then((d) => d.byteLength)"),
        20.into()
    );
}

#[test]
fn what_guests_hand_over_is_read_once_and_may_be_anything() {
    let mut bench = Bench::base();
    let caught = |source: &str| {
        format!(
            "(async () => {{ try {{ return String(await ({source})) }} catch (e) {{ return e?.name ?? e }} }})()"
        )
    };
    for (source, expected) in [
        ("crypto.subtle.digest({ get name() { throw 'mine' } }, new Uint8Array())", "mine"),
        ("crypto.subtle.digest()", "TypeError"),
        ("crypto.subtle.digest.call({}, 'SHA-1', new Uint8Array())", "TypeError"),
        ("crypto.subtle.digest(Symbol(), new Uint8Array())", "TypeError"),
        ("crypto.subtle.digest(null, new Uint8Array())", "NotSupportedError"),
        ("crypto.subtle.digest('__proto__', new Uint8Array())", "NotSupportedError"),
        ("crypto.subtle.digest('SHA-1', [1])", "TypeError"),
        ("crypto.subtle.sign('SHA-1', 5, new Uint8Array())", "TypeError"),
        // A buffer that is gone is empty.
        (
            "(() => { const a = new ArrayBuffer(8); a.transfer(); return crypto.subtle.digest('SHA-1', a).then((d) => new Uint8Array(d)[0]) })()",
            "218",
        ),
        (
            "(() => { const a = new Uint8Array(8); return crypto.subtle.digest({ get name() { a.buffer.transfer(); return 'SHA-1' } }, a).then((d) => new Uint8Array(d)[0]) })()",
            "218",
        ),
        (
            "(() => { const a = new ArrayBuffer(8, { maxByteLength: 16 }), b = new Uint8Array(a, 4); a.resize(2); return crypto.subtle.digest('SHA-1', b).then((d) => new Uint8Array(d)[0]) })()",
            "218",
        ),
        // What is changed behind the call is not seen.
        (
            "(() => { const a = new Uint8Array(8); const d = crypto.subtle.digest('SHA-1', a); a.fill(1); return d.then((d) => new Uint8Array(d)[0]) })()",
            "5",
        ),
        (
            "crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', get hash() { throw 'mine' } }, true, ['sign'])",
            "mine",
        ),
        (
            "crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'HMAC' }, true, ['sign'])",
            "NotSupportedError",
        ),
        (
            "crypto.subtle.importKey('jwk', { get kty() { throw 'mine' } }, 'AES-GCM', true, ['encrypt'])",
            "mine",
        ),
        ("crypto.subtle.importKey('jwk', null, 'AES-GCM', true, ['encrypt'])", "DataError"),
        ("crypto.subtle.importKey('jwk', 5, 'AES-GCM', true, ['encrypt'])", "TypeError"),
        (
            "crypto.subtle.importKey('jwk', { kty: 'oct', k: 'a'.repeat(1e5) }, 'AES-GCM', true, ['encrypt'])",
            "DataError",
        ),
        (
            "crypto.subtle.importKey('jwk', { kty: 'oct', k: '\\ud800' }, 'AES-GCM', true, ['encrypt'])",
            "DataError",
        ),
        (
            "crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, { [Symbol.iterator]() { throw 'mine' } })",
            "mine",
        ),
        (
            "crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, 'encrypt')",
            "TypeError",
        ),
        ("crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true)", "TypeError"),
        (
            "crypto.subtle.importKey('spki', new Uint8Array(1e6), { name: 'ECDSA', namedCurve: 'P-256' }, true, [])",
            "DataError",
        ),
        (
            "crypto.subtle.importKey('pkcs8', new Uint8Array(1e6).fill(48), 'Ed25519', true, ['sign'])",
            "DataError",
        ),
        (
            "crypto.subtle.importKey('jwk', { kty: 'RSA', n: 'AA', e: 'AA' }, { name: 'RSA-PSS', hash: 'SHA-1' }, true, [])",
            "DataError",
        ),
        (
            "crypto.subtle.importKey('jwk', { kty: 'RSA', n: 'a'.repeat(1e5), e: 'AQAB' }, { name: 'RSA-PSS', hash: 'SHA-1' }, true, [])",
            "DataError",
        ),
        (
            "crypto.subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 2 ** 32 - 1, publicExponent: new Uint8Array([3]) }, true, ['sign'])",
            "OperationError",
        ),
        (
            "crypto.subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Uint8Array(1e6) }, true, ['sign'])",
            "OperationError",
        ),
        (
            "crypto.subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Uint16Array([3]) }, true, ['sign'])",
            "TypeError",
        ),
        (
            "crypto.subtle.generateKey({ name: 'AES-GCM', length: NaN }, true, ['encrypt'])",
            "TypeError",
        ),
        ("structuredClone(crypto.subtle)", "DataCloneError"),
        ("new CryptoKey()", "TypeError"),
        ("Object.getOwnPropertyDescriptor(CryptoKey.prototype, 'type').get.call({})", "TypeError"),
        ("Object.getOwnPropertyDescriptor(Crypto.prototype, 'subtle').get.call({})", "TypeError"),
    ] {
        assert_eq!(bench.eval(&caught(source)), expected.into(), "{source}");
    }
    let error = bench.eval(
        "crypto.subtle.digest('MD5', new Uint8Array()).catch((e) => [e instanceof DOMException, e.constructor === DOMException, /sandtide|\\//.test(e.stack)].join())",
    );
    assert_eq!(error, Value::from("true,true,false"));
}

#[test]
fn what_is_hashed_beside_the_data_may_be_long_and_ends_at_the_wall_time() {
    let mut bench = Bench::base();
    let key = |data: &str, algorithm: &str, usage: &str| {
        format!("crypto.subtle.importKey({data}, {algorithm}, false, ['{usage}'])")
    };
    let raw = "'raw', new Uint8Array(16)";
    let derive = |algorithm: &str, more: &str| {
        let key = key(raw, &format!("'{algorithm}'"), "deriveBits");
        format!(
            "{key}.then(async (key) => {{ for (;;) await crypto.subtle.deriveBits({{ name: '{algorithm}', hash: 'SHA-512', salt: long, {more} }}, key, 512) }})"
        )
    };
    // A modulus of 1024 bits that is odd.
    let rsa = "'jwk', { kty: 'RSA', n: '_' + 'd'.repeat(169) + 'E', e: 'AQAB' }";
    for source in [
        derive("HKDF", "info: new Uint8Array(9)"),
        derive("PBKDF2", "iterations: 1"),
        key(rsa, "{ name: 'RSA-OAEP', hash: 'SHA-256' }", "encrypt")
            + ".then(async (key) => { for (;;) await crypto.subtle.encrypt({ name: 'RSA-OAEP', label: long }, key, new Uint8Array(9)) })",
        key(raw, "'AES-GCM'", "encrypt")
            + ".then(async (key) => { for (;;) await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12), additionalData: long }, key, new Uint8Array(9)) })",
        key(raw, "'AES-GCM'", "encrypt")
            + ".then(async (key) => { for (;;) await crypto.subtle.encrypt({ name: 'AES-GCM', iv: long }, key, new Uint8Array(9)) })",
    ] {
        let source = format!("const long = new Uint8Array(4 << 20); {source}");
        let outcome = bench.run(&Request { limits: short(), ..ad_hoc(&source) });
        let code = outcome.result.map_err(|error| error.code());
        assert_eq!(code, Err("ERR_WALL_TIME_LIMIT"), "{source}");
    }
    // What would be hashed 255 times in one go is refused.
    let hkdf = |info: usize| {
        let key = key(raw, "'HKDF'", "deriveBits");
        format!(
            "{key}.then((key) => crypto.subtle.deriveBits({{ name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(9), info: new Uint8Array({info}) }}, key, 255 * 512)).then((bits) => bits.byteLength, (error) => error.name)"
        )
    };
    assert_eq!(bench.eval(&hkdf(4096)), (255 * 64).into());
    assert_eq!(bench.eval(&hkdf(4097)), "OperationError".into());
    assert_eq!(bench.eval(&hkdf(8 << 20)), "OperationError".into());
}

#[test]
fn promises_settle_in_a_later_job_and_ask_no_property_of_the_guests() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const order = [];
        crypto.subtle.digest('SHA-1', new Uint8Array()).then(() => order.push('digest'));
        crypto.subtle.digest('none', new Uint8Array()).catch(() => order.push('refused'));
        crypto.subtle.digest.call(5).catch(() => order.push('not ours'));
        Promise.resolve().then(() => order.push('job'));
        await new Promise((resolve) => setTimeout(resolve));
        return order.join();
      })()";
    assert_eq!(bench.eval(source), "job,digest,refused,not ours".into());
    let source = "let answer;
      const touched = [], kept = {};
      for (const name of ['then', 'constructor']) {
        kept[name] = Object.getOwnPropertyDescriptor(Promise.prototype, name);
        Object.defineProperty(Promise.prototype, name, {
          configurable: true, get() { touched.push(name); return kept[name].value } });
      }
      const settled = [crypto.subtle.exportKey(), crypto.subtle.digest('SHA-1', new Uint8Array())];
      const jobs = (left) => queueMicrotask(() => {
        if (left > 0) return jobs(left - 1);
        Object.defineProperties(Promise.prototype, kept);
        settled[0].catch(() => {});
        settled[1].then((value) => answer(value.byteLength + touched.join()));
      });
      const done = new Promise((resolve) => { answer = resolve });
      jobs(5);
      done";
    assert_eq!(bench.eval(source), "20".into());
}

/// What the source's promise comes to, or the name of its error.
fn outcome_of(bench: &mut Bench, source: &str) -> String {
    let source = format!(
        "(async () => {{ const {{ subtle }} = crypto; try {{ return String(await (async () => {{ {source} }})()) }} \
           catch (e) {{ return e?.name ?? String(e) }} }})()"
    );
    text(&bench.eval(&source)).to_owned()
}

#[test]
fn names_of_algorithms_differ_by_all_but_the_case_of_ascii_letters() {
    let mut bench = Bench::base();
    for (name, expected) in [
        ("sHa-1", "20"),
        // Letters whose capitals are ASCII: a long s, and an i without its dot.
        ("\u{17f}ha-1", "NotSupportedError"),
        ("SHA\u{2010}1", "NotSupportedError"),
        ("", "NotSupportedError"),
    ] {
        let source = format!("return (await subtle.digest('{name}', new Uint8Array())).byteLength");
        assert_eq!(outcome_of(&mut bench, &source), expected, "{name}");
    }
    for name in ["AE\u{17f}-GCM", "ae\u{17f}-gcm"] {
        let source = format!(
            "return subtle.generateKey({{ name: '{name}', length: 128 }}, true, ['encrypt'])"
        );
        assert_eq!(outcome_of(&mut bench, &source), "NotSupportedError", "{name}");
        let source = format!(
            "const key = await subtle.importKey('raw', new Uint8Array(16), 'AES-KW', true, ['wrapKey']); \
             return subtle.wrapKey('raw', key, key, '{}')",
            name.replace("GCM", "KW").replace("gcm", "kw")
        );
        assert_eq!(outcome_of(&mut bench, &source), "NotSupportedError", "{name}");
    }
}

#[test]
fn a_wrapped_json_web_key_is_converted_as_one_that_is_given() {
    let mut bench = Bench::base();
    for (members, expected) in [
        ("\"k\": \"AAAA\"", "24 true"),
        ("\"k\": \"AAAA\", \"ext\": 1", "24 true"),
        ("\"k\": \"AAAA\", \"ext\": \"false\"", "24 true"),
        ("\"k\": \"AAAA\", \"ext\": {}", "24 true"),
        ("\"k\": \"AAAA\", \"ext\": 0", "DataError"),
        ("\"k\": \"AAAA\", \"ext\": null", "DataError"),
        ("\"k\": \"AAAA\", \"ext\": \"\"", "DataError"),
        ("\"k\": 1234", "24 true"),
        ("\"k\": true", "24 true"),
        ("\"k\": null", "24 true"),
        ("\"k\": \"AAAA\", \"x\": 5, \"other\": {}", "24 true"),
        ("\"k\": \"AAAA\", \"key_ops\": [\"sign\", null, 5]", "24 true"),
        ("\"k\": \"AAAA\", \"key_ops\": [null, \"sign\", \"null\"]", "DataError"),
        ("\"k\": \"AAAA\", \"key_ops\": [\"verify\"]", "DataError"),
        ("\"k\": \"AAAA\", \"key_ops\": \"sign\"", "DataError"),
        ("\"k\": \"AAAA\", \"key_ops\": {\"length\": 1, \"0\": \"sign\"}", "DataError"),
        ("\"k\": \"AAAA\", \"key_ops\": [[\"sign\"]]", "DataError"),
        ("\"k\": \"AAAA\", \"use\": false", "DataError"),
        ("\"k\": \"AAAA\", \"alg\": null", "DataError"),
        ("\"k\": {}", "DataError"),
        ("\"k\": [\"AAAA\"]", "DataError"),
    ] {
        let source = format!(
            "let watched = false;
             const asked = [];
             for (const prototype of [Object.prototype, Array.prototype]) {{
               for (const name of ['toString', 'valueOf', Symbol.toPrimitive, Symbol.iterator, 'length', '0', 'k']) {{
                 if (name === 'length' && prototype === Array.prototype) continue;
                 const kept = prototype[name];
                 Object.defineProperty(prototype, name, {{
                   configurable: true, get() {{ if (watched) asked.push(name); return kept }}, set() {{}} }});
               }}
             }}
             const params = {{ name: 'AES-GCM', iv: new Uint8Array(12) }};
             const usages = ['encrypt', 'unwrapKey'];
             const key = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, usages);
             const jwk = new TextEncoder().encode('{{\"kty\": \"oct\", {members}}}');
             const wrapped = await subtle.encrypt(params, key, jwk);
             const hmac = {{ __proto__: null, name: 'HMAC', hash: 'SHA-1' }};
             const list = {{ __proto__: null, [Symbol.iterator]: () => ['sign'].values() }};
             watched = true;
             const made = subtle.unwrapKey('jwk', wrapped, key, params, hmac, true, list);
             watched = false;
             if (asked.length > 0) return 'asked ' + asked.map(String);
             return (await made).algorithm.length + ' ' + (await made).extractable"
        );
        assert_eq!(outcome_of(&mut bench, &source), expected, "{members}");
    }
}

#[test]
fn a_curve_that_nobody_knows_is_an_error_of_the_data_but_where_a_key_is_made() {
    let mut bench = Bench::base();
    for name in ["ECDSA", "ECDH"] {
        let params = format!("{{ name: '{name}', namedCurve: 'p-256' }}");
        let jwk = "{ kty: 'EC', crv: 'p-256', x: 'AA', y: 'AA' }";
        for (format, data, usages, expected) in [
            ("raw", "new Uint8Array(65)", "[]", "DataError"),
            // The curve comes before the usages here, and behind them there.
            ("raw", "new Uint8Array(65)", "['encrypt']", "DataError"),
            ("spki", "new Uint8Array(65)", "[]", "DataError"),
            ("spki", "new Uint8Array(65)", "['encrypt']", "SyntaxError"),
            ("pkcs8", "new Uint8Array(65)", "[]", "DataError"),
            ("pkcs8", "new Uint8Array(65)", "['encrypt']", "SyntaxError"),
            ("jwk", jwk, "[]", "DataError"),
            ("jwk", jwk, "['encrypt']", "SyntaxError"),
        ] {
            let source =
                format!("return subtle.importKey('{format}', {data}, {params}, true, {usages})");
            assert_eq!(outcome_of(&mut bench, &source), expected, "{name} {format} {usages}");
        }
        let usage = if name == "ECDSA" { "sign" } else { "deriveBits" };
        let source = format!("return subtle.generateKey({params}, true, ['{usage}'])");
        assert_eq!(outcome_of(&mut bench, &source), "NotSupportedError");
    }
}

#[test]
fn the_usage_that_a_pair_of_keys_is_not_for_is_the_one_that_the_message_names() {
    let mut bench = Bench::base();
    let rsa = "modulusLength: 1024, publicExponent: new Uint8Array([3]), hash: 'SHA-1'";
    for (params, usages, wrong) in [
        (
            "{ name: 'ECDSA', namedCurve: 'P-256' }".to_owned(),
            "'verify', 'wrapKey', 'sign'",
            "wrapKey",
        ),
        ("{ name: 'ECDH', namedCurve: 'P-256' }".to_owned(), "'deriveKey', 'sign'", "sign"),
        ("'Ed25519'".to_owned(), "'sign', 'verify', 'encrypt'", "encrypt"),
        (format!("{{ name: 'RSA-PSS', {rsa} }}"), "'sign', 'decrypt'", "decrypt"),
        (format!("{{ name: 'RSA-OAEP', {rsa} }}"), "'encrypt', 'decrypt', 'sign'", "sign"),
    ] {
        let source = format!(
            "return subtle.generateKey({params}, true, [{usages}]).catch((e) => e.name + ' ' + /'(\\w+)'/.exec(e.message)[1])"
        );
        assert_eq!(outcome_of(&mut bench, &source), format!("SyntaxError {wrong}"));
    }
}

#[test]
fn halves_of_two_keys_are_no_key() {
    let mut bench = Bench::base();
    for (params, usage) in [
        ("{ name: 'ECDSA', namedCurve: 'P-256' }", "sign"),
        ("{ name: 'ECDSA', namedCurve: 'P-384' }", "sign"),
        ("{ name: 'ECDH', namedCurve: 'P-521' }", "deriveBits"),
        ("'Ed25519'", "sign"),
        ("'X25519'", "deriveBits"),
    ] {
        let source = format!(
            "const make = async () => subtle.exportKey('jwk', (await subtle.generateKey({params}, true, ['{usage}'])).privateKey);
             const take = (jwk) => subtle.importKey('jwk', jwk, {params}, true, ['{usage}']).then((key) => key.type, (e) => e.name);
             const one = await make(), other = await make();
             return [await take(one), await take(other), await take({{ ...one, d: other.d }}), await take({{ ...other, d: one.d }})]"
        );
        assert_eq!(
            outcome_of(&mut bench, &source),
            "private,private,DataError,DataError",
            "{params}"
        );
    }
}

#[test]
fn numbers_that_are_no_private_key_of_rsa_are_refused_in_both_encodings() {
    // Each change leaves numbers of the right length and in a right encoding.
    let source = "
      const params = { name: 'RSA-PSS', hash: 'SHA-1' };
      const pair = await subtle.generateKey(
        { ...params, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign']);
      const jwk = await subtle.exportKey('jwk', pair.privateKey);
      const NAMES = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
      const right = {};
      const base64url = { alphabet: 'base64url', omitPadding: true };
      for (const name of NAMES) right[name] = Uint8Array.fromBase64(jwk[name], base64url);
      const tlv = (tag, ...parts) => {
        const body = parts.flat();
        const { length } = body;
        const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
        return [tag, ...head, ...body];
      };
      const whole = (bytes) => tlv(2, bytes[0] > 127 ? [0, ...bytes] : [...bytes]);
      const id = tlv(48, [6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1], [5, 0]);
      const pkcs8 = (parts) => new Uint8Array(
        tlv(48, [2, 1, 0], id, tlv(4, tlv(48, [2, 1, 0], ...NAMES.map((name) => whole(parts[name]))))));
      const name = (promise) => promise.then((key) => key.type, (e) => e.name);
      const attempt = async (changes) => {
        const parts = { ...right, ...changes };
        const text = {};
        for (const name of NAMES) text[name] = parts[name].toBase64(base64url);
        const asJwk = await name(subtle.importKey('jwk', { kty: 'RSA', ...text }, params, true, ['sign']));
        return asJwk + ' ' + await name(subtle.importKey('pkcs8', pkcs8(parts), params, true, ['sign']));
      };
      const flipped = (bytes, at, bit) => { const made = bytes.slice(); made[at] ^= bit; return made };
      const last = (bytes) => bytes.length - 1;
      const { n, d, p, q } = right;
      const out = [await attempt({})];
      for (const changes of [
        { q: p }, { p: q }, { p: flipped(p, last(p), 1) }, { q: flipped(q, last(q), 1) },
        { n: flipped(n, 60, 4) }, { n: flipped(n, last(n), 1) }, { p: flipped(p, 30, 8) },
        { d: flipped(d, last(d), 2) }, { d: flipped(d, 60, 1) }, { d: flipped(d, last(d), 1) },
        { e: new Uint8Array([3]) }, { n: n.slice(0, 64) }, { p: new Uint8Array([1]) }, { p: new Uint8Array([0]) }]) {
        out.push(await attempt(changes));
      }
      return out.filter((text, index) => text !== (index === 0 ? 'private private' : 'DataError DataError'))
        .concat(out.length).join()";
    assert_eq!(outcome_of(&mut Bench::base(), source), "15");
}
