// One sandbox object for every request, so it is made into a context once; the source is still
// handed over as text each time. What one request writes, the next one reads.
'use strict';
const http = require('node:http');
const vm = require('node:vm');

const port = Number(process.argv[2] || process.env.PORT || 8999);

function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

const globals = { fibonacci, number: 10 };

const server = http.createServer((request, response) => {
  globals.number = Math.floor(Math.random() * 20);
  vm.runInNewContext('a = fibonacci(number)', globals);
  response.end();
});
server.listen(port, '127.0.0.1');
