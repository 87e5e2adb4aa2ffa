// Records what Node writes to standard error of the programs of programs.txt, in node.json. With Node 24.21:
//
//     npm install --prefix target/node24 node@24.21.0
//     target/node24/node_modules/.bin/node crates/cli/tests/uncaught/record.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

if (process.version !== 'v24.21.0') {
  console.error(`these are the answers of Node 24.21.0, and this is ${process.version}`);
  process.exit(1);
}
const here = import.meta.dirname;
const answers = {};
for (const program of readFileSync(join(here, 'programs.txt'), 'utf8').split(/^=== /m).slice(1)) {
  const [name, ...files] = program.split(/\n--- /);
  const directory = mkdtempSync(join(tmpdir(), 'uncaught-'));
  for (const file of files) {
    const end = file.indexOf('\n');
    writeFileSync(join(directory, file.slice(0, end)), `${file.slice(end + 1).trimEnd()}\n`);
  }
  const main = existsSync(join(directory, 'main.js')) ? 'main.js' : 'main.mjs';
  const { status, stderr } = spawnSync(process.execPath, [main], { cwd: directory, encoding: 'utf8' });
  if (name in answers || status === 0) throw new Error(`"${name}" twice, or without an error`);
  answers[name] = { status, stderr: stderr.replaceAll(directory, 'DIR').replace(process.version, 'VERSION') };
  rmSync(directory, { recursive: true });
}
writeFileSync(join(here, 'node.json'), `${JSON.stringify(answers, null, 1)}\n`);
console.log(`${Object.keys(answers).length} answers of Node ${process.version}`);
