'use strict';
// The forms of fs that call back or promise, file handles, folders read piece by piece, streams of files.
const assert = require('assert');
const fs = require('fs');
const fsp = require('fs/promises');
const os = require('os');
const path = require('path');
const { promisify } = require('util');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'fs-async-'));
const at = (...parts) => path.join(root, ...parts);
process.on('exit', () => fs.rmSync(root, { recursive: true, force: true }));

// Calls back with the error and the value; never before the caller has gone on.
function call(fn, ...args) {
  return new Promise((resolve) => {
    let later = false;
    fn(...args, (...results) => {
      assert.ok(later, 'called back too early');
      resolve(results);
    });
    later = true;
  });
}

async function callbacks() {
  assert.deepStrictEqual(await call(fs.writeFile, at('f'), 'text'), [null]);
  assert.deepStrictEqual(await call(fs.appendFile, at('f'), '!', 'utf8'), [null]);
  assert.deepStrictEqual(await call(fs.readFile, at('f'), 'utf8'), [null, 'text!']);
  assert.deepStrictEqual(await call(fs.readFile, at('f')), [null, Buffer.from('text!')]);
  const [error] = await call(fs.readFile, at('none'));
  assert.strictEqual(error.message, `ENOENT: no such file or directory, open '${at('none')}'`);
  assert.deepStrictEqual(Object.keys(error), ['errno', 'code', 'syscall', 'path']);
  assert.strictEqual((await call(fs.readFile, root))[0].code, 'EISDIR');
  const [, stats] = await call(fs.stat, at('f'));
  assert.ok(stats.isFile());
  assert.strictEqual((await call(fs.stat, at('f'), { bigint: true }))[1].size, 5n);
  assert.strictEqual((await call(fs.lstat, at('none')))[0].syscall, 'lstat');
  assert.deepStrictEqual(await call(fs.mkdir, at('d')), [null]);
  assert.deepStrictEqual(await call(fs.mkdir, at('p', 'q'), { recursive: true }), [null, at('p')]);
  assert.deepStrictEqual(await call(fs.readdir, root), [null, ['d', 'f', 'p']]);
  assert.deepStrictEqual(await call(fs.access, at('f')), [null]);
  assert.deepStrictEqual(await call(fs.exists, at('f')), [true]);
  assert.deepStrictEqual(await call(fs.copyFile, at('f'), at('g')), [null]);
  assert.deepStrictEqual(await call(fs.rename, at('g'), at('h')), [null]);
  assert.deepStrictEqual(await call(fs.symlink, 'h', at('l')), [null]);
  assert.deepStrictEqual(await call(fs.readlink, at('l')), [null, 'h']);
  assert.deepStrictEqual(await call(fs.realpath, at('l')), [null, fs.realpathSync(at('h'))]);
  assert.deepStrictEqual(await call(fs.realpath.native, at('l')), [null, fs.realpathSync(at('h'))]);
  assert.deepStrictEqual(await call(fs.truncate, at('h'), 2), [null]);
  assert.deepStrictEqual(await call(fs.chmod, at('h'), 0o600), [null]);
  assert.deepStrictEqual(await call(fs.utimes, at('h'), 1, 2), [null]);
  assert.strictEqual(fs.statSync(at('h')).mtimeMs, 2000);
  const [, fd] = await call(fs.open, at('h'), 'r+');
  const buffer = Buffer.alloc(8);
  assert.deepStrictEqual(await call(fs.read, fd, buffer, 0, 8, 0), [null, 2, buffer]);
  assert.strictEqual(buffer.toString('utf8', 0, 2), 'te');
  assert.deepStrictEqual((await call(fs.read, fd, { buffer, length: 1, position: 1 }))[1], 1);
  assert.strictEqual((await call(fs.read, fd))[1], 2);
  assert.deepStrictEqual(await call(fs.write, fd, 'xyz', 1, 'utf8'), [null, 3, 'xyz']);
  assert.deepStrictEqual(await call(fs.write, fd, buffer, 0, 1, 0), [null, 1, buffer]);
  assert.deepStrictEqual(await call(fs.fstat, fd).then(([, found]) => found.size), 4);
  assert.deepStrictEqual(await call(fs.fsync, fd), [null]);
  assert.deepStrictEqual(await call(fs.ftruncate, fd, 1), [null]);
  assert.deepStrictEqual(await call(fs.writev, fd, [Buffer.from('a'), Buffer.from('b')], 0).then((all) => all[1]), 2);
  assert.deepStrictEqual(await promisify(fs.read)(fd, buffer, 0, 2, 0), { bytesRead: 2, buffer });
  assert.deepStrictEqual(await call(fs.close, fd), [null]);
  assert.strictEqual((await call(fs.close, fd))[0].code, 'EBADF');
  assert.strictEqual(await promisify(fs.exists)(at('none')), false);
  assert.deepStrictEqual(await call(fs.unlink, at('l')), [null]);
  assert.deepStrictEqual(await call(fs.rmdir, at('d')), [null]);
  assert.deepStrictEqual(await call(fs.rm, at('p'), { recursive: true }), [null]);
  const [, made] = await call(fs.mkdtemp, at('t-'));
  assert.ok(fs.existsSync(made));
  const aborting = new AbortController();
  aborting.abort();
  const aborted = await new Promise((resolve) => { fs.readFile(at('f'), { signal: aborting.signal }, resolve); });
  assert.strictEqual(aborted.name, 'AbortError');
}

async function promises() {
  assert.strictEqual(fs.promises, fsp);
  assert.strictEqual(await fsp.writeFile(at('pf'), 'text'), undefined);
  await fsp.appendFile(at('pf'), '!');
  assert.strictEqual(await fsp.readFile(at('pf'), 'utf8'), 'text!');
  await assert.rejects(fsp.readFile(at('none')), { code: 'ENOENT', syscall: 'open', path: at('none') });
  await assert.rejects(fsp.readFile({}), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.ok((await fsp.stat(at('pf'))).isFile());
  assert.strictEqual(await fsp.mkdir(at('pp', 'q'), { recursive: true }), at('pp'));
  assert.deepStrictEqual(await fsp.readdir(at('pp')), ['q']);
  await fsp.cp(at('pp'), at('pp2'), { recursive: true, filter: async () => true });
  assert.deepStrictEqual(await fsp.readdir(at('pp2')), ['q']);
  await fsp.rm(at('pp2'), { recursive: true });
  await assert.rejects(fsp.access(at('pp2')), { code: 'ENOENT', syscall: 'access' });
  await fsp.writeFile(at('pg'), (function* () { yield 'a'; yield 'b'; })());
  assert.strictEqual(await fsp.readFile(at('pg'), 'utf8'), 'ab');
  await assert.rejects(fsp.readFile(at('pf'), { signal: AbortSignal.abort() }), { name: 'AbortError' });

  const handle = await fsp.open(at('handle'), 'w+');
  assert.strictEqual(typeof handle.fd, 'number');
  assert.strictEqual((await handle.write('hello\nworld\n')).bytesWritten, 12);
  assert.strictEqual((await handle.write(Buffer.from('J'), 0, 1, 0)).bytesWritten, 1);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(5), 0, 5, 0);
  assert.deepStrictEqual([bytesRead, buffer.toString()], [5, 'Jello']);
  assert.strictEqual((await handle.stat()).size, 12);
  await handle.truncate(11);
  await handle.sync();
  await handle.datasync();
  await handle.chmod(0o600);
  await handle.utimes(1, 2);
  await handle.close();
  assert.strictEqual(handle.fd, -1);
  await assert.rejects(handle.stat(), { code: 'EBADF' });
  const again = await fsp.open(at('handle'));
  assert.strictEqual(await again.readFile('utf8'), 'Jello\nworld');
  await again.close();
  const lined = await fsp.open(at('handle'));
  const lines = [];
  for await (const line of lined.readLines()) lines.push(line);
  assert.deepStrictEqual(lines, ['Jello', 'world']);

  const names = [];
  for await (const entry of await fsp.opendir(root)) names.push(entry.name);
  assert.deepStrictEqual(names.sort(), fs.readdirSync(root));
}

const collect = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return typeof chunks[0] === 'string' ? chunks.join('') : Buffer.concat(chunks);
};
const event = (emitter, name) => new Promise((resolve) => emitter.once(name, (...args) => resolve(args)));

async function streams() {
  const content = Buffer.alloc(200000, '0123456789');
  fs.writeFileSync(at('big'), content);
  assert.ok((await collect(fs.createReadStream(at('big')))).equals(content));
  assert.strictEqual(await collect(fs.createReadStream(at('big'), { start: 2, end: 5, encoding: 'utf8' })), '2345');
  assert.strictEqual((await collect(fs.createReadStream(at('big'), { start: 199998 }))).toString(), '89');
  const reading = fs.createReadStream(at('big'), { highWaterMark: 10 });
  assert.strictEqual(reading.path, at('big'));
  assert.strictEqual(reading.pending, true);
  const [fd] = await event(reading, 'open');
  assert.strictEqual(reading.fd, fd);
  assert.strictEqual((await event(reading, 'data'))[0].length, 10);
  reading.destroy();
  await event(reading, 'close');
  assert.throws(() => fs.fstatSync(fd), { code: 'EBADF' });
  const [missing] = await event(fs.createReadStream(at('none')), 'error');
  assert.strictEqual(missing.code, 'ENOENT');

  const writing = fs.createWriteStream(at('written'));
  writing.write('a');
  writing.write(Buffer.from('b'));
  writing.end('c');
  await event(writing, 'finish');
  assert.strictEqual(writing.bytesWritten, 3);
  await event(writing, 'close');
  assert.strictEqual(fs.readFileSync(at('written'), 'utf8'), 'abc');
  const patching = fs.createWriteStream(at('written'), { flags: 'r+', start: 1 });
  patching.end('X');
  await event(patching, 'close');
  assert.strictEqual(fs.readFileSync(at('written'), 'utf8'), 'aXc');
  const copy = fs.createReadStream(at('big')).pipe(fs.createWriteStream(at('copy')));
  await event(copy, 'close');
  assert.ok(fs.readFileSync(at('copy')).equals(content));
  const [denied] = await event(fs.createWriteStream(at('none', 'x')), 'error');
  assert.strictEqual(denied.code, 'ENOENT');
  assert.throws(() => fs.createReadStream(at('big'), { start: 5, end: 2 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => fs.createReadStream(5), { code: 'ERR_INVALID_ARG_TYPE' });
}

async function watching() {
  fs.writeFileSync(at('watched'), '');
  const watcher = fs.watch(root);
  fs.writeFileSync(at('watched'), 'changed');
  for (;;) {
    const [type, name] = await event(watcher, 'change');
    assert.ok(type === 'change' || type === 'rename');
    if (name === 'watched') break;
  }
  watcher.close();
  const seen = new Promise((resolve) => {
    fs.watchFile(at('watched'), { interval: 20 }, (now, before) => resolve([before.size, now.size]));
  });
  // Nothing tells when the file is looked at first, against which changes are seen.
  const growing = setInterval(() => fs.appendFileSync(at('watched'), 'more'), 50);
  const [before, now] = await seen;
  assert.ok(before >= 7 && now > before, `${before} ${now}`);
  clearInterval(growing);
  fs.unwatchFile(at('watched'));
  assert.throws(() => fs.watch(at('none')), { code: 'ENOENT', syscall: 'watch' });
}

let done = false;
(async () => {
  await callbacks();
  await promises();
  await streams();
  await watching();
  done = true;
})();
process.on('exit', () => assert.ok(done));
