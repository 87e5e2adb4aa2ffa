//! What other servers changed, for whoever has scripts in memory. Knows nothing of how a store learns it.

use std::{
    collections::HashSet,
    mem,
    sync::{Mutex, PoisonError},
};

use tokio::sync::{Notify, watch};

use crate::{SecretOf, Who};

/// Changes of other servers that are to be looked at. What is named twice is looked at once, so that no more
/// waits here than there are scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether anything may have changed, because it is not known what did.
    pub all: bool,
    /// Scripts that were deployed, activated, rolled back or removed.
    pub scripts: HashSet<Who>,
    /// Whose secrets were set or removed.
    pub secrets: HashSet<SecretOf>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        !self.all && self.scripts.is_empty() && self.secrets.is_empty()
    }
}

/// Where changes of other servers come in, and whether any can.
#[derive(Debug, Default)]
pub struct News {
    waiting: Mutex<Changes>,
    came: Notify,
    away: watch::Sender<Option<String>>,
}

impl News {
    pub(crate) fn add(&self, add: impl FnOnce(&mut Changes)) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut waiting);
        if !waiting.is_empty() {
            self.came.notify_one();
        }
    }

    pub(crate) fn tell_away(&self, why: Option<&str>) {
        self.away.send_replace(why.map(str::to_owned));
    }

    /// Why the store is away for now; nothing while it is there.
    pub fn away(&self) -> watch::Receiver<Option<String>> {
        self.away.subscribe()
    }

    /// What came since this was called last; waits until something comes. For one reader.
    pub async fn next(&self) -> Changes {
        loop {
            let came = self.came.notified();
            let changes =
                mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            if !changes.is_empty() {
                return changes;
            }
            came.await;
        }
    }
}
