//! Calls of the program's functions that wait for their answers. Must not know scripts beyond their
//! numbers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sandtide::Value;
use sandtide_engine::{HostError, HostFunction};
use sandtide_wire::{FromHost, HostReply};
use tokio::sync::oneshot;

use crate::output::Output;

pub(crate) struct Calls {
    output: Arc<Output>,
    next: AtomicU64,
    open: Mutex<HashMap<u64, oneshot::Sender<HostReply>>>,
}

/// A call, as long as somebody waits for it.
struct Open {
    calls: Arc<Calls>,
    number: u64,
    answer: oneshot::Receiver<HostReply>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.number);
    }
}

impl Calls {
    pub(crate) fn new(output: Arc<Output>) -> Arc<Calls> {
        Arc::new(Calls { output, next: AtomicU64::new(1), open: Mutex::default() })
    }

    /// A host function that asks the program. Where it does not answer a promise, the guest waits.
    pub(crate) fn function(
        self: &Arc<Self>,
        script: u64,
        function: u32,
        name: String,
        answers_promise: bool,
    ) -> HostFunction {
        let calls = Arc::clone(self);
        // The run's own thread says the call, so that none comes after the run's end; and a program that
        // does not answer keeps no thread once the run is over.
        let ask = move |args| {
            let mut open = calls.open(script, function, args);
            async move { result((&mut open.answer).await.ok()) }
        };
        match answers_promise {
            true => HostFunction::new_async(name, ask),
            false => HostFunction::new_waited(name, ask),
        }
    }

    fn open(self: &Arc<Self>, script: u64, function: u32, args: Vec<Value>) -> Open {
        let call = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.lock().insert(call, sender);
        self.output.say(&FromHost::Call { call, script, function, args });
        Open { calls: Arc::clone(self), number: call, answer }
    }

    /// Takes the program's answer. Nobody waits for it where the run is over.
    pub(crate) fn reply(&self, call: u64, reply: HostReply) {
        let sender = self.lock().remove(&call);
        if let Some(sender) = sender {
            // The run may have ended this very moment.
            let _ = sender.send(reply);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<HostReply>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn result(reply: Option<HostReply>) -> Result<Value, HostError> {
    match reply {
        Some(HostReply::Value { value }) => Ok(value),
        Some(HostReply::Failed { error }) => Err(error),
        Some(HostReply::Panicked { message }) => Err(HostError::new(message)),
        None => Err(HostError::new("the program does not answer any more")),
    }
}
