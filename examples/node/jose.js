// jose: tokens and keys of JOSE, signed and encrypted by Web Cryptography.
'use strict';

async function main() {
  const jose = await import('jose');
  const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
  const token = await new jose.SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).setIssuedAt(1700000000)
    .setExpirationTime(32503680000).setIssuer('me').sign(secret);
  console.log(token, await jose.jwtVerify(token, secret, { issuer: 'me' }));
  await jose.jwtVerify(token, secret, { issuer: 'you' }).catch((error) => console.log(error.code, error.message));
  await jose.jwtVerify(token.slice(0, -2) + 'AA', secret).catch((error) => console.log(error.code, error.message));
  for (const alg of ['RS256', 'PS384', 'ES256', 'ES384', 'EdDSA']) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const signed = await new jose.CompactSign(new TextEncoder().encode('signed')).setProtectedHeader({ alg }).sign(privateKey);
    const { payload } = await jose.compactVerify(signed, publicKey);
    const jwk = await jose.exportJWK(publicKey);
    const again = await jose.importSPKI(await jose.exportSPKI(publicKey), alg);
    console.log(alg, new TextDecoder().decode(payload), jwk.kty, Object.keys(jwk).sort().join(), again.type);
    await jose.compactVerify(signed, again);
  }
  for (const [alg, enc] of [['dir', 'A256GCM'], ['A256KW', 'A128CBC-HS256'], ['PBES2-HS256+A128KW', 'A192GCM']]) {
    const encrypted = await new jose.EncryptJWT({ b: 2 }).setProtectedHeader({ alg, enc }).encrypt(secret);
    console.log(alg, (await jose.jwtDecrypt(encrypted, secret, { keyManagementAlgorithms: [alg] })).payload);
  }
  const { publicKey, privateKey } = await jose.generateKeyPair('RSA-OAEP-256');
  const encrypted = await new jose.CompactEncrypt(new TextEncoder().encode('for you'))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' }).encrypt(publicKey);
  console.log(new TextDecoder().decode((await jose.compactDecrypt(encrypted, privateKey)).plaintext));
  console.log(await jose.calculateJwkThumbprint({ kty: 'oct', k: 'AAAA' }));
}
main();
