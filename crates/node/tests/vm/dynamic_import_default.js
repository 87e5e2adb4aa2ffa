'use strict';
// import() in the compilation APIs without --experimental-vm-modules: the main context's loader, and callbacks that are not allowed.

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { pathToFileURL } = require('url');
const vm = require('vm');
const { test } = require('./harness');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-import-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
fs.writeFileSync(path.join(folder, 'test.mjs'), 'export const filename = "./test.json"; export const url = import.meta.url; export let n = 0; export const inc = () => ++n;');
fs.writeFileSync(path.join(folder, 'test.json'), '{"hello":"world"}');
fs.writeFileSync(path.join(folder, 'common.cjs'), 'exports.common = 5; exports.here = __filename;');

const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const since = 'v22.0.0';

const rejected = async (promise) => {
  try { await promise; } catch (error) { return error; }
  return assert.fail('not rejected');
};

test('modules of vm are hidden without the flag', () => {
  assert.deepStrictEqual([vm.Module, vm.SourceTextModule, vm.SyntheticModule], [undefined, undefined, undefined]);
});

const apis = {
  'new vm.Script': (code, options) => new vm.Script(code, options).runInThisContext(),
  'vm.runInThisContext': (code, options) => vm.runInThisContext(code, options),
  'vm.runInContext': (code, options) => vm.runInContext(code, vm.createContext(), options),
  'vm.runInNewContext': (code, options) => vm.runInNewContext(code, {}, options),
  'vm.compileFunction': (code, options) => vm.compileFunction(`return ${code}`, [], options)(),
};

for (const [name, run] of Object.entries(apis)) {
  test(`${name}: code with import() can be compiled; calling it rejects with ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING`, async () => {
    assert.strictEqual(await run('typeof (() => import("x"))'), 'function');
    const error = await rejected(run('import("x")'));
    assert.deepStrictEqual([error.code, error.message], ['ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING', 'A dynamic import callback was not specified.']);
  });

  test.since(since, `${name}: a callback without the flag is ignored: ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG`, async () => {
    const error = await rejected(run('import("x")', { importModuleDynamically() { assert.fail('called'); } }));
    assert.deepStrictEqual([error.code, error.message], ['ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG', 'A dynamic import callback was invoked without --experimental-vm-modules']);
  });

  test(`${name}: USE_MAIN_CONTEXT_DEFAULT_LOADER gives access to built-in modules`, async () => {
    const namespace = await run('import("node:fs")', { importModuleDynamically });
    assert.strictEqual(namespace.readFileSync, fs.readFileSync);
    assert.strictEqual(namespace.default, fs);
  });

  test(`${name}: USE_MAIN_CONTEXT_DEFAULT_LOADER loads user modules, relative to an absolute filename`, async () => {
    const filename = path.join(folder, 'not-there.js');
    const { filename: name_, url } = await run('import("./test.mjs")', { filename, importModuleDynamically });
    assert.strictEqual(name_, './test.json');
    assert.strictEqual(url, pathToFileURL(path.join(fs.realpathSync(folder), 'test.mjs')).href);
  });

  test(`${name}: USE_MAIN_CONTEXT_DEFAULT_LOADER, relative to a URL as filename`, async () => {
    const filename = pathToFileURL(path.join(folder, 'not-there.js')).href;
    assert.strictEqual((await run('import("./test.mjs")', { filename, importModuleDynamically })).filename, './test.json');
  });

  test(`${name}: USE_MAIN_CONTEXT_DEFAULT_LOADER, relative to the working directory otherwise`, async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const filename of [undefined, 'some-name.js']) {
        assert.strictEqual((await run('import("./test.mjs")', { filename, importModuleDynamically })).filename, './test.json');
      }
    } finally {
      process.chdir(before);
    }
  });

  test(`${name}: USE_MAIN_CONTEXT_DEFAULT_LOADER rejects for what is not there`, async () => {
    const error = await rejected(run('import("./nope.mjs")', { filename: path.join(folder, 'x.js'), importModuleDynamically }));
    assert.strictEqual(error.code, 'ERR_MODULE_NOT_FOUND');
  });
}

test('objects of modules loaded from the main context are no instances of the classes of the new context (the documentation\'s example)', async () => {
  const script = new vm.Script('import("node:fs").then(({readFile}) => readFile instanceof Function)', { importModuleDynamically });
  assert.strictEqual(await script.runInNewContext(), false);
  assert.strictEqual(await script.runInThisContext(), true);
});

test('a script that loads a module and then JSON as if it were in the same directory (the documentation\'s example)', async () => {
  const script = new vm.Script(`(async function() {
    const { filename } = await import('./test.mjs');
    return import(filename, { with: { type: 'json' } })
  })();`, { filename: path.join(folder, 'test-with-default.js'), importModuleDynamically });
  assert.deepStrictEqual({ ...await script.runInThisContext() }, { default: { hello: 'world' } });
});

test('CommonJS modules are loaded too', async () => {
  const namespace = await vm.runInThisContext('import("./common.cjs")', { filename: path.join(folder, 'x.js'), importModuleDynamically });
  assert.strictEqual(namespace.default.common, 5);
});

test('subsequent loads of the same module return the same thing', async () => {
  const load = () => vm.runInNewContext('import("./test.mjs")', {}, { filename: path.join(folder, 'x.js'), importModuleDynamically });
  const [first, second] = [await load(), await load()];
  assert.strictEqual(first, second);
  first.inc();
  assert.strictEqual(second.n, 1);
});

test('the cache is not hit with other search parameters', async () => {
  const load = (query) => vm.runInThisContext(`import("./test.mjs?${query}")`, { filename: pathToFileURL(path.join(folder, 'x.js')).href, importModuleDynamically });
  assert.notStrictEqual(await load('a'), await load('b'));
  assert.strictEqual(await load('a'), await load('a'));
});

test.since(since, 'vm.createContext(): the main loader is used when there is no referrer', async () => {
  const context = vm.createContext({}, { importModuleDynamically });
  const namespace = await vm.runInContext('Promise.resolve("import(`node:path`)").then(eval)', context);
  assert.strictEqual(namespace.join, path.join);
  const none = vm.createContext({});
  assert.strictEqual((await rejected(vm.runInContext('Promise.resolve("import(`node:path`)").then(eval)', none))).code, 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING');
});

test('the option takes a function or the constant', () => {
  for (const value of [null, 5, 'x', {}, Symbol('other'), vm.constants.DONT_CONTEXTIFY].filter((value) => value !== undefined)) {
    assert.throws(() => new vm.Script('1', { importModuleDynamically: value }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => vm.compileFunction('1', [], { importModuleDynamically: value }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
});
