//! Dates, durations and options as no honest program has them: each operation answers or refuses, and none
//! panics.

mod common;

use common::CALENDARS;
use sandtide_temporal::{Answer, Argument, call};

/// Numbers that look random and are not (xorshift64).
struct Source(u64);

impl Source {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

const ZONES: &[&str] = &[
    "UTC",
    "+23:59",
    "-23:59",
    "Europe/Berlin",
    "Pacific/Apia",
    "Africa/Monrovia",
    "Asia/Manila",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
];
const UNITS: &[&str] = &[
    "",
    "auto",
    "year",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
];
const MODES: &[&str] = &[
    "ceil",
    "floor",
    "expand",
    "trunc",
    "halfCeil",
    "halfFloor",
    "halfExpand",
    "halfTrunc",
    "halfEven",
];
const OVERFLOWS: &[&str] = &["constrain", "reject"];
const YEARS: &[f64] = &[
    -271_821.0, 275_760.0, -271_822.0, 275_761.0, 0.0, -1.0, 1.0, 1582.0, 1972.0, 2026.0, 4000.0,
    -9999.0, 10_000.0, 1e9, -1e9, 1e300, -1e300,
];
const SMALL: &[f64] =
    &[0.0, 1.0, 2.0, 4.0, 12.0, 13.0, 19.0, 20.0, 28.0, 29.0, 30.0, 31.0, 255.0, 1e300, -1.0];
const AMOUNTS: &[f64] = &[
    0.0,
    1.0,
    2.0,
    11.0,
    12.0,
    13.0,
    366.0,
    5_000.0,
    600_000.0,
    4_294_967_295.0,
    4_294_967_296.0,
    1e8,
    9_007_199_254_740_991.0,
    1e15,
    9e18,
    1e22,
    9.007_199_254_740_991e24,
    1e300,
];
const KINDS: &[&str] = &[
    "PlainDate",
    "PlainYearMonth",
    "PlainMonthDay",
    "PlainTime",
    "PlainDateTime",
    "Duration",
    "Instant",
    "ZonedDateTime",
];
const OPERATIONS: &[&str] = &[
    "add",
    "subtract",
    "until",
    "since",
    "round",
    "total",
    "compare",
    "equals",
    "with",
    "withCalendar",
    "withTimeZone",
    "withPlainTime",
    "startOfDay",
    "transition",
    "toString",
    "toPlainDate",
    "toPlainTime",
    "toPlainDateTime",
    "toPlainYearMonth",
    "toPlainMonthDay",
    "toZonedDateTime",
    "toInstant",
    "epoch",
    "negated",
    "abs",
    "get",
];
const NAMES: &[&str] = &[
    "calendarId",
    "era",
    "eraYear",
    "year",
    "month",
    "monthCode",
    "day",
    "dayOfWeek",
    "dayOfYear",
    "weekOfYear",
    "yearOfWeek",
    "daysInWeek",
    "daysInMonth",
    "daysInYear",
    "monthsInYear",
    "inLeapYear",
    "hour",
    "nanosecond",
    "offset",
    "hoursInDay",
    "epochNanoseconds",
    "sign",
    "years",
    "nanoseconds",
];
const TEXTS: &[&str] = &[
    "2026-02-30",
    "-271821-04-20",
    "+275760-09-13T23:59:59.999999999",
    "-271821-04-19T00:00",
    "2026-01-01T00:00[Europe/Berlin][u-ca=hebrew]",
    "1972-01-01[u-ca=chinese]",
    "PT1H",
    "-P1Y",
    "02-29",
    "--02-29[u-ca=iso8601]",
    "2026-06[u-ca=japanese]",
    "T23:60",
    "",
    "[",
    "2026-01-01T00:00Z",
    "+275760-09-13T00:00Z",
    "-271821-04-20T00:00Z",
    "2011-12-30T12:00[Pacific/Apia]",
    "é漢🦀",
    "2016-12-31T23:59:60+00:00[UTC]",
    "P9007199254740991D",
    "PT0.000000001S",
];

fn fields<'a>(source: &mut Source) -> Argument<'a> {
    let mut list = Vec::new();
    let mut put = |name, value| {
        list.push(Argument::Text(name));
        list.push(value);
    };
    if source.below(4) > 0 {
        put("year", Argument::Number(source.pick(YEARS)));
    }
    if source.below(4) == 0 {
        put("eraYear", Argument::Number(source.pick(YEARS)));
        put(
            "era",
            Argument::Text(source.pick(&["ce", "bce", "am", "aa", "reiwa", "roc", "ah", "x"])),
        );
    }
    match source.below(3) {
        0 => put("month", Argument::Number(source.pick(SMALL))),
        1 => put(
            "monthCode",
            Argument::Text(source.pick(&["M01", "M02", "M05L", "M13", "M12L", "M99", "M00L"])),
        ),
        _ => {}
    }
    if source.below(4) > 0 {
        put("day", Argument::Number(source.pick(SMALL)));
    }
    if source.below(3) == 0 {
        put("hour", Argument::Number(source.pick(SMALL)));
    }
    if source.below(6) == 0 {
        put("offset", Argument::Text(source.pick(&["+01:00", "-23:59:59.999999999", "+00:00"])));
    }
    Argument::List(list)
}

fn text(answer: Result<Answer, sandtide_temporal::Error>) -> Option<String> {
    match answer {
        Ok(Answer::Text(text)) => Some(text),
        _ => None,
    }
}

/// An object of this kind, where the numbers or the text that were chosen are one.
fn object(source: &mut Source, kind: &str) -> Option<String> {
    let calendar = Argument::Text(source.pick(CALENDARS));
    let overflow = Argument::Text(source.pick(OVERFLOWS));
    let operation = |what: &str| format!("{kind}.{what}");
    if kind == "Duration" {
        let sign = if source.below(2) == 0 { -1.0 } else { 1.0 };
        let amounts: Vec<_> = (0..10)
            .map(|_| {
                let amount = if source.below(3) == 0 { source.pick(AMOUNTS) } else { 0.0 };
                Argument::Number(sign * amount)
            })
            .collect();
        return text(call("Duration.new", &amounts));
    }
    if kind == "Instant" || kind == "ZonedDateTime" {
        let nanos: i128 = source.pick(&[
            0,
            1,
            -1,
            8_640_000_000_000_000_000_000,
            -8_640_000_000_000_000_000_000,
            8_639_999_999_999_999_999_999,
            1_774_746_000_000_000_000,
            1_325_152_800_000_000_000,
            -2_000_000_000_000_000_001,
        ]);
        let given = match kind {
            "Instant" => nanos.to_string(),
            _ => format!("{nanos} {} {}", source.pick(ZONES), source.pick(CALENDARS)),
        };
        return text(call(&operation("new"), &[Argument::Text(&given)]));
    }
    if source.below(3) == 0 {
        return text(call(&operation("parse"), &[Argument::Text(source.pick(TEXTS))]));
    }
    match kind {
        "PlainTime" => text(call("PlainTime.fields", &[fields(source), overflow])),
        _ => text(call(&operation("fields"), &[calendar, fields(source), overflow])),
    }
}

fn settings<'a>(source: &mut Source) -> Argument<'a> {
    Argument::List(vec![
        Argument::Text(source.pick(UNITS)),
        Argument::Text(source.pick(UNITS)),
        Argument::Text(source.pick(MODES)),
        Argument::Number(source.pick(&[1.0, 1.0, 2.0, 7.0, 24.0, 1e9])),
    ])
}

#[test]
fn operations_answer_or_refuse_whatever_objects_and_options_they_get() {
    let mut source = Source(0x5eed_0fda_7e50);
    let (mut answered, mut refused, mut panicked) = (0, 0, Vec::new());
    for _ in 0..120_000 {
        let kind = source.pick(KINDS);
        let Some(own) = object(&mut source, kind) else { continue };
        let what = source.pick(OPERATIONS);
        let other_kind = match what {
            "add" | "subtract" => "Duration",
            "withPlainTime" | "toPlainDateTime" => "PlainTime",
            _ => kind,
        };
        let other = object(&mut source, other_kind).unwrap_or_default();
        let relative = match source.below(3) {
            0 => object(&mut source, "PlainDate").map(|date| format!("D {date}")),
            1 => object(&mut source, "ZonedDateTime").map(|time| format!("Z {time}")),
            _ => None,
        };
        let relative = relative.as_deref().map_or(Argument::Nothing, Argument::Text);
        let overflow = Argument::Text(source.pick(OVERFLOWS));
        let more = match what {
            "add" | "subtract" => vec![Argument::Text(&other), overflow],
            "until" | "since" => vec![Argument::Text(&other), settings(&mut source)],
            "compare" | "equals" => vec![Argument::Text(&other), relative],
            "withPlainTime" | "toPlainDateTime" => vec![Argument::Text(&other)],
            "round" => vec![settings(&mut source), relative],
            "total" => vec![Argument::Text(source.pick(&UNITS[2..])), relative],
            "with" => vec![
                fields(&mut source),
                overflow,
                Argument::Text(source.pick(&["compatible", "earlier", "later", "reject"])),
                Argument::Text(source.pick(&["prefer", "use", "ignore", "reject"])),
            ],
            "toPlainDate" => vec![fields(&mut source)],
            "withCalendar" => vec![Argument::Text(source.pick(CALENDARS))],
            "withTimeZone" => vec![Argument::Text(source.pick(ZONES))],
            "toZonedDateTime" if kind == "PlainDate" => {
                vec![Argument::Text(source.pick(ZONES)), Argument::Nothing]
            }
            "toZonedDateTime" => vec![
                Argument::Text(source.pick(ZONES)),
                Argument::Text(source.pick(&["compatible", "earlier", "later", "reject"])),
            ],
            "transition" => vec![Argument::Text(source.pick(&["next", "previous"]))],
            "get" => vec![Argument::Text(source.pick(NAMES))],
            "toString"
                if kind == "PlainDate" || kind == "PlainYearMonth" || kind == "PlainMonthDay" =>
            {
                vec![Argument::Text("always")]
            }
            "toString" => vec![
                Argument::List(vec![
                    Argument::Number(source.pick(&[-1.0, 0.0, 3.0, 9.0])),
                    Argument::Text(source.pick(&["", "minute", "second", "nanosecond"])),
                    Argument::Text(source.pick(MODES)),
                ]),
                if kind == "Instant" {
                    Argument::Text(source.pick(ZONES))
                } else {
                    Argument::Text("auto")
                },
                Argument::Text("auto"),
                Argument::Text("auto"),
            ],
            _ => Vec::new(),
        };
        let mut given = vec![Argument::Text(&own)];
        given.extend(more);
        // What panics names itself here.
        let seen = std::panic::catch_unwind(|| call(&format!("{kind}.{what}"), &given));
        match seen {
            Ok(Ok(_)) => answered += 1,
            Ok(Err(_)) => refused += 1,
            Err(_) => panicked.push(format!("{kind}.{what} {given:?}")),
        }
    }
    assert!(panicked.is_empty(), "{} panics:\n{}", panicked.len(), panicked.join("\n"));
    assert!(answered > 10_000 && refused > 10_000, "{answered} answered, {refused} refused");
}
