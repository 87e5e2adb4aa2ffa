#!/usr/bin/env bash
# quickjs-wasi 3.7.0 (npm; QuickJS-NG in WebAssembly): VMs that are restored from one snapshot draw
# the same numbers from Math.random(), while VMs that are created differ.
#
# Why one would guess otherwise: the package seeds each VM that it creates from the host's random
# source, and a restored VM is meant to serve another request or another user. The generator's state
# is part of the memory that a snapshot copies, and restoring does not draw a new seed. Whoever makes
# ids or samples in a restored VM gets the same ones in each.
#
# Seen with Node 20.20.2:
#   created, equal:  false
#   restored, equal: true
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund quickjs-wasi@3.7.0
cat >program.mjs <<'END'
import { readFile } from 'node:fs/promises';
import { QuickJS } from 'quickjs-wasi';

const file = new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm'));
const wasm = new WebAssembly.Module(await readFile(file));
const draw = vm => vm.evalCode('String([Math.random(), Math.random()])').consume(v => v.toString());

const created = [await QuickJS.create({ wasm }), await QuickJS.create({ wasm })];
const snapshot = (await QuickJS.create({ wasm })).snapshot();
const restored = [await QuickJS.restore(snapshot, { wasm }), await QuickJS.restore(snapshot, { wasm })];
for (const [how, [one, two]] of Object.entries({ created, restored }))
  console.log(`${how}, equal:`.padEnd(16), draw(one) === draw(two));
END
node program.mjs | tee seen
diff seen - <<'END'
created, equal:  false
restored, equal: true
END
