'use strict';
// The forms of fs that wait: contents, folders, links, times, descriptors, and how they fail.
const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { pathToFileURL } = require('url');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'fs-sync-'));
const at = (...parts) => path.join(root, ...parts);
process.on('exit', () => fs.rmSync(root, { recursive: true, force: true }));

function fails(fn, code, syscall, given, dest) {
  let error;
  try { fn(); } catch (caught) { error = caught; }
  assert.ok(error, `nothing was thrown: ${fn}`);
  assert.strictEqual(error.code, code);
  assert.strictEqual(error.syscall, syscall);
  assert.strictEqual(error.path, given);
  assert.strictEqual(error.dest, dest);
  assert.strictEqual(error.errno, -os.constants.errno[code]);
  const tail = (given === undefined ? '' : ` '${given}'`) + (dest === undefined ? '' : ` -> '${dest}'`);
  assert.ok(error.message.startsWith(`${code}: `) && error.message.endsWith(`, ${syscall}${tail}`), error.message);
}

// Contents.
{
  const file = at('text');
  fs.writeFileSync(file, 'h\u00e9llo \ud83d\ude00');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'h\u00e9llo \ud83d\ude00');
  assert.strictEqual(fs.readFileSync(file, { encoding: 'hex' }), Buffer.from('h\u00e9llo \ud83d\ude00').toString('hex'));
  assert.ok(Buffer.isBuffer(fs.readFileSync(file)));
  assert.deepStrictEqual(fs.readFileSync(Buffer.from(file)), fs.readFileSync(pathToFileURL(file)));
  fs.appendFileSync(file, Buffer.from('!'));
  assert.ok(fs.readFileSync(file, 'utf8').endsWith('!'));
  fs.writeFileSync(file, 'ff00', 'hex');
  assert.deepStrictEqual([...fs.readFileSync(file)], [255, 0]);
  assert.strictEqual(fs.readFileSync(file, 'utf8'), '\ufffd\0');
  fs.writeFileSync(file, new Uint16Array([0x4141, 0x4242]));
  assert.strictEqual(fs.readFileSync(file, 'latin1'), 'AABB');
  fs.writeFileSync(file, new DataView(new ArrayBuffer(2)));
  assert.strictEqual(fs.statSync(file).size, 2);
  fs.writeFileSync(file, '\ud800x');
  assert.strictEqual(fs.readFileSync(file, 'utf8'), '\ufffdx');
  fs.writeFileSync(file, 'abc', { flag: 'a' });
  assert.throws(() => fs.writeFileSync(file, 'x', { flag: 'wx' }), { code: 'EEXIST', syscall: 'open' });
  fs.writeFileSync(at('mode'), '', { mode: 0o600 });
  assert.strictEqual(fs.statSync(at('mode')).mode & 0o777, 0o600);
  const large = Buffer.alloc(300000, 'ab');
  fs.writeFileSync(file, large);
  assert.ok(fs.readFileSync(file).equals(large));
  assert.ok(fs.readFileSync('/proc/self/status', 'utf8').includes('Pid:'));
}

// Descriptors.
{
  const file = at('fd');
  const fd = fs.openSync(file, 'w+');
  assert.strictEqual(fs.writeSync(fd, 'hello'), 5);
  assert.strictEqual(fs.writeSync(fd, Buffer.from('XYZ'), 1, 1, 0), 1);
  assert.strictEqual(fs.writeSync(fd, Buffer.from('XYZ'), { offset: 2 }), 1);
  assert.strictEqual(fs.writeSync(fd, 'ff', null, 'hex'), 1);
  assert.strictEqual(fs.readFileSync(file, 'latin1'), 'YelloZ\u00ff');
  const buffer = Buffer.alloc(4);
  assert.strictEqual(fs.readSync(fd, buffer, 0, 4, 1), 4);
  assert.strictEqual(buffer.toString(), 'ello');
  assert.strictEqual(fs.readSync(fd, buffer, { position: 0, length: 2, offset: 2 }), 2);
  assert.strictEqual(buffer.toString(), 'elYe');
  assert.strictEqual(fs.readSync(fd, buffer), 0);
  assert.strictEqual(fs.readSync(fd, buffer, 0, 4, 0n), 4);
  assert.strictEqual(fs.readFileSync(fd, 'utf8'), '');
  fs.ftruncateSync(fd, 3);
  assert.strictEqual(fs.fstatSync(fd).size, 3);
  fs.fsyncSync(fd);
  fs.fdatasyncSync(fd);
  fs.fchmodSync(fd, 0o640);
  fs.futimesSync(fd, 10, 20.5);
  const stats = fs.fstatSync(fd, { bigint: true });
  assert.strictEqual(stats.mode & 0o777n, 0o640n);
  assert.strictEqual(stats.mtimeNs, 20500000000n);
  assert.strictEqual(stats.atimeMs, 10000n);
  const parts = [Buffer.alloc(1), Buffer.alloc(4)];
  assert.strictEqual(fs.readvSync(fd, parts, 0), 3);
  assert.strictEqual(Buffer.concat(parts).toString(), 'Yel\0\0');
  assert.strictEqual(fs.writevSync(fd, [Buffer.from('1'), Buffer.from('23')], 0), 3);
  fs.closeSync(fd);
  fails(() => fs.closeSync(fd), 'EBADF', 'close');
  fails(() => fs.readSync(fd, buffer), 'EBADF', 'read');
  fails(() => fs.writeSync(fd, 'x'), 'EBADF', 'write');
  fails(() => fs.fstatSync(fd), 'EBADF', 'fstat');
  fs.truncateSync(file, 1);
  assert.strictEqual(fs.readFileSync(file, 'utf8'), '1');
  fs.truncateSync(file);
  assert.strictEqual(fs.readFileSync(file, 'utf8'), '');
}

// Facts.
{
  fs.writeFileSync(at('facts'), 'abc');
  fs.symlinkSync('facts', at('link'));
  const stats = fs.statSync(at('facts'));
  assert.ok(stats instanceof fs.Stats);
  assert.deepStrictEqual(Object.keys(stats).slice(0, 14), ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino',
    'size', 'blocks', 'atimeMs', 'mtimeMs', 'ctimeMs', 'birthtimeMs']);
  assert.ok(stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink() && !stats.isFIFO());
  assert.ok(stats.mtime instanceof Date && Math.abs(stats.mtime - stats.mtimeMs) <= 1);
  assert.ok(fs.lstatSync(at('link')).isSymbolicLink());
  assert.ok(fs.statSync(at('link')).isFile());
  assert.ok(fs.statSync('/dev/null').isCharacterDevice());
  const big = fs.statSync(at('facts'), { bigint: true });
  assert.strictEqual(typeof big.ino, 'bigint');
  assert.ok(big.isFile() && big.size === 3n && big.mtimeNs / 1000000n === big.mtimeMs);
  assert.strictEqual(fs.statSync(at('none'), { throwIfNoEntry: false }), undefined);
  // A file where a folder should be: to statSync() there is nothing.
  assert.strictEqual(fs.statSync(at('facts', 'none'), { throwIfNoEntry: false }), undefined);
  fails(() => fs.lstatSync(at('facts', 'none'), { throwIfNoEntry: false }), 'ENOTDIR', 'lstat', at('facts', 'none'));
  fails(() => fs.statSync(at('facts', 'none')), 'ENOTDIR', 'stat', at('facts', 'none'));
  fails(() => fs.statSync(at('none')), 'ENOENT', 'stat', at('none'));
  fails(() => fs.lstatSync(at('none')), 'ENOENT', 'lstat', at('none'));
  fs.utimesSync(at('facts'), new Date(1000), 2);
  assert.strictEqual(fs.statSync(at('facts')).atimeMs, 1000);
  fs.lutimesSync(at('link'), 3, 4);
  assert.strictEqual(fs.lstatSync(at('link')).mtimeMs, 4000);
  fs.chmodSync(at('facts'), '600');
  assert.strictEqual(fs.statSync(at('facts')).mode & 0o777, 0o600);
  assert.strictEqual(fs.existsSync(at('facts')), true);
  assert.strictEqual(fs.existsSync(at('none')), false);
  assert.strictEqual(fs.existsSync({}), false);
  assert.strictEqual(fs.accessSync(at('facts'), fs.constants.R_OK), undefined);
  fails(() => fs.accessSync(at('none')), 'ENOENT', 'access', at('none'));
  assert.ok(fs.statfsSync(root).bsize > 0);
}

// Folders.
{
  assert.strictEqual(fs.mkdirSync(at('one')), undefined);
  fails(() => fs.mkdirSync(at('one')), 'EEXIST', 'mkdir', at('one'));
  fails(() => fs.mkdirSync(at('no', 'two')), 'ENOENT', 'mkdir', at('no', 'two'));
  assert.strictEqual(fs.mkdirSync(at('a', 'b', 'c'), { recursive: true }), at('a'));
  assert.strictEqual(fs.mkdirSync(at('a', 'b', 'c'), { recursive: true }), undefined);
  assert.strictEqual(fs.mkdirSync(at('a', 'b', 'd'), { recursive: true, mode: 0o700 }), at('a', 'b', 'd'));
  assert.strictEqual(fs.statSync(at('a', 'b', 'd')).mode & 0o777, 0o700);
  fs.writeFileSync(at('a', 'file'), '');
  fails(() => fs.mkdirSync(at('a', 'file'), { recursive: true }), 'EEXIST', 'mkdir', at('a', 'file'));
  fails(() => fs.mkdirSync(at('a', 'file', 'x'), { recursive: true }), 'ENOTDIR', 'mkdir', at('a', 'file', 'x'));
  assert.deepStrictEqual(fs.readdirSync(at('a')), ['b', 'file']);
  assert.deepStrictEqual(fs.readdirSync(at('a'), { recursive: true }).sort(), ['b', 'b/c', 'b/d', 'file']);
  assert.deepStrictEqual(fs.readdirSync(at('a'), 'buffer'), [Buffer.from('b'), Buffer.from('file')]);
  const entries = fs.readdirSync(at('a'), { withFileTypes: true });
  assert.deepStrictEqual(entries.map((entry) => [entry.name, entry.isDirectory(), entry.isFile(), entry.parentPath]),
    [['b', true, false, at('a')], ['file', false, true, at('a')]]);
  assert.ok(entries[0] instanceof fs.Dirent);
  fails(() => fs.readdirSync(at('none')), 'ENOENT', 'scandir', at('none'));
  fails(() => fs.readdirSync(at('a', 'file')), 'ENOTDIR', 'scandir', at('a', 'file'));
  const dir = fs.opendirSync(at('a'));
  const seen = [];
  for (let entry; (entry = dir.readSync()) !== null;) seen.push(entry.name);
  assert.deepStrictEqual(seen.sort(), ['b', 'file']);
  dir.closeSync();
  assert.throws(() => dir.readSync(), { code: 'ERR_DIR_CLOSED' });
  fails(() => fs.rmdirSync(at('a')), 'ENOTEMPTY', 'rmdir', at('a'));
  fails(() => fs.unlinkSync(at('none')), 'ENOENT', 'unlink', at('none'));
  assert.throws(() => fs.rmSync(at('a')), { name: 'SystemError', code: 'ERR_FS_EISDIR' });
  fails(() => fs.rmSync(at('none')), 'ENOENT', 'lstat', at('none'));
  fs.rmSync(at('none'), { force: true });
  fs.rmSync(at('a'), { recursive: true });
  assert.strictEqual(fs.existsSync(at('a')), false);
  fs.rmdirSync(at('one'));
  const made = fs.mkdtempSync(at('t-'));
  assert.match(made, /t-[A-Za-z0-9]{6}$/);
  assert.ok(fs.statSync(made).isDirectory());
  fails(() => fs.mkdtempSync(at('none', 'x')), 'ENOENT', 'mkdtemp', `${at('none', 'x')}XXXXXX`);
}

// Links and copies.
{
  fs.writeFileSync(at('from'), 'content', { mode: 0o640 });
  fs.copyFileSync(at('from'), at('to'));
  assert.strictEqual(fs.readFileSync(at('to'), 'utf8'), 'content');
  assert.strictEqual(fs.statSync(at('to')).mode & 0o777, 0o640);
  fails(() => fs.copyFileSync(at('from'), at('to'), fs.constants.COPYFILE_EXCL), 'EEXIST', 'copyfile', at('from'), at('to'));
  fails(() => fs.copyFileSync(at('none'), at('to')), 'ENOENT', 'copyfile', at('none'), at('to'));
  fs.copyFileSync(at('from'), at('from'));
  assert.strictEqual(fs.readFileSync(at('from'), 'utf8'), 'content');
  fs.linkSync(at('from'), at('hard'));
  assert.strictEqual(fs.statSync(at('hard')).nlink, 2);
  fs.symlinkSync('from', at('soft'));
  assert.strictEqual(fs.readlinkSync(at('soft')), 'from');
  assert.deepStrictEqual(fs.readlinkSync(at('soft'), 'buffer'), Buffer.from('from'));
  fails(() => fs.readlinkSync(at('from')), 'EINVAL', 'readlink', at('from'));
  fails(() => fs.symlinkSync('x', at('from')), 'EEXIST', 'symlink', 'x', at('from'));
  const real = fs.realpathSync(root);
  assert.strictEqual(fs.realpathSync(at('soft')), path.join(real, 'from'));
  assert.strictEqual(fs.realpathSync.native(at('soft')), path.join(real, 'from'));
  fails(() => fs.realpathSync(path.join(real, 'none', 'x')), 'ENOENT', 'lstat', path.join(real, 'none'));
  fails(() => fs.realpathSync.native(at('none')), 'ENOENT', 'realpath', at('none'));
  fs.renameSync(at('hard'), at('renamed'));
  fails(() => fs.renameSync(at('none'), at('x')), 'ENOENT', 'rename', at('none'), at('x'));

  fs.mkdirSync(at('tree', 'deep'), { recursive: true });
  fs.writeFileSync(at('tree', 'deep', 'leaf'), '1');
  fs.symlinkSync('leaf', at('tree', 'deep', 'to-leaf'));
  assert.throws(() => fs.cpSync(at('tree'), at('tree2')), { code: 'ERR_FS_EISDIR' });
  fs.cpSync(at('tree'), at('tree2'), { recursive: true, filter: (from) => !from.endsWith('skipped') });
  assert.strictEqual(fs.readFileSync(at('tree2', 'deep', 'leaf'), 'utf8'), '1');
  assert.ok(fs.lstatSync(at('tree2', 'deep', 'to-leaf')).isSymbolicLink());
  assert.throws(() => fs.cpSync(at('tree'), at('tree', 'in'), { recursive: true }), { code: 'ERR_FS_CP_EINVAL' });
}

// Failing to open and to read, and wrong arguments.
{
  fails(() => fs.openSync(at('none')), 'ENOENT', 'open', at('none'));
  fails(() => fs.readFileSync(at('none')), 'ENOENT', 'open', at('none'));
  fails(() => fs.readFileSync(root), 'EISDIR', 'read');
  fails(() => fs.readFileSync(root, 'utf8'), 'EISDIR', 'read');
  fails(() => fs.writeFileSync(at('none', 'x'), ''), 'ENOENT', 'open', at('none', 'x'));
  const wrong = [
    [() => fs.readFileSync({}), 'ERR_INVALID_ARG_TYPE'],
    [() => fs.readFileSync('a\0b'), 'ERR_INVALID_ARG_VALUE'],
    [() => fs.readFileSync(__filename, 'nonsense'), 'ERR_INVALID_ARG_VALUE'],
    [() => fs.readFileSync(__filename, 5), 'ERR_INVALID_ARG_TYPE'],
    [() => fs.readFileSync(new URL('http://host/x')), 'ERR_INVALID_URL_SCHEME'],
    [() => fs.writeFileSync(at('x'), {}), 'ERR_INVALID_ARG_TYPE'],
    [() => fs.openSync(at('x'), 'zz'), 'ERR_INVALID_ARG_VALUE'],
    [() => fs.openSync(at('x'), 'w', 'zz'), 'ERR_INVALID_ARG_VALUE'],
    [() => fs.closeSync('1'), 'ERR_INVALID_ARG_TYPE'],
    [() => fs.closeSync(-1), 'ERR_OUT_OF_RANGE'],
    [() => fs.readSync(0, 'x'), 'ERR_INVALID_ARG_TYPE'],
    [() => fs.readSync(0, Buffer.alloc(3), 0, 10), 'ERR_OUT_OF_RANGE'],
    [() => fs.readFile(__filename), 'ERR_INVALID_ARG_TYPE'],
    [() => fs.stat(__filename, {}), 'ERR_INVALID_ARG_TYPE'],
    [() => fs.rmSync(at('x'), { recursive: 1 }), 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [fn, code] of wrong) assert.throws(fn, { code }, String(fn));
}
