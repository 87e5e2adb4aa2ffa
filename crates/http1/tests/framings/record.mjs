// Records what Node answers to each of the framings of cases.mjs, in table.json, and keeps what is
// said there of `serve`. With Node 24.21:
//
//     npm install --prefix target/node24 node@24.21.0
//     target/node24/node_modules/.bin/node crates/http1/tests/framings/record.mjs
//
// The bytes come one at a time, so that nothing of an answer depends on how the system cut them; `at_once` has what
// is answered where they come in one piece, if that is another: what stands behind a message that closes the
// connection is an error there, and nobody's otherwise.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { NEXT, cases } from './cases.mjs';

if (process.version !== 'v24.21.0') {
  console.error(`these are the answers of Node 24.21.0, and this is ${process.version}`);
  process.exit(1);
}
const makeServer = createRequire(import.meta.url)('./server.cjs');

/** Status and body of each answer, in their order. */
function answers(text) {
  const found = [];
  for (const part of text.split(/(?=HTTP\/1\.1 \d\d\d )/)) {
    if (part === '') continue;
    const status = part.slice(9, 12);
    const body = part.slice(part.indexOf('\r\n\r\n') + 4).replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, '');
    found.push(body === '' ? status : `${status} ${body}`);
  }
  return found;
}

async function ask(pieces, onRefused) {
  const server = makeServer(onRefused);
  let text = '';
  let closed = false;
  const socket = new Duplex({
    read() {},
    write(chunk, encoding, callback) { text += chunk.toString('latin1'); callback(); },
    final(callback) { closed = true; callback(); },
    destroy(error, callback) { closed = true; callback(error); },
  });
  socket.on('error', () => {});
  server.emit('connection', socket);
  for (const piece of pieces) {
    if (closed) break;
    socket.push(piece);
    await turn();
  }
  for (let i = 0; i < 5; i++) await turn();
  if (!closed) socket.push(null);
  for (let i = 0; i < 20; i++) await turn();
  socket.destroy();
  return answers(text);
}

const file = join(import.meta.dirname, 'table.json');
let before = [];
try {
  before = JSON.parse(readFileSync(file, 'utf8'));
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
}
const serve = new Map(before.map((row) => [row.name, row.serve]));
/** What is answered to these pieces, and what a program is told of them. */
async function answer(pieces) {
  const answered = { node: await ask(pieces) };
  await ask(pieces, (why) => { answered.why = why; });
  return answered;
}

const rows = [];
for (const { name, request } of cases) {
  const bytes = Buffer.from(request + NEXT, 'latin1');
  const row = { name, request, ...await answer(Array.from(bytes, (byte) => Buffer.of(byte))) };
  const atOnce = await answer([bytes]);
  if (!isDeepStrictEqual(atOnce, { node: row.node, ...(row.why !== undefined && { why: row.why }) })) row.at_once = atOnce;
  if (serve.get(name) !== undefined) row.serve = serve.get(name);
  rows.push(row);
}
writeFileSync(file, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
console.log(`${rows.length} answers of Node ${process.version}`);
