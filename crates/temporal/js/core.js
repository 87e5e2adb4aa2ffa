// What all classes of Temporal share: the language's own functions, untouched by the program; the texts that
// objects hold; conversions of numbers and names; the making of constructors.
//
// The files of this folder are the body of one function, which is given `std` (the language as it was
// before any guest) and `native` (the operations of the crate). Guests reach neither. So that nothing they
// did to a prototype is felt, this code calls no method that it did not take from there, iterates over
// nothing but by index, and has no template strings.

const { builtin, method, toText, isObject, push, apply, list } = std;
const { TypeError, RangeError, BigInt, toStringTag } = std.first;
const { toPrimitive } = std.first.Symbol;
const { run } = native;
const trunc = builtin('Math', 'trunc');
const floor = builtin('Math', 'floor');
const defineProperty = builtin('Object', 'defineProperty');
const descriptorOf = builtin('Object', 'getOwnPropertyDescriptor');
const keysOf = builtin('Object', 'keys');
const stringSlice = method('String.prototype', 'slice');
const stringCodeAt = method('String.prototype', 'charCodeAt');
const lastIndexOf = method('String.prototype', 'lastIndexOf');
const asIntN = builtin('BigInt', 'asIntN');

// Puts the text of what it is on an object that was made elsewhere.
class Held extends (function (object) { return object; }) {
  #kind;
  #text;
  constructor(object, kind, text) {
    super(object);
    this.#kind = kind;
    this.#text = text;
  }
  static kindOf(value) {
    return isObject(value) && #kind in value ? value.#kind : undefined;
  }
  static textOf(value) {
    return value.#text;
  }
  static {
    // Where there is structuredClone, it refuses these.
    if (std.uncloneable !== undefined) push(std.uncloneable, (value) => isObject(value) && #kind in value);
  }
}
const { kindOf, textOf } = Held;

// The text of an object that must be of this kind.
function ownText(value, kind) {
  if (kindOf(value) !== kind) throw new TypeError('Not a Temporal.' + kind);
  return textOf(value);
}

const prototypes = { __proto__: null };

// An object of this kind, which programs did not make a class of their own from.
function made(kind, text) {
  const object = { __proto__: prototypes[kind] };
  new Held(object, kind, text);
  return object;
}

// An object that `new` asks for.
function construct(newTarget, kind, text) {
  const wanted = newTarget.prototype;
  const object = { __proto__: isObject(wanted) ? wanted : prototypes[kind] };
  new Held(object, kind, text);
  return object;
}

function needNew(newTarget, kind) {
  if (newTarget === undefined) throw new TypeError('Constructor Temporal.' + kind + ' requires \'new\'');
}

function define(object, name, value) {
  defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

function tag(object, name) {
  defineProperty(object, toStringTag, { __proto__: null, value: name, writable: false, enumerable: false, configurable: true });
}

function defineAll(object, methods) {
  const names = keysOf(methods);
  for (let k = 0; k < names.length; k++) define(object, names[k], methods[names[k]]);
}

function defineGetter(object, holder, name) {
  defineProperty(object, name, { __proto__: null, get: descriptorOf(holder, name).get, enumerable: false, configurable: true });
}

const Temporal = {};
tag(Temporal, 'Temporal');

// Makes a constructor what the standard says: its statics, its prototype with methods and getters.
function publish(kind, constructor, length, statics, methods, getters) {
  const { prototype } = constructor;
  prototypes[kind] = prototype;
  defineProperty(constructor, 'prototype', { __proto__: null, writable: false, enumerable: false, configurable: false });
  defineProperty(constructor, 'length', { __proto__: null, value: length, writable: false, enumerable: false, configurable: true });
  defineAll(constructor, statics);
  for (let k = 0; k < getters.length; k++) {
    const name = getters[k];
    defineGetter(prototype, { get [name]() { return run(kind + '.get', ownText(this, kind), name); } }, name);
  }
  defineAll(prototype, methods);
  tag(prototype, 'Temporal.' + kind);
  define(Temporal, kind, constructor);
}

// Puts the properties of one object on another. Defined, not assigned: a program may have frozen
// Object.prototype, which has some of these names.
function merged(object, more) {
  const names = keysOf(more);
  for (let k = 0; k < names.length; k++) {
    defineProperty(object, names[k], { __proto__: null, value: more[names[k]], writable: true, enumerable: true, configurable: true });
  }
  return object;
}

// --- Numbers

function integer(value) {
  const number = +value;
  if (!(number - number === 0)) throw new RangeError('Not a finite number');
  return trunc(number) + 0;
}

function positiveInteger(value) {
  const number = integer(value);
  if (number < 1) throw new RangeError('Not a positive number');
  return number;
}

function integral(value) {
  const number = +value;
  if (!(number - number === 0) || trunc(number) !== number) throw new RangeError('Not an integer');
  return number + 0;
}

const orZero = (value) => (value === undefined ? 0 : integer(value));
const MOST = 8640000000000000000000n;

// The text of the nanoseconds of a time.
function nanoseconds(value) {
  const big = asIntN(9007199254740991, value);
  if (big > MOST || big < -MOST) throw new RangeError('The time is out of range');
  return toText(big);
}

// --- Names

// What the language makes of a value where it wants text, of whatever type that is.
function primitive(value) {
  if (!isObject(value)) return value;
  const exotic = value[toPrimitive];
  if (exotic !== undefined && exotic !== null) {
    if (typeof exotic !== 'function') throw new TypeError('Symbol.toPrimitive is not a function');
    const made = apply(exotic, value, ['string']);
    if (isObject(made)) throw new TypeError('Cannot convert an object to a primitive value');
    return made;
  }
  for (let k = 0; k < 2; k++) {
    const convert = k === 0 ? value.toString : value.valueOf;
    if (typeof convert === 'function') {
      const made = apply(convert, value, []);
      if (!isObject(made)) return made;
    }
  }
  throw new TypeError('Cannot convert an object to a primitive value');
}

function primitiveText(value, what) {
  const text = primitive(value);
  if (typeof text !== 'string') throw new TypeError(what + ' is not a string');
  return text;
}

// --- Calendars and zones

const DATED = { __proto__: null, PlainDate: true, PlainDateTime: true, PlainMonthDay: true, PlainYearMonth: true, ZonedDateTime: true };

// The calendar's name stands at the end of a text that has one.
const calendarIn = (text) => stringSlice(text, lastIndexOf(text, ' ') + 1, text.length);

function toCalendar(value) {
  const kind = kindOf(value);
  if (kind !== undefined && DATED[kind]) return calendarIn(textOf(value));
  if (typeof value !== 'string') throw new TypeError('A calendar is not a string');
  return run('calendar.parse', value);
}

// The calendar that an object has, or that its property names.
function calendarOf(object) {
  const kind = kindOf(object);
  if (kind !== undefined && DATED[kind]) return calendarIn(textOf(object));
  const { calendar } = object;
  return calendar === undefined ? 'iso8601' : toCalendar(calendar);
}

// The calendar that a constructor is given: nothing but a name.
function calendarNamed(value) {
  if (value === undefined) return 'iso8601';
  if (typeof value !== 'string') throw new TypeError('A calendar is not a string');
  return run('calendar.identifier', value);
}

function sameCalendar(one, two) {
  if (calendarIn(one) !== calendarIn(two)) throw new RangeError('The calendars are not the same');
}

function toZone(value) {
  if (kindOf(value) === 'ZonedDateTime') return run('ZonedDateTime.get', textOf(value), 'timeZoneId');
  if (typeof value !== 'string') throw new TypeError('A time zone is not a string');
  return run('zone.parse', value);
}
