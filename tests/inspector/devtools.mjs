// Attaches the built frontend of Chrome DevTools to a program, in a headless browser, and uses it: it
// stops at a breakpoint, evaluates in the console, and takes a heap snapshot. Pictures of each step go to
// the folder that is named.
//
//   node devtools.mjs PROGRAM FOLDER

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { within } from './client.mjs';

const [program, pictures] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const frontend = join(dirname(createRequire(import.meta.url).resolve('@react-native/debugger-frontend/package.json')),
                      'dist/third-party/front_end');
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
mkdirSync(pictures, { recursive: true });

const server = createServer((request, response) => {
  const path = join(frontend, decodeURIComponent(new URL(request.url, 'http://frontend').pathname));
  if (!path.startsWith(frontend) || !existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(readFileSync(path));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const child = spawn(program, ['node', '--inspect-brk=0', join(here, 'steps.cjs')], { stdio: ['ignore', 'pipe', 'pipe'] });
let said = '';
let out = '';
child.stdout.on('data', (data) => { out += data; });
const address = await within('the port', new Promise((resolve) => {
  child.stderr.on('data', (data) => {
    said += data;
    const found = /ws:\/\/(\S+)/.exec(said);
    if (found) resolve(found[1]);
  });
}));

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ['--no-sandbox'],
  defaultViewport: { width: 1400, height: 900 },
});
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/js_app.html?ws=${address}`);

  // All texts of the page, those within components too.
  const text = () => page.evaluate(() => {
    const texts = [];
    const walk = (node) => {
      if (node.shadowRoot) walk(node.shadowRoot);
      for (const child of node.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) texts.push(child.nodeValue);
        else if (!/^(?:STYLE|SCRIPT)$/.test(child.nodeName)) walk(child);
      }
    };
    walk(document.body);
    return texts.join(' ').replace(/\s+/g, ' ');
  });
  const shows = async (wanted, what) => {
    const until = Date.now() + 60_000;
    while (!wanted.test(await text())) {
      if (Date.now() > until) throw new Error(`${what} is not shown:\n${await text()}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    console.log(`shown: ${what}`);
  };
  const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
  const find = (selector) => page.waitForSelector(`>>> ${selector}`, { timeout: 60_000 });

  await shows(/Debugger paused/, 'that the program is stopped');
  await shows(/steps\.cjs:4/, 'the first statement');
  await picture('1-stopped-at-the-start');

  // A breakpoint by a click on the number of its line.
  await shows(/return sum/, 'the source');
  const lines = await page.$$('>>> .cm-lineNumbers .cm-gutterElement');
  for (const line of lines) {
    if (await line.evaluate((node) => node.textContent.trim() === '7')) await line.click();
  }
  await shows(/steps\.cjs.{0,40}return sum/, 'the breakpoint in its list');
  await page.keyboard.press('F8');
  await shows(/add steps\.cjs:7/, 'the stop at the breakpoint');
  await shows(/sum : 5/, 'the value of a variable');
  await picture('2-stopped-at-a-breakpoint');

  // The console, at the stop.
  await (await find('[aria-label="Console"][role="tab"]')).click();
  await (await find('.console-prompt-editor-container, .cm-content[aria-label="Console prompt"]')).click();
  await page.keyboard.type('`value is ${sum * 100}`');
  await page.keyboard.press('Enter');
  await shows(/value is 500/, 'what the console evaluated at the stop');
  await picture('3-console');

  await (await find('[aria-label="Sources"][role="tab"]')).click();
  await shows(/Paused on breakpoint/, 'that the program is still stopped');
  await page.keyboard.press('F8');
  await within('the end of the loop', new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!out.includes('done')) return;
      clearInterval(timer);
      resolve();
    }, 50);
  }));

  // A heap snapshot.
  await (await find('[aria-label="Memory"][role="tab"]')).click();
  await (await find('devtools-button[aria-label*="snapshot" i], button[aria-label*="snapshot" i]')).click();
  await shows(/PlantedShape/, 'a constructor in the heap snapshot');
  await shows(/Retained Size/, 'retained sizes');
  await picture('4-heap-snapshot');
} finally {
  await browser.close();
  child.kill('SIGKILL');
  server.close();
}
process.exit(0);
