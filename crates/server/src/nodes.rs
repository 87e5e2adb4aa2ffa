//! Several servers that share a store: what others change is taken up here, within moments, and what was built is
//! served until what comes in its place is built. Knows nothing of HTTP, nor of how a store learns of changes.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use sandtide_store::{Changes, News, StoreError, Who};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    catalog::{Catalog, Taken},
    error::ApiError,
    events,
    names::Tenant,
    workers::Workers,
};

/// Scripts that are looked at together.
const TOGETHER: usize = 32;
/// How long to wait before what could not be read is looked at again.
const AGAIN: Duration = Duration::from_millis(300);

/// Takes up what others change, for ever.
pub(crate) async fn follow(catalog: Arc<Catalog>, workers: Arc<Workers>, news: Arc<News>) {
    let mut todo = Todo::default();
    let mut under_way = JoinSet::new();
    let mut tasks = HashMap::new();
    let mut all = false;
    let mut away = news.away();
    // It goes on whatever comes meanwhile.
    let mut again = interval(AGAIN);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Ok(()) = away.changed() => events::store_away(away.borrow_and_update().as_deref()),
            changes = news.next() => all |= todo.add(&catalog, changes),
            Some(done) = under_way.join_next_with_id(), if !under_way.is_empty() => {
                // A task that panicked is tried again as one that could not read.
                let (id, looked) = match done {
                    Ok((id, looked)) => (id, looked),
                    Err(error) => (error.id(), Err(ApiError::Internal)),
                };
                if let Some((who, renew)) = tasks.remove(&id) {
                    todo.done(who, renew, looked);
                }
            }
            _ = again.tick(), if all || todo.has_failed() => {
                if all && let Ok(differing) = catalog.differing().await {
                    all = false;
                    differing.into_iter().for_each(|who| todo.push(who, true));
                }
                todo.try_failed();
            }
        }
        while under_way.len() < TOGETHER
            && let Some((who, renew)) = todo.next()
        {
            let (catalog, workers) = (Arc::clone(&catalog), Arc::clone(&workers));
            let of = who.clone();
            let task = under_way.spawn(async move { look(&catalog, &workers, &of, renew).await });
            tasks.insert(task.id(), (who, renew));
        }
    }
}

/// Scripts to look at, each with whether its secrets changed.
#[derive(Default)]
struct Todo {
    waiting: VecDeque<Who>,
    scripts: HashMap<Who, State>,
    failed: usize,
}

enum State {
    Waiting { renew: bool },
    UnderWay { again: Option<bool> },
    Failed { renew: bool },
}

impl Todo {
    /// Whether everything is to be looked at.
    fn add(&mut self, catalog: &Catalog, changes: Changes) -> bool {
        for of in changes.secrets {
            let Ok(tenant) = Tenant::of(Some(&of.tenant)) else { continue };
            catalog.secrets_changed();
            for slot in catalog.scripts.list(&tenant) {
                if of.script.as_deref().is_none_or(|script| *slot.name == *script) {
                    self.push(
                        Who { tenant: of.tenant.clone(), script: slot.name.to_string() },
                        true,
                    );
                }
            }
        }
        changes.scripts.into_iter().for_each(|who| self.push(who, false));
        changes.all
    }

    fn push(&mut self, who: Who, renew: bool) {
        match self.scripts.entry(who) {
            Entry::Vacant(entry) => {
                self.waiting.push_back(entry.key().clone());
                entry.insert(State::Waiting { renew });
            }
            Entry::Occupied(mut entry) => match entry.get_mut() {
                State::Waiting { renew: known } => *known |= renew,
                State::UnderWay { again } => *again = Some(again.unwrap_or(false) | renew),
                State::Failed { renew: known } => {
                    let renew = *known | renew;
                    self.failed -= 1;
                    self.waiting.push_back(entry.key().clone());
                    entry.insert(State::Waiting { renew });
                }
            },
        }
    }

    fn next(&mut self) -> Option<(Who, bool)> {
        let who = self.waiting.pop_front()?;
        match self.scripts.insert(who.clone(), State::UnderWay { again: None }) {
            Some(State::Waiting { renew }) => Some((who, renew)),
            _ => Some((who, true)),
        }
    }

    fn done(&mut self, who: Who, renew: bool, looked: Result<(), ApiError>) {
        let again = match self.scripts.remove(&who) {
            Some(State::UnderWay { again }) => again,
            _ => None,
        };
        match (looked, again) {
            (Ok(()), None) => {}
            (Ok(()), Some(again)) => self.push(who, again),
            (Err(_), again) => {
                let renew = renew || again == Some(true);
                self.failed += 1;
                self.scripts.insert(who, State::Failed { renew });
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.failed > 0
    }

    fn try_failed(&mut self) {
        let failed = |(who, state): (&Who, &State)| match state {
            State::Failed { renew } => Some((who.clone(), *renew)),
            _ => None,
        };
        let failed: Vec<_> = self.scripts.iter().filter_map(failed).collect();
        failed.into_iter().for_each(|(who, renew)| self.push(who, renew));
    }
}

/// Brings one script in memory to what is kept. Fails where that cannot be read now.
async fn look(
    catalog: &Arc<Catalog>,
    workers: &Workers,
    who: &Who,
    renew: bool,
) -> Result<(), ApiError> {
    let Ok(tenant) = Tenant::of(Some(&who.tenant)) else { return Ok(()) };
    loop {
        let now = catalog.scripts.get(&tenant, &who.script).ok();
        let active = catalog.store().active_of(who.clone()).await?;
        let new = match &active {
            None if now.is_none() => return Ok(()),
            None => None,
            Some(active) => {
                if now.as_ref().is_some_and(|now| now.is_same(active, renew)) {
                    return Ok(());
                }
                Some(catalog.kept_slot(tenant.clone(), active, now.as_deref(), renew))
            }
        };
        // Whoever asks for the script meanwhile is answered by what is built.
        if let (Some(new), true) = (&new, now.as_ref().is_some_and(|now| now.ready().is_some())) {
            let beside = new.canary.as_ref().map(|canary| &canary.slot);
            for slot in [Some(new), beside].into_iter().flatten() {
                let build = || {
                    let (catalog, slot) = (Arc::clone(catalog), Arc::clone(slot));
                    workers.build_again(&tenant, &who.script, move || catalog.build_kept(&slot))
                };
                if let Err(error) = slot.deployed.get_or_try_init(build).await
                    && !is_own(&error)
                {
                    return Err(error);
                }
            }
        }
        let (catalog, tenant, name) = (Arc::clone(catalog), tenant.clone(), who.script.clone());
        // It may have to wait for a change that is made here at this moment.
        let taken = move || catalog.take_up(&tenant, &name, now.as_ref(), new);
        match tokio::task::spawn_blocking(taken).await {
            Ok(Taken::Up) => {
                events::taken_up(who, active.as_ref().map(|active| &*active.version));
                return Ok(());
            }
            // It was changed here meanwhile.
            Ok(Taken::Over) => {}
            Err(_) => return Ok(()),
        }
    }
}

/// Whether a version cannot be built because of what it is, or of secrets that it is not given any more: whoever asks
/// for the script is told then. After anything else the former version goes on, and building is tried again.
fn is_own(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Script(_)
            | ApiError::NetNotAllowed { .. }
            | ApiError::HasSecrets
            | ApiError::NotAHandler(_)
            | ApiError::Handler { .. }
            | ApiError::Store(
                StoreError::NoSecret(_) | StoreError::NoSecretKey | StoreError::DamagedSecret(_)
            )
    )
}

#[cfg(test)]
mod tests {
    use sandtide_store::{StoreError, Who};

    use super::{Todo, is_own};
    use crate::error::ApiError;

    #[test]
    fn only_what_is_wrong_with_a_script_takes_the_former_version_away() {
        assert!(is_own(&ApiError::HasSecrets));
        assert!(is_own(&ApiError::Store(StoreError::NoSecret("A".to_owned()))));
        for passing in [
            ApiError::Internal,
            ApiError::QueueFull("many wait"),
            ApiError::QueueTime { limit: Default::default(), waited: Default::default() },
            ApiError::ScriptBytes { needed: 2, used: 1, limit: 1 },
            ApiError::Store(StoreError::Closed),
            ApiError::Store(StoreError::Postgres(String::new())),
            ApiError::Store(StoreError::Unavailable(String::new())),
        ] {
            assert!(!is_own(&passing), "{passing}");
        }
    }

    fn who(script: &str) -> Who {
        Who { tenant: "t".to_owned(), script: script.to_owned() }
    }

    #[test]
    fn what_changes_while_it_is_looked_at_is_looked_at_again() {
        let mut todo = Todo::default();
        todo.push(who("a"), false);
        todo.push(who("a"), true);
        todo.push(who("b"), false);
        assert_eq!(todo.next(), Some((who("a"), true)));
        todo.push(who("a"), false);
        assert_eq!(todo.next(), Some((who("b"), false)));
        assert_eq!(todo.next(), None);
        todo.done(who("a"), true, Ok(()));
        todo.done(who("b"), false, Ok(()));
        assert_eq!(todo.next(), Some((who("a"), false)));
        todo.done(who("a"), false, Ok(()));
        assert!(todo.next().is_none() && todo.scripts.is_empty());
    }

    #[test]
    fn what_could_not_be_read_is_looked_at_again_with_all_that_changed() {
        let mut todo = Todo::default();
        todo.push(who("a"), true);
        let (a, renew) = todo.next().unwrap();
        todo.done(a, renew, Err(ApiError::Internal));
        assert!(todo.has_failed() && todo.next().is_none());
        todo.try_failed();
        assert!(!todo.has_failed());
        assert_eq!(todo.next(), Some((who("a"), true)));
        todo.done(who("a"), true, Err(ApiError::Internal));
        todo.push(who("a"), false);
        assert!(!todo.has_failed());
        assert_eq!(todo.next(), Some((who("a"), true)));
    }
}
