// Nunjucks: templates compiled to programs, with inheritance, macros, filters, a loader and
// asynchronous rendering.
'use strict';
const assert = require('node:assert/strict');
const nunjucks = require('nunjucks');

const views = {
  'base.njk': '<title>{% block title %}none{% endblock %}</title>{% block body %}{% endblock %}',
  'macros.njk': '{% macro field(name, value="-") %}<i>{{ name }}={{ value }}</i>{% endmacro %}',
  'page.njk': `{% extends "base.njk" %}{% import "macros.njk" as m %}
{% block title %}{{ title | upper }} ({{ super() }}){% endblock %}
{% block body %}{% for item in items | sort(false, false, "price") -%}
{{ loop.index }}/{{ loop.length }} {{ m.field(item.name, item.price | money) }}
{% else %}nothing{% endfor %}{% set total = items | sum("price") %}total {{ total }}{% endblock %}`,
  'slow.njk': '{{ 20 | later }}{% if fast %}!{% endif %}',
};
const Views = nunjucks.Loader.extend({
  getSource: (name) => views[name] === undefined ? null : { src: views[name], path: name, noCache: false },
});
const environment = new nunjucks.Environment(new Views(), { autoescape: true, throwOnUndefined: false });
environment.addFilter('money', (value) => `${value.toFixed(2)} EUR`);
environment.addFilter('later', (value, done) => setTimeout(() => done(null, value * 2.1), 5), true);

const html = environment.render('page.njk', { title: 'Boats & tackle', items: [{ name: 'rope', price: 48 }, { name: '<anchor>', price: 19.5 }] });
console.log(html);
assert.match(html, /<title>BOATS &amp; TACKLE \(none\)<\/title>/);
assert.match(html, /1\/2 <i>&lt;anchor&gt;=19\.50 EUR<\/i>\n2\/2 <i>rope=48\.00 EUR<\/i>/);
assert.match(html, /total 67\.5$/);

const precompiled = nunjucks.precompileString('{{ a }} {{ a.b.c }}', { name: 'x.njk', env: environment });
assert.match(precompiled, /^\(function\(\) \{\(window\.nunjucksPrecompiled/);

assert.throws(() => environment.renderString('a\n{% if %}'), (error) => {
  console.log(error.message);
  return /Line 2, Column 7/.test(error.message);
});

environment.render('slow.njk', { fast: true }, (error, text) => {
  assert.ifError(error);
  console.log(text);
  assert.equal(text, '42!');
});
