//! What waits, what runs, and what may run next. Time is told with each call, and nothing here
//! waits, so that whole days of it can be tested in moments.
//!
//! Turns are taken twice: by tenants, and within a tenant by its scripts; of one script the oldest
//! goes first. A run whose cost is not known is charged its deadline until it has ended.
//!
//! A run cannot be interrupted for another one, so fair turns alone would let whoever comes first
//! take all workers for a whole deadline. Hence the limits on what runs at the same time, below in
//! [`Schedule::tenant_may`] and its neighbours.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    cost::{Cost, Pace},
    turns::{NO_PACE, Paces, Turns},
};

/// How long after a run was asked for, or ended, its tenant and script count as ones that others
/// leave workers to.
const LATELY: Duration = Duration::from_secs(1);
/// The same, where the others would have to wait for what nobody knows the cost of.
const OF_LATE: Duration = Duration::from_secs(60);
/// What a run is charged at least: handing it over costs too.
const LEAST_CHARGE: Duration = Duration::from_micros(20);

/// How much of everything there is.
#[derive(Clone, Debug)]
pub struct Shares {
    /// Runs at the same time; at least 1.
    pub workers: usize,
    /// Processors that they share; at least 1.
    pub cores: usize,
    /// Runs that may wait.
    pub waiting: usize,
    /// Runs of one tenant that may wait.
    pub tenant_waiting: usize,
    /// Runs of one tenant at the same time, beside what is left to others.
    pub tenant_runs: usize,
    /// Runs of one script at the same time, beside what is left to others.
    pub script_runs: usize,
    /// Tenants whose share is not 1.
    pub weights: HashMap<String, u32>,
}

impl Shares {
    /// Runs of one script that may wait: a quarter of its tenant's queue is left to its others.
    fn script_waiting(&self) -> usize {
        self.tenant_waiting - self.tenant_waiting / 4
    }

    /// Runs that are not brisk, while brisk ones are asked for.
    fn long_runs(&self) -> usize {
        (self.workers - (self.workers / 4).max(1)).max(1)
    }

    /// Runs of unknown cost, while brisk ones are asked for, beside the one that each tenant may
    /// have: each may be a loop that keeps a processor, so that a free worker alone would be of no
    /// use.
    fn unknown_runs(&self) -> usize {
        self.cores.saturating_sub(1).max(1)
    }

    /// Runs that leave a worker to others, where there is more than one.
    fn all_but_one(&self) -> usize {
        (self.workers - 1).max(1)
    }
}

/// What a tenant's runs are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Script {
    /// A deployed script, by its name.
    Named(Arc<str>),
    /// A source that comes with its run, by its hash.
    AdHoc(u64),
}

/// A run to be queued.
pub struct Request<T> {
    /// Whose it is.
    pub tenant: Arc<str>,
    /// What of the tenant's it is.
    pub script: Script,
    /// What runs of the script are known to cost.
    pub cost: Arc<Cost>,
    /// What it may take at most, which is what it is charged while its cost is unknown.
    pub limit: Duration,
    /// When it must not wait any longer.
    pub expires: Instant,
    /// Bytes that whoever carries it out is given.
    pub size: usize,
    /// What is handed out.
    pub job: T,
}

/// What runs that go along with one may be, all of them together.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The time that they take by what workers say.
    pub time: Duration,
    /// The sum of their sizes.
    pub bytes: usize,
}

/// Why a run was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// As many runs of its script wait as may.
    Script,
    /// As many runs of its tenant wait as may.
    Tenant,
    /// As many runs wait as may.
    All,
    /// No more are taken.
    Closed,
}

/// Where a run waits.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    tenant: Arc<str>,
    script: Script,
    number: u64,
}

/// What is handed out.
#[derive(Debug)]
pub enum Next<T> {
    /// This one is to be carried out.
    Run(Begun<T>),
    /// This one may wait no longer: its deadline passed before its turn came.
    Late(T),
}

/// A run that is handed out. Whoever carries it out owes an [`Ended`] for it.
#[derive(Debug)]
pub struct Begun<T> {
    /// What was queued.
    pub job: T,
    /// What its end is told with.
    pub ticket: Ticket,
}

/// What is remembered of a run while it runs.
#[derive(Debug)]
pub struct Ticket {
    /// Whose it is.
    pub tenant: Arc<str>,
    /// What of the tenant's it is.
    pub script: Script,
    cost: Arc<Cost>,
    pace: Pace,
    charged: Duration,
    /// Whether it goes along with another run, on whose worker it is.
    along: bool,
    /// Its place and its bounds where it waited, should it have to go back there.
    number: u64,
    limit: Duration,
    expires: Instant,
    size: usize,
}

impl Ticket {
    /// What it takes by what workers say of its script, where it is brisk.
    pub fn told(&self) -> Option<Duration> {
        if self.pace == Pace::Brisk { self.cost.told() } else { None }
    }

    /// Bytes that whoever carries it out is given.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Notes that it was interrupted after so long: its script goes along with no other until it has
    /// been short again for a while.
    pub fn note_interrupted(&self, after: Duration) {
        self.cost.cut(after);
    }
}

/// How a run ended, and what it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// CPU time, all that was done for it included.
    pub used: Duration,
    /// The part of it that the next run of the script is expected to take too.
    pub again: Duration,
    /// The same by what the worker says, who may say anything.
    pub told: Duration,
    /// How it ended.
    pub end: End,
}

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It ended by itself.
    Itself,
    /// A limit of time, or the loss of its worker.
    Cut,
    /// Nobody waits for it any longer.
    Left,
}

pub(crate) struct Schedule<T> {
    shares: Shares,
    tenants: HashMap<Arc<str>, Tenant<T>>,
    turns: Turns<Arc<str>>,
    running: [usize; Pace::COUNT],
    waiting: usize,
    next_number: u64,
    recent: Recent<Arc<str>>,
    /// Until when brisk runs count as asked for.
    brisk_until: Option<Instant>,
}

/// A tenant that has runs waiting or running.
struct Tenant<T> {
    weight: u32,
    scripts: HashMap<Script, Line<T>>,
    turns: Turns<Script>,
    running: [usize; Pace::COUNT],
    waiting: usize,
    recent: Recent<Script>,
}

/// The runs of one script, the oldest first.
struct Line<T> {
    waiting: BTreeMap<u64, Waiting<T>>,
    running: [usize; Pace::COUNT],
    /// Runs that go along with others, and take no worker of their own.
    along: usize,
}

struct Waiting<T> {
    cost: Arc<Cost>,
    limit: Duration,
    expires: Instant,
    size: usize,
    job: T,
}

impl<T> Waiting<T> {
    fn begun(
        self,
        tenant: Arc<str>,
        script: Script,
        number: u64,
        pace: Pace,
        charged: Duration,
        along: bool,
    ) -> Begun<T> {
        let Self { cost, limit, expires, size, job } = self;
        let ticket =
            Ticket { tenant, script, cost, pace, charged, along, number, limit, expires, size };
        Begun { job, ticket }
    }
}

/// The two keys seen last, so that it can be told whether one is the only one.
struct Recent<K> {
    last: Option<(K, Instant)>,
    before: Option<(K, Instant)>,
}

impl<K: Clone + PartialEq> Recent<K> {
    const NONE: Self = Self { last: None, before: None };

    fn note(&mut self, key: &K, now: Instant) {
        if self.last.as_ref().is_none_or(|(last, _)| last != key) {
            self.before = self.last.take();
        }
        self.last = Some((key.clone(), now));
    }

    /// Until when another key counts as seen, for so long.
    fn other_until(&self, key: &K, counts: Duration) -> Option<Instant> {
        let other = [&self.last, &self.before].into_iter().flatten().find(|(seen, _)| seen != key);
        other.map(|(_, seen)| *seen + counts)
    }
}

/// What [`Schedule::choose`] found.
enum Choice {
    Run(Arc<str>, Script),
    /// Nothing may run. What waits for others that were there lately may at this moment, if nothing
    /// happens before.
    Nothing(Option<Instant>),
}

/// What [`Schedule::all_may`] leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    All,
    /// Runs of unknown cost are for tenants that have none on: a tenant's first run of a script has
    /// to end some time for its cost to be known, whatever loops of others there are.
    FirstUnknown,
    Brisk,
}

/// Notes until when a reason holds; whether it does.
fn holds(until: Option<Instant>, now: Instant, again: &mut Option<Instant>) -> bool {
    let Some(until) = until.filter(|until| *until > now) else { return false };
    *again = Some(again.map_or(until, |known| known.min(until)));
    true
}

fn total(counts: &[usize; Pace::COUNT]) -> usize {
    counts.iter().sum()
}

fn long(counts: &[usize; Pace::COUNT]) -> usize {
    total(counts) - counts[Pace::Brisk.index()]
}

const BRISK_ONLY: Paces = [true, false, false];

impl<T> Line<T> {
    fn ready(&self) -> Paces {
        let mut ready = NO_PACE;
        if let Some((_, first)) = self.waiting.first_key_value() {
            ready[first.cost.pace().index()] = true;
        }
        ready
    }
}

impl<T> Schedule<T> {
    pub(crate) fn new(shares: Shares) -> Self {
        Self {
            shares: Shares { workers: shares.workers.max(1), ..shares },
            tenants: HashMap::new(),
            turns: Turns::new(),
            running: [0; Pace::COUNT],
            waiting: 0,
            next_number: 0,
            recent: Recent::NONE,
            brisk_until: None,
        }
    }

    /// Queues a run, or hands its job back where there is no room for it.
    pub(crate) fn push(&mut self, request: Request<T>, now: Instant) -> Result<Place, (Full, T)> {
        let Request { tenant: name, script, cost, limit, expires, size, job } = request;
        let tenant = self.tenants.get(&name);
        let line = tenant.and_then(|tenant| tenant.scripts.get(&script));
        if self.waiting >= self.shares.waiting {
            return Err((Full::All, job));
        }
        if tenant.is_some_and(|tenant| tenant.waiting >= self.shares.tenant_waiting) {
            return Err((Full::Tenant, job));
        }
        if line.is_some_and(|line| line.waiting.len() >= self.shares.script_waiting()) {
            return Err((Full::Script, job));
        }
        self.seen(&name, cost.pace(), now);
        let weight = self.shares.weights.get(&*name).copied().unwrap_or(1);
        let tenant = self.tenants.entry(Arc::clone(&name)).or_insert_with(|| Tenant {
            weight,
            scripts: HashMap::new(),
            turns: Turns::new(),
            running: [0; Pace::COUNT],
            waiting: 0,
            recent: Recent::NONE,
        });
        tenant.recent.note(&script, now);
        let line = tenant.scripts.entry(script.clone()).or_insert_with(|| Line {
            waiting: BTreeMap::new(),
            running: [0; Pace::COUNT],
            along: 0,
        });
        let number = self.next_number;
        self.next_number += 1;
        line.waiting.insert(number, Waiting { cost, limit, expires, size, job });
        tenant.waiting += 1;
        self.waiting += 1;
        self.settle(&name, &script);
        Ok(Place { tenant: name, script, number })
    }

    /// Takes a run out of its queue; `None` where it waits no longer.
    pub(crate) fn leave(&mut self, place: &Place) -> Option<T> {
        let tenant = self.tenants.get_mut(&place.tenant)?;
        let line = tenant.scripts.get_mut(&place.script)?;
        let left = line.waiting.remove(&place.number)?;
        tenant.waiting -= 1;
        self.waiting -= 1;
        self.settle(&place.tenant, &place.script);
        Some(left.job)
    }

    /// The next run, if one may begin.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Next<T>> {
        let Choice::Run(name, script) = self.choose(now) else { return None };
        let tenant = self.tenants.get_mut(&name)?;
        let line = tenant.scripts.get_mut(&script)?;
        let (number, run) = line.waiting.pop_first()?;
        tenant.waiting -= 1;
        self.waiting -= 1;
        if run.expires <= now {
            self.settle(&name, &script);
            return Some(Next::Late(run.job));
        }
        let pace = run.cost.pace();
        let charged = run.cost.known().unwrap_or(run.limit).max(LEAST_CHARGE);
        for counts in [&mut self.running, &mut tenant.running, &mut line.running] {
            counts[pace.index()] += 1;
        }
        tenant.turns.begin(&script, charged);
        self.turns.begin(&name, charged);
        self.settle(&name, &script);
        let along = false;
        Some(Next::Run(run.begun(name, script, number, pace, charged, along)))
    }

    /// A further run for whoever has just been handed one, to be carried out by the same worker right
    /// behind it: of the same tenant, if it is its turn again, and brisk; by what workers say it takes no
    /// more than there is room for.
    pub(crate) fn next_along(
        &mut self,
        with: &Ticket,
        room: Room,
        now: Instant,
    ) -> Option<Begun<T>> {
        let name = &with.tenant;
        if self.turns.order(BRISK_ONLY).next() != Some(name) {
            return None;
        }
        let tenant = self.tenants.get_mut(name)?;
        let script = tenant.turns.order([true; Pace::COUNT]).next()?.clone();
        let line = tenant.scripts.get_mut(&script)?;
        let first = line.waiting.first_entry()?;
        let Waiting { cost, expires, size, .. } = first.get();
        let expected = cost.known()?.max(LEAST_CHARGE);
        let fits = cost.told()? <= room.time && *size <= room.bytes;
        if cost.pace() != Pace::Brisk || !fits || *expires <= now {
            return None;
        }
        let (number, run) = first.remove_entry();
        line.along += 1;
        tenant.waiting -= 1;
        self.waiting -= 1;
        tenant.turns.begin(&script, expected);
        self.turns.begin(name, expected);
        self.settle(name, &script);
        let along = true;
        Some(run.begun(Arc::clone(name), script, number, Pace::Brisk, expected, along))
    }

    /// Puts a run that was handed out, and not carried out, back to where it waited: its turn has
    /// cost it nothing, and it may wait for no longer than before.
    pub(crate) fn hand_back(&mut self, begun: Begun<T>) {
        let Begun { job, ticket } = begun;
        let Ticket { tenant: name, script, cost, pace, charged, along, .. } = ticket;
        let Ticket { number, limit, expires, size, .. } = ticket;
        self.turns.end(&name, charged, Duration::ZERO);
        if !along {
            self.running[pace.index()] -= 1;
        }
        // Both are kept while something of theirs runs.
        if let Some(tenant) = self.tenants.get_mut(&name)
            && let Some(line) = tenant.scripts.get_mut(&script)
        {
            tenant.turns.end(&script, charged, Duration::ZERO);
            if along {
                line.along -= 1;
            } else {
                tenant.running[pace.index()] -= 1;
                line.running[pace.index()] -= 1;
            }
            line.waiting.insert(number, Waiting { cost, limit, expires, size, job });
            tenant.waiting += 1;
            self.waiting += 1;
        }
        self.settle(&name, &script);
    }

    /// How many runs may go along with one that begins now, so that all workers have some.
    pub(crate) fn each_workers_part(&self) -> usize {
        self.waiting / self.shares.workers
    }

    /// Whether a run may begin now; else when one may at the earliest if nothing happens before.
    pub(crate) fn is_ready(&self, now: Instant) -> Result<(), Option<Instant>> {
        match self.choose(now) {
            Choice::Run(..) => Ok(()),
            Choice::Nothing(again) => Err(again),
        }
    }

    /// Takes note that a run has ended.
    pub(crate) fn end(&mut self, ticket: Ticket, ended: Ended, now: Instant) {
        let Ticket { tenant: name, script, cost, pace, charged, along, .. } = ticket;
        match ended.end {
            End::Itself => {
                cost.ended(ended.again);
                cost.note_told(ended.told);
            }
            End::Cut => cost.cut(ended.again),
            End::Left => cost.left(ended.again),
        }
        self.seen(&name, pace, now);
        let used = ended.used.max(LEAST_CHARGE);
        self.turns.end(&name, charged, used);
        if !along {
            self.running[pace.index()] -= 1;
        }
        // Both are kept while something of theirs runs.
        if let Some(tenant) = self.tenants.get_mut(&name)
            && let Some(line) = tenant.scripts.get_mut(&script)
        {
            tenant.recent.note(&script, now);
            tenant.turns.end(&script, charged, used);
            if along {
                line.along -= 1;
            } else {
                tenant.running[pace.index()] -= 1;
                line.running[pace.index()] -= 1;
            }
        }
        self.settle(&name, &script);
    }

    /// Runs of a tenant that wait, and that have begun and not ended.
    pub(crate) fn of_tenant(&self, name: &str) -> (usize, usize) {
        let Some(tenant) = self.tenants.get(name) else { return (0, 0) };
        let along: usize = tenant.scripts.values().map(|line| line.along).sum();
        (tenant.waiting, total(&tenant.running) + along)
    }

    /// Runs that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Runs that have begun and not ended.
    pub(crate) fn running(&self) -> usize {
        total(&self.running)
    }

    fn seen(&mut self, tenant: &Arc<str>, pace: Pace, now: Instant) {
        self.recent.note(tenant, now);
        if pace == Pace::Brisk {
            self.brisk_until = Some(now + LATELY);
        }
    }

    /// Brings the order of turns up to date after something of a script has changed, and forgets
    /// what neither waits nor runs.
    fn settle(&mut self, name: &Arc<str>, script: &Script) {
        let Some(tenant) = self.tenants.get_mut(name) else { return };
        if let Some(line) = tenant.scripts.get(script) {
            let ready = line.ready();
            tenant.turns.set_ready(script, 1, ready);
            if ready == NO_PACE && total(&line.running) == 0 && line.along == 0 {
                tenant.scripts.remove(script);
            }
        }
        self.turns.set_ready(name, tenant.weight, tenant.turns.ready_paces());
        if tenant.scripts.is_empty() {
            self.tenants.remove(name);
        }
    }

    fn choose(&self, now: Instant) -> Choice {
        let mut again = None;
        if total(&self.running) >= self.shares.workers || self.waiting == 0 {
            return Choice::Nothing(None);
        }
        let open = self.all_may(now, &mut again);
        let allowed = if open == Open::Brisk { BRISK_ONLY } else { [true; Pace::COUNT] };
        for name in self.turns.order(allowed) {
            let Some(tenant) = self.tenants.get(name) else { continue };
            let mut allowed = allowed;
            let unknown = Pace::Unknown.index();
            allowed[unknown] &= open != Open::FirstUnknown || tenant.running[unknown] == 0;
            let Some(allowed) = self.tenant_may(name, tenant, allowed, now, &mut again) else {
                continue;
            };
            for script in tenant.turns.order(allowed) {
                if self.script_may(name, tenant, script, now, &mut again) {
                    return Choice::Run(Arc::clone(name), script.clone());
                }
            }
        }
        Choice::Nothing(again)
    }

    /// What may run at all. While brisk runs are asked for, those that are not leave them a quarter of
    /// the workers, at least one, and those of unknown cost a processor, but for one of each tenant.
    fn all_may(&self, now: Instant, again: &mut Option<Instant>) -> Open {
        let (brisk, unknown) = (Pace::Brisk.index(), Pace::Unknown.index());
        let open = if long(&self.running) >= self.shares.long_runs() {
            Open::Brisk
        } else if self.running[unknown] >= self.shares.unknown_runs() {
            Open::FirstUnknown
        } else {
            return Open::All;
        };
        let brisk_now = self.running[brisk] > 0 || self.turns.ready_paces()[brisk];
        if holds(self.brisk_until, now, again) || brisk_now { open } else { Open::All }
    }

    /// What paces of a tenant may run; `None` for none. While there are other tenants it leaves them
    /// one worker whatever it runs, and half of the workers by what is not brisk; and for longer,
    /// one by what is of unknown cost.
    fn tenant_may(
        &self,
        name: &Arc<str>,
        tenant: &Tenant<T>,
        allowed: Paces,
        now: Instant,
        again: &mut Option<Instant>,
    ) -> Option<Paces> {
        let running = total(&tenant.running);
        if running >= self.shares.tenant_runs {
            return None;
        }
        let too_many = running >= self.shares.all_but_one();
        let too_long = long(&tenant.running) >= self.shares.workers.div_ceil(2);
        if (too_many || too_long) && self.is_shared(name, LATELY, now, again) {
            return if too_many { None } else { Some(BRISK_ONLY) };
        }
        let mut may = allowed;
        let unknown = Pace::Unknown.index();
        if tenant.running[unknown] >= self.shares.all_but_one() {
            may[unknown] &= !self.is_shared(name, OF_LATE, now, again);
        }
        Some(may)
    }

    /// Whether there are other tenants, or were for so long.
    fn is_shared(
        &self,
        name: &Arc<str>,
        counts: Duration,
        now: Instant,
        again: &mut Option<Instant>,
    ) -> bool {
        self.tenants.len() > 1 || holds(self.recent.other_until(name, counts), now, again)
    }

    /// Whether another run of a script may begin. One of unknown cost never has all workers: nobody
    /// knows for how long it keeps them. While its tenant runs other scripts it leaves them half of
    /// the tenant's workers by what is not brisk.
    fn script_may(
        &self,
        name: &Arc<str>,
        tenant: &Tenant<T>,
        script: &Script,
        now: Instant,
        again: &mut Option<Instant>,
    ) -> bool {
        let Some(line) = tenant.scripts.get(script) else { return false };
        if total(&line.running) >= self.shares.script_runs {
            return false;
        }
        let ready = line.ready();
        if ready == BRISK_ONLY {
            return true;
        }
        let unknown = Pace::Unknown.index();
        if ready[unknown] && line.running[unknown] >= self.shares.all_but_one() {
            return false;
        }
        let workers = self.shares.workers.min(self.shares.tenant_runs);
        let of_tenant =
            if self.is_shared(name, LATELY, now, again) { workers.div_ceil(2) } else { workers };
        let others = tenant.scripts.len() > 1
            || holds(tenant.recent.other_until(script, LATELY), now, again);
        long(&line.running) < of_tenant.div_ceil(2) || !others
    }
}

#[cfg(test)]
impl<T> Schedule<T> {
    /// How many tenants and scripts are remembered in any form.
    pub(crate) fn known(&self) -> usize {
        let scripts = |tenant: &Tenant<T>| tenant.scripts.len() + tenant.turns.known();
        self.tenants.len() + self.turns.known() + self.tenants.values().map(scripts).sum::<usize>()
    }
}
