'use strict';
// `util.inspect`: any value as text. This file decides how each kind of value is written; the parts of the
// writing lie in internal/util/inspect/.

const { classOf, getOwnNonIndexProperties, getProxyDetails } = internalBinding('util');
const { isStackOverflowError } = require('internal/errors');
const types = require('internal/util/types');
const { KIND_ARRAY, KIND_ARRAY_EXTRAS, KIND_OBJECT, intoLines } = require('internal/util/inspect/layout');
const entriesOf = require('internal/util/inspect/entries');
const { constructorName, prefix, toStringTag } = require('internal/util/inspect/names');
const {
  bigintText, colored, colors, escapeName, getStringWidth, numberText, plain, quote, stripVTControlCharacters, styles,
} = require('internal/util/inspect/text');

const customInspect = Symbol.for('nodejs.util.inspect.custom');
const PLAIN_KEY = /^[a-zA-Z_][a-zA-Z_0-9]*$/;
// Shorter strings are never split into lines.
const MIN_LINE_WIDTH = 16;
// Past this many characters on one level, deeper ones are left out.
const MAX_TOTAL = 2 ** 27;
const ALL_PROPERTIES = 0;
const ONLY_ENUMERABLE = 2;

const defaultOptions = Object.seal({
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100,
  maxStringLength: 10000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
});
const optionNames = Object.keys(defaultOptions);

class Context {
  constructor() {
    this.seen = [];
    this.budget = {};
    this.indentationLvl = 0;
    this.currentDepth = 0;
    this.circular = undefined;
    this.userOptions = undefined;
    this.stylize = plain;
    this.formatValue = formatValue;
    this.formatProperty = formatProperty;
    this.intoLines = intoLines;
    for (const name of optionNames) this[name] = defaultOptions[name];
  }

  // What a program's own inspect function gets. Objects of other realms must not get at ours through it.
  options(isForeign = false) {
    const options = { stylize: this.stylize };
    for (const name of optionNames) options[name] = this[name];
    Object.assign(options, this.userOptions);
    if (!isForeign) return options;
    Object.setPrototypeOf(options, null);
    for (const key of Object.keys(options)) {
      if ((typeof options[key] === 'object' || typeof options[key] === 'function') && options[key] !== null) delete options[key];
    }
    const { stylize } = this;
    options.stylize = Object.setPrototypeOf((value, style) => {
      let text;
      try {
        text = `${stylize(value, style)}`;
      } catch {
        // Whatever their toString() throws is theirs alone.
      }
      return typeof text === 'string' ? text : value;
    }, null);
    return options;
  }
}

function inspect(value, options) {
  const ctx = new Context();
  if (arguments.length > 1) {
    if (arguments.length > 2) {
      // inspect(value, showHidden, depth, colors), from of old.
      if (arguments[2] !== undefined) ctx.depth = arguments[2];
      if (arguments.length > 3 && arguments[3] !== undefined) ctx.colors = arguments[3];
    }
    if (typeof options === 'boolean') {
      ctx.showHidden = options;
    } else if (options) {
      for (const key of Object.keys(options)) {
        if (Object.hasOwn(defaultOptions, key) || key === 'stylize') ctx[key] = options[key];
        else ctx.userOptions ??= options;
      }
    }
  }
  if (ctx.colors) ctx.stylize = colored;
  if (ctx.maxArrayLength === null) ctx.maxArrayLength = Infinity;
  if (ctx.maxStringLength === null) ctx.maxStringLength = Infinity;
  return formatValue(ctx, value, 0);
}

inspect.custom = customInspect;
Object.defineProperty(inspect, 'defaultOptions', {
  __proto__: null,
  get() {
    return defaultOptions;
  },
  set(options) {
    require('internal/validators').validateObject(options, 'options');
    return Object.assign(defaultOptions, options);
  },
});
inspect.colors = colors;
inspect.styles = styles;

function formatValue(ctx, value, depth, isTypedArrayBuffer) {
  if (typeof value !== 'object' && typeof value !== 'function') return formatPrimitive(ctx, value);
  if (value === null) return ctx.stylize('null', 'null');

  const original = value;
  const proxy = getProxyDetails(value);
  if (proxy !== undefined) {
    if (proxy === null || proxy[0] === null) return ctx.stylize('<Revoked Proxy>', 'special');
    if (ctx.showProxy) return formatProxy(ctx, proxy, depth);
    let inner = proxy;
    while (inner !== undefined) {
      if (inner === null || inner[0] === null) return ctx.stylize('<Revoked Proxy>', 'special');
      [value] = inner;
      inner = getProxyDetails(value);
    }
  }

  if (ctx.customInspect) {
    const custom = value[customInspect];
    // A class's prototype is shown as what it is: its function is meant for instances.
    if (typeof custom === 'function' && custom !== inspect && !isPrototype(value)) {
      const left = ctx.depth === null ? null : ctx.depth - depth;
      const isForeign = proxy !== undefined || !(original instanceof Object);
      const result = Reflect.apply(custom, original, [left, ctx.options(isForeign), inspect]);
      if (result !== original) {
        if (typeof result === 'object') return formatValue(ctx, result, depth);
        return `${result}`.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
      }
    }
  }

  if (ctx.seen.includes(value)) {
    ctx.circular ??= new Map();
    let index = ctx.circular.get(value);
    if (index === undefined) {
      index = ctx.circular.size + 1;
      ctx.circular.set(value, index);
    }
    return ctx.stylize(`[Circular *${index}]`, 'special');
  }
  return formatObject(ctx, value, depth, isTypedArrayBuffer);
}

function isPrototype(value) {
  const descriptor = Object.getOwnPropertyDescriptor(value, 'constructor');
  return descriptor !== undefined && descriptor.value?.prototype === value;
}

function formatProxy(ctx, proxy, depth) {
  if (ctx.depth !== null && depth > ctx.depth) return ctx.stylize('Proxy [Array]', 'special');
  depth++;
  ctx.indentationLvl += 2;
  const parts = [formatValue(ctx, proxy[0], depth), formatValue(ctx, proxy[1], depth)];
  ctx.indentationLvl -= 2;
  return intoLines(ctx, parts, '', ['Proxy [', ']'], KIND_ARRAY_EXTRAS, depth);
}

function formatPrimitive(ctx, value) {
  switch (typeof value) {
    case 'string': {
      let rest = '';
      if (value.length > ctx.maxStringLength) {
        const count = value.length - ctx.maxStringLength;
        value = value.slice(0, ctx.maxStringLength);
        rest = `... ${count} more character${count > 1 ? 's' : ''}`;
      }
      // Long texts are split where they have lines.
      if (ctx.compact !== true && value.length > MIN_LINE_WIDTH && value.length > ctx.breakLength - ctx.indentationLvl - 4) {
        return value.split(/(?<=\n)/).map((line) => ctx.stylize(quote(line), 'string'))
          .join(` +\n${' '.repeat(ctx.indentationLvl + 2)}`) + rest;
      }
      return ctx.stylize(quote(value), 'string') + rest;
    }
    case 'number':
      return ctx.stylize(numberText(value, ctx.numericSeparator), 'number');
    case 'bigint':
      return ctx.stylize(bigintText(value, ctx.numericSeparator), 'bigint');
    case 'boolean':
      return ctx.stylize(`${value}`, 'boolean');
    case 'undefined':
      return ctx.stylize('undefined', 'undefined');
    default:
      return ctx.stylize(Symbol.prototype.toString.call(value), 'symbol');
  }
}

function keysOf(value, showHidden) {
  const symbols = Object.getOwnPropertySymbols(value);
  if (showHidden) return symbols.length === 0 ? Object.getOwnPropertyNames(value) : [...Object.getOwnPropertyNames(value), ...symbols];
  let keys;
  try {
    keys = Object.keys(value);
  } catch {
    // Exports of a module that are not initialised yet.
    keys = Object.getOwnPropertyNames(value);
  }
  if (symbols.length === 0) return keys;
  return [...keys, ...symbols.filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))];
}

// What is written for one object: its braces, what stands before them, its keys and inner entries. `done` is the
// whole text where nothing else follows.
function describeObject(ctx, value, depth, isTypedArrayBuffer, shape) {
  const { constructor, tag } = shape;
  if (typeof value[Symbol.iterator] === 'function' || constructor === null) {
    shape.kind = KIND_ARRAY_EXTRAS;
    const filter = ctx.showHidden ? ALL_PROPERTIES : ONLY_ENUMERABLE;
    if (Array.isArray(value)) {
      const head = constructor !== 'Array' || tag !== '' ? prefix(constructor, tag, 'Array', `(${value.length})`) : '';
      shape.keys = getOwnNonIndexProperties(value, filter);
      shape.braces = [`${head}[`, ']'];
      if (value.length === 0 && shape.keys.length === 0 && shape.inherited === undefined) return `${head}[]`;
      shape.entries = entriesOf.arrayEntries;
      return undefined;
    }
    if (types.isTypedArray(value)) {
      shape.keys = getOwnNonIndexProperties(value, filter);
      const name = classOf(value);
      let array = value;
      if (constructor === null) {
        array = new globalThis[name](value);
        Object.setPrototypeOf(array, globalThis[name].prototype);
      }
      const { length } = array;
      const head = prefix(constructor, tag, name, `(${length})`);
      shape.braces = [`${head}[`, ']'];
      if (length === 0 && shape.keys.length === 0 && !ctx.showHidden) return `${head}[]`;
      shape.entries = entriesOf.typedArrayEntries(array, length);
      return undefined;
    }
    shape.kind = KIND_OBJECT;
    const name = classOf(value);
    if (name === 'Set' || name === 'Map') {
      const isMap = name === 'Map';
      const flat = isMap ? [...Map.prototype.entries.call(value)].flat(1) : [...Set.prototype.values.call(value)];
      const size = isMap ? flat.length / 2 : flat.length;
      const head = prefix(constructor, tag, name, `(${size})`);
      shape.keys = keysOf(value, ctx.showHidden);
      shape.braces = [`${head}{`, '}'];
      if (size === 0 && shape.keys.length === 0 && shape.inherited === undefined) return `${head}{}`;
      shape.entries = isMap ? entriesOf.mapEntries(flat) : entriesOf.setEntries(flat);
      return undefined;
    }
    if (types.isMapIterator(value) || types.isSetIterator(value)) {
      const own = types.isMapIterator(value) ? 'Map Iterator' : 'Set Iterator';
      shape.keys = keysOf(value, ctx.showHidden);
      shape.braces = [tag !== '' && tag !== own ? `[${tag}] [${own}] {` : `[${own}] {`, '}'];
      shape.entries = entriesOf.iteratorEntries(shape.braces);
      return undefined;
    }
  }
  return describeOther(ctx, value, depth, isTypedArrayBuffer, shape);
}

function describeOther(ctx, value, depth, isTypedArrayBuffer, shape) {
  const { constructor, tag } = shape;
  const isBare = () => shape.keys.length === 0 && shape.inherited === undefined;
  shape.kind = KIND_OBJECT;
  const name = classOf(value);
  shape.keys = keysOf(value, ctx.showHidden);
  shape.braces = ['{', '}'];

  if (typeof value === 'function') {
    shape.base = functionText(value, name, constructor, tag);
    return isBare() ? ctx.stylize(shape.base, 'special') : undefined;
  }
  switch (name) {
    case 'Arguments':
      shape.braces[0] = constructor === 'Object' ? '[Arguments] {' : `${prefix(constructor, tag, 'Arguments')}{`;
      if (isBare() && constructor === 'Object') return `${shape.braces[0]}}`;
      return undefined;
    case 'RegExp': {
      shape.base = RegExp.prototype.toString.call(constructor === null ? new RegExp(value) : value);
      const head = prefix(constructor, tag, 'RegExp');
      if (head !== 'RegExp ') shape.base = `${head}${shape.base}`;
      if (isBare() || (ctx.depth !== null && depth > ctx.depth)) return ctx.stylize(shape.base, 'regexp');
      return undefined;
    }
    case 'Date': {
      shape.base = Number.isNaN(Date.prototype.getTime.call(value)) ? 'Invalid Date' : Date.prototype.toISOString.call(value);
      const head = prefix(constructor, tag, 'Date');
      if (head !== 'Date ') shape.base = `${head}${shape.base}`;
      return isBare() ? ctx.stylize(shape.base, 'date') : undefined;
    }
    case 'ArrayBuffer':
    case 'SharedArrayBuffer': {
      const head = prefix(constructor, tag, name);
      if (isTypedArrayBuffer === undefined) {
        shape.entries = entriesOf.arrayBufferEntries;
      } else if (!isBare()) {
        shape.entries = entriesOf.partEntries(['byteLength']);
      } else {
        return `${head}{ [byteLength]: ${ctx.stylize(numberText(value.byteLength, false), 'number')} }`;
      }
      shape.braces[0] = `${head}{`;
      return undefined;
    }
    case 'DataView':
      shape.braces[0] = `${prefix(constructor, tag, 'DataView')}{`;
      shape.entries = entriesOf.partEntries(['byteLength', 'byteOffset', 'buffer']);
      return undefined;
    case 'Promise':
      shape.braces[0] = `${prefix(constructor, tag, 'Promise')}{`;
      shape.entries = entriesOf.promiseEntries;
      return undefined;
    case 'WeakSet':
      shape.braces[0] = `${prefix(constructor, tag, 'WeakSet')}{`;
      shape.entries = ctx.showHidden ? entriesOf.weakSetEntries : entriesOf.weakEntries;
      return undefined;
    case 'WeakMap':
      shape.braces[0] = `${prefix(constructor, tag, 'WeakMap')}{`;
      shape.entries = ctx.showHidden ? entriesOf.weakMapEntries : entriesOf.weakEntries;
      return undefined;
    case 'ModuleNamespace':
      shape.braces[0] = `${prefix(constructor, tag, 'Module')}{`;
      shape.entries = entriesOf.namespaceEntries(shape.keys);
      return undefined;
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'BigInt':
    case 'Symbol':
      shape.base = boxedText(ctx, value, name, shape);
      return isBare() ? shape.base : undefined;
    default:
  }
  if (types.isNativeError(value) || value instanceof Error) {
    const { errorText } = require('internal/util/inspect/errors');
    shape.base = errorText(value, constructor, tag, ctx, shape.keys);
    return isBare() ? shape.base : undefined;
  }
  if (constructor === 'Object') {
    if (tag !== '') shape.braces[0] = `${prefix(constructor, tag, 'Object')}{`;
    return isBare() ? `${shape.braces[0]}}` : undefined;
  }
  if (isBare()) {
    if (name === 'External') return ctx.stylize('[External: <address>]', 'special');
    return `${prefix(constructor, tag, 'Object')}{}`;
  }
  shape.braces[0] = `${prefix(constructor, tag, 'Object')}{`;
  return undefined;
}

function classText(value, constructor, tag) {
  const own = Object.hasOwn(value, 'name') && value.name;
  let text = own ? `class ${value.name}` : 'class (anonymous)';
  if (constructor !== 'Function' && constructor !== null) text += ` [${constructor}]`;
  if (tag !== '' && constructor !== tag) text += ` [${tag}]`;
  if (constructor === null) {
    text += ' extends [null prototype]';
  } else {
    const above = Object.getPrototypeOf(value).name;
    if (above) text += ` extends ${above}`;
  }
  return `[${text}]`;
}

// The prototype of a class cannot be replaced, that of a function can; methods have none.
function isClass(value) {
  return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false &&
    /^class(?![\w$])/.test(Function.prototype.toString.call(value));
}

function functionText(value, name, constructor, tag) {
  if (isClass(value)) return classText(value, constructor, tag);
  const isGenerator = name.endsWith('GeneratorFunction');
  const type = `${name.startsWith('Async') ? 'Async' : ''}${isGenerator ? 'Generator' : ''}Function`;
  let text = `[${type}`;
  if (constructor === null) text += ' (null prototype)';
  text += value.name === '' ? ' (anonymous)' : `: ${typeof value.name === 'string' ? value.name : String(value.name)}`;
  text += ']';
  if (constructor !== type && constructor !== null && constructor !== 'Function') text += ` ${constructor}`;
  if (tag !== '' && constructor !== tag) text += ` [${tag}]`;
  return text;
}

function boxedText(ctx, value, name, shape) {
  const { constructor, tag } = shape;
  const primitive = globalThis[name].prototype.valueOf.call(value);
  // The characters of a string are keys as well.
  if (name === 'String') shape.keys.splice(0, primitive.length);
  let text = `[${name}`;
  if (name !== constructor) text += constructor === null ? ' (null prototype)' : ` (${constructor})`;
  text += `: ${formatPrimitive({ ...ctx, stylize: plain }, primitive)}]`;
  if (tag !== '' && tag !== constructor) text += ` [${tag}]`;
  if (shape.keys.length !== 0 || ctx.stylize === plain) return text;
  return ctx.stylize(text, name.toLowerCase());
}

// What an object without a prototype is called.
function fallbackName(value) {
  if (Array.isArray(value)) return 'Array';
  const name = classOf(value);
  return name === 'Map' || name === 'Set' || types.isTypedArray(value) ? name : 'Object';
}

function formatObject(ctx, value, depth, isTypedArrayBuffer) {
  const wantsInherited = ctx.showHidden && (ctx.depth === null || depth <= ctx.depth);
  let inherited = wantsInherited ? [] : undefined;
  const constructor = constructorName(value, ctx, depth, inherited, inspect);
  if (inherited !== undefined && inherited.length === 0) inherited = undefined;
  const tag = toStringTag(value, ctx);
  const shape = { constructor, tag, inherited, base: '', braces: undefined, keys: undefined, entries: undefined, kind: KIND_OBJECT };
  const done = describeObject(ctx, value, depth, isTypedArrayBuffer, shape);
  if (done !== undefined) return done;

  if (ctx.depth !== null && depth > ctx.depth) {
    const name = prefix(constructor, tag, constructor === null ? fallbackName(value) : 'Object').slice(0, -1);
    return ctx.stylize(constructor === null ? name : `[${name}]`, 'special');
  }
  depth++;
  ctx.seen.push(value);
  ctx.currentDepth = depth;
  let written;
  const indentation = ctx.indentationLvl;
  try {
    written = shape.entries === undefined ? [] : shape.entries(ctx, value, depth);
    for (const key of shape.keys) written.push(formatProperty(ctx, value, depth, key, shape.kind));
    if (inherited !== undefined) {
      for (const [key, descriptor] of inherited) {
        const text = formatProperty(ctx, value, depth, key, shape.kind, descriptor);
        written.push(ctx.colors ? `\u001b[2m${text}\u001b[22m` : text);
      }
    }
  } catch (error) {
    if (!isStackOverflowError(error)) throw error;
    ctx.seen.pop();
    ctx.indentationLvl = indentation;
    const name = prefix(constructor, tag, 'Object').slice(0, -1);
    return ctx.stylize(`[${name}: Inspection interrupted prematurely. Maximum call stack size exceeded.]`, 'special');
  }
  const { braces } = shape;
  let { base } = shape;
  const index = ctx.circular?.get(value);
  if (index !== undefined) {
    const reference = ctx.stylize(`<ref *${index}>`, 'special');
    if (ctx.compact === true) braces[0] = `${reference} ${braces[0]}`;
    else base = base === '' ? reference : `${reference} ${base}`;
  }
  ctx.seen.pop();

  if (ctx.sorted) {
    const comparator = ctx.sorted === true ? undefined : ctx.sorted;
    if (shape.kind === KIND_OBJECT) {
      written.sort(comparator);
    } else if (shape.keys.length > 1) {
      const start = written.length - shape.keys.length;
      written.push(...written.splice(start).sort(comparator));
    }
  }
  const text = intoLines(ctx, written, base, braces, shape.kind, depth, value);
  const total = (ctx.budget[ctx.indentationLvl] ?? 0) + text.length;
  ctx.budget[ctx.indentationLvl] = total;
  if (total > MAX_TOTAL) ctx.depth = -1;
  return text;
}

function formatGetter(ctx, descriptor, original, depth) {
  const label = descriptor.set === undefined ? 'Getter' : 'Getter/Setter';
  const special = (text) => ctx.stylize(text, 'special');
  const wanted = ctx.getters && (ctx.getters === true || (ctx.getters === 'get' && descriptor.set === undefined) ||
    (ctx.getters === 'set' && descriptor.set !== undefined));
  if (!wanted) return special(`[${label}]`);
  try {
    const value = Reflect.apply(descriptor.get, original, []);
    ctx.indentationLvl += 2;
    let text;
    if (value === null) text = `${special(`[${label}:`)} ${ctx.stylize('null', 'null')}${special(']')}`;
    else if (typeof value === 'object') text = `${special(`[${label}]`)} ${formatValue(ctx, value, depth)}`;
    else if (typeof value === 'function') text = `${special(`[${label}:`)} ${formatValue(ctx, value, depth)}${special(']')}`;
    else text = `${special(`[${label}:`)} ${formatPrimitive(ctx, value)}${special(']')}`;
    ctx.indentationLvl -= 2;
    return text;
  } catch (error) {
    return `${special(`[${label}:`)} <Inspection threw (${error.message})>${special(']')}`;
  }
}

function keyText(ctx, key, enumerable) {
  let text;
  if (typeof key === 'symbol') text = ctx.stylize(escapeName(Symbol.prototype.toString.call(key)), 'symbol');
  else if (key === '__proto__') text = "['__proto__']";
  else if (!PLAIN_KEY.test(key)) text = ctx.stylize(quote(key), 'string');
  else text = enumerable === false ? key : ctx.stylize(key, 'name');
  return enumerable === false ? `[${text}]` : text;
}

function formatProperty(ctx, value, depth, key, kind, given = undefined) {
  const descriptor = given ?? Object.getOwnPropertyDescriptor(value, key) ??
    { value: value[key], configurable: true, enumerable: true };
  let text;
  let gap = ' ';
  if (descriptor.value !== undefined) {
    const extra = ctx.compact !== true || kind !== KIND_OBJECT ? 2 : 3;
    ctx.indentationLvl += extra;
    text = formatValue(ctx, descriptor.value, depth);
    if (extra === 3 && ctx.breakLength < getStringWidth(text, ctx.colors)) gap = `\n${' '.repeat(ctx.indentationLvl)}`;
    ctx.indentationLvl -= extra;
  } else if (descriptor.get !== undefined) {
    text = formatGetter(ctx, descriptor, value, depth);
  } else if (descriptor.set !== undefined) {
    text = ctx.stylize('[Setter]', 'special');
  } else {
    text = ctx.stylize('undefined', 'undefined');
  }
  if (kind === KIND_ARRAY) return text;
  return `${keyText(ctx, key, descriptor.enumerable)}:${gap}${text}`;
}

module.exports = {
  getStringWidth,
  inspect,
  inspectDefaultOptions: defaultOptions,
  stripVTControlCharacters,
};
Object.defineProperties(module.exports, {
  format: { enumerable: true, get: () => require('internal/util/format').format },
  formatWithOptions: { enumerable: true, get: () => require('internal/util/format').formatWithOptions },
});
