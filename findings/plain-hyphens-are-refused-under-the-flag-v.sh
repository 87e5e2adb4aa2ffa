#!/usr/bin/env bash
# QuickJS-NG as in quickjs-wasi 3.7.0 (npm): with the flag v, a hyphen or a doubled punctuator outside of
# any class is a syntax error: /2026-11-29/v, /a::b/v, /##/v. quickjs-emscripten 0.32.0 with the NG
# variant, which has an older release, takes them, and so does Node.
#
# Why one would guess otherwise: ECMAScript reserves these characters within classes only
# (ClassSetReservedDoublePunctuator, ClassSetSyntaxCharacter), and the message speaks of a class where
# there is none. Patterns that are made by programs meet it first: what turns routes into expressions
# uses the flag v, as the URLPattern standard asks for, and routes have hyphens.
#
# Seen with Node 20.20.2:
#   Node               ok ok ok ok
#   quickjs-wasi       SyntaxError SyntaxError SyntaxError ok
#   quickjs-emscripten ok ok ok ok
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

const source = `['2026-11-29', 'a::b', '##', '[a-c]'].map((pattern) => {
  try {
    new RegExp(pattern, 'v');
    return 'ok';
  } catch (error) {
    return error.name;
  }
}).join(' ')`;

const file = new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm'));
const vm = await QuickJS.create({ wasm: new WebAssembly.Module(await readFile(file)) });
const context = (await newQuickJSWASMModuleFromVariant(variant)).newContext();
console.log('Node              ', (0, eval)(source));
console.log('quickjs-wasi      ', vm.evalCode(source).consume((value) => value.toString()));
console.log('quickjs-emscripten', context.unwrapResult(context.evalCode(source)).consume(context.dump));
END
node program.mjs | tee seen
diff seen - <<'END'
Node               ok ok ok ok
quickjs-wasi       SyntaxError SyntaxError SyntaxError ok
quickjs-emscripten ok ok ok ok
END
