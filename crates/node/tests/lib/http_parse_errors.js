'use strict';
// What `clientError` tells of requests that cannot be parsed: the code, and where in the piece that came last.

const assert = require('assert');
const http = require('http');
const net = require('net');

const POST = 'POST / HTTP/1.1\r\n';
const CHUNKED = `${POST}Host: a\r\nTransfer-Encoding: chunked\r\n\r\n`;

// Each request's pieces, which are sent one after the other, with the code, how much is right, and the index of the
// last piece that the server was given.
const requests = [
  [['FOO / HTTP/1.1\r\nHost: a\r\n\r\n'], 'HPE_INVALID_METHOD', 1],
  [['get / HTTP/1.1\r\nHost: a\r\n\r\n'], 'HPE_INVALID_METHOD', 0],
  [['\x16\x03\x01\x02\x00'], 'HPE_INVALID_METHOD', 0],
  [['HTTP/1.1 200 OK\r\n\r\n'], 'HPE_INVALID_METHOD', 1],
  [['SETX'], 'HPE_INVALID_METHOD', 3],
  [['\r\n\r\nFOO'], 'HPE_INVALID_METHOD', 5],
  [['GETX / HTTP/1.1\r\n'], 'HPE_INVALID_METHOD', 3],
  [['FLUSH / HTTP/1.1\r\n\r\n'], 'HPE_INVALID_CONSTANT', 12],
  [['GET / ICE/1.0\r\n'], 'HPE_INVALID_CONSTANT', 9],
  [['GET / HTXP/1.1\r\n'], 'HPE_INVALID_CONSTANT', 8],
  [['GET /a b HTTP/1.1\r\n'], 'HPE_INVALID_CONSTANT', 7],
  [['GET / HTTP/9.9\r\n'], 'HPE_INVALID_VERSION', 14],
  [['GET / HTTP/1.x\r\n'], 'HPE_INVALID_VERSION', 13],
  [['GET / HTTP/1x1\r\n'], 'HPE_INVALID_VERSION', 12],
  [['GET / HTTP/1.1\nHost: a\n\n'], 'HPE_INVALID_VERSION', 15],
  [['GET / HTTP/1.1\rHost: a\r\r'], 'HPE_STRICT', 15],
  [['GET /\x01 HTTP/1.1\r\n'], 'HPE_INVALID_URL', 5],
  [['GET  HTTP/1.1\r\n'], 'HPE_INVALID_URL', 9],
  [['GET x HTTP/1.1\r\n'], 'HPE_INVALID_URL', 6],
  [['GET /?\x01 HTTP/1.1\r\n'], 'HPE_INVALID_URL', 6],
  [['GET /#\x01 HTTP/1.1\r\n'], 'HPE_INVALID_URL', 6],
  [['GET / HTTP/1.1\r\n A: b\r\n\r\n'], 'HPE_UNEXPECTED_SPACE', 17],
  [['GET / HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n'], 'HPE_INVALID_HEADER_TOKEN', 26],
  [['GET / HTTP/1.1\r\nHost: a\r\nAB\r\n\r\n'], 'HPE_INVALID_HEADER_TOKEN', 27],
  [['GET / HTTP/1.1\r\nHost: a\r\nA: b\x01c\r\n\r\n'], 'HPE_INVALID_HEADER_TOKEN', 29],
  [[`${POST}A: b\r\n c\r\n\r\n`], 'HPE_INVALID_HEADER_TOKEN', 23],
  [[`${POST}A:\r\n c\r\n\r\n`], 'HPE_INVALID_HEADER_TOKEN', 22],
  [[`${POST}Host: a\r\n\n`], 'HPE_INVALID_HEADER_TOKEN', 27],
  [[`${POST}Content-Length : 1\r\n\r\n`], 'HPE_INVALID_HEADER_TOKEN', 32],
  [[`${POST}A: b\nC: d\r\n\r\n`], 'HPE_CR_EXPECTED', 21],
  [[`${POST}A: b\rC: d\r\n\r\n`], 'HPE_LF_EXPECTED', 22],
  [[`${POST}A: b\r\n\rX`], 'HPE_STRICT', 24],
  [[`${POST}Content-Length: \r\n\r\n`], 'HPE_INVALID_CONTENT_LENGTH', 35],
  [[`${POST}Content-Length: 12x\r\n\r\n`], 'HPE_INVALID_CONTENT_LENGTH', 35],
  [[`${POST}Content-Length: 1 2\r\n\r\n`], 'HPE_INVALID_CONTENT_LENGTH', 35],
  [[`${POST}Content-Length: 99999999999999999999999\r\n\r\n`], 'HPE_INVALID_CONTENT_LENGTH', 53],
  [[`${POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`], 'HPE_UNEXPECTED_CONTENT_LENGTH', 52],
  [[`${POST}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`], 'HPE_INVALID_CONTENT_LENGTH', 60],
  [[`${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`], 'HPE_INVALID_TRANSFER_ENCODING', 54],
  [[`${POST}Transfer-Encoding: \r\n\r\n`], 'HPE_INVALID_TRANSFER_ENCODING', 38],
  [[`${POST}Transfer-Encoding: chunked, gzip\r\n\r\n`], 'HPE_INVALID_TRANSFER_ENCODING', 44],
  [[`${POST}Transfer-Encoding: gzip\r\n\r\n`], 'HPE_INVALID_TRANSFER_ENCODING', 44],
  [[`${CHUNKED}zz`], 'HPE_INVALID_CHUNK_SIZE', 56],
  [[`${CHUNKED}1x\r\n`], 'HPE_INVALID_CHUNK_SIZE', 57],
  [[`${CHUNKED}11111111111111111\r\n`], 'HPE_INVALID_CHUNK_SIZE', 73],
  [[`${CHUNKED}1\n`], 'HPE_CR_EXPECTED', 58],
  [[`${CHUNKED}1\rx`], 'HPE_STRICT', 58],
  [[`${CHUNKED}1; a\r\n`], 'HPE_STRICT', 59],
  [[`${CHUNKED}1;a\x01\r\n`], 'HPE_STRICT', 60],
  [[`${CHUNKED}1;a="b"c\r\n`], 'HPE_STRICT', 63],
  [[`${CHUNKED}1\r\nax`], 'HPE_STRICT', 60],
  [[`${CHUNKED}1\r\na\n`], 'HPE_CR_EXPECTED', 61],
  [[`${CHUNKED}1\r\na\r\nzz`], 'HPE_INVALID_CHUNK_SIZE', 62],
  [[`${CHUNKED}0\r\nA B: c\r\n\r\n`], 'HPE_INVALID_HEADER_TOKEN', 60],
  [[`${POST}Host: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\naGET`], 'HPE_CLOSED_CONNECTION', 68],
  [['GET / HT', 'TP/1.1\r\nHost: a\r\nA B: c\r\n\r\n'], 'HPE_INVALID_HEADER_TOKEN', 18],
  [[CHUNKED, '1\r\na\r\n', 'zz'], 'HPE_INVALID_CHUNK_SIZE', 0],
  [[`${CHUNKED}1`, '\r\na\r\n', '\r\nzz'], 'HPE_INVALID_CHUNK_SIZE', 0],
  [[`${POST}Content-Len`, 'gth: 1', '2x\r\n\r\n'], 'HPE_INVALID_CONTENT_LENGTH', 1],
  [['GET / HTTP/1.1\r\nHos', null], 'HPE_INVALID_EOF_STATE', 0],
  [[`${POST}Host: a\r\nContent-Length: 9\r\n\r\nabc`, null], 'HPE_INVALID_EOF_STATE', 0],
];

// Once the server has answered on another connection, it has read what was sent before.
function roundTrip(port) {
  return new Promise((resolve) => {
    http.get({ port, host: '127.0.0.1', agent: false }, (res) => res.resume().on('end', resolve));
  });
}

// Sends the pieces of a request, each when the server was given the one before; null ends the connection.
async function ask(pieces) {
  let left = pieces.length;
  const server = http.createServer((req, res) => {
    req.resume().on('error', () => {}).on('end', () => res.end());
  });
  const refused = new Promise((resolve) => {
    server.on('clientError', (error, socket) => {
      socket.destroy();
      resolve(error);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = net.connect(server.address().port, '127.0.0.1').on('error', () => {}).resume();
  await new Promise((resolve) => client.on('connect', resolve));
  client.setNoDelay(true);
  for (const piece of pieces) {
    if (piece === null) client.end();
    else await new Promise((resolve) => client.write(Buffer.from(piece, 'latin1'), resolve));
    if (--left > 0) await roundTrip(server.address().port);
  }
  const error = await refused;
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return error;
}

(async () => {
  for (const [pieces, code, parsed] of requests) {
    const error = await ask(pieces);
    const last = pieces.at(-1);
    const said = [error.code, error.bytesParsed, error.rawPacket?.toString('latin1') ?? null, Object.keys(error)];
    const keys = ['bytesParsed', 'code', 'reason', ...(last === null ? [] : ['rawPacket'])];
    assert.deepStrictEqual(said, [code, parsed, last, keys], JSON.stringify(pieces));
    assert.strictEqual(error.message, last === null ? 'Parse Error' : `Parse Error: ${error.reason}`);
  }
})();
