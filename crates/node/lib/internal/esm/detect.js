'use strict';
// Whether a file without a package type is an ES module, by its syntax.

const { withoutComments } = require('internal/esm/names');

// Only asked of sources that are no CommonJS module: there `import` and `export` are errors.
function declares(source) {
  const text = withoutComments(source).replace(/(["'])(?:\\.|(?!\1)[^\\\n])*\1/g, '""');
  return /(?:^|[;}\n])\s*(?:import\s*(?:[\w$*{]|"")|export\s*(?:[*{]|default\b|const\b|let\b|var\b|function\b|async\b|class\b))/.test(text) ||
    /\bimport\s*\.\s*meta\b/.test(text) || /\bawait\b/.test(text);
}

module.exports = { declares };
