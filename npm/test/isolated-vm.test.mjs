// The shim of isolated-vm, and the real one at the version that `run-tests` installs: the same tests, where
// that has a build for this Node.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import shim from 'sandtide/adapters/isolated-vm';

const require = createRequire(import.meta.url);
const implementations = { sandtide: shim };
let missing = '';
try {
  implementations['isolated-vm'] = require('isolated-vm');
} catch (error) {
  missing = `isolated-vm has no build for Node ${process.version}: ${error.message.split('\n')[0]}`;
}
test('the real isolated-vm is what the shim is compared with', { skip: missing || false }, () => {
  assert.equal(typeof implementations['isolated-vm'].Isolate, 'function');
});

/** A test for each implementation, with an isolate and a context of it. */
function both(name, work) {
  for (const [which, ivm] of Object.entries(implementations)) {
    test(`${which}: ${name}`, async () => {
      const isolate = new ivm.Isolate({ memoryLimit: 32 });
      try {
        const context = await isolate.createContext();
        await work({ ivm, isolate, context, jail: context.global });
      } finally {
        if (!isolate.isDisposed) isolate.dispose();
      }
    });
  }
}

both('primitives are answered, objects only where it is asked for', async ({ context, ivm }) => {
  for (const [code, value] of [['1 + 1', 2], ['"a"', 'a'], ['null', null], ['10n', 10n], ['undefined', undefined], ['NaN', NaN]]) {
    assert.equal(await context.eval(code), value);
  }
  assert.equal(await context.eval('({ a: 1 })'), undefined);
  assert.equal(await context.eval('Symbol()'), undefined);
  assert.equal(await context.eval('Promise.resolve(1)'), undefined);
  assert.deepEqual(await context.eval('({ a: [1, new Map([[1, new Date(5)]])] })', { copy: true }), { a: [1, new Map([[1, new Date(5)]])] });
  const external = await context.eval('new Set([1])', { externalCopy: true });
  assert.ok(external instanceof ivm.ExternalCopy);
  assert.deepEqual(external.copy(), new Set([1]));
  assert.equal(await context.eval('Promise.resolve(3)', { promise: true }), 3);
});

both('what a script declares is there for the next one, in strict mode too', async ({ context }) => {
  await context.eval('let x = 1; const y = { a: 2 }; class Z {} var v = 5; function f() { return x + v }');
  assert.equal(await context.eval('x += 1; [x, y.a, typeof Z, v, f()].join()'), '2,2,function,5,7');
  await assert.rejects(context.eval('y = 1'), TypeError);
  await context.eval('"use strict"; const [first, { second: [third] }] = [1, { second: [3] }]; var w = 7; function g() { return this }');
  assert.equal(await context.eval('[first, third, w, typeof g()].join()'), '1,3,7,undefined');
  // What is declared within functions and blocks is not.
  await context.eval('(() => { const inner = 1; var also = 2; })(); { let block = 3; }');
  assert.equal(await context.eval('[typeof inner, typeof also, typeof block].join()'), 'undefined,undefined,undefined');
  await context.eval('const console = { log: () => "mine" }; const Math = 1;');
  assert.equal(await context.eval('console.log() + Math'), 'mine1');
  assert.equal(await context.eval('/* of a comment */ // and another\n"use strict"; let late = 4; late'), 4);
  await assert.rejects(context.eval('let early = 1; throw new Error("no"); let later = 2;'), /no/);
  assert.equal(await context.eval('early'), 1);
});

both('closures have arguments, and what cannot cross is refused', async ({ context }) => {
  assert.equal(await context.evalClosure('return $0 + $1', [1, 2]), 3);
  const copies = { arguments: { copy: true }, result: { copy: true } };
  assert.deepEqual(await context.evalClosure('return { b: $0.a }', [{ a: 1 }], copies), { b: 1 });
  await assert.rejects(context.evalClosure('return $0.a', [{ a: 1 }]), { name: 'TypeError', message: 'A non-transferable value was passed' });
  await assert.rejects(context.global.set('o', { a: 1 }), { name: 'TypeError', message: 'A non-transferable value was passed' });
  assert.equal(await context.evalClosure('return await $0', []).catch((error) => error.name), 'SyntaxError');
});

both('references get, set, delete, copy and apply', async ({ context, jail, ivm }) => {
  await jail.set('o', { a: 1 }, { copy: true });
  const o = await jail.get('o');
  assert.ok(o instanceof ivm.Reference);
  assert.equal(o.typeof, 'object');
  assert.equal(await o.get('a'), 1);
  assert.equal(await o.get('nothing'), undefined);
  assert.deepEqual(await o.copy(), { a: 1 });
  await o.set('b', 2);
  assert.equal(await context.eval('o.b'), 2);
  await o.delete('b');
  assert.equal(await context.eval('"b" in o'), false);
  const max = await (await jail.get('Math', { reference: true })).get('max', { reference: true });
  assert.deepEqual([max.typeof, await max.apply(undefined, [1, 5, 3])], ['function', 5]);
  const made = await (await context.eval('(a) => ({ b: a })', { reference: true })).apply(undefined, [1]);
  assert.ok(made instanceof ivm.Reference);
  const method = await context.eval('(function () { return this.a })', { reference: true });
  assert.equal(await method.apply(o.derefInto(), []), 1);
  const later = await context.eval('async (a) => { await null; return a + 1 }', { reference: true });
  assert.equal(await later.apply(undefined, [1], { result: { promise: true } }), 2);
  assert.throws(() => o.deref(), { name: 'TypeError', message: 'Cannot dereference this from current isolate' });
  await jail.set('global', jail.derefInto());
  assert.equal(await context.eval('global === globalThis'), true);
  o.release();
  await assert.rejects(async () => o.get('a'), { message: 'Reference has been released' });
});

both('functions of the program are called, and their errors are of the sandbox', async ({ context, jail, ivm }) => {
  await jail.set('add', (a, b) => a + b);
  await jail.set('shape', (given) => JSON.stringify(given));
  await jail.set('fails', () => { throw new RangeError('no') });
  await jail.set('late', async (x) => x);
  const told = [];
  await jail.set('tell', new ivm.Callback((line) => void told.push(line), { ignored: true }));
  assert.equal(await context.eval('typeof add + add(1, 2) + shape({ a: [1] })'), 'function3{"a":[1]}');
  assert.equal(await context.eval('try { fails() } catch (error) { [error.name, error.message, error instanceof RangeError].join() }'), 'RangeError,no,true');
  await assert.rejects(context.eval('late(1)'), { name: 'TypeError', message: '#<Promise> could not be cloned.' });
  await context.eval('tell("a"); tell("b")');
  await jail.set('ref', new ivm.Reference(async (x, y) => { if (y) throw new TypeError('bad'); return x + 1 }));
  assert.equal(await context.eval('ref.typeof + ref.applySyncPromise(undefined, [1])'), 'function2');
  const asked = 'ref.apply(undefined, [4], { result: { promise: true } }).then((x) => x * 2)';
  assert.equal(await context.eval(asked, { promise: true }), 10);
  assert.equal(await context.eval('try { ref.applySyncPromise(undefined, [1, 2]) } catch (error) { error.name + error.message }'), 'TypeErrorbad');
  await jail.set('sync', new ivm.Reference((given) => given.n * 2));
  assert.equal(await context.eval('sync.applySync(undefined, [{ n: 2 }], { arguments: { copy: true } })'), 4);
  await assert.rejects(context.eval('sync.applySync(undefined, [{ n: 2 }])'), TypeError);
  assert.deepEqual(told, ['a', 'b']);
});

both('copies go in by ExternalCopy', async ({ context, jail, ivm }) => {
  const copy = new ivm.ExternalCopy({ list: [1, 2], set: new Set(['x']) });
  await jail.set('given', copy.copyInto());
  assert.equal(await context.eval('given.list.push(3); given.set.has("x") + given.list.join()'), 'true1,2,3');
  assert.deepEqual(copy.copy(), { list: [1, 2], set: new Set(['x']) });
});

both('a compiled script is run again and again, in the state that is there', async ({ isolate, context }) => {
  const script = await isolate.compileScript('this.n = (this.n || 0) + 1', { filename: 'count.js' });
  assert.deepEqual([await script.run(context), await script.run(context)], [1, 2]);
  const other = await isolate.createContext();
  assert.equal(await script.run(other), 1);
  script.release();
  await assert.rejects(async () => script.run(context), /released/);
  await assert.rejects(isolate.compileScript('let = =', { filename: 'wrong.js' }), (error) => {
    assert.ok(error instanceof SyntaxError);
    assert.match(error.message, /\[wrong\.js:1:7\]$/);
    return true;
  });
});

both('errors are of their kinds, with the place in the script', async ({ context }) => {
  await assert.rejects(context.eval('\nthrow new RangeError("no")', { filename: 'a.js' }), (error) => {
    assert.ok(error instanceof RangeError);
    assert.match(error.stack, /^RangeError: no\n.*a\.js:2:7/);
    assert.match(error.stack, /\(<isolated-vm boundary>\)/);
    return true;
  });
  await assert.rejects(context.eval('throw { a: 1 }'), /that object was not an instance of `Error`/);
  const three = await context.eval('throw 3').then(() => 'none', (error) => error);
  assert.equal(three, 3);
  await assert.rejects(context.eval('Promise.reject(new TypeError("later"))', { promise: true }), { name: 'TypeError', message: 'later' });
});

both('endless scripts end at their timeout', async ({ context }) => {
  await assert.rejects(context.eval('for (;;);', { timeout: 50 }), { message: 'Script execution timed out.' });
});

both('what was disposed of or released says so', async ({ ivm, isolate, context }) => {
  const endless = assert.rejects(context.eval('for (;;);'), { message: /^Isolate was disposed during execution/ });
  setTimeout(() => isolate.dispose(), 50);
  await endless;
  assert.equal(isolate.isDisposed, true);
  await assert.rejects(async () => context.eval('1'), { message: 'Isolate is disposed' });
  await assert.rejects(async () => isolate.createContext(), { message: 'Isolate is disposed' });
  const second = new ivm.Isolate();
  const released = await second.createContext();
  released.release();
  await assert.rejects(async () => released.eval('1'), { message: 'Context is released' });
  second.dispose();
  assert.throws(() => new ivm.Isolate({ memoryLimit: 2 }), { message: '`memoryLimit` must be at least 8' });
});

both('a sandbox has what the language has, and nothing of a host', async ({ context }) => {
  const names = 'setTimeout fetch process require Buffer URL TextEncoder structuredClone queueMicrotask';
  const code = `${JSON.stringify(names.split(' '))}.filter((name) => name in globalThis).join()`;
  assert.equal(await context.eval(code), '');
  assert.equal(await context.eval('[typeof Map, typeof Promise, typeof JSON].join()'), 'function,function,object');
});

both('the timeout is of what a script leaves behind in promise jobs as well', async ({ context }) => {
  const left = 'Promise.resolve().then(() => { for (;;); }); 1';
  await assert.rejects(context.eval(left, { timeout: 50 }), { message: 'Script execution timed out.' });
});

both('the timeout of a script does not count what is before it', async ({ context }) => {
  const first = context.eval('const end = Date.now() + 600; while (Date.now() < end); 1');
  assert.deepEqual(await Promise.all([first, context.eval('2', { timeout: 300 })]), [1, 2]);
  assert.equal(await context.eval('3'), 3);
});

both('scripts go on where the global object is frozen, by one of them as well', async ({ context }) => {
  assert.equal(await context.eval('let before = 1; Object.freeze(globalThis); before'), 1);
  assert.equal(await context.eval('let a = 1; a'), 1);
  assert.equal(await context.eval('"use strict"; const b = 2; b'), 2);
});

both('errors that throw when they are looked at are told, and the context goes on', async ({ context }) => {
  const bad = (name) => `Object.defineProperty(new Error('no'), '${name}', { get() { throw 1 } })`;
  for (const name of ['name', 'message', 'stack']) {
    await assert.rejects(context.eval(`throw ${bad(name)}`), Error);
    await assert.rejects(context.eval(`Promise.reject(${bad(name)})`, { promise: true }), Error);
  }
  assert.equal(await context.eval('2'), 2);
});

both('a value that cannot be copied is refused, and the context goes on', async ({ context, jail }) => {
  await assert.rejects(jail.set('o', { a: () => 1 }, { copy: true }));
  assert.equal(await context.eval('typeof o'), 'undefined');
});

both('scripts make no references to what they were not given', async ({ context, jail, ivm }) => {
  let calls = 0;
  await context.evalClosure('globalThis.hidden = (() => { const hidden = $0; return () => hidden.typeof })()', [new ivm.Reference(() => ++calls)]);
  await jail.set('given', new ivm.Reference(() => 1));
  await context.eval(`for (let number = -1; number < 100; number++) {
    try { new given.constructor(number, 'function').applySync(undefined, []) } catch {}
    try { Reflect.construct(given.constructor, [undefined, number]).applySync(undefined, []) } catch {}
  }`);
  assert.equal(calls, 0);
});

both('thousands of references are let go of at once, and the context goes on', async ({ context, jail, ivm }) => {
  await jail.set('make', new ivm.Reference(() => ({})));
  await jail.set('call', () => 1);
  for (let turn = 0; turn < 2; turn++) {
    assert.equal(await context.eval('for (let n = 0; n < 1500; n++) make.applySync(undefined, []); call()'), 1);
  }
});

/** Puts spies in the place of what scripts share, and counts what they are called for. */
const WRECK = `(() => {
  const { defineProperty, getOwnPropertyNames } = Object;
  const prototypes = [Map, Set, String, RegExp, Function, Promise, FinalizationRegistry, Array, Object].map((one) => one.prototype);
  const seen = globalThis.seen = { __proto__: null, count: 0, names: '' };
  const spy = (name) => function () { seen.count++; seen.names += name + ' ' };
  const work = [];
  for (const one of prototypes) for (const name of getOwnPropertyNames(one)) {
    if (name !== '__proto__' && name !== 'length' && !(name === 'constructor' && one !== Promise.prototype)) work.push([one, name]);
  }
  for (const name of ['then', 'thrown', 'handle', 'reference', 'callback', 'program', 'kind', 'result', 'promise']) work.push([Object.prototype, name]);
  const all = work.map(([one, name]) => ({ one, name, how: { __proto__: null, get: spy(name), set: spy(name), configurable: true } }));
  for (let at = 0; at < all.length; at++) try { defineProperty(all[at].one, all[at].name, all[at].how) } catch {}
})();`;

test('scripts that change all built-ins see nothing of what carries out commands', async () => {
  const context = await new shim.Isolate().createContext();
  const jail = context.global;
  await jail.set('plus', (a) => a + 1);
  await jail.set('tell', new shim.Callback(() => {}, { ignored: true }));
  await jail.set('fails', () => { throw new RangeError('no') });
  await jail.set('ref', new shim.Reference((a) => a + 3));
  await context.eval('var list = [4], shared = { a: 1 }');
  const list = await jail.get('list');
  await context.eval(WRECK);
  assert.ok((await context.eval('[].map; ({}).then; "".match; seen.count')) >= 3, 'the spies are there');
  await context.eval('seen.count = 0; seen.names = ""');
  assert.equal(await context.eval('1 + 1', { timeout: 10_000 }), 2);
  assert.equal(await context.eval('let x = 5, y = { a: 1 }; x'), 5);
  assert.equal(await context.eval('"use strict"; const z = x + 1; z'), 6);
  assert.equal(await context.evalClosure('return $0 + $1', [1, 2]), 3);
  assert.equal(await jail.get('x'), 5);
  await jail.set('w', { b: 1 }, { copy: true });
  assert.equal(await context.eval('w.b'), 1);
  await jail.delete('w');
  const made = await context.eval('(a) => a + x', { reference: true });
  assert.equal(await made.apply(undefined, [1]), 6);
  assert.deepEqual(await context.eval('shared', { copy: true }), { a: 1 });
  assert.equal(await context.eval('plus(1)'), 2);
  await context.eval('tell(1); 1');
  assert.equal(await context.eval('try { fails() } catch (error) { 7 }'), 7);
  assert.equal(await context.eval('ref.applySync(undefined, list)'), 7);
  assert.equal(await context.eval('ref.applySyncPromise(undefined, list)'), 7);
  await context.eval('ref.applyIgnored(undefined, list); ref.release(); ref = 0');
  await assert.rejects(context.eval('throw 8').catch((error) => { throw new Error(`${error}`) }), /8/);
  await assert.rejects(context.eval('let = ='), SyntaxError);
  list.release();
  assert.equal(await context.eval('seen.names'), '');
});

// What is only ours.

// The real one leaves such promises to the program, whose process they end.
test('promises that a function answers in vain are nobody\'s fault', async () => {
  const context = await new shim.Isolate().createContext();
  const jail = context.global;
  const unhandled = [];
  const told = (error) => unhandled.push(error);
  process.on('unhandledRejection', told);
  try {
    await jail.set('late', async () => { throw new Error('refused') });
    await assert.rejects(context.eval('late()'), TypeError);
    await jail.set('ref', new shim.Reference(async () => { throw new Error('refused') }));
    await context.eval('ref.applySync(undefined, []); 1');
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.off('unhandledRejection', told);
    context.release();
  }
  assert.deepEqual(unhandled, []);
});

test('a context holds so many references, and what is refused leaves none behind', async () => {
  const context = await new shim.Isolate().createContext();
  const many = Array.from({ length: 65_600 }, () => new shim.Reference(1));
  const full = { name: 'RangeError', message: 'this context holds too many references; release() them' };
  await assert.rejects(context.evalClosure('', many), full);
  for (let turn = 0; turn < 3; turn++) {
    await assert.rejects(context.evalClosure('', [...many.slice(0, 40_000), {}]), { message: 'A non-transferable value was passed' });
  }
  assert.equal(await context.evalClosure('return 1', many.slice(0, 100)), 1);
});

test('a reference that is released lets go of what is in its context', async () => {
  const context = await new shim.Isolate({ memoryLimit: 32 }).createContext();
  const kept = [];
  for (let turn = 0; turn < 40; turn++) {
    const reference = await context.eval('new Uint8Array(2 ** 21)', { reference: true });
    reference.release();
    reference.release();
    kept.push(reference);
  }
  assert.equal(await context.eval('1'), 1);
  context.release();
  kept[0].release();
  const ended = await new shim.Isolate().createContext();
  const late = await ended.eval('({})', { reference: true });
  ended.release();
  late.release();
});

test('what is released tells no failure, which is for the next who waits', async () => {
  const context = await new shim.Isolate().createContext();
  const reference = await context.eval('({})', { reference: true });
  await context.eval('Object.defineProperty(globalThis, "fixed", { set() { throw new Error("it is fixed") } })');
  context.global.setSync('fixed', 1);
  await context.eval('1').catch(() => {});
  reference.release();
  await assert.rejects(async () => context.eval('1'), /it is fixed/);
});

test('a script that takes more than memoryLimit ends its isolate, and nothing else', async () => {
  const isolate = new shim.Isolate({ memoryLimit: 8 });
  const context = await isolate.createContext();
  const beside = await new shim.Isolate().createContext();
  await assert.rejects(context.eval('const all = []; for (;;) all.push(new Array(1000).fill(1.5))'), {
    message: 'Isolate was disposed during execution due to memory limit',
  });
  assert.equal(isolate.isDisposed, true);
  assert.equal(await beside.eval('1'), 1);
});

test('a context ends with a script of it that timed out, and says so', async () => {
  const isolate = new shim.Isolate();
  const context = await isolate.createContext();
  await assert.rejects(context.eval('for (;;);', { timeout: 20 }), /timed out/);
  await assert.rejects(context.eval('1'), /the context has ended, as a script of it timed out; make another/);
  assert.equal(await (await isolate.createContext()).eval('1'), 1);
});

test('what is set without waiting is there for the next script, and its failure is told', async () => {
  const context = new shim.Isolate().createContextSync();
  context.global.setSync('n', 2);
  assert.equal(await context.eval('n'), 2);
  await context.eval('Object.defineProperty(globalThis, "fixed", { set() { throw new Error("it is fixed") } })');
  context.global.setSync('fixed', 1);
  await context.eval('1').catch(() => {});
  await assert.rejects(async () => context.eval('1'), /it is fixed/);
  assert.equal(await context.eval('1'), 1);
});

test('what there is not is an error that says what to do', async () => {
  const isolate = new shim.Isolate();
  const context = await isolate.createContext();
  const refused = (call) => assert.rejects(async () => call(), { code: 'ERR_NOT_SUPPORTED' });
  await refused(() => context.evalSync('1'));
  await refused(() => context.evalClosureSync('1'));
  await refused(() => context.global.getSync('a'));
  await refused(() => isolate.compileScriptSync('1').runSync(context));
  await refused(() => isolate.compileModule('1'));
  await refused(() => isolate.cpuTime);
  await refused(() => shim.Isolate.createSnapshot([]));
  await refused(() => context.eval('() => 1'));
  await refused(async () => {
    const other = await isolate.createContext();
    return other.global.set('a', context.global.derefInto());
  });
  await assert.rejects(context.eval('1', { cachedData: 1 }), { code: 'ERR_INVALID_OPTION' });
  assert.throws(() => new shim.Isolate({ inspector: true }), /no option inspector/);
});

test('an open context does not keep the program from ending', async () => {
  const program = `import { Isolate } from 'sandtide/adapters/isolated-vm';
    const context = await new Isolate().createContext();
    console.log(await context.eval('1 + 1'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  assert.deepEqual([said, code], ['2\n', 0]);
});
