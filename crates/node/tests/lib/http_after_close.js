'use strict';
// Bytes that stand behind a message after which the connection is closed, and behind one that nobody asked for.

const assert = require('assert');
const http = require('http');
const net = require('net');

const CLOSED = 'HPE_CLOSED_CONNECTION Parse Error: Data after `Connection: close`';
const INVALID = 'HPE_INVALID_CONSTANT Parse Error: Expected HTTP/, RTSP/ or ICE/';

// What a server says of what a client sends at once, and the statuses that the client gets.
async function asked(text) {
  const log = [];
  const server = http.createServer((req, res) => {
    req.resume().on('end', () => {
      if (req.url === '/close') res.setHeader('Connection', 'close');
      res.end('answer');
    });
  });
  server.on('clientError', (error, socket) => {
    log.push(`${error.code} ${error.message}`);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const client = net.connect(server.address().port, '127.0.0.1');
  let got = '';
  client.setEncoding('latin1').on('data', (part) => { got += part; }).on('error', () => {});
  client.write(text, 'latin1');
  await new Promise((done) => client.on('close', done));
  await new Promise((done) => server.close(done));
  return [...log, ...got.match(/HTTP\/1.1 \d+/g) ?? []];
}

const request = (path, fields = '', body = '') => `${body === '' ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`;
const close = 'Connection: close\r\n';
const refused = [CLOSED, 'HTTP/1.1 400'];
const requests = [
  [request('/1', close) + request('/2'), refused],
  [request('/1', close) + '\0what\r\n\r\n', refused],
  [request('/1', close) + '\r\n\r\n', ['HTTP/1.1 200']],
  [request('/1', close), ['HTTP/1.1 200']],
  [request('/1', `${close}Content-Length: 3\r\n`, 'abc') + request('/2'), refused],
  [request('/1', `${close}Content-Length: 3\r\n`, 'abc') + 'd', refused],
  [request('/1', `${close}Transfer-Encoding: chunked\r\n`, '1\r\na\r\n0\r\n\r\n') + 'xyz', refused],
  [`GET /1 HTTP/1.0\r\n\r\n${request('/2')}`, refused],
  [`GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${request('/2', close)}`, ['HTTP/1.1 200']],
  [request('/1', 'Connection: keep-alive, close\r\n') + request('/2'), refused],
  [request('/1', `Connection: keep-alive\r\n${close}`) + request('/2'), refused],
  [request('/1', `${close}Upgrade: x\r\n`) + request('/2'), refused],
];

// What a client says of what a server answers at once.
async function answered(text, method, agent) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(text, 'latin1'));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const log = [];
  await new Promise((done) => {
    const req = http.request({ port: server.address().port, host: '127.0.0.1', method, agent }, (res) => {
      let body = '';
      res.setEncoding('latin1').on('data', (part) => { body += part; }).on('end', () => log.push(`${res.statusCode} ${body} ${res.complete}`));
      res.on('error', (error) => log.push(`response ${error.code}`));
      res.on('close', () => setImmediate(done));
    });
    req.on('error', (error) => log.push(`${error.code} ${error.message}`));
    req.end();
  });
  agent.destroy();
  await new Promise((done) => server.close(done));
  return log;
}

const ok = (fields, body, status = 200) => `HTTP/1.1 ${status} OK\r\n${fields}\r\n${body}`;
const length = 'Content-Length: 2\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';
const responses = [
  ['GET', ok(close + length, 'abmore'), [CLOSED, '200 ab true']],
  ['GET', ok(close + length, 'ab') + ok(length, 'cd'), [CLOSED, '200 ab true']],
  ['GET', ok(close + length, 'ab\r\n\r\n'), ['200 ab true']],
  ['GET', ok(close + chunked, '1\r\na\r\n0\r\n\r\nmore'), [CLOSED, '200 a true']],
  ['GET', ok(length, 'abmore'), [INVALID, '200 ab true']],
  ['GET', ok(length, 'ab\r\n\r\n'), ['200 ab true']],
  ['GET', ok(length, 'ab') + ok(length, 'cd'), ['200 ab true']],
  ['GET', ok(close, 'more', 204), [CLOSED, '204  true']],
  ['GET', ok('', 'more', 204), [INVALID, '204  true']],
  ['GET', ok(`${close}Content-Length: 5\r\n`, 'more', 304), [CLOSED, '304  true']],
  ['GET', ok(`${close}Content-Length: 0\r\n`, 'more'), [CLOSED, '200  true']],
  ['GET', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nabmore', [CLOSED, '200 ab true']],
  ['GET', ok(close, 'all of it'), ['200 all of it true']],
  ['HEAD', ok(close + length, 'ab'), [CLOSED, '200  true']],
  ['HEAD', ok(length, 'ab'), [INVALID, '200  true']],
  ['HEAD', ok(length, ''), ['200  true']],
];

(async () => {
  for (const [text, expected] of requests) assert.deepStrictEqual(await asked(text), expected, JSON.stringify(text));
  for (const keepAlive of [false, true]) {
    for (const [method, text, expected] of responses) {
      assert.deepStrictEqual(await answered(text, method, new http.Agent({ keepAlive })), expected, `${method} ${JSON.stringify(text)}`);
    }
  }
})();
