//! `file:` URLs, which the crate `url` reads by rules of its own: hosts before drive letters, and paths
//! that begin with several slashes. Here they are parsed as the URL standard says (its section 4.4, the
//! states that `file:` can be in).
//!
//! Must not know scripts, nor other schemes than `file`.

use url::Host;

/// A `file:` URL, its parts encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileUrl {
    pub(crate) host: String,
    /// Never empty once it is parsed.
    path: Vec<String>,
    query: Option<String>,
    fragment: Option<String>,
}

/// The characters that are percent-encoded beside controls and what is not ASCII.
const QUERY: &str = " \"#<>'";
const FRAGMENT: &str = " \"<>`";
const PATH: &str = " \"#<>?^`{}";

fn encode(text: &str, set: &str, out: &mut String) {
    for c in text.chars() {
        if c.is_ascii() && !c.is_ascii_control() && !set.contains(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
            let at = out.len() - 2;
            out.insert(at, '%');
        }
    }
}

fn encoded(text: &str, set: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode(text, set, &mut out);
    out
}

fn is_slash(c: char) -> bool {
    matches!(c, '/' | '\\')
}

/// A letter and `:`; with `bar`, `|` in its place too.
fn is_drive(text: &str, bar: bool) -> bool {
    match text.as_bytes() {
        [letter, mark] => letter.is_ascii_alphabetic() && (*mark == b':' || (bar && *mark == b'|')),
        _ => false,
    }
}

fn starts_with_drive(text: &str) -> bool {
    let drive = text.get(..2).is_some_and(|drive| is_drive(drive, true));
    drive && matches!(text.as_bytes().get(2), None | Some(b'/' | b'\\' | b'?' | b'#'))
}

/// How many dots a segment is: 1, 2, or none.
fn dots(segment: &str) -> usize {
    match segment.to_ascii_lowercase().as_str() {
        "." | "%2e" => 1,
        ".." | ".%2e" | "%2e." | "%2e%2e" => 2,
        _ => 0,
    }
}

/// A URL's text as it is parsed: without what stands around it and what it ignores.
fn trimmed(input: &str) -> String {
    input.trim_matches(|c: char| c <= ' ').replace(['\t', '\n', '\r'], "")
}

/// The scheme of a text and what stands behind its colon.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let first = scheme.bytes().next()?;
    (first.is_ascii_alphabetic() && scheme.bytes().all(letters)).then_some((scheme, rest))
}

/// Whether a text is a URL of the scheme `file`, if it is one.
pub(crate) fn is_file(input: &str, base: Option<&str>) -> bool {
    // Any scheme that ends behind this is another one.
    let start = input.trim_start_matches(|c: char| c <= ' ');
    let head: String = start.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).take(5).collect();
    if head.eq_ignore_ascii_case("file:") {
        return true;
    }
    base.is_some_and(|base| is_file(base, None)) && scheme(&trimmed(input)).is_none()
}

impl FileUrl {
    /// Parses a text of which [`is_file`] is true. `None` where it is no URL.
    pub(crate) fn parse(input: &str, base: Option<&FileUrl>) -> Option<FileUrl> {
        let text = trimmed(input);
        let rest = scheme(&text).map_or(text.as_str(), |(_, rest)| rest);
        let mut url = FileUrl::default();
        let Some(after) = rest.strip_prefix(is_slash) else {
            return url.relative(rest, base);
        };
        let Some(after) = after.strip_prefix(is_slash) else {
            if let Some(base) = base {
                url.host = base.host.clone();
                if let Some(drive) = base.path.first().filter(|first| is_drive(first, false))
                    && !starts_with_drive(after)
                {
                    url.path.push(drive.clone());
                }
            }
            return Some(url.path_and_rest(after));
        };
        let end = after.find(['/', '\\', '?', '#']).unwrap_or(after.len());
        let (host, rest) = after.split_at(end);
        if is_drive(host, true) {
            return Some(url.path_and_rest(after));
        }
        url.host = parsed_host(host)?;
        Some(url.path_and_rest(rest.strip_prefix(is_slash).unwrap_or(rest)))
    }

    /// What stands behind no slash.
    fn relative(mut self, rest: &str, base: Option<&FileUrl>) -> Option<FileUrl> {
        let Some(base) = base else { return Some(self.path_and_rest(rest)) };
        self.host = base.host.clone();
        self.path = base.path.clone();
        match rest.chars().next() {
            None | Some('#') => {
                self.query = base.query.clone();
                self.fragment = rest.strip_prefix('#').map(|text| encoded(text, FRAGMENT));
                Some(self)
            }
            Some('?') => Some(self.query_and_fragment(rest)),
            Some(_) => {
                if starts_with_drive(rest) {
                    self.path.clear();
                } else {
                    self.shorten();
                }
                Some(self.path_and_rest(rest))
            }
        }
    }

    fn path_and_rest(mut self, text: &str) -> FileUrl {
        let end = text.find(['?', '#']).unwrap_or(text.len());
        self.add_path(&text[..end]);
        self.query_and_fragment(&text[end..])
    }

    fn query_and_fragment(mut self, text: &str) -> FileUrl {
        let (before, fragment) = match text.split_once('#') {
            Some((before, fragment)) => (before, Some(fragment)),
            None => (text, None),
        };
        self.query = before.strip_prefix('?').map(|query| encoded(query, QUERY));
        self.fragment = fragment.map(|fragment| encoded(fragment, FRAGMENT));
        self
    }

    fn add_path(&mut self, text: &str) {
        let mut segments = text.split(is_slash).peekable();
        while let Some(segment) = segments.next() {
            let last = segments.peek().is_none();
            let dots = dots(segment);
            if dots == 2 {
                self.shorten();
            }
            if dots > 0 {
                if last {
                    self.path.push(String::new());
                }
            } else if self.path.is_empty() && is_drive(segment, true) {
                self.path.push(format!("{}:", &segment[..1]));
            } else {
                self.path.push(encoded(segment, PATH));
            }
        }
    }

    fn shorten(&mut self) {
        if !matches!(self.path.as_slice(), [only] if is_drive(only, false)) {
            self.path.pop();
        }
    }

    pub(crate) fn href(&self) -> String {
        ["file://", &self.host, &self.pathname(), &self.query_text(), &self.fragment_text()]
            .concat()
    }

    pub(crate) fn pathname(&self) -> String {
        self.path.iter().flat_map(|segment| ["/", segment]).collect()
    }

    fn query_text(&self) -> String {
        self.query.as_ref().map_or_else(String::new, |query| format!("?{query}"))
    }

    fn fragment_text(&self) -> String {
        self.fragment.as_ref().map_or_else(String::new, |fragment| format!("#{fragment}"))
    }

    /// The query with its mark; empty where it is.
    pub(crate) fn search(&self) -> String {
        Some(self.query_text()).filter(|text| text != "?").unwrap_or_default()
    }

    /// The fragment with its mark; empty where it is.
    pub(crate) fn hash(&self) -> String {
        Some(self.fragment_text()).filter(|text| text != "#").unwrap_or_default()
    }

    /// Sets the host; `false` where the text is none.
    pub(crate) fn set_host(&mut self, value: &str) -> bool {
        let value = value.replace(['\t', '\n', '\r'], "");
        let end = value.find(['/', '\\', '?', '#']).unwrap_or(value.len());
        match parsed_host(&value[..end]) {
            Some(host) => {
                self.host = host;
                true
            }
            None => false,
        }
    }

    pub(crate) fn set_pathname(&mut self, value: &str) {
        let value = value.replace(['\t', '\n', '\r'], "");
        self.path.clear();
        self.add_path(value.strip_prefix(is_slash).unwrap_or(&value));
    }

    pub(crate) fn set_search(&mut self, value: &str) {
        let value = value.replace(['\t', '\n', '\r'], "");
        let query = value.strip_prefix('?').unwrap_or(&value);
        self.query = (!value.is_empty()).then(|| encoded(query, QUERY));
    }

    pub(crate) fn set_hash(&mut self, value: &str) {
        let value = value.replace(['\t', '\n', '\r'], "");
        let fragment = value.strip_prefix('#').unwrap_or(&value);
        self.fragment = (!value.is_empty()).then(|| encoded(fragment, FRAGMENT));
    }

    /// The text of the same URL with another scheme, where the standard lets it have that.
    pub(crate) fn with_protocol(&self, value: &str) -> Option<String> {
        let value = value.replace(['\t', '\n', '\r'], "");
        let scheme = value.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let special = matches!(scheme.as_str(), "http" | "https" | "ws" | "wss" | "ftp");
        (special && !self.host.is_empty())
            .then(|| format!("{scheme}{}", &self.href()["file".len()..]))
    }
}

/// A host as it is written; empty for none and for this very machine.
fn parsed_host(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    let host = Host::parse(text).ok()?.to_string();
    Some(if host == "localhost" { String::new() } else { host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_url_is_told_by_its_scheme_or_its_bases() {
        for (input, base, file) in [
            ("file:/x", None, true),
            (" F\ti\nle:x", None, true),
            ("files:/x", None, false),
            ("x", Some("file:///"), true),
            ("http:x", Some("file:///"), false),
            ("x", Some("http://h/"), false),
            ("c:/x", Some("file:///"), false),
            ("c|/x", Some("file:///"), true),
        ] {
            assert_eq!(is_file(input, base), file, "{input:?}");
        }
    }

    #[test]
    fn what_is_parsed_is_parsed_to_itself() {
        for text in
            ["file:////a//b?c#d", "file://h/C:/x%20y", "file:///C:", "file:///?#", "file://h//"]
        {
            let url = FileUrl::parse(text, None).unwrap();
            assert_eq!(url.href(), text);
            assert_eq!(FileUrl::parse(&url.href(), None), Some(url));
        }
        assert_eq!(FileUrl::parse("file://a b/", None), None);
    }
}
