//! What happens to tenants' scripts, for whoever listens: the last of it in memory, bounded in number and in bytes.
//! Who listens slowly loses events, and is told so; nothing is held for them. Knows nothing of HTTP.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BinaryHeap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sandtide::{Error, ErrorKind};
use serde::Serialize;
use tokio::sync::watch;

use crate::{auth::now_ms, error::ApiError, names::Tenant};

/// Events of one tenant that are kept, and of all.
const OF_TENANT: usize = 256;
const OF_ALL: usize = 16_384;
/// How often it is told of one script that its runs fail with one code, or are refused.
const PAUSE: Duration = Duration::from_secs(1);
/// Scripts and codes of one tenant that are told of in that time.
const KINDS_OF_TENANT: usize = 128;

/// What kind of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Deploy,
    Activate,
    RollBack,
    Remove,
    /// A version was given a share of the runs beside the active one.
    Canary,
    EndCanary,
    /// No run of a schedule is due any more, because they failed.
    EndSchedule,
    /// Runs ended in an error.
    Failure,
    /// Runs are held back because their script lost its processes again and again.
    Quarantine,
    /// What was asked for is more than the tenant may take.
    Quota,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Activate => "activate",
            Self::RollBack => "roll-back",
            Self::Remove => "remove",
            Self::Canary => "canary",
            Self::EndCanary => "end-canary",
            Self::EndSchedule => "end-schedule",
            Self::Failure => "failure",
            Self::Quarantine => "quarantine",
            Self::Quota => "quota",
        }
    }
}

/// An event as it is told.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) number: u64,
    pub(crate) kind: &'static str,
    at_ms: i64,
    tenant: Arc<str>,
    script: Option<Arc<str>>,
    version: Option<Arc<str>>,
    percent: Option<u8>,
    schedule: Option<String>,
    actor: Option<String>,
    code: Option<Cow<'static, str>>,
    /// How often it happened since it was last told of.
    times: Option<u64>,
}

impl Event {
    /// As it is told, in one line.
    pub(crate) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Told<'a> {
            r#type: &'static str,
            at_ms: i64,
            tenant: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            script: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            version: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            percent: Option<u8>,
            #[serde(skip_serializing_if = "Option::is_none")]
            schedule: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            actor: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            times: Option<u64>,
        }
        let Self {
            number: _,
            kind,
            at_ms,
            tenant,
            script,
            version,
            percent,
            schedule,
            actor,
            code,
            times,
        } = self;
        let told = Told {
            r#type: kind,
            at_ms: *at_ms,
            tenant,
            script: script.as_deref(),
            version: version.as_deref(),
            percent: *percent,
            schedule: schedule.as_deref(),
            actor: actor.as_deref(),
            code: code.as_deref(),
            times: *times,
        };
        // Texts and numbers are always written.
        serde_json::to_string(&told).unwrap_or_default()
    }
}

/// All that is kept.
pub(crate) struct Feed {
    all: Mutex<All>,
    /// The number of the last event.
    last: watch::Sender<u64>,
    /// Tells the numbers of this start from those of others.
    start: String,
}

#[derive(Default)]
struct All {
    events: BTreeMap<u64, Arc<Event>>,
    tenants: HashMap<Tenant, OfTenant>,
    next: u64,
    /// The last event that was forgotten, of any tenant and of those of which none is kept.
    forgotten: u64,
    forgotten_tenants: u64,
    listening: HashMap<Option<Tenant>, usize>,
}

#[derive(Default)]
struct OfTenant {
    numbers: VecDeque<u64>,
    forgotten: u64,
    /// What is not told each time.
    often: HashMap<(Kind, Option<Arc<str>>, &'static str), Often>,
}

struct Often {
    told: Instant,
    /// How often it happened since then.
    since: u64,
}

/// A part of what happened.
pub(crate) struct Part {
    pub(crate) events: Vec<Arc<Event>>,
    /// The last event that was forgotten: some are missing where this comes after the one that was asked for.
    pub(crate) forgotten: u64,
    /// After which event to go on.
    pub(crate) after: u64,
}

/// Somebody who listens, until this is dropped.
pub(crate) struct Listening {
    feed: Arc<Feed>,
    of: Option<Tenant>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut all = self.feed.lock();
        if let Some(count) = all.listening.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                all.listening.remove(&self.of);
            }
        }
    }
}

impl Feed {
    pub(crate) fn new() -> Arc<Self> {
        let (last, _) = watch::channel(0);
        Arc::new(Self { all: Mutex::default(), last, start: format!("{:x}", now_ms()) })
    }

    /// Somebody changed a script.
    pub(crate) fn changed(
        &self,
        kind: Kind,
        tenant: &Tenant,
        script: &str,
        version: Option<Arc<str>>,
        actor: String,
    ) {
        let mut all = self.lock();
        let event = Event {
            version,
            actor: Some(actor),
            ..Event::new(kind, tenant, Some(script.into()), None)
        };
        self.add(&mut all, tenant, event);
    }

    /// Somebody gave a version a share.
    pub(crate) fn shared(
        &self,
        tenant: &Tenant,
        script: &str,
        (version, percent): (Arc<str>, u8),
        actor: String,
    ) {
        let mut all = self.lock();
        let event = Event {
            version: Some(version),
            percent: Some(percent),
            actor: Some(actor),
            ..Event::new(Kind::Canary, tenant, Some(script.into()), None)
        };
        self.add(&mut all, tenant, event);
    }

    /// A schedule is off, because its runs ended in errors, the last of them in this one.
    pub(crate) fn schedule_ended(&self, tenant: &Tenant, script: &str, id: String, code: &str) {
        let mut all = self.lock();
        let event = Event {
            schedule: Some(id),
            code: Some(Cow::Owned(code.to_owned())),
            ..Event::new(Kind::EndSchedule, tenant, Some(script.into()), None)
        };
        self.add(&mut all, tenant, event);
    }

    /// A run ended in an error.
    pub(crate) fn failed(&self, tenant: &Tenant, script: Option<&Arc<str>>, error: &Error) {
        let kind = match error.kind() {
            // Its client left.
            ErrorKind::Cancelled => return,
            ErrorKind::Quarantined => Kind::Quarantine,
            _ => Kind::Failure,
        };
        self.often(kind, tenant, script.cloned(), error.code());
    }

    /// Something was refused; told where the tenant's quota is why.
    pub(crate) fn refused(&self, tenant: &Tenant, script: Option<&str>, error: &ApiError) {
        if let ApiError::OverQuota { .. } = error {
            self.often(Kind::Quota, tenant, script.map(Arc::from), error.code());
        }
    }

    fn often(&self, kind: Kind, tenant: &Tenant, script: Option<Arc<str>>, code: &'static str) {
        let now = Instant::now();
        let mut all = self.lock();
        let of_tenant = all.of(tenant);
        let key = (kind, script.clone(), code);
        let times = match of_tenant.often.get_mut(&key) {
            Some(often) if now.saturating_duration_since(often.told) < PAUSE => {
                often.since += 1;
                return;
            }
            Some(often) => {
                let times = often.since + 1;
                *often = Often { told: now, since: 0 };
                times
            }
            None => {
                if of_tenant.often.len() >= KINDS_OF_TENANT {
                    let recent = |often: &Often| now.saturating_duration_since(often.told) < PAUSE;
                    of_tenant.often.retain(|_, often| recent(often));
                    if of_tenant.often.len() >= KINDS_OF_TENANT {
                        return;
                    }
                }
                of_tenant.often.insert(key, Often { told: now, since: 0 });
                1
            }
        };
        let event = Event { times: Some(times), ..Event::new(kind, tenant, script, Some(code)) };
        self.add(&mut all, tenant, event);
    }

    fn add(&self, all: &mut All, tenant: &Tenant, event: Event) {
        all.next += 1;
        let number = all.next;
        all.events.insert(number, Arc::new(Event { number, ..event }));
        let of_tenant = all.of(tenant);
        of_tenant.numbers.push_back(number);
        if of_tenant.numbers.len() > OF_TENANT {
            all.forget_oldest_of(tenant);
        }
        if all.events.len() > OF_ALL {
            all.forget_of_largest();
        }
        self.last.send_replace(number);
    }

    /// What happened after an event, of one tenant or of all; at most so many.
    pub(crate) fn after(&self, of: Option<&Tenant>, after: u64, most: usize) -> Part {
        let all = self.lock();
        let (events, forgotten): (Vec<_>, _) = match of {
            None => {
                let events = all.events.range(after + 1..).take(most);
                (events.map(|(_, event)| Arc::clone(event)).collect(), all.forgotten)
            }
            Some(tenant) => match all.tenants.get(tenant) {
                None => (Vec::new(), all.forgotten_tenants),
                Some(of_tenant) => {
                    let begin = of_tenant.numbers.partition_point(|number| *number <= after);
                    let numbers = of_tenant.numbers.range(begin..).take(most);
                    let events = numbers.filter_map(|number| all.events.get(number).cloned());
                    (events.collect(), of_tenant.forgotten)
                }
            },
        };
        let last = events.last().map_or(after.max(forgotten), |event| event.number);
        Part { forgotten, after: last, events }
    }

    /// The number of the last event, which changes with each.
    pub(crate) fn last(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// An event's identity.
    pub(crate) fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.start)
    }

    /// The number in an identity; none where it is of another start.
    pub(crate) fn number(&self, id: &str) -> Option<u64> {
        let (start, number) = id.split_once('-')?;
        let number = number.parse().ok().filter(|_| start == self.start)?;
        (number <= self.lock().next).then_some(number)
    }

    /// Begins to listen, where of the tenant, or of those that listen to all, and in all fewer than so many do.
    pub(crate) fn listen(
        self: &Arc<Self>,
        of: Option<&Tenant>,
        most: usize,
        most_of_all: usize,
    ) -> Option<Listening> {
        let mut all = self.lock();
        if all.listening.values().sum::<usize>() >= most_of_all {
            return None;
        }
        let count = all.listening.entry(of.cloned()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Listening { feed: Arc::clone(self), of: of.cloned() })
    }

    // Nothing panics while the lock is held, so a poisoned lock still holds a sound state.
    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Event {
    fn new(
        kind: Kind,
        tenant: &Tenant,
        script: Option<Arc<str>>,
        code: Option<&'static str>,
    ) -> Self {
        Self {
            number: 0,
            kind: kind.name(),
            at_ms: now_ms(),
            tenant: Arc::clone(tenant.name()),
            script,
            version: None,
            percent: None,
            schedule: None,
            actor: None,
            code: code.map(Cow::Borrowed),
            times: None,
        }
    }
}

impl All {
    fn of(&mut self, tenant: &Tenant) -> &mut OfTenant {
        // Some of its own may have been forgotten with all that was known of it.
        let forgotten = self.forgotten_tenants;
        let new = || OfTenant { forgotten, ..OfTenant::default() };
        self.tenants.entry(tenant.clone()).or_insert_with(new)
    }

    fn forget_oldest_of(&mut self, tenant: &Tenant) {
        let Some(of_tenant) = self.tenants.get_mut(tenant) else { return };
        if let Some(oldest) = of_tenant.numbers.pop_front() {
            of_tenant.forgotten = oldest;
            self.events.remove(&oldest);
            self.forgotten = self.forgotten.max(oldest);
        }
        // Nothing is held of a tenant for what is forgotten; it may be told of again a little sooner then.
        while of_tenant.often.len() > of_tenant.numbers.len() {
            let oldest = of_tenant.often.iter().min_by_key(|(_, often)| often.told);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            of_tenant.often.remove(&oldest);
        }
        if of_tenant.numbers.is_empty() {
            self.forgotten_tenants = self.forgotten_tenants.max(of_tenant.forgotten);
            self.tenants.remove(tenant);
        }
    }

    /// Forgets the oldest of whoever has most, so that nobody makes others' go. Much at a time: all tenants are
    /// looked through.
    fn forget_of_largest(&mut self) {
        let sizes = self.tenants.iter().map(|(tenant, one)| (one.numbers.len(), tenant.clone()));
        let mut largest: BinaryHeap<_> = sizes.collect();
        while self.events.len() > OF_ALL / 16 * 15
            && let Some((size, tenant)) = largest.pop()
        {
            self.forget_oldest_of(&tenant);
            largest.push((size - 1, tenant));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(number: usize) -> Tenant {
        Tenant::of(Some(&format!("t{number}"))).unwrap()
    }

    fn deploy(feed: &Feed, tenant: &Tenant) {
        feed.changed(Kind::Deploy, tenant, "s", None, "test".to_owned());
    }

    #[test]
    fn each_tenant_sees_its_own_and_all_are_in_their_order() {
        let feed = Feed::new();
        let (a, b) = (tenant(0), tenant(1));
        for of in [&a, &b, &a] {
            deploy(&feed, of);
        }
        let numbers = |of: Option<&Tenant>, after| {
            let part = feed.after(of, after, 100);
            assert_eq!(part.forgotten, 0);
            part.events.iter().map(|event| event.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(Some(&a), 0), [1, 3]);
        assert_eq!(numbers(Some(&a), 1), [3]);
        assert_eq!(numbers(Some(&b), 0), [2]);
        assert_eq!(numbers(None, 1), [2, 3]);
        assert_eq!(feed.after(None, 0, 2).after, 2);
        assert_eq!(*feed.last().borrow(), 3);
    }

    #[test]
    fn what_is_kept_is_bounded_and_whoever_missed_some_is_told_once() {
        let feed = Feed::new();
        let (quiet, noisy) = (tenant(0), tenant(1));
        deploy(&feed, &quiet);
        for _ in 0..1_000 {
            deploy(&feed, &noisy);
        }
        let part = feed.after(Some(&noisy), 5, 10);
        assert_eq!(part.events.len(), 10);
        assert!(part.forgotten > 5 && part.forgotten < part.events[0].number);
        assert_eq!(feed.after(Some(&quiet), 0, 10).forgotten, 0);
        for number in 0..100 {
            for _ in 0..OF_TENANT {
                deploy(&feed, &tenant(2 + number));
            }
        }
        let all = feed.lock();
        let sum: usize = all.tenants.values().map(|one| one.numbers.len()).sum();
        assert_eq!(sum, all.events.len());
        assert!((OF_ALL / 2..=OF_ALL).contains(&sum), "{sum}");
        drop(all);
        assert_eq!(feed.after(Some(&quiet), 0, 10).events.len(), 1);
        // Of one that is not known any more.
        for number in 0..OF_ALL + 10 {
            deploy(&feed, &tenant(1_000 + number));
        }
        let part = feed.after(Some(&tenant(999)), 5, 10);
        assert!(part.events.is_empty() && part.forgotten > 5);
        assert_eq!(part.after, part.forgotten);
    }

    #[test]
    fn failures_alike_are_told_once_a_second() {
        let feed = Feed::new();
        let a = tenant(0);
        let script: Arc<str> = "s".into();
        for _ in 0..50 {
            feed.failed(&a, Some(&script), &Error::NeverSettled);
            feed.failed(&a, None, &Error::NeverSettled);
            feed.failed(&a, Some(&script), &Error::Cancelled);
        }
        // However slow this machine is: not each of them is told.
        assert!(feed.after(Some(&a), 0, 1_000).events.len() < 100);
        let mut all = feed.lock();
        let of_tenant = all.tenants.get_mut(&a).unwrap();
        let long_ago = Instant::now().checked_sub(2 * PAUSE).unwrap();
        let mut since = 0;
        for ((_, named, _), often) in &mut of_tenant.often {
            often.told = long_ago;
            since = if named.is_some() { often.since } else { since };
        }
        drop(all);
        let last = *feed.last().borrow();
        feed.failed(&a, Some(&script), &Error::NeverSettled);
        let next = feed.after(Some(&a), last, 10).events;
        assert_eq!(next[0].times, Some(since + 1));
        for number in 0..10 * KINDS_OF_TENANT {
            let script = Arc::from(number.to_string());
            feed.failed(&a, Some(&script), &Error::NeverSettled);
        }
        assert!(feed.lock().tenants[&a].often.len() <= KINDS_OF_TENANT);
        let held_back = Error::Quarantined { lost: 3, wait: Duration::from_secs(1) };
        feed.failed(&tenant(1), Some(&script), &held_back);
        assert_eq!(feed.after(Some(&tenant(1)), 0, 1).events[0].kind, "quarantine");
    }

    #[test]
    fn of_what_is_forgotten_nothing_is_held() {
        let feed = Feed::new();
        for number in 0..2 * OF_ALL / KINDS_OF_TENANT {
            for script in 0..KINDS_OF_TENANT {
                let script = Arc::from(script.to_string());
                feed.failed(&tenant(number), Some(&script), &Error::NeverSettled);
            }
        }
        let all = feed.lock();
        let often: usize = all.tenants.values().map(|one| one.often.len()).sum();
        assert!(often <= OF_ALL, "{often}");
    }

    #[test]
    fn identities_of_another_start_are_not_known() {
        let feed = Feed::new();
        deploy(&feed, &tenant(0));
        assert_eq!(feed.number(&feed.id(1)), Some(1));
        for other in ["", "1", "0-1", "x-y", &feed.id(2), &format!("{}-x", feed.start)] {
            assert_eq!(feed.number(other), None, "{other}");
        }
    }

    #[test]
    fn so_many_listen_and_no_more() {
        let feed = Feed::new();
        let (a, b, c) = (tenant(0), tenant(1), tenant(2));
        let first = feed.listen(Some(&a), 1, 2).unwrap();
        assert!(feed.listen(Some(&a), 1, 2).is_none());
        let second = feed.listen(Some(&b), 1, 2).unwrap();
        assert!(feed.listen(Some(&c), 1, 2).is_none());
        drop(first);
        assert!(feed.listen(Some(&a), 1, 2).is_some());
        drop(second);
        assert!(feed.lock().listening.is_empty());
    }
}
