// Reading of objects' properties: in the order of their names, each converted when it is read.

// What stands for each name. A zone is kept apart from the others.
const FIELDS = [
  ['day', positiveInteger], ['era', toText], ['eraYear', integer], ['hour', integer], ['microsecond', integer],
  ['millisecond', integer], ['minute', integer], ['month', positiveInteger], ['monthCode', toMonthCode],
  ['nanosecond', integer], ['offset', toOffset], ['second', integer], ['timeZone', toZone], ['year', integer],
];
const YEAR_ONLY = { __proto__: null, year: true };
const DAY_ONLY = { __proto__: null, day: true };
const YEAR_MONTH = { __proto__: null, year: true, month: true, monthCode: true };
const DATE = { __proto__: null, year: true, month: true, monthCode: true, day: true };
const TIME = {
  __proto__: null, hour: true, minute: true, second: true, millisecond: true, microsecond: true, nanosecond: true,
};
const DATE_TIME = merged(merged({ __proto__: null }, DATE), TIME);
const WITH_OFFSET = merged({ __proto__: null, offset: true }, DATE_TIME);
const ZONED = merged({ __proto__: null, timeZone: true }, WITH_OFFSET);

function toMonthCode(value) {
  const text = primitiveText(value, 'monthCode');
  const digit = (at) => stringCodeAt(text, at) >= 48 && stringCodeAt(text, at) <= 57;
  const leap = text.length === 4 && stringCodeAt(text, 3) === 76;
  if ((text.length !== 3 && !leap) || stringCodeAt(text, 0) !== 77 || !digit(1) || !digit(2) || text === 'M00') {
    throw new RangeError('Invalid monthCode ' + text);
  }
  return text;
}

function toOffset(value) {
  const text = primitiveText(value, 'offset');
  run('offset.check', text);
  return text;
}

const hasEras = (calendar) => calendar !== 'iso8601' && calendar !== 'chinese' && calendar !== 'dangi';

// Names and values of what is wanted and there; those of the zone are in `zone`. With `some` one of them
// must be there.
function fieldsOf(calendar, object, wanted, some, zone) {
  const eras = wanted.year && hasEras(calendar);
  const found = list();
  for (let k = 0; k < FIELDS.length; k++) {
    const name = FIELDS[k][0];
    if (!wanted[name] && !(eras && (name === 'era' || name === 'eraYear'))) continue;
    const value = object[name];
    if (value === undefined) {
      if (name === 'timeZone' && zone.needed) throw new TypeError('A time zone is missing');
      continue;
    }
    const convert = FIELDS[k][1];
    if (name === 'timeZone') {
      zone.name = convert(value);
      continue;
    }
    push(found, name);
    push(found, convert(value));
  }
  if (some && found.length === 0) throw new TypeError('There is none of the properties that are wanted');
  return found;
}

// An object that says what to change.
function needPartial(value) {
  if (!isObject(value)) throw new TypeError('Not an object');
  const kind = kindOf(value);
  if (kind !== undefined && (DATED[kind] || kind === 'PlainTime')) throw new TypeError('An object of Temporal does not say what to change');
  if (value.calendar !== undefined) throw new TypeError('A calendar cannot be changed with others');
  if (value.timeZone !== undefined) throw new TypeError('A time zone cannot be changed with others');
}

// --- What values stand for

// Of which other kinds a kind is made, and from which properties.
const SOURCES = {
  __proto__: null,
  PlainDate: { __proto__: null, PlainDateTime: true, ZonedDateTime: true, wanted: DATE },
  PlainTime: { __proto__: null, PlainDateTime: true, ZonedDateTime: true, wanted: TIME },
  PlainDateTime: { __proto__: null, PlainDate: true, ZonedDateTime: true, wanted: DATE_TIME },
  PlainYearMonth: { __proto__: null, wanted: YEAR_MONTH },
  PlainMonthDay: { __proto__: null, wanted: DATE },
};

// The text of what a value stands for as an object of this kind.
function toPlain(kind, value, options) {
  const source = SOURCES[kind];
  if (isObject(value)) {
    const given = kindOf(value);
    if (given === kind || (given !== undefined && source[given])) {
      overflowOf(options);
      return given === kind ? textOf(value) : run(given + '.to' + kind, textOf(value));
    }
    if (kind === 'PlainTime') {
      const fields = fieldsOf('iso8601', value, TIME, true);
      return run('PlainTime.fields', fields, overflowOf(options));
    }
    const calendar = calendarOf(value);
    const fields = fieldsOf(calendar, value, source.wanted, false);
    return run(kind + '.fields', calendar, fields, overflowOf(options));
  }
  if (typeof value !== 'string') throw new TypeError('Not an object or a string');
  const text = run(kind + '.parse', value);
  overflowOf(options);
  return text;
}

const timeOrNothing = (value) => (value === undefined ? undefined : toPlain('PlainTime', value));

function toInstant(value) {
  const kind = kindOf(value);
  if (kind === 'Instant') return textOf(value);
  if (kind === 'ZonedDateTime') return run('ZonedDateTime.toInstant', textOf(value));
  return run('Instant.parse', primitiveText(value, 'A time'));
}

// The options of a time in a zone, as `from` and `with` read them.
function zonedOptions(given, offset) {
  const options = optionsObject(given);
  return {
    __proto__: null,
    disambiguation: option(options, 'disambiguation', DISAMBIGUATIONS, 'compatible'),
    offset: option(options, 'offset', OFFSETS, offset),
    overflow: option(options, 'overflow', OVERFLOWS, 'constrain'),
  };
}

function toZoned(value, given) {
  if (isObject(value)) {
    if (kindOf(value) === 'ZonedDateTime') {
      zonedOptions(given, 'reject');
      return textOf(value);
    }
    const calendar = calendarOf(value);
    const zone = { __proto__: null, needed: true };
    const fields = fieldsOf(calendar, value, ZONED, false, zone);
    const options = zonedOptions(given, 'reject');
    return run('ZonedDateTime.fields', calendar, zone.name, fields, options.overflow, options.disambiguation, options.offset);
  }
  if (typeof value !== 'string') throw new TypeError('Not an object or a string');
  run('ZonedDateTime.check', value);
  const options = zonedOptions(given, 'reject');
  return run('ZonedDateTime.parse', value, options.disambiguation, options.offset);
}

// What durations are relative to: a text that `Duration`'s operations take, or undefined.
function relativeTo(options) {
  const value = options.relativeTo;
  if (value === undefined) return undefined;
  if (isObject(value)) {
    const kind = kindOf(value);
    if (kind === 'ZonedDateTime') return 'Z ' + textOf(value);
    if (kind === 'PlainDate') return 'D ' + textOf(value);
    if (kind === 'PlainDateTime') return 'D ' + run('PlainDateTime.toPlainDate', textOf(value));
    const calendar = calendarOf(value);
    const zone = { __proto__: null, needed: false, name: undefined };
    const fields = fieldsOf(calendar, value, ZONED, false, zone);
    if (zone.name === undefined) {
      const text = run('PlainDateTime.fields', calendar, withoutOffset(fields), 'constrain');
      return 'D ' + run('PlainDateTime.toPlainDate', text);
    }
    return 'Z ' + run('ZonedDateTime.fields', calendar, zone.name, fields, 'constrain', 'compatible', 'reject');
  }
  if (typeof value !== 'string') throw new TypeError('relativeTo is not an object or a string');
  return run('Duration.relative', value);
}

function withoutOffset(fields) {
  const kept = list();
  for (let k = 0; k < fields.length; k += 2) {
    if (fields[k] === 'offset') continue;
    push(kept, fields[k]);
    push(kept, fields[k + 1]);
  }
  return kept;
}
