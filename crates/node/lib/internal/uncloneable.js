'use strict';
// Objects that have no clones: who makes such interfaces says here how its own are told from others, and the
// error is in the words of V8.

const { classOf, getProxyDetails, isGlobal } = internalBinding('util');

// Functions that know the objects of one interface, with what is said of these where it is not their name.
const brands = [];

function refuseClones(isOne, words = undefined) {
  brands.push([isOne, words]);
}

// What is read without running any of the program's code.
function dataOf(object, key) {
  for (let at = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (classOf(at) === 'Proxy') return undefined;
    const own = Object.getOwnPropertyDescriptor(at, key);
    if (own !== undefined) return own.value;
  }
  return undefined;
}

// Classes that V8 names where an object has no tag.
const kClasses = new Set(['Array', 'ArrayBuffer', 'Arguments', 'BigInt', 'Boolean', 'DataView', 'Date', 'Error', 'Map', 'Number',
                          'Promise', 'RegExp', 'Set', 'String', 'Symbol', 'WeakMap', 'WeakSet']);

const objectToString = Object.prototype.toString;

// A value as V8 names it in errors: by its constructor where Object.prototype.toString would say what it is, else
// by its tag.
function describe(value) {
  for (let proxy = getProxyDetails(value); proxy !== undefined; proxy = getProxyDetails(value)) {
    if (proxy[0] === null) return '[object Object]';
    value = proxy[0];
  }
  if (typeof value === 'function') return Function.prototype.toString.call(value);
  if (typeof value === 'symbol') return Symbol.prototype.toString.call(value);
  if (!isGlobal(value) && dataOf(value, 'toString') === objectToString) {
    const constructor = dataOf(value, 'constructor');
    const name = typeof constructor === 'function' ? dataOf(constructor, 'name') : undefined;
    if (typeof name === 'string' && name !== '') return `#<${name}>`;
  }
  const tag = dataOf(value, Symbol.toStringTag);
  if (typeof tag === 'string') return `[object ${tag}]`;
  if (isGlobal(value)) return '[object global]';
  const kind = classOf(value);
  return `[object ${kClasses.has(kind) ? kind : 'Object'}]`;
}

const isNative = (value) => typeof value === 'function' && Function.prototype.toString.call(value).endsWith('{ [native code] }');

// Objects of Intl look like plain ones, but for what they hold: only they answer the methods of their prototypes.
// Intl itself is not looked at, which would make it, and which the program may have taken away.
function isOfIntl(object) {
  for (let proto = Object.getPrototypeOf(object); proto !== null && proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    // No trap is to run.
    if (classOf(proto) === 'Proxy') return false;
    const own = (key) => Object.getOwnPropertyDescriptor(proto, key)?.value;
    const tag = own(Symbol.toStringTag);
    let ask;
    let args = [];
    // To ask an iterator would take a step.
    if (tag === 'Segmenter String Iterator') return isNative(own('next'));
    if (typeof tag === 'string' && tag.startsWith('Intl.')) ask = own(tag === 'Intl.Locale' ? 'toString' : 'resolvedOptions');
    else if (tag === undefined && Object.hasOwn(proto, 'containing')) [ask, args] = [own('containing'), [0]];
    if (!isNative(ask)) continue;
    try {
      Reflect.apply(ask, object, args);
      return true;
    } catch {
      return false;
    }
  }
  return false;
}

// Why an object of no built-in class has no clone; undefined where it has one.
function whyUncloneable(value) {
  for (const [isOne, words] of brands) if (isOne(value)) return words ?? `${describe(value)} could not be cloned.`;
  return isGlobal(value) || isOfIntl(value) ? `${describe(value)} could not be cloned.` : undefined;
}

const kUnsupported = 'Cannot clone object of unsupported type.';
const kNeedsTransfer = 'Object that needs transfer was found in message but not listed in transferList';

module.exports = { describe, isOfIntl, kNeedsTransfer, kUnsupported, refuseClones, whyUncloneable };
