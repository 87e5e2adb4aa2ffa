// Speaks the same to Sandtide and to Node, and prints where the answers differ. What is known to differ
// stands in differences.json, with why; anything else is a failure.
//
//   node compare.mjs PROGRAM [--list]

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './client.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const planted = join(here, 'planted.cjs');

// Each asks something and gives what is compared.
const cases = {
  async 'Runtime.enable'({ events }) {
    return events.filter(({ method }) => method === 'Runtime.executionContextCreated').map(({ params: { context } }) => ({
      name: context.name === 'planted context' ? context.name : 'main', origin: context.origin, auxData: context.auxData,
    }));
  },
  async 'Runtime.consoleAPICalled, replayed'({ events }) {
    return events.filter(({ method }) => method === 'Runtime.consoleAPICalled').map(({ params }) => ({
      type: params.type, args: params.args.map(plain), line: params.stackTrace?.callFrames[0]?.lineNumber,
    }));
  },
};

function evaluated(name, expression, more = {}) {
  cases[`Runtime.evaluate ${name}`] = async ({ send }) => plainAnswer(await send('Runtime.evaluate', { expression, ...more }));
}

for (const [name, expression] of Object.entries({
  number: '1 + 1', text: '"a"', boolean: 'true', nothing: 'undefined', null: 'null', 'negative zero': '-0', NaN: 'NaN',
  infinity: '-Infinity', bigint: '12n', symbol: 'Symbol("s")', object: '({a: 1})', array: '[1, "a", null]', map: 'new Map([[1, {a: 2}]])',
  set: 'new Set([1, 2])', date: 'new Date(0)', regexp: '/a+/gi', 'typed array': 'new Uint8Array([1, 2])', buffer: 'new ArrayBuffer(8)',
  view: 'new DataView(new ArrayBuffer(4))', 'weak map': 'new WeakMap()', 'weak set': 'new WeakSet()', proxy: 'new Proxy({a: 1}, {})',
  'proxy of an array': 'new Proxy([1, 2], {})', 'pending promise': 'new Promise(() => {})', 'resolved promise': 'Promise.resolve(42)',
  function: '(function named(a) { return a; })', arrow: '(a) => a', class: '(class Made {})', async: '(async () => {})',
  generator: '(function* made() {})()', 'iterator of a map': 'new Map([[1, 2]]).entries()', arguments: '(function() { return arguments; })(1)',
  'own class': 'planted.point', 'null prototype': 'Object.create(null)', 'boxed number': 'new Number(5)', error: 'new RangeError("made")',
  global: 'typeof globalThis',
})) {
  evaluated(name, expression);
  evaluated(`${name}, with a preview`, expression, { generatePreview: true });
}
for (const [name, expression] of Object.entries({
  'of an object': '({a: [1, {b: null}], c: "x"})', 'of a number': '5', 'of a function': '() => 1', 'of NaN': 'NaN', 'of a date': 'new Date(0)',
  'of a circle': '(() => { const a = {}; a.a = a; return a; })()', 'of a symbol': 'Symbol()', 'of a map': 'new Map([[1, 2]])',
})) evaluated(`by value ${name}`, expression, { returnByValue: true });

evaluated('many properties, with a preview', '({a: 1, b: 2, c: 3, d: 4, e: 5, f: 6})', { generatePreview: true });
evaluated('a long text in a preview', '({a: "x".repeat(200)})', { generatePreview: true });
evaluated('an accessor in a preview', '({get a() { return 1; }})', { generatePreview: true });
evaluated('nested objects in a preview', '({a: {b: {c: 1}}, d: [1, 2], e: () => 1, f: new Date(0)})', { generatePreview: true });
evaluated('a large array in a preview', 'Array.from({length: 120}, (_, i) => i)', { generatePreview: true });
evaluated('what throws', 'throw new TypeError("made")');
evaluated('what throws a value', 'throw 5');
evaluated('what does not parse', 'a +');
evaluated('what is not there', 'notThere.a');
evaluated('a declaration', 'let declared = 5; declared');
evaluated('a declared name', 'declared + 1');
evaluated('with a promise that is awaited', 'planted.wait(Promise.resolve(1))', { awaitPromise: true });
evaluated('with a promise that is rejected', 'Promise.reject(new Error("made"))', { awaitPromise: true });
evaluated('with await, as a console', 'await planted.wait(1)', { replMode: true });
evaluated('braces, as a console', '{a: 1}', { replMode: true });
evaluated('with side effects that are refused', 'globalThis.effect = 1', { throwOnSideEffect: true });
evaluated('with the names of the console', 'typeof require', { includeCommandLineAPI: true });
evaluated('without the names of the console', 'typeof require');
evaluated('in a context that is not there', '1', { contextId: 99 });
evaluated('in a context', 'inside + 1', { contextId: 2 });

const objects = { object: '({a: 1, get b() { return 2; }, [Symbol("s")]: 3})', array: '["a", "b"]', map: 'new Map([[1, 2]])',
                  promise: 'Promise.resolve(1)', proxy: 'new Proxy({a: 1}, {})', 'bound function': 'planted.add.bind(null, 1)',
                  'boxed text': 'new String("ab")', error: 'Object.assign(new Error("m"), {code: 1})', 'typed array': 'new Uint8Array(2)',
                  'private fields': 'planted.point' };
for (const [name, expression] of Object.entries(objects)) {
  cases[`Runtime.getProperties of ${name}`] = async ({ send }) => {
    const { result } = await send('Runtime.evaluate', { expression });
    const { objectId } = result;
    const answer = await send('Runtime.getProperties', { objectId, ownProperties: true });
    return {
      own: answer.result?.map(({ name, value, get, writable, configurable, enumerable, isOwn, symbol }) => ({
        name, value: value && plain(value), get: get?.type, writable, configurable, enumerable, isOwn, symbol: symbol && plain(symbol),
      })),
      private: answer.privateProperties?.map(({ name, value }) => ({ name, value: value && plain(value) })),
      internal: answer.internalProperties?.map(({ name, value }) => ({ name, type: value?.type, subtype: value?.subtype, description: value?.type === 'function' ? '' : value?.description })),
    };
  };
}

Object.assign(cases, {
  async 'Runtime.callFunctionOn'({ send }) {
    const { result } = await send('Runtime.evaluate', { expression: 'planted.point' });
    return plainAnswer(await send('Runtime.callFunctionOn', {
      objectId: result.objectId, functionDeclaration: 'function (a, b, c) { return [this.x, a, b, typeof c]; }',
      arguments: [{ value: 5 }, { unserializableValue: 'NaN' }, {}], returnByValue: true,
    }));
  },
  async 'Runtime.callFunctionOn with an object'({ send }) {
    const { result } = await send('Runtime.evaluate', { expression: '({a: 1})' });
    return plainAnswer(await send('Runtime.callFunctionOn', {
      executionContextId: 1, functionDeclaration: '(o) => o.a + 1', arguments: [{ objectId: result.objectId }],
    }));
  },
  async 'Runtime.callFunctionOn without an object'({ send }) {
    return plainAnswer(await send('Runtime.callFunctionOn', { functionDeclaration: '() => 1' }));
  },
  async 'Runtime.callFunctionOn that throws'({ send }) {
    return plainAnswer(await send('Runtime.callFunctionOn', { executionContextId: 1, functionDeclaration: '() => { throw new Error("made"); }' }));
  },
  async 'Runtime.compileScript and runScript'({ send }) {
    const made = await send('Runtime.compileScript', { expression: '6 * 7', sourceURL: 'made.js', persistScript: true });
    return [Object.keys(made), plainAnswer(await send('Runtime.runScript', { scriptId: made.scriptId }))];
  },
  async 'Runtime.compileScript that fails'({ send }) {
    return plainAnswer(await send('Runtime.compileScript', { expression: 'a +', sourceURL: 'made.js', persistScript: false }));
  },
  async 'Runtime.awaitPromise'({ send }) {
    const { result } = await send('Runtime.evaluate', { expression: 'planted.wait(1)' });
    return plainAnswer(await send('Runtime.awaitPromise', { promiseObjectId: result.objectId }));
  },
  async 'Runtime.awaitPromise of no promise'({ send }) {
    const { result } = await send('Runtime.evaluate', { expression: '({})' });
    return await send('Runtime.awaitPromise', { promiseObjectId: result.objectId });
  },
  async 'Runtime.releaseObjectGroup'({ send }) {
    const { result } = await send('Runtime.evaluate', { expression: '({})', objectGroup: 'made' });
    const released = await send('Runtime.releaseObjectGroup', { objectGroup: 'made' });
    return [released, await send('Runtime.getProperties', { objectId: result.objectId })];
  },
  async 'Runtime.releaseObject'({ send }) {
    const { result } = await send('Runtime.evaluate', { expression: '({})' });
    return await send('Runtime.releaseObject', { objectId: result.objectId });
  },
  async 'Runtime.getProperties of what is no id'({ send }) {
    return await send('Runtime.getProperties', { objectId: 'no' });
  },
  async 'Runtime.globalLexicalScopeNames'({ send }) {
    await send('Runtime.evaluate', { expression: 'let lexical = 1' });
    const { names } = await send('Runtime.globalLexicalScopeNames');
    return names.includes('lexical');
  },
  async 'Runtime.addBinding'({ send, until }) {
    await send('Runtime.addBinding', { name: 'told' });
    const called = until('Runtime.bindingCalled');
    await send('Runtime.evaluate', { expression: 'told("payload")' });
    return (await called).payload;
  },
  async 'Runtime.queryObjects'({ send }) {
    const { result } = await send('Runtime.evaluate', { expression: 'planted.Point.prototype' });
    const { objects } = await send('Runtime.queryObjects', { prototypeObjectId: result.objectId });
    return plain(objects);
  },
  async 'Runtime.getHeapUsage'({ send }) {
    return Object.values(await send('Runtime.getHeapUsage')).every(Number.isFinite);
  },
  async 'Runtime.getIsolateId'({ send }) {
    return /^[0-9a-f]+$/.test((await send('Runtime.getIsolateId')).id);
  },
  async 'Runtime.exceptionThrown'({ send, until }) {
    const thrown = until('Runtime.exceptionThrown');
    await send('Runtime.evaluate', { expression: `
      process.once('uncaughtException', () => {}); setTimeout(() => { throw new Error('late'); }, 1); undefined` });
    const { exceptionDetails } = await thrown.catch(() => ({}));
    return exceptionDetails === undefined ? 'none' : firstLine(exceptionDetails.exception.description);
  },
  async 'Runtime.consoleAPICalled'({ send, until }) {
    const called = until('Runtime.consoleAPICalled');
    await send('Runtime.evaluate', { expression: 'console.error("made", {a: [1]}, new Error("e"))' });
    const { type, args } = await called;
    return { type, args: args.map(plain) };
  },
  async 'Debugger.enable twice'({ send }) {
    return typeof (await send('Debugger.enable')).debuggerId;
  },
  async 'Debugger.scriptParsed'({ script }) {
    return { ...script, scriptId: '', stackTrace: undefined, url: '', embedderName: '' };
  },
  async 'Debugger.getScriptSource'({ send, script }) {
    return (await send('Debugger.getScriptSource', { scriptId: script.scriptId })).scriptSource === readFileSync(planted, 'utf8');
  },
  async 'Debugger.getScriptSource of none'({ send }) {
    return (await send('Debugger.getScriptSource', { scriptId: '999999' })).error?.code;
  },
  async 'Debugger.searchInContent'({ send, script }) {
    return await send('Debugger.searchInContent', { scriptId: script.scriptId, query: 'PLANTED LOG' });
  },
  async 'Debugger.getPossibleBreakpoints'({ send, script }) {
    const { locations } = await send('Debugger.getPossibleBreakpoints', {
      start: { scriptId: script.scriptId, lineNumber: 14 }, end: { scriptId: script.scriptId, lineNumber: 18 },
    });
    return locations.map(({ lineNumber, columnNumber, type }) => [lineNumber, columnNumber, type]);
  },
  async 'Debugger.setBreakpointByUrl'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 15 }, 'planted.add(1, 2)', async (paused) => ({
      reason: paused.reason, hits: paused.hitBreakpoints.length, frames: shown(paused, 1),
      scopes: paused.callFrames[0].scopeChain.map(({ type, name }) => [type, name]),
      self: paused.callFrames[0].this.className,
    }));
  },
  async 'Debugger.setBreakpointByUrl by pattern'({ send, until }) {
    return await atBreakpoint({ send, until }, { urlRegex: '.*planted\\.cjs$', lineNumber: 16 }, 'planted.add(1, 2)', (paused) => shown(paused, 1));
  },
  async 'Debugger.setBreakpointByUrl with a condition'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 22, condition: 'value === 3' }, 'planted.outer([1, 2, 3])', async (paused) => {
      const [frame] = paused.callFrames;
      const { result } = await send('Debugger.evaluateOnCallFrame', { callFrameId: frame.callFrameId, expression: '[value, count]', returnByValue: true });
      return result.value;
    });
  },
  async 'Debugger: a logpoint'({ send, script, until }) {
    const { breakpointId } = await send('Debugger.setBreakpointByUrl', {
      url: script.url, lineNumber: 16, condition: 'console.log("logpoint", sum), false',
    });
    const called = until('Runtime.consoleAPICalled');
    await send('Runtime.evaluate', { expression: 'planted.add(20, 22)' });
    await send('Debugger.removeBreakpoint', { breakpointId });
    return (await called).args.map(plain);
  },
  async 'Debugger.setBreakpointByUrl twice'({ send, script }) {
    const first = await send('Debugger.setBreakpointByUrl', { url: script.url, lineNumber: 15 });
    const second = await send('Debugger.setBreakpointByUrl', { url: script.url, lineNumber: 15 });
    await send('Debugger.removeBreakpoint', { breakpointId: first.breakpointId });
    return second;
  },
  async 'Debugger.setBreakpoint'({ send, script }) {
    const { breakpointId, actualLocation } = await send('Debugger.setBreakpoint', { location: { scriptId: script.scriptId, lineNumber: 15 } });
    await send('Debugger.removeBreakpoint', { breakpointId });
    return [actualLocation.lineNumber, actualLocation.columnNumber];
  },
  async 'Debugger.breakpointResolved'({ send, until }) {
    const { breakpointId, locations } = await send('Debugger.setBreakpointByUrl', { url: 'made-later.js', lineNumber: 1 });
    const resolved = until('Debugger.breakpointResolved');
    await send('Runtime.evaluate', { expression: 'function later() {\n  return 5;\n}\n//# sourceURL=made-later.js' });
    const { location } = await resolved;
    await send('Debugger.removeBreakpoint', { breakpointId });
    return [locations, location.lineNumber, location.columnNumber];
  },
  async 'Debugger.evaluateOnCallFrame'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 22 }, 'planted.outer([5])', async (paused) => {
      const answers = [];
      for (const [frame, expression] of [[0, 'value'], [0, 'count'], [0, 'value = 9; value'], [1, 'list'], [1, 'this === undefined'],
                                         [0, 'notThere'], [0, 'let a = 3; a * 2'], [0, 'typeof require']]) {
        const { callFrameId } = paused.callFrames[frame];
        answers.push(plainAnswer(await send('Debugger.evaluateOnCallFrame', { callFrameId, expression })));
      }
      return answers;
    });
  },
  async 'Debugger.evaluateOnCallFrame in a context'({ send, until }) {
    const paused = until('Debugger.paused');
    send('Runtime.evaluate', { expression: 'function own(a) { debugger; return a + inside; } own(1)', contextId: 2 });
    const { callFrames: [{ callFrameId }] } = await paused;
    const answer = plainAnswer(await send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'a + inside' }));
    await send('Debugger.resume');
    return answer;
  },
  async 'Debugger.setVariableValue'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 16 }, 'planted.add(1, 2)', async (paused) => {
      const [{ callFrameId }] = paused.callFrames;
      await send('Debugger.setVariableValue', { scopeNumber: 0, variableName: 'a', newValue: { value: 40 }, callFrameId });
      return plainAnswer(await send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'a' }));
    });
  },
  async 'Debugger.stepOver, stepInto and stepOut'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 25 }, 'planted.outer([1, 2])', async () => {
      const lines = [];
      for (const step of ['stepOver', 'stepOut']) {
        const paused = until('Debugger.paused');
        await send(`Debugger.${step}`);
        const { callFrames: [frame], reason } = await paused;
        lines.push([step, reason, frame.functionName, frame.location.lineNumber]);
      }
      return lines;
    });
  },
  async 'Debugger.stepInto and back'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 25 }, 'planted.outer([1, 2])', async () => {
      const names = [];
      for (const step of ['stepInto', 'stepInto', 'stepInto', 'stepOut']) {
        const paused = until('Debugger.paused');
        await send(`Debugger.${step}`);
        names.push((await paused).callFrames[0].functionName);
      }
      return [names.includes('inner'), names.at(-1)];
    });
  },
  async 'Debugger.stepOver of await'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 31 }, 'planted.wait(1); undefined', async () => {
      const lines = [];
      for (let i = 0; i < 2; i++) {
        const paused = until('Debugger.paused');
        await send('Debugger.stepOver');
        const { callFrames: [frame] } = await paused;
        lines.push([frame.functionName, frame.location.lineNumber]);
      }
      return lines;
    });
  },
  async 'Debugger.continueToLocation'({ send, script, until }) {
    return await atBreakpoint({ send, until }, { url: script.url, lineNumber: 15 }, 'planted.add(1, 2)', async () => {
      const paused = until('Debugger.paused');
      await send('Debugger.continueToLocation', { location: { scriptId: script.scriptId, lineNumber: 16 } });
      return shown(await paused, 1);
    });
  },
  async 'Debugger.pause'({ send, until }) {
    const paused = until('Debugger.paused');
    await send('Debugger.pause');
    send('Runtime.evaluate', { expression: 'planted.add(1, 1)' });
    const { reason } = await paused;
    await send('Debugger.resume');
    return reason;
  },
  async 'Debugger: the statement'({ send, until }) {
    const paused = until('Debugger.paused');
    send('Runtime.evaluate', { expression: 'debugger;' });
    const { reason, hitBreakpoints } = await paused;
    await send('Debugger.resume');
    return [reason, hitBreakpoints];
  },
  async 'Debugger.setPauseOnExceptions all'(program) {
    return await atThrow(program, 'all', 'planted.fails(true)');
  },
  async 'Debugger.setPauseOnExceptions uncaught, of one that is caught'({ send }) {
    await send('Debugger.setPauseOnExceptions', { state: 'uncaught' });
    const answer = plainAnswer(await send('Runtime.evaluate', { expression: 'planted.fails(true)' }));
    await send('Debugger.setPauseOnExceptions', { state: 'none' });
    return answer;
  },
  async 'Debugger.setPauseOnExceptions of no state'({ send }) {
    return (await send('Debugger.setPauseOnExceptions', { state: 'no' })).error;
  },
  async 'Debugger.setBreakpointsActive'({ send, script }) {
    const { breakpointId } = await send('Debugger.setBreakpointByUrl', { url: script.url, lineNumber: 15 });
    await send('Debugger.setBreakpointsActive', { active: false });
    const answer = plainAnswer(await send('Runtime.evaluate', { expression: 'planted.add(1, 2)' }));
    await send('Debugger.setBreakpointsActive', { active: true });
    await send('Debugger.removeBreakpoint', { breakpointId });
    return answer;
  },
  async 'Debugger.setSkipAllPauses'({ send }) {
    await send('Debugger.setSkipAllPauses', { skip: true });
    const answer = plainAnswer(await send('Runtime.evaluate', { expression: 'debugger; 5' }));
    await send('Debugger.setSkipAllPauses', { skip: false });
    return answer;
  },
  async 'Debugger.setAsyncCallStackDepth'({ send, until }) {
    const expression = [
      'function later() { return new Promise((resolve) => { setTimeout(resolve, 1); }); }',
      'async function inner() { await later(); debugger; await later(); debugger; }',
      'async function middle() { await inner(); }',
      'async function* two() { await later(); debugger; yield 1; }',
      'async function read() { for await (const one of two()) debugger; }',
      'function begin() {',
      '  return middle().then(function then() { debugger; }).finally(function last() { debugger; }).then(read);',
      '}',
      'function chain(left) { setImmediate(function link() { if (left > 0) chain(left - 1); else debugger; }); }',
      'setTimeout(function timer() { begin().then(() => { chain(5); process.nextTick(function tick() { debugger; }); }); }, 1);',
      '0 //# sourceURL=async.js',
    ].join('\n');
    const answers = [];
    await send('Debugger.setAsyncCallStackDepth', { maxDepth: 4 });
    let next = until('Debugger.paused');
    await send('Runtime.evaluate', { expression });
    // Frames of the host's own modules are each runtime's, and so is which column of a call has its place.
    const own = (frames) => frames.filter(({ url }) => url === 'async.js');
    for (let stops = 0; stops < 8; stops++) {
      const { callFrames, asyncStackTrace } = await next;
      const stacks = [];
      for (let stack = asyncStackTrace; stack !== undefined; stack = stack.parent) {
        const frames = own(stack.callFrames).map((one) => [one.functionName, one.lineNumber]);
        if (frames.length > 0) stacks.push([stack.description, ...frames]);
      }
      answers.push([callFrames[0].functionName, stacks]);
      next = until('Debugger.paused');
      await send('Debugger.resume');
    }
    await send('Debugger.setAsyncCallStackDepth', { maxDepth: 0 });
    return answers;
  },
  async 'Debugger.setBlackboxPatterns'({ send, until, script }) {
    await send('Debugger.setBlackboxPatterns', { patterns: ['planted\\.cjs$'] });
    const paused = until('Debugger.paused');
    send('Runtime.evaluate', { expression: 'function own() {\n  debugger;\n  planted.add(1, 2);\n  return 1;\n}\nown()' });
    await paused;
    const lines = [];
    for (const step of ['stepInto', 'stepInto']) {
      const next = until('Debugger.paused');
      await send(`Debugger.${step}`);
      const { callFrames: [frame] } = await next;
      lines.push([frame.functionName, frame.location.lineNumber, frame.location.scriptId === script.scriptId]);
    }
    await send('Debugger.resume');
    await send('Debugger.setBlackboxPatterns', { patterns: [] });
    return lines;
  },
  async 'Debugger.setBlackboxedRanges'({ send, until, script }) {
    const { scriptSource } = await send('Debugger.getScriptSource', { scriptId: script.scriptId });
    const line = scriptSource.split('\n').findIndex((text) => text.startsWith('function add('));
    const positions = [{ lineNumber: line, columnNumber: 0 }, { lineNumber: line + 4, columnNumber: 0 }];
    const set = await send('Debugger.setBlackboxedRanges', { scriptId: script.scriptId, positions });
    const paused = until('Debugger.paused');
    send('Runtime.evaluate', { expression: 'function own() {\n  debugger;\n  planted.add(1, 2);\n  planted.outer([1]);\n  return 1;\n}\nown()' });
    await paused;
    const lines = [];
    for (const step of ['stepInto', 'stepInto', 'stepInto']) {
      const next = until('Debugger.paused');
      await send(`Debugger.${step}`);
      const { callFrames: [frame] } = await next;
      lines.push([frame.functionName, frame.location.scriptId === script.scriptId]);
    }
    await send('Debugger.resume');
    await send('Debugger.setBlackboxedRanges', { scriptId: script.scriptId, positions: [] });
    return [set, lines];
  },
  async 'Debugger.setBlackboxedRanges that are none'({ send, script }) {
    const at = (lineNumber, columnNumber) => ({ lineNumber, columnNumber });
    const { scriptId } = script;
    return [
      await send('Debugger.setBlackboxedRanges', { scriptId, positions: [at(2, 0), at(1, 0)] }),
      await send('Debugger.setBlackboxedRanges', { scriptId, positions: [at(2, 0), at(2, 0)] }),
      await send('Debugger.setBlackboxedRanges', { scriptId, positions: [at(-1, 0)] }),
      await send('Debugger.setBlackboxedRanges', { scriptId, positions: [at(1, -1)] }),
      await send('Debugger.setBlackboxedRanges', { scriptId: '99999', positions: [at(1, 0)] }),
    ];
  },
  async 'Debugger.setBlackboxPatterns of a wrong pattern'({ send }) {
    return (await send('Debugger.setBlackboxPatterns', { patterns: ['('] })).error?.code;
  },
  async 'Debugger: a program that runs without end'({ send, until }) {
    await send('Runtime.evaluate', { expression: `
      globalThis.endless = true; setTimeout(() => { while (globalThis.endless) { planted.add(1, 1); } }, 0); undefined` });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const paused = until('Debugger.paused');
    await send('Debugger.pause');
    const { callFrames } = await paused;
    await send('Debugger.evaluateOnCallFrame', { callFrameId: callFrames[0].callFrameId, expression: 'globalThis.endless = false' });
    await send('Debugger.resume');
    return plainAnswer(await send('Runtime.evaluate', { expression: 'endless' }));
  },
  async 'Profiler'({ send }) {
    await send('Profiler.enable');
    await send('Profiler.setSamplingInterval', { interval: 200 });
    await send('Profiler.start');
    await send('Runtime.evaluate', { expression: `
      // By the processor's time: the machine may be busy. The list is long, because a short call may be
      // made part of its caller, and then has no frame.
      for (const start = process.cpuUsage().user, list = Array(300000).fill(1); process.cpuUsage().user - start < 200000;) {
        planted.outer(list);
      }` });
    const { profile } = await send('Profiler.stop');
    const names = new Set(profile.nodes.map((node) => node.callFrame.functionName));
    return { keys: Object.keys(profile), root: names.has('(root)'), outer: names.has('outer'), samples: profile.samples.length > 50 };
  },
  async 'Profiler.stop without start'({ send }) {
    return (await send('Profiler.stop')).error;
  },
  async 'HeapProfiler.takeHeapSnapshot'({ send, events }) {
    await send('HeapProfiler.enable');
    await send('HeapProfiler.takeHeapSnapshot', { reportProgress: true });
    const text = events.filter(({ method }) => method === 'HeapProfiler.addHeapSnapshotChunk').map(({ params }) => params.chunk).join('');
    const snapshot = JSON.parse(text);
    const progress = events.filter(({ method }) => method === 'HeapProfiler.reportHeapSnapshotProgress');
    return { keys: Object.keys(snapshot), point: snapshot.strings.includes('Point'), finished: progress.some(({ params }) => params.finished) };
  },
  async 'HeapProfiler.startSampling'({ send }) {
    await send('HeapProfiler.enable');
    const started = await send('HeapProfiler.startSampling', { samplingInterval: 1024 });
    await send('Runtime.evaluate', { expression: 'function allocates() { globalThis.held = Array.from({ length: 20000 }, (_, i) => ({ i })); } allocates(); 1' });
    const first = await send('HeapProfiler.getSamplingProfile');
    const { profile } = await send('HeapProfiler.stopSampling');
    const names = new Set();
    const sizes = { sum: 0 };
    const visit = ({ callFrame, selfSize, children }) => {
      names.add(callFrame.functionName);
      sizes.sum += selfSize;
      children.forEach(visit);
    };
    visit(profile.head);
    await send('Runtime.evaluate', { expression: 'globalThis.held = undefined' });
    return {
      started, keys: Object.keys(profile), first: Object.keys(first.profile), frame: Object.keys(profile.head.callFrame).sort(),
      node: Object.keys(profile.head).sort(), root: profile.head.callFrame.functionName, found: names.has('allocates'),
      sample: Object.keys(profile.samples[0]).sort(), much: sizes.sum > 200000,
    };
  },
  async 'HeapProfiler.stopSampling without start'({ send }) {
    return [await send('HeapProfiler.stopSampling'), await send('HeapProfiler.getSamplingProfile')];
  },
  async 'HeapProfiler.startSampling of a wrong interval'({ send }) {
    return await send('HeapProfiler.startSampling', { samplingInterval: -1 });
  },
  async 'HeapProfiler.collectGarbage'({ send }) {
    return await send('HeapProfiler.collectGarbage');
  },
  async 'Console.enable'({ send, until }) {
    const added = until('Console.messageAdded', ({ message }) => message.text === 'to the console');
    await send('Console.enable');
    await send('Runtime.evaluate', { expression: 'console.warn("to the console")' });
    const { message: { source, level, text } } = await added;
    await send('Console.disable');
    return { source, level, text };
  },
  async 'Schema.getDomains'({ send }) {
    const { domains } = await send('Schema.getDomains');
    return ['Runtime', 'Debugger', 'Profiler', 'HeapProfiler'].every((name) => domains.some((domain) => domain.name === name));
  },
  async 'NodeRuntime.enable'({ send }) {
    return await send('NodeRuntime.enable');
  },
  async 'NodeWorker.enable'({ send }) {
    return await send('NodeWorker.enable', { waitForDebuggerOnStart: false });
  },
  async 'an unknown method'({ send }) {
    return (await send('Page.enable')).error;
  },
  async 'an unknown method of a known domain'({ send }) {
    return (await send('Runtime.notThere')).error;
  },
  async 'a parameter that is missing'({ send }) {
    return (await send('Runtime.evaluate', {})).error;
  },
  async 'a parameter of another type'({ send }) {
    return (await send('Runtime.evaluate', { expression: 5 })).error;
  },
});
for (const method of ['resume', 'stepOver', 'stepInto', 'stepOut']) {
  cases[`Debugger.${method} of a program that runs`] = async ({ send }) => (await send(`Debugger.${method}`)).error;
}

async function atBreakpoint({ send, until }, where, expression, then) {
  const { breakpointId, error } = await send('Debugger.setBreakpointByUrl', where);
  if (error) return { error };
  const paused = until('Debugger.paused');
  const answer = send('Runtime.evaluate', { expression });
  const result = await then(await paused);
  await send('Debugger.removeBreakpoint', { breakpointId });
  await send('Debugger.resume');
  await answer;
  return result;
}

async function atThrow({ send, until }, state, expression) {
  await send('Debugger.setPauseOnExceptions', { state });
  const paused = until('Debugger.paused');
  const answer = send('Runtime.evaluate', { expression });
  const { reason, data, callFrames: [frame] } = await paused;
  await send('Debugger.setPauseOnExceptions', { state: 'none' });
  await send('Debugger.resume');
  return [reason, data.className, data.uncaught, firstLine(data.description), frame.functionName, frame.location.lineNumber, plainAnswer(await answer)];
}

function shown({ callFrames }, count) {
  return callFrames.slice(0, count).map(({ functionName, location, url }) => [functionName, location.lineNumber, location.columnNumber, url]);
}

function firstLine(text) {
  return text?.split('\n')[0];
}

function plain(object) {
  const { objectId, ...rest } = object;
  if (rest.subtype === 'error') rest.description = firstLine(rest.description);
  if (rest.preview?.subtype === 'error') rest.preview = { ...rest.preview, description: firstLine(rest.preview.description), properties: [] };
  return { ...rest, hasId: objectId !== undefined };
}

function plainAnswer({ result, exceptionDetails, error }) {
  if (error) return { error };
  const shown = {};
  if (result !== undefined) shown.result = plain(result);
  if (exceptionDetails !== undefined) shown.exception = { text: exceptionDetails.text, value: plain(exceptionDetails.exception) };
  return shown;
}

async function ask(command, wanted) {
  const answers = {};
  const program = await start(command, ['--inspect=0'], planted);
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await program.send('Runtime.enable');
    await program.send('Debugger.enable');
    const parsed = program.events.find(({ method, params }) => method === 'Debugger.scriptParsed' && params.url.endsWith('/planted.cjs'));
    const only = process.env.ONLY;
    for (const [name, one] of Object.entries(cases)) {
      if (only !== undefined && !name.includes(only)) continue;
      if (wanted !== undefined && !wanted.includes(name)) continue;
      try {
        answers[name] = await one({ ...program, script: parsed?.params });
      } catch (error) {
        answers[name] = `failed: ${error.message}`;
      }
    }
  } finally {
    await program.stop();
  }
  return JSON.parse(JSON.stringify(answers));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

const [program] = process.argv.slice(2);
const node = join(here, 'node_modules/node/bin/node');
const commands = [[program, 'node'], [process.env.NODE_24 ?? node]];
const [own, nodes] = [await ask(commands[0]), await ask(commands[1])];
const known = JSON.parse(readFileSync(join(here, 'differences.json'), 'utf8'));
const text = (answer) => JSON.stringify(sorted(answer));
const differ = Object.keys(own).filter((name) => !(name in known) && text(own[name]) !== text(nodes[name]));
if (differ.length > 0) {
  // On a busy machine either may miss a time limit or a sample: both are asked again, in new programs.
  console.log(`asked again: ${differ.join(', ')}`);
  Object.assign(own, await ask(commands[0], differ));
  Object.assign(nodes, await ask(commands[1], differ));
}
let failures = 0;
let same = 0;
for (const name of Object.keys(own)) {
  const [ours, theirs] = [text(own[name]), text(nodes[name])];
  if (ours === theirs) {
    same++;
    if (name in known) {
      failures++;
      console.log(`${name}: no longer differs; take it out of differences.json`);
    }
    continue;
  }
  if (name in known) continue;
  failures++;
  console.log(`${name}\n  here: ${ours}\n  Node: ${theirs}`);
}
console.log(`${Object.keys(own).length} asked, ${same} answered alike, ${Object.keys(known).length} known to differ, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
