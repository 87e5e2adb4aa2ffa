// Intl.Locale (ECMA-402, section 15).

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const isDigit = (code) => code >= 48 && code <= 57;
const isLetter = (code) => (code | 32) >= 97 && (code | 32) <= 122 && code < 128;

// Whether a text has so many characters, all of them letters, or letters and digits.
function isPart(text, least, most, digits) {
  if (text.length < least || text.length > most) return false;
  for (let at = 0; at < text.length; at++) {
    const code = stringCodeAt(text, at);
    if (!isLetter(code) && !(digits && isDigit(code))) return false;
  }
  return true;
}

const isLanguage = (text) => text.length !== 4 && isPart(text, 2, 8, false);
const isScript = (text) => isPart(text, 4, 4, false);
function isRegion(text) {
  if (isPart(text, 2, 2, false)) return true;
  return text.length === 3 && isDigit(stringCodeAt(text, 0)) && isDigit(stringCodeAt(text, 1)) && isDigit(stringCodeAt(text, 2));
}
// One or more variants, each once.
function areVariants(text) {
  const seen = { __proto__: null };
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at !== text.length && stringCodeAt(text, at) !== 45) continue;
    const variant = stringLower(stringSlice(text, start, at));
    const short = variant.length === 4 && isDigit(stringCodeAt(variant, 0));
    if (!isPart(variant, short ? 4 : 5, 8, true) || seen[variant]) return false;
    seen[variant] = true;
    start = at + 1;
  }
  return true;
}

function partOption(options, name, is) {
  const value = getOption(options, name, undefined, undefined);
  if (value !== undefined && !is(value)) throw new RangeError('Incorrect locale information provided');
  return value;
}

function Locale(tag, given) {
  needNew(new.target, 'Locale');
  if (typeof tag !== 'string' && !isObject(tag)) throw new TypeError('First argument to Intl.Locale constructor can\'t be empty or missing');
  const from = Slots.is(tag, 'Locale') ? Slots.of(tag, 'Locale').tag : toText(tag);
  const options = coerced(given);
  native.localeCanonical(from);
  const parts = { __proto__: null };
  parts.language = partOption(options, 'language', isLanguage);
  parts.script = partOption(options, 'script', isScript);
  parts.region = partOption(options, 'region', isRegion);
  parts.variants = partOption(options, 'variants', areVariants);
  const keywords = { __proto__: null };
  keywords.ca = keywordOption(options, 'calendar');
  keywords.co = keywordOption(options, 'collation');
  const first = getOption(options, 'firstDayOfWeek', undefined, undefined);
  if (first !== undefined) {
    const number = first.length === 1 ? stringCodeAt(first, 0) - 48 : -1;
    keywords.fw = number >= 0 && number <= 7 ? WEEKDAYS[number]
      : keywordOption({ __proto__: null, firstDayOfWeek: first }, 'firstDayOfWeek');
  }
  keywords.hc = getOption(options, 'hourCycle', HOUR_CYCLES, undefined);
  keywords.kf = getOption(options, 'caseFirst', CASE_FIRST, undefined);
  const numeric = getBoolean(options, 'numeric', undefined);
  if (numeric !== undefined) keywords.kn = numeric ? 'true' : 'false';
  keywords.nu = keywordOption(options, 'numberingSystem');
  parts.keywords = keywords;
  return newLocale(new.target, native.tagMake(from, jsonStringify(parts)));
}

function newLocale(newTarget, tag) {
  const fields = jsonParse(native.tagFields(tag));
  return make(newTarget, Locale.prototype, 'Locale', { __proto__: null, tag, fields });
}

const localeOf = (object, name) => Slots.of(object, 'Locale', 'Intl.Locale.prototype.' + name);
const fieldOf = (object, name, field) => own(localeOf(object, name).fields, field);
// What is usual where the locale is spoken, as a value of JSON.
const usualOf = (object, name, what) => jsonParse(native.tagUsual(localeOf(object, name).tag, what));

// An array of a program's own.
function ownList(from) {
  if (from === null) return undefined;
  const made = [];
  for (let k = 0; k < from.length; k++) append(made, from[k]);
  return made;
}

service('Locale', Locale, {
  maximize() {
    return newLocale(undefined, native.tagLikely(localeOf(this, 'maximize').tag, 'more'));
  },
  minimize() {
    return newLocale(undefined, native.tagLikely(localeOf(this, 'minimize').tag, 'less'));
  },
  toString() { return localeOf(this, 'toString').tag; },
  getCalendars() { return ownList(usualOf(this, 'getCalendars', 'calendars')); },
  getCollations() { return ownList(usualOf(this, 'getCollations', 'collations')); },
  getHourCycles() { return ownList(usualOf(this, 'getHourCycles', 'hours')); },
  getNumberingSystems() { return ownList(usualOf(this, 'getNumberingSystems', 'numbering')); },
  getTimeZones() { return ownList(usualOf(this, 'getTimeZones', 'zones')); },
  getTextInfo() {
    const info = {};
    define(info, 'direction', usualOf(this, 'getTextInfo', 'direction'), true);
    return info;
  },
  getWeekInfo() {
    const week = usualOf(this, 'getWeekInfo', 'week');
    const info = {};
    define(info, 'firstDay', week[0], true);
    define(info, 'weekend', ownList(week[1]), true);
    return info;
  },
}, {
  get baseName() { return fieldOf(this, 'baseName', 'baseName'); },
  get calendar() { return fieldOf(this, 'calendar', 'ca'); },
  get caseFirst() { return fieldOf(this, 'caseFirst', 'kf'); },
  get collation() { return fieldOf(this, 'collation', 'co'); },
  get firstDayOfWeek() { return fieldOf(this, 'firstDayOfWeek', 'fw'); },
  get hourCycle() { return fieldOf(this, 'hourCycle', 'hc'); },
  get language() { return fieldOf(this, 'language', 'language'); },
  get numberingSystem() { return fieldOf(this, 'numberingSystem', 'nu'); },
  get numeric() {
    const value = fieldOf(this, 'numeric', 'kn');
    return value === '' || value === 'true';
  },
  get region() { return fieldOf(this, 'region', 'region'); },
  get script() { return fieldOf(this, 'script', 'script'); },
  get variants() { return fieldOf(this, 'variants', 'variants'); },
});
defineProperty(Locale, 'length', { __proto__: null, value: 1, writable: false, enumerable: false, configurable: true });
