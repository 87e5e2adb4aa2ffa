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
            "crypto.subtle.importKey('jwk', { kty: 'RSA', n: 'd'.repeat(171), e: 'AQAB', d: 'd'.repeat(170), p: 'd', q: '', dp: '', dq: '', qi: '' }, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign'])",
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
