// Flags: --experimental-vm-modules
'use strict';
// `import source`: how it is read, and that modules of JavaScript have no source.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

const phases = (source) => new vm.SourceTextModule(source).moduleRequests.map(({ specifier, phase }) => `${specifier} ${phase}`);

function requests(source, expected) {
  test.since('v24.0.0', source, () => { assert.deepStrictEqual(phases(source), expected); });
}

requests('import source x from "a";', ['a source']);
requests('import source from from "a";', ['a source']);
requests('import source source from "a";', ['a source']);
requests('import source from "a";', ['a evaluation']);
requests('import source, { b } from "a";', ['a evaluation']);
requests('import source x from "a"; import { b } from "a"; import y from "a";', ['a source', 'a evaluation']);
requests('import { b } from "a"; import source x from "a"; import source y from "a";', ['a evaluation', 'a source']);

for (const source of ['import source {x} from "a"', 'import source * as x from "a"', 'import source x, y from "a"',
                      'import defer * as x from "a"', 'import defer x from "a"']) {
  test.since('v24.0.0', `${source} is a SyntaxError`, () => {
    assert.throws(() => new vm.SourceTextModule(source), SyntaxError);
  });
}

test.since('v24.0.0', 'a module of JavaScript has no source', async () => {
  const module = new vm.SourceTextModule('import source x from "a"; export default x;');
  const other = new vm.SourceTextModule('', { identifier: 'other' });
  await assert.rejects(module.link(() => other), {
    name: 'SyntaxError', code: 'ERR_SOURCE_PHASE_NOT_DEFINED',
    message: "Source phase import object is not defined for module 'other'",
  });
  assert.strictEqual(module.status, 'unlinked');
});

test.ours('cached data keeps the phase', () => {
  const source = 'import source x from "a";';
  const cachedData = new vm.SourceTextModule(source).createCachedData();
  const { moduleRequests: [{ phase }] } = new vm.SourceTextModule(source, { cachedData });
  assert.strictEqual(phase, 'source');
});

// --- import.source() ---

for (const source of ['import.source("a")', 'x = import.source("a")', 'typeof import . source ("a")',
                      '(async () => { await import.source("a"); })', 'import.source("a").then']) {
  test.since('v24.0.0', `${source} is read`, () => {
    new vm.Script(source);
    new vm.SourceTextModule(source);
  });
}

for (const [source, message] of [
  ['import.source()', 'import() requires a specifier'],
  ['import.source("a", {})', "Unexpected token ','"],
  ['new import.source("a")', 'Cannot use new with import'],
  ['import.source("a") = 1', 'Invalid left-hand side in assignment'],
  ['import.source(...a)', "Unexpected token '...'"],
  ['import.defer("a")', "Unexpected identifier 'defer'"],
]) {
  test.since('v24.0.0', `${source} is a SyntaxError`, () => {
    for (const make of [() => new vm.Script(source), () => new vm.SourceTextModule(source)]) {
      assert.throws(make, { name: 'SyntaxError', message });
    }
  });
}

test.since('v24.0.0', 'import source takes no attributes', () => {
  assert.throws(() => new vm.SourceTextModule('import source x from "a" with { type: "json" }'),
                { name: 'SyntaxError', message: "Unexpected token 'with'" });
});

test.since('v24.0.0', 'the callback learns that the source is asked for, and its module has none', async () => {
  const phases = [];
  const importModuleDynamically = (specifier, referrer, attributes, phase) => {
    phases.push(`${specifier} ${phase} ${Object.keys(attributes).length}`);
    return new vm.SourceTextModule('throw new Error("it was run")', { identifier: 'without' });
  };
  await assert.rejects(vm.runInThisContext('import.source("a")', { importModuleDynamically }), {
    name: 'SyntaxError', code: 'ERR_SOURCE_PHASE_NOT_DEFINED',
    message: "Source phase import object is not defined for module 'without'",
  });
  await assert.rejects(vm.runInThisContext('import.source("a")', { importModuleDynamically: () => ({}) }),
                       { code: 'ERR_VM_MODULE_NOT_MODULE' });
  assert.deepStrictEqual(phases, ['a source 0']);
});

test.since('v24.0.0', 'what is no specifier rejects', async () => {
  const text = 'import.source({ toString() { throw new RangeError("none"); } })';
  await assert.rejects(vm.runInThisContext(text), { name: 'RangeError', message: 'none' });
  await assert.rejects(vm.runInThisContext('import.source("a")'), { code: 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING' });
});

test.since('v24.0.0', 'modules of the main loader have no source', async () => {
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  for (const specifier of ['fs', 'node:fs']) {
    await assert.rejects(vm.runInThisContext(`import.source("${specifier}")`, { importModuleDynamically }), {
      name: 'SyntaxError', code: 'ERR_SOURCE_PHASE_NOT_DEFINED',
      message: "Source phase import object is not defined for module 'node:fs'",
    });
  }
});

test.ours('cached data keeps the attributes of requests', () => {
  const source = 'import a from "a" with { type: "json" }; import "b";';
  const cachedData = new vm.SourceTextModule(source).createCachedData();
  const requests = (module) => module.moduleRequests.map(({ specifier, attributes }) => `${specifier} ${JSON.stringify(attributes)}`);
  assert.deepStrictEqual(requests(new vm.SourceTextModule(source, { cachedData })), ['a {"type":"json"}', 'b {}']);
});
