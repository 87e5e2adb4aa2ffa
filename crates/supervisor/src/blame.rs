//! Which script a lost worker is laid to. A worker serves many scripts of a tenant, one after the other, and
//! any of them may have left it so that it dies later. So a loss counts for a script only where the worker
//! served no other; else each of them is *suspect* for a while: its runs have workers that serve no other
//! script, where the next loss counts for whoever it is of. What kills its worker in another's run gets away
//! with it once in that time, and costs an innocent script one run.
//!
//! Must not know what a loss leads to.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// How long a script has workers of its own after one was lost that it had with others.
const SUSPECT_TIME: Duration = Duration::from_secs(600);
/// Suspects that are remembered; of more, those of the longest ago are not.
const SUSPECTS: usize = 4096;
/// Scripts that one worker serves, so that all can be named when it is lost.
const SERVED: usize = 64;

/// Its keys are this process's own, so that nobody can bring a source that is taken for another.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What of a tenant's runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// What was deployed, by what it is made of.
    Deployed(u64),
    /// A source that came with its run.
    Source(u64),
}

/// A script of a tenant's: the same whenever it is deployed, or sent along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    tenant: u64,
    what: What,
}

impl Script {
    /// What is deployed under a version.
    pub(crate) fn deployed(tenant: &str, version: &str) -> Script {
        let what = What::Deployed(HASHER.hash_one((tenant, version)));
        Script { tenant: HASHER.hash_one(tenant), what }
    }

    /// A source that comes with its run.
    pub(crate) fn source(tenant: &str, text: &str) -> Script {
        let what = What::Source(HASHER.hash_one((tenant, text, "source")));
        Script { tenant: HASHER.hash_one(tenant), what }
    }

    pub(crate) fn tenant(&self) -> u64 {
        self.tenant
    }

    /// Itself, of all scripts of all tenants.
    pub(crate) fn key(&self) -> u64 {
        match self.what {
            What::Deployed(key) | What::Source(key) => key,
        }
    }

    /// Whether its source comes with its runs.
    pub(crate) fn is_source(&self) -> bool {
        matches!(self.what, What::Source(_))
    }

    /// What it is when workers are told apart: another source is a changed letter away, so that all
    /// sources of a tenant's are one.
    fn kind(&self) -> u64 {
        match self.what {
            What::Deployed(key) => key,
            What::Source(_) => HASHER.hash_one((self.tenant, "sources")),
        }
    }
}

/// What a worker has served since it was forked.
#[derive(Debug, Default)]
pub(crate) struct Served {
    kinds: Vec<u64>,
    last: Option<(Script, Arc<str>)>,
    /// Whether it was asked for more than one source.
    many_sources: bool,
}

impl Served {
    /// Notes that it is asked for something of this script, whose version is called so.
    pub(crate) fn note(&mut self, script: Script, version: &Arc<str>) {
        match &mut self.last {
            Some((last, name)) if *last == script => {
                // It may have been built before anybody knew the name.
                name.clone_from(version);
                return;
            }
            Some((last, _)) => self.many_sources |= script.is_source() && last.is_source(),
            None => {}
        }
        let kind = script.kind();
        // One that was served before comes to the end.
        let known = self.kinds.iter().position(|other| *other == kind);
        self.many_sources |= script.is_source() && known.is_some();
        if known.is_none() {
            self.kinds.push(kind);
        }
        self.last = Some((script, Arc::clone(version)));
    }

    /// The name of the last one's version; empty where there was none.
    pub(crate) fn version(&self) -> Arc<str> {
        self.last.as_ref().map_or_else(|| "".into(), |(_, version)| Arc::clone(version))
    }

    /// The last one, which has to do with the loss of the worker at least.
    pub(crate) fn last(&self) -> Option<Script> {
        self.last.as_ref().map(|(script, _)| *script)
    }

    /// The one that it was lost by; none where it may have been another one.
    pub(crate) fn culprit(&self) -> Option<Script> {
        let last = self.last()?;
        let alone = self.kinds.len() == 1 && !(last.is_source() && self.many_sources);
        alone.then_some(last)
    }
}

/// Scripts that have workers of their own for now.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    until: HashMap<u64, Instant>,
    oldest: VecDeque<u64>,
}

impl Suspects {
    /// Takes note of the loss of a worker that had served more than one script.
    pub(crate) fn suspect(&mut self, served: &Served, now: Instant) {
        let source = served.last().filter(Script::is_source).map(|script| script.key());
        for key in served.kinds.iter().copied().chain(source) {
            if self.until.insert(key, now + SUSPECT_TIME).is_some() {
                self.oldest.retain(|other| *other != key);
            }
            self.oldest.push_back(key);
        }
        while let Some(oldest) = self.oldest.front()
            && (self.oldest.len() > SUSPECTS || self.until.get(oldest).is_none_or(|at| *at <= now))
        {
            self.until.remove(oldest);
            self.oldest.pop_front();
        }
    }

    fn has(&self, key: u64, now: Instant) -> bool {
        self.until.get(&key).is_some_and(|until| *until > now)
    }

    /// Whether it is a source that is suspect itself.
    fn has_source(&self, script: Script, now: Instant) -> bool {
        script.is_source() && self.has(script.key(), now)
    }

    /// Whether a worker may be asked for something of this script, by what it has served.
    pub(crate) fn fit(&self, served: &Served, script: Script, now: Instant) -> bool {
        let kind = script.kind();
        if served.kinds.len() >= SERVED && !served.kinds.contains(&kind) {
            return false;
        }
        if self.until.is_empty() {
            return true;
        }
        // The worker of a source that is suspect is its own, however the others are.
        if served.last().is_some_and(|last| last != script && self.has_source(last, now)) {
            return false;
        }
        // A source that is suspect itself has a worker that served no other source either.
        if self.has_source(script, now) {
            return served.last().is_none_or(|last| last == script && served.culprit().is_some());
        }
        match self.has(kind, now) {
            true => served.kinds.iter().all(|other| *other == kind),
            false => !served.kinds.iter().any(|other| self.has(*other, now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployed(name: &str) -> Script {
        Script::deployed("t", name)
    }

    fn served(scripts: &[Script]) -> Served {
        let mut served = Served::default();
        scripts.iter().for_each(|script| served.note(*script, &"v".into()));
        served
    }

    #[test]
    fn a_loss_is_laid_to_a_script_only_where_the_worker_served_no_other() {
        let (a, b) = (deployed("a"), deployed("b"));
        assert_eq!(served(&[]).culprit(), None);
        assert_eq!(served(&[a, a]).culprit(), Some(a));
        assert_eq!(served(&[a, b]).culprit(), None);
        assert_eq!(served(&[a, b, a]).culprit(), None);
        let (one, two) = (Script::source("t", "1"), Script::source("t", "2"));
        assert_eq!(served(&[one, one]).culprit(), Some(one));
        assert_eq!(served(&[one, two]).culprit(), None);
        assert_eq!(served(&[one, two, one]).culprit(), None);
        assert_eq!(served(&[one, a, two]).culprit(), None);
        assert_eq!(deployed("a"), Script::deployed("t", "a"), "deployed again");
        assert_ne!(Script::deployed("u", "a"), a);
        assert_ne!(Script::source("t", "a").key(), a.key());
    }

    #[test]
    fn suspects_have_workers_of_their_own_for_a_while_and_others_share_theirs() {
        let now = Instant::now();
        let (a, b, c, d) = (deployed("a"), deployed("b"), deployed("c"), deployed("d"));
        let mut suspects = Suspects::default();
        assert!(suspects.fit(&served(&[a]), b, now));
        suspects.suspect(&served(&[a, b]), now);
        for suspect in [a, b] {
            assert!(suspects.fit(&served(&[]), suspect, now), "a new one");
            assert!(suspects.fit(&served(&[suspect, suspect]), suspect, now), "its own");
            assert!(!suspects.fit(&served(&[c]), suspect, now));
            assert!(!suspects.fit(&served(&[suspect]), c, now));
        }
        assert!(suspects.fit(&served(&[c]), d, now));
        assert!(suspects.fit(&served(&[c]), a, now + SUSPECT_TIME));
    }

    #[test]
    fn a_source_that_is_suspect_has_a_worker_that_served_no_other_source() {
        let now = Instant::now();
        let (one, two) = (Script::source("t", "1"), Script::source("t", "2"));
        let mut suspects = Suspects::default();
        suspects.suspect(&served(&[one, two]), now);
        assert!(!suspects.fit(&served(&[one]), two, now));
        assert!(suspects.fit(&served(&[]), two, now));
        assert!(suspects.fit(&served(&[two]), two, now));
        // All sources are suspect, and have workers that served nothing else.
        let three = Script::source("t", "3");
        assert!(suspects.fit(&served(&[three]), Script::source("t", "4"), now));
        assert!(!suspects.fit(&served(&[deployed("a")]), three, now));
    }

    #[test]
    fn no_other_source_joins_the_worker_of_one_that_is_suspect() {
        let now = Instant::now();
        let [one, two, three] = ["1", "2", "3"].map(|text| Script::source("t", text));
        let mut suspects = Suspects::default();
        // The last one is known, of all the sources that it served.
        suspects.suspect(&served(&[one, two]), now);
        assert!(!suspects.fit(&served(&[two]), three, now));
        assert!(suspects.fit(&served(&[two]), two, now));
        assert!(suspects.fit(&served(&[two]), three, now + SUSPECT_TIME));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let now = Instant::now();
        let mut suspects = Suspects::default();
        for number in 0..SUSPECTS {
            let scripts = [deployed(&format!("a{number}")), deployed(&format!("b{number}"))];
            suspects.suspect(&served(&scripts), now);
        }
        assert_eq!((suspects.until.len(), suspects.oldest.len()), (SUSPECTS, SUSPECTS));
        suspects.suspect(&served(&[deployed("a"), deployed("b")]), now + SUSPECT_TIME);
        assert_eq!((suspects.until.len(), suspects.oldest.len()), (2, 2));
        let many: Vec<_> = (0..SERVED).map(|number| deployed(&number.to_string())).collect();
        let full = served(&many);
        assert!(!suspects.fit(&full, deployed("new"), now));
        assert!(Suspects::default().fit(&full, deployed("3"), now));
    }
}
