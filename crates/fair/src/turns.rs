//! Start-time fair queueing: whose turn it is among those who have something ready, by weight.
//! Knows neither what is ready nor the time.
//!
//! Each key has a *finish*, the virtual time up to which it has had its share. What it begins next
//! starts at its finish, or at the present virtual time where it had nothing ready before; the least
//! start has its turn. The virtual time goes with what all of them have had, so that those who come
//! anew do not go before the others for ever, and is never before the start of what began last. A
//! turn is charged when it begins, by what it is expected to take, and corrected when it has ended.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    time::Duration,
};

use super::cost::Pace;

/// How far behind the virtual time a key's start can be, in its ns: what it may catch up at most
/// after it was held back by a limit.
const MOST_BEHIND: u64 = 1_000_000_000;
/// How many keys that have nothing ready are remembered because they have had more than their
/// share. Of more, those that are the least ahead are forgotten.
const REMEMBERED: usize = 4_096;

/// For each pace, whether it counts.
pub(crate) type Paces = [bool; Pace::COUNT];
pub(crate) const NO_PACE: Paces = [false; Pace::COUNT];

/// The order of keys.
#[derive(Debug)]
pub(crate) struct Turns<K> {
    /// The virtual time, in ns of CPU time for a weight of 1.
    now: u64,
    next_place: u64,
    flows: HashMap<K, Flow>,
    /// Those who have something ready of each pace, by start; of equal ones who came first.
    ready: [BTreeSet<(u64, u64, K)>; Pace::COUNT],
    /// Those who have nothing ready or begun, and are ahead, by finish.
    resting: BTreeSet<(u64, K)>,
    /// The weights of those who have something ready or begun.
    active: u64,
}

#[derive(Debug)]
struct Flow {
    weight: u64,
    finish: u64,
    /// The virtual time when it last had something ready after it had nothing.
    came: u64,
    place: u64,
    ready: Paces,
    begun: usize,
}

impl Flow {
    fn start(&self) -> u64 {
        self.came.max(self.finish)
    }

    fn is_active(&self) -> bool {
        self.begun > 0 || self.ready != NO_PACE
    }

    fn active_weight(&self) -> u64 {
        if self.is_active() { self.weight } else { 0 }
    }

    fn share(&self, time: Duration) -> u64 {
        u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) / self.weight
    }
}

impl<K: Clone + Eq + Hash + Ord> Turns<K> {
    pub(crate) fn new() -> Self {
        Self {
            now: 0,
            next_place: 0,
            flows: HashMap::new(),
            ready: [const { BTreeSet::new() }; Pace::COUNT],
            resting: BTreeSet::new(),
            active: 0,
        }
    }

    /// Notes of what paces `key` has something ready.
    pub(crate) fn set_ready(&mut self, key: &K, weight: u32, ready: Paces) {
        let (now, place) = (self.now, self.next_place);
        self.next_place += 1;
        self.change(key, |flow| {
            flow.weight = u64::from(weight.max(1));
            if flow.ready == NO_PACE {
                flow.came = now;
                flow.place = place;
            }
            flow.ready = ready;
        });
    }

    /// Those who have something ready of the paces that are allowed, in the order of their turns.
    pub(crate) fn order(&self, allowed: Paces) -> impl Iterator<Item = &K> {
        let mut sets = self.ready.each_ref().map(|set| set.iter().peekable());
        std::iter::from_fn(move || {
            let first = (0..Pace::COUNT)
                .filter(|&pace| allowed[pace])
                .filter_map(|pace| sets[pace].peek().map(|&entry| (entry, pace)))
                .min();
            // One that has several paces ready comes several times, with the same start.
            first.and_then(|(_, pace)| sets[pace].next()).map(|(_, _, key)| key)
        })
    }

    /// Of what paces anybody has something ready.
    pub(crate) fn ready_paces(&self) -> Paces {
        self.ready.each_ref().map(|set| !set.is_empty())
    }

    /// It is `key`'s turn: it begins something that is expected to take `charge`.
    pub(crate) fn begin(&mut self, key: &K, charge: Duration) {
        let Some(start) = self.flows.get(key).map(Flow::start) else { return };
        let start = start.max(self.now.saturating_sub(MOST_BEHIND));
        self.now = self.now.max(start);
        let place = self.next_place;
        self.next_place += 1;
        self.change(key, |flow| {
            flow.finish = start.saturating_add(flow.share(charge));
            flow.place = place;
            flow.begun += 1;
        });
        self.forget();
    }

    /// What was begun and charged so has ended, and took `used`.
    pub(crate) fn end(&mut self, key: &K, charged: Duration, used: Duration) {
        let Some(flow) = self.flows.get(key) else { return };
        let used_of_all = u64::try_from(used.as_nanos()).unwrap_or(u64::MAX);
        self.now = self.now.saturating_add(used_of_all / self.active.max(flow.weight));
        self.change(key, |flow| {
            let (charged, used) = (flow.share(charged), flow.share(used));
            flow.finish = flow.finish.saturating_sub(charged).saturating_add(used);
            flow.begun = flow.begun.saturating_sub(1);
        });
        self.forget();
    }

    /// Forgets those who have nothing ready or begun and are not ahead any more.
    fn forget(&mut self) {
        while let Some((finish, _)) = self.resting.first()
            && *finish <= self.now
            && let Some((_, key)) = self.resting.pop_first()
        {
            self.flows.remove(&key);
        }
    }

    /// Changes a flow and all that is kept in order of it. One that has nothing ready or begun, and
    /// is not ahead, is forgotten.
    fn change(&mut self, key: &K, change: impl FnOnce(&mut Flow)) {
        let now = self.now;
        let flow = self.flows.entry(key.clone()).or_insert(Flow {
            weight: 1,
            finish: 0,
            came: now,
            place: 0,
            ready: NO_PACE,
            begun: 0,
        });
        let (was_active, weight_before) = (flow.is_active(), flow.active_weight());
        let entry = (flow.start(), flow.place, key.clone());
        for (set, _) in self.ready.iter_mut().zip(flow.ready).filter(|(_, ready)| *ready) {
            set.remove(&entry);
        }
        if !was_active {
            self.resting.remove(&(flow.finish, key.clone()));
        }
        change(flow);
        let entry = (flow.start(), flow.place, key.clone());
        for (set, _) in self.ready.iter_mut().zip(flow.ready).filter(|(_, ready)| *ready) {
            set.insert(entry.clone());
        }
        let (is_active, finish) = (flow.is_active(), flow.finish);
        self.active = self.active + flow.active_weight() - weight_before;
        if is_active {
            return;
        }
        if self.active == 0 {
            // Nobody waited for what was had in excess, so it is nobody's loss.
            self.flows.clear();
            self.resting.clear();
        } else if finish <= now {
            self.flows.remove(key);
        } else {
            self.resting.insert((finish, key.clone()));
            if self.resting.len() > REMEMBERED
                && let Some((_, least)) = self.resting.pop_first()
            {
                self.flows.remove(&least);
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn known(&self) -> usize {
        self.flows.len()
    }
}
