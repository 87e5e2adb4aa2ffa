// PlainDate, PlainTime, PlainDateTime, PlainYearMonth, PlainMonthDay.

// What of a date all kinds with one show.
const DATE_GETTERS = [
  'calendarId', 'era', 'eraYear', 'year', 'month', 'monthCode', 'day', 'dayOfWeek', 'dayOfYear', 'weekOfYear',
  'yearOfWeek', 'daysInWeek', 'daysInMonth', 'daysInYear', 'monthsInYear', 'inLeapYear',
];
const TIME_GETTERS = ['hour', 'minute', 'second', 'millisecond', 'microsecond', 'nanosecond'];
const DATE_TIME_GETTERS = list();
for (let k = 0; k < DATE_GETTERS.length; k++) push(DATE_TIME_GETTERS, DATE_GETTERS[k]);
for (let k = 0; k < TIME_GETTERS.length; k++) push(DATE_TIME_GETTERS, TIME_GETTERS[k]);
const intl = () => std.intl ?? native.use('intl');

// The methods that all plain kinds have; each kind has functions of its own.
function plainMethods(kind) {
  return {
    with(like, options = undefined) {
      const text = ownText(this, kind);
      needPartial(like);
      const calendar = kind === 'PlainTime' ? 'iso8601' : calendarIn(text);
      const fields = fieldsOf(calendar, like, SOURCES[kind].wanted, true);
      return made(kind, run(kind + '.with', text, fields, overflowOf(options)));
    },
    equals(other) {
      return ownText(this, kind) === toPlain(kind, other);
    },
    toJSON() {
      return plainString(kind, ownText(this, kind), undefined);
    },
    toString(options = undefined) {
      return plainString(kind, ownText(this, kind), options);
    },
    toLocaleString(locales = undefined, options = undefined) {
      const text = ownText(this, kind);
      return intl().temporalToLocale(kind, described(kind, text), locales, options);
    },
    valueOf() {
      throw new TypeError('A Temporal.' + kind + ' is not a number: use compare or equals');
    },
  };
}

// What a formatter must know of an object: its time in ms, as if in UTC where it has no zone, and its calendar.
function described(kind, text) {
  return {
    __proto__: null, time: run(kind + '.epoch', text),
    calendar: DATED[kind] ? calendarIn(text) : undefined,
  };
}

function plainString(kind, text, given) {
  const options = optionsObject(given);
  const calendar = kind === 'PlainTime' ? '' : option(options, 'calendarName', CALENDAR_NAMES, 'auto');
  if (kind !== 'PlainTime' && kind !== 'PlainDateTime') return run(kind + '.toString', text, calendar);
  const digits = digitsOf(options);
  const mode = modeOf(options, 'trunc');
  const smallest = unitOf(options, 'smallestUnit');
  needShown(smallest, 4);
  return run(kind + '.toString', text, [digits, smallest, mode], calendar);
}

const plainStatics = (kind) => ({
  from(item, options = undefined) {
    return made(kind, toPlain(kind, item, options));
  },
  compare(one, two) {
    const first = toPlain(kind, one);
    return run(kind + '.compare', first, toPlain(kind, two));
  },
});

const arithmetic = (kind) => ({
  add(temporalDurationLike, options = undefined) {
    const text = ownText(this, kind);
    const duration = toDuration(temporalDurationLike);
    return made(kind, run(kind + '.add', text, duration, overflowOf(options)));
  },
  subtract(temporalDurationLike, options = undefined) {
    const text = ownText(this, kind);
    const duration = toDuration(temporalDurationLike);
    return made(kind, run(kind + '.subtract', text, duration, overflowOf(options)));
  },
});

// Those of kinds where nothing can overflow.
const clockArithmetic = (kind) => ({
  add(temporalDurationLike) {
    return made(kind, run(kind + '.add', ownText(this, kind), toDuration(temporalDurationLike)));
  },
  subtract(temporalDurationLike) {
    return made(kind, run(kind + '.subtract', ownText(this, kind), toDuration(temporalDurationLike)));
  },
});

const differences = (kind, convert) => ({
  until(other, options = undefined) {
    const text = ownText(this, kind);
    const end = convert(other);
    if (DATED[kind]) sameCalendar(text, end);
    return made('Duration', run(kind + '.until', text, end, differenceOf(options, kind)));
  },
  since(other, options = undefined) {
    const text = ownText(this, kind);
    const end = convert(other);
    if (DATED[kind]) sameCalendar(text, end);
    return made('Duration', run(kind + '.since', text, end, differenceOf(options, kind)));
  },
});

const rounding = (kind, most) => ({
  round(roundTo) {
    const text = ownText(this, kind);
    return made(kind, run(kind + '.round', text, roundingOf(roundTo, most)));
  },
});

const calendarChange = (kind) => ({
  withCalendar(calendarLike) {
    const text = ownText(this, kind);
    return made(kind, run(kind + '.withCalendar', text, toCalendar(calendarLike)));
  },
});

// A method that makes an object of another kind.
const conversion = (kind, target) => ({
  ['to' + target]() {
    return made(target, run(kind + '.to' + target, ownText(this, kind)));
  },
});

function PlainDate(isoYear, isoMonth, isoDay, calendar) {
  needNew(new.target, 'PlainDate');
  const year = integer(isoYear);
  const month = integer(isoMonth);
  const day = integer(isoDay);
  return construct(new.target, 'PlainDate', run('PlainDate.new', year, month, day, calendarNamed(calendar)));
}

let methods = plainMethods('PlainDate');
merged(methods, arithmetic('PlainDate'));
merged(methods, differences('PlainDate', (value) => toPlain('PlainDate', value)));
merged(methods, calendarChange('PlainDate'));
merged(methods, conversion('PlainDate', 'PlainYearMonth'));
merged(methods, conversion('PlainDate', 'PlainMonthDay'));
publish('PlainDate', PlainDate, 3, plainStatics('PlainDate'), merged(methods, {
  toPlainDateTime(temporalTime = undefined) {
    const text = ownText(this, 'PlainDate');
    return made('PlainDateTime', run('PlainDate.toPlainDateTime', text, timeOrNothing(temporalTime)));
  },
  toZonedDateTime(item) {
    const text = ownText(this, 'PlainDate');
    let zone;
    let time;
    if (isObject(item) && kindOf(item) !== 'ZonedDateTime') {
      const { timeZone } = item;
      if (timeZone === undefined) {
        zone = toZone(item);
      } else {
        zone = toZone(timeZone);
        time = timeOrNothing(item.plainTime);
      }
    } else {
      zone = toZone(item);
    }
    return made('ZonedDateTime', run('PlainDate.toZonedDateTime', text, zone, time));
  },
}), DATE_GETTERS);

function PlainTime(hour, minute, second, millisecond, microsecond, nanosecond) {
  needNew(new.target, 'PlainTime');
  return construct(new.target, 'PlainTime', run('PlainTime.new', orZero(hour), orZero(minute), orZero(second), orZero(millisecond), orZero(microsecond), orZero(nanosecond)));
}

methods = plainMethods('PlainTime');
merged(methods, clockArithmetic('PlainTime'));
merged(methods, differences('PlainTime', (value) => toPlain('PlainTime', value)));
publish('PlainTime', PlainTime, 0, plainStatics('PlainTime'), merged(methods, rounding('PlainTime', 5)), TIME_GETTERS);

function PlainDateTime(isoYear, isoMonth, isoDay, hour, minute, second, millisecond, microsecond, nanosecond, calendar) {
  needNew(new.target, 'PlainDateTime');
  const year = integer(isoYear);
  const month = integer(isoMonth);
  const day = integer(isoDay);
  const h = orZero(hour);
  const m = orZero(minute);
  const s = orZero(second);
  const milli = orZero(millisecond);
  const micro = orZero(microsecond);
  const nano = orZero(nanosecond);
  const text = run('PlainDateTime.new', year, month, day, h, m, s, milli, micro, nano, calendarNamed(calendar));
  return construct(new.target, 'PlainDateTime', text);
}

methods = plainMethods('PlainDateTime');
merged(methods, arithmetic('PlainDateTime'));
merged(methods, differences('PlainDateTime', (value) => toPlain('PlainDateTime', value)));
merged(methods, rounding('PlainDateTime', 6));
merged(methods, calendarChange('PlainDateTime'));
merged(methods, conversion('PlainDateTime', 'PlainDate'));
merged(methods, conversion('PlainDateTime', 'PlainTime'));
publish('PlainDateTime', PlainDateTime, 3, plainStatics('PlainDateTime'), merged(methods, {
  withPlainTime(plainTimeLike = undefined) {
    const text = ownText(this, 'PlainDateTime');
    return made('PlainDateTime', run('PlainDateTime.withPlainTime', text, timeOrNothing(plainTimeLike)));
  },
  toZonedDateTime(temporalTimeZoneLike, options = undefined) {
    const text = ownText(this, 'PlainDateTime');
    const zone = toZone(temporalTimeZoneLike);
    const choice = option(optionsObject(options), 'disambiguation', DISAMBIGUATIONS, 'compatible');
    return made('ZonedDateTime', run('PlainDateTime.toZonedDateTime', text, zone, choice));
  },
}), DATE_TIME_GETTERS);

function PlainYearMonth(isoYear, isoMonth, calendar, referenceISODay) {
  needNew(new.target, 'PlainYearMonth');
  const year = integer(isoYear);
  const month = integer(isoMonth);
  const name = calendarNamed(calendar);
  const day = referenceISODay === undefined ? 1 : integer(referenceISODay);
  return construct(new.target, 'PlainYearMonth', run('PlainYearMonth.new', year, month, name, day));
}

methods = plainMethods('PlainYearMonth');
merged(methods, arithmetic('PlainYearMonth'));
merged(methods, differences('PlainYearMonth', (value) => toPlain('PlainYearMonth', value)));
publish('PlainYearMonth', PlainYearMonth, 2, plainStatics('PlainYearMonth'), merged(methods, {
  toPlainDate(item) {
    const text = ownText(this, 'PlainYearMonth');
    if (!isObject(item)) throw new TypeError('Not an object');
    const fields = fieldsOf(calendarIn(text), item, DAY_ONLY, false);
    return made('PlainDate', run('PlainYearMonth.toPlainDate', text, fields));
  },
}), ['calendarId', 'era', 'eraYear', 'year', 'month', 'monthCode', 'daysInYear', 'daysInMonth', 'monthsInYear', 'inLeapYear']);

function PlainMonthDay(isoMonth, isoDay, calendar, referenceISOYear) {
  needNew(new.target, 'PlainMonthDay');
  const month = integer(isoMonth);
  const day = integer(isoDay);
  const name = calendarNamed(calendar);
  const year = referenceISOYear === undefined ? 1972 : integer(referenceISOYear);
  return construct(new.target, 'PlainMonthDay', run('PlainMonthDay.new', month, day, name, year));
}

publish('PlainMonthDay', PlainMonthDay, 2, { from: plainStatics('PlainMonthDay').from }, merged(plainMethods('PlainMonthDay'), {
  toPlainDate(item) {
    const text = ownText(this, 'PlainMonthDay');
    if (!isObject(item)) throw new TypeError('Not an object');
    const fields = fieldsOf(calendarIn(text), item, YEAR_ONLY, false);
    return made('PlainDate', run('PlainMonthDay.toPlainDate', text, fields));
  },
}), ['calendarId', 'monthCode', 'day']);
