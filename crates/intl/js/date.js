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
// The run's clock, where the language's own is not that.
const now = native.time ?? builtin('Date', 'now');
// The zone of the run, which its dates have too; never the host's.
const defaultZone = () => native.zone();
const timeOf = method('Date.prototype', 'getTime');

// The slots of a date format. `required` and `defaults` are the standard's: what must be asked for, and
// what is shown where nothing of it is. An object with a zone of its own brings that along.
function dateSlots(locales, given, required, defaults, zoneOfObject, name = 'Intl.DateTimeFormat') {
  asking = name;
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
  if (zoneOfObject !== undefined && zone !== undefined) throw new TypeError('Option timeZone does not go with a time that has one');
  slots.timeZone = zoneOfObject !== undefined ? zoneOfObject : zone === undefined ? defaultZone() : native.zoneCanonical(toText(zone));
  let explicit = false;
  const asked = { __proto__: null };
  for (let k = 0; k < COMPONENTS.length; k++) {
    const name = COMPONENTS[k][0];
    const value = name === 'fractionalSecondDigits' ? getNumber(options, name, 1, 3, undefined)
      : getOption(options, name, COMPONENTS[k][1], undefined);
    if (value === undefined) continue;
    slots[name] = asked[name] = value;
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
    if (needed && zoneOfObject !== undefined && slots.timeZoneName === undefined) slots.timeZoneName = 'short';
  }
  const cycle = hour12 === undefined ? found[3] || found[4] : hour12 ? found[5] : found[6];
  if (slots.hour !== undefined || timeStyle !== undefined) slots.hourCycle = cycle;
  slots.key = jsonStringify(slots);
  // What objects of Temporal are written by: what the program itself asked for.
  slots.asked = asked;
  slots.cycle = cycle;
  return slots;
}

// --- Objects of Temporal

const DAYS = ['weekday', 'year', 'month', 'day'];
const CLOCK_FIELDS = ['dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits'];
const MONTHS_OF_STYLES = { __proto__: null, full: 'long', long: 'long', medium: 'short', short: 'numeric' };
// For each kind, which components it has and which are written where none of them was asked for.
const SHOWN = {
  __proto__: null,
  PlainDate: { __proto__: null, has: [DAYS], defaults: ['year', 'month', 'day'], era: true },
  PlainTime: { __proto__: null, has: [CLOCK_FIELDS], defaults: ['hour', 'minute', 'second'] },
  PlainDateTime: {
    __proto__: null, has: [DAYS, CLOCK_FIELDS], defaults: ['year', 'month', 'day', 'hour', 'minute', 'second'], era: true,
  },
  PlainYearMonth: { __proto__: null, has: [['year', 'month']], defaults: ['year', 'month'], era: true },
  PlainMonthDay: { __proto__: null, has: [['month', 'day']], defaults: ['month', 'day'] },
  Instant: {
    __proto__: null, has: [DAYS, CLOCK_FIELDS], defaults: ['year', 'month', 'day', 'hour', 'minute', 'second'], era: true,
  },
};

const kindOfTemporal = (value) => (std.temporal === undefined ? undefined : std.temporal.kindOf(value));

// The key of the format that writes objects of this kind as a program's format says.
function temporalKey(slots, kind) {
  if (slots.temporal === undefined) slots.temporal = { __proto__: null };
  const known = slots.temporal[kind];
  if (known !== undefined) return known;
  const refused = () => { throw new TypeError('This format shows nothing of a Temporal.' + kind); };
  const shown = SHOWN[kind];
  const { asked, dateStyle, timeStyle } = slots;
  const own = {
    __proto__: null, locale: slots.locale, calendar: slots.calendar, numberingSystem: slots.numberingSystem,
    timeZone: kind === 'Instant' ? slots.timeZone : 'UTC',
  };
  const dated = kind !== 'PlainTime';
  const clocked = kind === 'PlainTime' || kind === 'PlainDateTime' || kind === 'Instant';
  if (dateStyle !== undefined || timeStyle !== undefined) {
    const date = dated ? dateStyle : undefined;
    const time = clocked ? timeStyle : undefined;
    if (date === undefined && time === undefined) refused();
    if (kind === 'PlainYearMonth' || kind === 'PlainMonthDay') {
      own.month = MONTHS_OF_STYLES[date];
      if (kind === 'PlainMonthDay') own.day = 'numeric';
      else own.year = date === 'short' ? '2-digit' : 'numeric';
    } else {
      if (date !== undefined) own.dateStyle = date;
      // Longer styles name the zone, which only an instant has.
      if (time !== undefined) own.timeStyle = kind !== 'Instant' && time !== 'short' ? 'medium' : time;
    }
  } else {
    let any = false;
    let needed = true;
    for (let k = 0; k < COMPONENTS.length; k++) {
      const name = COMPONENTS[k][0];
      const value = asked[name];
      if (value === undefined) continue;
      if (name !== 'era' && name !== 'timeZoneName') any = true;
      let has = kind === 'Instant' && name === 'timeZoneName';
      for (let group = 0; group < shown.has.length; group++) {
        for (let at = 0; at < shown.has[group].length; at++) {
          if (shown.has[group][at] !== name) continue;
          has = true;
          needed = false;
        }
      }
      if (has || (name === 'era' && shown.era)) own[name] = value;
    }
    if (needed && any && kind !== 'Instant') refused();
    if (needed) for (let k = 0; k < shown.defaults.length; k++) own[shown.defaults[k]] = 'numeric';
  }
  if (own.hour !== undefined || own.timeStyle !== undefined) own.hourCycle = slots.cycle;
  return slots.temporal[kind] = jsonStringify(own);
}

// Throws where an object is of another calendar than the format.
function checkCalendar(slots, kind, calendar) {
  if (calendar === undefined || calendar === slots.calendar) return;
  if (calendar === 'iso8601' && kind !== 'PlainYearMonth' && kind !== 'PlainMonthDay') return;
  throw new RangeError('The calendar ' + calendar + ' is not that of the format, ' + slots.calendar);
}

// The key and the time for an object that a format is given.
function temporalValue(slots, kind, value) {
  if (kind === 'ZonedDateTime') throw new TypeError('A format has a time zone of its own: use toLocaleString of the Temporal.ZonedDateTime');
  if (kind === 'Duration') throw new TypeError('A Temporal.Duration is written by Intl.DurationFormat');
  const found = std.temporal.describe(value);
  checkCalendar(slots, kind, found.calendar);
  return { __proto__: null, key: temporalKey(slots, kind), time: found.time };
}

// What a value that is to be written stands for: an object of Temporal, or a number.
const formattable = (value) => (value === undefined || kindOfTemporal(value) !== undefined ? value : +value);

const REQUIRED = { __proto__: null, PlainDate: 'date', PlainYearMonth: 'date', PlainMonthDay: 'date', PlainTime: 'time' };

// The text of an object of Temporal, which `found` describes, by its own toLocaleString.
function temporalToLocale(kind, found, locales, options) {
  const required = REQUIRED[kind] === undefined ? 'any' : REQUIRED[kind];
  const slots = dateSlots(locales, options, required, required === 'any' ? 'all' : required, found.zone);
  checkCalendar(slots, kind, found.calendar);
  return native.dateFormat(kind === 'ZonedDateTime' ? slots.key : temporalKey(slots, kind), found.time);
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
  const from = formattable(start);
  const to = formattable(end);
  const kind = kindOfTemporal(from);
  if (kind !== kindOfTemporal(to)) throw new TypeError('The ends of a range are of different kinds');
  if (kind !== undefined) {
    const first = temporalValue(slots, kind, from);
    return native.dateRange(first.key, first.time, temporalValue(slots, kind, to).time);
  }
  const first = timeValue(from);
  return native.dateRange(slots.key, first, timeValue(to));
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
    const kind = kindOfTemporal(date);
    if (kind !== undefined) {
      const found = temporalValue(slots, kind, date);
      return partsOf(native.dateParts(found.key, found.time));
    }
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
      slots.bound = unnamed((date) => {
        const kind = kindOfTemporal(date);
        if (kind === undefined) return native.dateFormat(key, timeValue(date));
        const found = temporalValue(slots, kind, date);
        return native.dateFormat(found.key, found.time);
      });
    }
    return slots.bound;
  },
});

// Formats of calls without options, which follow from the locale and the zone alone.
const plainDates = { __proto__: null };

function dateToLocale(date, locales, options, required, defaults, method) {
  const time = timeOf(date);
  if (time !== time) return 'Invalid Date';
  if (options !== undefined || (locales !== undefined && typeof locales !== 'string')) {
    return native.dateFormat(dateSlots(locales, options, required, defaults, undefined, 'Date.prototype.' + method).key, time);
  }
  const name = required + '/' + (locales === undefined ? '' : native.localeCanonical(locales)) + '/' + defaultZone();
  const key = plainDates.name === name ? plainDates.key : dateSlots(locales, undefined, required, defaults).key;
  plainDates.name = name;
  plainDates.key = key;
  return native.dateFormat(key, time);
}

const dateMethods = {
  toLocaleString(locales = undefined, options = undefined) {
    return dateToLocale(this, locales, options, 'any', 'all', 'toLocaleString');
  },
  toLocaleDateString(locales = undefined, options = undefined) {
    return dateToLocale(this, locales, options, 'date', 'date', 'toLocaleDateString');
  },
  toLocaleTimeString(locales = undefined, options = undefined) {
    return dateToLocale(this, locales, options, 'time', 'time', 'toLocaleTimeString');
  },
};
