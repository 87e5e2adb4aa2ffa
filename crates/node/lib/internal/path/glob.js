'use strict';
// Whether a path matches a glob pattern: * ? [...] {a,b} and **.

const { validateString } = require('internal/validators');

const special = /[\\^$.*+?()[\]{}|/]/g;
const escape = (text) => text.replace(special, '\\$&');

// '{a,b{c,d}}' is expanded before anything else, into one pattern for each.
function expandBraces(pattern) {
  const open = pattern.indexOf('{');
  if (open === -1) return [pattern];
  let depth = 0;
  let start = open + 1;
  const options = [];
  for (let i = open; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '{') {
      depth++;
    } else if (char === '}' && --depth === 0) {
      options.push(pattern.slice(start, i));
      const before = pattern.slice(0, open);
      const rest = expandBraces(pattern.slice(i + 1));
      if (options.length === 1) return rest.map((tail) => `${before}{${options[0]}}${tail}`);
      return options.flatMap(expandBraces).flatMap((option) => rest.map((tail) => `${before}${option}${tail}`));
    } else if (char === ',' && depth === 1) {
      options.push(pattern.slice(start, i));
      start = i + 1;
    }
  }
  return [pattern];
}

function segmentToRegExp(segment, escapes) {
  let source = '';
  for (let i = 0; i < segment.length; i++) {
    const char = segment[i];
    if (char === '*') {
      while (segment[i + 1] === '*') i++;
      // A name that starts with a dot is only matched by a pattern that does.
      source += source === '' ? '(?!\\.)[^/]*' : '[^/]*';
      if (i === segment.length - 1 && segment.length === 1) source = '(?!\\.)[^/]+';
    } else if (char === '?') {
      source += source === '' ? '(?!\\.)[^/]' : '[^/]';
    } else if (char === '[') {
      const close = segment.indexOf(']', i + 2);
      if (close === -1) {
        source += '\\[';
        continue;
      }
      let set = segment.slice(i + 1, close);
      const negated = set[0] === '!' || set[0] === '^';
      if (negated) set = set.slice(1);
      set = set.replace(/\[:(\w+):\]/g, '').replace(/[\\\]^[]/g, '\\$&');
      source += `[${negated ? '^/' : ''}${set}]`;
      i = close;
    } else if (char === '\\' && escapes && i + 1 < segment.length) {
      source += escape(segment[++i]);
    } else {
      source += escape(char);
    }
  }
  return new RegExp(`^${source}$`);
}

function matchSegments(names, patterns, atName, atPattern) {
  while (atPattern < patterns.length) {
    const pattern = patterns[atPattern];
    if (pattern === null) {
      for (let skip = atName; skip <= names.length; skip++) {
        if (matchSegments(names, patterns, skip, atPattern + 1)) return true;
        if (names[skip]?.startsWith('.')) return false;
      }
      return false;
    }
    if (atName >= names.length || !pattern.test(names[atName])) return false;
    atName++;
    atPattern++;
  }
  return atName === names.length;
}

function matchesGlob(path, pattern, windows) {
  validateString(path, 'path');
  validateString(pattern, 'pattern');
  if (windows) {
    path = path.replaceAll('\\', '/');
    pattern = pattern.replaceAll('\\', '/');
  }
  const names = path.split('/');
  return expandBraces(pattern).some((each) => {
    const segments = each.split('/').map((segment) => segment === '**' ? null : segmentToRegExp(segment, !windows));
    return matchSegments(names, segments, 0, 0);
  });
}

module.exports = { matchesGlob };
