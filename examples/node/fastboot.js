// fastboot: pages of Ember applications, rendered in a context for each visit. The application here is
// the least that fastboot takes for one.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const FastBoot = require('fastboot');

const dist = fs.mkdtempSync(path.join(os.tmpdir(), 'fastboot-'));
const write = (name, text) => fs.writeFileSync(path.join(dist, name), text);
write('index.html', '<!DOCTYPE html><html><head><!-- EMBER_CLI_FASTBOOT_TITLE --><!-- EMBER_CLI_FASTBOOT_HEAD --></head>' +
  '<body><!-- EMBER_CLI_FASTBOOT_BODY --></body></html>');
write('package.json', JSON.stringify({
  dependencies: {},
  fastboot: {
    appName: 'shop', config: { shop: { title: 'Shop' } }, hostWhitelist: [], moduleWhitelist: ['path'], schemaVersion: 3,
    manifest: { appFiles: ['app.js'], htmlFile: 'index.html', vendorFiles: ['vendor.js'] },
  },
}));
write('vendor.js', 'var registry = {}; function define(name, make) { registry[name] = make; } function require(name) { return registry[name](); }');
write('app.js', `
  globalThis.visits = (globalThis.visits || 0) + 1;
  define('~fastboot/app-factory', () => ({ default: () => ({
    boot: () => Promise.resolve(),
    buildInstance: () => ({
      register() {}, inject() {}, lookup: () => undefined, getURL: () => '/', destroy() {},
      async boot(options) { this.document = options.document; },
      async visit(url) {
        const title = this.document.createElement('h1');
        const text = [FastBoot.config('shop').title, url, visits, FastBoot.require('path').join('a', 'b')].join(' ');
        title.appendChild(this.document.createTextNode(text));
        this.document.body.appendChild(title);
      },
    }),
    destroy() {},
  }) }));
`);

async function main() {
  const app = new FastBoot({ distPath: dist, resilient: true });
  for (const url of ['/', '/cart']) {
    const result = await app.visit(url, { request: { headers: { host: 'localhost' }, get: () => undefined }, response: {} });
    console.log(result.statusCode, String(result.error?.message).split('\n')[0]);
    console.log((await result.html().catch((error) => `no page: ${error.message}`)).replaceAll('\n', ' '));
  }
  fs.rmSync(dist, { recursive: true });
}
main();
