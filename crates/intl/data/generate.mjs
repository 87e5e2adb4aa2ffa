// Writes the tables beside this file: what ECMA-402 needs of CLDR and no released ICU4X crate carries.
//
//   npm install node@24.21.0 cldr-core@48.0.0 cldr-dates-full@48.0.0 cldr-numbers-full@48.0.0 cldr-units-full@48.0.0 \
//     cldr-localenames-full@48.0.0
//   node_modules/.bin/node generate.mjs
//
// A table is text: sorted lines of a key, a tab and fields that are parted by `|`. What a locale
// says like its parent is left out. `locales.txt` lists what Node's own ICU has, service by service.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.cwd() + '/');
const folder = (name) => require.resolve(name + '/package.json').replace(/package\.json$/, '');
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const core = folder('cldr-core');
const parents = json(core + 'supplemental/parentLocales.json').supplemental.parentLocales.parentLocale;

/** The locale whose data a locale falls back to; null for the root. */
function parent(locale) {
  if (locale === 'und') return null;
  if (parents[locale]) return parents[locale] === 'root' ? 'und' : parents[locale];
  const cut = locale.lastIndexOf('-');
  return cut < 0 ? 'und' : locale.slice(0, cut);
}

/** Lines of a table from `{locale: {key: text}}`, without what the parent says too. */
function lines(of) {
  const found = [];
  for (const [locale, entries] of Object.entries(of)) {
    for (const [key, text] of Object.entries(entries)) {
      let above = parent(locale);
      while (above && of[above]?.[key] === undefined) above = parent(above);
      if (above && of[above][key] === text) continue;
      found.push(`${key}/${locale}\t${text}`);
    }
  }
  return found.sort((a, b) => (Buffer.compare(Buffer.from(a), Buffer.from(b)))).join('\n') + '\n';
}

function locales() {
  const all = json(core + 'availableLocales.json').availableLocales.full.filter((name) => name !== 'und');
  const names = new Set(all);
  for (const name of all) {
    const parts = name.split('-');
    if (parts.length === 3 && parts[1].length === 4) names.add(parts[0] + '-' + parts[2]);
  }
  // Languages with the region that they imply: `de-DE`.
  for (const name of json(core + 'defaultContent.json').defaultContent) {
    names.add(name);
    const parts = name.split('-');
    if (parts.length === 3 && parts[1].length === 4) names.add(parts[0] + '-' + parts[2]);
  }
  const has = (make, name) => {
    try { return make(name).resolvedOptions().locale === name; } catch { return false; }
  };
  const services = {
    n: (name) => new Intl.NumberFormat(name), p: (name) => new Intl.PluralRules(name),
    c: (name) => new Intl.Collator(name), l: (name) => new Intl.ListFormat(name),
  };
  return [...names].map((name) => {
    const marks = Object.keys(services).filter((mark) => has(services[mark], name)).join('');
    return marks && `${name}\t${marks}`;
  }).filter(Boolean).sort().join('\n') + '\n';
}

const UNITS = Intl.supportedValuesOf('unit');
function units() {
  const main = folder('cldr-units-full') + 'main/';
  const of = {};
  for (const locale of readdirSync(main)) {
    const units = json(main + locale + '/units.json').main[locale].units;
    const entries = of[locale] = {};
    for (const width of ['long', 'short', 'narrow']) {
      const found = units[width];
      entries[`per/${width}`] = found.per.compoundUnitPattern;
      for (const [key, unit] of Object.entries(found)) {
        const name = key.replace(/^[a-z]+-/, '');
        const simple = UNITS.includes(name);
        const per = name.split('-per-');
        if (!simple && !(per.length === 2 && per.every((part) => UNITS.includes(part)))) continue;
        const patterns = Object.entries(unit).filter(([count]) => count.startsWith('unitPattern-count-'))
          .map(([count, pattern]) => [count.slice(18), pattern]);
        const other = unit['unitPattern-count-other'];
        const kept = patterns.filter(([count, pattern]) => count === 'other' || pattern !== other);
        if (unit.perUnitPattern) kept.push(['per', unit.perUnitPattern]);
        entries[`${name}/${width}`] = kept.map(([count, pattern]) => `${count}=${pattern}`).join('|');
      }
    }
  }
  return lines(of);
}

// Symbols of the root for systems that CLDR's JSON leaves out of it.
const ROOT_SYMBOLS = {
  arab: ['٫', '٬', '\u061c+', '\u061c-', 'NaN', '∞', 'اس', '~', '٪\u061c', '', ''],
  arabext: ['٫', '٬', '\u200e+\u200e', '\u200e-\u200e', 'NaN', '∞', '×۱۰^', '~', '٪', '', ''],
};

/** Where the currency stands in compact amounts: `¤0K` is `¤#`. */
function compactShape(currency) {
  const pattern = currency.short?.standard?.['1000000-count-other'] ?? '';
  const [, before] = pattern.match(/^(¤[\s\u200e\u200f]*)/u) ?? [];
  const [, after] = pattern.match(/(\s*¤)$/u) ?? [];
  return before ? before + '#' : after ? '#' + after : currency.standard;
}

function numbers() {
  const main = folder('cldr-numbers-full') + 'main/';
  const of = { und: {} };
  for (const [system, symbols] of Object.entries(ROOT_SYMBOLS)) of.und[`symbols/${system}`] = symbols.join('|');
  of.und['patterns/arab'] = '1|{0}–{1}|#,##0.###|#,##0%|#,##0.00\u00a0¤|#,##0.00\u00a0¤|#\u00a0¤';
  for (const locale of readdirSync(main)) {
    const numbers = json(main + locale + '/numbers.json').main[locale].numbers;
    const entries = of[locale] ??= {};
    entries.default = numbers.defaultNumberingSystem;
    for (const [key, symbols] of Object.entries(numbers)) {
      const system = key.match(/^symbols-numberSystem-(.*)$/)?.[1];
      if (!system) continue;
      const of = (kind) => numbers[`${kind}-numberSystem-${system}`];
      entries[`symbols/${system}`] = [
        symbols.decimal, symbols.group, symbols.plusSign, symbols.minusSign, symbols.nan, symbols.infinity,
        symbols.exponential, symbols.approximatelySign ?? '~', symbols.percentSign,
        symbols.currencyDecimal ?? '', symbols.currencyGroup ?? '',
      ].join('|');
      const currency = of('currencyFormats');
      if (!currency) continue;
      entries[`patterns/${system}`] = [
        numbers.minimumGroupingDigits, of('miscPatterns')?.range ?? '{0}–{1}', of('decimalFormats').standard,
        of('percentFormats').standard, currency.standard, currency.accounting, compactShape(currency),
      ].join('|');
    }
  }
  return lines(of);
}

function currencies() {
  const main = folder('cldr-numbers-full') + 'main/';
  const of = {};
  for (const locale of readdirSync(main)) {
    const found = json(main + locale + '/currencies.json').main[locale].numbers.currencies;
    const entries = of[locale] = {};
    for (const [code, currency] of Object.entries(found)) {
      const symbol = currency.symbol ?? code;
      const narrow = currency['symbol-alt-narrow'];
      entries[code] = narrow && narrow !== symbol ? `${symbol}|${narrow}` : symbol;
    }
  }
  return lines(of);
}

const LENGTHS = ['full', 'long', 'medium', 'short'];
const SIZES = { wide: 'w', abbreviated: 'a', narrow: 'n', short: 's' };
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS = ['Era', 'Year', 'Quarter', 'Month', 'Week', 'Day-Of-Week', 'Day', 'Hour', 'Minute', 'Second', 'Timezone'];
const FIELD_NAMES = ['era', 'year', 'quarter', 'month', 'week', 'weekday', 'day', 'hour', 'minute', 'second', 'zone'];
// Calendars whose names npm does not have at this version of CLDR: asked of Node's ICU. The days are one
// in each of their months, and one in each of their eras.
const NAMED = {
  persian: [13, 12], 'islamic-umalqura': [13, 12], coptic: [13, 13], ethiopic: [13, 13], indian: [13, 12],
  buddhist: [0, 0], roc: [0, 0], japanese: [0, 0],
};

function patternsOf(of, calendar, entries, mark) {
  const glue = calendar.dateTimeFormats;
  entries[`fmt/${mark}`] = LENGTHS.map((length) => calendar.dateFormats[length]._value ?? calendar.dateFormats[length]).join('|');
  entries[`glu/${mark}`] = LENGTHS.map((length) => glue[length]).join('|');
  entries[`gat/${mark}`] = LENGTHS.map((length) => calendar['dateTimeFormats-atTime'].standard[length]).join('|');
  entries[`app/${mark}`] = FIELDS.map((field) => glue.appendItems[field]).join('|');
  entries[`ava/${mark}`] = Object.entries(glue.availableFormats)
    .filter(([name]) => !/-count-|-alt-|[QWwU]/.test(name)).map((pair) => pair.join('=')).join('|');
  const intervals = glue.intervalFormats;
  const found = [`=${intervals.intervalFormatFallback}`];
  for (const [name, patterns] of Object.entries(intervals)) {
    if (typeof patterns === 'string' || /[QWw]/.test(name)) continue;
    for (const [field, pattern] of Object.entries(patterns)) {
      if (!field.includes('-alt-')) found.push(`${name}:${field}=${pattern}`);
    }
  }
  entries[`int/${mark}`] = found.join('|');
}

function dates() {
  const main = folder('cldr-dates-full') + 'main/';
  const of = {};
  for (const locale of readdirSync(main)) {
    const read = (file) => json(`${main}${locale}/${file}.json`).main[locale].dates;
    const entries = of[locale] = {};
    const gregorian = read('ca-gregorian').calendars.gregorian;
    patternsOf(of, gregorian, entries, 'g');
    patternsOf(of, read('ca-generic').calendars.generic, entries, 'x');
    entries.tim = LENGTHS.map((length) => gregorian.timeFormats[length]._value ?? gregorian.timeFormats[length]).join('|');
    for (const [kind, mark] of [['format', 'f'], ['stand-alone', 's']]) {
      for (const [size, letter] of Object.entries(SIZES)) {
        const months = gregorian.months[kind][size];
        if (months) entries[`mon/gregory/${mark}${letter}`] = Object.values(months).join('|');
        const days = gregorian.days[kind][size];
        if (days) entries[`day/${mark}${letter}`] = DAYS.map((day) => days[day]).join('|');
        const periods = gregorian.dayPeriods[kind][size];
        if (periods && mark === 'f') {
          entries[`per/${letter}`] = Object.entries(periods).filter(([name]) => !name.includes('-alt-'))
            .map((pair) => pair.join('=')).join('|');
        }
      }
    }
    const eras = gregorian.eras;
    for (const [name, letter] of [['eraNames', 'w'], ['eraAbbr', 'a'], ['eraNarrow', 'n']]) {
      entries[`era/gregory/${letter}`] = [eras[name][0], eras[name][1]].join('|');
    }
    const fields = read('dateFields').fields;
    entries.fld = FIELD_NAMES.map((field) => fields[field].displayName).join('|');
    const zones = read('timeZoneNames').timeZoneNames;
    entries.gmt = [zones.gmtFormat, zones.gmtZeroFormat, zones.hourFormat].join('|');
    if (OWN_PATTERNS[locale]) ownPatterns(locale, OWN_PATTERNS[locale], entries);
    if (new Intl.DateTimeFormat(locale).resolvedOptions().locale === locale) calendarNames(locale, entries);
  }
  // Mended in CLDR after 48.0; Node has it.
  for (const kind of ['glu/g', 'gat/g']) of['zh-Hant'][kind] = ['{1} {0}', '{1} {0}', '{1} {0}', '{1}\u2009{0}'].join('|');
  for (const entries of Object.values(of)) {
    // An hour that has no `h` alone has none beside a zone.
    for (const kind of ['ava/g', 'ava/x']) {
      const hour = entries[kind].match(/(?:^|\|)H=([^|]*)/)?.[1] ?? '';
      if (!hour.includes("'h'")) entries[kind] = entries[kind].replace(/\|Hv=H+ ?'h'[^|]*/, '');
    }
  }
  supplemental(of);
  return lines(of);
}

function calendarNames(locale, entries) {
  const DAY = 86400000;
  for (const [calendar, [months, last]] of Object.entries(NAMED)) {
    const tag = `${locale}-u-ca-${calendar}-nu-latn`;
    const part = (options, date, type) => new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options })
      .formatToParts(date).find((part) => part.type === type)?.value;
    if (months) {
      const numeric = new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, { timeZone: 'UTC', month: 'numeric', day: 'numeric' });
      const at = [];
      for (let date = Date.UTC(2023, 0, 1); at.filter(Boolean).length < last; date += DAY) {
        const found = numeric.formatToParts(date);
        if (+found.find((part) => part.type === 'day').value <= 3) at[+found.find((part) => part.type === 'month').value - 1] ??= date;
      }
      for (const [size, letter] of [['long', 'w'], ['short', 'a'], ['narrow', 'n']]) {
        const names = (options) => at.map((date) => part({ month: size, ...options }, date, 'month')).join('|');
        entries[`mon/${calendar}/f${letter}`] = names({ day: 'numeric' });
      }
    }
    const days = calendar === 'japanese' ? ['1870-01-01', '1915-01-01', '1930-01-01', '1995-01-01', '2020-01-01']
      : calendar === 'roc' ? ['1900-01-01', '2020-01-01'] : ['2020-01-01'];
    for (const [size, letter] of [['long', 'w'], ['short', 'a'], ['narrow', 'n']]) {
      entries[`era/${calendar}/${letter}`] = days.map((day) => part({ era: size, year: 'numeric' }, new Date(day), 'era')).join('|');
    }
  }
}

// Where another calendar than the Gregorian is usual, it has patterns of its own. They are read off dates
// that Node writes: the fifth day of a third month shows which numbers are padded.
const OWN_PATTERNS = { fa: 'persian', th: 'buddhist', ar: 'islamic-umalqura', ja: 'japanese' };
const SHAPES = [
  'd', 'M', 'Md', 'MEd', 'MMM', 'MMMd', 'MMMEd', 'MMMMd', 'y', 'yM', 'yMd', 'yMEd', 'yMMM', 'yMMMd', 'yMMMEd', 'yMMMM',
  'GyMd', 'GyMMMd',
];

function ownPatterns(locale, calendar, entries) {
  const tag = `${locale}-u-ca-${calendar}-nu-latn`;
  const numeric = new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, { timeZone: 'UTC', month: 'numeric', day: 'numeric' });
  let date = Date.UTC(2026, 0, 1);
  while (numeric.formatToParts(date).filter((part) => /\d/.test(part.value)).map((part) => part.value).join('.') !== '3.5') date += 86400000;
  const widths = { short: 3, long: 4 };
  const read = (options) => {
    const format = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options });
    const text = (letter, type) => {
      const size = ['short', 'long'].find((size) => {
        const alone = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', [type]: size, ...(type === 'month' ? { day: 'numeric' } : type === 'era' ? { year: 'numeric' } : {}) });
        return alone.formatToParts(date).find((part) => part.type === type)?.value === found[type];
      });
      return letter.repeat(widths[size ?? 'short']);
    };
    const parts = format.formatToParts(date);
    const found = Object.fromEntries(parts.map((part) => [part.type, part.value]));
    return parts.map(({ type, value }) => {
      const padded = value.startsWith('0') ? 2 : 1;
      switch (type) {
        case 'day': return 'd'.repeat(padded);
        case 'year': return value.length === 2 && options.dateStyle ? 'yy' : 'y';
        case 'month': return /^\d+$/.test(value) ? 'M'.repeat(padded) : text('M', 'month');
        case 'weekday': return text('E', 'weekday');
        case 'era': return text('G', 'era');
        default: return /[a-z']/i.test(value) ? `'${value.replaceAll("'", "''")}'` : value;
      }
    }).join('');
  };
  entries[`fmt/${calendar}`] = LENGTHS.map((dateStyle) => read({ dateStyle })).join('|');
  entries[`ava/${calendar}`] = SHAPES.map((skeleton) => {
    const options = {};
    if (skeleton.includes('G')) options.era = 'short';
    if (skeleton.includes('y')) options.year = 'numeric';
    if (skeleton.includes('E')) options.weekday = 'short';
    if (skeleton.includes('d')) options.day = 'numeric';
    if (skeleton.includes('M')) options.month = ['numeric', 'numeric', 'short', 'long'][skeleton.match(/M+/)[0].length - 1];
    return `${skeleton}=${read(options)}`;
  }).join('|');
}

/** What CLDR says by region and language: hours of a day, calendars, the parts of a day. */
function supplemental(of) {
  const root = of.und;
  const hours = json(core + 'supplemental/timeData.json').supplemental.timeData;
  for (const [region, hour] of Object.entries(hours)) root[`hour:${region.replace('_', '-')}`] = hour._preferred;
  const calendars = json(core + 'supplemental/calendarPreferenceData.json').supplemental.calendarPreferenceData;
  for (const [region, list] of Object.entries(calendars)) {
    const first = (Array.isArray(list) ? list : list.split(' '))[0];
    if (first !== 'gregorian') root[`calendar:${region}`] = first;
  }
  const periods = json(core + 'supplemental/dayPeriods.json').supplemental.dayPeriodRuleSet;
  for (const [language, rules] of Object.entries(periods)) {
    (of[language === 'root' ? 'und' : language] ??= {}).prd = Object.entries(rules).map(([name, rule]) =>
      rule._at ? `${name}@${+rule._at.split(':')[0]}` : `${name}:${+rule._from.split(':')[0]}-${+rule._before.split(':')[0]}`).join('|');
  }
}

const CODES = [
  'era', 'year', 'quarter', 'month', 'week', 'weekday', 'day', 'dayperiod', 'hour', 'minute', 'second', 'zone',
];
const CALENDARS = Intl.supportedValuesOf('calendar');

/** What names are put together with, names of calendars and of the fields of dates, and what stands between the digits of a duration. */
function names() {
  const main = folder('cldr-localenames-full') + 'main/';
  const of = { und: { 'sep/arab': ':', 'sep/arabext': ':' } };
  for (const locale of readdirSync(main)) {
    const read = (part, file) => json(`${folder(`cldr-${part}-full`)}main/${locale}/${file}.json`).main[locale];
    const found = read('localenames', 'localeDisplayNames').localeDisplayNames;
    const entries = of[locale] ??= {};
    const patterns = found.localeDisplayPattern;
    if (patterns) entries.join = [patterns.localePattern, patterns.localeSeparator].join('|');
    for (const [calendar, name] of Object.entries(found.types?.calendar ?? {})) {
      const known = { gregorian: 'gregory', 'ethiopic-amete-alem': 'ethioaa' }[calendar] ?? calendar;
      if (CALENDARS.includes(known)) entries[`cal/${known}`] = name;
    }
    const fields = read('dates', 'dateFields').dates.fields;
    for (const width of ['', '-short', '-narrow']) {
      entries[`fld${width}`] = CODES.map((code) => fields[code + width].displayName).join('|');
    }
    const numbers = read('numbers', 'numbers').numbers;
    for (const [key, symbols] of Object.entries(numbers)) {
      const system = key.match(/^symbols-numberSystem-(.*)$/)?.[1];
      if (system) entries[`sep/${system}`] = symbols.timeSeparator ?? ':';
    }
  }
  return lines(of);
}

/** What Node's ICU says of regions: time zones, calendars. */
function regions() {
  const found = [];
  for (const region of Object.keys(json(core + 'supplemental/territoryInfo.json').supplemental.territoryInfo)) {
    let locale;
    try { locale = new Intl.Locale('und-' + region); } catch { continue; }
    const zones = locale.getTimeZones();
    if (zones?.length) found.push(`zones/${region}\t${zones.join('|')}`);
    const calendars = locale.getCalendars();
    if (calendars.join() !== 'gregory') found.push(`calendars/${region}\t${calendars.join('|')}`);
  }
  return found.sort().join('\n') + '\n';
}

const tables = { locales, units, numbers, currencies, dates, names, regions };
for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(tables)) {
  const text = tables[name]();
  writeFileSync(new URL(`${name}.txt`, import.meta.url), text);
  console.log(name, text.length);
}
