//! `Intl` and the methods that write for a locale, as guests find them.
#![cfg(feature = "intl")]

use sandtide::{
    Image, Instance, Intrinsics, Limits, Run, Script, ScriptOptions, Value, run_in_new_instance,
};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

/// A run whose time is no matter.
fn patient() -> Run {
    let minute = Duration::from_secs(60);
    Run::new().limits(Limits { wall: minute, cpu: minute, ..Limits::default() })
}

fn eval(source: &str) -> Value {
    match run_in_new_instance(source, &patient()).result {
        Ok(value) => value,
        Err(error) => panic!("{source}: {error}"),
    }
}

#[test]
fn money_and_dates_are_written_as_the_locale_writes_them() {
    for (source, expected) in [
        (
            "(1234.5).toLocaleString('de-DE', {style: 'currency', currency: 'EUR'})",
            "1.234,50\u{a0}€",
        ),
        ("(-1234.5).toLocaleString('en-IN', {style: 'currency', currency: 'INR'})", "-₹1,234.50"),
        ("(12345678901234567890n).toLocaleString('de')", "12.345.678.901.234.567.890"),
        ("[1234.5, 2n].toLocaleString('de')", "1.234,5,2"),
        ("new Uint16Array([1234]).toLocaleString('de')", "1.234"),
        (
            "new Date(Date.UTC(2026, 6, 4, 12)).toLocaleString('de-DE', {timeZone: 'Europe/Berlin'})",
            "4.7.2026, 14:00:00",
        ),
        ("new Date(0).toLocaleDateString('en-US', {timeZone: 'America/New_York'})", "12/31/1969"),
        ("new Date(NaN).toLocaleString('de')", "Invalid Date"),
        ("['z', 'ä', 'a'].sort((x, y) => x.localeCompare(y, 'de')).join()", "a,ä,z"),
        ("['z', 'ä', 'a'].sort(new Intl.Collator('sv').compare).join()", "a,z,ä"),
        ("new Intl.PluralRules('en', {type: 'ordinal'}).select(22)", "two"),
        ("new Intl.ListFormat('de').format(new Set(['A', 'B', 'C']))", "A, B und C"),
        ("new Intl.RelativeTimeFormat('fr', {numeric: 'auto'}).format(-1, 'day')", "hier"),
        (
            "'iı'.toLocaleUpperCase('tr') + 'İI'.toLocaleLowerCase('tr') + 'i'.toLocaleUpperCase()",
            "İIiıI",
        ),
        ("Intl.getCanonicalLocales(['EN-us', 'de']).join()", "en-US,de"),
        ("Intl.NumberFormat.supportedLocalesOf(['de-XX', 'xx']).join()", "de-XX"),
        (
            "[...new Intl.Segmenter('en', {granularity: 'word'}).segment('Hi, 👩‍👧!')]
               .map((part) => part.segment + part.isWordLike).join('|')",
            "Hitrue|,false| false|👩‍👧false|!false",
        ),
        ("new Intl.Segmenter('de').segment('ae\\u0301').containing(2).segment", "e\u{301}"),
        (
            "new Intl.Locale('de-at-u-ca-gregory', {region: 'ch', numeric: true}).toString()",
            "de-CH-u-ca-gregory-kn",
        ),
        ("new Intl.Locale('zh').maximize().baseName", "zh-Hans-CN"),
        ("new Intl.DisplayNames('de', {type: 'region'}).of('us')", "Vereinigte Staaten"),
        ("new Intl.DisplayNames('de', {type: 'currency'}).of('jpy')", "Japanischer Yen"),
        (
            "new Intl.DurationFormat('de', {style: 'long'}).format({hours: 1, minutes: 5, seconds: -0})",
            "1 Stunde, 5 Minuten",
        ),
        (
            "new Intl.DurationFormat('en', {style: 'digital'}).format({minutes: -5, nanoseconds: -9007199254740993})",
            "-0:05:9007199.254740992",
        ),
        (
            "Intl.supportedValuesOf('timeZone').filter((zone) => /Kolkata|Calcutta/.test(zone)).join()",
            "Asia/Kolkata",
        ),
        (
            "['unit', 'calendar', 'collation', 'numberingSystem', 'currency']
               .map((key) => Intl.supportedValuesOf(key).length).join()",
            "45,12,12,78,307",
        ),
    ] {
        assert_eq!(eval(source), Value::from(expected), "{source}");
    }
}

#[test]
fn what_a_program_asks_for_and_there_is_not_is_an_error() {
    for (source, class) in [
        ("Uint8Array.prototype.toLocaleString.call([])", "TypeError"),
        ("const a = new Uint8Array(1); a.buffer.transfer(); a.toLocaleString('de')", "TypeError"),
        (
            "const b = new ArrayBuffer(8, { maxByteLength: 8 }), a = new Uint8Array(b, 4, 4); \
             b.resize(2); a.toLocaleString('de')",
            "TypeError",
        ),
        ("(1).toLocaleString('de', {style: 'currency'})", "TypeError"),
        ("(1).toLocaleString('de', {style: 'currency', currency: 'EURO'})", "RangeError"),
        ("(1).toLocaleString('de', {style: 'unit', unit: 'parsec'})", "RangeError"),
        ("(1).toLocaleString('not a tag')", "RangeError"),
        ("new Date(0).toLocaleString('de', {timeZone: 'Mars/Olympus'})", "RangeError"),
        ("new Date(0).toLocaleString('de', {calendar: 'hebrew'})", "RangeError"),
        ("new Date(0).toLocaleDateString('de', {timeStyle: 'short'})", "TypeError"),
        ("new Intl.DateTimeFormat('de').format(NaN)", "RangeError"),
        ("new Intl.NumberFormat('de', {maximumFractionDigits: 101})", "RangeError"),
        ("Intl.NumberFormat.prototype.formatToParts.call({})", "TypeError"),
        ("Intl.PluralRules('de')", "TypeError"),
        ("new Intl.Locale()", "TypeError"),
        ("new Intl.Locale('de', {language: 'x'})", "RangeError"),
        ("new Intl.Locale('de', {variants: '1996-1996'})", "RangeError"),
        ("new Intl.DisplayNames('de')", "TypeError"),
        ("new Intl.DisplayNames('de', {})", "TypeError"),
        ("new Intl.DisplayNames('de', {type: 'region'}).of('Germany')", "RangeError"),
        ("new Intl.DurationFormat('de').format({})", "TypeError"),
        ("new Intl.DurationFormat('de').format('an hour')", "RangeError"),
        ("new Intl.DurationFormat('de').format({hours: 1.5})", "RangeError"),
        ("new Intl.DurationFormat('de').format({hours: 1, minutes: -1})", "RangeError"),
        ("new Intl.DurationFormat('de').format({seconds: 2 ** 53})", "RangeError"),
        ("new Intl.DurationFormat('de', {hours: 'numeric', minutes: 'long'})", "RangeError"),
        ("new Intl.Segmenter('de', {granularity: 'line'})", "RangeError"),
        ("Intl.Segmenter('de')", "TypeError"),
        ("Intl.supportedValuesOf('locale')", "RangeError"),
    ] {
        let caught =
            format!("try {{ {source}; 'nothing' }} catch (error) {{ error.constructor.name }}");
        assert_eq!(eval(&caught), Value::from(class), "{source}");
    }
}

/// What guests are told, and what Node 24.21 (ICU 78.3, CLDR 48) answered; `tests/intl/record.mjs`
/// wrote it. Where they differ, `intl/differences.txt` has the call and what guests are told instead;
/// `docs/intl.md` says why. A difference that is new, another, or gone is a failure.
#[test]
fn all_answers_are_those_of_node_but_for_the_listed_ones() {
    let cases: Vec<Vec<&str>> =
        include_str!("intl/node24.txt").lines().map(|line| line.split('\t').collect()).collect();
    assert!(cases.len() >= 700, "{} calls", cases.len());
    let mut different = BTreeSet::new();
    for chunk in cases.chunks(20) {
        let calls: Vec<String> = chunk.iter().map(|line| format!("() => {}", line[1])).collect();
        let source = format!(
            "[{}].map((call) => {{ try {{ return JSON.stringify(call()) }} \
             catch (error) {{ return '!' + error.constructor.name }} }}).join('\\n')",
            calls.join(",")
        );
        let answers = eval(&source);
        let answers: Vec<&str> = answers.as_str().unwrap().lines().collect();
        assert_eq!(answers.len(), chunk.len());
        for (line, answer) in chunk.iter().zip(answers) {
            if line[2] != answer {
                different.insert(format!("{}\t{answer}", line[1]));
            }
        }
    }
    let known: BTreeSet<String> =
        include_str!("intl/differences.txt").lines().map(str::to_owned).collect();
    let new: Vec<_> = different.difference(&known).collect();
    let gone: Vec<_> = known.difference(&different).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "{} of {} differ\nnew: {new:#?}\ngone: {gone:#?}",
        different.len(),
        cases.len()
    );
}

/// A host's zone that is nobody's, as `TZ` says it.
const HOST_ZONE: &str = "XYZ-05:30";

#[test]
fn a_guests_dates_and_its_intl_are_in_utc_whatever_zone_the_host_has() {
    // The zone of a process is read once, so that another one runs this test.
    if std::env::var("TZ").as_deref() != Ok(HOST_ZONE) {
        let name = "a_guests_dates_and_its_intl_are_in_utc_whatever_zone_the_host_has";
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env("TZ", HOST_ZONE)
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && output.contains("1 passed"), "{output}");
        return;
    }
    for (source, expected) in [
        ("new Intl.DateTimeFormat().resolvedOptions().timeZone", "UTC"),
        ("String(new Date(2026, 0, 5, 3).getTime() - Date.UTC(2026, 0, 5, 3))", "0"),
        ("String(Date.parse('2026-01-05T03:00') - Date.UTC(2026, 0, 5, 3))", "0"),
        ("String(new Date(0).setHours(5))", "18000000"),
        ("[new Date(0).getHours(), new Date(0).getTimezoneOffset()].join()", "0,0"),
        (
            "new Date(0).toLocaleTimeString('en-GB') + ' ' + new Date(0).toTimeString().slice(0, 17)",
            "00:00:00 00:00:00 GMT+0000",
        ),
    ] {
        assert_eq!(eval(source), Value::from(expected), "{source}");
    }
}

#[test]
fn text_that_is_no_unicode_is_kept_by_lists_and_changes_of_case() {
    for source in [
        "'i\\ud800ı\\udc00'.toLocaleUpperCase('tr') === 'İ\\ud800I\\udc00'",
        "'\\udc00I\\ud83e\\udd80I\\ud83e'.toLocaleLowerCase('tr') === '\\udc00ı\\ud83e\\udd80ı\\ud83e'",
        "new Intl.ListFormat('en').format(['\\ud800', 'b']) === '\\ud800 and b'",
        "new Intl.ListFormat('en').formatToParts(['a', '\\udfff'])[2].value === '\\udfff'",
        "new Intl.ListFormat('es').format(['a', 'i\\ud800']) === 'a e i\\ud800'",
    ] {
        assert_eq!(eval(source), Value::from(true), "{source}");
    }
}

#[test]
fn long_texts_and_lists_are_worked_at_in_pieces_with_the_same_answers() {
    for source in [
        "const text = 'ΟΔΟΣ ΙΣΤΟΡΊΑ '.repeat(6000);
         text.toLocaleLowerCase('el') === 'οδος ιστορία '.repeat(6000)",
        "'🦀'.repeat(30000).toLocaleUpperCase('tr') === '🦀'.repeat(30000)",
        "'x' + 'i'.repeat(40000) + ' ' === ('X' + 'I'.repeat(40000) + ' ').toLocaleLowerCase('lt')",
        "const much = 'wörter und '.repeat(5000);
         const order = new Intl.Collator('de').compare;
         order(much + 'a', much + 'ä') === -1 && order(much + 'ä', much + 'a') === 1
           && order(much, much + 'a') === -1 && order(much + 'a', much + 'a') === 0",
        "const many = Array.from({length: 70000}, (_, k) => 'e' + k);
         new Intl.ListFormat('en').format(many) === many.slice(0, -1).join(', ') + ', and ' + many.at(-1)",
        "[5, 6, 7, 64, 65, 66].every((length) => {
           const all = Array.from({length}, (_, k) => 'e' + k);
           const format = new Intl.ListFormat('de');
           const parts = format.formatToParts(all);
           return format.format(all) === all.slice(0, -1).join(', ') + ' und ' + all.at(-1)
             && parts.length === 2 * length - 1 && parts.map((part) => part.value).join('') === format.format(all);
         })",
        "const one = 'ab '.repeat(50000);
         new Intl.ListFormat('en').format([one, one]) === one + ' and ' + one",
    ] {
        assert_eq!(eval(source), Value::from(true), "{source}");
    }
}

#[test]
fn more_than_a_thousand_locales_are_refused_and_repeated_ones_are_not_counted() {
    let source = "
        const tags = (count) => Array.from({length: count}, (_, k) => 'de-x-a' + k);
        const outcome = (of) => { try { return of() } catch (error) { return error.name } };
        [outcome(() => Intl.getCanonicalLocales(tags(1000)).length),
         outcome(() => Intl.getCanonicalLocales(tags(1001))),
         outcome(() => new Intl.Collator(tags(1001))),
         outcome(() => (1).toLocaleString(tags(1001))),
         outcome(() => Intl.getCanonicalLocales(Array(5000).fill('de')).length)].join()";
    assert_eq!(eval(source), Value::from("1000,RangeError,RangeError,RangeError,1"));
}

/// Some languages have a short way for ASCII, which a letter with an accent before it blocks.
#[test]
fn the_short_way_of_comparing_ascii_gives_the_order_of_the_collation() {
    let source = "
        const letters = ['a', 'B', 'b', 'Z', '0', '9', ' ', '-', '_', 'é', '\\u0301', 'ß', 'c', 'H', 'i', 'j', 'l', '\\u00ad'];
        const words = [''];
        for (const a of letters) {
          words.push(a);
          for (const b of letters) words.push(a + b, a + b + 'a', 'a ' + a + b);
        }
        const seen = [];
        for (const locale of ['en', 'de', 'fr', 'fr-CA', 'it', 'nl', 'pt', 'cs', 'da']) {
          for (const options of [{}, {sensitivity: 'base', ignorePunctuation: true}, {caseFirst: 'upper'}]) {
            const { compare } = new Intl.Collator(locale, options);
            for (let k = 0; k < words.length; k++) {
              for (let j = k % 397; j < words.length; j += 397) {
                const [x, y] = [words[k], words[j]];
                if (compare(x, y) !== compare('é' + x, 'é' + y)) seen.push(locale + '|' + x + '|' + y);
              }
            }
          }
        }
        seen.join(' ') + words.length + ' ' + ['b', 'B', 'a', 'A', 'ab', 'a'].sort((x, y) => x.localeCompare(y)).join('')";
    assert_eq!(eval(source), Value::from("991 aaAabbB"));
}

#[test]
fn texts_of_ascii_are_compared_as_the_data_has_them_whatever_they_are_of_and_however_long() {
    // Orders for searching are never told the short way, and have the same for ASCII.
    let source = "
        const kinds = [false, true].map((numeric) => ['search', 'sort'].map((usage) => new Intl.Collator('en', {usage, numeric})));
        let seed = 1;
        const random = (below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
        const alphabets = [Array.from({length: 128}, (_, code) => code), [97, 65, 98, 66, 32, 45, 48],
          [97, 0x301, 65, 233, 98], [9, 10, 11, 12, 13, 32, 95, 126, 36, 60],
          [48, 48, 49, 50, 57, 97, 46, 0x661]];
        const seen = [];
        let orders = 0;
        for (let k = 0; k < 25000; k++) {
          const [slow, fast] = kinds[k >> 3 & 1], alphabet = alphabets[k % 5], before = 'aB'.repeat(k % 50 ? 0 : 125 + random(5));
          const text = () => before + Array.from({length: random(6)}, () =>
            String.fromCharCode(alphabet[random(alphabet.length)])).join('');
          const x = text(), y = text(), wanted = slow.compare(x, y);
          const answers = [fast.compare(x, y), x.localeCompare(y, 'de', {numeric: slow === kinds[1][0]})];
          if (slow === kinds[0][0]) answers.push(x.localeCompare(y), x.localeCompare(y, 'en-GB'));
          if (answers.some((answer) => answer !== wanted)) seen.push(escape(x + '|' + y));
          orders |= 1 << (wanted + 1);
        }
        seen.join(' ') + orders";
    assert_eq!(eval(source), Value::from("7"));
    // Numbers of more than 254 digits are compared in parts, in whatever way they are compared.
    let long = "
        const [slow, fast] = ['search', 'sort'].map((usage) => new Intl.Collator('en', {usage, numeric: true}));
        const numbers = [];
        for (const digits of [1, 100, 120, 253, 254, 255, 256]) {
          for (const digit of '159') numbers.push(digit.repeat(digits), '0' + digit.repeat(digits), digit + '0'.repeat(digits - 1));
        }
        numbers.filter((x) => numbers.some((y) => fast.compare(x, y) !== slow.compare(x, y))).length";
    assert_eq!(eval(long), Value::Number(0.0));
    let told_as_ever = "
        const { compare } = new Intl.Collator('en');
        const thrown = [() => compare(Symbol()), () => ''.localeCompare.call(null, ''), () => new compare()];
        [compare.name + compare.length, ''.localeCompare.name + ''.localeCompare.length,
          compare('b', {toString: () => 'a'}), compare(), ''.localeCompare.call(12, '2'), 'b'.localeCompare(),
          'ä'.localeCompare('z', 'sv'), 'A'.localeCompare('a', undefined, {caseFirst: 'upper'}),
          ...thrown.map((f) => { try { f() } catch (error) { return error.constructor.name } })].join()";
    let as_node = "2,localeCompare1,1,0,-1,-1,1,-1,TypeError,TypeError,TypeError";
    assert_eq!(eval(told_as_ever), Value::from(as_node));
}

#[test]
fn calendars_are_known_by_their_other_names_and_unknown_ones_are_the_locales_own() {
    for (source, expected) in [
        (
            "new Intl.DateTimeFormat('en', {calendar: 'islamicc'}).resolvedOptions().calendar",
            "islamic-civil",
        ),
        ("new Intl.DateTimeFormat('en-u-ca-islamicc').resolvedOptions().calendar", "islamic-civil"),
        ("Intl.getCanonicalLocales('en-u-ca-islamicc-kn-yes')[0]", "en-u-ca-islamic-civil-kn"),
        (
            "new Intl.DateTimeFormat('th', {calendar: 'nosuch'}).resolvedOptions().calendar",
            "buddhist",
        ),
        (
            "try { new Intl.DateTimeFormat('en', {calendar: 'gregorian'}) } catch (error) { error.name }",
            "RangeError",
        ),
        (
            "try { new Intl.DateTimeFormat('en', {calendar: 'ethiopic-amete-alem'}) } catch (error) { error.name }",
            "RangeError",
        ),
    ] {
        assert_eq!(eval(source), Value::from(expected), "{source}");
    }
}

#[test]
fn a_guest_sees_no_reads_of_its_arrays_prototypes() {
    let source = "
        const seen = [];
        for (const key of ['0', '1', '2', '3', '4', '5', '6', 'toJSON', 'uncloneable', 'third']) {
          for (const of of [Array.prototype, Object.prototype, String.prototype]) {
            Object.defineProperty(of, key, { configurable: true, get() { seen.push(key) }, set() { seen.push(key + '=') } });
          }
        }
        'a'.toLocaleUpperCase([]); 'a'.toLocaleLowerCase(); 'ab'.localeCompare('ac', []);
        Intl.getCanonicalLocales([]); Intl.Collator.supportedLocalesOf([]);
        new Intl.ListFormat('en').format([]); new Intl.ListFormat('en').formatToParts(['\\ud800']);
        new Intl.NumberFormat([], {}).formatToParts(1); new Intl.NumberFormat().formatRange(1, 2);
        const dates = new Intl.DateTimeFormat([]);
        dates.resolvedOptions(); dates.formatToParts(0); dates.formatRangeToParts(0, 1e10);
        new Intl.PluralRules().resolvedOptions(); new Intl.RelativeTimeFormat([]).formatToParts(1, 'day');
        new Intl.Collator([]).resolvedOptions(); [].toLocaleString();
        const segments = new Intl.Segmenter([], {granularity: 'word'}).segment('a b\\ud800');
        segments.containing(1); segments[Symbol.iterator]().next();
        const locale = new Intl.Locale('de-u-co-phonebk', {calendar: 'gregory', variants: '1996'});
        locale.maximize(); locale.getCalendars(); locale.getWeekInfo(); locale.getTimeZones();
        new Intl.DisplayNames([], {type: 'language'}).of('de-AT-1996'); Intl.supportedValuesOf('unit');
        const duration = new Intl.DurationFormat([], {style: 'digital'});
        duration.resolvedOptions(); duration.formatToParts({days: 2, hours: 1, microseconds: 5});
        const found = seen.length + '';
        found";
    assert_eq!(eval(source), Value::from("0"));
}

#[test]
fn objects_of_intl_are_not_cloned() {
    // Node's words.
    for (value, expected) in [
        ("new Intl.NumberFormat()", "#<NumberFormat> could not be cloned."),
        ("{ a: new Intl.Collator('en') }", "#<Collator> could not be cloned."),
        ("new Intl.Locale('en')", "[object Intl.Locale] could not be cloned."),
        ("new Intl.Segmenter('en').segment('a')", "#<Object> could not be cloned."),
    ] {
        let source = format!(
            "try {{ structuredClone({value}) }} catch (error) {{ error.name + ': ' + error.message }}"
        );
        assert_eq!(eval(&source), Value::from(format!("DataCloneError: {expected}")), "{value}");
    }
}

#[test]
fn an_image_of_nothing_but_the_language_has_none_of_the_methods_for_locales() {
    let script = Script::compile(
        "const own = Object.getOwnPropertyDescriptor(Array.prototype, 'toLocaleString').value;
         [5].toLocaleString('de') + own.name",
        ScriptOptions::new(),
    )
    .unwrap();
    let of = |intrinsics| {
        let image = Image::builder().intrinsics(intrinsics).script(&script).build().unwrap();
        Instance::new(&image).unwrap().run(&patient()).result.map_err(|error| error.to_string())
    };
    assert_eq!(of(Intrinsics::minimal()), Ok(Value::from("5toLocaleString")));
    let mut refusing = Intrinsics::minimal();
    refusing.url = true;
    assert!(of(refusing).unwrap_err().contains("need Intl"));
}

#[test]
fn a_guest_that_changed_the_language_before_gets_the_same() {
    let wreck = "
        const evil = () => { throw new Error('felt') };
        for (const target of [Object, Array, String, Number, JSON, Math, Reflect, Date, Symbol,
            Object.prototype, Array.prototype, String.prototype, Function.prototype]) {
          for (const key of Reflect.ownKeys(target)) {
            const of = Object.getOwnPropertyDescriptor(target, key);
            if (of && of.configurable && key !== 'constructor' && key !== 'prototype' && typeof of.value === 'function'
                && !/^toLocale|^defineProperty$|^getOwnPropertyDescriptor$|^ownKeys$|^test$/.test(String(key))) {
              keep.push([target, key]);
            }
          }
        }
        for (const pair of keep) pair[0][pair[1]] = evil;
        globalThis.Symbol = globalThis.JSON = globalThis.Reflect = undefined;
    ";
    let source = format!(
        "const keep = []; {{ {wreck} }}
         (1234.5).toLocaleString('de-DE', {{style: 'currency', currency: 'EUR'}}) + ' ' +
         new Intl.DateTimeFormat('de-DE', {{dateStyle: 'long', timeZone: 'Asia/Tokyo'}}).format(0) + ' ' +
         new Intl.NumberFormat('en', {{notation: 'compact'}}).formatToParts(1234)[0].value + ' ' +
         new Intl.Segmenter('en', {{granularity: 'word'}}).segment('two words').containing(5).segment + ' ' +
         new Intl.Locale('de', {{region: 'AT', numeric: true}}).maximize().toString() + ' ' +
         new Intl.DisplayNames('de', {{type: 'region'}}).of('AT') + ' ' +
         new Intl.DurationFormat('de', {{style: 'digital'}}).format({{days: 1, hours: 2, nanoseconds: 5}}) + ' ' +
         Intl.supportedValuesOf('unit').length"
    );
    assert_eq!(
        eval(&source),
        Value::from(
            "1.234,50\u{a0}€ 1. Januar 1970 1 words de-Latn-AT-u-kn Österreich 1 Tg., \
             2:00:00,000000005 45"
        )
    );
}

#[test]
fn a_format_made_when_an_image_was_built_works_in_each_run_and_nothing_stays() {
    let script = Script::compile(
        "globalThis.count = (globalThis.count ?? 0) + 1; Intl.mark = (Intl.mark ?? 0) + 1;
         [money.format(1234.5), count, Intl.mark].join(' ')",
        ScriptOptions::new(),
    )
    .unwrap();
    let image = Image::builder()
        .setup(
            "const money = new Intl.NumberFormat('de-DE', {style: 'currency', currency: 'EUR'}); money.format(1);",
            ScriptOptions::new(),
        )
        .script(&script)
        .build()
        .unwrap();
    let mut instance = Instance::new(&image).unwrap();
    for _ in 0..3 {
        let value = instance.run(&patient()).result.unwrap();
        assert_eq!(value, Value::from("1.234,50\u{a0}€ 1 1"));
    }
}

#[test]
fn without_intl_locales_and_options_are_refused_and_not_ignored() {
    let mut intrinsics = Intrinsics::default();
    intrinsics.intl = false;
    let value = |source: &str| {
        let script = Script::compile(source, ScriptOptions::new()).unwrap();
        let image = Image::builder().intrinsics(intrinsics).script(&script).build().unwrap();
        Instance::new(&image).unwrap().run(&patient()).result.unwrap()
    };
    assert_eq!(value("typeof Intl"), Value::from("undefined"));
    assert_eq!(value("(5).toLocaleString()"), Value::from("5"));
    for call in [
        "(5).toLocaleString('de')",
        "new Date(0).toLocaleString(undefined, {timeZone: 'Europe/Berlin'})",
        "[5].toLocaleString('de')",
        "'a'.localeCompare('b', 'de')",
    ] {
        let caught = format!("try {{ {call}; 'nothing' }} catch (error) {{ error.name }}");
        assert_eq!(value(&caught), Value::from("TypeError"), "{call}");
    }
}

#[test]
fn segments_of_a_long_text_are_those_of_the_whole() {
    // Pieces are cut where a segment ends, wherever in the text that is.
    let source = "
        const unit = 'Ein Wort, e\\u0301in 👩‍👧 Satz. Noch\\u00ad einer? 3,14 🇩🇪🇫🇷\\n';
        const long = unit.repeat(2000);
        const seen = [];
        for (const granularity of ['grapheme', 'word', 'sentence']) {
          const segmenter = new Intl.Segmenter('de', { granularity });
          const of = (text) => [...segmenter.segment(text)];
          const all = of(long);
          const some = of(unit);
          let at = 0;
          const good = all.every((part, k) => {
            const right = part.index === at && part.segment === some[k % some.length].segment
              && part.isWordLike === some[k % some.length].isWordLike;
            at += part.segment.length;
            return right;
          });
          seen.push(good && at === long.length && all.length === 2000 * some.length);
          const segments = segmenter.segment(long);
          const places = [long.length - 1, 5, 70000, 0, 70000];
          seen.push(places.every((place) => {
            const found = segments.containing(place);
            return found.index <= place && place < found.index + found.segment.length
              && all.some((part) => part.index === found.index && part.segment === found.segment);
          }));
          seen.push(segments.containing(long.length) === undefined && segments.containing(-1) === undefined);
        }
        const solid = 'a'.repeat(40000);
        seen.push([...new Intl.Segmenter('de', {granularity: 'word'}).segment(solid)].map((part) => part.segment).join('') === solid);
        seen.push([...new Intl.Segmenter('de').segment('a\\ud800b')].map((part) => part.segment).join('|') === 'a|\\ud800|b');
        seen.join()";
    assert_eq!(eval(source), Value::from(["true"; 11].join(",")));
}

#[test]
fn a_long_text_that_is_segmented_is_stopped_at_the_runs_limit() {
    let limits = Limits { cpu: Duration::from_millis(50), ..Limits::default() };
    let source = "const text = 'ein langes Wort '.repeat(200000);
                  for (;;) for (const part of new Intl.Segmenter('de', {granularity: 'word'}).segment(text)) part";
    let outcome = run_in_new_instance(source, &Run::new().limits(limits));
    assert!(outcome.result.unwrap_err().is_limit());
}

#[test]
fn a_frozen_run_formats_the_time_at_which_it_stands() {
    let run = patient().frozen(sandtide::Frozen { seed: 1, now_ms: 86_400_000.0 });
    let source =
        "new Intl.DateTimeFormat('en').format() + ' ' + new Date().toLocaleDateString('en')";
    let seen = run_in_new_instance(source, &run).result.unwrap();
    assert_eq!(seen, Value::from("1/2/1970 1/2/1970"));
}
