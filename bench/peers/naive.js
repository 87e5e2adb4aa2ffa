// A sandbox of its own for each request: safe, slow and hungry.
'use strict';
const http = require('node:http');
const vm = require('node:vm');

const port = Number(process.argv[2] || process.env.PORT || 8999);

function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

const server = http.createServer((request, response) => {
  const globals = { fibonacci, number: Math.floor(Math.random() * 20) };
  vm.runInNewContext('a = fibonacci(number)', globals);
  response.end();
});
server.listen(port, '127.0.0.1');
