// Calls of Intl, generated: the same number gives the same calls. Each is the text of an expression, so
// that any host can evaluate it. What a call answers, or the class of what it throws, is its outcome.

export const LOCALES = [
  'en-US', 'en-GB', 'en-IN', 'de-DE', 'de-AT', 'de-CH', 'fr-FR', 'fr-CA', 'es-ES', 'es-MX', 'it-IT', 'pt-BR',
  'pt-PT', 'nl-NL', 'sv-SE', 'da-DK', 'nb-NO', 'fi-FI', 'pl-PL', 'cs-CZ', 'hu-HU', 'ro-RO', 'bg-BG', 'ru-RU',
  'uk-UA', 'el-GR', 'tr-TR', 'ar-EG', 'ar-SA', 'he-IL', 'fa-IR', 'hi-IN', 'bn-BD', 'th-TH', 'vi-VN', 'id-ID',
  'ja-JP', 'ko-KR', 'zh-CN', 'zh-TW',
];

/** Numbers that look random and are not. */
function source(seed) {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state / 4294967296;
  };
  const pick = (list) => list[Math.floor(next() * list.length)];
  return { next, pick, some: (chance) => next() < chance };
}

const text = (value) => JSON.stringify(value);

const NUMBERS = [
  '0', '-0', '1', '2', '5', '12', '100', '999', '1000', '1234.5', '-1234.5', '9999.995', '12345', '123456.789',
  '-7654321.5', '0.5', '0.005', '-0.004', '1.005', '999999', '1e6', '1.5e9', '2.7e12', '1e15', '1e21', '5e-7', 'NaN',
  'Infinity', '-Infinity', '12345678901234567890n', '"98765432109876543210.125"', '1.5', '3', '11', '21',
];
const CURRENCIES = ['EUR', 'USD', 'JPY', 'GBP', 'CHF', 'INR', 'CNY', 'KRW', 'BHD', 'EGP', 'BRL', 'SEK', 'PLN', 'CLP', 'XXX'];
const UNITS = [
  'kilometer', 'meter', 'mile', 'liter', 'gram', 'kilogram', 'celsius', 'fahrenheit', 'byte', 'kilobyte', 'gigabyte',
  'megabit', 'second', 'minute', 'hour', 'day', 'week', 'month', 'year', 'percent', 'degree', 'acre', 'hectare',
  'kilometer-per-hour', 'mile-per-gallon', 'liter-per-kilometer', 'meter-per-second', 'megabyte-per-second',
  'gram-per-liter', 'stone', 'fluid-ounce', 'mile-scandinavian', 'nanosecond',
];

const TIMES = [
  '0', 'Date.UTC(2026, 10, 29, 15, 5, 9, 7)', 'Date.UTC(2024, 1, 29, 0, 0, 0)', 'Date.UTC(1999, 11, 31, 23, 59, 59, 999)',
  'Date.UTC(2026, 6, 4, 12, 0)', 'Date.UTC(2026, 2, 1, 6, 30)', 'Date.UTC(1950, 4, 9, 9, 9)', 'Date.UTC(2100, 8, 15, 21, 45)',
  'Date.UTC(2026, 0, 5, 3, 4, 5)', 'Date.UTC(2026, 5, 21, 18, 20, 40)',
];
const ZONES = [
  'UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Asia/Kolkata', 'America/Sao_Paulo', 'Australia/Sydney',
  'Africa/Cairo', 'Europe/London', 'America/Los_Angeles', '+05:30', 'Asia/Shanghai',
];

const WORDS = ['a', 'b', 'A', 'á', 'Z', 'z', 'ä', 'ae', 'ö', 'o', 'résumé', 'resume', 'Resume', 'item 2', 'item 10', 'co-op', 'coop', 'ß', 'ss', 'ñ', 'n', 'ł', 'l', 'İ', 'i', '東', '西', 'あ', 'ア', 'ש', 'ب', 'д', 'Д', '1', '-', ''];

const TEXTS = [
  'Hello, world! How are you?', 'Dr. Smith paid $3.50 on 5 Mar. He left.', "don't co-op 1,234.5 e-mail@x.org", '',
  'a\u0301e\u0308 👨‍👩‍👧🇩🇪🇫🇷 ok', 'नमस्ते दुनिया। यह है।', 'Привет, мир! Как дела?', '안녕하세요 세계. 좋아요.', 'line one\r\nline two\n\nthree',
  'مرحبا بالعالم؟ نعم.', 'Öl für 10 €; groß!', '(yes) "no" … maybe?! No.', 'שלום עולם. טוב!', 'ação à toa, né?', '12:30 3/4 1.2.3 #tag',
];
const TAGS = [
  'en', 'de-AT', 'zh-Hant-TW', 'zh-Hans', 'sr-Latn-RS', 'en-GB', 'pt-BR', 'es-419', 'fr-CA', 'nl-BE', 'ca-valencia', 'en-US-posix',
  'ar-001', 'hi-Latn', 'yue-Hans-CN', 'az-Cyrl', 'xx', 'xx-YY', 'de-CH-1996', 'ro-MD', 'fa-AF', 'sw-CD', 'uz-Arab-AF', 'mul', 'tlh', 'iw',
];
const REGIONS = ['US', 'DE', 'GB', 'CN', '419', '001', 'HK', 'XK', 'QX', 'ZZ', 'UK', 'FR', 'BR', 'MM', 'PS', 'AQ', 'EU', '150', 'SZ', 'CZ'];
const SCRIPTS = ['Latn', 'Cyrl', 'Arab', 'Hans', 'Hant', 'Deva', 'Jpan', 'Kore', 'Zzzz', 'Thai', 'Zsye', 'Abcd', 'Hira', 'Beng'];
const CALENDAR_NAMES = ['gregory', 'buddhist', 'japanese', 'islamic-umalqura', 'islamic', 'hebrew', 'chinese', 'roc', 'persian', 'iso8601', 'foo'];
const FIELD_CODES = ['era', 'year', 'quarter', 'month', 'weekOfYear', 'weekday', 'day', 'dayPeriod', 'hour', 'minute', 'second', 'timeZoneName', 'x'];
const LONG_TAGS = [
  'en', 'de-u-co-phonebk', 'zh-Hant', 'ar-EG-u-nu-latn', 'th-TH-u-ca-buddhist-nu-thai', 'sr-Cyrl-BA', 'und-US', 'und-Arab', 'fa-IR',
  'he', 'hi-IN', 'en-u-kn-kf-upper', 'fr-CA-u-hc-h12', 'ja-JP-u-ca-japanese-hc-h12', 'ko', 'iw-IL', 'no', 'pt', 'yue', 'uz-AF', 'en-001',
  'EN-latn-us', 'sl-rozaj-biske', 'de-1996-1901', 'x-private', 'a', 'en-t-de', 'en-u-fw-mon', 'tl', 'mo-MD', 'sh', 'cmn-TW',
];

const constructors = {
  PluralRules(r, locale) {
    const options = {};
    if (r.some(0.4)) options.type = r.pick(['cardinal', 'ordinal']);
    if (r.some(0.2)) options.minimumFractionDigits = r.pick([0, 1, 2]);
    const call = `new Intl.PluralRules(${text(locale)}, ${text(options)})`;
    const number = r.pick(['0', '1', '2', '3', '4', '5', '6', '7', '8', '11', '12', '21', '22', '100', '101', '1000000', '0.5', '1.5', '-1', 'Infinity']);
    const way = r.next();
    if (way < 0.8) return `${call}.select(${number})`;
    if (way < 0.9) return `${call}.selectRange(1, ${r.pick(['2', '5', '10', '101'])})`;
    return `${call}.resolvedOptions()`;
  },
  ListFormat(r, locale) {
    const options = {};
    if (r.some(0.6)) options.type = r.pick(['conjunction', 'disjunction', 'unit']);
    if (r.some(0.6)) options.style = r.pick(['long', 'short', 'narrow']);
    const call = `new Intl.ListFormat(${text(locale)}, ${text(options)})`;
    const list = text(r.pick([[], ['A'], ['A', 'B'], ['A', 'B', 'C'], ['uno', 'hijo'], ['1', '2', '3', '4'], ['siete', 'ocho']]));
    const way = r.next();
    return way < 0.7 ? `${call}.format(${list})` : way < 0.9 ? `${call}.formatToParts(${list})` : `${call}.resolvedOptions()`;
  },
  RelativeTimeFormat(r, locale) {
    const options = {};
    if (r.some(0.5)) options.numeric = r.pick(['always', 'auto']);
    if (r.some(0.6)) options.style = r.pick(['long', 'short', 'narrow']);
    const call = `new Intl.RelativeTimeFormat(${text(locale)}, ${text(options)})`;
    const value = r.pick(['0', '-0', '1', '-1', '2', '-2', '3', '-5', '10', '-100', '1.5', '-1234', '21']);
    const unit = text(r.pick(['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'days']));
    const way = r.next();
    if (way < 0.75) return `${call}.format(${value}, ${unit})`;
    return way < 0.93 ? `${call}.formatToParts(${value}, ${unit})` : `${call}.resolvedOptions()`;
  },
  Collator(r, locale) {
    const options = {};
    if (r.some(0.4)) options.sensitivity = r.pick(['base', 'accent', 'case', 'variant']);
    if (r.some(0.3)) options.numeric = r.pick([true, false]);
    if (r.some(0.15)) options.caseFirst = r.pick(['upper', 'lower', 'false']);
    if (r.some(0.15)) options.ignorePunctuation = r.pick([true, false]);
    if (r.some(0.06)) locale += r.pick(['-u-co-phonebk', '-u-kn', '-u-co-eor']);
    const call = `new Intl.Collator(${text(locale)}, ${text(options)})`;
    const words = [r.pick(WORDS), r.pick(WORDS), r.pick(WORDS), r.pick(WORDS), r.pick(WORDS)];
    const way = r.next();
    if (way < 0.55) return `Math.sign(${call}.compare(${text(words[0])}, ${text(words[1])}))`;
    if (way < 0.8) return `${text(words)}.sort(${call}.compare)`;
    if (way < 0.9) return `Math.sign(${text(words[0])}.localeCompare(${text(words[1])}, ${text(locale)}, ${text(options)}))`;
    return `${call}.resolvedOptions()`;
  },
  DateTimeFormat(r, locale) {
    const options = { timeZone: r.pick(ZONES) };
    const way = r.next();
    if (way < 0.3) {
      if (r.some(0.7)) options.dateStyle = r.pick(['full', 'long', 'medium', 'short']);
      if (r.some(0.6) || !options.dateStyle) options.timeStyle = r.pick(['full', 'long', 'medium', 'short']);
    } else if (way < 0.92) {
      const date = r.some(0.75);
      if (date) {
        if (r.some(0.35)) options.weekday = r.pick(['narrow', 'short', 'long']);
        if (r.some(0.85)) options.year = r.pick(['numeric', 'numeric', '2-digit']);
        if (r.some(0.9)) options.month = r.pick(['numeric', '2-digit', 'short', 'long', 'long', 'narrow']);
        if (r.some(0.85)) options.day = r.pick(['numeric', 'numeric', '2-digit']);
        if (r.some(0.06)) options.era = r.pick(['short', 'long', 'narrow']);
      }
      if (!date || r.some(0.4)) {
        options.hour = r.pick(['numeric', 'numeric', '2-digit']);
        if (r.some(0.9)) options.minute = r.pick(['numeric', '2-digit']);
        if (options.minute && r.some(0.4)) options.second = r.pick(['numeric', '2-digit']);
        if (options.second && r.some(0.2)) options.fractionalSecondDigits = r.pick([1, 2, 3]);
        if (r.some(0.06)) options.dayPeriod = r.pick(['short', 'long', 'narrow']);
        if (r.some(0.2)) options.timeZoneName = r.pick(['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric']);
      }
    }
    if (r.some(0.2)) options.hour12 = r.pick([true, false]);
    else if (r.some(0.1)) options.hourCycle = r.pick(['h11', 'h12', 'h23', 'h24']);
    if (r.some(0.08)) options.calendar = r.pick(['gregory', 'buddhist', 'japanese', 'persian', 'islamic-umalqura', 'roc', 'iso8601']);
    if (r.some(0.05)) locale += '-u-nu-latn';
    const call = `new Intl.DateTimeFormat(${text(locale)}, ${text(options)})`;
    const time = r.pick(TIMES);
    const method = r.next();
    if (method < 0.6) return `${call}.format(${time})`;
    if (method < 0.75) return `${call}.formatToParts(${time})`;
    if (method < 0.8) return `${call}.resolvedOptions()`;
    if (method < 0.9) return `${call}.formatRange(${time}, ${time} + ${r.pick(['600000', '5400000', '86400000 * 3', '86400000 * 40', '86400000 * 500'])})`;
    const zone = text({ timeZone: options.timeZone });
    return `new Date(${time}).${r.pick(['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'])}(${text(locale)}, ${zone})`;
  },
  NumberFormat(r, locale) {
    const options = {};
    const style = r.pick(['decimal', 'decimal', 'percent', 'currency', 'currency', 'currency', 'unit', 'unit']);
    if (style !== 'decimal') options.style = style;
    if (style === 'currency') {
      options.currency = r.pick(CURRENCIES);
      if (r.some(0.5)) options.currencyDisplay = r.pick(['code', 'symbol', 'narrowSymbol', 'name']);
      if (r.some(0.3)) options.currencySign = r.pick(['standard', 'accounting']);
    }
    if (style === 'unit') {
      options.unit = r.pick(UNITS);
      if (r.some(0.7)) options.unitDisplay = r.pick(['short', 'narrow', 'long']);
    }
    if (r.some(0.3)) {
      options.notation = r.pick(['compact', 'compact', 'scientific', 'engineering', 'standard']);
      if (r.some(0.5)) options.compactDisplay = r.pick(['short', 'long']);
    }
    if (r.some(0.25)) options.signDisplay = r.pick(['auto', 'never', 'always', 'exceptZero', 'negative']);
    if (r.some(0.25)) options.useGrouping = r.pick([true, false, 'always', 'auto', 'min2']);
    if (r.some(0.3)) {
      const least = r.pick([0, 1, 2, 3]);
      options.minimumFractionDigits = least;
      options.maximumFractionDigits = least + r.pick([0, 1, 4]);
    } else if (r.some(0.2)) {
      options.maximumSignificantDigits = r.pick([1, 2, 3, 5, 9]);
      if (r.some(0.3)) options.minimumSignificantDigits = 1;
    }
    if (r.some(0.1)) options.minimumIntegerDigits = r.pick([2, 4]);
    if (r.some(0.15)) options.roundingMode = r.pick(['ceil', 'floor', 'expand', 'trunc', 'halfEven', 'halfTrunc']);
    if (r.some(0.05)) options.trailingZeroDisplay = 'stripIfInteger';
    if (r.some(0.1)) locale += r.pick(['-u-nu-latn', '-u-nu-arab', '-u-nu-deva', '-u-nu-thai']);
    const call = `new Intl.NumberFormat(${text(locale)}, ${text(options)})`;
    const number = r.pick(NUMBERS);
    const way = r.next();
    if (way < 0.7) return `${call}.format(${number})`;
    if (way < 0.85) return `${call}.formatToParts(${number})`;
    if (way < 0.9) return `${call}.resolvedOptions()`;
    if (way < 0.95) return `(${number}).toLocaleString(${text(locale)}, ${text(options)})`;
    return `(${number}).toLocaleString(${text(locale)})`;
  },
  Segmenter(r, locale) {
    const options = {};
    if (r.some(0.85)) options.granularity = r.pick(['grapheme', 'word', 'word', 'sentence']);
    const call = `new Intl.Segmenter(${text(locale)}, ${text(options)})`;
    const way = r.next();
    const given = r.pick(TEXTS);
    if (way < 0.75) return `[...${call}.segment(${text(given)})].map((part) => part.segment + '|' + part.isWordLike)`;
    if (way < 0.95) return `${call}.segment(${text(given)}).containing(${Math.floor(r.next() * 30)})`;
    return `${call}.resolvedOptions()`;
  },
  Locale(r) {
    const options = {};
    if (r.some(0.15)) options.language = r.pick(['fr', 'en', 'sr', 'x']);
    if (r.some(0.15)) options.script = r.pick(['Latn', 'cyrl', 'x']);
    if (r.some(0.15)) options.region = r.pick(['CH', 'us', '419']);
    if (r.some(0.1)) options.calendar = r.pick(['buddhist', 'islamicc', 'gregory']);
    if (r.some(0.1)) options.hourCycle = r.pick(['h11', 'h12', 'h23', 'h24']);
    if (r.some(0.1)) options.numeric = r.pick([true, false]);
    if (r.some(0.1)) options.caseFirst = r.pick(['upper', 'false']);
    if (r.some(0.1)) options.numberingSystem = r.pick(['latn', 'arab']);
    if (r.some(0.1)) options.collation = r.pick(['emoji', 'phonebk']);
    const call = `new Intl.Locale(${text(r.some(0.3) ? r.pick(LOCALES) : r.pick(LONG_TAGS))}, ${text(options)})`;
    return `${call}${r.pick([
      '.toString()', '.maximize().toString()', '.minimize().toString()', '.baseName', '.language', '.script', '.region', '.calendar',
      '.caseFirst', '.collation', '.hourCycle', '.numeric', '.numberingSystem', '.getCalendars()', '.getCollations()', '.getHourCycles()',
      '.getNumberingSystems()', '.getTextInfo()', '.getTimeZones()', '.getWeekInfo()',
    ])} ?? null`;
  },
  DisplayNames(r, locale) {
    const options = { type: r.pick(['language', 'language', 'region', 'region', 'script', 'currency', 'calendar', 'dateTimeField']) };
    if (r.some(0.4)) options.style = r.pick(['long', 'short', 'narrow']);
    if (r.some(0.3)) options.fallback = r.pick(['none', 'code']);
    if (options.type === 'language' && r.some(0.3)) options.languageDisplay = r.pick(['dialect', 'standard']);
    const call = `new Intl.DisplayNames(${text(locale)}, ${text(options)})`;
    if (r.some(0.04)) return `${call}.resolvedOptions()`;
    const codes = {
      language: TAGS, region: REGIONS, script: SCRIPTS, currency: [...CURRENCIES, 'XAU', 'ABC'], calendar: CALENDAR_NAMES, dateTimeField: FIELD_CODES,
    };
    return `${call}.of(${text(r.pick(codes[options.type]))}) ?? null`;
  },
  DurationFormat(r, locale) {
    const options = {};
    if (r.some(0.8)) options.style = r.pick(['long', 'short', 'narrow', 'digital']);
    if (r.some(0.2)) options.hours = r.pick(['long', 'numeric', '2-digit']);
    if (r.some(0.15)) options.minutes = r.pick(['short', 'numeric', '2-digit']);
    if (r.some(0.15)) options.seconds = r.pick(['narrow', 'numeric']);
    if (r.some(0.15)) options.milliseconds = r.pick(['long', 'numeric']);
    if (r.some(0.15)) options.fractionalDigits = r.pick([0, 1, 3, 9]);
    if (r.some(0.1)) options[r.pick(['years', 'days', 'hours', 'minutes', 'seconds']) + 'Display'] = r.pick(['always', 'auto']);
    if (r.some(0.05)) options.numberingSystem = r.pick(['latn', 'arab', 'thai']);
    const call = `new Intl.DurationFormat(${text(locale)}, ${text(options)})`;
    const duration = {};
    const sign = r.some(0.15) ? -1 : 1;
    for (const [unit, most] of [['years', 30], ['months', 12], ['weeks', 5], ['days', 40], ['hours', 30], ['minutes', 70], ['seconds', 70],
      ['milliseconds', 1200], ['microseconds', 999], ['nanoseconds', 999]]) {
      if (r.some(0.35)) duration[unit] = r.some(0.2) ? 0 : sign * Math.ceil(r.next() * most);
    }
    const way = r.next();
    if (way < 0.75) return `${call}.format(${text(duration)})`;
    return way < 0.94 ? `${call}.formatToParts(${text(duration)})` : `${call}.resolvedOptions()`;
  },
};

export const NAMES = Object.keys(constructors);

/** `count` calls of one constructor. */
export function calls(name, count, seed = 1) {
  const r = source(seed * 7919 + name.length * 104729 + name.charCodeAt(0));
  const made = [];
  for (let k = 0; k < count; k++) made.push(constructors[name](r, LOCALES[k % LOCALES.length]));
  return made;
}

/** What evaluating a call gives, as text. */
export function outcome(call, evaluate) {
  try {
    return JSON.stringify(evaluate(call));
  } catch (error) {
    return `!${error?.constructor?.name}`;
  }
}
