// SubtleCrypto: which operation of which algorithm is asked for, and what Web Cryptography has checked
// before and after it. All is done when it is called; the promise tells of it later.
(function (std, native, keys, secrets) {
  'use strict';
  const { builtin, method, first, apply, push, need, isObject, toText, expose, toUint } = std;
  const { TypeError, Promise } = first;
  const {
    CryptoKey, fail, has, toUsages, slotsOf, member, toBytes, readJwk, parseJwk, showJwk, jwkText, bufferOf,
  } = keys;
  const { all } = secrets;
  const { encode, decode } = native;
  const upper = method('String.prototype', 'toUpperCase');
  const resolve = builtin('Promise', 'resolve');
  const what = (operation) => 'SubtleCrypto.' + operation;

  // Names are told from one another without regard to the case of ASCII letters: others, some of which
  // have one of those as their capital, are in no name.
  const folded = (name) => {
    for (let i = 0; i < name.length; i++) if (name[i] > '\x7f') return '';
    return upper(name);
  };
  const byName = { __proto__: null };
  const knownNames = std.ownKeys(all);
  for (let i = 0; i < knownNames.length; i++) byName[folded(knownNames[i])] = all[knownNames[i]];

  // The standard's "normalize an algorithm": what it is, and the parameters as they are now.
  const normalize = (operation, given) => {
    const params = isObject(given) ? given : { __proto__: null, name: toText(given) };
    const name = toText(member(params, 'name'));
    const algorithm = byName[folded(name)];
    const read = algorithm === undefined ? undefined : algorithm.params[operation];
    if (read === undefined) {
      fail('NotSupportedError', "There is no algorithm '" + name + "' for " + operation);
    }
    const made = { __proto__: null, name: algorithm.name, algorithm };
    read(made, params);
    return made;
  };
  secrets.setDigest((given) => normalize('digest', given).name);

  const FORMATS = keys.names('raw', 'spki', 'pkcs8', 'jwk');
  const toFormat = (value) => {
    const format = toText(value);
    if (!has(FORMATS, format)) throw new TypeError("'" + format + "' is no format of keys");
    return format;
  };

  // Whether this key is for this operation.
  const check = (made, key, usage) => {
    if (made.name !== key.algorithm.name) fail('InvalidAccessError', 'The key is of another algorithm');
    if (!has(key.usages, usage)) fail('InvalidAccessError', "The key is not for '" + usage + "'");
  };
  const notEmpty = (key) => {
    const slots = slotsOf(key, 'The key');
    if (slots.type !== 'public' && slots.usages.length === 0) fail('SyntaxError', 'A key without usages is of no use');
    return key;
  };
  const importAs = (made, format, data, extractable, usages) =>
    notEmpty(made.algorithm.importKey(format, data, made, extractable, usages));
  // The bytes of a key, or its JSON Web Key.
  const exported = (format, key) => {
    const algorithm = all[key.algorithm.name];
    if (algorithm.params.exportKey === undefined) {
      fail('NotSupportedError', 'Keys of this algorithm cannot be exported');
    }
    if (!key.extractable) fail('InvalidAccessError', 'The key is not extractable');
    return algorithm.exportKey(format, key);
  };
  // Wrapping has an operation of its own, or is encryption.
  const normalizeWrap = (own, other, given) => {
    const params = isObject(given) ? given : { __proto__: null, name: toText(given) };
    const algorithm = byName[folded(toText(member(params, 'name')))];
    const operation = algorithm !== undefined && algorithm.params[own] !== undefined ? own : other;
    const made = normalize(operation, params);
    made.operation = operation;
    return made;
  };

  const bytesArgument = (value, operation) => {
    if (std.bytesOf(value) === undefined) throw new TypeError(what(operation) + ': neither a buffer nor a view of one');
  };

  const crypt = (operation, algorithm, key, data) => {
    const slots = slotsOf(key, what(operation));
    bytesArgument(data, operation);
    const made = normalize(operation, algorithm);
    const bytes = toBytes(data, what(operation));
    check(made, slots, operation);
    return bufferOf(made.algorithm[operation](made, slots, bytes));
  };

  const verify = (algorithm, key, signature, data) => {
    const slots = slotsOf(key, what('verify'));
    bytesArgument(signature, 'verify');
    bytesArgument(data, 'verify');
    const made = normalize('verify', algorithm);
    const given = toBytes(signature, what('verify'));
    const bytes = toBytes(data, what('verify'));
    check(made, slots, 'verify');
    return made.algorithm.verify(made, slots, given, bytes);
  };

  const digest = (algorithm, data) => {
    bytesArgument(data, 'digest');
    const made = normalize('digest', algorithm);
    return bufferOf(made.algorithm.digest(toBytes(data, what('digest'))));
  };

  const generateKey = (algorithm, extractable, keyUsages) => {
    const usages = toUsages(keyUsages);
    const made = normalize('generateKey', algorithm);
    const generated = made.algorithm.generateKey(made, !!extractable, usages);
    return made.algorithm.pairs ? generated : notEmpty(generated);
  };

  const deriveKey = (algorithm, baseKey, derivedKeyType, extractable, keyUsages) => {
    const slots = slotsOf(baseKey, what('deriveKey'));
    const usages = toUsages(keyUsages);
    const made = normalize('deriveBits', algorithm);
    const asImport = normalize('importKey', derivedKeyType);
    const asLength = normalize('getKeyLength', derivedKeyType);
    check(made, slots, 'deriveKey');
    const length = asLength.algorithm.getKeyLength(asLength);
    const secret = made.algorithm.deriveBits(made, slots, length);
    return importAs(asImport, 'raw', secret, !!extractable, usages);
  };

  const deriveBits = (algorithm, baseKey, length) => {
    const slots = slotsOf(baseKey, what('deriveBits'));
    const bits = length === null ? null : toUint(length, 32);
    const made = normalize('deriveBits', algorithm);
    check(made, slots, 'deriveBits');
    return bufferOf(made.algorithm.deriveBits(made, slots, bits));
  };

  const importKey = (format, keyData, algorithm, extractable, keyUsages) => {
    const form = toFormat(format);
    const isBuffer = std.bytesOf(keyData) !== undefined;
    const jwk = isBuffer ? undefined : readJwk(keyData);
    const usages = toUsages(keyUsages);
    const made = normalize('importKey', algorithm);
    if (isBuffer === (form === 'jwk')) throw new TypeError(what('importKey') + ': the data is not of the format');
    const data = isBuffer ? toBytes(keyData, what('importKey')) : jwk;
    return importAs(made, form, data, !!extractable, usages);
  };

  const exportKey = (format, key) => {
    const form = toFormat(format);
    const made = exported(form, slotsOf(key, what('exportKey')));
    return form === 'jwk' ? showJwk(made) : bufferOf(made);
  };

  const wrapKey = (format, key, wrappingKey, wrapAlgorithm) => {
    const form = toFormat(format);
    const slots = slotsOf(key, what('wrapKey'));
    const wrapping = slotsOf(wrappingKey, what('wrapKey'));
    const made = normalizeWrap('wrapKey', 'encrypt', wrapAlgorithm);
    check(made, wrapping, 'wrapKey');
    const given = exported(form, slots);
    const bytes = form === 'jwk' ? encode(jwkText(given)) : given;
    return bufferOf(made.algorithm[made.operation](made, wrapping, bytes));
  };

  const unwrapKey = (format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable,
    keyUsages) => {
    const form = toFormat(format);
    bytesArgument(wrappedKey, 'unwrapKey');
    const unwrapping = slotsOf(unwrappingKey, what('unwrapKey'));
    const usages = toUsages(keyUsages);
    const made = normalizeWrap('unwrapKey', 'decrypt', unwrapAlgorithm);
    const asImport = normalize('importKey', unwrappedKeyAlgorithm);
    const wrapped = toBytes(wrappedKey, what('unwrapKey'));
    check(made, unwrapping, 'unwrapKey');
    const bytes = made.algorithm[made.operation](made, unwrapping, wrapped);
    const data = form === 'jwk' ? parseJwk(decode(bytes)) : bytes;
    return importAs(asImport, form, data, !!extractable, usages);
  };

  let making = false;
  let isOurs;

  // A promise that is settled in a later job, as that of an operation that is done elsewhere would be: the
  // language calls what has a `then`, here one of our own, in a job. Nothing of the guest's is asked for.
  const later = (then) => apply(resolve, Promise, [{ __proto__: null, then }]);
  // What an operation throws is its promise's, a wrong `this` and missing arguments too.
  const answer = (subtle, operation, given, wanted, f) => {
    let value;
    try {
      if (!isOurs(subtle)) throw new TypeError(what(operation) + ': not called on a SubtleCrypto');
      need(given, wanted, what(operation));
      value = f();
    } catch (error) {
      return later((_, reject) => reject(error));
    }
    return later((settle) => settle(value));
  };

  class SubtleCrypto {
    #brand = true;

    static {
      isOurs = (value) => isObject(value) && #brand in value;
      push(std.uncloneable, isOurs);
    }

    constructor() {
      if (!making) throw new TypeError('Illegal constructor');
      making = false;
    }

    encrypt(algorithm, key, data) {
      return answer(this, 'encrypt', arguments.length, 3, () => crypt('encrypt', algorithm, key, data));
    }

    decrypt(algorithm, key, data) {
      return answer(this, 'decrypt', arguments.length, 3, () => crypt('decrypt', algorithm, key, data));
    }

    sign(algorithm, key, data) {
      return answer(this, 'sign', arguments.length, 3, () => crypt('sign', algorithm, key, data));
    }

    verify(algorithm, key, signature, data) {
      return answer(this, 'verify', arguments.length, 4, () => verify(algorithm, key, signature, data));
    }

    digest(algorithm, data) {
      return answer(this, 'digest', arguments.length, 2, () => digest(algorithm, data));
    }

    generateKey(algorithm, extractable, keyUsages) {
      return answer(this, 'generateKey', arguments.length, 3, () => generateKey(algorithm, extractable, keyUsages));
    }

    deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
      return answer(this, 'deriveKey', arguments.length, 5,
        () => deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages));
    }

    deriveBits(algorithm, baseKey, length = null) {
      return answer(this, 'deriveBits', arguments.length, 2, () => deriveBits(algorithm, baseKey, length));
    }

    importKey(format, keyData, algorithm, extractable, keyUsages) {
      return answer(this, 'importKey', arguments.length, 5,
        () => importKey(format, keyData, algorithm, extractable, keyUsages));
    }

    exportKey(format, key) {
      return answer(this, 'exportKey', arguments.length, 2, () => exportKey(format, key));
    }

    wrapKey(format, key, wrappingKey, wrapAlgorithm) {
      return answer(this, 'wrapKey', arguments.length, 4, () => wrapKey(format, key, wrappingKey, wrapAlgorithm));
    }

    unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
      return answer(this, 'unwrapKey', arguments.length, 7, () => unwrapKey(
        format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages));
    }
  }
  expose(SubtleCrypto, 'SubtleCrypto');

  making = true;
  return { __proto__: null, SubtleCrypto, CryptoKey, subtle: new SubtleCrypto() };
})
