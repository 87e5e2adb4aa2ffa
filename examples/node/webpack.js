// webpack with html-webpack-plugin, which compiles its template as a bundle of its own and runs that
// by vm. Hashes are not webpack's own, which are WebAssembly, and nothing is minimized, which would
// be work for threads: sandtide has neither.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');
const HtmlPlugin = require('html-webpack-plugin');
const webpack = require('webpack');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'webpack-'));
const files = {
  'index.js': 'import { greeting } from "./words.js"; report(greeting);',
  'words.js': 'export const greeting = "hello"; export const unused = "not in the bundle";',
  'page.ejs': '<title><%= htmlWebpackPlugin.options.title %></title><% for (let i = 0; i < 3; i++) { %><i><%= i %></i><% } %>',
};
for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);

const config = {
  mode: 'production',
  context: folder,
  entry: './index.js',
  output: { path: path.join(folder, 'dist'), hashFunction: 'sha256', filename: '[contenthash].js' },
  optimization: { minimize: false },
  plugins: [new HtmlPlugin({ template: './page.ejs', title: 'Boats &amp; tackle', minify: false })],
};

webpack(config, (error, stats) => {
  try {
    assert.ifError(error);
    assert.equal(stats.hasErrors(), false, stats.toString());
    for (const { name, size } of stats.toJson().assets) console.log(name, size);
    const page = fs.readFileSync(path.join(folder, 'dist/index.html'), 'utf8');
    console.log(page);
    assert.match(page, /<title>Boats &amp; tackle<\/title><i>0<\/i><i>1<\/i><i>2<\/i>/);
    const [, bundle] = /src="([^"]+)"/.exec(page);
    const code = fs.readFileSync(path.join(folder, 'dist', bundle), 'utf8');
    const reported = [];
    vm.runInNewContext(code, { report: (word) => reported.push(word) });
    console.log(reported);
    assert.deepEqual(reported, ['hello']);
    assert.equal(code.includes('not in the bundle'), false);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
