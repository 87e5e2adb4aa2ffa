// The framings that are asked about: a name, and the bytes of one message (a character is a byte).
// What follows each on its connection is `NEXT`, which is answered only by who agrees on where the
// message ends.

export const NEXT = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

const GET = 'GET /healthz HTTP/1.1\r\n';
const HOST = 'Host: localhost\r\n';
const POST = `POST /v1/scripts/echo/runs?raw HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\n`;

export const cases = [];
const names = new Set();
function add(name, request) {
  if (names.has(name)) throw new Error(`two framings are called "${name}"`);
  names.add(name);
  cases.push({ name, request });
}

const get = (lines) => `${GET}${HOST}${lines}\r\n`;
const post = (lines, body) => `${POST}${lines}\r\n${body}`;
const chunked = (body) => post('Transfer-Encoding: chunked\r\n', body);

// Ends of lines.
add('plain GET', get(''));
add('line feeds alone', 'GET /healthz HTTP/1.1\nHost: localhost\n\n');
add('line feed after the request line', `GET /healthz HTTP/1.1\n${HOST}\r\n`);
add('line feed after a header', `${GET}Host: localhost\n\r\n`);
add('line feed after the last of two headers', `${GET}${HOST}x: y\n\r\n`);
add('line feed after the first of two headers', `${GET}x: y\n${HOST}\r\n`);
add('line feed as the empty line', `${GET}${HOST}\n`);
add('carriage return alone after the request line', `GET /healthz HTTP/1.1\r${HOST}\r\n`);
add('carriage return alone after a header', `${GET}x: y\r${HOST}\r\n`);
add('carriage return within a value', get('x: a\rb\r\n'));
add('two carriage returns after a header', `${GET}Host: localhost\r\r\n\r\n`);
add('two carriage returns in the empty line', `${GET}${HOST}\r\r\n`);
add('carriage return and another character as the empty line', `${GET}${HOST}\rx`);
add('line feed and carriage return', `${GET}Host: localhost\n\r\n\r`);
add('empty line before the request', `\r\n${get('')}`);
add('three empty lines before the request', `\r\n\r\n\r\n${get('')}`);
add('line feed before the request', `\n${get('')}`);
add('carriage return before the request', `\r${get('')}`);
add('space before the request', ` ${get('')}`);
add('NUL before the request', `\0${get('')}`);

// Request lines.
for (const [name, line] of [
  ['two spaces after the method', 'GET  /healthz HTTP/1.1'],
  ['two spaces before the version', 'GET /healthz  HTTP/1.1'],
  ['space after the version', 'GET /healthz HTTP/1.1 '],
  ['tab after the method', 'GET\t/healthz HTTP/1.1'],
  ['tab before the version', 'GET /healthz\tHTTP/1.1'],
  ['no version', 'GET /healthz'],
  ['no path', 'GET HTTP/1.1'],
  ['no path, two spaces', 'GET  HTTP/1.1'],
  ['HTTP/0.9', 'GET /healthz HTTP/0.9'],
  ['HTTP/1.0', 'GET /healthz HTTP/1.0'],
  ['HTTP/1.2', 'GET /healthz HTTP/1.2'],
  ['HTTP/1.9', 'GET /healthz HTTP/1.9'],
  ['HTTP/2.0', 'GET /healthz HTTP/2.0'],
  ['HTTP/2', 'GET /healthz HTTP/2'],
  ['HTTP/3.0', 'GET /healthz HTTP/3.0'],
  ['HTTP/1.10', 'GET /healthz HTTP/1.10'],
  ['HTTP/11.1', 'GET /healthz HTTP/11.1'],
  ['HTTP/1', 'GET /healthz HTTP/1'],
  ['HTTP/1,1', 'GET /healthz HTTP/1,1'],
  ['lower-case version', 'GET /healthz http/1.1'],
  ['another protocol', 'GET /healthz RTSP/1.0'],
  ['ICE protocol', 'GET /healthz ICE/1.0'],
  ['lower-case method', 'get /healthz HTTP/1.1'],
  ['unknown method', 'BREW /healthz HTTP/1.1'],
  ['start of a method', 'GE /healthz HTTP/1.1'],
  ['method and more', 'GETS /healthz HTTP/1.1'],
  ['method with a sign', 'G@T /healthz HTTP/1.1'],
  ['method DELETE', 'DELETE /healthz HTTP/1.1'],
  ['method OPTIONS', 'OPTIONS /healthz HTTP/1.1'],
  ['method OPTIONS of all', 'OPTIONS * HTTP/1.1'],
  ['method HEAD', 'HEAD /healthz HTTP/1.1'],
  ['method PATCH without a body', 'PATCH /healthz HTTP/1.1'],
  ['method TRACE', 'TRACE /healthz HTTP/1.1'],
  ['method M-SEARCH', 'M-SEARCH /healthz HTTP/1.1'],
  ['method QUERY', 'QUERY /healthz HTTP/1.1'],
  ['method PRI', 'PRI * HTTP/2.0'],
  ['method CONNECT', 'CONNECT localhost:80 HTTP/1.1'],
  ['method CONNECT of a path', 'CONNECT /healthz HTTP/1.1'],
  ['whole address', 'GET http://localhost/healthz HTTP/1.1'],
  ['whole address without a path', 'GET http://localhost HTTP/1.1'],
  ['whole address of another scheme', 'GET ftp://localhost/healthz HTTP/1.1'],
  ['path without a slash', 'GET healthz HTTP/1.1'],
  ['path that is a star', 'GET * HTTP/1.1'],
  ['path with a question mark alone', 'GET ? HTTP/1.1'],
  ['path with a fragment', 'GET /healthz#a HTTP/1.1'],
  ['path with a tab', 'GET /health\tz HTTP/1.1'],
  ['path with NUL', 'GET /health\0z HTTP/1.1'],
  ['path with a control character', 'GET /health\x01z HTTP/1.1'],
  ['path with DEL', 'GET /health\x7fz HTTP/1.1'],
  ['path with bytes above ASCII', 'GET /h\xc3\xa4lthz HTTP/1.1'],
  ['path with a quotation mark', 'GET /health"z HTTP/1.1'],
  ['path with a backslash', 'GET /health\\z HTTP/1.1'],
  ['path with braces', 'GET /health{}|^`z HTTP/1.1'],
  ['path with a form feed', 'GET /health\fz HTTP/1.1'],
]) add(name, `${line}\r\n${HOST}\r\n`);
add('long path', `GET /${'a'.repeat(4000)} HTTP/1.1\r\n${HOST}\r\n`);

// Names and values of headers.
for (const [name, line] of [
  ['space before the colon', 'x : y'],
  ['tab before the colon', 'x\t: y'],
  ['no space after the colon', 'x:y'],
  ['spaces around the value', 'x:  y  '],
  ['tabs around the value', 'x:\ty\t'],
  ['empty value', 'x:'],
  ['blank value', 'x:   '],
  ['no colon', 'x'],
  ['no name', ': y'],
  ['name with a space', 'x y: z'],
  ['name with NUL', 'x\0y: z'],
  ['name with a control character', 'x\x01y: z'],
  ['name with DEL', 'x\x7fy: z'],
  ['name with a byte above ASCII', 'x\xe4y: z'],
  ['name with every sign of tokens', "!#$%&'*+-.^_`|~09azAZ: y"],
  ['name with a parenthesis', 'x(y: z'],
  ['name with a slash', 'x/y: z'],
  ['name with an at sign', 'x@y: z'],
  ['name with a quotation mark', 'x"y: z'],
  ['name with a comma', 'x,y: z'],
  ['name with a bracket', 'x[y: z'],
  ['name with an equals sign', 'x=y: z'],
  ['value with NUL', 'x: a\0b'],
  ['value with a control character', 'x: a\x01b'],
  ['value with DEL', 'x: a\x7fb'],
  ['value with a tab', 'x: a\tb'],
  ['value with bytes above ASCII', 'x: \xc3\xa4\xff'],
  ['value with a vertical tab', 'x: a\x0bb'],
  ['value with an escape character', 'x: a\x1bb'],
  ['value of quotes and commas', 'x: "a, b", c; d=e'],
]) add(name, get(`${line}\r\n`));
add('continued value', get('x: a\r\n b\r\n'));
add('value continued by a tab', get('x: a\r\n\tb\r\n'));
add('value that begins on the next line', get('x:\r\n a\r\n'));
add('space before the first header', `${GET} ${HOST}\r\n`);
add('line of a space before the end', get(' \r\n'));
add('three lines of one header', get('x: 1\r\nx: 2\r\nx: 3\r\n'));
add('100 headers', get(Array.from({ length: 90 }, (_, i) => `x${i}: y\r\n`).join('')));
add('1,500 headers', get(Array.from({ length: 1500 }, (_, i) => `a${i}:\r\n`).join('')));
add('head of 15,000 bytes', get(`x: ${'a'.repeat(14_900)}\r\n`));
add('head of 17,000 bytes', get(`x: ${'a'.repeat(17_000)}\r\n`));
add('head of 40,000 bytes in many lines', get(`x: ${'a'.repeat(390)}\r\n`.repeat(100)));

// Hosts.
add('no Host', `${GET}\r\n`);
add('no Host in HTTP/1.0', 'GET /healthz HTTP/1.0\r\n\r\n');
add('two Hosts', get('Host: other\r\n'));
add('two equal Hosts', get(HOST));
add('empty Host', `${GET}Host:\r\n\r\n`);
add('Host with a space', `${GET}Host: local host\r\n\r\n`);
add('Host with a slash', `${GET}Host: localhost/x\r\n\r\n`);
add('Host with a user', `${GET}Host: user@localhost\r\n\r\n`);

// Keeping the connection.
for (const [name, line] of [
  ['Connection: close', 'Connection: close'],
  ['Connection: Close in a list', 'Connection: x, Close'],
  ['Connection: keep-alive', 'Connection: keep-alive'],
  ['Connection: keep-alive, close', 'Connection: keep-alive, close'],
  ['Connection: closed', 'Connection: closed'],
  ['Connection: empty', 'Connection:'],
  ['Connection: upgrade without Upgrade', 'Connection: upgrade'],
  ['Upgrade without Connection', 'Upgrade: websocket'],
  ['Upgrade and Connection', 'Connection: upgrade\r\nUpgrade: websocket'],
  ['Proxy-Connection: close', 'Proxy-Connection: close'],
]) add(name, get(`${line}\r\n`));
add('HTTP/1.0 with keep-alive', `GET /healthz HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\n`);
add('HTTP/1.0 with keep-alive and close',
    `GET /healthz HTTP/1.0\r\n${HOST}Connection: keep-alive\r\nConnection: close\r\n\r\n`);

// Expectations.
add('Expect: 100-continue', post('Expect: 100-continue\r\nContent-Length: 2\r\n', 'ab'));
add('Expect: 100-Continue', post('Expect: 100-Continue\r\nContent-Length: 2\r\n', 'ab'));
add('Expect: something else', post('Expect: payment\r\nContent-Length: 2\r\n', 'ab'));
add('Expect: 100-continue without a body', get('Expect: 100-continue\r\n'));

// Lengths.
const length = (value) => post(`Content-Length: ${value}\r\n`, 'hello');
add('length', length('5'));
add('no length', post('', ''));
add('no length, but a body', post('', 'hello'));
add('length of 0', post('Content-Length: 0\r\n', ''));
add('length of 000', post('Content-Length: 000\r\n', ''));
add('length of 0, but a body', post('Content-Length: 0\r\n', 'hello'));
add('length of a GET', `${GET}${HOST}Content-Length: 5\r\n\r\nhello`);
add('length that is too short', length('4'));
add('length that is too long', length('5000'));
add('line end after a body', post('Content-Length: 5\r\n', 'hello\r\n'));
add('line feed after a body', post('Content-Length: 5\r\n', 'hello\n'));
add('spaces around a length', post('Content-Length:  5  \r\n', 'hello'));
add('tabs around a length', post('Content-Length:\t5\t\r\n', 'hello'));
for (const value of ['+5', '-5', '5, 5', '5,5', '0x5', '5.0', '5 5', '5;', '5a', 'a', '"5"', '05', '0000000000000000000005',
  '18446744073709551615', '18446744073709551616', '99999999999999999999', '5\0', '\xb2']) {
  add(`length of ${JSON.stringify(value)}`, length(value));
}
add('empty length', length(''));
add('blank length', length('   '));
add('two equal lengths', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'));
add('two lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'));
add('length and space before its colon', post('Content-Length : 5\r\n', 'hello'));
add('length in a continued line', post('Content-Length:\r\n 5\r\n', 'hello'));
add('length of a name with an underscore', post('Content_Length: 5\r\n', ''));

// Codings.
const WIKI = '4\r\nwiki\r\n0\r\n\r\n';
const coded = (lines) => post(lines, WIKI);
for (const value of ['chunked', 'Chunked', 'CHUNKED', ' chunked ', 'chunked, chunked', 'chunked,chunked', 'gzip, chunked', 'gzip,chunked',
  'gzip', 'identity', 'chunked, gzip', 'chunked, identity', 'identity, chunked', 'xchunked', 'chunkedx', 'chunked;q=1',
  '"chunked"', 'chunked,', ',chunked', 'chunked ,', 'chunk', 'chunked\0', '\x0bchunked', 'gzip chunked', 'chunked chunked',
  'gzip, chunked, chunked']) {
  add(`coding ${JSON.stringify(value)}`, coded(`Transfer-Encoding: ${value}\r\n`));
}
add('empty coding', coded('Transfer-Encoding:\r\n'));
add('coding without a space', coded('Transfer-Encoding:chunked\r\n'));
add('coding after a tab', coded('Transfer-Encoding:\tchunked\r\n'));
add('two codings in two lines', coded('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n'));
add('two lines of chunked', coded('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'));
add('chunked and then identity', coded('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n'));
add('coding and length', coded('Transfer-Encoding: chunked\r\nContent-Length: 14\r\n'));
add('length and coding', coded('Content-Length: 14\r\nTransfer-Encoding: chunked\r\n'));
add('coding and length of 0', coded('Transfer-Encoding: chunked\r\nContent-Length: 0\r\n'));
add('identity and length', post('Transfer-Encoding: identity\r\nContent-Length: 5\r\n', 'hello'));
add('space before the colon of a coding', coded('Transfer-Encoding : chunked\r\n'));
add('coding in a continued line', coded('Transfer-Encoding:\r\n chunked\r\n'));
add('coding of a name with an underscore', post('Transfer_Encoding: chunked\r\n', ''));
add('coding in HTTP/1.0', coded('Transfer-Encoding: chunked\r\n').replace('HTTP/1.1', 'HTTP/1.0'));
add('coding of a GET', `${GET}${HOST}Transfer-Encoding: chunked\r\n\r\n${WIKI}`);

// Chunks.
for (const [name, body] of [
  ['chunks', WIKI],
  ['two chunks', '4\r\nwiki\r\n5\r\npedia\r\n0\r\n\r\n'],
  ['no chunk but the last', '0\r\n\r\n'],
  ['several zeros as the last chunk', '000\r\n\r\n'],
  ['size in upper case', 'A\r\n0123456789\r\n0\r\n\r\n'],
  ['size in lower case', 'a\r\n0123456789\r\n0\r\n\r\n'],
  ['size with zeros before it', '0004\r\nwiki\r\n0\r\n\r\n'],
  ['size of 16 digits', '0000000000000004\r\nwiki\r\n0\r\n\r\n'],
  ['size of 17 digits', '00000000000000004\r\nwiki\r\n0\r\n\r\n'],
  ['size of 40 digits', `${'0'.repeat(39)}4\r\nwiki\r\n0\r\n\r\n`],
  ['size of 2^64 - 1', 'ffffffffffffffff\r\nwiki\r\n0\r\n\r\n'],
  ['size above 2^64', '10000000000000004\r\nwiki\r\n0\r\n\r\n'],
  ['empty size', '\r\nwiki\r\n0\r\n\r\n'],
  ['empty size after a chunk', '4\r\nwiki\r\n\r\n0\r\n\r\n'],
  ['blank size', ' \r\nwiki\r\n0\r\n\r\n'],
  ['blank size after a chunk', '4\r\nwiki\r\n \r\n\r\n'],
  ['space before a size', ' 4\r\nwiki\r\n0\r\n\r\n'],
  ['space after a size', '4 \r\nwiki\r\n0\r\n\r\n'],
  ['space after the last size', '4\r\nwiki\r\n0 \r\n\r\n'],
  ['tab after a size', '4\t\r\nwiki\r\n0\r\n\r\n'],
  ['size with a sign', '+4\r\nwiki\r\n0\r\n\r\n'],
  ['size below zero', '-4\r\nwiki\r\n0\r\n\r\n'],
  ['size with 0x', '0x4\r\nwiki\r\n0\r\n\r\n'],
  ['size with an underscore', '0_4\r\nwiki\r\n0\r\n\r\n'],
  ['size with a space within', '0 4\r\nwiki\r\n0\r\n\r\n'],
  ['size that is no number', 'g\r\nwiki\r\n0\r\n\r\n'],
  ['size with NUL', '4\0\r\nwiki\r\n0\r\n\r\n'],
  ['line feed after a size', '4\nwiki\r\n0\r\n\r\n'],
  ['carriage return alone after a size', '4\rwiki\r\n0\r\n\r\n'],
  ['two carriage returns after a size', '4\r\r\nwiki\r\n0\r\n\r\n'],
  ['line feed after a chunk', '4\r\nwiki\n0\r\n\r\n'],
  ['carriage return alone after a chunk', '4\r\nwiki\r0\r\n\r\n'],
  ['nothing after a chunk', '4\r\nwiki0\r\n\r\n'],
  ['chunk longer than its size', '4\r\nwikix\r\n0\r\n\r\n'],
  ['chunk shorter than its size', '5\r\nwiki\r\n0\r\n\r\n'],
  ['line feed after the last size', '4\r\nwiki\r\n0\n\r\n'],
  ['line feed as the end', '4\r\nwiki\r\n0\r\n\n'],
  ['no end', '4\r\nwiki\r\n0\r\n'],
  ['no last chunk', '4\r\nwiki\r\n'],
  ['extension', '4;a=b\r\nwiki\r\n0\r\n\r\n'],
  ['extension without a value', '4;a\r\nwiki\r\n0\r\n\r\n'],
  ['two extensions', '4;a=b;c=d\r\nwiki\r\n0\r\n\r\n'],
  ['extension in quotes', '4;a="b c"\r\nwiki\r\n0\r\n\r\n'],
  ['extension with an escape in quotes', '4;a="b\\"c"\r\nwiki\r\n0\r\n\r\n'],
  ['extension with a quote that does not end', '4;a="b\r\nwiki\r\n0\r\n\r\n'],
  ['extension with text after the quotes', '4;a="b"c\r\nwiki\r\n0\r\n\r\n'],
  ['extension of the last chunk', '4\r\nwiki\r\n0;a=b\r\n\r\n'],
  ['space before an extension', '4 ;a=b\r\nwiki\r\n0\r\n\r\n'],
  ['space within an extension', '4; a=b\r\nwiki\r\n0\r\n\r\n'],
  ['space after an extension', '4;a=b \r\nwiki\r\n0\r\n\r\n'],
  ['empty extension', '4;\r\nwiki\r\n0\r\n\r\n'],
  ['extension without a name', '4;=b\r\nwiki\r\n0\r\n\r\n'],
  ['extension with an empty value', '4;a=\r\nwiki\r\n0\r\n\r\n'],
  ['two equals signs in an extension', '4;a=b=c\r\nwiki\r\n0\r\n\r\n'],
  ['extension before its size', ';a=b\r\nwiki\r\n0\r\n\r\n'],
  ['NUL in an extension', '4;a\0b\r\nwiki\r\n0\r\n\r\n'],
  ['NUL in quotes in an extension', '4;a="\0"\r\nwiki\r\n0\r\n\r\n'],
  ['control character in an extension', '4;a\x01b\r\nwiki\r\n0\r\n\r\n'],
  ['tab in an extension', '4;a\tb\r\nwiki\r\n0\r\n\r\n'],
  ['byte above ASCII in an extension', '4;a=\xe4\r\nwiki\r\n0\r\n\r\n'],
  ['byte above ASCII in quotes in an extension', '4;a="\xe4"\r\nwiki\r\n0\r\n\r\n'],
  ['line feed in an extension', '4;a\nwiki\r\n0\r\n\r\n'],
  ['line feed within an extension', '4;a\nb\r\nwiki\r\n0\r\n\r\n'],
  ['carriage return within an extension', '4;a\rb\r\nwiki\r\n0\r\n\r\n'],
  ['extension of 250 bytes', `4;${'a'.repeat(250)}\r\nwiki\r\n0\r\n\r\n`],
  ['extension of 8,000 bytes', `4;${'a'.repeat(8000)}\r\nwiki\r\n0\r\n\r\n`],
  ['extension of 20,000 bytes', `4;${'a'.repeat(20_000)}\r\nwiki\r\n0\r\n\r\n`],
  ['extensions of 20,000 bytes in all', `${`1;${'a'.repeat(200)}\r\na\r\n`.repeat(100)}0\r\n\r\n`],
  ['trailer', '4\r\nwiki\r\n0\r\nx-sum: 1\r\n\r\n'],
  ['two trailers', '4\r\nwiki\r\n0\r\na: 1\r\nb: 2\r\n\r\n'],
  ['trailer ended by a line feed', '4\r\nwiki\r\n0\r\na: 1\n\r\n'],
  ['trailers ended by line feeds', '4\r\nwiki\r\n0\r\na: 1\n\n'],
  ['trailer without a colon', '4\r\nwiki\r\n0\r\na\r\n\r\n'],
  ['trailer with a space before the colon', '4\r\nwiki\r\n0\r\na : 1\r\n\r\n'],
  ['trailer with NUL', '4\r\nwiki\r\n0\r\na: \0\r\n\r\n'],
  ['trailer with a space before it', '4\r\nwiki\r\n0\r\n a: 1\r\n\r\n'],
  ['continued trailer', '4\r\nwiki\r\n0\r\na: 1\r\n b\r\n\r\n'],
  ['trailer with a length', '4\r\nwiki\r\n0\r\nContent-Length: 3\r\n\r\n'],
  ['trailer with a coding', '4\r\nwiki\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['trailer with an odd coding', '4\r\nwiki\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ['trailer with a bad length', '4\r\nwiki\r\n0\r\nContent-Length: x\r\n\r\n'],
  ['trailer with a Host', '4\r\nwiki\r\n0\r\nHost: other\r\n\r\n'],
  ['trailers of 20,000 bytes', `4\r\nwiki\r\n0\r\na: ${'b'.repeat(20_000)}\r\n\r\n`],
]) add(`in chunks: ${name}`, chunked(body));
