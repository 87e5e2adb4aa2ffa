// What a program changes of expressions is asked, also where the engine has paths of its own for those that
// nobody changed. Each change is undone before the next; the value is what went wrong, one a line.
(function () {
  const failures = [];
  const { prototype } = RegExp;
  const same = (what, value, expected) => {
    const text = JSON.stringify(value);
    if (text !== JSON.stringify(expected)) failures.push(`${what}: ${text}, not ${JSON.stringify(expected)}`);
  };
  const changed = (object, name, descriptor, work) => {
    const before = Object.getOwnPropertyDescriptor(object, name);
    Object.defineProperty(object, name, { configurable: true, ...descriptor });
    try { work(); } finally {
      delete object[name];
      if (before) Object.defineProperty(object, name, before);
    }
  };
  const uses = (re) => ['ab'.match(re), 'ab'.replace(re, '-'), 'ab'.replace(re, () => '+'), 'ab'.search(re), 'ab'.split(re), re.test('ab'),
    re.global ? [...'ab'.matchAll(re)].length : 0];
  const { exec } = prototype;

  for (const [where, re] of [['own', /b/g], ['inherited', /b/g]]) {
    let calls = 0;
    changed(where === 'own' ? re : prototype, 'exec', { value(string) { calls++; return exec.call(this, string); } }, () => {
      same(`${where} exec, values`, uses(re), [['b'], 'a-', 'a+', 1, ['a', ''], true, 0]);
      same(`${where} exec is called`, calls > (where === 'own' ? 7 : 10), true);
    });
  }
  changed(prototype, 'exec', { value: () => null }, () => same('exec answers null', /b/.test('b'), false));
  changed(prototype, 'exec', { get() { throw 1; } }, () => {
    let thrown = 0;
    for (const use of [() => /b/.test('b'), () => 'b'.replace(/b/, ''), () => 'b'.split(/b/), () => 'b'.match(/b/g), () => 'b'.search(/b/)]) {
      try { use(); } catch { thrown++; }
    }
    same('a getter of exec that throws', thrown, 5);
  });
  for (const [flag, letter] of Object.entries({ hasIndices: 'd', global: 'g', ignoreCase: 'i', multiline: 'm', dotAll: 's', unicode: 'u', unicodeSets: 'v', sticky: 'y' })) {
    let asked = 0;
    const re = /b/;
    changed(prototype, flag, { get() { asked++; return letter === 's' || letter === 'i'; } }, () => {
      same(`${flag} of flags`, re.flags, letter === 's' || letter === 'i' ? letter : '');
      'ab'.replace(re, '-');
      'ab'.split(re);
      same(`${flag} is asked`, asked, 3);
    });
  }
  changed(prototype, 'flags', { get: () => 'g' }, () => same('flags say global', 'bb'.match(/b/y), ['b', 'b']));
  {
    // The same getters in the same order, but under another name.
    const names = ['sticky', 'hasIndices', 'exec'];
    const all = Object.getOwnPropertyDescriptors(prototype), later = Object.keys(all).slice(Object.keys(all).indexOf('sticky'));
    for (const name of later) delete prototype[name];
    for (const name of later) Object.defineProperty(prototype, name === 'sticky' ? 'stuck' : name, all[name]);
    same('a flag under another name', [/b/y.flags, /b/y.stuck], ['', true]);
    for (const name of later) delete prototype[name === 'sticky' ? 'stuck' : name];
    for (const name of later) Object.defineProperty(prototype, name, all[name]);
    same('the flag is back', [/b/y.flags, names.every((name) => name in prototype)], ['y', true]);
  }
  {
    const made = [];
    const Other = class extends RegExp { constructor(...all) { super(...all); made.push(this); } };
    const before = Object.getOwnPropertyDescriptor(RegExp, Symbol.species);
    changed(RegExp, Symbol.species, { get: () => Other }, () => {
      same('species', ['a-b'.split(/-/), [...'a-b'.matchAll(/\w/g)].length, made.length], [['a', 'b'], 2, 2]);
    });
    same('species is back', Object.getOwnPropertyDescriptor(RegExp, Symbol.species).get === before.get, true);
    changed(prototype, 'constructor', { value: { [Symbol.species]: Other }, writable: true }, () => {
      same('constructor', ['a-b'.split(/-/), made.length], [['a', 'b'], 3]);
    });
    same('a derived class', ['a-b'.split(new Other('-')), 'b'.replace(new Other('b'), 'c')], [['a', 'b'], 'c']);
  }
  {
    let asked = 0;
    const index = { valueOf() { asked++; return 1; } };
    const re = /b/g;
    re.lastIndex = index;
    same('lastIndex is an object', [re.test('bb'), asked, re.lastIndex], [true, 1, 2]);
    re.lastIndex = index;
    same('search puts it back', ['b'.search(re), re.lastIndex === index], [0, true]);
    const once = /b/;
    once.lastIndex = index;
    asked = 0;
    same('lastIndex is asked without a flag', [once.test('b'), asked], [true, 1]);
    re.lastIndex = -5;
    same('a negative lastIndex', [re.test('b'), re.lastIndex], [true, 1]);
    re.lastIndex = 7;
    same('a lastIndex past the end', [re.test('b'), re.lastIndex], [false, 0]);
  }
  for (const [what, use, throws] of [['test', (re) => re.test('b'), true], ['replace', (re) => 'b'.replace(re, ''), true], ['match', (re) => 'b'.match(re), true],
    ['split', (re) => 'b'.split(re), false], ['matchAll', (re) => [...'b'.matchAll(re)], false]]) {
    let thrown = false;
    try { use(Object.freeze(/b/g)); } catch (error) { thrown = error instanceof TypeError; }
    same(`${what} of a frozen expression throws`, thrown, throws);
  }
  {
    const re = /b/g;
    same('what a replacing function does to the expression comes too late', 'bbb'.replace(re, () => { re.compile('x', 'y'); re.lastIndex = 2; return 'c'; }), 'ccc');
    same('and is kept', [re.source, re.flags, re.lastIndex], ['x', 'y', 2]);
    let seen;
    same('a function that throws', (() => { try { 'bb'.replace(/b/g, () => { throw 'out'; }); } catch (error) { return error; } })(), 'out');
    'ab'.replace(/(b)/, function () { 'use strict'; seen = [this === undefined, arguments.length]; });
    same('what it is called with', seen, [true, 4]);
    same('its answer becomes text', ['ab'.replace(/b/, () => ({ toString: () => 'T' })), 'ab'.replace(/b/, () => undefined)], ['aT', 'aundefined']);
    same('a replacement that is no text', ['ab'.replace(/b/, 1), 'ab'.replace(/b/, null), 'ab'.replace(/b/, { toString: () => '$&$&' })], ['a1', 'anull', 'abb']);
  }
  same('limits of split', ['a,b,c'.split(/,/, 0), 'a,b,c'.split(/,/, 2), 'a,b,c'.split(/,/, -1), 'a,b,c'.split(/(,)/, 2), 'a,b'.split(/,/, 2 ** 32 + 1)],
    [[], ['a', 'b'], ['a', 'b', 'c'], ['a', ','], ['a']]);
  same('empty texts', [''.split(/x/), ''.split(/(?:)/), 'ab'.split(/(?:)/), ''.match(/(?:)/g), 'ab'.replace(/(?:)/g, '-')], [[''], [], ['a', 'b'], [''], '-a-b-']);
  same('pairs of surrogates', ['😀😀'.replace(/(?:)/gu, '-'), '😀'.match(/(?:)/gu).length, '😀'.match(/(?:)/g).length], ['-😀-😀-', 2, 3]);
  same('ropes', ((long) => [(long + long).replace(/b/g, '').length, (long + long).match(/b/g).length, /bc/.test(long + 'c')])('ab'.repeat(5000)), [10000, 10000, true]);
  same('more groups than are passed on the stack', 'ab'.replace(new RegExp('()'.repeat(60) + '(b)'), (...all) => all.length + all[61]), 'a64b');
  same('indices', [/(?<x>b)/d.exec('ab').indices.groups.x, [...'ab'.matchAll(/b/dg)][0].indices[0]], [[1, 2], [1, 2]]);
  same('a long run', [/^(?:a+)+$/.test('a'.repeat(20000)), 'x'.repeat(100000).replace(/x*/, '').length, /a*?b/.exec('a'.repeat(50000) + 'b')[0].length], [true, 0, 50001]);
  return failures.join('\n');
})()
