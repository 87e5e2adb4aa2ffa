// metavm: scripts and contexts of Metarhia's servers.
'use strict';
const assert = require('node:assert/strict');
const metavm = require('metavm');

const script = metavm.createScript('Example', '({ field: "value", add(a, b) { return a + b; } })');
console.log(script.name, script.exports.field, script.exports.add(2, 3));
const context = metavm.createContext({ factor: 10, console });
const times = metavm.createScript('Times', '(n) => n * factor', { context });
console.log(times.exports(4));
assert.throws(() => metavm.createScript('Bad', 'let a = ;'), SyntaxError);
assert.throws(() => metavm.createScript('Loop', 'for (;;);', { timeout: 30 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
const nodeContext = metavm.createContext(metavm.COMMON_CONTEXT ?? {});
console.log(metavm.createScript('Types', '[typeof setTimeout, typeof Buffer, typeof process].join()', { context: nodeContext }).exports);
// The newest release.
const newest = require('metavm-latest');
console.log(newest.createScript('Newest', '({ a: 1 + 1 })').exports.a, Object.keys(newest).sort().join());
