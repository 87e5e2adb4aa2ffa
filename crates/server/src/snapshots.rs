//! Heap snapshots over HTTP: of a script's image, and of its next run that hits its memory limit. What
//! runs on a thread of this process is looked at here; a worker process looks itself, and what it writes is
//! bytes that nobody reads here.
//!
//! Where nobody waits for one, a run reads one flag. Must not know how requests are answered.

use std::{
    io::Write as _,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sandtide::{Error, Image, Instance, Look, Looked, Moment, Outcome};
use sandtide_inspect::snapshot::{self, Ids};
use sandtide_supervisor::SnapshotSink;
use tokio::sync::oneshot;

use crate::{
    answer,
    error::ApiError,
    flight::{Flight, Pieces},
};

/// How long a request may wait for a run that hits its limit.
const LONGEST: u64 = 600;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The script's image.
    Image,
    /// The next run that hits its limit, within this time.
    Limit(Duration),
}

/// Reads the parameters `of` (`image` by default, or `limit`) and `seconds` (60 by default).
pub(crate) fn wanted(of: Option<&str>, seconds: Option<&str>) -> Result<Of, ApiError> {
    let bad = |text: &str| Err(ApiError::InvalidRequest(text.to_owned()));
    match of.unwrap_or("image") {
        "image" if seconds.is_some() => bad("`seconds` belongs to `of=limit`"),
        "image" => Ok(Of::Image),
        "limit" => {
            let seconds = seconds.map_or(Ok(60), str::parse);
            match seconds.ok().filter(|seconds| (1..=LONGEST).contains(seconds)) {
                Some(seconds) => Ok(Of::Limit(Duration::from_secs(seconds))),
                None => bad(&format!("`seconds` is a whole number from 1 to {LONGEST}")),
            }
        }
        _ => bad("`of` is image or limit"),
    }
}

pub(crate) type Taken = Result<Pieces, ApiError>;
type Waits = Mutex<Option<oneshot::Sender<Taken>>>;

/// Who waits for a run of one script to hit its limit.
#[derive(Default)]
pub(crate) struct Trap {
    set: AtomicBool,
    waits: Arc<Waits>,
}

impl Trap {
    /// Waits from now on, until the answer is dropped; `None` while somebody else does.
    pub(crate) fn set(&self) -> Option<oneshot::Receiver<Taken>> {
        let mut waits = lock(&self.waits);
        if waits.as_ref().is_some_and(|waits| !waits.is_closed()) {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        *waits = Some(sender);
        self.set.store(true, Ordering::Release);
        Some(receiver)
    }

    /// What is told of a run, if somebody waits for one.
    pub(crate) fn watch(&self, flight: &Arc<Flight>) -> Option<Watch> {
        if !self.set.load(Ordering::Acquire) {
            return None;
        }
        let waits = lock(&self.waits);
        if waits.as_ref().is_none_or(oneshot::Sender::is_closed) {
            // Still locked: whoever waits from now on sets it after this.
            self.set.store(false, Ordering::Release);
            return None;
        }
        drop(waits);
        let (waits, flight) = (Arc::clone(&self.waits), Arc::clone(flight));
        Some(Watch { waits, flight, told: None })
    }
}

/// A run that is looked into where it hits its limit.
pub(crate) struct Watch {
    waits: Arc<Waits>,
    flight: Arc<Flight>,
    /// Who waited for it, and what came so far; none before the first bytes.
    told: Option<(Option<oneshot::Sender<Taken>>, Told)>,
}

impl Watch {
    /// For a run on a thread of this process.
    pub(crate) fn into_look(self) -> Look {
        let Watch { waits, flight, told: _ } = self;
        Look::new(move |looked: &Looked<'_>| {
            if looked.moment == Moment::HeapLimit {
                answer_with(&waits, || write(looked, &flight));
            }
        })
    }
}

impl Watch {
    /// Tells who waits for a snapshot that its worker did not come to the end of.
    pub(crate) fn run_ended(self, outcome: &Outcome) {
        if let Some((Some(sender), _)) = self.told {
            let error = outcome.result.as_ref().err().cloned();
            let _ = sender.send(Err(error.map_or(ApiError::Internal, ApiError::from)));
        }
    }
}

/// For a run in a worker.
impl SnapshotSink for Watch {
    fn piece(&mut self, bytes: &[u8]) {
        let Watch { waits, flight, told } = self;
        // Another run may have been the first, and has who waits.
        let (sender, told) = told.get_or_insert_with(|| (lock(waits).take(), Told::new(flight)));
        if sender.is_some() {
            told.piece(bytes);
        }
    }

    fn end(&mut self, result: Result<(), Error>) {
        if let Some((Some(sender), mut told)) = self.told.take() {
            told.end(result);
            let _ = sender.send(told.taken());
        }
    }
}

/// What a worker wrote of a snapshot so far.
pub(crate) struct Told {
    flight: Arc<Flight>,
    pieces: Pieces,
    /// There was no room for more, or the worker could not write it.
    failed: Option<ApiError>,
    whole: bool,
}

impl Told {
    pub(crate) fn new(flight: &Arc<Flight>) -> Told {
        let pieces = Pieces::new(flight);
        Told { flight: Arc::clone(flight), pieces, failed: None, whole: false }
    }

    pub(crate) fn taken(self) -> Taken {
        match self.failed {
            Some(error) => Err(error),
            None if self.whole => Ok(self.pieces),
            None => Err(ApiError::Internal),
        }
    }
}

impl SnapshotSink for Told {
    fn piece(&mut self, bytes: &[u8]) {
        if self.failed.is_none() && self.pieces.write_all(bytes).is_err() {
            // What came is of no use, and others have its room.
            let pieces = mem::replace(&mut self.pieces, Pieces::new(&self.flight));
            self.failed = Some(answer::no_room(&self.flight, pieces.len()));
        }
    }

    fn end(&mut self, result: Result<(), Error>) {
        self.whole = true;
        if let Err(error) = result {
            self.failed.get_or_insert(error.into());
        }
    }
}

/// Answers whoever waits, if somebody does. Nobody else has to wait while `write` goes on.
fn answer_with(waits: &Waits, write: impl FnOnce() -> Taken) {
    let sender = lock(waits).take();
    if let Some(sender) = sender {
        let _ = sender.send(write());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A snapshot of an image, in an instance of its own: no run of the script may change it meanwhile.
pub(crate) fn of_image(image: &Image, flight: &Arc<Flight>) -> Taken {
    let taken = Arc::new(Mutex::new(None));
    let (answer, flight) = (Arc::clone(&taken), Arc::clone(flight));
    let look = Look::new(move |looked: &Looked<'_>| {
        let written = write(looked, &flight);
        *lock(&answer) = Some(written);
    });
    Instance::new(image)?.look(&look)?;
    let taken = lock(&taken).take();
    taken.unwrap_or(Err(ApiError::Internal))
}

/// The snapshot's text, which lies in memory until it is sent.
fn write(looked: &Looked<'_>, flight: &Arc<Flight>) -> Taken {
    answer::pieces(flight, |out| snapshot::write(looked.walk, &mut Ids::default(), out).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waits_at_a_time_and_whoever_leaves_makes_room() {
        let (trap, flight) = (Trap::default(), Flight::new(1 << 20));
        assert!(trap.watch(&flight).is_none());
        let first = trap.set().unwrap();
        assert!(trap.set().is_none() && trap.watch(&flight).is_some());
        drop(first);
        assert!(trap.watch(&flight).is_none());
        let _second = trap.set().unwrap();
        assert!(trap.watch(&flight).is_some());
    }

    #[test]
    fn whoever_waits_is_seen_whatever_runs_end_meanwhile() {
        let (trap, flight) = (Trap::default(), Flight::new(1 << 20));
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let _ = trap.watch(&flight);
                }
            });
            let seen = (0..100_000).all(|_| {
                let waits = trap.set();
                waits.is_some() && trap.watch(&flight).is_some()
            });
            done.store(true, Ordering::Relaxed);
            assert!(seen);
        });
    }

    #[test]
    fn nobody_waits_for_a_snapshot_that_is_being_written() {
        let (trap, flight) = (Trap::default(), Flight::new(1 << 20));
        let mut waits = trap.set().unwrap();
        answer_with(&trap.waits, || {
            assert!(trap.waits.try_lock().is_ok());
            answer::pieces(&flight, |_| Ok(()))
        });
        assert!(waits.try_recv().unwrap().is_ok());
    }

    #[test]
    fn what_is_written_has_room_among_the_bytes_in_flight() {
        let flight = Flight::new(64 << 20);
        let image = Image::base();
        let taken = of_image(&image, &flight).unwrap();
        let bytes = taken.len();
        assert!(bytes > 50_000 && flight.used() >= bytes, "{bytes} {}", flight.used());
        drop(taken);
        assert_eq!(flight.used(), 0);
        let held = flight.take(flight.largest()).unwrap();
        let refused = of_image(&image, &flight).err().unwrap();
        assert_eq!(refused.code(), "ERR_BYTES_IN_FLIGHT");
        drop(held);
        let small = Flight::new(bytes / 2);
        assert_eq!(of_image(&image, &small).err().unwrap().code(), "ERR_ANSWER_TOO_LARGE");
        assert_eq!(small.used(), 0);
    }

    #[test]
    fn what_fails_for_another_reason_is_no_lack_of_room() {
        let flight = Flight::new(1 << 20);
        let failed = answer::pieces(&flight, |_| Err(std::io::ErrorKind::QuotaExceeded.into()));
        assert_eq!(failed.err().unwrap().code(), "ERR_INTERNAL");
    }

    #[test]
    fn parameters_are_read_strictly() {
        assert_eq!(wanted(None, None).unwrap(), Of::Image);
        assert_eq!(wanted(Some("limit"), Some("5")).unwrap(), Of::Limit(Duration::from_secs(5)));
        for (of, seconds) in [
            (Some("heap"), None),
            (None, Some("5")),
            (Some("limit"), Some("0")),
            (Some("limit"), Some("x")),
            (Some("limit"), Some("601")),
        ] {
            assert!(wanted(of, seconds).is_err(), "{of:?} {seconds:?}");
        }
    }
}
