//! What was made of options lately, kept by the options' text.

use lru::LruCache;
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;

/// How many objects one thread keeps of each kind.
const KEPT: NonZeroUsize = NonZeroUsize::new(32).expect("not zero");
/// Options of more text than this are not kept.
const LONGEST: usize = 4096;

/// A cache of one thread. Whatever it holds follows from its key alone, so it can be seen in time
/// only.
pub(crate) struct Cache<T> {
    kept: RefCell<LruCache<String, Rc<T>>>,
    /// What was asked for last, again and again where a program sorts: it is found without a hash.
    last: RefCell<Option<(String, Rc<T>)>>,
}

impl<T> Cache<T> {
    pub(crate) fn new() -> Cache<T> {
        Cache { kept: RefCell::new(LruCache::new(KEPT)), last: RefCell::new(None) }
    }

    /// What is kept under a key, or else what is made now.
    pub(crate) fn get<E>(
        &self,
        key: &str,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Rc<T>, E> {
        if let Some((last, found)) = &*self.last.borrow()
            && last == key
        {
            return Ok(found.clone());
        }
        let known = self.kept.borrow_mut().get(key).cloned();
        let found = match known {
            Some(found) => found,
            None => Rc::new(make()?),
        };
        if key.len() <= LONGEST {
            self.kept.borrow_mut().get_or_insert(key.to_owned(), || found.clone());
            *self.last.borrow_mut() = Some((key.to_owned(), found.clone()));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_bounded_and_gives_what_its_key_means() {
        let cache = Cache::new();
        for round in 0..2 {
            for number in 0..100 {
                let made = cache.get::<()>(&number.to_string(), || Ok(number)).unwrap();
                assert_eq!(*made, number, "round {round}");
                let again = cache.get(&number.to_string(), || Err("is made twice"));
                assert_eq!(again, Ok(made));
            }
        }
        assert_eq!(cache.kept.borrow().len(), KEPT.get());
    }
}
