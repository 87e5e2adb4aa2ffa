// Handlebars: templates compiled to functions, with helpers, partials and decorators; a template
// precompiled to text and run in a context of its own; members of prototypes refused.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const Handlebars = require('handlebars');

const handlebars = Handlebars.create();
handlebars.registerHelper('money', (cents) => `${(cents / 100).toFixed(2)} EUR`);
handlebars.registerHelper('list', function list(rows, options) {
  return rows.map((row, index) => options.fn(row, { data: { index } })).join('');
});
handlebars.registerPartial('row', '<li>{{@index}} {{name}}: {{money price}}</li>\n');

const template = handlebars.compile(`<h1>{{title}}</h1>
{{#each groups as |group key|}}
<h2>{{key}}</h2>
{{#list group}}{{> row}}{{/list}}
{{else}}nothing
{{/each}}
{{#if note}}{{{note}}}{{/if}}`);

const html = template({
  title: 'Boats & tackle',
  groups: { ropes: [{ name: '12 mm <red>', price: 4800 }], anchors: [{ name: 'Bruce', price: 19950 }] },
  note: '<i>as is</i>',
});
console.log(html);
assert.match(html, /<li>0 12 mm &lt;red&gt;: 48\.00 EUR<\/li>/);
assert.match(html, /<i>as is<\/i>$/);

const spec = handlebars.precompile('{{greet name}}, {{constructor.name}}{{__proto__.x}}!', { knownHelpers: { greet: true } });
const context = vm.createContext({ Handlebars });
const compiled = handlebars.template(vm.runInContext(`(${spec})`, context));
const answer = compiled({ name: 'you' }, { helpers: { greet: (name) => `Hello ${name}` } });
console.log(answer);
assert.equal(answer, 'Hello you, !');

assert.throws(() => handlebars.compile('{{#if}')({}), (error) => {
  console.log(error.message);
  return /Parse error on line 1/.test(error.message);
});
assert.throws(() => handlebars.compile('{{missing 1}}')({}), /Missing helper: "missing"/);
