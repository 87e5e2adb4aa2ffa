// What all constructors of Intl share: the language's own functions, untouched by the program;
// internal slots; the reading of locales and options as ECMA-402 orders it (its section 9.2).
//
// The files of this folder are the body of one function, which is given `std` (the language as it was
// before any guest) and `native` (the operations of the crate). Guests reach neither. So that nothing
// they did to a prototype is felt, this code calls no method that it did not take from there, iterates
// over nothing but by index, and has no template strings, which look `concat` up.

const { builtin, method, toText, isObject } = std;
const { TypeError, RangeError, toStringTag } = std.first;
const floor = builtin('Math', 'floor');
const defineProperty = builtin('Object', 'defineProperty');
const jsonParse = builtin('JSON', 'parse');
const jsonStringify = builtin('JSON', 'stringify');
const stringTrim = method('String.prototype', 'trim');
const stringCodeAt = method('String.prototype', 'charCodeAt');
const stringLower = method('String.prototype', 'toLowerCase');
const stringUpper = method('String.prototype', 'toUpperCase');
const stringIncludes = method('String.prototype', 'includes');
const stringSlice = method('String.prototype', 'slice');
const isWellFormed = method('String.prototype', 'isWellFormed');
const { toWellFormed, push } = std;

// Puts internal slots on an object that was made elsewhere.
class Slots extends (function (object) { return object; }) {
  #kind;
  #slots;
  constructor(object, kind, slots) {
    super(object);
    this.#kind = kind;
    this.#slots = slots;
  }
  static of(object, kind, name) {
    if (!Slots.is(object, kind)) {
      throw new TypeError('Method ' + name + ' called on incompatible receiver');
    }
    return object.#slots;
  }
  static is(object, kind) {
    return isObject(object) && #kind in object && object.#kind === kind;
  }
  static {
    // Where there is structuredClone, it refuses these.
    if (std.uncloneable !== undefined) push(std.uncloneable, (value) => isObject(value) && #kind in value);
  }
}

// Answers its first argument, as an object.
const toObject = builtin('Object', 'assign');

function define(object, name, value, enumerable) {
  defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: enumerable === true, configurable: true });
}

function append(list, value) {
  defineProperty(list, list.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

function getter(object, name, get) {
  const own = builtin('Object', 'getOwnPropertyDescriptor')(get, name).get;
  defineProperty(object, name, { __proto__: null, get: own, enumerable: false, configurable: true });
}

const hasOwn = builtin('Object', 'hasOwn');
const own = (object, name) => (hasOwn(object, name) ? object[name] : undefined);

// A function without a name, whatever it is kept in.
const unnamed = (made) => made;

// --- Pieces

// How much text a native is given at once, in code units: no call of one can be interrupted, and a
// run is stopped between two.
const PIECE = 16384;

// Where the piece that begins at `from` ends: behind the last space of what fits, where there is one,
// for no rule of letters reaches over it; never within a pair of surrogates. It follows from the text
// alone.
function pieceEnd(text, from) {
  const most = from + PIECE;
  if (most >= text.length) return text.length;
  for (let at = most; at > from; at--) {
    const code = stringCodeAt(text, at - 1);
    if (code === 32 || code === 10) return at;
  }
  const last = stringCodeAt(text, most - 1);
  return last >= 0xd800 && last <= 0xdbff ? most - 1 : most;
}

// --- Locales

// Requests of more locales than this are refused.
const MOST_LOCALES = 1000;

// Requested locales in canonical form, as a text with commas between.
function localeList(locales) {
  if (locales === undefined) return '';
  if (typeof locales === 'string') return native.localeCanonical(locales);
  if (Slots.is(locales, 'Locale')) return Slots.of(locales, 'Locale').tag;
  if (locales === null) throw new TypeError('Cannot convert undefined or null to object');
  const object = toObject(locales);
  const length = toLength(object.length);
  const seen = { __proto__: null };
  let list = '';
  let count = 0;
  for (let k = 0; k < length; k++) {
    if (!(k in object)) continue;
    const value = object[k];
    if (typeof value !== 'string' && !isObject(value)) throw new TypeError('Language ID should be string or object.');
    const tag = Slots.is(value, 'Locale') ? Slots.of(value, 'Locale').tag : native.localeCanonical(toText(value));
    if (seen[tag]) continue;
    if (++count > MOST_LOCALES) throw new RangeError('More than ' + toText(MOST_LOCALES) + ' locales are requested');
    seen[tag] = true;
    list = list === '' ? tag : list + ',' + tag;
  }
  return list;
}

function toLength(value) {
  const length = +value;
  if (!(length > 0)) return 0;
  return length > 9007199254740991 ? 9007199254740991 : floor(length);
}

function supportedLocalesOf(service, locales, options) {
  asking = 'Intl.' + service + '.supportedLocalesOf';
  const list = localeList(locales);
  getOption(coerced(options), 'localeMatcher', MATCHERS, 'best fit');
  return split(native.localeSupported(service, list));
}

// The texts between the commas of another.
function split(text) {
  const list = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at !== text.length && stringCodeAt(text, at) !== 44) continue;
    if (at > start) append(list, stringSlice(text, start, at));
    start = at + 1;
  }
  return list;
}

// --- Options

const MATCHERS = ['lookup', 'best fit'];

// Options of the constructors that take anything that has properties.
function coerced(options) {
  if (options === undefined) return { __proto__: null };
  if (options === null) throw new TypeError('Cannot convert undefined or null to object');
  return toObject(options);
}

// Options of the constructors that take nothing but objects.
function optionsObject(options) {
  if (options === undefined) return { __proto__: null };
  if (!isObject(options)) throw new TypeError('Incorrect options object provided');
  return options;
}

// Who reads options, for what is said of one that is refused.
let asking = 'Intl';

function getOption(options, name, values, fallback) {
  let value = options[name];
  if (value === undefined) return fallback;
  value = toText(value);
  if (values === undefined) return value;
  for (let k = 0; k < values.length; k++) {
    if (values[k] === value) return value;
  }
  throw new RangeError('Value ' + value + ' out of range for ' + asking + ' options property ' + name);
}

function getBoolean(options, name, fallback) {
  const value = options[name];
  return value === undefined ? fallback : !!value;
}

function getNumber(options, name, least, most, fallback) {
  return defaultNumber(options[name], least, most, fallback, name);
}

function defaultNumber(value, least, most, fallback, name) {
  if (value === undefined) return fallback;
  const number = +value;
  if (!(number >= least && number <= most)) throw new RangeError(name + ' value is out of range.');
  return floor(number);
}

// A value of the kind that Unicode extensions have: pieces of three to eight letters and digits.
function keywordOption(options, name) {
  const value = getOption(options, name, undefined, undefined);
  if (value === undefined) return undefined;
  let run = 0;
  for (let at = 0; at <= value.length; at++) {
    const code = at === value.length ? 45 : stringCodeAt(value, at);
    if (code === 45) {
      if (run < 3 || run > 8) throw new RangeError('Invalid ' + name + ' : ' + value);
      run = 0;
    } else if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)) {
      run++;
    } else {
      throw new RangeError('Invalid ' + name + ' : ' + value);
    }
  }
  return stringLower(value);
}

// --- Constructors

// An object that `new.target` asks for, with slots.
function make(newTarget, fallback, kind, slots) {
  const wanted = newTarget === undefined ? fallback : newTarget.prototype;
  const object = { __proto__: isObject(wanted) ? wanted : fallback };
  new Slots(object, kind, slots);
  return object;
}

// Makes a constructor what the standard says: its prototype, its statics, its tag.
function service(name, constructor, methods, getters) {
  const prototype = constructor.prototype;
  defineProperty(constructor, 'prototype', { __proto__: null, writable: false, enumerable: false, configurable: false });
  defineProperty(constructor, 'length', { __proto__: null, value: 0, writable: false, enumerable: false, configurable: true });
  if (name !== 'Locale') {
    define(constructor, 'supportedLocalesOf', {
      supportedLocalesOf(locales, options = undefined) {
        return supportedLocalesOf(name, locales, options);
      },
    }.supportedLocalesOf);
  }
  const names = builtin('Object', 'keys')(methods);
  for (let k = 0; k < names.length; k++) define(prototype, names[k], methods[names[k]]);
  const more = builtin('Object', 'keys')(getters);
  for (let k = 0; k < more.length; k++) getter(prototype, more[k], getters);
  defineProperty(prototype, toStringTag, { __proto__: null, value: 'Intl.' + name, writable: false, enumerable: false, configurable: true });
  define(Intl, name, constructor);
}

// An object from pairs of JSON, for the parts of a text.
function partsOf(json, third) {
  const pairs = jsonParse(json);
  const list = [];
  for (let k = 0; k < pairs.length; k++) {
    const part = {};
    define(part, 'type', pairs[k][0], true);
    define(part, 'value', pairs[k][1], true);
    if (third !== undefined) define(part, third, pairs[k][2], true);
    append(list, part);
  }
  return list;
}

function joined(json) {
  const pairs = jsonParse(json);
  let text = '';
  for (let k = 0; k < pairs.length; k++) text += pairs[k][1];
  return text;
}

// A program's own object of what is resolved; undefined members are left out.
function resolvedObject(names, values) {
  const object = {};
  for (let k = 0; k < names.length; k++) {
    if (values[names[k]] !== undefined) define(object, names[k], values[names[k]], true);
  }
  return object;
}

const Intl = {};
defineProperty(Intl, toStringTag, { __proto__: null, value: 'Intl', writable: false, enumerable: false, configurable: true });
define(Intl, 'getCanonicalLocales', {
  getCanonicalLocales(locales) {
    return split(localeList(locales));
  },
}.getCanonicalLocales);
