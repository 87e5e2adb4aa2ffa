// Functions whose parameters have expressions: which variable a name is, in the parameters and in the body, whoever
// reads and writes it there. First all combinations of a kind of function, a parameter and what the body declares, with
// the ways to read and to write; then single programs. One line for each, with the answers.
// Node's answers: node -e "const vm = require('vm'); vm.runInThisContext(require('fs').readFileSync('programs.js', 'utf8'))
//   .then(console.log)" > node-answers.txt
const KINDS = {
  function: (parameters, body) => `(function (${parameters}) { ${body} })`,
  strict: (parameters, body) => `(() => { 'use strict'; return function (${parameters}) { ${body} } })()`,
  arrow: (parameters, body) => `((${parameters}) => { ${body} })`,
  method: (parameters, body) => `({ m(${parameters}) { ${body} } }).m`,
  generator: (parameters, body) => `((...given) => (function* (${parameters}) { ${body} })(...given).next().value)`,
  async: (parameters, body) => `(async function (${parameters}) { await 0; ${body} })`,
};
const PARAMETERS = [['a', '1'], ['a = 1', ''], ['{ a }', '{ a: 1 }'], ['[a = 1, ...rest]', '[]']];
const DECLARED = ['', 'var a;', 'var a = 2;', 'function a() {}', '{ function a() {} }', 'for (var a of [2]);', '{ let a = 2; }',
  'try { throw 2 } catch (a) { var a = 2 }', 'eval("var a");', 'eval("var a = 2");', 'eval("function a() {}");', 'if (0) eval("");'];
const READ = ['() => a', '() => eval("a")', 'eval("() => a")', 'function () { return (() => a)() }'];
const WRITTEN = ['', 'a = 3;', 'set(4);', '(() => { a = 5 })();', 'try { eval("a = 6") } catch {}', '[a] = [7];', '{ const later = set; a = 8; later(9); }'];
const show = (value) => (typeof value === 'function' ? 'f' : Array.isArray(value) ? value.map(show).join('') : String(value));

const CASES = `
function f(a, g = () => a) { class C { m() { a = 7 } } new C().m(); return [a, g()] } return f(1)
function f(a, g = class { static x = a; static m() { return a } }) { a = 2; return [g.x, g.m()] } return f(1)
function f(a, g = { get x() { return a }, set x(v) { a = v } }) { g.x = 5; a++; return [a, g.x] } return f(1)
function f(g = () => a, ...a) { a = 3; return g() } return f(undefined, 1)
function f(a, ...[b, c = () => [a, b]]) { a = b = 0; return c() } return f(1, 2)
function f(a = b, b = 2) { return a } return f()
function f(a = () => b, b = 2) { b = 3; return a() } return f()
function f(x = x) { } return f()
function f(x = (() => x)()) { } return f()
function f(a, b = (() => a = 7)()) { return a } return f(1)
function f(a, b = (() => a = 7)()) { var a; return a } return f(1)
function f(a, b = (q, r = () => [a, q]) => { q++; a++; return r() }) { a = 5; return b(1) } return f(0)
function f(a, b = function g(q, r = () => [typeof a, q, typeof g]) { var q = 9; a = 's'; return r() }) { a = 5; return b(1) } return f(0)
function f(a, b = () => a) { const r = []; for (let i = 0; i < 2; i++) { a++; r.push(b()) } return r } return f(1)
function f(a, b = () => a) { a ||= 3; a &&= 4; a ??= 5; a **= 2; a <<= 1; return [a, b()] } return f(0)
function f(a, b = () => a) { for (a of [1, 2]); for ([a] of [[3]]); ({ x: a = a + 1 } = {}); return [a, b()] } return f(0)
function f(a, b = () => a) { try { x } catch { a = 3 } finally { a++ } return [a, b()] } return f(0)
function f(a, b = () => a) { with ({}) { a = 4 } return [a, b()] } return f(1)
function f(a, b = () => a) { with ({ a: 9 }) { a = 10; var a } return [a, b()] } return f(1)
function f(a, b = () => a) { delete a; return [typeof a, b()] } return f(1)
function f(a, b = () => a) { (() => { eval('var a = 8') })(); return [a, b()] } return f(1)
function f(a, b = () => a) { const g = () => { eval('var a = 4'); return a }; return [g(), a, b()] } return f(1)
function f(a, b = () => a) { return (0, eval)('typeof a') } return f(1)
function f(a, g = (s) => eval(s)) { g('a = 6'); return [a, g('a')] } return f(1)
function f(a, g = (s) => eval(s)) { g('var a = 6'); return [a, g('a')] } return f(1)
function f(a, b = eval('(v) => { a = v }')) { b(4); return a } return f(1)
function f(a = eval('var a = 42')) { return a } return f()
function f(a = eval('var z = 1'), b = z) { var z; return [z, b] } return f()
function f(a = eval('var z = 1'), b = () => z) { z = 2; return [z, b()] } return f()
function f(a = eval('var z = 1'), b = () => z) { eval('var z = 2'); return [z, b()] } return f()
function f(x = (() => { eval('var x1 = 1'); return x1 })()) { return [x, typeof x1] } return f()
function* g(o, a, x = o.set = (v) => a = v) { yield a } const o = {}, i = g(o, 1); o.set(5); return i.next().value
function* g(o, a, x = o.set = (v) => a = v) { var a; yield a } const o = {}, i = g(o, 1); o.set(5); return i.next().value
function* g(a, b = () => a) { a = yield b(); yield b() } const i = g(1); return [i.next().value, i.next(7).value]
const o = { m(a, b = () => super.toString === Object.prototype.toString && a) { a = 3; return b() } }; return o.m(1)
const o = { set x([a, b = () => a]) { a = 2; this.r = b() } }; o.x = [1]; return o.r
class A { constructor(a, b = () => a) { a = 2; this.r = b() } } return new A(1).r
class B {} class A extends B { constructor(a, b = () => this) { super(); this.r = b() === this } } return new A(1).r
function f({ a } = { a: 1 }) { { function a() {} } return typeof a } return f()
function f({ a }) { { function a() {} } return typeof a } return f({ a: 1 })
function f(...[a]) { { function a() {} } return typeof a } return f(1)
function f(a = class C {}) { let C = 1; return C } return f()
function f(a, b = () => a) { arguments[0] = 9; return [a, b()] } return f(1)
function f(a, b = 2) { a = 9; return arguments[0] } return f(1)
function f(arguments, b = () => arguments) { arguments = 3; return b() } return f(1)
function f(arguments = 1) { return arguments } return f()
function f(arguments) { eval(''); return typeof arguments } return f(1)
function f(arguments) { return (() => eval('typeof arguments'))() } return f(1)
function f(g = () => arguments) { arguments = 5; return g() } return f()
function f(g = () => arguments) { var arguments; const x = arguments; arguments = 5; return [typeof x, typeof g()] } return f()
function f(g = () => arguments) { eval('arguments = 5'); return g() } return f()
function f(g = () => arguments) { eval('var arguments = 5'); return [typeof arguments, typeof g()] } return f()
function f(g = () => typeof arguments) { function arguments() {} return [typeof arguments, g()] } return f()
function f(g = () => typeof arguments) { { function arguments() {} } return [typeof arguments, g()] } return f()
function f(a) { { function arguments() {} } return typeof arguments } return f()
function f(a) { const r = typeof arguments; { function arguments() {} } return r } return f()
function f(a = arguments) { arguments[0] = 3; return a[0] } return f()
function f(a = arguments = 3) { var arguments; return arguments } return f()
function f(a = arguments) { { var arguments } return arguments === a } return f()
function f(a = 1) { let arguments = 2; return arguments } return f()
function f(x = class { static m() { return eval('arguments.length') } }.m()) { return x } return f()
function f({} = class { static [eval('arguments.length')]() {} }) { return arguments.length } return f()
'use strict'; function f(a = eval('arguments.length')) { return a } return f()
'use strict'; function f(a = () => eval('arguments.length')) { return a() } return f()
function f() { eval('var arguments = 5'); return typeof arguments } return f()
return (function f() { eval('var f = 5'); return typeof f })()
return (function f(f) { eval('1'); return typeof f })(1)
return (function f(f = 1) { eval(''); return typeof f })()
return (function f(f = 1) { return eval('typeof f') })()
return (function f(a = eval('var f = 1')) { return [typeof f, eval('typeof f')] })()
return (function f() { (() => eval('f = 1'))(); eval('f = 1'); return typeof f })()
return (function f() { 'use strict'; (() => eval('f = 1'))() })()
return (function f(a = () => eval('f = 1')) { a(); return typeof f })()
function f(e = 1, g = () => e) { try { throw 2 } catch (e) { eval('var e = 3'); var r = e } return [r, e, g()] } return f()
function f() { try { throw 2 } catch (e) { eval('function e() {}'); var r = e } return [r, typeof e] } return f()
function f(e) { try { throw 2 } catch (e) { eval('function e() {}'); var r = e } return [r, typeof e] } return f(1)
function f(e) { try { throw 2 } catch (e) { eval('var e') } return e } return f(1)
function f() { let a = 1; eval('{ function a() {} }'); return a } return f()
function f() { for (const a of [1]) { eval('if (1) function a() {}'); return a } } return f()
function f() { eval('{ function a() {} }'); return typeof a } return f()
function f(a, b = eval('{ function a() {} } 1')) { return [a, b] } return f(2)
function f(a, b = eval('{ function c() {} }')) { return typeof c } return f(2)
const h = []; function f({ [h.push(() => a)]: a }) { var a = 3; return [a, h[0]()] } return f({ 1: 2 })
const h = []; function f({ [h.push(() => a)]: a }) { a = 3; return [a, h[0]()] } return f({ 1: 2 })
const h = []; function f(...[{ x, [h.push(() => a)]: a }]) { var a = 3; return [a, h[0]()] } return f({ 1: 2 })
function f({ [eval('var q = 1; "x"')]: a }) { var q; return [a, q] } return f({ x: 2 })
function f({ [b]: a }, b) { return a } return f({}, 'x')
`.trim().split('\n');

(async () => {
  const lines = [], answer = async (make) => { try { return show(await make()); } catch (error) { return error.name; } };
  for (const [kind, make] of Object.entries(KINDS)) {
    for (const [parameter, given] of PARAMETERS) {
      for (const declared of DECLARED) {
        const answers = [];
        for (const read of READ) {
          for (const written of WRITTEN) {
            const parameters = `${parameter}, get = ${read}, set = (v) => { a = v }`;
            const call = make(parameters, `${declared} ${written} return [a, get()]`);
            answers.push(await answer(() => (0, eval)(call)(...(given === '' ? [] : [(0, eval)(`(${given})`)]))));
          }
        }
        lines.push(`${kind} (${parameter}) ${declared}: ${answers.join(' ')}`);
      }
    }
  }
  for (const program of CASES) lines.push(`${program}: ${await answer(() => (0, eval)(`(() => { ${program} })()`))}`);
  return lines.join('\n');
})();
