// Intl.NumberFormat (ECMA-402, section 16), and the locale methods of numbers.

const STYLES = ['decimal', 'percent', 'currency', 'unit'];
const CURRENCY_DISPLAYS = ['code', 'symbol', 'narrowSymbol', 'name'];
const CURRENCY_SIGNS = ['standard', 'accounting'];
const WIDTHS = ['short', 'narrow', 'long'];
const NOTATIONS = ['standard', 'scientific', 'engineering', 'compact'];
const COMPACT_DISPLAYS = ['short', 'long'];
const SIGN_DISPLAYS = ['auto', 'never', 'always', 'exceptZero', 'negative'];
const ROUNDING_MODES = ['ceil', 'floor', 'expand', 'trunc', 'halfCeil', 'halfFloor', 'halfExpand', 'halfTrunc', 'halfEven'];
const PRIORITIES = ['auto', 'morePrecision', 'lessPrecision'];
const TRAILING = ['auto', 'stripIfInteger'];
const INCREMENTS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000];
const NUMBER_RESOLVED = [
  'locale', 'numberingSystem', 'style', 'currency', 'currencyDisplay', 'currencySign', 'unit', 'unitDisplay',
  'minimumIntegerDigits', 'minimumFractionDigits', 'maximumFractionDigits', 'minimumSignificantDigits',
  'maximumSignificantDigits', 'useGrouping', 'notation', 'compactDisplay', 'signDisplay', 'roundingIncrement',
  'roundingMode', 'roundingPriority', 'trailingZeroDisplay',
];

// The slots of a number format.
function numberSlots(locales, given, name = 'Intl.NumberFormat') {
  asking = name;
  const list = localeList(locales);
  const options = coerced(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const numbering = keywordOption(options, 'numberingSystem');
  const found = jsonParse(native.numberResolve(list, numbering === undefined ? '' : numbering));
  const slots = { __proto__: null, locale: found[0], numberingSystem: found[1] };
  slots.style = getOption(options, 'style', STYLES, 'decimal');
  const currency = getOption(options, 'currency', undefined, undefined);
  if (currency === undefined) {
    if (slots.style === 'currency') throw new TypeError('Currency code is required with currency style.');
  } else if (!isCurrencyCode(currency)) {
    throw new RangeError('Invalid currency code : ' + currency);
  }
  const currencyDisplay = getOption(options, 'currencyDisplay', CURRENCY_DISPLAYS, 'symbol');
  const currencySign = getOption(options, 'currencySign', CURRENCY_SIGNS, 'standard');
  const unit = getOption(options, 'unit', undefined, undefined);
  if (unit === undefined) {
    if (slots.style === 'unit') throw new TypeError('Invalid unit argument for ' + name + '() \'\'');
  } else if (!native.numberUnit(unit)) {
    throw new RangeError('Invalid unit argument for ' + name + '() \'' + unit + '\'');
  }
  const unitDisplay = getOption(options, 'unitDisplay', WIDTHS, 'short');
  if (slots.style === 'currency') {
    slots.currency = stringUpper(currency);
    slots.currencyDisplay = currencyDisplay;
    slots.currencySign = currencySign;
  } else if (slots.style === 'unit') {
    slots.unit = unit;
    slots.unitDisplay = unitDisplay;
  }
  slots.notation = getOption(options, 'notation', NOTATIONS, 'standard');
  const digits = slots.style !== 'currency' || slots.notation !== 'standard' ? undefined : native.numberCurrencyDigits(slots.currency);
  digitSlots(slots, options, digits === undefined ? 0 : digits, digits !== undefined ? digits : slots.style === 'percent' ? 0 : 3, slots.notation === 'compact');
  const compactDisplay = getOption(options, 'compactDisplay', COMPACT_DISPLAYS, 'short');
  if (slots.notation === 'compact') slots.compactDisplay = compactDisplay;
  slots.useGrouping = groupingOption(options, slots.notation === 'compact' ? 'min2' : 'auto');
  slots.signDisplay = getOption(options, 'signDisplay', SIGN_DISPLAYS, 'auto');
  return withKey(slots);
}

// The text by which the crate knows the resolved options.
function withKey(slots) {
  const grouping = slots.useGrouping;
  if (grouping === false) slots.useGrouping = 'never';
  const key = jsonStringify(slots);
  slots.useGrouping = grouping;
  slots.key = key;
  return slots;
}

function isCurrencyCode(code) {
  if (code.length !== 3) return false;
  for (let at = 0; at < 3; at++) {
    const letter = stringCodeAt(code, at) | 32;
    if (letter < 97 || letter > 122 || stringCodeAt(code, at) > 127) return false;
  }
  return true;
}

// SetNumberFormatDigitOptions.
function digitSlots(slots, options, leastFraction, mostFraction, compact) {
  slots.minimumIntegerDigits = getNumber(options, 'minimumIntegerDigits', 1, 21, 1);
  let leastFd = options.minimumFractionDigits;
  let mostFd = options.maximumFractionDigits;
  let leastSd = options.minimumSignificantDigits;
  let mostSd = options.maximumSignificantDigits;
  const increment = getNumber(options, 'roundingIncrement', 1, 5000, 1);
  let known = false;
  for (let k = 0; k < INCREMENTS.length; k++) known ||= INCREMENTS[k] === increment;
  if (!known) throw new RangeError('roundingIncrement value is out of range.');
  slots.roundingIncrement = increment;
  slots.roundingMode = getOption(options, 'roundingMode', ROUNDING_MODES, 'halfExpand');
  const priority = getOption(options, 'roundingPriority', PRIORITIES, 'auto');
  slots.trailingZeroDisplay = getOption(options, 'trailingZeroDisplay', TRAILING, 'auto');
  if (increment !== 1) mostFraction = leastFraction;
  const hasSd = leastSd !== undefined || mostSd !== undefined;
  const hasFd = leastFd !== undefined || mostFd !== undefined;
  let needSd = true;
  let needFd = true;
  if (priority === 'auto') {
    needSd = hasSd;
    if (needSd || (!hasFd && compact)) needFd = false;
  }
  if (needSd) {
    leastSd = hasSd ? defaultNumber(leastSd, 1, 21, 1, 'minimumSignificantDigits') : 1;
    mostSd = hasSd ? defaultNumber(mostSd, leastSd, 21, 21, 'maximumSignificantDigits') : 21;
  }
  if (needFd) {
    if (hasFd) {
      leastFd = defaultNumber(leastFd, 0, 100, undefined, 'minimumFractionDigits');
      mostFd = defaultNumber(mostFd, 0, 100, undefined, 'maximumFractionDigits');
      if (leastFd === undefined) leastFd = leastFraction < mostFd ? leastFraction : mostFd;
      else if (mostFd === undefined) mostFd = mostFraction > leastFd ? mostFraction : leastFd;
      else if (leastFd > mostFd) throw new RangeError('maximumFractionDigits value is out of range.');
    } else {
      leastFd = leastFraction;
      mostFd = mostFraction;
    }
  }
  if (!needSd && !needFd) {
    needSd = needFd = true;
    leastFd = mostFd = 0;
    leastSd = 1;
    mostSd = 2;
    slots.roundingPriority = 'morePrecision';
  } else {
    slots.roundingPriority = priority;
  }
  if (needFd) {
    slots.minimumFractionDigits = leastFd;
    slots.maximumFractionDigits = mostFd;
  }
  if (needSd) {
    slots.minimumSignificantDigits = leastSd;
    slots.maximumSignificantDigits = mostSd;
  }
  if (increment !== 1) {
    if (needSd) throw new TypeError('roundingIncrement value is invalid.');
    if (mostFd !== leastFd) throw new RangeError('roundingIncrement value is out of range.');
  }
}

function groupingOption(options, fallback) {
  const value = options.useGrouping;
  if (value === undefined) return fallback;
  if (value === true) return 'always';
  if (!value) return false;
  const text = toText(value);
  if (text === 'true' || text === 'false') return fallback;
  if (text === 'min2' || text === 'auto' || text === 'always') return text;
  throw new RangeError('Value ' + text + ' out of range for ' + asking + ' options property useGrouping');
}

// A number, or the text of one that a number would not hold.
function mathematical(value) {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') {
    const numeric = -(-value);
    return typeof numeric === 'bigint' ? toText(numeric) : numeric;
  }
  const number = +value;
  if (number !== number) return number;
  const text = stringTrim(value);
  const second = text.length > 1 ? stringCodeAt(text, 1) | 32 : 0;
  // Of other bases, infinite, or empty.
  if (text === '' || second === 120 || second === 111 || second === 98 || stringIncludes(text, 'I')) return number;
  return text;
}

function NumberFormat(locales, options) {
  const slots = numberSlots(locales, options);
  return make(new.target, NumberFormat.prototype, 'NumberFormat', slots);
}

const formatNumber = (slots, value) => native.numberFormat(slots.key, mathematical(value));

service('NumberFormat', NumberFormat, {
  resolvedOptions() {
    return resolvedObject(NUMBER_RESOLVED, Slots.of(this, 'NumberFormat', 'Intl.NumberFormat.prototype.resolvedOptions'));
  },
  formatToParts(value) {
    const slots = Slots.of(this, 'NumberFormat', 'Intl.NumberFormat.prototype.formatToParts');
    return partsOf(native.numberParts(slots.key, mathematical(value)));
  },
  formatRange(start, end) {
    return joined(numberRange(Slots.of(this, 'NumberFormat', 'Intl.NumberFormat.prototype.formatRange'), start, end));
  },
  formatRangeToParts(start, end) {
    return partsOf(numberRange(Slots.of(this, 'NumberFormat', 'Intl.NumberFormat.prototype.formatRangeToParts'), start, end), 'source');
  },
}, {
  get format() {
    const slots = Slots.of(this, 'NumberFormat', 'get Intl.NumberFormat.prototype.format');
    if (slots.bound === undefined) {
      const key = slots.key;
      slots.bound = unnamed((value) => native.numberFormat(key, typeof value === 'number' ? value : mathematical(value)));
    }
    return slots.bound;
  },
});

function numberRange(slots, start, end) {
  if (start === undefined || end === undefined) throw new TypeError('start or end is undefined');
  const first = mathematical(start);
  const second = mathematical(end);
  if (first !== first || second !== second) throw new RangeError('Invalid number value: NaN');
  return native.numberRange(slots.key, first, second);
}

// Formats of calls without options, which follow from the locale alone.
const plainNumbers = { __proto__: null };

function numberToLocale(value, locales, options, name) {
  if (options !== undefined || (locales !== undefined && typeof locales !== 'string')) {
    return formatNumber(numberSlots(locales, options, name), value);
  }
  if (plainNumbers.slots === undefined || plainNumbers.locale !== locales) {
    plainNumbers.slots = numberSlots(locales, undefined);
    plainNumbers.locale = locales;
  }
  return formatNumber(plainNumbers.slots, value);
}

const numberValue = method('Number.prototype', 'valueOf');
const bigintValue = method('BigInt.prototype', 'valueOf');

const numberMethods = {
  Number: {
    toLocaleString(locales = undefined, options = undefined) {
      return numberToLocale(numberValue(this), locales, options, 'Number.prototype.toLocaleString');
    },
  }.toLocaleString,
  BigInt: {
    toLocaleString(locales = undefined, options = undefined) {
      return numberToLocale(bigintValue(this), locales, options, 'BigInt.prototype.toLocaleString');
    },
  }.toLocaleString,
};
