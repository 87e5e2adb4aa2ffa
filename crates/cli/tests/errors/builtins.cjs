// Prints what each line of builtins.txt throws, as JSON: as a function's body in the main realm, and
// as a script in a context of its own.
// Runs under Node and under `sandtide node` alike.
'use strict';
const { readFileSync } = require('fs');
const { join } = require('path');
const vm = require('vm');

async function thrown(run) {
  try {
    const result = run();
    // What import() refuses it rejects.
    if (Object.prototype.toString.call(result) === '[object Promise]') await result;
  } catch (error) {
    return `${error?.name}: ${error?.message}`;
  }
  return 'no error';
}

async function main() {
  const answers = {};
  for (const line of readFileSync(join(__dirname, 'builtins.txt'), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line in answers) throw new Error(`twice there: ${line}`);
    const body = line.startsWith('import(') ? `return ${line}` : line;
    answers[line] = {
      main: await thrown(() => vm.runInThisContext(`(function () { ${body}\n }).call(this)`)),
      context: await thrown(() => vm.runInNewContext(line)),
    };
  }
  process.stdout.write(JSON.stringify(answers, null, 1) + '\n');
}

main();
