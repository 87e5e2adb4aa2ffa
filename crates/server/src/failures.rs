//! The errors that runs of each tenant ended in lately, for whoever looks for what went wrong: in memory only,
//! bounded in number and in bytes. Knows nothing of HTTP, nor of how runs are carried out.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use sandtide::{Error, ErrorKind, Usage};
use serde::Serialize;

use crate::{auth::now_ms, error::ApiError, names::Tenant, store::Deployed};

/// Different errors that are kept of a tenant.
const MOST_OF_TENANT: usize = 100;
/// Bytes that a tenant's may take.
const BYTES_OF_TENANT: usize = 256 << 10;
/// Bytes that all tenants' may take.
const MOST_BYTES: usize = 16 << 20;
/// What an error counts beside its texts.
const EACH: usize = 512;
/// Bytes of a message and of a stack that are kept, and of names.
const MAX_MESSAGE: usize = 2 << 10;
const MAX_STACK: usize = 8 << 10;
const MAX_NAME: usize = 256;

/// The message of an error of a script that has secrets.
const HIDDEN: &str = "not kept: the script has secrets, which its errors may name";

/// An error that runs ended in, told once for all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Failure {
    /// Milliseconds since 1970 of the first of them that is known, and of the last.
    first_ms: i64,
    last_ms: i64,
    times: u64,
    #[serde(flatten)]
    what: What,
    /// What the last one took.
    cpu_us: u64,
    peak_heap_bytes: usize,
}

/// Where and how it failed: two runs of which this is the same failed alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct What {
    /// Left out for a source that came with its run.
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<String>,
}

impl What {
    fn of(script: Option<&Deployed>, error: &Error) -> Self {
        let plain = |message: &str| Self {
            script: script.map(|script| script.name.to_string()),
            version: script.map(|script| script.version.to_string()),
            code: error.code(),
            message: cut(message, MAX_MESSAGE),
            name: None,
            file: None,
            line: None,
            column: None,
            stack: None,
        };
        // What a script throws may name what it was given.
        if script.is_some_and(|script| script.env.has_secrets()) {
            let (file, line, column) = match error {
                Error::Syntax(at) => (Some(&*at.file), Some(at.line), Some(at.column)),
                Error::Exception(thrown) => (thrown.file.as_deref(), thrown.line, thrown.column),
                _ => (None, None, None),
            };
            let file = file.map(|file| cut(file, MAX_NAME));
            return Self { file, line, column, ..plain(HIDDEN) };
        }
        match error {
            Error::Syntax(at) => Self {
                file: Some(cut(&at.file, MAX_NAME)),
                line: Some(at.line),
                column: Some(at.column),
                ..plain(&at.message)
            },
            Error::Exception(thrown) => Self {
                name: Some(cut(&thrown.name, MAX_NAME)),
                file: thrown.file.as_deref().map(|file| cut(file, MAX_NAME)),
                line: thrown.line,
                column: thrown.column,
                stack: Some(cut(&thrown.stack, MAX_STACK)),
                ..plain(&thrown.message)
            },
            other => plain(&other.to_string()),
        }
    }

    fn bytes(&self) -> usize {
        let texts = [&self.script, &self.version, &self.name, &self.file, &self.stack];
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
        EACH + self.message.len() + texts
    }
}

/// The beginning of a text.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(most)])
}

/// Which of them are asked for.
pub(crate) struct Wanted {
    script: Option<String>,
    limit: usize,
}

impl Wanted {
    /// What the query's parameters say.
    pub(crate) fn of(script: Option<String>, limit: Option<&str>) -> Result<Self, ApiError> {
        let limit = match limit {
            None => MOST_OF_TENANT,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=MOST_OF_TENANT).contains(&limit) => limit,
                _ => {
                    return Err(ApiError::InvalidRequest(format!(
                        "`limit` is a whole number from 1 to {MOST_OF_TENANT}"
                    )));
                }
            },
        };
        Ok(Self { script, limit })
    }
}

/// What is kept, of all tenants.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    tenants: HashMap<Tenant, OfTenant>,
    bytes: usize,
}

/// The newest first.
#[derive(Debug, Default)]
struct OfTenant {
    failures: VecDeque<Failure>,
    bytes: usize,
}

impl Failures {
    /// A run of a deployed script, or of a source that came with it, ended in an error. That its client left
    /// is none.
    pub(crate) fn note(
        &self,
        tenant: &Tenant,
        script: Option<&Deployed>,
        error: &Error,
        usage: &Usage,
    ) {
        if error.kind() == ErrorKind::Cancelled {
            return;
        }
        let now = now_ms();
        let failure = Failure {
            first_ms: now,
            last_ms: now,
            times: 1,
            what: What::of(script, error),
            cpu_us: u64::try_from(usage.cpu.as_micros()).unwrap_or(u64::MAX),
            peak_heap_bytes: usage.peak_heap,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(tenant, failure);
    }

    /// Those of a tenant, the newest first.
    pub(crate) fn last(&self, tenant: &Tenant, wanted: &Wanted) -> Vec<Failure> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(of_tenant) = all.tenants.get(tenant) else { return Vec::new() };
        let named = |failure: &&Failure| match &wanted.script {
            Some(name) => failure.what.script.as_ref() == Some(name),
            None => true,
        };
        of_tenant.failures.iter().filter(named).take(wanted.limit).cloned().collect()
    }
}

impl All {
    fn add(&mut self, tenant: &Tenant, mut failure: Failure) {
        let of_tenant = self.tenants.entry(tenant.clone()).or_default();
        let known = of_tenant.failures.iter().position(|known| known.what == failure.what);
        if let Some(known) = known.and_then(|known| of_tenant.failures.remove(known)) {
            failure.first_ms = known.first_ms;
            failure.times = known.times.saturating_add(1);
            of_tenant.failures.push_front(failure);
            return;
        }
        let bytes = failure.what.bytes();
        of_tenant.failures.push_front(failure);
        of_tenant.bytes += bytes;
        self.bytes += bytes;
        while of_tenant.failures.len() > MOST_OF_TENANT || of_tenant.bytes > BYTES_OF_TENANT {
            self.bytes -= of_tenant.forget_oldest();
        }
        // Much at a time: all tenants are looked through for each.
        if self.bytes > MOST_BYTES {
            while self.bytes > MOST_BYTES / 16 * 15 {
                self.forget_of_largest();
            }
        }
    }

    /// Forgets the oldest of whoever has most, so that nobody makes others' go.
    fn forget_of_largest(&mut self) {
        let largest = self.tenants.iter().max_by_key(|(_, of_tenant)| of_tenant.bytes);
        let Some(tenant) = largest.map(|(tenant, _)| tenant.clone()) else { return };
        let Some(of_tenant) = self.tenants.get_mut(&tenant) else { return };
        self.bytes -= of_tenant.forget_oldest();
        if of_tenant.failures.is_empty() {
            self.tenants.remove(&tenant);
        }
    }
}

impl OfTenant {
    /// Answers what it took.
    fn forget_oldest(&mut self) -> usize {
        let bytes = self.failures.pop_back().map_or(0, |oldest| oldest.what.bytes());
        self.bytes -= bytes;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(number: usize) -> Tenant {
        Tenant::of(Some(&format!("t{number}"))).unwrap()
    }

    fn note(failures: &Failures, tenant: &Tenant, message: &str, stack: &str) {
        let what = What {
            message: message.to_owned(),
            stack: Some(stack.to_owned()),
            ..What::of(None, &Error::Cancelled)
        };
        let failure =
            Failure { first_ms: 1, last_ms: 1, times: 1, what, cpu_us: 1, peak_heap_bytes: 1 };
        failures.0.lock().unwrap().add(tenant, failure);
    }

    fn all() -> Wanted {
        Wanted::of(None, None).unwrap()
    }

    #[test]
    fn runs_that_failed_alike_are_told_once() {
        let failures = Failures::default();
        let (a, b) = (tenant(0), tenant(1));
        for message in ["x", "y", "x", "x"] {
            note(&failures, &a, message, "");
        }
        failures.note(&a, None, &Error::Cancelled, &Usage::default());
        let last = failures.last(&a, &all());
        let told: Vec<_> = last.iter().map(|one| (&*one.what.message, one.times)).collect();
        assert_eq!(told, [("x", 3), ("y", 1)]);
        assert!(failures.last(&b, &all()).is_empty());
        assert_eq!(failures.last(&a, &Wanted::of(None, Some("1")).unwrap()).len(), 1);
        assert!(failures.last(&a, &Wanted::of(Some("s".to_owned()), None).unwrap()).is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded_and_a_noisy_tenant_pushes_nobody_out() {
        let failures = Failures::default();
        let (quiet, noisy) = (tenant(0), tenant(1));
        note(&failures, &quiet, "mine", "");
        for number in 0..1000 {
            note(&failures, &noisy, &number.to_string(), "");
        }
        assert_eq!(failures.last(&noisy, &all()).len(), MOST_OF_TENANT);
        let stack = "s".repeat(MAX_STACK);
        for number in 0..100 * MOST_BYTES / BYTES_OF_TENANT {
            note(&failures, &tenant(2 + number / 100), &number.to_string(), &stack);
        }
        let kept = failures.0.lock().unwrap();
        let bytes = |one: &OfTenant| one.failures.iter().map(|one| one.what.bytes()).sum::<usize>();
        assert_eq!(kept.bytes, kept.tenants.values().map(bytes).sum::<usize>());
        assert!(kept.bytes <= MOST_BYTES && kept.bytes > MOST_BYTES / 2, "{}", kept.bytes);
        assert!(kept.tenants.values().all(|one| bytes(one) <= BYTES_OF_TENANT));
        drop(kept);
        assert_eq!(failures.last(&quiet, &all()).len(), 1);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("éé", 4), "éé");
        assert_eq!(cut("ééé", 5), "éé…");
    }

    #[test]
    fn a_limit_is_a_number_of_errors_that_are_kept() {
        for bad in ["0", "101", "-1", "x", ""] {
            assert!(Wanted::of(None, Some(bad)).is_err(), "{bad}");
        }
    }
}
