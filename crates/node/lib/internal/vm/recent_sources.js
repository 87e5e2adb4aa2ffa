'use strict';
// The texts of the vm scripts that were compiled last, for the line that is shown of an error that ends the
// program. Few and short ones only: they must not cost a program memory.

const { ownText } = internalBinding('contextify');

const kCount = 16;
const kLength = 16 << 10;

const sources = new Map(); // file name -> [text, line of the text's first line]

function remember(name, source, lineOffset) {
  sources.delete(name);
  if (source.length > kLength) return;
  // A piece of a longer text would keep all of that alive.
  sources.set(name, [ownText(source), lineOffset + 1]);
  if (sources.size > kCount) sources.delete(sources.keys().next().value);
}

function recall(name) {
  return sources.get(name);
}

module.exports = { recall, remember };
