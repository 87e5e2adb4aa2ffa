//! Images that workers have built, kept as bytes for those that are forked later, so that a replacement
//! need not build them again. Must not know what the bytes mean, nor of any tenant.

use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

/// Bounded: the images that were handed on longest ago go first.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// Bytes that all may take together.
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    images: LruCache<u64, Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    /// The zygote whose workers can take it.
    zygote: u64,
    bytes: Arc<[u8]>,
}

impl State {
    fn remove(&mut self, image: u64) {
        if let Some(kept) = self.images.pop(&image) {
            self.bytes -= kept.bytes.len();
        }
    }
}

impl Shelf {
    pub(crate) fn new(most: usize) -> Shelf {
        Shelf { most, state: Mutex::new(State { images: LruCache::unbounded(), bytes: 0 }) }
    }

    /// The most bytes that one image may have: a few large ones would push all others out.
    pub(crate) fn most_of_one(&self) -> usize {
        self.most / 4
    }

    pub(crate) fn put(&self, image: u64, zygote: u64, bytes: Arc<[u8]>) {
        // Whatever a worker was asked for.
        if bytes.len() > self.most_of_one() {
            return;
        }
        let mut state = self.state();
        state.remove(image);
        state.bytes += bytes.len();
        state.images.put(image, Kept { zygote, bytes });
        while state.bytes > self.most
            && let Some((_, oldest)) = state.images.pop_lru()
        {
            state.bytes -= oldest.bytes.len();
        }
    }

    /// The image for a worker of this zygote.
    pub(crate) fn get(&self, image: u64, zygote: u64) -> Option<Arc<[u8]>> {
        let mut state = self.state();
        let kept = state.images.get(&image)?;
        if kept.zygote == zygote {
            return Some(Arc::clone(&kept.bytes));
        }
        // Of a zygote that has ended: no worker of it is forked any more.
        if kept.zygote < zygote {
            state.remove(image);
        }
        None
    }

    pub(crate) fn remove(&self, image: u64) {
        self.state().remove(image);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(len: usize) -> Arc<[u8]> {
        vec![7; len].into()
    }

    #[test]
    fn the_images_handed_on_longest_ago_make_room() {
        let shelf = Shelf::new(100);
        for number in 1..=4 {
            shelf.put(number, 1, image(25));
        }
        assert!(shelf.get(1, 1).is_some());
        shelf.put(5, 1, image(20));
        assert!(shelf.get(2, 1).is_none() && shelf.get(1, 1).is_some());
        shelf.remove(1);
        shelf.put(6, 1, image(25));
        assert!([3, 4, 5, 6].iter().all(|number| shelf.get(*number, 1).is_some()));
    }

    #[test]
    fn what_is_too_large_or_of_another_zygote_is_not_handed_on() {
        let shelf = Shelf::new(100);
        shelf.put(1, 1, image(26));
        assert!(shelf.get(1, 1).is_none());
        shelf.put(2, 2, image(25));
        assert!(shelf.get(2, 1).is_none(), "a worker of the zygote before");
        assert!(shelf.get(2, 2).is_some());
        assert!(shelf.get(2, 3).is_none());
        assert_eq!(shelf.state().bytes, 0, "nobody can take it any more");
    }
}
