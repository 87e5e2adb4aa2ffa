//! Dates of Node's programs are in the host's time zone.

mod support;

use std::process::Command;
use support::World;

/// Whether this process is in the zone. The zone of a process is read once, so that where it is not, another
/// process that is runs `test`, which must pass there.
fn is_in_zone(zone: &str, test: &str) -> bool {
    if std::env::var("TZ").as_deref() == Ok(zone) {
        return true;
    }
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("TZ", zone)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && output.contains("1 passed"), "{output}");
    false
}

/// A zone that is nobody's, as `TZ` says it.
const HOST_ZONE: &str = "XYZ-05:30";

#[test]
fn dates_are_in_the_zone_of_the_host_in_the_main_realm_and_in_contexts() {
    let test = "dates_are_in_the_zone_of_the_host_in_the_main_realm_and_in_contexts";
    if !is_in_zone(HOST_ZONE, test) {
        return;
    }
    let world = World::new();
    let look = "
        [new Date(0).getTimezoneOffset(), new Date(0).getHours(), new Date(1970, 0, 1).getTime(),
         Date.parse('1970-01-01T00:00')].join()";
    for code in [look.to_owned(), format!("vm.new({look:?}, {{}})")] {
        assert_eq!(world.eval::<String>(&code), "-330,5,-19800000,-19800000");
    }
}

/// Two hours ahead of UTC, three in summer, as the European Union changes its clocks.
const SUMMER_ZONE: &str = "AAA-2BBB,M3.5.0/3,M10.5.0/4";

#[test]
fn local_times_that_clocks_skip_or_show_twice_are_read_as_ecma_262_says() {
    let test = "local_times_that_clocks_skip_or_show_twice_are_read_as_ecma_262_says";
    if !is_in_zone(SUMMER_ZONE, test) {
        return;
    }
    let world = World::new();
    for (local, utc) in [
        ("2026, 2, 29, 2, 30", "2026-03-29T00:30:00.000Z"),
        ("2026, 2, 29, 3, 30", "2026-03-29T01:30:00.000Z"),
        ("2026, 2, 29, 4, 30", "2026-03-29T01:30:00.000Z"),
        ("2026, 9, 25, 2, 30", "2026-10-24T23:30:00.000Z"),
        ("2026, 9, 25, 3, 30", "2026-10-25T00:30:00.000Z"),
        ("2026, 9, 25, 4, 30", "2026-10-25T02:30:00.000Z"),
    ] {
        let code = format!("new Date({local}).toISOString()");
        assert_eq!(world.eval::<String>(&code), utc, "{local}");
    }
}
