'use strict';
// `util.format`: texts with directives (%s, %d, %o, ...), as the console uses them. Loads what inspects values only
// when there is one: most of what is logged is text.

let loaded;

function inspect(value, options) {
  loaded ??= require('internal/util/inspect');
  return loaded.inspect(value, options);
}

function numberText(number, separators) {
  return require('internal/util/inspect/text').numberText(number, separators);
}

function bigintText(value, separators) {
  return require('internal/util/inspect/text').bigintText(value, separators);
}

const { getProxyDetails } = internalBinding('util');

let circularMessage;

function jsonText(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Only circles have a text of their own: what toJSON() throws goes to the caller.
    if (circularMessage === undefined) {
      const circle = {};
      circle.circle = circle;
      try {
        JSON.stringify(circle);
      } catch (circular) {
        circularMessage = circular.message.split('\n')[0];
      }
    }
    if (error?.name === 'TypeError' && error.message.split('\n')[0] === circularMessage) return '[Circular]';
    throw error;
  }
}

// Whether the object's text is one that the program wrote itself, rather than the language's.
function hasOwnText(value) {
  // A proxy's target is looked at, past its traps.
  for (let proxy = getProxyDetails(value); proxy !== undefined; proxy = getProxyDetails(value)) {
    // It may have been revoked.
    if (proxy === null || proxy[0] === null) return false;
    [value] = proxy;
  }
  if (typeof value[Symbol.toPrimitive] === 'function' && !(value instanceof Date)) return true;
  if (typeof value.toString !== 'function') return false;
  if (Object.hasOwn(value, 'toString')) return true;
  let pointer = value;
  do {
    pointer = Object.getPrototypeOf(pointer);
  } while (pointer !== null && !Object.hasOwn(pointer, 'toString'));
  if (pointer === null) return false;
  const constructor = Object.getOwnPropertyDescriptor(pointer, 'constructor')?.value;
  return typeof constructor === 'function' && !/\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
}

function stringText(value, options) {
  switch (typeof value) {
    case 'number':
      return numberText(value, options?.numericSeparator ?? false);
    case 'bigint':
      return bigintText(value, options?.numericSeparator ?? false);
    case 'object':
      if (value !== null) {
        if (hasOwnText(value)) return String(value);
        return inspect(value, { ...options, depth: 0, colors: false, compact: 3 });
      }
      return 'null';
    default:
      return String(value);
  }
}

function directive(letter, value, options) {
  switch (letter) {
    case 's':
      return stringText(value, options);
    case 'd':
      if (typeof value === 'bigint') return bigintText(value, options?.numericSeparator ?? false);
      if (typeof value === 'symbol') return 'NaN';
      return numberText(Number(value), options?.numericSeparator ?? false);
    case 'i':
      if (typeof value === 'bigint') return bigintText(value, options?.numericSeparator ?? false);
      if (typeof value === 'symbol') return 'NaN';
      return numberText(Number.parseInt(value), options?.numericSeparator ?? false);
    case 'f':
      if (typeof value === 'symbol') return 'NaN';
      return numberText(Number.parseFloat(value), options?.numericSeparator ?? false);
    case 'j':
      return jsonText(value);
    case 'O':
      return inspect(value, options);
    case 'o':
      return inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 });
    default:
      // %c: styles are for browsers.
      return '';
  }
}

function formatParts(options, args) {
  if (args.length === 0) return '';
  const [first] = args;
  if (args.length === 1) return typeof first === 'string' ? first : inspect(first, options);
  let text = '';
  let next = 0;
  if (typeof first === 'string') {
    next = 1;
    if (first.includes('%')) {
      let done = 0;
      for (let at = first.indexOf('%'); at !== -1 && at < first.length - 1; at = first.indexOf('%', at)) {
        const letter = first[at + 1];
        if (letter === '%') {
          text += `${first.slice(done, at)}%`;
          done = at + 2;
          at += 2;
        } else if ('sdifjoOc'.includes(letter) && next < args.length) {
          text += first.slice(done, at) + directive(letter, args[next++], options);
          done = at + 2;
          at += 2;
        } else {
          at += 1;
        }
      }
      text += first.slice(done);
    } else {
      text = first;
    }
  }
  for (; next < args.length; next++) {
    if (next > 0) text += ' ';
    text += typeof args[next] === 'string' ? args[next] : inspect(args[next], options);
  }
  return text;
}

function format(...args) {
  return formatParts(undefined, args);
}

function formatWithOptions(options, ...args) {
  if (typeof options !== 'object' || options === null) {
    const { codes } = require('internal/errors');
    throw new codes.ERR_INVALID_ARG_TYPE('inspectOptions', 'object', options);
  }
  return formatParts(options, args);
}

module.exports = { format, formatParts, formatWithOptions };
