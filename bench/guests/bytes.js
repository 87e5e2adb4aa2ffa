// Typed arrays: a CRC-32 over bytes, and a histogram.
const table = new Uint32Array(256).map((_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c >>> 0; });
const bytes = new Uint8Array(8192).map((_, i) => (i * 31 + (i >> 3)) & 255);
function work() {
  let crc = 0xffffffff; const seen = new Uint16Array(256);
  for (let i = 0; i < bytes.length; i++) { crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8); seen[bytes[i]]++; }
  return ((crc ^ 0xffffffff) >>> 0) + ':' + seen[7];
}
