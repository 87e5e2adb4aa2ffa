// Runs both bundles in Node and looks at what comes out; with --redos, shows also that Node is
// kept busy by the malformed page until it is killed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const here = dirname(fileURLToPath(import.meta.url));
const input = (name) => JSON.parse(readFileSync(join(here, 'inputs', name), 'utf8'));
const bundle = (name) => join(here, 'bundles', `${name}.js`);

const { default: list } = await import(bundle('handlebars-list'));
const rendered = list(input('list.json'));
assert.match(rendered, /<h1>Boats &amp; tackle<\/h1>/);
assert.match(rendered, /Rope &lt;12 mm&gt;, 30 m<\/span> <b>48\.00<\/b>/);
assert.match(list({ title: 'None', items: [] }), /Nothing to list/);
console.log(`handlebars-list: ${rendered.length} characters rendered`);

const { default: minify } = await import(bundle('html-minifier'));
const page = input('page.json');
const minified = minify(page);
assert.ok(minified.length < page.html.length * 0.7, 'the page gets shorter');
assert.match(minified, /^<!doctype html><html lang=en>/);
assert.match(minified, /body\{margin:0;color:#222/);
assert.throws(() => minify({ ...page, options: { minifyJS: true } }), /options\.minifyJS/);
console.log(`html-minifier: ${page.html.length} characters in, ${minified.length} out`);

if (process.argv.includes('--redos')) {
  const seconds = 10;
  const source = `
    const { workerData } = require('node:worker_threads');
    import(workerData.bundle).then((script) => script.default(workerData.input));`;
  const worker = new Worker(source, {
    eval: true,
    workerData: { bundle: bundle('html-minifier'), input: input('redos.json') },
  });
  const ended = await Promise.race([
    new Promise((resolve) => worker.once('exit', () => resolve(true))),
    new Promise((resolve) => setTimeout(resolve, seconds * 1000, false)),
  ]);
  await worker.terminate();
  assert.ok(!ended, `redos.json should take longer than ${seconds} s`);
  console.log(`html-minifier: still busy with redos.json after ${seconds} s, and killed`);
}
