//! `GET /v1/usage`: what a tenant has now, and what was used over time, as JSON or CSV. Knows nothing of how it is
//! counted.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use http::StatusCode;
use sandtide_store::{Amount, UsageStep, UsageWanted};
use serde::Serialize;

use crate::{
    answer,
    auth::{Caller, now_ms},
    client::Client,
    error::ApiError,
    facts,
    flight::Flight,
    http1::{Head, Response},
    names::check_name,
    query::parameters,
    usage::{Period, Periods},
};

use super::{Handled, Shared, at_the_desk, takes_no_body};

/// How far back it is told of where nothing is said, in milliseconds.
const USUAL_SPAN: i64 = 24 * 60 * 60 * 1_000;
/// The last moment that can be asked for, in the year 9999.
const LATEST: i64 = 253_402_300_799_999;

const CSV: &str = "text/csv; charset=utf-8";
const COLUMNS: &str =
    "at_ms,tenant,script,runs,failed,cpu_us,wall_us,received_bytes,answered_bytes,failures\n";

pub(super) async fn usage(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
) -> Handled {
    let names = ["tenant", "script", "from", "to", "step", "format"];
    let [tenant, script, from, to, step, format] = parameters(head.query.as_deref(), names)?;
    takes_no_body(head, connection)?;
    let accepts_csv = head.accept.as_deref().is_some_and(|accept| {
        accept.split([',', ';']).next().is_some_and(|first| first.trim() == "text/csv")
    });
    let asks = [&tenant, &script, &from, &to, &step, &format].into_iter().any(Option::is_some);
    if !asks && !accepts_csv {
        return now(shared, connection, caller).await;
    }
    let csv = match format.as_deref() {
        None => accepts_csv,
        Some("csv") => true,
        Some("json") => false,
        Some(_) => return Err(refused("`format` is json or csv").into()),
    };
    let tenant = caller.looks_at(tenant.as_deref())?;
    script.as_deref().map_or(Ok(()), |script| match script {
        "*" => Ok(()),
        name => check_name(name),
    })?;
    let step = match step.as_deref() {
        None | Some("hour") => UsageStep::Hour,
        Some("minute") => UsageStep::Minute,
        Some("day") => UsageStep::Day,
        Some(_) => return Err(refused("`step` is minute, hour or day").into()),
    };
    let to_ms = moment("to", to)?.unwrap_or_else(|| now_ms() + 1);
    let from_ms = moment("from", from)?.unwrap_or_else(|| (to_ms - USUAL_SPAN).max(0));
    if from_ms >= to_ms {
        return Err(refused("`from` is before `to`").into());
    }
    let tenant = tenant.map(|tenant| tenant.to_string());
    let wanted = UsageWanted { tenant, script, from_ms, to_ms, step, limit: 0 };
    let books = Arc::clone(shared.workers.books());
    at_the_desk(shared, connection, &caller.tenant, move |flight| {
        let periods = books.meter.read(&wanted)?;
        match csv {
            true => as_csv(flight, &periods),
            false => Ok(as_json(flight, &wanted, &periods)),
        }
    })
    .await
}

/// What a tenant has now.
async fn now(shared: &Shared, connection: &mut Client<'_>, caller: &Caller) -> Handled {
    let tenant = &caller.tenant;
    let scripts = Arc::clone(&shared.catalog.scripts);
    let (of, runs) = (tenant.clone(), shared.workers.of_tenant(tenant));
    let loses_workers = shared.workers.place().loses_workers();
    let quota = shared.quotas.of(tenant);
    let usage = move |_: &Arc<Flight>| Ok(facts::usage(&scripts, &of, runs, loses_workers, quota));
    at_the_desk(shared, connection, tenant, usage).await
}

fn refused(why: &str) -> ApiError {
    ApiError::InvalidRequest(why.to_owned())
}

/// Milliseconds since 1970.
fn moment(name: &str, text: Option<String>) -> Result<Option<i64>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(at) if (0..=LATEST).contains(&at) => Ok(Some(at)),
        _ => Err(refused(&format!("`{name}` is a time in milliseconds since 1970"))),
    }
}

fn as_json(flight: &Arc<Flight>, wanted: &UsageWanted, periods: &Periods) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        step: &'static str,
        usage: Vec<One<'a>>,
    }
    #[derive(Serialize)]
    struct One<'a> {
        at_ms: i64,
        tenant: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        script: Option<&'a str>,
        runs: u64,
        failed: u64,
        cpu_us: u64,
        wall_us: u64,
        received_bytes: u64,
        answered_bytes: u64,
        failures: &'a BTreeMap<String, u64>,
    }
    let usage = periods.iter().map(|((at_ms, tenant, script), Period { amount, failures })| {
        let Amount { runs, cpu_us, wall_us, received_bytes, answered_bytes } = *amount;
        let (at_ms, failed) = (*at_ms, failures.values().sum());
        let script = script.as_deref();
        One {
            at_ms,
            tenant,
            script,
            runs,
            failed,
            cpu_us,
            wall_us,
            received_bytes,
            answered_bytes,
            failures,
        }
    });
    let step = match wanted.step {
        UsageStep::Minute => "minute",
        UsageStep::Hour => "hour",
        UsageStep::Day => "day",
    };
    answer::large(flight, &Body { step, usage: usage.collect() })
}

/// Names and codes have no character that CSV would need quotes for.
fn as_csv(flight: &Arc<Flight>, periods: &Periods) -> Result<Response, ApiError> {
    let write = |out: &mut dyn Write| -> io::Result<()> {
        out.write_all(COLUMNS.as_bytes())?;
        for ((at_ms, tenant, script), Period { amount, failures }) in periods {
            let Amount { runs, cpu_us, wall_us, received_bytes, answered_bytes } = amount;
            let (script, failed) =
                (script.as_deref().unwrap_or_default(), failures.values().sum::<u64>());
            write!(
                out,
                "{at_ms},{tenant},{script},{runs},{failed},{cpu_us},{wall_us},{received_bytes},{answered_bytes},"
            )?;
            let failures: Vec<_> =
                failures.iter().map(|(code, times)| format!("{code}={times}")).collect();
            writeln!(out, "{}", failures.join(" "))?;
        }
        Ok(())
    };
    let written = answer::pieces(flight, |out| write(out))?;
    Ok(answer::of_pieces(StatusCode::OK, CSV, written))
}
