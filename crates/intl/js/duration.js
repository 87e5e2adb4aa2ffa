// Intl.DurationFormat (ECMA-402, section 13): numbers of units, joined as a list.

const { BigInt } = std.first;
const DURATION_STYLES = ['long', 'short', 'narrow', 'digital'];
const DISPLAYS = ['auto', 'always'];
const WORDS = ['long', 'short', 'narrow'];
const CLOCK = ['long', 'short', 'narrow', 'numeric', '2-digit'];
const FRACTIONS = ['long', 'short', 'narrow', 'numeric'];
// Each unit's name, its name as one, the styles it can have, and the one it has among digits.
const DURATION_UNITS = [
  ['years', 'year', WORDS, 'short'], ['months', 'month', WORDS, 'short'], ['weeks', 'week', WORDS, 'short'],
  ['days', 'day', WORDS, 'short'], ['hours', 'hour', CLOCK, 'numeric'], ['minutes', 'minute', CLOCK, 'numeric'],
  ['seconds', 'second', CLOCK, 'numeric'], ['milliseconds', 'millisecond', FRACTIONS, 'numeric'],
  ['microseconds', 'microsecond', FRACTIONS, 'numeric'], ['nanoseconds', 'nanosecond', FRACTIONS, 'numeric'],
];
// The units in the order in which a program's object is read.
const READ_IN_ORDER = [3, 4, 8, 7, 5, 1, 9, 6, 2, 0];
const HOURS = 4;
const MINUTES = 5;
const SECONDS = 6;

function unitOptions(index, options, base, previous) {
  const name = DURATION_UNITS[index][0];
  const onClock = index >= HOURS && index <= SECONDS;
  let style = getOption(options, name, DURATION_UNITS[index][2], undefined);
  let shown = 'always';
  if (style === undefined) {
    if (base === 'digital') {
      if (!onClock) shown = 'auto';
      style = DURATION_UNITS[index][3];
    } else if (previous === 'fractional' || previous === 'numeric' || previous === '2-digit') {
      if (index !== MINUTES && index !== SECONDS) shown = 'auto';
      style = 'numeric';
    } else {
      shown = 'auto';
      style = base;
    }
  }
  if (style === 'numeric' && index > SECONDS) {
    style = 'fractional';
    shown = 'auto';
  }
  const display = getOption(options, name + 'Display', DISPLAYS, shown);
  const refused = () => { throw new RangeError('The style of ' + name + ' does not go with its display or the style of the unit before it'); };
  if (display === 'always' && style === 'fractional') refused();
  if (previous === 'fractional' && style !== 'fractional') refused();
  if (previous === 'numeric' || previous === '2-digit') {
    if (style !== 'fractional' && style !== 'numeric' && style !== '2-digit') refused();
    if (index === MINUTES || index === SECONDS) style = '2-digit';
  }
  return { __proto__: null, style, display };
}

function DurationFormat(locales, given) {
  needNew(new.target, 'DurationFormat');
  asking = 'Intl.DurationFormat';
  const wanted = new.target.prototype;
  const prototype = isObject(wanted) ? wanted : DurationFormat.prototype;
  const list = localeList(locales);
  const options = optionsObject(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const numbering = keywordOption(options, 'numberingSystem');
  const found = jsonParse(native.numberResolve(list, numbering === undefined ? '' : numbering));
  const slots = { __proto__: null, locale: found[0], numberingSystem: found[1] };
  slots.style = getOption(options, 'style', DURATION_STYLES, 'short');
  const units = std.list();
  let previous = '';
  for (let k = 0; k < DURATION_UNITS.length; k++) {
    const unit = unitOptions(k, options, slots.style, previous);
    push(units, unit);
    if (k >= HOURS && k < 9) previous = unit.style;
  }
  slots.units = units;
  slots.fractionalDigits = getNumber(options, 'fractionalDigits', 0, 9, undefined);
  slots.formats = { __proto__: null };
  return make({ __proto__: null, prototype }, prototype, 'DurationFormat', slots);
}

// The numbers of a program's object, in the order of the units.
function durationRecord(input) {
  if (typeof input === 'string') return checkedDuration((std.temporal ?? native.use('temporal')).durationValues(input));
  if (!isObject(input)) throw new TypeError('Invalid argument: a duration must be an object');
  if (std.temporal !== undefined && std.temporal.kindOf(input) === 'Duration') return checkedDuration(std.temporal.durationValues(input));
  const values = std.list();
  for (let k = 0; k < DURATION_UNITS.length; k++) push(values, 0);
  let any = false;
  for (let k = 0; k < READ_IN_ORDER.length; k++) {
    const index = READ_IN_ORDER[k];
    const value = input[DURATION_UNITS[index][0]];
    if (value === undefined) continue;
    any = true;
    const number = +value;
    if (!(number - number === 0) || floor(number) !== number) throw new RangeError('Invalid time value : ' + DURATION_UNITS[index][0]);
    values[index] = number + 0;
  }
  if (!any) throw new TypeError('Invalid argument: a duration must have a unit');
  return checkedDuration(values);
}

// The numbers and their sign, if they are a duration.
function checkedDuration(values) {
  let sign = 0;
  for (let k = 0; k < values.length; k++) {
    if (values[k] === 0) continue;
    const own = values[k] < 0 ? -1 : 1;
    if (sign !== 0 && sign !== own) throw new RangeError('Invalid argument: a duration has one sign');
    sign = own;
  }
  for (let k = 0; k < 3; k++) {
    if (values[k] >= 4294967296 || values[k] <= -4294967296) throw new RangeError('Invalid argument: a duration is out of range');
  }
  const most = 9007199254740992000000000n;
  const nanoseconds = BigInt(values[3]) * 86400000000000n + BigInt(values[4]) * 3600000000000n
    + BigInt(values[5]) * 60000000000n + fractionOf(values, SECONDS, 9);
  if (nanoseconds >= most || nanoseconds <= -most) throw new RangeError('Invalid argument: a duration is out of range');
  return { __proto__: null, values, sign };
}

// The nanoseconds, or whatever `last` counts, of a unit and those that follow it.
function fractionOf(values, first, last) {
  let sum = 0n;
  for (let k = first; k <= last; k++) sum = sum * 1000n + BigInt(values[k]);
  return sum;
}

// A unit's number with those of the smaller ones behind the point, as text.
function withFraction(values, first) {
  const places = 3 * (9 - first);
  const whole = fractionOf(values, first, 9);
  const negative = whole < 0n;
  let digits = toText(negative ? -whole : whole);
  while (digits.length <= places) digits = '0' + digits;
  const point = digits.length - places;
  const text = stringSlice(digits, 0, point) + '.' + stringSlice(digits, point, digits.length);
  return negative ? '-' + text : text;
}

// A number's own text where doubles have more digits than they show.
const exactly = (number) => (number > 9007199254740991 || number < -9007199254740991 ? toText(BigInt(number)) : number);

// The key of the number format that has these options; made once.
function keyOf(slots, options) {
  const name = jsonStringify(options);
  const known = slots.formats[name];
  if (known !== undefined) return known;
  options.numberingSystem = slots.numberingSystem;
  return slots.formats[name] = numberSlots(slots.locale, options).key;
}

function fractionDigits(slots, options) {
  const digits = slots.fractionalDigits;
  options.maximumFractionDigits = digits === undefined ? 9 : digits;
  options.minimumFractionDigits = digits === undefined ? 0 : digits;
  options.roundingMode = 'trunc';
}

// The parts of a number, for each its kind, its text and its unit.
function numberParts(slots, options, value, unit, to) {
  const pairs = jsonParse(native.numberParts(keyOf(slots, options), value));
  for (let k = 0; k < pairs.length; k++) push(to, { __proto__: null, type: pairs[k][0], value: pairs[k][1], unit });
}

// The parts of what is written as on a clock, from the first unit that is.
function clockParts(slots, record, first, signShown) {
  const { values, sign } = record;
  const parts = std.list();
  const units = slots.units;
  const shows = (index, value) => value || units[index].display === 'always';
  const fraction = values[7] !== 0 || values[8] !== 0 || values[9] !== 0;
  const seconds = values[6] !== 0 || fraction || units[6].display === 'always';
  const hours = first === HOURS && shows(HOURS, values[4] !== 0);
  const minutes = first <= MINUTES && ((hours && seconds) || shows(MINUTES, values[5] !== 0));
  let before = false;
  const write = (index, value) => {
    const options = { __proto__: null };
    if (units[index].style === '2-digit') options.minimumIntegerDigits = 2;
    if (!signShown) options.signDisplay = 'never';
    options.useGrouping = false;
    if (index === SECONDS) fractionDigits(slots, options);
    if (before) push(parts, { __proto__: null, type: 'literal', value: native.durationSeparator(slots.locale, slots.numberingSystem), unit: undefined });
    if (signShown && value === 0 && sign < 0) value = -0;
    numberParts(slots, options, value, DURATION_UNITS[index][1], parts);
    signShown = false;
    before = true;
  };
  if (hours) write(HOURS, exactly(values[4]));
  if (minutes) write(MINUTES, exactly(values[5]));
  if (seconds) write(SECONDS, fraction ? withFraction(values, SECONDS) : exactly(values[6]));
  return parts;
}

// All parts of a duration.
function durationParts(slots, record) {
  const { values, sign } = record;
  const groups = std.list();
  let signShown = true;
  for (let k = 0; k < DURATION_UNITS.length; k++) {
    const { style, display } = slots.units[k];
    if (style === 'numeric' || style === '2-digit') {
      const parts = clockParts(slots, record, k, signShown);
      if (parts.length > 0) push(groups, parts);
      break;
    }
    const fractional = k >= SECONDS && k < 9 && slots.units[k + 1].style === 'fractional';
    const options = { __proto__: null };
    let value = exactly(values[k]);
    let zero = values[k] === 0;
    if (fractional) {
      for (let below = k + 1; below < values.length; below++) zero &&= values[below] === 0;
      if (!zero) value = withFraction(values, k);
      fractionDigits(slots, options);
    }
    if (!zero || display === 'always') {
      if (signShown) {
        if (zero && sign < 0) value = -0;
        signShown = false;
      } else {
        options.signDisplay = 'never';
      }
      options.style = 'unit';
      options.unit = DURATION_UNITS[k][1];
      options.unitDisplay = style;
      const parts = std.list();
      numberParts(slots, options, value, DURATION_UNITS[k][1], parts);
      push(groups, parts);
    }
    if (fractional) break;
  }
  return joinedGroups(slots, groups);
}

// The groups of parts with what a list has between its items.
function joinedGroups(slots, groups) {
  if (slots.listKey === undefined) {
    const style = slots.style === 'digital' ? 'short' : slots.style;
    slots.listKey = jsonStringify({ __proto__: null, locale: native.localeResolve('ListFormat', slots.locale), type: 'unit', style });
  }
  const texts = [];
  for (let k = 0; k < groups.length; k++) {
    let text = '';
    for (let at = 0; at < groups[k].length; at++) text += groups[k][at].value;
    append(texts, text);
  }
  const all = std.list();
  if (texts.length === 0) return all;
  const words = jsonParse(native.listParts(slots.listKey, texts));
  let group = 0;
  for (let k = 0; k < words.length; k++) {
    if (words[k][0] !== 'element') {
      push(all, { __proto__: null, type: 'literal', value: words[k][1], unit: undefined });
      continue;
    }
    const parts = groups[group++];
    for (let at = 0; at < parts.length; at++) push(all, parts[at]);
  }
  return all;
}

function durationToLocale(values, locales, options) {
  const format = new DurationFormat(locales, options);
  const parts = durationParts(Slots.of(format, 'DurationFormat', ''), checkedDuration(values));
  let text = '';
  for (let k = 0; k < parts.length; k++) text += parts[k].value;
  return text;
}

service('DurationFormat', DurationFormat, {
  resolvedOptions() {
    const slots = Slots.of(this, 'DurationFormat', 'Intl.DurationFormat.prototype.resolvedOptions');
    const object = {};
    define(object, 'locale', slots.locale, true);
    define(object, 'numberingSystem', slots.numberingSystem, true);
    define(object, 'style', slots.style, true);
    for (let k = 0; k < DURATION_UNITS.length; k++) {
      const { style, display } = slots.units[k];
      define(object, DURATION_UNITS[k][0], style === 'fractional' ? 'numeric' : style, true);
      define(object, DURATION_UNITS[k][0] + 'Display', display, true);
    }
    if (slots.fractionalDigits !== undefined) define(object, 'fractionalDigits', slots.fractionalDigits, true);
    return object;
  },
  format(duration) {
    const slots = Slots.of(this, 'DurationFormat', 'Intl.DurationFormat.prototype.format');
    const parts = durationParts(slots, durationRecord(duration));
    let text = '';
    for (let k = 0; k < parts.length; k++) text += parts[k].value;
    return text;
  },
  formatToParts(duration) {
    const slots = Slots.of(this, 'DurationFormat', 'Intl.DurationFormat.prototype.formatToParts');
    const parts = durationParts(slots, durationRecord(duration));
    const list = [];
    for (let k = 0; k < parts.length; k++) {
      const part = {};
      define(part, 'type', parts[k].type, true);
      define(part, 'value', parts[k].value, true);
      if (parts[k].unit !== undefined) define(part, 'unit', parts[k].unit, true);
      append(list, part);
    }
    return list;
  },
}, {});
