//! An answer that comes later, to a task or to a thread.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::sync::oneshot;

use crate::StoreError;

/// What a store answers. A change that was asked for is made also if this is dropped.
#[derive(Debug)]
#[must_use = "whether a change was made is known only from its answer"]
pub struct Answer<T>(oneshot::Receiver<Result<T, StoreError>>);

/// Where the answer is given.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

impl<T> Answer<T> {
    pub(crate) fn new() -> (Reply<T>, Self) {
        let (reply, answer) = oneshot::channel();
        (reply, Self(answer))
    }

    /// Waits on this thread, which must not be one that drives tasks.
    ///
    /// # Errors
    ///
    /// Those of the store, and [`StoreError::Closed`] where it has ended.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl<T> Future for Answer<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}
