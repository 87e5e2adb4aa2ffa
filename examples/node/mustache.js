// Mustache: templates that are only looked through, with sections, partials and lambdas.
'use strict';
const assert = require('node:assert/strict');
const Mustache = require('mustache');

const view = {
  title: 'Boats & tackle',
  items: [{ name: 'rope', price: 48, fresh: true }, { name: '<anchor>', price: 199.5 }],
  price() { return `${this.price.toFixed(2)} EUR`; },
  cost() { return `${(this.price ?? 0).toFixed(2)} EUR`; },
  bold: () => (text, render) => `<b>${render(text)}</b>`,
};
const template = `{{! nothing }}<h1>{{title}}</h1>
{{#items}}
  {{> row}}
{{/items}}
{{^items}}nothing{{/items}}
{{=<% %>=}}<%#items.length%><%#bold%><% title %>!<%/bold%><%/items.length%>`;
const html = Mustache.render(template, view, { row: '{{name}} {{{cost}}}{{#fresh}} new{{/fresh}}\n' });
console.log(html);
assert.equal(html, '<h1>Boats &amp; tackle</h1>\n  rope 48.00 EUR new\n  &lt;anchor&gt; 199.50 EUR\n\n<b><% title %>!</b>');

assert.deepEqual(Mustache.parse('a {{b}}{{#c}}d{{/c}}'), [['text', 'a ', 0, 2], ['name', 'b', 2, 7], ['#', 'c', 7, 13, [['text', 'd', 13, 14]], 14]]);
assert.throws(() => Mustache.render('{{#a}}'), /Unclosed section "a"/);
