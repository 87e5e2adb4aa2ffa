//! Searching bytes in bytes, from either end.

/// Where `needle` is, at or after `from`, or at or before it if not `forward`. A negative `from`
/// counts from the end. With a `step` of two only even offsets count, as for UTF-16.
pub(super) fn index_of(
    haystack: &[u8],
    needle: &[u8],
    from: f64,
    step: usize,
    forward: bool,
) -> Option<usize> {
    let len = haystack.len();
    let mut start = if from < 0.0 { from + len as f64 } else { from };
    if start < 0.0 {
        if !forward && !needle.is_empty() {
            return None;
        }
        start = 0.0;
    }
    if start > len as f64 {
        if forward && !needle.is_empty() {
            return None;
        }
        start = len as f64;
    }
    // Whole and within the length by now.
    let start = start as usize;
    if needle.is_empty() {
        return Some(start);
    }
    if needle.len() > len || (step > 1 && (len < step || needle.len() < step)) {
        return None;
    }
    if forward {
        search_forward(haystack, needle, start, step)
    } else {
        search_backward(haystack, needle, start, step)
    }
}

fn search_forward(haystack: &[u8], needle: &[u8], start: usize, step: usize) -> Option<usize> {
    let finder = memchr::memmem::Finder::new(needle);
    let mut at = start;
    while let Some(found) = finder.find(haystack.get(at..)?) {
        if (at + found).is_multiple_of(step) {
            return Some(at + found);
        }
        at += found + 1;
    }
    None
}

fn search_backward(haystack: &[u8], needle: &[u8], start: usize, step: usize) -> Option<usize> {
    let finder = memchr::memmem::FinderRev::new(needle);
    let mut end = haystack.len().min(start + needle.len());
    loop {
        let found = finder.rfind(&haystack[..end])?;
        if found.is_multiple_of(step) {
            return Some(found);
        }
        end = found + needle.len() - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::index_of;

    #[test]
    fn both_directions() {
        let text = b"abcabc";
        assert_eq!(index_of(text, b"c", -2.0, 1, true), Some(5));
        assert_eq!(index_of(text, b"b", f64::INFINITY, 1, false), Some(4));
        assert_eq!(index_of(text, b"b", -3.0, 1, false), Some(1));
        assert_eq!(index_of(text, b"", 30.0, 1, true), Some(6));
        assert_eq!(index_of(b"\0a\0a", b"\0a", 0.0, 2, true), Some(0));
        assert_eq!(index_of(b"aa\0a\0", b"a\0", 0.0, 2, true), None);
    }
}
