// Temporal.Duration.

const DURATION_UNITS = [
  'years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds',
];
// The places of the units in the order in which an object is read.
const READ_IN_ORDER = [3, 4, 8, 7, 5, 1, 9, 6, 2, 0];

const durationText = (values) => run('Duration.new', values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8], values[9]);

// Puts into `values` what an object's properties say.
function readDuration(object, values) {
  let any = false;
  for (let k = 0; k < READ_IN_ORDER.length; k++) {
    const place = READ_IN_ORDER[k];
    const value = object[DURATION_UNITS[place]];
    if (value === undefined) continue;
    any = true;
    values[place] = integral(value);
  }
  if (!any) throw new TypeError('A duration has none of its units');
  return durationText(values);
}

function noUnits() {
  const values = list();
  for (let k = 0; k < DURATION_UNITS.length; k++) push(values, 0);
  return values;
}

function toDuration(value) {
  if (kindOf(value) === 'Duration') return textOf(value);
  if (isObject(value)) return readDuration(value, noUnits());
  if (typeof value !== 'string') throw new TypeError('A duration is not an object or a string');
  return run('Duration.parse', value);
}

// The numbers of all units, in order.
function durationValues(text) {
  const values = list();
  for (let k = 0; k < DURATION_UNITS.length; k++) push(values, run('Duration.get', text, DURATION_UNITS[k]));
  return values;
}

function Duration(years, months, weeks, days, hours, minutes, seconds, milliseconds, microseconds, nanoseconds) {
  needNew(new.target, 'Duration');
  const values = list();
  const one = (value) => push(values, value === undefined ? 0 : integral(value));
  one(years);
  one(months);
  one(weeks);
  one(days);
  one(hours);
  one(minutes);
  one(seconds);
  one(milliseconds);
  one(microseconds);
  one(nanoseconds);
  return construct(new.target, 'Duration', durationText(values));
}

publish('Duration', Duration, 0, {
  from(item) {
    return made('Duration', toDuration(item));
  },
  compare(one, two, options = undefined) {
    const first = toDuration(one);
    const second = toDuration(two);
    return run('Duration.compare', first, second, relativeTo(optionsObject(options)));
  },
}, {
  with(durationLike) {
    const text = ownText(this, 'Duration');
    if (!isObject(durationLike)) throw new TypeError('Not an object');
    return made('Duration', readDuration(durationLike, durationValues(text)));
  },
  negated() {
    return made('Duration', run('Duration.negated', ownText(this, 'Duration')));
  },
  abs() {
    return made('Duration', run('Duration.abs', ownText(this, 'Duration')));
  },
  add(other) {
    return made('Duration', run('Duration.add', ownText(this, 'Duration'), toDuration(other)));
  },
  subtract(other) {
    return made('Duration', run('Duration.subtract', ownText(this, 'Duration'), toDuration(other)));
  },
  round(roundTo) {
    const text = ownText(this, 'Duration');
    const options = optionsOrText(roundTo, 'smallestUnit');
    const largest = unitOf(options, 'largestUnit');
    const relative = relativeTo(options);
    const increment = incrementOf(options);
    const mode = modeOf(options, 'halfExpand');
    const smallest = unitOf(options, 'smallestUnit');
    needUnit(smallest, 0, 9, 'smallestUnit');
    if (largest === '' && smallest === '') throw new RangeError('There is neither smallestUnit nor largestUnit');
    return made('Duration', run('Duration.round', text, [largest, smallest, mode, increment], relative));
  },
  total(totalOf) {
    const text = ownText(this, 'Duration');
    const options = optionsOrText(totalOf, 'unit');
    const relative = relativeTo(options);
    const unit = unitOf(options, 'unit');
    if (unit === '') throw new RangeError('Option unit is missing');
    needUnit(unit, 0, 9, 'unit');
    return run('Duration.total', text, unit, relative);
  },
  toString(options = undefined) {
    const text = ownText(this, 'Duration');
    const given = optionsObject(options);
    const digits = digitsOf(given);
    const mode = modeOf(given, 'trunc');
    const smallest = unitOf(given, 'smallestUnit');
    needUnit(smallest, 0, 3, 'smallestUnit');
    return run('Duration.toString', text, [digits, smallest, mode]);
  },
  toJSON() {
    return run('Duration.toString', ownText(this, 'Duration'), [-1, '', 'trunc']);
  },
  toLocaleString(locales = undefined, options = undefined) {
    return intl().durationToLocale(durationValues(ownText(this, 'Duration')), locales, options);
  },
  valueOf() {
    throw new TypeError('A Temporal.Duration is not a number: use Temporal.Duration.compare');
  },
}, [
  'years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds',
  'sign', 'blank',
]);
