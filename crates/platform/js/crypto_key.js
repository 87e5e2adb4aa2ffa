// CryptoKey, and what the algorithms of Web Cryptography have in common: reading parameters, checking
// usages, JSON Web Keys.
//
// A key's material is the object's own slot, in the guest's heap: no guest's code is ever given it, but
// by an export that the key allows.
(function (std, native, cloning) {
  'use strict';
  const {
    method, builtin, first, list, push, isObject, toText, bytesOf, enforceRange, expose, define, toArray, iterate,
  } = std;
  const { TypeError, DOMException, Uint8Array, iterator } = first;
  const { toBase64url, fromBase64url, random } = native;
  const setBytes = method('TypedArray.prototype', 'set');
  const lengthOf = method('TypedArray.prototype', 'length');
  const bufferOf = method('TypedArray.prototype', 'buffer');
  const offsetOf = method('TypedArray.prototype', 'byteOffset');
  const min = builtin('Math', 'min');
  // Bytes of randomness that the host gives at once.
  const MOST_RANDOM = 65536;

  const fail = (name, message) => { throw new DOMException(message, name); };
  const cut = (bytes, from, to) => {
    const made = new Uint8Array(to - from);
    if (to > from) setBytes(made, new Uint8Array(bufferOf(bytes), offsetOf(bytes) + from, to - from));
    return made;
  };
  const copy = (bytes) => cut(bytes, 0, lengthOf(bytes));
  const randomBytes = (length) => {
    if (length <= MOST_RANDOM) return random(length);
    const made = new Uint8Array(length);
    for (let at = 0; at < length; at += MOST_RANDOM) setBytes(made, random(min(MOST_RANDOM, length - at)), at);
    return made;
  };

  const USAGES = list();
  push(USAGES, 'encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey');
  const has = (items, item) => {
    for (let i = 0; i < items.length; i++) if (items[i] === item) return true;
    return false;
  };
  // Those of `wanted` that are in `allowed` too, each once, in the standard's order.
  const intersect = (wanted, allowed) => {
    const made = list();
    for (let i = 0; i < USAGES.length; i++) {
      if (has(wanted, USAGES[i]) && has(allowed, USAGES[i])) push(made, USAGES[i]);
    }
    return made;
  };
  const toSequence = (value, what) => {
    const made = list();
    const getIterator = isObject(value) ? value[iterator] : undefined;
    if (typeof getIterator !== 'function') throw new TypeError(what + ': not iterable');
    iterate(value, getIterator, (item) => push(made, toText(item)));
    return made;
  };
  const toUsages = (value) => {
    const given = toSequence(value, 'The usages');
    for (let i = 0; i < given.length; i++) {
      if (!has(USAGES, given[i])) throw new TypeError("'" + given[i] + "' is no usage of keys");
    }
    return intersect(given, USAGES);
  };
  const allow = (usages, allowed) => {
    for (let i = 0; i < usages.length; i++) {
      if (!has(allowed, usages[i])) fail('SyntaxError', "The algorithm's keys are not for '" + usages[i] + "'");
    }
  };
  // Of a pair each key has its own usages.
  const allowEither = (usages, ofPrivate, ofPublic) => {
    const others = list();
    for (let i = 0; i < usages.length; i++) if (!has(ofPrivate, usages[i])) push(others, usages[i]);
    allow(others, ofPublic);
  };
  const names = (a, b, c, d) => {
    const made = list();
    push(made, a);
    if (b !== undefined) push(made, b);
    if (c !== undefined) push(made, c);
    if (d !== undefined) push(made, d);
    return made;
  };

  let making;
  const inner = { __proto__: null };

  class CryptoKey {
    #slots;
    #algorithm;
    #usages;

    constructor() {
      if (making === undefined) throw new TypeError('Illegal constructor');
      this.#slots = making;
      making = undefined;
    }

    static {
      inner.slots = (value) => (isObject(value) && #slots in value ? value.#slots : undefined);
    }

    get type() { return this.#slots.type; }
    get extractable() { return this.#slots.extractable; }
    get algorithm() { return this.#algorithm ??= inner.show(this.#slots.algorithm); }
    get usages() { return this.#usages ??= toArray(this.#slots.usages); }
  }
  expose(CryptoKey, 'CryptoKey');

  const fromSlots = (slots) => {
    making = slots;
    return new CryptoKey();
  };
  // `handle` is the material, as the key's algorithm has it.
  const makeKey = (type, algorithm, handle, extractable, usages) =>
    fromSlots({ __proto__: null, type, algorithm, handle, extractable, usages });
  cloning.addKind((value) => {
    const slots = inner.slots(value);
    return slots === undefined ? undefined : fromSlots(slots);
  });
  const slotsOf = (value, what) => {
    const slots = inner.slots(value);
    if (slots === undefined) throw new TypeError(what + ': not a CryptoKey');
    return slots;
  };

  // An algorithm as guests see it: a copy.
  inner.show = (algorithm) => {
    const shown = {};
    const add = (name, value) => {
      if (value !== undefined) define(shown, name, value, true);
    };
    const { hash, publicExponent } = algorithm;
    add('name', algorithm.name);
    add('modulusLength', algorithm.modulusLength);
    if (publicExponent !== undefined) add('publicExponent', copy(publicExponent));
    if (hash !== undefined) {
      const named = {};
      define(named, 'name', hash, true);
      add('hash', named);
    }
    add('length', algorithm.length);
    add('namedCurve', algorithm.namedCurve);
    return shown;
  };

  // Parameters.
  const member = (params, name) => {
    const value = params[name];
    if (value === undefined) throw new TypeError("The algorithm's '" + name + "' is missing");
    return value;
  };
  const toBytes = (value, what) => {
    const bytes = bytesOf(value);
    if (bytes === undefined) throw new TypeError(what + ': neither a buffer nor a view of one');
    return copy(bytes);
  };
  const buffer = (params, name) => toBytes(member(params, name), name);
  const optionalBuffer = (params, name) => {
    const value = params[name];
    return value === undefined ? undefined : toBytes(value, name);
  };
  const whole = (params, name, bits) => enforceRange(member(params, name), 0, 2 ** bits - 1, name);
  const optionalWhole = (params, name, bits) => {
    const value = params[name];
    return value === undefined ? undefined : enforceRange(value, 0, 2 ** bits - 1, name);
  };

  // JSON Web Keys.
  const TEXTS = list();
  push(TEXTS, 'alg', 'crv', 'd', 'dp', 'dq', 'e', 'ext', 'k', 'key_ops', 'kty', 'n', 'oth', 'p', 'q', 'qi', 'use',
    'x', 'y');
  // The dictionary that a guest gave.
  const readJwk = (value) => {
    const given = std.dictionary(value, 'A JSON Web Key');
    const jwk = { __proto__: null };
    for (let i = 0; i < TEXTS.length; i++) {
      const name = TEXTS[i];
      const item = given[name];
      if (item === undefined) continue;
      if (name === 'ext') jwk.ext = !!item;
      else if (name === 'key_ops') jwk.key_ops = toSequence(item, 'key_ops');
      else jwk[name] = name === 'oth' ? true : toText(item);
    }
    return jwk;
  };
  const isArray = builtin('Array', 'isArray');
  const parse = builtin('JSON', 'parse');
  const stringify = builtin('JSON', 'stringify');
  // One that was unwrapped: its text is a stranger's, its objects are nobody's yet.
  const parseJwk = (text) => {
    let given;
    try {
      given = parse(text);
    } catch {
      fail('DataError', 'The text is no JSON');
    }
    if (!isObject(given)) fail('DataError', 'The text is no JSON Web Key');
    // What would ask an object for its text could ask the guest.
    const textOf = (value, name) => {
      if (isObject(value)) fail('DataError', "The JSON Web Key's '" + name + "' is of the wrong type");
      return toText(value);
    };
    std.setPrototypeOf(given, null);
    const jwk = { __proto__: null };
    for (let i = 0; i < TEXTS.length; i++) {
      const name = TEXTS[i];
      const item = given[name];
      if (item === undefined) continue;
      if (name === 'ext') jwk.ext = !!item;
      else if (name === 'oth') jwk.oth = true;
      else if (name === 'key_ops') {
        if (!isArray(item)) fail('DataError', "The JSON Web Key's key_ops are no list");
        std.setPrototypeOf(item, null);
        jwk.key_ops = list();
        const { length } = item;
        for (let k = 0; k < length; k++) push(jwk.key_ops, textOf(item[k], name));
      } else jwk[name] = textOf(item, name);
    }
    if (jwk.kty === undefined) fail('DataError', 'The JSON Web Key has no kty');
    return jwk;
  };
  // What all algorithms ask of one: `use` is what the algorithm's keys are for.
  const checkJwk = (jwk, kty, use, extractable, usages) => {
    if (jwk.kty !== kty) fail('DataError', "The JSON Web Key's kty is not '" + kty + "'");
    if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use) {
      fail('DataError', "The JSON Web Key's use is not '" + use + "'");
    }
    const ops = jwk.key_ops;
    if (ops !== undefined) {
      const seen = { __proto__: null };
      for (let i = 0; i < ops.length; i++) {
        if (seen[ops[i]] === true) fail('DataError', 'The JSON Web Key has one of its key_ops twice');
        seen[ops[i]] = true;
      }
      for (let i = 0; i < usages.length; i++) {
        if (seen[usages[i]] !== true) fail('DataError', "The JSON Web Key's key_ops lack '" + usages[i] + "'");
      }
    }
    if (jwk.ext === false && extractable) fail('DataError', 'The JSON Web Key is not to be extractable');
  };
  const decoded = (jwk, name) => {
    const text = jwk[name];
    if (text === undefined) fail('DataError', "The JSON Web Key has no '" + name + "'");
    const bytes = fromBase64url(text);
    if (bytes === undefined) fail('DataError', "The JSON Web Key's '" + name + "' is not base64url");
    return bytes;
  };
  const encoded = (bytes) => toBase64url(bytes);
  const startJwk = (key, kty) => ({
    __proto__: null, kty, key_ops: key.usages, ext: key.extractable,
  });
  // For a guest: members in the order of their names, as Web IDL has them.
  const showJwk = (jwk) => {
    const shown = {};
    for (let i = 0; i < TEXTS.length; i++) {
      const name = TEXTS[i];
      const item = jwk[name];
      if (item !== undefined) define(shown, name, name === 'key_ops' ? toArray(item) : item, true);
    }
    return shown;
  };
  const jwkText = (jwk) => stringify(jwk);

  return {
    __proto__: null, CryptoKey, fail, cut, copy, lengthOf, setBytes, bufferOf, randomBytes, has, intersect, allow,
    allowEither, names, toUsages, makeKey, slotsOf, member, toBytes, buffer, optionalBuffer, whole, optionalWhole, readJwk,
    parseJwk, checkJwk, decoded, encoded, startJwk, showJwk, jwkText,
  };
})
