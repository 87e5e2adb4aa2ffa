// Reading of options: each when the standard reads it, none validated against another before all are read.

function optionsObject(options) {
  if (options === undefined) return { __proto__: null };
  if (!isObject(options)) throw new TypeError('Options are not an object');
  return options;
}

// What `round` and `total` take in place of an object: the value of one option.
function optionsOrText(options, name) {
  if (options === undefined) throw new TypeError('Options are missing');
  if (typeof options === 'string') return { __proto__: null, [name]: options };
  return optionsObject(options);
}

function option(options, name, values, fallback) {
  const given = options[name];
  if (given === undefined) {
    if (fallback === undefined) throw new RangeError('Option ' + name + ' is missing');
    return fallback;
  }
  const value = toText(given);
  for (let k = 0; k < values.length; k++) if (values[k] === value) return value;
  throw new RangeError('Value ' + value + ' out of range for option ' + name);
}

const OVERFLOWS = ['constrain', 'reject'];
const DISAMBIGUATIONS = ['compatible', 'earlier', 'later', 'reject'];
const OFFSETS = ['prefer', 'use', 'ignore', 'reject'];
const MODES = ['ceil', 'floor', 'expand', 'trunc', 'halfCeil', 'halfFloor', 'halfExpand', 'halfTrunc', 'halfEven'];
const CALENDAR_NAMES = ['auto', 'always', 'never', 'critical'];
const ZONE_NAMES = ['auto', 'never', 'critical'];
const SHOWN_OFFSETS = ['auto', 'never'];
const DIRECTIONS = ['next', 'previous'];

const overflowOf = (options) => option(optionsObject(options), 'overflow', OVERFLOWS, 'constrain');
const modeOf = (options, fallback) => option(options, 'roundingMode', MODES, fallback);

function incrementOf(options) {
  const value = options.roundingIncrement;
  if (value === undefined) return 1;
  const number = integer(value);
  if (number < 1 || number > 1e9) throw new RangeError('roundingIncrement is out of range');
  return number;
}

// Units from the smallest to the largest; `auto` is none of them.
const UNITS = ['nanosecond', 'microsecond', 'millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'year'];
const RANKS = { __proto__: null, auto: -1 };
for (let k = 0; k < UNITS.length; k++) {
  RANKS[UNITS[k]] = k;
  RANKS[UNITS[k] + 's'] = k;
}

// The unit that an option names, in the singular; empty where there is none.
function unitOf(options, name) {
  const given = options[name];
  if (given === undefined) return '';
  const value = toText(given);
  const rank = RANKS[value];
  if (rank === undefined) throw new RangeError('Value ' + value + ' out of range for option ' + name);
  return rank < 0 ? value : UNITS[rank];
}

// The smallest and the largest unit of what is worked with.
const GROUPS = {
  __proto__: null, PlainDate: [6, 9], PlainTime: [0, 5], PlainDateTime: [0, 9], PlainYearMonth: [8, 9],
  ZonedDateTime: [0, 9], Instant: [0, 5], Duration: [0, 9],
};

function needUnit(unit, least, most, name) {
  if (unit !== '' && (RANKS[unit] < least || RANKS[unit] > most)) throw new RangeError('Unit ' + unit + ' is not one for ' + name);
}

// What `until` and `since` are told.
function differenceOf(given, kind) {
  const options = optionsObject(given);
  const largest = unitOf(options, 'largestUnit');
  const increment = incrementOf(options);
  const mode = modeOf(options, 'trunc');
  const smallest = unitOf(options, 'smallestUnit');
  const group = GROUPS[kind];
  if (largest !== 'auto') needUnit(largest, group[0], group[1], 'largestUnit');
  needUnit(smallest, group[0], group[1], 'smallestUnit');
  return [largest, smallest, mode, increment];
}

// What `round` is told; days are a unit for those that have a date.
function roundingOf(given, most) {
  const options = optionsOrText(given, 'smallestUnit');
  const increment = incrementOf(options);
  const mode = modeOf(options, 'halfExpand');
  const smallest = unitOf(options, 'smallestUnit');
  if (smallest === '') throw new RangeError('Option smallestUnit is missing');
  needUnit(smallest, 0, most, 'smallestUnit');
  return ['', smallest, mode, increment];
}

// How many digits of a second are shown; below 0 as many as there are.
function digitsOf(options) {
  const value = options.fractionalSecondDigits;
  if (value === undefined) return -1;
  if (typeof value !== 'number') {
    if (toText(value) !== 'auto') throw new RangeError('fractionalSecondDigits is out of range');
    return -1;
  }
  const digits = floor(value);
  if (!(digits >= 0 && digits <= 9)) throw new RangeError('fractionalSecondDigits is out of range');
  return digits;
}

// A clock is shown to the minute at least.
function needShown(smallest, most) {
  needUnit(smallest, 0, most, 'smallestUnit');
}
