'use strict';
// path: both kinds of paths, over cases where implementations tend to differ.
const assert = require('assert');
const path = require('path');
const { posix, win32 } = path;

assert.strictEqual(require('path/posix'), posix);
assert.strictEqual(require('path/win32'), win32);
assert.strictEqual(require('node:path'), path);
assert.strictEqual(win32.posix, posix);

function check(kind, name, cases) {
  for (const [args, expected] of cases) assert.deepStrictEqual(kind[name](...args), expected, `${name}(${args.join(', ')})`);
}

check(posix, 'join', [
  [[], '.'], [['a', '', 'b'], 'a/b'], [['/a', '..', '..', 'b'], '/b'], [['a', '../../..', 'b'], '../../b'],
  [['', '/a/'], '/a/'], [['.', './x'], 'x'], [['//a', 'b'], '/a/b'],
]);
check(posix, 'normalize', [[[''], '.'], [['./'], './'], [['a/..'], '.'], [['/..'], '/'], [['a//b/../c/.'], 'a/c'], [['../a/../..'], '../..']]);
check(posix, 'resolve', [[['/a', 'b', '../c'], '/a/c'], [['/a', '/b/'], '/b'], [['/'], '/']]);
assert.strictEqual(posix.resolve(''), process.cwd());
check(posix, 'relative', [[['/a/b/c', '/a/d'], '../../d'], [['/a', '/a'], ''], [['/', '/a'], 'a'], [['/a', '/'], '..']]);
check(posix, 'dirname', [[['/a/b/'], '/a'], [['/a'], '/'], [['a'], '.'], [[''], '.'], [['//a'], '//'], [['a/b'], 'a']]);
check(posix, 'basename', [[['/a/b.js'], 'b.js'], [['/a/b.js', '.js'], 'b'], [['a.js', 'a.js'], ''], [['/a/b/'], 'b'], [['/'], '']]);
check(posix, 'extname', [[['a.b.c'], '.c'], [['.bashrc'], ''], [['a.'], '.'], [['..'], ''], [['a/b.c/d'], '']]);
assert.deepStrictEqual(posix.parse('/home/u/file.txt'), { root: '/', dir: '/home/u', base: 'file.txt', ext: '.txt', name: 'file' });
assert.deepStrictEqual(posix.parse(''), { root: '', dir: '', base: '', ext: '', name: '' });
assert.strictEqual(posix.format({ dir: '/a', name: 'b', ext: 'c' }), '/a/b.c');
assert.strictEqual(posix.format({ root: '/', base: 'x', ext: '.ignored' }), '/x');

check(win32, 'join', [[['C:\\a', '..', 'b'], 'C:\\b'], [['a', 'b/c'], 'a\\b\\c'], [['\\\\s', 'x'], '\\\\s\\x\\'], [['/', '/a'], '\\a']]);
check(win32, 'normalize', [[['C:/a/../b'], 'C:\\b'], [['C:..\\a'], 'C:..\\a'], [['//server/share/a/..'], '\\\\server\\share\\']]);
check(win32, 'resolve', [[['C:\\a', 'D:\\b'], 'D:\\b'], [['C:\\a', '\\b'], 'C:\\b'], [['\\\\s\\x', 'a'], '\\\\s\\x\\a']]);
check(win32, 'relative', [[['C:\\a\\b', 'c:\\A\\d'], '..\\d'], [['C:\\a', 'D:\\b'], 'D:\\b']]);
check(win32, 'toNamespacedPath', [[['C:\\a'], '\\\\?\\C:\\a'], [['\\\\s\\x\\a'], '\\\\?\\UNC\\s\\x\\a']]);
assert.deepStrictEqual(win32.parse('C:\\p\\f.txt'), { root: 'C:\\', dir: 'C:\\p', base: 'f.txt', ext: '.txt', name: 'f' });

for (const name of ['join', 'resolve', 'normalize', 'isAbsolute', 'dirname', 'basename', 'extname', 'parse']) {
  assert.throws(() => posix[name](1), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => win32[name]({}), { code: 'ERR_INVALID_ARG_TYPE' });
}
assert.throws(() => path.format(null), {
  code: 'ERR_INVALID_ARG_TYPE',
  message: 'The "pathObject" argument must be of type object. Received null',
});
if (posix.matchesGlob) {
  assert(posix.matchesGlob('/foo/bar', '/foo/*'));
  assert(!posix.matchesGlob('/foo/bar/baz', '/foo/*'));
  assert(posix.matchesGlob('a/b/c.js', 'a/**/*.{js,ts}'));
}
