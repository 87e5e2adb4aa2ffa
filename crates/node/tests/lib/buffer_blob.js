'use strict';
// Blob and File.
const assert = require('assert');
const { Blob, File } = require('buffer');

let done = false;
(async () => {
  const blob = new Blob(['ab', new Uint8Array([99]), new Blob(['d'])], { type: 'Text/X' });
  assert.strictEqual(blob.size, 4);
  assert.strictEqual(blob.type, 'text/x');
  assert.strictEqual(await blob.text(), 'abcd');
  assert.strictEqual(await blob.slice(1, -1).text(), 'bc');
  assert.deepStrictEqual([...new Uint8Array(await blob.arrayBuffer())], [97, 98, 99, 100]);
  const file = new File(['x'], 'name.txt', { lastModified: 5 });
  assert(file instanceof Blob);
  assert.deepStrictEqual([file.name, file.lastModified, file.size], ['name.txt', 5, 1]);
  assert.throws(() => new Blob('abc'), { code: 'ERR_INVALID_ARG_TYPE' });
  done = true;
})();
process.on('exit', () => assert(done));
