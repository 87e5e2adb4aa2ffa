#!/usr/bin/env bash
# QuickJS-NG as in quickjs-wasi 3.7.0 and quickjs-emscripten 0.32.0 with the NG variant (npm): array
# spread and Array.from read an object's Symbol.iterator twice; for..of reads it once, as Node does
# in all three.
#
# Why one would guess otherwise: ECMAScript asks once in all of them (GetIterator, GetMethod), and
# the engine's own for..of does. In spread, the first of the two reads is the test whether the
# array's fast path may be taken. It shows where the property is a getter or the object a proxy:
# counted reads, lazy members, membranes.
#
# Seen with Node 20.20.2:
#   Node               {"spread":1,"forOf":1,"from":1}
#   quickjs-wasi       {"spread":2,"forOf":1,"from":2}
#   quickjs-emscripten {"spread":2,"forOf":1,"from":2}
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund quickjs-wasi@3.7.0 quickjs-emscripten-core@0.32.0 \
  @jitl/quickjs-ng-wasmfile-release-sync@0.32.0
cat >program.mjs <<'END'
import { readFile } from 'node:fs/promises';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import variant from '@jitl/quickjs-ng-wasmfile-release-sync';
import { QuickJS } from 'quickjs-wasi';

const source = `(() => {
  const reads = use => {
    let count = 0;
    use({ get [Symbol.iterator]() { count++; return function* () { yield 1; }; } });
    return count;
  };
  return JSON.stringify({
    spread: reads(o => [...o]),
    forOf: reads(o => { for (const one of o) one; }),
    from: reads(o => Array.from(o)),
  });
})()`;

const file = new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm'));
const vm = await QuickJS.create({ wasm: new WebAssembly.Module(await readFile(file)) });
const context = (await newQuickJSWASMModuleFromVariant(variant)).newContext();
console.log('Node              ', (0, eval)(source));
console.log('quickjs-wasi      ', vm.evalCode(source).consume(v => v.toString()));
console.log('quickjs-emscripten', context.unwrapResult(context.evalCode(source)).consume(context.dump));
END
node program.mjs | tee seen
diff seen - <<'END'
Node               {"spread":1,"forOf":1,"from":1}
quickjs-wasi       {"spread":2,"forOf":1,"from":2}
quickjs-emscripten {"spread":2,"forOf":1,"from":2}
END
