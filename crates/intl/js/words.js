// Intl.PluralRules, Intl.ListFormat and Intl.RelativeTimeFormat (ECMA-402, sections 17, 14 and 18).

const PLURAL_TYPES = ['cardinal', 'ordinal'];
const PLURAL_RESOLVED = [
  'locale', 'type', 'notation', 'compactDisplay', 'minimumIntegerDigits', 'minimumFractionDigits', 'maximumFractionDigits',
  'minimumSignificantDigits', 'maximumSignificantDigits', 'pluralCategories', 'roundingIncrement', 'roundingMode',
  'roundingPriority', 'trailingZeroDisplay',
];

function needNew(newTarget, name) {
  if (newTarget === undefined) throw new TypeError('Constructor Intl.' + name + ' requires \'new\'');
}

function PluralRules(locales, given) {
  needNew(new.target, 'PluralRules');
  asking = 'Intl.PluralRules';
  const list = localeList(locales);
  const options = coerced(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const slots = { __proto__: null, locale: native.localeResolve('PluralRules', list) };
  slots.type = getOption(options, 'type', PLURAL_TYPES, 'cardinal');
  digitSlots(slots, options, 0, 3, false);
  slots.key = jsonStringify(slots);
  return make(new.target, PluralRules.prototype, 'PluralRules', slots);
}

service('PluralRules', PluralRules, {
  resolvedOptions() {
    const slots = Slots.of(this, 'PluralRules', 'Intl.PluralRules.prototype.resolvedOptions');
    const shown = { __proto__: slots, pluralCategories: split(native.pluralCategories(slots.key)) };
    return resolvedObject(PLURAL_RESOLVED, shown);
  },
  select(value) {
    const slots = Slots.of(this, 'PluralRules', 'Intl.PluralRules.prototype.select');
    return native.pluralSelect(slots.key, +value);
  },
  selectRange(start, end) {
    const slots = Slots.of(this, 'PluralRules', 'Intl.PluralRules.prototype.selectRange');
    if (start === undefined || end === undefined) throw new TypeError('start or end is undefined');
    const first = +start;
    return native.pluralRange(slots.key, first, +end);
  },
}, {});

const LIST_TYPES = ['conjunction', 'disjunction', 'unit'];
const LIST_STYLES = ['long', 'short', 'narrow'];

function ListFormat(locales, given) {
  needNew(new.target, 'ListFormat');
  asking = 'Intl.ListFormat';
  const list = localeList(locales);
  const options = optionsObject(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const slots = { __proto__: null, locale: native.localeResolve('ListFormat', list) };
  slots.type = getOption(options, 'type', LIST_TYPES, 'conjunction');
  slots.style = getOption(options, 'style', LIST_STYLES, 'long');
  slots.key = jsonStringify(slots);
  return make(new.target, ListFormat.prototype, 'ListFormat', slots);
}

// The texts of an iterable, in an array.
function texts(iterable) {
  const list = [];
  if (iterable === undefined) return list;
  const getIterator = iterable[std.first.iterator];
  if (typeof getIterator !== 'function') throw new TypeError('the list is not iterable');
  const iterator = std.apply(getIterator, iterable, []);
  if (!isObject(iterator)) throw new TypeError('the iterator is not an object');
  const next = iterator.next;
  for (;;) {
    const result = std.apply(next, iterator, []);
    if (!isObject(result)) throw new TypeError('the iterator answered no object');
    if (result.done) return list;
    const value = result.value;
    if (typeof value !== 'string') {
      const close = iterator.return;
      if (close !== undefined && close !== null) {
        try { std.apply(close, iterator, []); } catch { /* What is wrong with the list matters more. */ }
      }
      throw new TypeError('The list has a value which is not a string');
    }
    append(list, value);
  }
}

// Lists of more items, or of more text, are put together here.
const SHORT_LIST = 64;
// How much of an item can matter for the words around it.
const LOOKED_AT = 64;

function isShort(items) {
  if (items.length > SHORT_LIST) return false;
  let length = 0;
  for (let k = 0; k < items.length; k++) {
    length += items[k].length;
    if (items[k] === '' || length > PIECE || !isWellFormed(items[k])) return false;
  }
  return true;
}

// What stands for an item where the words around it are chosen.
function standIn(item) {
  return item === '' ? '.' : toWellFormed(stringSlice(item, 0, LOOKED_AT));
}

// Calls `each` with the kind and the text of each part of a list of any size and any text. What
// stands between two items in the middle of a list is always the same, so the crate is asked for the
// words of a short list with the same beginning and end.
function eachPart(slots, items, each) {
  const last = items.length;
  const asked = [];
  for (let k = 0; k < last; k++) {
    if (last <= 5 || k < 3 || k >= last - 2) append(asked, standIn(items[k]));
  }
  const words = jsonParse(native.listParts(slots.key, asked));
  let between = '';
  let at = 0;
  for (let k = 0; k < words.length; k++) {
    const kind = words[k][0];
    if (kind !== 'element') {
      if (at === 2) between = words[k][1];
      each(kind, words[k][1]);
      continue;
    }
    each(kind, items[at++]);
    if (at !== 3) continue;
    for (; at < last - 2; at++) {
      if (between !== '') each('literal', between);
      each(kind, items[at]);
    }
  }
}

service('ListFormat', ListFormat, {
  resolvedOptions() {
    return resolvedObject(['locale', 'type', 'style'], Slots.of(this, 'ListFormat', 'Intl.ListFormat.prototype.resolvedOptions'));
  },
  format(list) {
    const slots = Slots.of(this, 'ListFormat', 'Intl.ListFormat.prototype.format');
    const items = texts(list);
    if (isShort(items)) return native.listFormat(slots.key, items);
    let text = '';
    eachPart(slots, items, (kind, part) => { text += part; });
    return text;
  },
  formatToParts(list) {
    const slots = Slots.of(this, 'ListFormat', 'Intl.ListFormat.prototype.formatToParts');
    const items = texts(list);
    if (isShort(items)) return partsOf(native.listParts(slots.key, items));
    const parts = [];
    eachPart(slots, items, (kind, text) => {
      const part = {};
      define(part, 'type', kind, true);
      define(part, 'value', text, true);
      append(parts, part);
    });
    return parts;
  },
}, {});

const NUMERIC = ['always', 'auto'];
const TIME_UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];

function RelativeTimeFormat(locales, given) {
  needNew(new.target, 'RelativeTimeFormat');
  asking = 'Intl.RelativeTimeFormat';
  const list = localeList(locales);
  const options = coerced(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const numbering = keywordOption(options, 'numberingSystem');
  const found = jsonParse(native.numberResolve(list, numbering === undefined ? '' : numbering));
  const slots = { __proto__: null, locale: found[0], numberingSystem: found[1] };
  slots.style = getOption(options, 'style', LIST_STYLES, 'long');
  slots.numeric = getOption(options, 'numeric', NUMERIC, 'always');
  slots.key = jsonStringify(slots);
  return make(new.target, RelativeTimeFormat.prototype, 'RelativeTimeFormat', slots);
}

function timeUnit(unit) {
  const text = toText(unit);
  for (let k = 0; k < TIME_UNITS.length; k++) {
    if (text === TIME_UNITS[k] || text === TIME_UNITS[k] + 's') return TIME_UNITS[k];
  }
  throw new RangeError('Invalid unit argument for Intl.RelativeTimeFormat.prototype.format() \'' + text + '\'');
}

function relativeValue(value) {
  const number = +value;
  if (!(number - number === 0)) throw new RangeError('Value need to be finite number for Intl.RelativeTimeFormat.prototype.format()');
  return number;
}

service('RelativeTimeFormat', RelativeTimeFormat, {
  resolvedOptions() {
    return resolvedObject(['locale', 'style', 'numeric', 'numberingSystem'], Slots.of(this, 'RelativeTimeFormat', 'Intl.RelativeTimeFormat.prototype.resolvedOptions'));
  },
  format(value, unit) {
    const slots = Slots.of(this, 'RelativeTimeFormat', 'Intl.RelativeTimeFormat.prototype.format');
    const number = +value;
    const name = timeUnit(unit);
    return native.relativeFormat(slots.key, relativeValue(number), name);
  },
  formatToParts(value, unit) {
    const slots = Slots.of(this, 'RelativeTimeFormat', 'Intl.RelativeTimeFormat.prototype.formatToParts');
    const number = +value;
    const name = timeUnit(unit);
    const list = partsOf(native.relativeParts(slots.key, relativeValue(number), name));
    for (let k = 0; k < list.length; k++) {
      if (list[k].type !== 'literal') define(list[k], 'unit', name, true);
    }
    return list;
  },
}, {});
