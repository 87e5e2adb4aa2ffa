// LiquidJS: templates that are interpreted, with limits on time and memory for those of strangers.
'use strict';
const assert = require('node:assert/strict');
const { Liquid } = require('liquidjs');

const engine = new Liquid({
  templates: { row: '<li>{{ item.name | escape }} {{ item.price | round: 2 }}</li>', layout: '<main>{% block body %}{% endblock %}</main>' },
  parseLimit: 1e5, renderLimit: 2000, memoryLimit: 1e6, ownPropertyOnly: true,
});
engine.registerFilter('shout', (text, end = '!') => text.toUpperCase() + end);
engine.registerTag('wrap', {
  parse(token) { this.word = token.args; },
  * render(context) { return `[${yield this.liquid.evalValue(this.word, context)}]`; },
});

const template = `{% layout "layout" %}{% block body %}{{ title | shout: "?" }}{% assign cheap = items | where: "cheap" %}
{%- for item in items limit: 2 reversed %}{% render "row", item: item %}{% else %}none{% endfor -%}
{% wrap cheap.size %} {{ "2026-03-05T10:00:00Z" | date: "%Y/%m/%d", 0 }} {{ items.first.constructor }}{% endblock %}`;

async function main() {
  const locals = { title: 'Boats & tackle', items: [{ name: '<rope>', price: 48.456, cheap: true }, { name: 'anchor', price: 19.5 }] };
  const html = await engine.parseAndRender(template, locals);
  console.log(html);
  assert.equal(html, '<main>BOATS & TACKLE?<li>anchor 19.5</li><li>&lt;rope&gt; 48.46</li>[1] 2026/03/05 </main>');
  assert.equal(engine.parseAndRenderSync('{% liquid\n assign x = 2 | times: 21\n echo x %}'), '42');
  await assert.rejects(engine.parseAndRender('{% for i in (1..100000000) %}{{ i }}{% endfor %}'), (error) => {
    console.log(error.message);
    return /memory alloc limit exceeded/.test(error.message);
  });
  await assert.rejects(engine.parseAndRender('a\n {% if %}'), (error) => {
    console.log(error.name, error.message);
    return error.name === 'ParseError' || error.name === 'TokenizationError' || error.name === 'RenderError';
  });
}
main();
