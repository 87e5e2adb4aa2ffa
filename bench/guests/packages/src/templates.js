// An order's page from a handlebars template, and a mail from a mustache template.
import Handlebars from 'handlebars';
import Mustache from 'mustache';

Handlebars.registerHelper('price', (value) => Number(value).toFixed(2));
const page = Handlebars.compile(`<h1>{{title}}</h1>
<p>Dear {{customer.name}} &ndash; {{customer.city}}</p>
<table>{{#each rows}}
<tr class="{{#if odd}}odd{{else}}even{{/if}}"><td>{{@index}}</td><td>{{name}}</td><td>{{price net}}</td><td>{{note}}</td></tr>{{/each}}
</table>`);
const mail = `Dear {{customer.name}},
your order {{title}}:
{{#rows}}
- {{name}}: {{net}}{{#note}} ({{note}}){{/note}}
{{/rows}}
{{^rows}}nothing{{/rows}}`;
Mustache.parse(mail);

function data() {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    odd: i % 2 === 1, name: 'Item <' + i + '>', net: i * 1.25, note: i % 7 ? '' : 'last & "final"',
  }));
  return { title: 'Order', customer: { name: 'Ada', city: 'London' }, rows };
}

globalThis.work = function work() {
  const order = data();
  return page(order) + Mustache.render(mail, order);
};
globalThis.work(); // handlebars compiles at the first call
