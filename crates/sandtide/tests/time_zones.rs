//! A run's time zone: what `Date`'s local times, `Intl` and `Temporal` show in it.

use sandtide::{
    ErrorKind, Frozen, Image, Instance, Limits, Run, Script, ScriptOptions, Value,
    run_in_new_instance,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// A run whose time is no matter.
fn patient() -> Run {
    let minute = Duration::from_secs(60);
    Run::new().limits(Limits { wall: minute, cpu: minute, ..Limits::default() })
}

fn eval(zone: &str, source: &str) -> Value {
    match run_in_new_instance(source, &patient().time_zone(zone)).result {
        Ok(value) => value,
        Err(error) => panic!("{zone}: {source}: {error}"),
    }
}

/// For each day asked for, as `tests/intl/zones.mjs` writes it: offsets at each hour of UTC, and those
/// by which each half hour of local time is read.
const LOOK: &str = "
    const DAY = 86400000;
    const packed = (numbers) => {
        const runs = [];
        for (const number of numbers) {
            const last = runs.at(-1);
            if (last && last[0] === number) last[1]++; else runs.push([number, 1]);
        }
        return runs.map(([number, count]) => (count > 1 ? `${number}*${count}` : `${number}`)).join(' ');
    };
    const offset = (time) => {
        const date = new Date(time);
        return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(),
            date.getMinutes(), date.getSeconds()) - time) / 1000;
    };
    days.map((day) => {
        const hours = Array.from({ length: 24 }, (_, hour) => offset(day * DAY + hour * 3600000));
        const shown = new Date(day * DAY);
        const halves = Array.from({ length: 48 }, (_, half) => {
            const local = new Date(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate(), 0,
                half * 30).getTime();
            return (day * DAY + half * 1800000 - local) / 1000;
        });
        return `${day}:${packed(hours)}:${packed(halves)}`;
    }).join('\\t')";

/// Where the data of Node 24.21 (2026c) is older than ours (2026f): its lines that differ. Cuba decided to
/// stay with its summer time.
const NEWER_HERE: &[(&str, u32)] = &[("America/Havana", 2026)];

/// The same by `Temporal`, for the zone whatever the run's is.
#[cfg(feature = "intl")]
const LOOK_BY_TEMPORAL: &str = "
    const DAY = 86400000;
    const packed = (numbers) => {
        const runs = [];
        for (const number of numbers) {
            const last = runs.at(-1);
            if (last && last[0] === number) last[1]++; else runs.push([number, 1]);
        }
        return runs.map(([number, count]) => (count > 1 ? `${number}*${count}` : `${number}`)).join(' ');
    };
    const utc = (time) => Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO('UTC');
    days.map((day) => {
        const hours = Array.from({ length: 24 }, (_, hour) =>
            utc(day * DAY + hour * 3600000).withTimeZone(zone).offsetNanoseconds / 1e9);
        const shown = utc(day * DAY).toPlainDateTime();
        const halves = Array.from({ length: 48 }, (_, half) =>
            (day * DAY + half * 1800000 -
                shown.add({ minutes: half * 30 }).toZonedDateTime(zone).epochMilliseconds) / 1000);
        return `${day}:${packed(hours)}:${packed(halves)}`;
    }).join('\\t')";

#[test]
fn local_times_of_sixty_zones_are_nodes_on_the_days_around_changes_of_the_clock() {
    local_times_are_nodes(|zone, days| {
        patient()
            .time_zone(zone)
            .global_json("days", format!("[{days}]"))
            .source(LOOK, ScriptOptions::new())
    });
}

#[cfg(feature = "intl")]
#[test]
fn local_times_of_sixty_zones_are_nodes_for_temporal_too() {
    local_times_are_nodes(|zone, days| {
        patient()
            .time_zone("Asia/Tokyo")
            .global_json("days", format!("[{days}]"))
            .global_json("zone", format!("{zone:?}"))
            .source(LOOK_BY_TEMPORAL, ScriptOptions::new())
    });
}

/// Runs what `look` makes of a zone and days, and compares what it shows with Node's answers.
fn local_times_are_nodes(look: impl Fn(&str, &str) -> Run) {
    let mut zones: BTreeMap<&str, Vec<(u32, &str)>> = BTreeMap::new();
    for line in include_str!("time_zones/node24.txt").lines() {
        let (zone, rest) = line.split_once('\t').unwrap();
        let (year, days) = rest.split_once('\t').unwrap();
        zones.entry(zone).or_default().push((year.parse().unwrap(), days));
    }
    assert!(zones.len() >= 60, "{} zones", zones.len());
    let mut instance = Instance::new(&Image::base()).unwrap();
    let mut different = Vec::new();
    for (zone, years) in &zones {
        assert!(years.len() >= 8, "{zone}");
        for (year, expected) in years {
            let days: Vec<&str> =
                expected.split('\t').map(|day| day.split_once(':').unwrap().0).collect();
            let shown = instance.run(&look(zone, &days.join(","))).result.unwrap();
            let listed = NEWER_HERE.contains(&(zone, *year));
            if (shown.as_str() != Some(*expected)) != listed {
                different.push(format!("{zone} {year}\n  node {expected}\n  here {shown:?}"));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn all_ways_to_make_and_to_show_a_local_time_agree() {
    for (source, expected) in [
        // The clock skips from 2 to 3 on 29 March, and shows 2 to 3 twice on 25 October.
        ("new Date(2026, 2, 29, 2, 30).toISOString()", "2026-03-29T01:30:00.000Z"),
        ("new Date(2026, 2, 29, 2, 30).toString()", "Sun Mar 29 2026 03:30:00 GMT+0200"),
        ("new Date(2026, 9, 25, 2, 30).toISOString()", "2026-10-25T00:30:00.000Z"),
        ("new Date('2026-07-01T12:00').toISOString()", "2026-07-01T10:00:00.000Z"),
        ("new Date('2026-07-01').toISOString()", "2026-07-01T00:00:00.000Z"),
        ("new Date('Jul 1 2026 12:00').toISOString()", "2026-07-01T10:00:00.000Z"),
        ("new Date(Date.parse('2026-01-01T12:00')).toISOString()", "2026-01-01T11:00:00.000Z"),
        ("new Date(new Date(0).setHours(5)).toISOString()", "1970-01-01T04:00:00.000Z"),
        ("new Date(0).toString()", "Thu Jan 01 1970 01:00:00 GMT+0100"),
        (
            "new Date(0).toDateString() + new Date(0).toTimeString()",
            "Thu Jan 01 197001:00:00 GMT+0100",
        ),
        (
            "[0, Date.UTC(2026, 6), NaN].map((t) => new Date(t).getTimezoneOffset()).join()",
            "-60,-120,NaN",
        ),
        ("[new Date(0).getHours(), new Date(0).getUTCHours()].join()", "1,0"),
        ("[8.64e15, -8.64e15].map((t) => new Date(t).getHours()).join()", "2,0"),
        ("String(new Date(275760, 8, 13, 2).getTime())", "8640000000000000"),
        ("String(new Date(275760, 8, 13, 2, 0, 0, 1).getTime())", "NaN"),
        ("String(new Date(1e9, 0).getTime())", "NaN"),
    ] {
        assert_eq!(eval("Europe/Berlin", source), Value::from(expected), "{source}");
    }
}

#[cfg(feature = "intl")]
#[test]
fn intl_shows_the_zone_of_the_run_where_a_script_names_none() {
    for (source, expected) in [
        ("new Intl.DateTimeFormat().resolvedOptions().timeZone", "Asia/Kolkata"),
        ("new Date(0).toLocaleString('en-GB')", "01/01/1970, 05:30:00"),
        ("new Date(0).toLocaleTimeString('en-GB', {timeStyle: 'short'})", "05:30"),
        ("new Date(0).toLocaleTimeString('en-GB', {timeZone: 'UTC'})", "00:00:00"),
    ] {
        assert_eq!(eval("asia/kolkata", source), Value::from(expected), "{source}");
    }
    assert_eq!(eval("-0330", "new Date(0).toLocaleTimeString('en-GB')"), "20:30:00".into());
}

#[test]
fn no_run_finds_the_zone_of_another() {
    let script = "[new Date(0).getHours(), new Date(0).toLocaleTimeString()].join()";
    let script = Script::compile(script, ScriptOptions::new()).unwrap();
    let image = Image::builder().script(&script).build().unwrap();
    let mut instance = Instance::new(&image).unwrap();
    let utc = instance.run(&Run::new()).result.unwrap();
    assert!(utc.as_str().unwrap().starts_with("0,"), "{utc:?}");
    for _ in 0..2 {
        let tokyo = instance.run(&Run::new().time_zone("Asia/Tokyo")).result.unwrap();
        assert!(tokyo.as_str().unwrap().starts_with("9,"), "{tokyo:?}");
        assert_eq!(instance.run(&Run::new()).result, Ok(utc.clone()));
        assert_eq!(instance.run(&Run::new().time_zone("UTC")).result, Ok(utc.clone()));
    }
    // One that was stopped in the midst of a local time.
    let stopped = Run::new()
        .time_zone("Asia/Tokyo")
        .source("for (;;) new Date(2026, 1, 1).getHours()", ScriptOptions::new())
        .limits(Limits { cpu: Duration::from_millis(20), ..Limits::default() });
    assert!(instance.run(&stopped).result.unwrap_err().is_limit());
    assert_eq!(instance.run(&Run::new()).result, Ok(utc));
}

#[test]
fn what_is_run_once_for_the_image_has_the_zone_of_the_run_too() {
    let module = "const made = new Date(2026, 0, 1).toISOString(); \
                  export default () => made + ' ' + new Date(0).getHours()";
    let script = Script::compile(module, ScriptOptions::new().file("m.js")).unwrap();
    let image = Image::builder().script(&script).build().unwrap();
    let tokyo = Image::builder().script(&script).time_zone("Asia/Tokyo").build().unwrap();
    assert_ne!(image.version(), tokyo.version());
    let mut instance = Instance::new(&image).unwrap();
    let berlin = Run::new().time_zone("Europe/Berlin");
    let frozen = Frozen { seed: 1, now_ms: 0.0 };
    for _ in 0..2 {
        for (image, run, expected) in [
            (&image, Run::new(), "2026-01-01T00:00:00.000Z 0"),
            (&image, berlin.clone(), "2025-12-31T23:00:00.000Z 1"),
            (&image, berlin.clone().frozen(frozen), "2025-12-31T23:00:00.000Z 1"),
            (&tokyo, Run::new(), "2025-12-31T15:00:00.000Z 9"),
            (&tokyo, Run::new().frozen(frozen), "2025-12-31T15:00:00.000Z 9"),
            (&tokyo, berlin.clone(), "2025-12-31T23:00:00.000Z 1"),
            (&tokyo, Run::new().time_zone("UTC"), "2026-01-01T00:00:00.000Z 0"),
        ] {
            let outcome = instance.run_image(image, &run);
            assert_eq!(outcome.result, Ok(Value::from(expected)));
        }
    }
    instance.load(&tokyo).unwrap();
    assert_eq!(instance.run(&berlin).result, Ok("2025-12-31T23:00:00.000Z 1".into()));
    assert_eq!(instance.run(&Run::new()).result, Ok("2025-12-31T15:00:00.000Z 9".into()));
}

#[test]
fn a_name_that_no_zone_has_is_refused_before_anything_runs() {
    let mut instance = Instance::new(&Image::base()).unwrap();
    let long = "x".repeat(10_000);
    for name in ["", "Mars/Olympus", "Europe/Berlin ", "+24:00", "/etc/localtime", "a\0b", &long] {
        let run = Run::new().time_zone(name).source("console.log(1)", ScriptOptions::new());
        let outcome = instance.run(&run);
        let error = outcome.result.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::InvalidTimeZone, "ERR_INVALID_TIME_ZONE")
        );
        assert!(error.to_string().len() < 400 && outcome.logs.is_empty(), "{error}");
        assert_eq!(sandtide::check_time_zone(name), Err(error.clone()));
        assert_eq!(Image::builder().time_zone(name).build().unwrap_err(), error);
        assert!(instance.scope(&run, |_| ()).is_err());
    }
}
