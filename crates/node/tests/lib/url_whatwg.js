'use strict';
// URL, URLSearchParams, file URLs, query strings.
const assert = require('assert');
const url = require('url');
const querystring = require('querystring');

assert.strictEqual(url.URL, URL);
{
  const u = new URL('http://user:pa%20ss@EX.com:8080/a/../b?x=1#h');
  assert.strictEqual(u.href, 'http://user:pa%20ss@ex.com:8080/b?x=1#h');
  assert.deepStrictEqual([u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash],
    ['http://ex.com:8080', 'http:', 'user', 'pa%20ss', 'ex.com:8080', 'ex.com', '8080', '/b', '?x=1', '#h']);
  u.port = '80';
  u.hostname = 'b.org';
  u.pathname = 'x/../y?#';
  u.hash = '';
  u.username = 'é';
  assert.strictEqual(u.href, 'http://%C3%A9:pa%20ss@b.org/y%3F%23?x=1');
  u.searchParams.append('a b', 'c&d');
  assert.strictEqual(u.search, '?x=1&a+b=c%26d');
  u.search = '?z=1';
  assert.strictEqual(u.searchParams.get('z'), '1');
  u.searchParams.delete('z');
  assert.strictEqual(u.search, '');
  assert.throws(() => { u.href = 'x'; }, { code: 'ERR_INVALID_URL' });
  assert.strictEqual(JSON.stringify(u), `"${u}"`);
}
assert.strictEqual(new URL('../x?y', 'http://a/b/c/d').href, 'http://a/b/x?y');
assert.strictEqual(new URL('http://1.2.3').hostname, '1.2.0.3');
assert.strictEqual(new URL('http://u@h').password, '');
assert.strictEqual(new URL('data:text/plain,hi').origin, 'null');
assert.throws(() => new URL('foo'), { code: 'ERR_INVALID_URL', name: 'TypeError', message: 'Invalid URL', input: 'foo' });
assert.throws(() => new URL('x', 'y'), { code: 'ERR_INVALID_URL', input: 'x', base: 'y' });
assert(URL.canParse('x', 'http://a') && !URL.canParse('x'));

assert.strictEqual(new URLSearchParams('?a=1&b=2&a=3&c&=d&e=%zz+%E4x').toString(), 'a=1&b=2&a=3&c=&=d&e=%25zz+%EF%BF%BDx');
assert.strictEqual(new URLSearchParams("!'()~*-._ é").toString(), '%21%27%28%29%7E*-._+%C3%A9=');
assert.deepStrictEqual([...new URLSearchParams([['a', 'b'], ['c', 'd']])], [['a', 'b'], ['c', 'd']]);
assert.throws(() => new URLSearchParams([['a']]), { code: 'ERR_INVALID_TUPLE' });
{
  const params = new URLSearchParams('b=1&a=2&b=0');
  params.sort();
  assert.strictEqual(`${params}`, 'a=2&b=1&b=0');
  params.set('b', 9);
  assert.deepStrictEqual(params.getAll('b'), ['9']);
  assert.strictEqual(params.size, 2);
}
assert.strictEqual(url.fileURLToPath('file:///a%20b/c'), '/a b/c');
assert.throws(() => url.fileURLToPath('file://h/a'), { code: 'ERR_INVALID_FILE_URL_HOST' });
assert.throws(() => url.fileURLToPath('http://h/a'), { code: 'ERR_INVALID_URL_SCHEME' });
assert.strictEqual(url.pathToFileURL('/a b/%?#\\é\n').href, 'file:///a%20b/%25%3F%23%5C%C3%A9%0A');
assert.strictEqual(url.pathToFileURL('/a/').href, 'file:///a/');
assert.strictEqual(url.domainToASCII('español.com'), 'xn--espaol-zwa.com');
assert.strictEqual(url.urlToHttpOptions(new URL('https://a:b@h/p?abc#foo')).path, '/p?abc');

assert.strictEqual(querystring.stringify({ a: 1, b: [2, 'x y'], c: true, d: null, g: NaN, h: 2n }), 'a=1&b=2&b=x%20y&c=true&d=&g=&h=2');
assert.deepStrictEqual({ ...querystring.parse('a=1&b=2&a=3&c&=d&e=%zz&f=%E4%BD%A0+x&&g=a=b') },
  { 'a': ['1', '3'], 'b': '2', 'c': '', '': 'd', 'e': '%zz', 'f': '你 x', 'g': 'a=b' });
assert.deepStrictEqual({ ...querystring.parse('a:1;b:2', ';', ':') }, { a: '1', b: '2' });
assert.throws(() => querystring.escape('\ud800'), { code: 'ERR_INVALID_URI' });

// URLPattern.
{
  assert.strictEqual(require('url').URLPattern, URLPattern);
  const pattern = new URLPattern({ pathname: '/users/:id(\\d+)' });
  assert.strictEqual(pattern.test('https://host/users/12'), true);
  assert.strictEqual(pattern.test('https://host/users/x'), false);
  assert.strictEqual(pattern.exec('https://host/users/12').pathname.groups.id, '12');
  assert.strictEqual(new URLPattern('/a/*', 'https://host').test('https://host/a/b'), true);
  assert.throws(() => new URLPattern({ pathname: '(' }), { name: 'TypeError', code: 'ERR_INVALID_URL_PATTERN' });
  const { enumerable, writable } = Object.getOwnPropertyDescriptor(globalThis, 'URLPattern');
  assert.deepStrictEqual([enumerable, writable], [false, true]);
}
