// Prints what the runtime says of each program of syntax.txt, as JSON: the message, and where the line
// with the carets puts it. Runs under Node and under `sandtide node` alike.
'use strict';
const { readFileSync } = require('fs');
const { join } = require('path');
const vm = require('vm');

/** "LINE:COLUMN WIDTH" of the carets; "LINE" where there are none, because more than one line is meant. */
function place(stack) {
  const [, line, carets] = /^user\.js:(\d+)\n.*\n(?:([ \t]*\^*)\n)?\n\w/.exec(stack) ?? [];
  if (line === undefined) return '';
  if (carets === undefined) return line;
  const column = carets.indexOf('^');
  return column < 0 ? `${line}:${carets.length + 1} 0` : `${line}:${column + 1} ${carets.length - column}`;
}

function answer(name, source) {
  try {
    if (name.startsWith('module:')) new vm.SourceTextModule(source, { identifier: 'user.js' });
    else new vm.Script(source, { filename: 'user.js' }).runInThisContext();
  } catch (error) {
    return { message: `${error.name}: ${error.message}`, place: place(error.stack) };
  }
  return { message: 'no error', place: '' };
}

const answers = {};
for (const program of readFileSync(join(__dirname, 'syntax.txt'), 'utf8').split(/^=== /m).slice(1)) {
  const end = program.indexOf('\n');
  const name = program.slice(0, end);
  if (name in answers) throw new Error(`two programs are called "${name}"`);
  answers[name] = answer(name, program.slice(end + 1));
}
process.stdout.write(JSON.stringify(answers, null, 1) + '\n');
