// Eta: templates compiled to functions, from text and from files, with layouts and asynchronous ones.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Eta } = require('eta');

const views = fs.mkdtempSync(path.join(os.tmpdir(), 'eta-'));
fs.writeFileSync(path.join(views, 'layout.eta'), '<title><%= it.title %></title><main><%~ it.body %></main>');
fs.writeFileSync(path.join(views, 'row.eta'), '<li><%= it.name %></li>');
fs.writeFileSync(path.join(views, 'page.eta'), `<% layout('./layout', { title: it.title }) %>
<% it.items.forEach((item) => { %>
<%~ include('./row', item) %>
<% }) %>`);

async function main() {
  const eta = new Eta({ views, cache: true });
  const html = eta.render('./page', { title: 'Boats & tackle', items: [{ name: '<rope>' }, { name: 'anchor' }] });
  console.log(html);
  assert.equal(html, '<title>Boats &amp; tackle</title><main><li>&lt;rope&gt;</li><li>anchor</li></main>');
  const text = await eta.renderStringAsync('<%= await it.later(20) %>', { later: async (n) => n + 22 });
  console.log(text);
  assert.equal(text, '42');
  assert.throws(() => eta.renderString('a\n<% if ( %>', {}), (error) => {
    console.log(error.name);
    return error.name === 'EtaParser Error';
  });
  assert.throws(() => eta.render('./none', {}), { name: 'EtaFileResolution Error' });
}

main().finally(() => fs.rmSync(views, { recursive: true }));
