//! Calls whose work grows with the years between dates: those that would take too long are refused, and
//! those that programs make are not.

mod common;

use common::CALENDARS;
use sandtide_temporal::{Answer, Argument, Error, call};

/// Those with the narrower bound.
const LUNISOLAR: &[&str] = &["chinese", "dangi"];
/// The beginnings of the years -10000 and 2000, in nanoseconds.
const YEAR_MINUS_10_000: &str = "-377705116800000000000";
const YEAR_2000: &str = "946684800000000000";

fn ask(operation: &str, one: &str, more: Vec<Argument<'_>>) -> Result<Answer, Error> {
    let mut given = vec![Argument::Text(one)];
    given.extend(more);
    call(operation, &given)
}

fn settings<'a>(largest: &'a str, smallest: &'a str) -> Argument<'a> {
    let text = Argument::Text;
    Argument::List(vec![text(largest), text(smallest), text("trunc"), Argument::Number(1.0)])
}

#[track_caller]
fn is_bounded(answer: Result<Answer, Error>, bound: &str, what: &str) {
    match answer {
        Err(Error::Range(text)) if text.contains(bound) => {}
        other => panic!("{what}: {other:?}"),
    }
}

/// A duration of years, months, weeks, days and hours.
fn duration(years: i64, months: i64, weeks: i64, days: i64, hours: i64) -> String {
    format!("{years} {months} {weeks} {days} {hours} 0 0 0 0 0")
}

#[test]
fn months_are_not_counted_over_more_years_than_a_call_has_time_for() {
    const BOUND: &str = "are counted over at most 1000 years";
    for calendar in LUNISOLAR {
        let dates = ["-10000 1 1", "2000 1 1"].map(|date| format!("{date} {calendar}"));
        let times = dates.each_ref().map(|date| date.replace("1 1 ", "1 1 0 0 0 0 0 0 "));
        let zoned =
            [YEAR_MINUS_10_000, YEAR_2000].map(|nanos| format!("{nanos} Europe/Berlin {calendar}"));
        let kinds = [
            ("PlainDate", &dates),
            ("PlainDateTime", &times),
            ("PlainYearMonth", &dates),
            ("ZonedDateTime", &zoned),
        ];
        for (kind, [one, other]) in kinds {
            for what in ["until", "since"] {
                let operation = format!("{kind}.{what}");
                let asked = |settings| ask(&operation, one, vec![Argument::Text(other), settings]);
                let named = format!("{operation} {calendar}");
                is_bounded(asked(settings("month", "")), BOUND, &named);
                is_bounded(asked(settings("month", "month")), BOUND, &named);
                assert!(asked(settings("year", "")).is_ok(), "{named}");
                if kind == "PlainYearMonth" {
                    assert!(asked(settings("auto", "month")).is_ok(), "{named}");
                } else {
                    is_bounded(asked(settings("auto", "month")), BOUND, &named);
                    is_bounded(asked(settings("", "month")), BOUND, &named);
                    assert!(asked(settings("day", "")).is_ok(), "{named}");
                    assert!(asked(settings("auto", "")).is_ok(), "{named}");
                }
            }
        }
        let relatives = [format!("D {}", dates[0]), format!("Z {}", zoned[0])];
        for relative in &relatives {
            let relative = || Argument::Text(relative);
            for long in [
                duration(12_000, 0, 0, 0, 0),
                duration(0, 148_000, 0, 0, 0),
                duration(0, 0, 626_000, 0, 0),
                duration(0, 0, 0, 4_383_000, 0),
                duration(0, 0, 0, 0, 105_192_000),
            ] {
                let round = |settings| ask("Duration.round", &long, vec![settings, relative()]);
                let total =
                    |unit| ask("Duration.total", &long, vec![Argument::Text(unit), relative()]);
                is_bounded(round(settings("month", "day")), BOUND, &long);
                is_bounded(total("month"), BOUND, &long);
                assert!(round(settings("year", "day")).is_ok(), "{long}");
                assert!(total("year").is_ok(), "{long}");
                assert!(total("day").is_ok(), "{long}");
            }
            // Its own months make months its largest unit.
            let mixed = duration(0, 1, 0, 4_383_000, 0);
            let asked = ask("Duration.round", &mixed, vec![settings("", "day"), relative()]);
            is_bounded(asked, BOUND, &mixed);
        }
    }
}

#[test]
fn weeks_are_not_counted_over_more_years_than_a_call_has_time_for() {
    const BOUND: &str = "weeks of the calendar";
    const NANOSECONDS: &str = "8640000000000000000000";
    for calendar in ["chinese", "dangi", "gregory"] {
        let bounded = LUNISOLAR.contains(&calendar);
        let dates = ["-271820 1 1", "275760 1 1"].map(|date| format!("{date} {calendar}"));
        let zoned = format!("-{NANOSECONDS} Europe/Berlin {calendar}");
        let last = format!("{NANOSECONDS} Europe/Berlin {calendar}");
        let long = duration(540_000, 0, 0, 0, 0);
        let [plain, within] = [format!("D {}", dates[0]), format!("Z {zoned}")];
        for (unit, is_bounded_plain) in [("week", bounded), ("day", false), ("year", false)] {
            let is_bounded_zoned = bounded && unit != "year";
            let until = |kind: &str, one, other| {
                let more = vec![Argument::Text(other), settings(unit, "")];
                ask(&format!("{kind}.until"), one, more)
            };
            let total = |relative| {
                let more = vec![Argument::Text(unit), Argument::Text(relative)];
                ask("Duration.total", &long, more)
            };
            for (answer, is_refused) in [
                (until("PlainDate", &dates[0], &dates[1]), is_bounded_plain),
                (total(&plain), is_bounded_plain),
                (until("ZonedDateTime", &zoned, &last), is_bounded_zoned),
                (total(&within), is_bounded_zoned),
            ] {
                match is_refused {
                    true => is_bounded(answer, BOUND, calendar),
                    false => assert!(
                        !format!("{answer:?}").contains("are counted over"),
                        "{calendar} {unit}: {answer:?}"
                    ),
                }
            }
        }
    }
}

#[test]
fn other_calendars_count_months_over_more_years_or_all() {
    for calendar in ["hebrew", "islamic-civil", "islamic-tbla", "islamic-umalqura"] {
        let dates = ["-271820 1 1", "275760 1 1"].map(|date| format!("{date} {calendar}"));
        let more = vec![Argument::Text(&dates[1]), settings("month", "")];
        is_bounded(ask("PlainDate.until", &dates[0], more), "at most 50000 years", calendar);
    }
    for calendar in ["iso8601", "gregory", "buddhist", "indian", "roc"] {
        let dates = ["-271820 1 1", "275760 1 1"].map(|date| format!("{date} {calendar}"));
        let more = vec![Argument::Text(&dates[1]), settings("month", "month")];
        let answer = ask("PlainDate.until", &dates[0], more);
        assert_eq!(answer, Ok(Answer::Text("0 6570960 0 0 0 0 0 0 0 0 ".to_owned())), "{calendar}");
    }
}

#[test]
fn months_within_centuries_are_counted() {
    // ISO's has no work that grows.
    for calendar in &CALENDARS[1..] {
        let dates = ["1600 1 1", "2026 1 1"].map(|date| format!("{date} {calendar}"));
        let more = || vec![Argument::Text(&dates[1]), settings("month", "")];
        let counted = |kind| match ask(kind, &dates[0], more()) {
            Ok(Answer::Text(text)) => text,
            other => panic!("{calendar}: {other:?}"),
        };
        let text = counted("PlainDate.until");
        let months: u32 = text.split(' ').nth(1).unwrap().parse().unwrap();
        let expected = match *calendar {
            "chinese" | "dangi" | "hebrew" => 5_269,
            "coptic" | "ethiopic" | "ethioaa" => 5_538,
            islamic if islamic.starts_with("islamic") => 5_269,
            _ => 5_112,
        };
        assert!(months.abs_diff(expected) <= 1, "{calendar}: {months}");
        // What was counted leads back.
        let there = ask(
            "PlainDate.add",
            &dates[0],
            vec![Argument::Text(&text), Argument::Text("constrain")],
        );
        assert_eq!(there, Ok(Answer::Text(dates[1].clone())), "{calendar}");
    }
}

#[test]
fn durations_that_take_too_many_steps_are_refused_before_they_are_added() {
    const BOUND: &str = "are added over at most";
    // ISO's has no work that grows.
    for calendar in &CALENDARS[1..] {
        let (months, days) = match LUNISOLAR.contains(calendar) {
            true => (650_001, 18_300_001),
            false => (7_345_001, 206_790_001),
        };
        let date = format!("2026 1 1 {calendar}");
        let time = format!("2026 1 1 0 0 0 0 0 0 {calendar}");
        let zoned = format!("{YEAR_2000} UTC {calendar}");
        for far in [
            duration(0, 0, 0, days, 0),
            duration(0, 0, days / 7 + 1, 0, 0),
            duration(0, 0, days / 14, days / 2 + 14, 0),
            duration(0, 0, 0, 0, days * 24),
            duration(0, months, 0, 0, 0),
            duration(0, -months, 0, 0, 0),
        ] {
            let objects =
                [("PlainDate", &date), ("PlainDateTime", &time), ("ZonedDateTime", &zoned)];
            for (kind, own) in objects {
                for what in ["add", "subtract"] {
                    let more = vec![Argument::Text(&far), Argument::Text("constrain")];
                    let answer = ask(&format!("{kind}.{what}"), own, more);
                    is_bounded(answer, BOUND, &format!("{kind}.{what} {calendar} {far}"));
                }
            }
            for relative in [format!("D {date}"), format!("Z {zoned}")] {
                let relative = || Argument::Text(&relative);
                let more = vec![Argument::Text("year"), relative()];
                is_bounded(ask("Duration.total", &far, more), BOUND, &far);
                let more = vec![settings("year", ""), relative()];
                is_bounded(ask("Duration.round", &far, more), BOUND, &far);
                let one = duration(0, 1, 0, 0, 0);
                let more = vec![Argument::Text(&far), relative()];
                is_bounded(ask("Duration.compare", &one, more), BOUND, &far);
            }
        }
        for what in ["add", "subtract"] {
            let far = duration(0, months, 0, 0, 0);
            let more = vec![Argument::Text(&far), Argument::Text("constrain")];
            is_bounded(ask(&format!("PlainYearMonth.{what}"), &date, more), BOUND, calendar);
        }
    }
}

#[test]
fn where_steps_are_cheap_days_lead_from_the_first_date_to_the_last() {
    for calendar in ["iso8601", "gregory", "coptic", "islamic-tbla"] {
        let first = format!("-271821 4 19 {calendar}");
        let whole = duration(0, 0, 0, 200_000_001, 0);
        let more = vec![Argument::Text(&whole), Argument::Text("constrain")];
        let last = ask("PlainDate.add", &first, more);
        assert_eq!(last, Ok(Answer::Text(format!("275760 9 13 {calendar}"))));
    }
}
