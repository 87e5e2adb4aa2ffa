//! Bytes in flight: what all connections together hold of bodies that were received and of answers
//! that were not yet taken. Knows nothing of sockets.
//!
//! A client that is slow to send or to read makes the server hold bytes for it. All such bytes come
//! out of one budget. When it is used up, the transfers that have been under way for longest are
//! cut off, so that clients who do not read cannot keep the others out.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// A transfer younger than this is not cut off.
const GRACE: Duration = Duration::from_secs(1);
/// Only what is no larger than this may take the last eighth of the budget, so that large answers
/// leave room for small ones.
const SMALL: usize = 64 << 10;

/// The budget. Shared by all connections of a server.
pub(crate) struct Flight {
    limit: usize,
    used: AtomicUsize,
    slow: Mutex<Slow>,
}

/// Transfers that did not end at once, oldest first.
#[derive(Default)]
struct Slow {
    next: u64,
    by_age: BTreeMap<u64, Entry>,
}

struct Entry {
    since: Instant,
    bytes: usize,
    cut: Arc<Notify>,
}

impl Flight {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicUsize::new(0), slow: Mutex::default() })
    }

    /// Takes room for so many bytes until the permit is dropped. Where there is none, slow
    /// transfers are cut off, but the request for room is refused all the same: their bytes are
    /// free only a little later.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Option<Permit> {
        let mut permit = Permit { flight: Arc::clone(self), bytes: 0 };
        permit.grow(bytes).then_some(permit)
    }

    /// The most that one transfer can have.
    pub(crate) fn largest(&self) -> usize {
        self.limit - self.limit / 8
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Notes a transfer of so many bytes that does not end at once.
    pub(crate) fn slow(self: &Arc<Self>, bytes: usize) -> SlowTransfer {
        let cut = Arc::new(Notify::new());
        let mut slow = self.lock();
        let id = slow.next;
        slow.next += 1;
        slow.by_age.insert(id, Entry { since: Instant::now(), bytes, cut: Arc::clone(&cut) });
        drop(slow);
        SlowTransfer { flight: Arc::clone(self), id, cut }
    }

    fn reserve(&self, bytes: usize) -> bool {
        let limit = if bytes <= SMALL { self.limit } else { self.largest() };
        self.used
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|&total| total <= limit)
            })
            .is_ok()
    }

    /// Cuts the oldest transfers off until so many bytes will be free.
    fn cut_off(&self, bytes: usize) {
        let mut slow = self.lock();
        let mut freed = 0;
        while freed < bytes
            && let Some(oldest) = slow.by_age.first_entry()
            && oldest.get().since.elapsed() >= GRACE
        {
            let entry = oldest.remove();
            freed += entry.bytes;
            entry.cut.notify_one();
        }
    }

    // Nothing panics while the lock is held, so a poisoned lock still holds a sound state.
    fn lock(&self) -> MutexGuard<'_, Slow> {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes taken out of the budget; dropping it gives them back.
pub(crate) struct Permit {
    flight: Arc<Flight>,
    bytes: usize,
}

impl Permit {
    /// How many bytes it is for.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes more; false, and nothing taken, where there is no room.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let room = self.flight.reserve(bytes);
        if room {
            self.bytes += bytes;
        } else {
            self.flight.cut_off(bytes);
        }
        room
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.flight.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The bytes of an answer as they are written, piece by piece. Bytes are never copied to make room
/// for more, and writing ends as soon as the budget has no room.
pub(crate) struct Pieces {
    pieces: Vec<Vec<u8>>,
    bytes: usize,
    permit: Permit,
    refused: bool,
}

/// Sizes of the first piece and of the largest ones.
const PIECE: std::ops::RangeInclusive<usize> = 512..=256 << 10;

impl Pieces {
    /// The most bytes of a piece that may stay unused.
    pub(crate) const SLACK: usize = *PIECE.end();

    pub(crate) fn new(flight: &Arc<Flight>) -> Self {
        let permit = Permit { flight: Arc::clone(flight), bytes: 0 };
        Self { pieces: Vec::new(), bytes: 0, permit, refused: false }
    }

    pub(crate) fn into_parts(self) -> (Vec<Vec<u8>>, Permit) {
        (self.pieces, self.permit)
    }

    /// Whether there was no room for what was to be written.
    pub(crate) fn was_refused(&self) -> bool {
        self.refused
    }

    /// How much was written before there was no room.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }
}

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = |piece: &Vec<u8>| piece.capacity() - piece.len();
        if self.pieces.last().map_or(0, room) == 0 {
            let next = self.pieces.last().map_or(*PIECE.start(), |last| 4 * last.capacity());
            let size = next.min(*PIECE.end());
            if !self.permit.grow(size) {
                self.refused = true;
                return Err(ErrorKind::QuotaExceeded.into());
            }
            self.pieces.push(Vec::with_capacity(size));
        }
        let Some(last) = self.pieces.last_mut() else {
            return Ok(0);
        };
        let taken = bytes.len().min(last.capacity() - last.len());
        last.extend_from_slice(&bytes[..taken]);
        self.bytes += taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A transfer that is under way; dropping it ends it.
pub(crate) struct SlowTransfer {
    flight: Arc<Flight>,
    id: u64,
    cut: Arc<Notify>,
}

impl SlowTransfer {
    /// How many bytes the transfer holds now.
    pub(crate) fn holds(&self, bytes: usize) {
        if let Some(entry) = self.flight.lock().by_age.get_mut(&self.id) {
            entry.bytes = bytes;
        }
    }

    /// Ready when the transfer has to end to make room for others.
    pub(crate) async fn cut_off(&self) {
        self.cut.notified().await;
    }
}

impl Drop for SlowTransfer {
    fn drop(&mut self) {
        self.flight.lock().by_age.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_comes_back_when_it_is_dropped() {
        let flight = Flight::new(800);
        let mut first = flight.take(500).unwrap();
        assert!(flight.take(301).is_none());
        assert!(first.grow(300));
        assert!(!first.grow(1));
        assert_eq!(flight.used(), 800);
        drop(first);
        assert_eq!(flight.used(), 0);
    }

    #[test]
    fn large_ones_leave_room_for_small_ones() {
        let flight = Flight::new(16 * SMALL);
        let large = flight.take(14 * SMALL).unwrap();
        assert!(flight.take(SMALL + 1).is_none());
        assert!(flight.take(SMALL).is_some());
        drop(large);
    }

    #[test]
    fn pieces_hold_what_was_written_until_there_is_no_room() {
        use std::io::Write;
        let flight = Flight::new(1 << 20);
        let text: Vec<u8> = (0..500_000_u32).map(|number| number as u8).collect();
        let mut pieces = Pieces::new(&flight);
        for part in text.chunks(7_001) {
            pieces.write_all(part).unwrap();
        }
        assert!((text.len()..1 << 20).contains(&flight.used()), "{}", flight.used());
        assert!(pieces.write_all(&text).is_err());
        drop(pieces);
        assert_eq!(flight.used(), 0);
        let mut pieces = Pieces::new(&flight);
        pieces.write_all(&text).unwrap();
        let (parts, _permit) = pieces.into_parts();
        assert_eq!(parts.concat(), text);
    }

    #[tokio::test]
    async fn the_oldest_transfer_is_cut_off_when_room_is_wanted() {
        let flight = Flight::new(1_000);
        let held = flight.take(900).unwrap();
        let (old, young) = (flight.slow(600), flight.slow(300));
        let long_ago = Instant::now().checked_sub(2 * GRACE).unwrap();
        flight.lock().by_age.get_mut(&0).unwrap().since = long_ago;
        assert!(flight.take(200).is_none());
        old.cut_off().await;
        assert_eq!(flight.lock().by_age.len(), 1, "the young one goes on");
        drop((held, old, young));
        assert!(flight.take(200).is_some());
        assert!(flight.lock().by_age.is_empty());
    }
}
