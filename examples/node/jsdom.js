// jsdom: a document whose scripts run in a vm context that is the window, as tests and scrapers do.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const { JSDOM, VirtualConsole } = require('jsdom');

const virtualConsole = new VirtualConsole();
const messages = [];
virtualConsole.on('log', (...words) => messages.push(words.join(' ')));
virtualConsole.on('jsdomError', (error) => messages.push(`error: ${error.message.split('\n')[0]}`));

const dom = new JSDOM(`<!doctype html>
<title>Boats &amp; tackle</title>
<ul id="list"><li class="row">rope</li></ul>
<button onclick="pressed = this.textContent + event.type">go</button>
<script>
  var count = document.querySelectorAll('.row').length;
  function add(name) {
    const row = document.createElement('li');
    row.className = 'row';
    row.textContent = name;
    list.append(row);
    return ++count;
  }
  add('anchor <small>');
  console.log('rows', count, this === window, window.count === count, typeof require, typeof process);
  document.addEventListener('DOMContentLoaded', () => console.log('loaded', document.readyState));
  setTimeout(() => console.log('later'), 5);
</script>
<script>missing.call()</script>
<script>add('cleat'); class Late {} ; let lexical = 3;</script>`, { runScripts: 'dangerously', url: 'https://example.org/a/b?c=1#d', virtualConsole, pretendToBeVisual: true });

const { window } = dom;
const { document } = window;
console.log(document.title, window.count, document.getElementById('list').innerHTML);
assert.equal(window.count, 3);
assert.equal(window.lexical, undefined);
assert.equal(window.eval('lexical + count'), 6);
assert.equal(window.eval('document.body instanceof HTMLBodyElement && document.body instanceof Node'), true);
assert.equal(window.eval('[] instanceof Array && window === globalThis && self === this && top === parent'), true);
assert.equal(window.Array === Array, false);

document.querySelector('button').click();
console.log(window.pressed, window.location.pathname, window.location.hash);
assert.equal(window.pressed, 'goclick');
assert.equal(window.location.href, 'https://example.org/a/b?c=1#d');

// Compiled once, run in the window; and a window that is left open to code from outside only.
const script = new vm.Script('add("buoy"); [...document.querySelectorAll("li")].map((li) => li.textContent).join()');
const context = dom.getInternalVMContext();
console.log(script.runInContext(context));
assert.ok(vm.isContext(context));
assert.equal(window.count, 4);

const outside = new JSDOM('<p>x</p><script>document.title = "never"</script>', { runScripts: 'outside-only' });
assert.equal(outside.window.document.title, '');
assert.equal(outside.window.eval('document.querySelector("p").textContent'), 'x');
assert.equal(new JSDOM('<script>x = 1</script>').window.x, undefined);

window.document.body.insertAdjacentHTML('beforeend', '<form id="f"><input name="a" value="1"><select name="b"><option value="2" selected></select></form>');
const data = window.eval('[...new FormData(f)].map((pair) => pair.join("=")).join("&")');
console.log(data, window.getComputedStyle(document.body).display);
assert.equal(data, 'a=1&b=2');
assert.match(dom.serialize(), /<li class="row">anchor &lt;small&gt;<\/li>/);

class Observed extends window.HTMLElement { connectedCallback() { this.textContent = `made ${this.localName}`; } }
window.customElements.define('my-thing', Observed);
document.body.append(document.createElement('my-thing'));
console.log(document.querySelector('my-thing').outerHTML);

setTimeout(() => {
  console.log(messages.join('\n'));
  assert.deepEqual(messages, ['rows 2 true true undefined undefined', 'error: Uncaught [ReferenceError: missing is not defined]', 'loaded interactive', 'later']);
  window.close();
}, 50);
