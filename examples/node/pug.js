// Pug: a language compiled to JavaScript, and that to a function, with mixins, filters and errors
// that show the template's lines.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const pug = require('pug');

const source = `doctype html
mixin row(item)
  li(class=[item.fresh && 'fresh', 'row'] data-price=item.price)= item.name
    block
html(lang='en')
  head
    title #{title}
    style.
      p { color: red }
  body
    h1&attributes({ id: 'top', hidden: false })= title
    ul
      each item, index in items
        +row(item): b= index
      else
        li nothing
    case items.length
      when 2
        p two
      default
        p others
    :shout(end='!')
      to you
    != '<hr>'
`;
const locals = { title: 'Boats & tackle', items: [{ name: '<rope>', price: 48, fresh: true }, { name: 'anchor', price: 19.5 }] };
const options = { pretty: true, compileDebug: true, filename: 'page.pug', filters: { shout: (text, { end }) => text.toUpperCase() + end } };
const html = pug.render(source, { ...options, ...locals });
console.log(html);
assert.match(html, /<li class="fresh row" data-price="48">&lt;rope&gt;<b>0<\/b>\s*<\/li>/);
assert.match(html, /<p>two<\/p>TO YOU!<hr>/);

// What a build makes: a program that stands alone.
const client = pug.compileClient('p(style={ color })= text', { name: 'view', compileDebug: false });
const context = vm.createContext({});
vm.runInContext(client, context);
const alone = vm.runInContext(`view({ color: 'red', text: 'a < b' })`, context);
console.log(alone);
assert.equal(alone, '<p style="color:red;">a &lt; b</p>');

assert.throws(() => pug.compile('div\n  p(a=1', { filename: 'bad.pug' }), (error) => {
  console.log(error.code, error.line, error.column);
  return error.code === 'PUG:NO_END_BRACKET';
});
assert.throws(() => pug.render('div\n  p= a.b.c', { filename: 'late.pug', compileDebug: true }), (error) => {
  console.log(error.message.split('\n').slice(0, 3).join('\n'));
  return error instanceof TypeError && error.message.startsWith('late.pug:2');
});
