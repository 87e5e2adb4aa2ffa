// Has a headless browser use the web page of a server as people do, and fails where something is not shown, where the
// browser complains, where an element cannot be reached or read, or where anything is asked of another host. Pictures of
// each step go to the folder that is named.
//
//   node page.mjs PROGRAM FOLDER

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [program, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
mkdirSync(pictures, { recursive: true });
const cleanUp = [];

/** A server on a free port: its address and what it said. */
async function serve(...options) {
  const child = spawn(program, ['serve', '--listen', '127.0.0.1:0', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanUp.push(() => child.kill());
  let said = '';
  const address = await new Promise((resolve, reject) => {
    const read = (data) => {
      said += data;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => reject(new Error(`the server ended:\n${said}`)));
  });
  return { address, said: () => said };
}

async function ask(method, url, body, headers = {}) {
  const response = await fetch(url, { method, body, headers });
  return { status: response.status, json: await response.json().catch(() => undefined) };
}

const deploy = (address, name, source) => ask('PUT', `${address}/v1/scripts/${name}`, source, { 'content-type': 'text/javascript' });

/** A page that notes what the browser complains of, and what it asked of whom. */
async function open(browser, address, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.stack));
  page.on('console', (message) => {
    // A refusal is an answer, which the page shows; the browser logs it as a failed load.
    if (message.type() === 'error' && !/status of (401|422)/.test(message.text())) page.complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${address}/`) && !request.url().startsWith('data:')) page.complaints.push(`it asked for ${request.url()}`);
  });
  return page;
}

async function check(page, name) {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  // The page's policy keeps scripts out of it that are put there as elements; this one comes from the debugger.
  const found = await page.evaluate(`(() => { ${axe}; return globalThis.axe.run(document, { resultTypes: ['violations'] }); })()`);
  const violations = found.violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => `${node.target}: ${node.failureSummary}`).join('\n  ')}`);
  assert.deepEqual(violations, [], `${name} is not accessible`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${name} is ${over} pixels wider than its window`);
  assert.deepEqual(page.complaints, [], `the browser complains in ${name}`);
  console.log(`ok: ${name}`);
}

const shows = (page, text, within = 'main') => page.locator(within).getByText(text).first().waitFor();

/** Sources whose lines are the page's own, were they ever read as HTML. */
const HOSTILE = '<img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script>';

async function views(page, address) {
  await page.goto(`${address}/ui`);
  await shows(page, 'Scripts by use');
  await page.getByRole('link', { name: 'price-rules' }).first().waitFor();
  // Three readings make a line.
  for (const title of ['Runs', 'Latency', 'Memory', 'CPU of runs']) {
    await page.locator('.chart', { has: page.getByRole('heading', { name: title, exact: true }) }).locator('path.line.c0[d*="L"]').waitFor({ state: 'attached' });
  }
  await shows(page, 'ERR_EXCEPTION');
}

async function inTheLight(browser, address) {
  const page = await open(browser, address, { viewport: { width: 1280, height: 900 } });
  await views(page, address);
  const tile = page.locator('.tile', { hasText: 'Memory' }).locator('b');
  assert.match(await tile.textContent(), /^[\d.,]+ MB$/);
  await check(page, 'light-overview');
  await page.getByText('Figures').first().click();
  await page.locator('.chart tbody tr').nth(1).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();

  // First paint: what the browser itself measured, each time with nothing kept.
  const paints = [];
  for (let i = 0; i < 5; i += 1) {
    const fresh = await open(browser, address, {});
    await fresh.goto(`${address}/ui#/errors`);
    await fresh.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
    paints.push(await fresh.evaluate(() => Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)));
    await fresh.context().close();
  }
  console.log(`first contentful paint: ${paints.join(', ')} ms`);

  await page.getByRole('navigation').getByText('Scripts').click();
  await page.getByRole('link', { name: 'price-rules' }).click();
  await shows(page, '2 added, 1 removed');
  await page.locator('.row.more', { hasText: 'const rush = 2;' }).waitFor();
  await check(page, 'light-script');
  const answers = async () => (await ask('GET', `${address}/v1/scripts/price-rules`)).json.version;
  const latter = await answers();
  await page.locator('#roll-back').click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await answers(), latter, 'it was rolled back though nobody wanted it');
  await page.locator('#roll-back').click();
  await check(page, 'light-roll-back');
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await shows(page, /answers now/);
  assert.notEqual(await answers(), latter);
  await page.getByRole('button', { name: `Activate ${latter.slice(0, 10)}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
  await shows(page, `${latter.slice(0, 10)} answers now.`);
  assert.equal(await answers(), latter);

  // A canary with what both versions came to, and schedules with their last runs.
  const at = `${address}/v1/scripts/price-rules`;
  const { versions } = (await ask('GET', `${at}/versions`)).json;
  const former = versions.find((one) => one.version !== latter).version;
  const asJson = { 'content-type': 'application/json' };
  await ask('PUT', `${at}/canary`, JSON.stringify({ version: former, percent: 25 }), asJson);
  await ask('PUT', `${at}/schedules/nightly`, JSON.stringify({ cron: '0 4 * * *', time_zone: 'Europe/Berlin' }), asJson);
  await page.goto(`${address}/ui#/scripts`);
  await page.getByRole('link', { name: 'price-rules' }).click();
  await page.getByRole('region', { name: 'Canary' }).getByText('25 %').waitFor();
  await page.getByRole('region', { name: 'Schedules' }).getByText('0 4 * * *').waitFor();
  await check(page, 'light-canary');
  await page.locator('#end-canary').click();
  await page.getByRole('dialog').getByRole('button', { name: 'End the canary' }).click();
  await shows(page, 'The canary has ended.');
  assert.equal(await page.locator('#end-canary').count(), 0);
  assert.equal((await ask('GET', `${at}/canary`)).json.code, 'ERR_CANARY_NOT_FOUND');
  await ask('DELETE', `${at}/schedules/nightly`);

  await page.getByRole('navigation').getByText('Errors').click();
  await page.locator('summary', { hasText: 'price-rules' }).click();
  await page.locator('.row.marked', { hasText: 'return order.total.amount' }).waitFor();
  await shows(page, /at price \(price-rules\.js:2/);
  await page.locator('summary', { hasText: '<img' }).waitFor();
  await check(page, 'light-errors');
  assert.equal(await page.evaluate(() => globalThis.broken), undefined, 'a script’s text became part of the page');
  await page.context().close();
}

async function playground(browser, address) {
  const page = await open(browser, address, { viewport: { width: 1280, height: 900 } });
  await page.goto(`${address}/ui#/playground`);
  await page.locator('#run').click();
  await shows(page, '"discount": 0.1');
  await shows(page, '2 items, 105 in all');
  await shows(page, 'The heap is where it was, to the byte.');
  await check(page, 'light-playground');
  const sizes = async () => (await page.locator('.memory dd b').allTextContents()).map(parseFloat);

  await page.locator('#example').selectOption('Memory that is given back');
  await page.locator('#run').click();
  await shows(page, '20000');
  const [before, peak, after] = await page.locator('.memory dd b').allTextContents();
  assert.match(peak, / MB$/);
  assert.match(before, / kB$/);
  assert.equal(after, before);
  assert.equal((await sizes()).length, 3);
  await check(page, 'light-playground-memory');

  await page.locator('#example').selectOption('An error with its line');
  await page.locator('#run').click();
  await page.locator('.under .row.marked', { hasText: 'return item.price.amount' }).waitFor();
  await check(page, 'light-playground-error');
  await page.locator('#source').fill('const = 1');
  assert.equal(await page.locator('.under .row.marked').count(), 0);
  await page.locator('#source').press('Control+Enter');
  await shows(page, 'ERR_SYNTAX');
  await page.locator('.under .row.marked', { hasText: 'const = 1' }).waitFor();

  await page.locator('#example').selectOption('A function of its input');
  await page.locator('#run').click();
  await shows(page, /"Hello ADA \([0-9a-f]{8}\), visit 3"/);
  await page.locator('#input').fill('{"name": ');
  await page.locator('#run').click();
  assert.equal(await page.locator('#input').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'input');
  await page.locator('#example').selectOption('A loop without an end');
  await page.locator('#run').click();
  await shows(page, /ERR_(CPU|WALL)_TIME_LIMIT/);

  await page.locator('#language').selectOption('TypeScript');
  await page.locator('#source').fill(`const text: string = ${JSON.stringify(HOSTILE)};\nconsole.warn(text);\ntext`);
  await page.locator('#run').click();
  await page.locator('.logs .warn', { hasText: '<img' }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.broken), undefined, 'a script’s text became part of the page');

  await page.locator('#deploy-name').fill('made-here');
  await page.getByRole('button', { name: 'Deploy' }).click();
  await page.getByRole('link', { name: 'made-here' }).click();
  await page.getByRole('heading', { name: 'made-here' }).waitFor();
  await page.getByRole('link', { name: 'Open in the playground' }).click();
  await page.waitForFunction(() => document.getElementById('source')?.value.startsWith('const text: string'));
  assert.equal(await page.locator('#language').inputValue(), 'typescript');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

async function point(browser, address) {
  const page = await open(browser, address, { viewport: { width: 1280, height: 900 } });
  await page.goto(`${address}/ui#/point`);
  await page.locator('.chart path.line.c1[d*="L"]').waitFor({ state: 'attached' });
  assert.equal(await page.locator('.chart path.line.c0[d*="L"]').count(), 0, 'a live curve is drawn before anything ran');
  const runs = async () => (await ask('GET', `${address}/healthz`)).json.runs;
  const before = await runs();
  await page.getByRole('button', { name: 'Run the load here' }).click();
  await shows(page, /runs, each in a fresh sandbox\. None found anything of another\./);
  const told = Number((await page.locator('tr', { hasText: 'Runs' }).last().locator('td').first().textContent()).replaceAll(',', ''));
  assert.ok(told > 0 && (await runs()) - before >= told, 'the runs that are told were not run');
  await page.locator('.chart path.line.c0[d*="L"]').waitFor({ state: 'attached' });
  await check(page, 'light-point');
  await page.context().close();
}

async function byKeyboard(browser, address) {
  const page = await open(browser, address, { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
  await page.goto(`${address}/ui#/playground`);
  await page.locator('#run').waitFor();
  const focused = () => page.evaluate(() => {
    const { activeElement: at } = document;
    const style = getComputedStyle(at);
    return { what: at.id || at.textContent.trim(), seen: at.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
  });
  const way = [];
  for (let i = 0; i < 20 && way.at(-1) !== 'run'; i += 1) {
    await page.keyboard.press('Tab');
    const { what, seen } = await focused();
    assert.ok(seen, `it cannot be seen that ${what} has the focus`);
    way.push(what);
  }
  assert.deepEqual(way, ['Skip to the content', 'Sandtide', 'Overview', 'Scripts', 'Errors', 'Playground', 'Why', 'tenant', 'token',
    'example', 'language', 'source', 'globals', 'input', 'globals-back', 'run']);
  await page.keyboard.press('Enter');
  await shows(page, '"discount": 0.1');
  await page.context().close();
}

async function onAPhoneInTheDark(browser, address) {
  for (const [kind, options] of [
    ['phone', { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }],
    ['dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
    ['phone-dark', { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: 'dark' }],
  ]) {
    const page = await open(browser, address, options);
    await views(page, address);
    await check(page, `${kind}-overview`);
    await page.goto(`${address}/ui#/scripts/price-rules`);
    await shows(page, '2 added, 1 removed');
    await check(page, `${kind}-script`);
    await page.goto(`${address}/ui#/errors`);
    await page.locator('summary', { hasText: 'price-rules' }).click();
    await page.locator('.row.marked').waitFor();
    await check(page, `${kind}-errors`);
    await page.goto(`${address}/ui#/playground`);
    await page.locator('#example').selectOption('An error with its line');
    await page.locator('#run').click();
    await page.locator('.under .row.marked').waitFor();
    await check(page, `${kind}-playground`);
    await page.goto(`${address}/ui#/point`);
    await page.locator('.chart path.line.c1[d*="L"]').waitFor({ state: 'attached' });
    await check(page, `${kind}-point`);
    await page.context().close();
  }
}

async function withTokens(browser) {
  const data = mkdtempSync(join(tmpdir(), 'sandtide-ui-'));
  cleanUp.push(() => rmSync(data, { recursive: true, force: true }));
  const { address, said } = await serve('--data', join(data, 'kept'), '--require-tokens');
  const token = () => /sandtide_[\w-]+/.exec(said())?.[0];
  while (!token()) await new Promise((resolve) => setTimeout(resolve, 10));
  const page = await open(browser, address, { viewport: { width: 1280, height: 900 } });
  await page.goto(`${address}/ui`);
  await page.getByRole('dialog').waitFor();
  await check(page, 'light-token');
  await page.locator('#token-field').fill('sandtide_wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText(/not good/).waitFor();
  await page.locator('#token-field').fill(token());
  await page.getByRole('button', { name: 'Use it' }).click();
  await shows(page, 'No tenant has a script yet.');
  const kept = await page.evaluate(() => ({ session: Object.values(sessionStorage), others: [localStorage.length, document.cookie] }));
  assert.deepEqual(kept, { session: [token()], others: [0, ''] });
  // In the name of a tenant.
  await page.locator('#tenant').fill('harbour');
  await page.locator('#tenant').press('Enter');
  await shows(page, 'harbour has no scripts yet.');
  await ask('PUT', `${address}/v1/scripts/of-harbour`, '1', { 'content-type': 'text/javascript', authorization: `Bearer ${token()}`, 'sandtide-tenant': 'harbour' });
  await page.getByRole('navigation').getByText('Scripts').click();
  await page.getByRole('link', { name: 'of-harbour' }).waitFor();
  await page.locator('#token').click();
  await page.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('dialog').getByText('Requests to this server bear a token.').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem('sandtide-token')), null);
  assert.deepEqual(page.complaints, []);
  console.log('ok: tokens');
  await page.context().close();
}

async function all() {
  const { address } = await serve('--in-memory', '--totals');
  const rules = 'function price(order) {\n  return order.total.amount;\n}\n';
  await deploy(address, 'price-rules', `${rules}price(globalThis.order ?? {});\n`);
  await deploy(address, 'price-rules', `${rules}const rush = 2;\nprice(globalThis.order ?? {}) * rush;\n`);
  await deploy(address, 'webhook-transform', 'export default ({ value }) => value * 2');
  const run = (name, body) => ask('POST', `${address}/v1/scripts/${name}/runs`, JSON.stringify(body), { 'content-type': 'application/json' });
  for (let i = 0; i < 30; i += 1) await run('webhook-transform', { input: { value: i } });
  for (let i = 0; i < 3; i += 1) assert.equal((await run('price-rules', {})).json.code, 'ERR_EXCEPTION');
  await ask('POST', `${address}/v1/runs`, `throw new Error(${JSON.stringify(HOSTILE)})`, { 'content-type': 'text/javascript' });
  // Something to look at: some runs a second, until all is done.
  const load = setInterval(() => run('webhook-transform', { input: { value: 1 } }).catch(() => {}), 50);
  cleanUp.push(() => clearInterval(load));
  const options = {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  };
  // On a machine that is new it sometimes does not start in its time: it has a second chance.
  const browser = await chromium.launch(options).catch(() => chromium.launch(options));
  cleanUp.push(() => browser.close());
  await inTheLight(browser, address);
  await playground(browser, address);
  await byKeyboard(browser, address);
  await onAPhoneInTheDark(browser, address);
  await point(browser, address);
  await withTokens(browser);
}

try {
  await all();
} finally {
  for (const one of cleanUp.reverse()) await one();
}
