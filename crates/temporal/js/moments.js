// Instant, ZonedDateTime, Now.

function Instant(epochNanoseconds) {
  needNew(new.target, 'Instant');
  return construct(new.target, 'Instant', nanoseconds(epochNanoseconds));
}

function instantString(text, given) {
  const options = optionsObject(given);
  const digits = digitsOf(options);
  const mode = modeOf(options, 'trunc');
  const smallest = unitOf(options, 'smallestUnit');
  const { timeZone } = options;
  needShown(smallest, 4);
  const zone = timeZone === undefined ? undefined : toZone(timeZone);
  return run('Instant.toString', text, [digits, smallest, mode], zone);
}

const instantMethods = clockArithmetic('Instant');
merged(instantMethods, differences('Instant', toInstant));
publish('Instant', Instant, 1, {
  from(item) {
    return made('Instant', toInstant(item));
  },
  fromEpochMilliseconds(epochMilliseconds) {
    const number = +epochMilliseconds;
    if (!(number - number === 0) || trunc(number) !== number) throw new RangeError('Not an integer');
    return made('Instant', run('Instant.milliseconds', number + 0));
  },
  fromEpochNanoseconds(epochNanoseconds) {
    return made('Instant', nanoseconds(epochNanoseconds));
  },
  compare(one, two) {
    const first = toInstant(one);
    return run('Instant.compare', first, toInstant(two));
  },
}, merged(instantMethods, {
  round(roundTo) {
    const text = ownText(this, 'Instant');
    return made('Instant', run('Instant.round', text, roundingOf(roundTo, 5)));
  },
  equals(other) {
    return ownText(this, 'Instant') === toInstant(other);
  },
  toString(options = undefined) {
    return instantString(ownText(this, 'Instant'), options);
  },
  toJSON() {
    return instantString(ownText(this, 'Instant'), undefined);
  },
  toLocaleString(locales = undefined, options = undefined) {
    const text = ownText(this, 'Instant');
    return intl().temporalToLocale('Instant', described('Instant', text), locales, options);
  },
  toZonedDateTimeISO(timeZone) {
    const text = ownText(this, 'Instant');
    return made('ZonedDateTime', run('ZonedDateTime.new', text + ' ' + toZone(timeZone) + ' iso8601'));
  },
  valueOf() {
    throw new TypeError('A Temporal.Instant is not a number: use compare or equals');
  },
}), []);

const instantGetters = {
  get epochMilliseconds() {
    return run('Instant.epochMilliseconds', ownText(this, 'Instant'));
  },
  get epochNanoseconds() {
    return BigInt(ownText(this, 'Instant'));
  },
};
defineGetter(prototypes.Instant, instantGetters, 'epochMilliseconds');
defineGetter(prototypes.Instant, instantGetters, 'epochNanoseconds');

function ZonedDateTime(epochNanoseconds, timeZone, calendar) {
  needNew(new.target, 'ZonedDateTime');
  const time = nanoseconds(epochNanoseconds);
  if (typeof timeZone !== 'string') throw new TypeError('A time zone is not a string');
  const zone = run('zone.identifier', timeZone);
  const text = time + ' ' + zone + ' ' + calendarNamed(calendar);
  return construct(new.target, 'ZonedDateTime', run('ZonedDateTime.new', text));
}

function zonedString(text, given) {
  const options = optionsObject(given);
  const calendar = option(options, 'calendarName', CALENDAR_NAMES, 'auto');
  const digits = digitsOf(options);
  const offset = option(options, 'offset', SHOWN_OFFSETS, 'auto');
  const mode = modeOf(options, 'trunc');
  const smallest = unitOf(options, 'smallestUnit');
  const zone = option(options, 'timeZoneName', ZONE_NAMES, 'auto');
  needShown(smallest, 4);
  return run('ZonedDateTime.toString', text, [digits, smallest, mode], calendar, offset, zone);
}

const zonedMethods = arithmetic('ZonedDateTime');
merged(zonedMethods, differences('ZonedDateTime', (value) => toZoned(value)));
merged(zonedMethods, rounding('ZonedDateTime', 6));
merged(zonedMethods, calendarChange('ZonedDateTime'));
merged(zonedMethods, conversion('ZonedDateTime', 'Instant'));
merged(zonedMethods, conversion('ZonedDateTime', 'PlainDate'));
merged(zonedMethods, conversion('ZonedDateTime', 'PlainTime'));
merged(zonedMethods, conversion('ZonedDateTime', 'PlainDateTime'));
const ZONED_GETTERS = list();
for (let k = 0; k < DATE_TIME_GETTERS.length; k++) push(ZONED_GETTERS, DATE_TIME_GETTERS[k]);
push(ZONED_GETTERS, 'timeZoneId');
push(ZONED_GETTERS, 'epochMilliseconds');
push(ZONED_GETTERS, 'hoursInDay');
push(ZONED_GETTERS, 'offsetNanoseconds');
push(ZONED_GETTERS, 'offset');
publish('ZonedDateTime', ZonedDateTime, 2, {
  from(item, options = undefined) {
    return made('ZonedDateTime', toZoned(item, options));
  },
  compare(one, two) {
    const first = toZoned(one);
    return run('ZonedDateTime.compare', first, toZoned(two));
  },
}, merged(zonedMethods, {
  with(temporalZonedDateTimeLike, options = undefined) {
    const text = ownText(this, 'ZonedDateTime');
    needPartial(temporalZonedDateTimeLike);
    const fields = fieldsOf(calendarIn(text), temporalZonedDateTimeLike, WITH_OFFSET, true);
    const given = zonedOptions(options, 'prefer');
    return made('ZonedDateTime', run('ZonedDateTime.with', text, fields, given.overflow, given.disambiguation, given.offset));
  },
  withPlainTime(plainTimeLike = undefined) {
    const text = ownText(this, 'ZonedDateTime');
    return made('ZonedDateTime', run('ZonedDateTime.withPlainTime', text, timeOrNothing(plainTimeLike)));
  },
  withTimeZone(timeZoneLike) {
    const text = ownText(this, 'ZonedDateTime');
    return made('ZonedDateTime', run('ZonedDateTime.withTimeZone', text, toZone(timeZoneLike)));
  },
  equals(other) {
    const text = ownText(this, 'ZonedDateTime');
    return run('ZonedDateTime.equals', text, toZoned(other));
  },
  toString(options = undefined) {
    return zonedString(ownText(this, 'ZonedDateTime'), options);
  },
  toJSON() {
    return zonedString(ownText(this, 'ZonedDateTime'), undefined);
  },
  toLocaleString(locales = undefined, options = undefined) {
    const text = ownText(this, 'ZonedDateTime');
    return intl().temporalToLocale('ZonedDateTime', {
      __proto__: null, time: run('ZonedDateTime.get', text, 'epochMilliseconds'), calendar: calendarIn(text),
      zone: run('ZonedDateTime.get', text, 'timeZoneId'),
    }, locales, options);
  },
  valueOf() {
    throw new TypeError('A Temporal.ZonedDateTime is not a number: use compare or equals');
  },
  startOfDay() {
    return made('ZonedDateTime', run('ZonedDateTime.startOfDay', ownText(this, 'ZonedDateTime')));
  },
  getTimeZoneTransition(directionParam) {
    const text = ownText(this, 'ZonedDateTime');
    const direction = option(optionsOrText(directionParam, 'direction'), 'direction', DIRECTIONS, undefined);
    const found = run('ZonedDateTime.transition', text, direction);
    return found === undefined ? null : made('ZonedDateTime', found);
  },
}), ZONED_GETTERS);

const zonedGetters = {
  get epochNanoseconds() {
    return BigInt(run('ZonedDateTime.get', ownText(this, 'ZonedDateTime'), 'epochNanoseconds'));
  },
};
defineGetter(prototypes.ZonedDateTime, zonedGetters, 'epochNanoseconds');

// --- Now: the run's clock, in the run's zone.

const clock = native.time ?? builtin('Date', 'now');
const nowText = () => run('Instant.milliseconds', clock());
const nowZoned = (zone) => run('ZonedDateTime.new', nowText() + ' ' + (zone === undefined ? native.zone() : toZone(zone)) + ' iso8601');
const Now = {};
tag(Now, 'Temporal.Now');
defineAll(Now, {
  timeZoneId() {
    return native.zone();
  },
  instant() {
    return made('Instant', nowText());
  },
  plainDateTimeISO(temporalTimeZoneLike = undefined) {
    return made('PlainDateTime', run('ZonedDateTime.toPlainDateTime', nowZoned(temporalTimeZoneLike)));
  },
  zonedDateTimeISO(temporalTimeZoneLike = undefined) {
    return made('ZonedDateTime', nowZoned(temporalTimeZoneLike));
  },
  plainDateISO(temporalTimeZoneLike = undefined) {
    return made('PlainDate', run('ZonedDateTime.toPlainDate', nowZoned(temporalTimeZoneLike)));
  },
  plainTimeISO(temporalTimeZoneLike = undefined) {
    return made('PlainTime', run('ZonedDateTime.toPlainTime', nowZoned(temporalTimeZoneLike)));
  },
});
define(Temporal, 'Now', Now);
