// Intl.DateTimeFormat (ECMA-402, section 11), and the locale methods of dates.

const NAMED = ['narrow', 'short', 'long'];
const TWO = ['2-digit', 'numeric'];
const COMPONENTS = [
  ['weekday', NAMED], ['era', NAMED], ['year', TWO], ['month', ['2-digit', 'numeric', 'narrow', 'short', 'long']],
  ['day', TWO], ['dayPeriod', NAMED], ['hour', TWO], ['minute', TWO], ['second', TWO],
  ['fractionalSecondDigits', undefined],
  ['timeZoneName', ['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric']],
];
const DATE_LENGTHS = ['full', 'long', 'medium', 'short'];
const HOUR_CYCLES = ['h11', 'h12', 'h23', 'h24'];
const FORMAT_MATCHERS = ['basic', 'best fit'];
const DATE_RESOLVED = [
  'locale', 'calendar', 'numberingSystem', 'timeZone', 'hourCycle', 'hour12', 'weekday', 'era', 'year', 'month',
  'day', 'dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits', 'timeZoneName', 'dateStyle', 'timeStyle',
];
const now = builtin('Date', 'now');
// The zone of the run, which its dates have too; never the host's.
const defaultZone = () => native.zone();
const timeOf = method('Date.prototype', 'getTime');

// The slots of a date format. `required` and `defaults` are the standard's: what must be asked for, and
// what is shown where nothing of it is.
function dateSlots(locales, given, required, defaults) {
  const list = localeList(locales);
  const options = coerced(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const calendar = keywordOption(options, 'calendar');
  const numbering = keywordOption(options, 'numberingSystem');
  const hour12 = getBoolean(options, 'hour12', undefined);
  const hourCycle = getOption(options, 'hourCycle', HOUR_CYCLES, undefined);
  const found = jsonParse(native.dateResolve(list, calendar === undefined ? '' : calendar,
    numbering === undefined ? '' : numbering, hourCycle === undefined ? '' : hourCycle, hour12 === undefined ? '' : 'x'));
  const slots = { __proto__: null, locale: found[0], calendar: found[1], numberingSystem: found[2] };
  const zone = options.timeZone;
  slots.timeZone = zone === undefined ? defaultZone() : native.zoneCanonical(toText(zone));
  let explicit = false;
  for (let k = 0; k < COMPONENTS.length; k++) {
    const name = COMPONENTS[k][0];
    const value = name === 'fractionalSecondDigits' ? getNumber(options, name, 1, 3, undefined)
      : getOption(options, name, COMPONENTS[k][1], undefined);
    if (value === undefined) continue;
    slots[name] = value;
    explicit = true;
  }
  getOption(options, 'formatMatcher', FORMAT_MATCHERS, 'best fit');
  const dateStyle = getOption(options, 'dateStyle', DATE_LENGTHS, undefined);
  const timeStyle = getOption(options, 'timeStyle', DATE_LENGTHS, undefined);
  if (dateStyle !== undefined || timeStyle !== undefined) {
    if (explicit) throw new TypeError('Can\'t set option dateStyle or timeStyle together with a component of a date or time');
    if (required === 'date' && timeStyle !== undefined) throw new TypeError('Invalid option : timeStyle');
    if (required === 'time' && dateStyle !== undefined) throw new TypeError('Invalid option : dateStyle');
    if (dateStyle !== undefined) slots.dateStyle = dateStyle;
    if (timeStyle !== undefined) slots.timeStyle = timeStyle;
  } else {
    let needed = true;
    if (required !== 'time' && (slots.weekday || slots.year || slots.month || slots.day)) needed = false;
    if (required !== 'date' && (slots.dayPeriod || slots.hour || slots.minute || slots.second || slots.fractionalSecondDigits)) needed = false;
    if (needed && defaults !== 'time') slots.year = slots.month = slots.day = 'numeric';
    if (needed && defaults !== 'date') slots.hour = slots.minute = slots.second = 'numeric';
  }
  if (slots.hour !== undefined || timeStyle !== undefined) {
    slots.hourCycle = hour12 === undefined ? found[3] || found[4] : hour12 ? found[5] : found[6];
  }
  slots.key = jsonStringify(slots);
  return slots;
}

function DateTimeFormat(locales, options) {
  return make(new.target, DateTimeFormat.prototype, 'DateTimeFormat', dateSlots(locales, options, 'any', 'date'));
}

// A time within what dates can be.
function timeValue(value) {
  const time = value === undefined ? now() : +value;
  if (!(time >= -8.64e15 && time <= 8.64e15)) throw new RangeError('Invalid time value');
  return time < 0 ? -floor(-time) : floor(time);
}

function dateRange(slots, start, end) {
  if (start === undefined || end === undefined) throw new TypeError('startDate or endDate cannot be undefined');
  const first = timeValue(start);
  return native.dateRange(slots.key, first, timeValue(end));
}

service('DateTimeFormat', DateTimeFormat, {
  resolvedOptions() {
    const slots = Slots.of(this, 'DateTimeFormat', 'Intl.DateTimeFormat.prototype.resolvedOptions');
    const shown = { __proto__: null };
    if (slots.dateStyle === undefined && slots.timeStyle === undefined) {
      const components = jsonParse(native.dateComponents(slots.key));
      for (let k = 0; k < COMPONENTS.length; k++) {
        // Some calendars always show their era; it is an option's all the same.
        const name = COMPONENTS[k][0];
        if (name !== 'era' || slots.era !== undefined) shown[name] = own(components, name);
      }
    }
    for (let k = 0; k < 5; k++) shown[DATE_RESOLVED[k]] = slots[DATE_RESOLVED[k]];
    if (slots.hourCycle !== undefined) shown.hour12 = slots.hourCycle === 'h11' || slots.hourCycle === 'h12';
    shown.dateStyle = slots.dateStyle;
    shown.timeStyle = slots.timeStyle;
    return resolvedObject(DATE_RESOLVED, shown);
  },
  formatToParts(date) {
    const slots = Slots.of(this, 'DateTimeFormat', 'Intl.DateTimeFormat.prototype.formatToParts');
    return partsOf(native.dateParts(slots.key, timeValue(date)));
  },
  formatRange(startDate, endDate) {
    return joined(dateRange(Slots.of(this, 'DateTimeFormat', 'Intl.DateTimeFormat.prototype.formatRange'), startDate, endDate));
  },
  formatRangeToParts(startDate, endDate) {
    return partsOf(dateRange(Slots.of(this, 'DateTimeFormat', 'Intl.DateTimeFormat.prototype.formatRangeToParts'), startDate, endDate), 'source');
  },
}, {
  get format() {
    const slots = Slots.of(this, 'DateTimeFormat', 'get Intl.DateTimeFormat.prototype.format');
    if (slots.bound === undefined) {
      const key = slots.key;
      slots.bound = unnamed((date) => native.dateFormat(key, timeValue(date)));
    }
    return slots.bound;
  },
});

// Formats of calls without options, which follow from the locale and the zone alone.
const plainDates = { __proto__: null };

function dateToLocale(date, locales, options, required, defaults) {
  const time = timeOf(date);
  if (time !== time) return 'Invalid Date';
  if (options !== undefined || (locales !== undefined && typeof locales !== 'string')) {
    return native.dateFormat(dateSlots(locales, options, required, defaults).key, time);
  }
  const name = required + '/' + (locales === undefined ? '' : native.localeCanonical(locales)) + '/' + defaultZone();
  const key = plainDates.name === name ? plainDates.key : dateSlots(locales, undefined, required, defaults).key;
  plainDates.name = name;
  plainDates.key = key;
  return native.dateFormat(key, time);
}

const dateMethods = {
  toLocaleString(locales = undefined, options = undefined) {
    return dateToLocale(this, locales, options, 'any', 'all');
  },
  toLocaleDateString(locales = undefined, options = undefined) {
    return dateToLocale(this, locales, options, 'date', 'date');
  },
  toLocaleTimeString(locales = undefined, options = undefined) {
    return dateToLocale(this, locales, options, 'time', 'time');
  },
};
