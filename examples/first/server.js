// A new context for each request: what makes Node's memory climb, and stays flat under `sandtide node`.
const http = require('http');
const vm = require('vm');

const fibonacci = (n) => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));
const port = Number(process.argv[2] ?? 8999);

http.createServer((req, res) => {
  const sandbox = { fibonacci, number: 10 };
  vm.runInNewContext('a = fibonacci(number)', sandbox);
  res.end(`${sandbox.a}\n`);
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));
