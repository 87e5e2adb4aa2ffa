'use strict';
// Answers each request with what was seen of it: the method, the length of the body, the trailers.
// `onRefused` is told of messages that are none; without it they get the answer that is usual.
const http = require('http');

module.exports = function makeServer(onRefused) {
  const server = http.createServer((req, res) => {
    let length = 0;
    req.on('data', (bytes) => { length += bytes.length; });
    req.on('end', () => {
      const trailers = Object.keys(req.trailers).join();
      res.end(`${req.method} ${length}${trailers ? ` ${trailers}` : ''}`);
    });
    req.on('error', () => {});
  });
  // Who has sent everything is still answered.
  server.httpAllowHalfOpen = true;
  if (onRefused) {
    server.on('clientError', (error, socket) => {
      onRefused(`${error.code} ${error.reason}`);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
  }
  return server;
};

if (require.main === module) {
  const port = (server) => new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
  // The first one answers as usual, the second one tells why.
  const telling = module.exports((why) => console.log(why));
  Promise.all([port(module.exports()), port(telling)]).then((ports) => console.log(ports.join(' ')));
}
