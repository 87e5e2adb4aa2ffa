// jsonwebtoken: tokens by HMAC, RSA and ECDSA.
'use strict';
const crypto = require('node:crypto');
const jwt = require('jsonwebtoken');

const payload = { user: 'ann', iat: 1700000000, exp: 32503680000 };
const token = jwt.sign(payload, 'secret');
console.log(token, jwt.verify(token, 'secret'));
for (const algorithm of ['HS384', 'HS512']) console.log(jwt.sign(payload, 'other secret', { algorithm }));
console.log(jwt.decode(token, { complete: true }));
const failing = (...args) => {
  try {
    jwt.verify(...args);
  } catch (error) {
    console.log(error.name, error.message);
  }
};
failing(token, 'wrong');
failing(token.slice(0, -3), 'secret');
failing(jwt.sign({ iat: 1, exp: 2 }, 'secret'), 'secret');
failing('no token', 'secret');
failing(token, 'secret', { audience: 'x' });
for (const [type, options, algorithms] of [
  ['rsa', { modulusLength: 2048 }, ['RS256', 'RS512', 'PS256']],
  ['ec', { namedCurve: 'P-256' }, ['ES256']],
]) {
  const { privateKey, publicKey } = crypto.generateKeyPairSync(type, options);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  for (const algorithm of algorithms) {
    const signed = jwt.sign(payload, pem, { algorithm });
    console.log(algorithm, signed.split('.')[0], jwt.verify(signed, publicKey.export({ type: 'spki', format: 'pem' })).user);
    failing(signed.slice(0, -20) + 'A'.repeat(20), publicKey);
  }
}
