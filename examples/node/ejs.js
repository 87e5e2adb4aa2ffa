// EJS: templates compiled to functions in the program's own realm; includes, caching, escaping,
// errors that show the template's line, and templates compiled with vm, as a server without trust
// in their authors would.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const ejs = require('ejs');

const page = `<h1><%= title %></h1>
<ul><% for (const item of items) { %>
  <li><%- include('item', { item }) %></li><% } %>
</ul>
<%# not shown %><%_ if (items.length === 2) { -%>
two
<%_ } _%>`;

const options = {
  filename: '/views/page.ejs',
  includer: (name) => ({ filename: `/views/${name}.ejs`, template: '<b><%= item.name %></b> <%= item.price.toFixed(2) %>' }),
};
const items = [{ name: 'Rope <12 mm>', price: 48 }, { name: 'Anchor & chain', price: 199.5 }];

const html = ejs.render(page, { title: 'Boats & tackle', items }, options);
console.log(html);
assert.match(html, /<h1>Boats &amp; tackle<\/h1>/);
assert.match(html, /<b>Rope &lt;12 mm&gt;<\/b> 48\.00/);
assert.match(html, /\ntwo\n$/);

const client = ejs.compile('<?= it.who ?>: <?- it.list.map((n) => n * 2).join() ?>', { delimiter: '?', client: true, strict: true, localsName: 'it' });
console.log(client({ who: '<me>', list: [1, 2, 3] }));
assert.equal(client({ who: '<me>', list: [1, 2, 3] }), '&lt;me&gt;: 2,4,6');

// A client function's text is a program of its own.
const standalone = vm.runInNewContext(`(${client.toString()})`);
assert.equal(standalone({ who: 'x', list: [4] }), 'x: 8');

assert.throws(() => ejs.render('line one\n<%= missing %>\nline three', {}, { filename: 'bad.ejs' }), (error) => {
  console.log(error.name, error.message);
  return error.name === 'ReferenceError' && /bad\.ejs:2/.test(error.message) && />> 2\| <%= missing %>/.test(error.message);
});
assert.throws(() => ejs.compile('<% if ( { %>'), SyntaxError);

const slow = ejs.render('<%= await later(3) %>', { later: async (n) => n * 14 }, { async: true });
slow.then((text) => {
  console.log(text);
  assert.equal(text, '42');
});
