// Writes what Node answers to a sample of the calls, for `crates/sandtide/tests/intl.rs`:
//
//   npm install node@24.21.0 && node_modules/.bin/node tests/intl/record.mjs 100
import { writeFileSync } from 'node:fs';
import { calls, NAMES, outcome } from './calls.mjs';

const count = Number(process.argv[2]);
const lines = NAMES.flatMap((name) => calls(name, count).map((call) =>
  [name, call, outcome(call, (text) => (0, eval)(text))].join('\t')));
writeFileSync(new URL('../../crates/sandtide/tests/intl/node24.txt', import.meta.url), lines.join('\n') + '\n');
