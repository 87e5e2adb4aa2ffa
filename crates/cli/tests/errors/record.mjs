// Records what Node answers to the programs of programs.txt, in node.json, and to those of syntax.txt and
// builtins.txt, in syntax.json and builtins.json. With Node 24:
//
//     npm install --prefix target/node24 node@24
//     target/node24/node_modules/.bin/node crates/cli/tests/errors/record.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

if (process.versions.v8 === undefined || !process.version.startsWith('v24.')) {
  console.error(`these are the answers of Node 24, and this is ${process.version}`);
  process.exit(1);
}

const here = import.meta.dirname;
const directory = mkdtempSync(join(tmpdir(), 'errors-'));
const file = join(directory, 'user.js');

/** What a program's standard error says: the message, and the frames in the program's own file. */
function answer(text) {
  const own = text.replaceAll(file, 'user.js');
  const header = own.match(/\n\n((?:\w*Error)\b[^]*?)\n {4}at /);
  if (!header) throw new Error(`no error was thrown, but:\n${text}`);
  const frames = [];
  for (const [, frame] of own.slice(header.index).matchAll(/^ {4}at (.*)$/gm)) {
    const place = frame.match(/^(?:(.*) \()?user\.js:(\d+:\d+)\)?$/);
    if (place) frames.push(place[1] ? `${place[1]} ${place[2]}` : place[2]);
  }
  return { message: header[1], frames };
}

const answers = {};
const programs = readFileSync(join(here, 'programs.txt'), 'utf8').split(/^=== /m).slice(1);
for (const program of programs) {
  const end = program.indexOf('\n');
  const name = program.slice(0, end);
  if (name in answers) throw new Error(`two programs are called "${name}"`);
  writeFileSync(file, program.slice(end + 1));
  const { stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  answers[name] = answer(stderr);
}
rmSync(directory, { recursive: true });
writeFileSync(join(here, 'node.json'), JSON.stringify(answers, null, 1) + '\n');
console.log(`${Object.keys(answers).length} answers of Node ${process.version}`);

const options = ['--experimental-vm-modules', '--no-warnings'];
for (const list of ['syntax', 'builtins']) {
  const { stdout } = spawnSync(process.execPath, [...options, join(here, `${list}.cjs`)], { encoding: 'utf8' });
  writeFileSync(join(here, `${list}.json`), stdout);
  console.log(`${Object.keys(JSON.parse(stdout)).length} of ${list}.txt`);
}
