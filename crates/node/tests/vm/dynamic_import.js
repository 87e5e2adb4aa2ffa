// Flags: --experimental-vm-modules
'use strict';
// Support of dynamic import() in the compilation APIs, with --experimental-vm-modules.

const assert = require('assert');
const path = require('path');
const vm = require('vm');
const { test } = require('./harness');

const { SourceTextModule, SyntheticModule } = vm;

const rejected = async (promise) => {
  try { await promise; } catch (error) { return error; }
  return assert.fail('not rejected');
};

async function found(value = 'found') {
  const module = new SyntheticModule(['default'], () => { module.setExport('default', value); });
  await module.link(() => {});
  await module.evaluate();
  return module;
}

// Each API with the option: (code that is an import() expression, options) -> the promise and who must be the referrer.
const apis = {
  'new vm.Script': (code, options) => {
    const script = new vm.Script(code, options);
    return { promise: script.runInThisContext(), referrer: script };
  },
  'vm.runInThisContext': (code, options) => ({ promise: vm.runInThisContext(code, options), referrer: vm.Script }),
  'vm.runInContext': (code, options) => ({ promise: vm.runInContext(code, vm.createContext(), options), referrer: vm.Script }),
  'vm.runInNewContext': (code, options) => ({ promise: vm.runInNewContext(code, {}, options), referrer: vm.Script }),
  'vm.compileFunction': (code, options) => {
    const f = vm.compileFunction(`return ${code}`, [], options);
    return { promise: f(), referrer: f };
  },
  'new vm.SourceTextModule': (code, options) => {
    const module = new SourceTextModule(`export default ${code}`, options);
    return { promise: module.link(() => {}).then(() => module.evaluate()).then(() => module.namespace.default), referrer: module };
  },
};

for (const [name, run] of Object.entries(apis)) {
  test(`${name}: without the option, import() rejects with ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING`, async () => {
    for (const options of [undefined, {}, { importModuleDynamically: undefined }]) {
      const error = await rejected(run('import("x")', options).promise);
      assert.deepStrictEqual([error.code, error.name, error.message], ['ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING', 'TypeError', 'A dynamic import callback was not specified.']);
    }
  });

  test(`${name}: the callback gets the specifier, the referrer and the attributes`, async () => {
    let args;
    const { promise, referrer } = run('import("foo", { with: { type: "json" } })', {
      importModuleDynamically(...given) { args = given; return found(); },
    });
    const namespace = await promise;
    assert.strictEqual(namespace.default, 'found');
    assert.strictEqual(args[0], 'foo');
    if (referrer === vm.Script) assert.ok(args[1] instanceof vm.Script);
    else assert.strictEqual(args[1], referrer);
    assert.strictEqual(args[2].type, 'json');
    assert.strictEqual(Object.keys(args[2]).length, 1);
  });

  test(`${name}: attributes are an empty object if none were given`, async () => {
    let attributes;
    await run('import("foo")', { importModuleDynamically(specifier, referrer, given) { attributes = given; return found(); } }).promise;
    assert.deepStrictEqual(Reflect.ownKeys(attributes), []);
  });

  test(`${name}: what the callback throws or rejects with is the rejection`, async () => {
    const error = new Error('from the callback');
    assert.strictEqual(await rejected(run('import("x")', { importModuleDynamically() { throw error; } }).promise), error);
    assert.strictEqual(await rejected(run('import("x")', { async importModuleDynamically() { throw 5; } }).promise), 5);
  });

  test(`${name}: the callback must give a module or a namespace`, async () => {
    for (const value of [undefined, null, 5, 'x', {}, Promise.resolve(1)]) {
      assert.strictEqual((await rejected(run('import("x")', { importModuleDynamically: () => value }).promise)).code, 'ERR_VM_MODULE_NOT_MODULE');
    }
  });
}

test('the callback is called at import(), not before', async () => {
  let calls = 0;
  const f = vm.runInThisContext('() => import("x")', { importModuleDynamically() { calls++; return found(); } });
  assert.strictEqual(calls, 0);
  await f();
  await f();
  assert.strictEqual(calls, 2);
});

test('the specifier is made a string', async () => {
  const seen = [];
  const options = { importModuleDynamically(specifier) { seen.push(specifier); return found(); } };
  await vm.runInThisContext('import({ toString: () => "made" })', options);
  await vm.runInThisContext('import(5)', options);
  assert.deepStrictEqual(seen, ['made', '5']);
  assert.strictEqual((await rejected(vm.runInThisContext('import(Symbol())', options))).name, 'TypeError');
  assert.strictEqual(await rejected(vm.runInThisContext('import({ toString() { throw 7 } })', options)), 7);
});

test('a namespace object of a module of the program will do', async () => {
  const namespace = await vm.runInThisContext('import("x")', { importModuleDynamically: () => import('node:path') });
  assert.strictEqual(namespace.join, path.join);
});

test('returning a vm.Module: errors are tracked', async () => {
  const module = new SourceTextModule('throw new Error("while evaluating")');
  await module.link(() => {});
  await rejected(module.evaluate());
  assert.strictEqual(await rejected(vm.runInThisContext('import("x")', { importModuleDynamically: () => module })), module.error);
});

test('returning a vm.Module: it must be linked', async () => {
  const error = await rejected(vm.runInThisContext('import("x")', { importModuleDynamically: () => new SourceTextModule('') }));
  assert.strictEqual(error.code, 'ERR_VM_MODULE_STATUS');
});

test('returning a vm.Module: an evaluated SourceTextModule', async () => {
  const namespace = await vm.runInNewContext('import("x")', {}, {
    async importModuleDynamically() {
      const module = new SourceTextModule('export const a = 1; export default 2');
      await module.link(() => {});
      await module.evaluate();
      return module;
    },
  });
  assert.deepStrictEqual([namespace.a, namespace.default], [1, 2]);
});

test('import() in eval and in functions made inside a script asks the script\'s callback', async () => {
  const options = { importModuleDynamically: () => found('by the script') };
  for (const code of ['eval("import(`x`)")', '(0, eval)("import(`x`)")', 'Function("return import(`x`)")()', '(async () => await import("x"))()', '(() => { return () => import("x") })()()']) {
    assert.strictEqual((await vm.runInNewContext(code, {}, options)).default, 'by the script', code);
  }
});

test('a promise of import() is of the context', async () => {
  const context = vm.createContext({});
  const [own] = await vm.runInContext('const p = import("x"); [p instanceof Promise]', context, { importModuleDynamically: () => found() });
  assert.strictEqual(own, true);
});

test('import() inside a module of vm, resolving another', async () => {
  const seen = [];
  const module = new SourceTextModule('export const later = import("other").then((ns) => ns.default)', {
    identifier: 'first.mjs',
    importModuleDynamically(specifier, referrer) { seen.push(specifier, referrer.identifier); return found('other module'); },
  });
  await module.link(() => {});
  await module.evaluate();
  assert.strictEqual(await module.namespace.later, 'other module');
  assert.deepStrictEqual(seen, ['other', 'first.mjs']);
});

test('USE_MAIN_CONTEXT_DEFAULT_LOADER is not supported for SourceTextModule', () => {
  assert.throws(() => new SourceTextModule('', { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test.since('v22.0.0', 'vm.createContext(): the option is used when there is no referrer script or module', async () => {
  let args;
  const context = vm.createContext({}, { importModuleDynamically(...given) { args = given; return found('by the context'); } });
  const promise = vm.runInContext('Promise.resolve("import(`x`)").then(eval)', context);
  assert.strictEqual((await promise).default, 'by the context');
  assert.strictEqual(args[0], 'x');
  assert.strictEqual(args[1], context);
});

test('vm.createContext(): the option is not used for scripts, which have their own', async () => {
  const context = vm.createContext({}, { importModuleDynamically: () => found() });
  assert.strictEqual((await rejected(vm.runInContext('import("x")', context))).code, 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING');
});

test('an import() that nobody waits for and that fails is an unhandled rejection', async () => {
  const error = await new Promise((resolve) => {
    process.once('unhandledRejection', resolve);
    vm.runInThisContext('import("x")');
  });
  assert.strictEqual(error.code, 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING');
});

test('the documentation\'s example', async () => {
  const script = new vm.Script('import("foo.json", { with: { type: "json" } })', {
    async importModuleDynamically(specifier, referrer, importAttributes) {
      assert.strictEqual(specifier, 'foo.json');
      assert.strictEqual(referrer, script);
      assert.deepStrictEqual({ ...importAttributes }, { type: 'json' });
      const m = new SyntheticModule(['bar'], () => {});
      await m.link(() => {});
      m.setExport('bar', { hello: 'world' });
      return m;
    },
  });
  const result = await script.runInThisContext();
  assert.deepStrictEqual({ ...result }, { bar: { hello: 'world' } });
});
