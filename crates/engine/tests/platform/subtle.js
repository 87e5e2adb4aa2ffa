// What `crypto.subtle` answers where nothing is random. The answers in subtle.txt are those of Node 20
// (`node subtle.js` prints them), but for four things in which it is not as the standard has it: the order
// of usages, usages given twice, bytes where a JSON Web Key is asked for, and the name of the error for
// keys that are not extractable. The script's value is a promise of a text.
globalThis.subtleAnswers = (async () => {
  const { subtle } = crypto;
  let out = '';
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('');
  const unhex = (text) => new Uint8Array(text.match(/../g).map((pair) => parseInt(pair, 16)));
  const text = (string) => new TextEncoder().encode(string);
  const show = (value) => {
    if (value instanceof ArrayBuffer) return hex(value);
    if (value instanceof CryptoKey) {
      const { publicExponent, ...algorithm } = value.algorithm;
      if (publicExponent) algorithm.publicExponent = hex(publicExponent);
      return [value.type, value.extractable, ordered(algorithm), value.usages].map((v) => JSON.stringify(v)).join(' ');
    }
    if (value && value.privateKey) return show(value.publicKey) + ' | ' + show(value.privateKey);
    if (value && typeof value === 'object') return JSON.stringify(ordered(value));
    return String(value);
  };
  const ordered = (object) => Object.fromEntries(Object.entries(object).sort((a, b) => (a[0] < b[0] ? -1 : 1)));
  const line = async (name, f) => {
    let value;
    try {
      value = show(await f());
    } catch (error) {
      value = 'threw ' + error.name;
    }
    out += name + ': ' + value + '\n';
  };
  const data = text('what is signed, encrypted and digested');
  const hashes = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

  // Digests.
  for (const hash of hashes) await line('digest ' + hash, () => subtle.digest(hash, data));
  await line('digest by an object', () => subtle.digest({ name: 'sha-256' }, data.buffer));
  await line('digest of a view', () => subtle.digest('sHa-1', new DataView(data.buffer, 3, 5)));
  await line('digest of nothing', () => subtle.digest('SHA-512', new Uint8Array()));
  await line('no such digest', () => subtle.digest('MD5', data));
  await line('no algorithm', () => subtle.digest({}, data));
  await line('digest of text', () => subtle.digest('SHA-1', 'text'));

  // AES.
  const secret = unhex('2b7e151628aed2a6abf7158809cf4f3c');
  const aes = (name, usages = ['encrypt', 'decrypt']) => subtle.importKey('raw', secret, name, true, usages);
  const iv = unhex('000102030405060708090a0b0c0d0e0f');
  const both = async (name, params, key) => {
    key ??= await aes(params.name);
    await line(name, () => subtle.encrypt(params, key, data));
    await line(name + ' back', async () => {
      const encrypted = await subtle.encrypt(params, key, data);
      return hex(await subtle.decrypt(params, key, encrypted)) === hex(data);
    });
  };
  await both('AES-CBC', { name: 'AES-CBC', iv });
  await both('AES-CTR', { name: 'AES-CTR', counter: iv, length: 64 });
  await both('AES-CTR that begins again', { name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 4 });
  await both('AES-GCM', { name: 'AES-GCM', iv });
  await both('AES-GCM with all', { name: 'aes-gcm', iv: iv.subarray(4), additionalData: text('more'), tagLength: 96 },
    await aes('AES-GCM'));
  await line('AES-GCM spoilt', async () => subtle.decrypt({ name: 'AES-GCM', iv }, await aes('AES-GCM'), data));
  await line('AES-GCM short', async () => subtle.decrypt({ name: 'AES-GCM', iv }, await aes('AES-GCM'), iv.slice(1)));
  await line('AES-CBC spoilt', async () => subtle.decrypt({ name: 'AES-CBC', iv }, await aes('AES-CBC'), data));
  await line('AES-CBC short iv', async () => subtle.encrypt({ name: 'AES-CBC', iv: secret.slice(1) }, await aes('AES-CBC'), data));
  await line('AES-CTR no length', async () => subtle.encrypt({ name: 'AES-CTR', counter: iv }, await aes('AES-CTR'), data));
  await line('AES-CTR length 0', async () => subtle.encrypt({ name: 'AES-CTR', counter: iv, length: 0 }, await aes('AES-CTR'), data));
  await line('AES-CTR length 129', async () => subtle.encrypt({ name: 'AES-CTR', counter: iv, length: 129 }, await aes('AES-CTR'), data));
  await line('AES-CTR length 300', async () => subtle.encrypt({ name: 'AES-CTR', counter: iv, length: 300 }, await aes('AES-CTR'), data));
  await line('AES-CTR too many blocks', async () => subtle.encrypt({ name: 'AES-CTR', counter: iv, length: 1 }, await aes('AES-CTR'), data));
  await line('AES-GCM tag 100', async () => subtle.encrypt({ name: 'AES-GCM', iv, tagLength: 100 }, await aes('AES-GCM'), data));
  await line('another algorithm', async () => subtle.encrypt({ name: 'AES-GCM', iv }, await aes('AES-CBC'), data));
  await line('another usage', async () => subtle.encrypt({ name: 'AES-GCM', iv }, await aes('AES-GCM', ['decrypt']), data));
  await line('no key', () => subtle.encrypt({ name: 'AES-GCM', iv }, {}, data));
  await line('a key of 17 bytes', () => subtle.importKey('raw', new Uint8Array(17), 'AES-GCM', true, ['encrypt']));
  await line('an empty key', () => subtle.importKey('raw', new Uint8Array(), 'AES-GCM', true, ['encrypt']));
  await line('a key that signs', () => subtle.importKey('raw', secret, 'AES-GCM', true, ['sign']));
  await line('a key without usages', () => subtle.importKey('raw', secret, 'AES-GCM', true, []));
  await line('no such usage', () => subtle.importKey('raw', secret, 'AES-GCM', true, ['fly']));
  await line('no such format', () => subtle.importKey('text', secret, 'AES-GCM', true, ['encrypt']));
  await line('a format for pairs', () => subtle.importKey('spki', secret, 'AES-GCM', true, ['encrypt']));
  await line('bytes as JWK', () => subtle.importKey('jwk', secret, 'AES-GCM', true, ['encrypt']));
  await line('JWK as bytes', () => subtle.importKey('raw', { kty: 'oct' }, 'AES-GCM', true, ['encrypt']));
  await line('AES key', async () => show(await aes('aes-ctr', ['decrypt', 'encrypt', 'decrypt'])));
  await line('AES JWK', async () => subtle.exportKey('jwk', await aes('AES-CBC')));
  await line('AES raw', async () => subtle.exportKey('raw', await aes('AES-KW', ['wrapKey'])));
  await line('AES made', () => subtle.generateKey({ name: 'AES-GCM', length: 192 }, true, ['wrapKey', 'encrypt']));
  await line('AES of 100 bits', () => subtle.generateKey({ name: 'AES-GCM', length: 100 }, true, ['encrypt']));
  await line('AES without usages', () => subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, []));
  await line('AES of too many bits', () => subtle.generateKey({ name: 'AES-GCM', length: 65536 }, true, ['encrypt']));
  const jwk = (more) => subtle.importKey('jwk', { kty: 'oct', k: 'K34VFiiu0qar9xWICc9PPA', ...more }, 'AES-GCM', true, ['encrypt']);
  await line('JWK', () => jwk({}));
  await line('JWK with all', () => jwk({ alg: 'A128GCM', use: 'enc', ext: true, key_ops: ['encrypt', 'other'] }));
  await line('JWK of another alg', () => jwk({ alg: 'A128CBC' }));
  await line('JWK of another use', () => jwk({ use: 'sig' }));
  await line('JWK of another kty', () => jwk({ kty: 'RSA' }));
  await line('JWK not to be extracted', () => jwk({ ext: false }));
  await line('JWK without the operation', () => jwk({ key_ops: ['decrypt'] }));
  await line('JWK without a key', () => jwk({ k: undefined }));
  await line('JWK that is no text', () => jwk({ k: '****' }));
  await line('not extractable', async () => {
    const key = await subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt']);
    return subtle.exportKey('raw', key);
  });

  // HMAC.
  for (const hash of hashes) {
    const key = await subtle.importKey('raw', secret, { name: 'HMAC', hash }, true, ['verify', 'sign']);
    await line('HMAC ' + hash, () => subtle.sign('HMAC', key, data));
    await line('HMAC verifies ' + hash, async () => subtle.verify('HMAC', key, await subtle.sign('HMAC', key, data), data));
    await line('HMAC refuses ' + hash, async () => subtle.verify('HMAC', key, (await subtle.sign('HMAC', key, data)).slice(1), data));
    await line('HMAC JWK ' + hash, () => subtle.exportKey('jwk', key));
    await line('HMAC made ' + hash, () => subtle.generateKey({ name: 'HMAC', hash }, false, ['sign']));
  }
  await line('HMAC without a hash', () => subtle.importKey('raw', secret, { name: 'HMAC' }, true, ['sign']));
  await line('HMAC of another hash', () => subtle.importKey('raw', secret, { name: 'HMAC', hash: 'MD5' }, true, ['sign']));
  await line('HMAC of no bytes', () => subtle.importKey('raw', new Uint8Array(), { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']));
  await line('HMAC of length 0', () => subtle.generateKey({ name: 'HMAC', hash: 'SHA-1', length: 0 }, true, ['sign']));

  // Derivation.
  const base = (name, usages = ['deriveBits', 'deriveKey']) => subtle.importKey('raw', text('password'), name, false, usages);
  for (const hash of hashes) {
    const pbkdf2 = { name: 'PBKDF2', hash, salt: text('salt'), iterations: 5000 };
    const hkdf = { name: 'HKDF', hash, salt: text('salt'), info: text('info') };
    await line('PBKDF2 ' + hash, async () => subtle.deriveBits(pbkdf2, await base('PBKDF2'), 808));
    await line('HKDF ' + hash, async () => subtle.deriveBits(hkdf, await base('HKDF'), 808));
    await line('a key from PBKDF2 ' + hash, async () => {
      const key = await subtle.deriveKey(pbkdf2, await base('PBKDF2'), { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
      return show(key) + hex(await subtle.exportKey('raw', key));
    });
    await line('a key from HKDF ' + hash, async () => {
      const key = await subtle.deriveKey(hkdf, await base('HKDF'), { name: 'HMAC', hash }, true, ['sign']);
      return show(key) + hex(await subtle.exportKey('raw', key));
    });
  }
  await line('a long password', async () => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: data, iterations: 2 },
    await subtle.importKey('raw', new Uint8Array(300).fill(7), 'PBKDF2', false, ['deriveBits']), 160));
  await line('no rounds', async () => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: data, iterations: 0 }, await base('PBKDF2'), 160));
  await line('no length', async () => subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: data, info: data }, await base('HKDF')));
  await line('bits', async () => subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: data, info: data }, await base('HKDF'), 9));
  await line('too much', async () => subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: data, info: data }, await base('HKDF'), 255 * 160 + 8));
  await line('without a salt', async () => subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', info: data }, await base('HKDF'), 8));
  await line('an extractable password', () => subtle.importKey('raw', data, 'PBKDF2', true, ['deriveBits']));
  await line('a password that signs', () => subtle.importKey('raw', data, 'PBKDF2', false, ['sign']));
  await line('a key that derives no keys', async () => subtle.deriveKey({ name: 'HKDF', hash: 'SHA-1', salt: data, info: data },
    await base('HKDF', ['deriveBits']), { name: 'AES-GCM', length: 128 }, true, ['encrypt']));

  // Wrapping.
  const wrapper = await aes('AES-KW', ['wrapKey', 'unwrapKey']);
  await line('AES-KW', async () => subtle.wrapKey('raw', await aes('AES-GCM'), wrapper, 'AES-KW'));
  await line('AES-KW back', async () => {
    const wrapped = await subtle.wrapKey('raw', await aes('AES-GCM'), wrapper, 'AES-KW');
    return subtle.exportKey('raw', await subtle.unwrapKey('raw', wrapped, wrapper, 'AES-KW', 'AES-CBC', true, ['encrypt']));
  });
  await line('AES-KW spoilt', () => subtle.unwrapKey('raw', new Uint8Array(24), wrapper, 'AES-KW', 'AES-CBC', true, ['encrypt']));
  await line('a JWK wrapped by AES-GCM', async () => {
    const key = await aes('AES-GCM', ['wrapKey', 'unwrapKey']);
    const params = { name: 'AES-GCM', iv };
    const wrapped = await subtle.wrapKey('jwk', await aes('AES-CBC'), key, params);
    return show(await subtle.unwrapKey('jwk', wrapped, key, params, 'AES-CBC', false, ['decrypt']));
  });
  await line('no JWK unwrapped', async () => {
    const key = await aes('AES-GCM', ['encrypt', 'unwrapKey']);
    const params = { name: 'AES-GCM', iv };
    return subtle.unwrapKey('jwk', await subtle.encrypt(params, key, data), key, params, 'AES-CBC', false, ['decrypt']);
  });

  // Curves.
  const p256 = {
    kty: 'EC', crv: 'P-256', x: 'YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y', y: 'eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk',
    d: 'ya-p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyE',
  };
  const { d: hidden, ...p256Public } = p256;
  const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
  const signer = await subtle.importKey('jwk', p256, ecdsa, true, ['sign']);
  const verifier = await subtle.importKey('jwk', p256Public, ecdsa, true, ['verify']);
  await line('ECDSA keys', () => show(signer) + show(verifier));
  for (const [format, key] of [['jwk', signer], ['jwk', verifier], ['pkcs8', signer], ['spki', verifier], ['raw', verifier]]) {
    await line('ECDSA ' + format, () => subtle.exportKey(format, key));
  }
  for (const [format, key] of [['raw', signer], ['spki', signer], ['pkcs8', verifier]]) {
    await line('ECDSA refuses ' + format, () => subtle.exportKey(format, key));
  }
  for (const hash of hashes) {
    await line('ECDSA ' + hash, async () => {
      const signature = await subtle.sign({ name: 'ECDSA', hash }, signer, data);
      return signature.byteLength + ' ' + await subtle.verify({ name: 'ECDSA', hash }, verifier, signature, data) +
        ' ' + await subtle.verify({ name: 'ECDSA', hash }, verifier, signature, iv) +
        ' ' + await subtle.verify({ name: 'ECDSA', hash }, verifier, signature.slice(1), data);
    });
  }
  // RFC 6979, A.2.5
  await line('a signature of another', () => subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, verifier,
    unhex('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8'), text('sample')));
  await line('signed by the public key', () => subtle.sign({ name: 'ECDSA', hash: 'SHA-1' }, verifier, data));
  await line('no hash', () => subtle.sign({ name: 'ECDSA' }, signer, data));
  await line('no such curve', () => subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-1' }, true, ['sign']));
  await line('another curve', () => subtle.importKey('jwk', p256, { name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign']));
  await line('a point that is none', () => subtle.importKey('raw', new Uint8Array(65).fill(4), ecdsa, true, ['verify']));
  await line('an empty point', () => subtle.importKey('raw', new Uint8Array(), ecdsa, true, ['verify']));
  await line('halves of two keys', () => subtle.importKey('jwk', { ...p256, d: 'A'.repeat(42) + 'E' }, ecdsa, true, ['sign']));
  await line('a public key that signs', () => subtle.importKey('jwk', p256Public, ecdsa, true, ['sign']));
  await line('a private key without usages', () => subtle.importKey('jwk', p256, ecdsa, true, []));
  for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
    await line('ECDSA made ' + namedCurve, async () => {
      const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve }, false, ['sign', 'verify']);
      let all = show(pair);
      for (const hash of hashes) {
        const signature = await subtle.sign({ name: 'ECDSA', hash }, pair.privateKey, data);
        all += signature.byteLength + ' ' + await subtle.verify({ name: 'ECDSA', hash }, pair.publicKey, signature, data);
      }
      return all + (await subtle.exportKey('spki', pair.publicKey)).byteLength;
    });
    await line('ECDH made ' + namedCurve, async () => {
      const make = () => subtle.generateKey({ name: 'ECDH', namedCurve }, true, ['deriveBits', 'deriveKey']);
      const one = await make(), two = await make();
      const a = await subtle.deriveBits({ name: 'ECDH', public: two.publicKey }, one.privateKey, 128);
      const b = await subtle.deriveBits({ name: 'ECDH', public: one.publicKey }, two.privateKey, 128);
      const der = await subtle.exportKey('pkcs8', one.privateKey);
      const back = await subtle.importKey('pkcs8', der, { name: 'ECDH', namedCurve }, true, ['deriveBits']);
      const c = await subtle.deriveBits({ name: 'ECDH', public: two.publicKey }, back, 128);
      return show(one) + (hex(a) === hex(b)) + (hex(a) === hex(c)) + der.byteLength;
    });
  }
  const ecdh = { name: 'ECDH', namedCurve: 'P-256' };
  const agreeing = await subtle.importKey('jwk', p256, ecdh, true, ['deriveBits']);
  const other = await subtle.importKey('jwk', p256Public, ecdh, true, []);
  await line('ECDH', () => subtle.deriveBits({ name: 'ECDH', public: other }, agreeing, 256));
  await line('ECDH whole', () => subtle.deriveBits({ name: 'ECDH', public: other }, agreeing, null));
  await line('ECDH too long', () => subtle.deriveBits({ name: 'ECDH', public: other }, agreeing, 264));
  await line('ECDH with a private key', () => subtle.deriveBits({ name: 'ECDH', public: agreeing }, agreeing, 8));
  await line('ECDH with no key', () => subtle.deriveBits({ name: 'ECDH', public: {} }, agreeing, 8));
  await line('ECDH with another algorithm', () => subtle.deriveBits({ name: 'ECDH', public: verifier }, agreeing, 8));

  // Ed25519: RFC 8032, 7.1, TEST 2.
  const ed = {
    kty: 'OKP', crv: 'Ed25519', d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs', x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
  };
  const { d: seed, ...edPublic } = ed;
  const edSigner = await subtle.importKey('jwk', ed, 'Ed25519', true, ['sign']);
  const edVerifier = await subtle.importKey('jwk', edPublic, 'Ed25519', true, ['verify']);
  await line('Ed25519 keys', () => show(edSigner) + show(edVerifier));
  await line('Ed25519', () => subtle.sign('Ed25519', edSigner, new Uint8Array([0x72])));
  await line('Ed25519 verifies', async () => subtle.verify('Ed25519', edVerifier, await subtle.sign('Ed25519', edSigner, data), data));
  await line('Ed25519 refuses', async () => subtle.verify('Ed25519', edVerifier, await subtle.sign('Ed25519', edSigner, data), iv));
  for (const [format, key] of [['pkcs8', edSigner], ['spki', edVerifier], ['raw', edVerifier]]) {
    await line('Ed25519 ' + format, () => subtle.exportKey(format, key));
  }
  await line('Ed25519 back', async () => show(await subtle.importKey('pkcs8', await subtle.exportKey('pkcs8', edSigner), 'Ed25519', false, ['sign'])));
  await line('Ed25519 made', () => subtle.generateKey('Ed25519', true, ['sign', 'verify']));
  await line('Ed25519 of 31 bytes', () => subtle.importKey('raw', new Uint8Array(31), 'Ed25519', true, ['verify']));
  await line('X25519 made', async () => {
    const one = await subtle.generateKey('X25519', true, ['deriveBits']);
    const two = await subtle.generateKey('X25519', true, ['deriveBits']);
    const a = await subtle.deriveBits({ name: 'X25519', public: two.publicKey }, one.privateKey, 256);
    const b = await subtle.deriveBits({ name: 'X25519', public: one.publicKey }, two.privateKey, 256);
    return show(one) + (hex(a) === hex(b)) + a.byteLength;
  });

  // RSA.
  // A key that Node made, and what Node signed and encrypted with it.
  const rsa = {
    pkcs8: 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCmfvBqNb1xQZVGMs2L019eGgMOlE1jCMkKhiwoqFKpLl3muVVo/jvj' +
      'fSB5SkfhyVPvCc/aJZUp9a2w4B7B7MS7IscGHHEf1xqWjA2IK4NS9Gj6Ko0M9uXgSQbfdar8oQAEKQhKQFDSClnwBqWOXli05g5EfJTT' +
      'vUsdG+slFX325dZbmXKPVdWgz8BidrkLgYbwCtnldFOguYetoKEND1qnFiE0r/YJyaacTdcvkzd5euT30p8vds+buTfvBO4MqarFk+Hh' +
      'GjyEMVnnwKJXdhUgU3XBwocNQpdegUVQG60QXfy5Su227Tyo/T7kBRlASX4mhoYz0OmrifW5Y42OQQO5AgMBAAECggEADvlpOYAyVNqT' +
      'aKAelPYShHXd8wR7Dk5muHPXSmPTJWSmbN8b06jT7ZKeJlJ8Mw4mpp/RChtptj+imr8ZfRMEoZkP4diSgwzXVxVrDSVutvoE7AUCMRmO' +
      'lLS0scnVMknvpLAlDvqIWk+0hY4veyW4oDJ1s4qp3v5OIGTXqfrsHJWrdeEVWGo4jey9vEdjPnue3HbWatrfGon7IQ3otwfUqgcCVCA9' +
      'qm+fQ+gA7ISDMpykZ89l94nS/yvMlnn40agBu0yKnpeTqfZUQJdwaAm6aiSBpwsV4oO2kGdcAxVv7JqjRFHdwRiqRSHoziVvri3sv/D2' +
      '/LNvHTY0qou7KqcjoQKBgQDkUuL27fEr1zh5pIqg7tQeAHcIW5bW6utAoi704FUWTk4wlk41fZgiaBcmU882kBf9RGowmviKdhc3Y1LU' +
      '0SoTFjPti6/fuf5jjpvDsvEK5vul8Nk5Hp5hLElK+HeoLQYEOCkR7a0ubyhz2yg5a7Y636H6WHus7VIhTFxcisMoEQKBgQC6rXiHLvfj' +
      'g2nW3uHEZvPG2q2L3XAVVa0F3MN/dsQ/d4M5w2/z4HM+BDANmJb3RnJa9gJBshcpH2MwH99tzNR5hN1V89Yr8tzcDbGtRas6zvhg5iZy' +
      '/IC+9X4zU+spHpqn0fbu+VJ/kidRIQW1Rc8l4RFOZ2e0N/SUlJ73ficJKQKBgDpIMiloGYzgVkkuyDhGXpz972SRxJI9yylnfOcDMJUO' +
      'DgV3CKW81o3J1kbxU86Qv57lzNl1ZYYqmMiJsQYkEkJnA4BajN1mI9qT94zf64ml5oy4Syq6dyFE5byeaiTiwUtobotmCTP2KfRQ+BaY' +
      'OR8UIMu/tGoy9ikLzfPNc/2RAoGBAKWCzEw/LnW/vAVQk6dJCHaUyC4r5QZlcgSymXrX2GPVGLoMN6RoqoSfveMwGRmgkh9n4tRQjAxf' +
      '0deHStfVNcWQMZXVnVxV9c/9LD1OeeSoQLvZEtn8WkH08zGbA/LvOXv1wxRaZfTJpqZduuvfuywAgxGayO2WdvmNU+xnI0ERAoGAJg/R' +
      '8QkrHj4SKnTUHElSSBUFMdEBD32xJYLgjqr3q406fa/Yz2PsFvqxrw5aa2OhLLqLomkTVsXM6Ej3yfR3YqVWHlNiPlu0F/Bo3BRd57UT' +
      'LaQQUW27m8rMMu0vTGChqe5h6BJj0etecQ5HF5QNPx6r0tjfZpvbKIwYUt3IAnY=',
    pss: 'BMFhybNW0ZCiZznkmBo0g+8k3h3DThJgV9qsNOcbQhJ5getZcpiV4U7CwxmkavpxCH1yUZ/bQx6M+ix7oV1vczYUdLJxlY504Tan8SN1' +
      'Av/4Ps6kuDYf9MyC7RpdFR/ZLkJKSd9xLvBwG8p3Ux+SJ6HMKP94h0JiUvRJWTq4bAA5Gsk5OXP0/TelqrPAcrrU9atE5T3CcpWGN5by' +
      'DumPtWAb59OIzjJhSWVuKH96j6K5YmTTAIzgN+bJkaE3Xkmjox+8tHr7tMERMa9/jN2YiYucDQRc+XCDKT5KKSSSwkbkHX9nq2Zfk2H5' +
      '9VANwZDsD6aT/k13ICoEU0xgdU2pvA==',
    oaep: 'ChI1n0pcJdAGhu7zqeuFS1aF2TecEgMnj8YMPCnggKFRVNSyMb3OCk79zvw1uAbd/DImaF8FdLP6wgo77YTgHUZ3+2a6cSyZ7v9IkNIS' +
      'H342wnu/w4CJiK0Xx1A66OSebjiXnYCZxZhpkrZL9ywoPuMtcFSb9pCieu7m6neit6d3zsz+hZ5szYvlK+9M62thkEhE8LeBORNoE/YG' +
      'IEOlvNXNKjgAgJxxx6AeEVyyZeg+KQkTcK0QwcLu1EPRhY5ZXIq48LwjUynxdgRy3RVcsS6V7W+e8MfY/KeECdvdRlQ49pZZhwnIOEWh' +
      'dSBY/F+nRhhXhvNAf9EWbFIkQ8f8nQ==',
  };
  const der = Uint8Array.from(atob(rsa.pkcs8), (c) => c.charCodeAt(0));
  const unbase64 = (string) => Uint8Array.from(atob(string), (c) => c.charCodeAt(0));
  for (const hash of hashes) {
    const key = await subtle.importKey('pkcs8', der, { name: 'RSASSA-PKCS1-v1_5', hash }, true, ['sign']);
    await line('RSASSA ' + hash, () => subtle.sign('RSASSA-PKCS1-v1_5', key, data));
    await line('RSASSA key ' + hash, () => show(key));
    const { d, p, q, dp, dq, qi, key_ops, ...open } = await subtle.exportKey('jwk', key);
    const publicKey = await subtle.importKey('jwk', open, { name: 'RSASSA-PKCS1-v1_5', hash }, true, ['verify']);
    await line('RSASSA verifies ' + hash, async () => subtle.verify('RSASSA-PKCS1-v1_5', publicKey, await subtle.sign('RSASSA-PKCS1-v1_5', key, data), data));
    await line('RSASSA refuses ' + hash, async () => subtle.verify('RSASSA-PKCS1-v1_5', publicKey, await subtle.sign('RSASSA-PKCS1-v1_5', key, data), iv));
    await line('RSA spki ' + hash, () => subtle.exportKey('spki', publicKey));
  }
  const rs256 = await subtle.importKey('pkcs8', der, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']);
  await line('RSA pkcs8', () => subtle.exportKey('pkcs8', rs256));
  await line('RSA JWK', () => subtle.exportKey('jwk', rs256));
  const open = async (name, usages) => {
    const { n, e } = await subtle.exportKey('jwk', rs256);
    return subtle.importKey('jwk', { kty: 'RSA', n, e }, { name, hash: 'SHA-256' }, true, usages);
  };
  await line('PSS of another', async () => subtle.verify({ name: 'RSA-PSS', saltLength: 20 }, await open('RSA-PSS', ['verify']), unbase64(rsa.pss), data));
  await line('PSS of another length', async () => subtle.verify({ name: 'RSA-PSS', saltLength: 21 }, await open('RSA-PSS', ['verify']), unbase64(rsa.pss), data));
  await line('OAEP of another', async () => {
    const key = await subtle.importKey('pkcs8', der, { name: 'RSA-OAEP', hash: 'SHA-256' }, true, ['decrypt']);
    return new TextDecoder().decode(await subtle.decrypt({ name: 'RSA-OAEP', label: text('label') }, key, unbase64(rsa.oaep)));
  });
  await line('OAEP of another label', async () => {
    const key = await subtle.importKey('pkcs8', der, { name: 'RSA-OAEP', hash: 'SHA-256' }, true, ['decrypt']);
    return subtle.decrypt({ name: 'RSA-OAEP' }, key, unbase64(rsa.oaep));
  });
  await line('PSS', async () => {
    const key = await subtle.importKey('pkcs8', der, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['sign']);
    const publicKey = await open('RSA-PSS', ['verify']);
    let all = '';
    for (const saltLength of [0, 32, 222]) {
      const signature = await subtle.sign({ name: 'RSA-PSS', saltLength }, key, data);
      all += await subtle.verify({ name: 'RSA-PSS', saltLength }, publicKey, signature, data);
    }
    return all;
  });
  await line('PSS with a salt too long', async () => {
    const key = await subtle.importKey('pkcs8', der, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['sign']);
    return subtle.sign({ name: 'RSA-PSS', saltLength: 223 }, key, data);
  });
  await line('OAEP', async () => {
    const key = await subtle.importKey('pkcs8', der, { name: 'RSA-OAEP', hash: 'SHA-256' }, true, ['decrypt']);
    return subtle.decrypt('RSA-OAEP', key, await subtle.encrypt('RSA-OAEP', await open('RSA-OAEP', ['encrypt']), data));
  });
  await line('OAEP of too much', async () => subtle.encrypt('RSA-OAEP', await open('RSA-OAEP', ['encrypt']), new Uint8Array(191)));
  await line('RSA of no bytes', () => subtle.importKey('pkcs8', new Uint8Array(), { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']));
  await line('RSA cut off', () => subtle.importKey('pkcs8', der.slice(0, 500), { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']));
  await line('RSA raw', () => subtle.importKey('raw', der, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign']));
  await line('RSA without an exponent', () => subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024 }, true, ['sign']));
  await line('RSA that flies', () => subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['encrypt']));
  await line('RSA of even exponent', () => subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Uint8Array([2]) }, true, ['sign']));
  return out;
})();
if (typeof process !== 'undefined') subtleAnswers.then((text) => process.stdout.write(text));
subtleAnswers;
