'use strict';
// readline: lines, questions, iteration, and cursor sequences.
const assert = require('assert');
const readline = require('readline');
const { PassThrough } = require('stream');

// Gives whatever waits for a timer its turn so many times, however long that takes.
async function pass(turns) {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}
let done = false;

(async () => {
  const input = new PassThrough();
  const log = [];
  const lines = readline.createInterface({ input });
  lines.on('line', (line) => log.push(line));
  lines.on('close', () => log.push('closed'));
  input.write('a\nb\r');
  input.write('\nc\r\rd');
  input.write('é');
  input.end('x');
  await pass(10);
  assert.deepStrictEqual(log, ['a', 'b', 'c', '', 'déx', 'closed']);
  assert.throws(() => lines.question('x', () => {}), { code: 'ERR_USE_AFTER_CLOSE' });

  const ended = new PassThrough();
  ended.end('1\n2\n3');
  const seen = [];
  for await (const line of readline.createInterface({ input: ended, crlfDelay: Infinity })) seen.push(line);
  assert.deepStrictEqual(seen, ['1', '2', '3']);

  const asked = new PassThrough();
  const output = new PassThrough();
  const questions = readline.createInterface({ input: asked, output });
  let answer;
  questions.question('name? ', (text) => { answer = text; });
  asked.write('bob\n');
  await pass(5);
  assert.strictEqual(answer, 'bob');
  assert.strictEqual(String(output.read()), 'name? ');
  questions.close();

  const promised = require('readline/promises').createInterface({ input: new PassThrough(), output: new PassThrough() });
  setTimeout(() => promised.input.write('yes\n'), 2);
  assert.strictEqual(await promised.question('?'), 'yes');
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 2);
  await assert.rejects(promised.question('?', { signal: controller.signal }), { name: 'AbortError' });
  promised.close();

  const screen = new PassThrough();
  readline.cursorTo(screen, 1, 2);
  readline.clearLine(screen, 0);
  readline.moveCursor(screen, -1, 2);
  readline.clearScreenDown(screen);
  assert.strictEqual(String(screen.read()), '\x1b[3;2H\x1b[2K\x1b[1D\x1b[2B\x1b[0J');
  done = true;
})();
process.on('exit', () => assert(done));
