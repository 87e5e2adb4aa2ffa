//! `Temporal` as guests find it.
#![cfg(feature = "intl")]

use sandtide::{
    Frozen, Image, Instance, Intrinsics, Limits, Run, Script, ScriptOptions, Value,
    run_in_new_instance,
};
use std::time::Duration;

fn patient() -> Run {
    let minute = Duration::from_secs(60);
    Run::new().limits(Limits { wall: minute, cpu: minute, ..Limits::default() })
}

fn eval(source: &str, run: &Run) -> String {
    let wrapped = format!("String((() => {{ {source} }})())");
    match run_in_new_instance(&wrapped, run).result {
        Ok(value) => value.as_str().unwrap_or_default().to_owned(),
        Err(error) => panic!("{source}: {error}"),
    }
}

fn assert_evals(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(eval(&format!("return {source}"), &patient()), *expected, "{source}");
    }
}

#[test]
fn dates_times_and_durations_calculate() {
    assert_evals(&[
        ("Temporal.PlainDate.from('2026-01-31').add({ months: 1 })", "2026-02-28"),
        ("Temporal.PlainDate.from({ year: 2026, month: 2, day: 30 })", "2026-02-28"),
        ("Temporal.PlainTime.from('23:30').add('PT45M')", "00:15:00"),
        (
            "Temporal.PlainDateTime.from('2026-03-01T10:00').until('2027-01-01', { largestUnit: 'month' })",
            "P9M30DT14H",
        ),
        ("Temporal.Duration.from('PT100M').round({ largestUnit: 'hour' })", "PT1H40M"),
        (
            "Temporal.Duration.from({ months: 1 }).total({ unit: 'days', relativeTo: '2026-02-01' })",
            "28",
        ),
        ("Temporal.PlainYearMonth.from('2026-02').toPlainDate({ day: 31 })", "2026-02-28"),
        ("Temporal.PlainMonthDay.from('02-29').toPlainDate({ year: 2027 })", "2027-02-28"),
        ("Temporal.Instant.from('2026-01-01T00:00Z').epochNanoseconds", "1767225600000000000"),
        ("new Date(0).toTemporalInstant()", "1970-01-01T00:00:00Z"),
        (
            "Temporal.PlainDate.from('2026-09-12').withCalendar('hebrew').toString()",
            "2026-09-12[u-ca=hebrew]",
        ),
        (
            "(({ year, monthCode, day }) => [year, monthCode, day])(Temporal.PlainDate.from('2026-09-12[u-ca=hebrew]'))",
            "5787,M01,1",
        ),
    ]);
}

/// The day before the clocks of New York are changed, which temporal_rs's own data moves by an hour.
#[test]
fn local_times_before_a_change_of_the_clock_stay_what_they_are() {
    assert_evals(&[
        (
            "Temporal.ZonedDateTime.from('2026-03-07T12:00[America/New_York]')",
            "2026-03-07T12:00:00-05:00[America/New_York]",
        ),
        (
            "Temporal.ZonedDateTime.from('2026-03-08T02:30[America/New_York]')",
            "2026-03-08T03:30:00-04:00[America/New_York]",
        ),
        ("Temporal.ZonedDateTime.from('2026-03-08T00:00[America/New_York]').hoursInDay", "23"),
        (
            "Temporal.ZonedDateTime.from('2026-01-01[Europe/Berlin]').getTimeZoneTransition('next')",
            "2026-03-29T03:00:00+02:00[Europe/Berlin]",
        ),
    ]);
}

#[test]
fn now_is_the_runs_clock_in_the_runs_zone_and_stands_still_when_it_is_frozen() {
    let run = patient().time_zone("Asia/Tokyo").frozen(Frozen { seed: 1, now_ms: 86_400_000.0 });
    let source = "
        const { Now } = Temporal;
        const seen = [Now.instant(), Now.zonedDateTimeISO(), Now.plainDateTimeISO('UTC'),
            Now.plainDateISO(), Now.plainTimeISO(), Now.timeZoneId()].join(' ');
        for (let at = performance.now(); performance.now() === at && at++ < 1e5;);
        return seen + ' ' + Now.instant().toString();";
    for _ in 0..2 {
        assert_eq!(
            eval(source, &run),
            "1970-01-02T00:00:00Z 1970-01-02T09:00:00+09:00[Asia/Tokyo] 1970-01-02T00:00:00 \
             1970-01-02 09:00:00 Asia/Tokyo 1970-01-02T00:00:00Z"
        );
    }
    assert_eq!(eval("return Temporal.Now.timeZoneId()", &patient()), "UTC");
}

#[test]
fn intl_writes_objects_of_temporal_and_refuses_what_it_cannot_show() {
    assert_evals(&[
        ("Temporal.PlainDate.from('2026-07-04').toLocaleString('de')", "4.7.2026"),
        (
            "Temporal.PlainDate.from('2026-07-04').toLocaleString('de', { dateStyle: 'full' })",
            "Samstag, 4. Juli 2026",
        ),
        (
            "Temporal.PlainTime.from('15:05').toLocaleString('de', { timeStyle: 'full' })",
            "15:05:00",
        ),
        (
            "Temporal.ZonedDateTime.from('2026-07-04T15:05[Europe/Berlin]').toLocaleString('en-GB')",
            "04/07/2026, 15:05:00 CEST",
        ),
        (
            "new Intl.DateTimeFormat('de', { timeZone: 'Asia/Tokyo', timeStyle: 'short' })\
             .format(Temporal.Instant.from('2026-01-01T00:00Z'))",
            "09:00",
        ),
        (
            "new Intl.DateTimeFormat('de', { month: 'long', day: 'numeric' }).formatRange(\
             Temporal.PlainDate.from('2026-01-01'), Temporal.PlainDate.from('2026-01-05'))",
            "1.–5. Januar",
        ),
        (
            "new Intl.DateTimeFormat('de', { month: 'long' }).formatToParts(\
             Temporal.PlainDate.from('2026-01-01')).map((part) => part.type + part.value)",
            "monthJanuar",
        ),
        (
            "Temporal.Duration.from('PT1H30M').toLocaleString('en', { style: 'long' })",
            "1 hour, 30 minutes",
        ),
        ("new Intl.DurationFormat('en').format('PT1H30M')", "1 hr, 30 min"),
    ]);
    for (call, class) in [
        (
            "Temporal.PlainDate.from('2026-07-04').toLocaleString('de', { timeStyle: 'full' })",
            "TypeError",
        ),
        ("Temporal.PlainYearMonth.from('2026-07').toLocaleString('de')", "RangeError"),
        ("new Intl.DateTimeFormat('de').format(Temporal.Now.zonedDateTimeISO())", "TypeError"),
        (
            "new Intl.DateTimeFormat('de').formatRange(Temporal.Now.plainDateISO(), Temporal.Now.instant())",
            "TypeError",
        ),
        ("+Temporal.Now.instant()", "TypeError"),
        ("structuredClone(Temporal.Now.instant())", "DataCloneError"),
    ] {
        let source = format!("try {{ return {call} }} catch (error) {{ return error.name }}");
        assert_eq!(eval(&source, &patient()), class, "{call}");
    }
}

#[test]
fn what_a_program_did_to_the_language_is_not_felt() {
    let source = "
        const calls = [];
        const owners = [Array.prototype, String.prototype, Object.prototype, BigInt.prototype, Math, JSON,
            Number, BigInt, Object, Reflect];
        const { ownKeys } = Reflect;
        const { defineProperty, freeze } = Object;
        for (let o = 0; o < owners.length; o++) {
          const owner = owners[o];
          const keys = ownKeys(owner);
          for (let k = 0; k < keys.length; k++) {
            const key = keys[k];
            if (key === 'constructor' || key === '__proto__' || typeof owner[key] !== 'function') continue;
            owner[key] = () => { calls[calls.length] = typeof key === 'string' ? key : 'symbol'; throw 1; };
          }
        }
        defineProperty(Object.prototype, 'overflow', { get() { calls[calls.length] = 'overflow'; } });
        freeze(Object.prototype);
        const { PlainDate, ZonedDateTime, Duration, Instant } = Temporal;
        const kept = PlainDate.from('2026-01-31').add({ __proto__: null, months: 1 }).day;
        ZonedDateTime.from('2026-01-31[Europe/Berlin]').with({ __proto__: null, hour: 5 }, { __proto__: null }).epochNanoseconds;
        Duration.from('PT90M').round({ __proto__: null, largestUnit: 'hours' });
        new Instant(0n).toZonedDateTimeISO('UTC').equals(new Instant(0n).toZonedDateTimeISO('UTC'));
        return kept + ':' + (calls.length > 0 ? calls[0] : '');";
    assert_eq!(eval(source, &patient()), "28:");
}

#[test]
fn objects_of_an_image_are_there_in_each_run() {
    let script =
        Script::compile("due = due.add({ days: 1 }); due.toString()", ScriptOptions::new())
            .unwrap();
    let image = Image::builder()
        .setup("let due = Temporal.PlainDate.from('2026-12-31');", ScriptOptions::new())
        .script(&script)
        .build()
        .unwrap();
    let mut instance = Instance::new(&image).unwrap();
    for _ in 0..3 {
        let value = instance.run(&patient()).result.unwrap();
        assert_eq!(value, Value::from("2027-01-01"));
    }
}

#[test]
fn a_policy_without_temporal_or_without_intl_has_none() {
    let seen = |change: fn(&mut Intrinsics)| {
        let mut intrinsics = Intrinsics::default();
        change(&mut intrinsics);
        let source =
            "[typeof Temporal, typeof Date.prototype.toTemporalInstant, typeof Intl].join()";
        let script = Script::compile(source, ScriptOptions::new()).unwrap();
        let image = Image::builder().intrinsics(intrinsics).script(&script).build().unwrap();
        Instance::new(&image).unwrap().run(&patient()).result.unwrap()
    };
    assert_eq!(seen(|_| ()), Value::from("object,function,object"));
    assert_eq!(seen(|i| i.temporal = false), Value::from("undefined,undefined,object"));
    assert_eq!(seen(|i| i.intl = false), Value::from("undefined,undefined,undefined"));
}
