//! The URL natives against the data of the web platform tests (`wpt/`): which cases fail is a list.

use sandtide_platform::{Answer, Arg, MODULES};
use serde_json::Value;
use std::collections::BTreeSet;

fn call(native: &str, args: &[Arg]) -> Answer {
    let module = MODULES.iter().find(|module| module.name == "url").expect("the module");
    let native = module.natives.iter().find(|(name, _)| *name == native).expect("the native").1;
    native(args).expect("no fault")
}

fn text(text: &str) -> Arg {
    Arg::Text(text.to_owned())
}

fn parse(url: &str, base: Option<&str>) -> Option<String> {
    let mut args = vec![text(url)];
    args.extend(base.map(text));
    match call("parse", &args) {
        Answer::Text(href) => Some(href),
        _ => None,
    }
}

/// The part of a URL by the name of its getter.
fn part(href: &str, name: &str) -> String {
    if name == "href" {
        return href.to_owned();
    }
    let Answer::List(parts) = call("parts", &[text(href)]) else { panic!("{href}") };
    match &parts[number(name)] {
        Answer::Text(part) => part.clone(),
        other => panic!("{other:?}"),
    }
}

fn number(name: &str) -> usize {
    const NAMES: [&str; 10] = [
        "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname",
        "search", "hash",
    ];
    NAMES.iter().position(|other| *other == name).expect("a part")
}

/// The cases of a file; comments are strings. Lone surrogates, which Rust's strings cannot hold, become
/// what a script's conversion makes of them.
fn cases(text: &str) -> Vec<Value> {
    let mut valid = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let unit = u32::from_str_radix(&rest[at + 2..at + 6], 16).expect("four digits");
        let next =
            rest[at + 6..].strip_prefix("\\u").and_then(|n| u32::from_str_radix(&n[..4], 16).ok());
        let pair = matches!((unit, next), (0xd800..0xdc00, Some(0xdc00..0xe000)));
        let len = if pair { 12 } else { 6 };
        valid += &rest[..at];
        valid +=
            if !pair && (0xd800..0xe000).contains(&unit) { "\\ufffd" } else { &rest[at..at + len] };
        rest = &rest[at + len..];
    }
    valid += rest;
    let value: Value = serde_json::from_str(&valid).expect("JSON");
    value.as_array().expect("a list").iter().filter(|case| case.is_object()).cloned().collect()
}

/// Compares the failures with those that are known.
fn assert_failures(failed: &BTreeSet<String>, known: &str, of: usize) {
    let known: BTreeSet<String> = known
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let new: Vec<_> = failed.difference(&known).collect();
    let gone: Vec<_> = known.difference(failed).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "{} of {of} fail\nnew: {new:#?}\ngone: {gone:#?}",
        failed.len()
    );
}

#[test]
fn urls_are_parsed_as_the_standard_has_it_but_for_the_listed_cases() {
    let mut failed = BTreeSet::new();
    let mut all = cases(include_str!("wpt/urltestdata.json"));
    all.extend(cases(include_str!("wpt/urltestdata-javascript-only.json")));
    for case in &all {
        let input = case["input"].as_str().expect("an input");
        let base = case["base"].as_str();
        let name = format!("{:?} on {:?}", input, base.unwrap_or_default());
        let href = parse(input, base);
        if case["failure"] == true {
            if href.is_some() {
                failed.insert(format!("{name}: is parsed"));
            }
            continue;
        }
        let Some(href) = href else {
            failed.insert(format!("{name}: is refused"));
            continue;
        };
        for (key, wanted) in case.as_object().expect("a case") {
            if matches!(key.as_str(), "input" | "base" | "relativeTo" | "searchParams")
                || key.starts_with("comment")
            {
                continue;
            }
            let got = part(&href, key);
            if Some(got.as_str()) != wanted.as_str() {
                failed.insert(format!("{name}: {key} is {got}"));
                break;
            }
        }
    }
    assert_failures(&failed, include_str!("wpt-failures/parse.txt"), all.len());
}

#[test]
fn setters_do_as_the_standard_has_it_but_for_the_listed_cases() {
    let mut failed = BTreeSet::new();
    let mut count = 0;
    let all: Value = serde_json::from_str(include_str!("wpt/setters_tests.json")).expect("JSON");
    for (attribute, cases) in all.as_object().expect("groups") {
        if attribute == "comment" {
            continue;
        }
        for case in cases.as_array().expect("a list") {
            count += 1;
            let before = case["href"].as_str().expect("a URL");
            let value = case["new_value"].as_str().expect("a value");
            let href = parse(before, None).expect("a URL");
            let href = if attribute == "href" {
                parse(value, None).unwrap_or(href)
            } else {
                let args = [text(&href), Arg::Number(number(attribute) as f64), text(value)];
                match call("change", &args) {
                    Answer::Text(href) => href,
                    _ => href,
                }
            };
            for (key, wanted) in case["expected"].as_object().expect("parts") {
                let got = part(&href, key);
                if Some(got.as_str()) != wanted.as_str() {
                    failed.insert(format!("{before:?}.{attribute} = {value:?}: {key} is {got}"));
                    break;
                }
            }
        }
    }
    assert_failures(&failed, include_str!("wpt-failures/setters.txt"), count);
}

#[test]
fn hosts_become_ascii_as_the_standard_has_it() {
    for case in cases(include_str!("wpt/toascii.json")) {
        let input = case["input"].as_str().expect("an input");
        let wanted = case["output"].as_str();
        let href = parse(&format!("https://{input}/x"), None);
        let host = href.as_deref().map(|href| part(href, "host"));
        assert_eq!(host.as_deref(), wanted, "{input:?}");
    }
}

#[test]
fn queries_are_percent_encoded_as_the_standard_has_it() {
    for case in cases(include_str!("wpt/percent-encoding.json")) {
        let input = case["input"].as_str().expect("an input");
        let wanted = case["output"]["utf-8"].as_str().expect("an output");
        let href = parse(&format!("http://example.com/?{input}#{input}"), None).expect("a URL");
        assert_eq!(part(&href, "search"), format!("?{wanted}"));
    }
}
