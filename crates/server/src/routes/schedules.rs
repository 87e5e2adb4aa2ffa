//! Schedules over HTTP: set, told and removed. Knows nothing of how their runs are carried out.

use std::sync::Arc;

use http::StatusCode;
use sandtide_store::{NewSchedule, Schedule, ScheduleOf, ScheduledRun, Who};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    answer,
    auth::{Caller, now_ms},
    bodies::RunBody,
    client::Client,
    error::ApiError,
    http1::{Body, Head, Response},
    json::{Object, given},
    names::{Tenant, check_name},
    negotiation::Kind,
    page::Page,
    query::parameters,
    schedules::next_ms,
};

use super::{Ended, Handled, Shared, at_the_desk, body};

/// Bytes that what runs are given may have.
const LARGEST_RUN: usize = 64 << 10;
/// What is given to runs of a schedule that says nothing of it.
const NOTHING: &str = "{}";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleBody<'a> {
    cron: String,
    #[serde(default, deserialize_with = "given")]
    time_zone: Option<String>,
    #[serde(borrow, default, deserialize_with = "given")]
    run: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    cron: &'a str,
    time_zone: &'a str,
    run: &'a RawValue,
    set_ms: i64,
    set_by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_ms: Option<i64>,
    failures: u32,
    /// The error for which it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<&'a str>,
    runs: Vec<ToldRun<'a>>,
}

#[derive(Serialize)]
struct ToldRun<'a> {
    due_ms: i64,
    began_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(schedule: &'a Schedule) -> Result<Self, ApiError> {
        let one = |run: &'a ScheduledRun| ToldRun {
            due_ms: run.due_ms,
            began_ms: run.began_ms,
            ended_ms: run.ended_ms,
            outcome: run.outcome.as_deref(),
            run: run.run.as_deref(),
        };
        Ok(Self {
            id: &schedule.of.id,
            cron: &schedule.cron,
            time_zone: &schedule.time_zone,
            run: serde_json::from_str(&schedule.run).map_err(|_| ApiError::Internal)?,
            set_ms: schedule.set_ms,
            set_by: &schedule.set_by,
            next_ms: schedule.next_ms,
            failures: schedule.failures,
            off: schedule.off.as_deref(),
            runs: schedule.runs.iter().map(one).collect(),
        })
    }
}

fn who(tenant: &Tenant, script: &str) -> Who {
    Who { tenant: tenant.to_string(), script: script.to_owned() }
}

fn not_found(id: &str) -> ApiError {
    ApiError::ScheduleNotFound(id.chars().take(140).collect())
}

/// The schedules of a script.
pub(super) async fn list(
    shared: &Shared,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    name: String,
    page: Page,
) -> Handled {
    #[derive(Serialize)]
    struct List<'a> {
        schedules: Vec<Told<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<&'a str>,
    }
    shared.catalog.scripts.get(tenant, &name)?;
    let (schedules, of) = (Arc::clone(&shared.schedules), tenant.clone());
    at_the_desk(shared, connection, tenant, move |flight| {
        let all = schedules.schedules(who(&of, &name), None).wait()?;
        let (all, next) = page.of(&all, |schedule| &schedule.of.id);
        let told = all.into_iter().map(Told::of).collect::<Result<_, _>>()?;
        let list = List { schedules: told, next_cursor: next.as_deref() };
        Ok(answer::large(flight, &list))
    })
    .await
}

/// One of them.
pub(super) async fn show(
    shared: &Shared,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    (name, id): (String, String),
) -> Handled {
    shared.catalog.scripts.get(tenant, &name)?;
    check_name(&id)?;
    let (schedules, of) = (Arc::clone(&shared.schedules), tenant.clone());
    at_the_desk(shared, connection, tenant, move |flight| {
        let found = schedules.schedules(who(&of, &name), Some(id.clone())).wait()?;
        let found = found.first().ok_or_else(|| not_found(&id))?;
        Ok(answer::large(flight, &Told::of(found)?))
    })
    .await
}

/// Sets one.
pub(super) async fn set(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    caller: &Caller,
    (name, id): (String, String),
) -> Handled {
    let [] = parameters(head.query.as_deref(), [])?;
    let tenant = &caller.tenant;
    shared.catalog.scripts.get(tenant, &name)?;
    check_name(&id)?;
    if Kind::of(head) != Kind::Json {
        return Err(Ended::Failed(ApiError::UnsupportedMediaType(
            "send {\"cron\": \"0 4 * * *\"} as application/json".to_owned(),
        )));
    }
    let Body { bytes, permit } = body(shared, connection).await?;
    let (schedules, cap) = (Arc::clone(&shared.schedules), shared.config.limits);
    let (of, actor) = (who(tenant, &name), caller.actor());
    at_the_desk(shared, connection, tenant, move |flight| {
        let refused = |why: String| ApiError::InvalidRequest(why);
        let Object(asked): Object<ScheduleBody<'_>> = serde_json::from_slice(&bytes)
            .map_err(|error| refused(format!("the body is refused: {error}")))?;
        let time_zone = asked.time_zone.unwrap_or_else(|| "UTC".to_owned());
        let next_ms = next_ms(&asked.cron, &time_zone, now_ms())?;
        let run = asked.run.map_or(NOTHING, RawValue::get);
        if run.len() > LARGEST_RUN {
            return Err(refused(format!("`run` has at most {LARGEST_RUN} bytes")));
        }
        // What is wrong with it is told now, and not when nobody listens.
        RunBody::parse(run.as_bytes())?.limits(&cap)?;
        let Who { tenant, script } = of.clone();
        let new = NewSchedule {
            of: ScheduleOf { tenant, script, id: id.clone() },
            cron: asked.cron,
            time_zone,
            run: run.to_owned(),
            next_ms,
            actor,
        };
        drop(permit);
        let is_new = schedules.set_schedule(new).wait()?;
        let set = schedules.schedules(of, Some(id.clone())).wait()?;
        let set = set.first().ok_or_else(|| not_found(&id))?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        Ok(Response { status, ..answer::large(flight, &Told::of(set)?) })
    })
    .await
}

/// Removes one.
pub(super) async fn remove(
    shared: &Shared,
    connection: &mut Client<'_>,
    caller: &Caller,
    (name, id): (String, String),
) -> Handled {
    let tenant = &caller.tenant;
    shared.catalog.scripts.get(tenant, &name)?;
    check_name(&id)?;
    let (schedules, actor) = (Arc::clone(&shared.schedules), caller.actor());
    let Who { tenant: of, script } = who(tenant, &name);
    at_the_desk(shared, connection, tenant, move |_| {
        let which = ScheduleOf { tenant: of, script, id: id.clone() };
        match schedules.remove_schedule(which, actor).wait()? {
            true => Ok(Response::empty(StatusCode::NO_CONTENT)),
            false => Err(not_found(&id)),
        }
    })
    .await
}
