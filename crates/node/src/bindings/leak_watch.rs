//! `internalBinding('leak_watch')`: what grows, and what changed between two times. When to look is
//! `lib/internal/leak_watch.js`'s to say.

use std::{cell::RefCell, collections::HashMap};

use rquickjs::{Ctx, Function, Object};
use sandtide_inspect::{leaks::LeakWatch, snapshot::Survey};
use sandtide_realm::inspect;

use super::heap_utils;
use crate::{allocations, event_loop};

/// Bytes between two samples of allocations: a leak of some dozen small objects is noted.
const INTERVAL: u64 = 1 << 10;

thread_local! {
    static WATCH: RefCell<LeakWatch> = RefCell::default();
    static SURVEYS: RefCell<(u32, HashMap<u32, Survey>)> = RefCell::default();
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("start", Function::new(ctx.clone(), start)?)?;
    binding.set("sample", Function::new(ctx.clone(), sample)?)?;
    binding.set("survey", Function::new(ctx.clone(), survey)?)?;
    binding.set("compare", Function::new(ctx.clone(), compare)?)?;
    Ok(binding)
}

fn start(ctx: Ctx<'_>) {
    allocations::sample(&ctx, INTERVAL);
}

/// Compares the heap with what it was. Gives a report's text and its JSON, or nothing.
fn sample(ctx: Ctx<'_>) -> Option<Vec<String>> {
    let recorder = allocations::sample(&ctx, INTERVAL);
    let seconds = event_loop::now() / 1000.0;
    inspect::walk(&ctx, move |walk| {
        let report = WATCH.with_borrow_mut(|watch| watch.sample(walk, &recorder, seconds))?;
        let json = report.to_json();
        Some(vec![report.to_string(), json])
    })
}

/// Remembers which objects there are; gives the number to compare with.
fn survey(ctx: Ctx<'_>) -> u32 {
    let survey = inspect::walk(&ctx, |walk| heap_utils::with_ids(|ids| Survey::take(walk, ids)));
    SURVEYS.with_borrow_mut(|(next, surveys)| {
        *next += 1;
        surveys.insert(*next, survey);
        *next
    })
}

/// What changed since the survey of this number, as JSON; the survey is forgotten.
fn compare(ctx: Ctx<'_>, number: u32) -> Option<String> {
    let before = SURVEYS.with_borrow_mut(|(_, surveys)| surveys.remove(&number))?;
    let now = inspect::walk(&ctx, |walk| heap_utils::with_ids(|ids| Survey::take(walk, ids)));
    Some(before.changes(&now).to_json())
}
