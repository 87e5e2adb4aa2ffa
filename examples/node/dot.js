// doT: templates turned into the text of functions.
'use strict';
const assert = require('node:assert/strict');
const dot = require('dot');

dot.templateSettings.strip = false;
const template = dot.template(`{{##def.row:
<li>{{!x.name}} {{=x.price.toFixed(2)}}</li>#}}<h1>{{!it.title}}</h1>{{~it.items :x:i}}{{#def.row}}{{~}}{{?it.items.length > 1}} many{{??}} few{{?}} {{=it.more()}}`);
const text = template({ title: 'Boats & tackle', items: [{ name: '<rope>', price: 48 }, { name: 'anchor', price: 19.5 }], more: () => '...' });
console.log(text);
assert.match(text, /^<h1>Boats &#38; tackle<\/h1>\s*<li>&#60;rope&#62; 48\.00<\/li>\s*<li>anchor 19\.50<\/li> many \.\.\.$/);
console.log(String(dot.template('{{=it}}')));
assert.equal(dot.template('{{=it.a + it.b}}')({ a: 1, b: 2 }), '3');
assert.throws(() => dot.template('{{ if (}}'), SyntaxError);
