// Records what Node writes to standard output of the programs of programs.txt, in node.json, without the frames of
// its own modules. With Node 24.21:
//
//     npm install --prefix target/node24 node@24.21.0
//     target/node24/node_modules/.bin/node crates/cli/tests/stacks/record.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

if (process.version !== 'v24.21.0') {
  console.error(`these are the answers of Node 24.21.0, and this is ${process.version}`);
  process.exit(1);
}
const here = import.meta.dirname;
const directory = mkdtempSync(join(tmpdir(), 'stacks-'));
const answers = {};
writeFileSync(join(directory, 'caught.js'), readFileSync(join(here, 'caught.js')));
for (const program of readFileSync(join(here, 'programs.txt'), 'utf8').split(/^=== /m).slice(1)) {
  const end = program.indexOf('\n');
  const name = program.slice(0, end);
  writeFileSync(join(directory, 'main.js'), program.slice(end + 1));
  const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '-r', './caught.js', 'main.js'], { cwd: directory, encoding: 'utf8' });
  if (name in answers || stdout === '' || stderr !== '') throw new Error(`"${name}" twice, or without a stack: ${stderr}`);
  answers[name] = stdout.replaceAll(directory, 'DIR').replace(/^ {4}at .*\bnode:.*\n/gm, '');
}
rmSync(directory, { recursive: true });
writeFileSync(join(here, 'node.json'), `${JSON.stringify(answers, null, 1)}\n`);
console.log(`${Object.keys(answers).length} answers of Node ${process.version}`);
