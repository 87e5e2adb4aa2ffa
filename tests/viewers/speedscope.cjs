'use strict';
// speedscope's own reader, out of the page that its package holds: nothing of the page is shown.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

// What the page asks of a browser: there is none, and nothing depends on the answers.
const nothing = new Proxy(function () {}, {
  get: (target, key) => (key === Symbol.toPrimitive ? () => '' : nothing),
  set: () => true,
  apply: () => nothing,
  construct: () => nothing,
});

// The function that makes a group of profiles of a file's name and text.
function reader() {
  const folder = path.join(path.dirname(require.resolve('speedscope/package.json')), 'dist/release');
  const name = fs.readdirSync(folder).find((file) => /^speedscope-.*\.js$/.test(file));
  const text = fs.readFileSync(path.join(folder, name), 'utf8');
  const found = /async function (\w+)\(\w+,\w+\)\{return\(await \w+\)\.importProfileGroupFromText\(\w+,\w+\)\}/.exec(text);
  if (found === null) throw new Error('speedscope reads profiles in another way now: see this file');
  const page = {
    console: { log() {}, warn: console.warn, error: console.error },
    TextDecoder, TextEncoder, URL, performance, setTimeout,
    window: nothing, navigator: nothing, location: nothing, localStorage: nothing, history: nothing,
    // The reader is there before the page is drawn, which ends here.
    get document() {
      throw new Error('no page');
    },
  };
  page.self = page;
  const context = vm.createContext(page);
  try {
    vm.runInContext(text.replace(found[0], `${found[0]};globalThis.readProfile=${found[1]};`), context, { filename: name });
  } catch (error) {
    if (typeof context.readProfile !== 'function') throw error;
  }
  return context.readProfile;
}

// What each function of the one profile in a file has of the whole, by its name.
async function shares(file) {
  const { profiles } = await reader()(path.basename(file), fs.readFileSync(file, 'utf8'));
  const [profile] = profiles;
  const own = new Map();
  profile.forEachFrame((frame) => own.set(frame.name, frame.getSelfWeight() / profile.getTotalWeight()));
  return own;
}

module.exports = { shares };
