//! Lists a page at a time: how many items are asked for, after which one, and what to ask for next. Knows nothing
//! of what is listed.

use crate::{error::ApiError, query::parameters};

/// Items in one answer, where nothing is said.
pub(crate) const USUAL: u32 = 100;
/// The most that can be asked for.
pub(crate) const MOST: u32 = 1_000;

/// Which part of a list is asked for.
pub(crate) struct Page {
    pub(crate) limit: u32,
    /// What the former answer gave.
    pub(crate) cursor: Option<String>,
}

impl Page {
    pub(crate) fn wanted(query: Option<&str>) -> Result<Self, ApiError> {
        let [limit, cursor] = parameters(query, ["limit", "cursor"])?;
        let limit = match limit.as_deref().map(str::parse) {
            None => USUAL,
            Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
            Some(_) => {
                return Err(ApiError::InvalidRequest(format!(
                    "`limit` is a whole number from 1 to {MOST}"
                )));
            }
        };
        Ok(Self { limit, cursor })
    }

    pub(crate) fn refused() -> ApiError {
        ApiError::InvalidRequest("`cursor` is the `next_cursor` of a former answer".to_owned())
    }

    /// The items of the page, and the cursor of the next one. `items` are in the order of their keys, and each key
    /// is one item's.
    pub(crate) fn of<T, K: AsRef<str>>(
        &self,
        items: impl IntoIterator<Item = T>,
        key: impl Fn(&T) -> K,
    ) -> (Vec<T>, Option<String>) {
        let after =
            |item: &T| self.cursor.as_deref().is_none_or(|cursor| key(item).as_ref() > cursor);
        let mut page = Vec::new();
        for item in items.into_iter().filter(after) {
            if page.len() == self.limit as usize {
                let last = page.last().map(|last| key(last).as_ref().to_owned());
                return (page, last);
            }
            page.push(item);
        }
        (page, None)
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn pages_together_have_each_item_once() {
        let all: Vec<_> = (10..35).map(|n| n.to_string()).collect();
        for limit in [1, 4, 5, 24, 25, 26, 1_000] {
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let page = Page { limit, cursor };
                let (items, next) = page.of(&all, |item| *item);
                assert!(!items.is_empty() && items.len() <= limit as usize);
                seen.extend(items.into_iter().cloned());
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(seen, all, "{limit}");
        }
    }

    #[test]
    fn limits_out_of_range_are_refused() {
        for query in ["limit=0", "limit=1001", "limit=x", "limit=", "limit=-1", "before=3"] {
            assert!(Page::wanted(Some(query)).is_err(), "{query}");
        }
        let page = Page::wanted(Some("limit=3&cursor=a%20b")).unwrap();
        assert_eq!((page.limit, page.cursor.as_deref()), (3, Some("a b")));
        assert_eq!(Page::wanted(None).unwrap().limit, 100);
    }
}
