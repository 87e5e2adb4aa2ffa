//! The natives of `URL` and `URLSearchParams`, on the crate `url`, with what it lacks of the URL
//! standard mended in front of it and behind it.

use crate::file_url::{FileUrl, is_file};
use crate::{Answer, Arg, Fault, Native, number, text};
use url::{Position, Url, form_urlencoded, quirks};

/// Bytes of a URL at most, as it is given and as it is made: parsing cannot be interrupted.
const MAX_URL: usize = 4 << 20;
/// Bytes of a host at most: its labels take a time that is quadratic in their number.
const MAX_HOST: usize = 16 << 10;

pub(crate) const NATIVES: &[(&str, Native)] = &[
    ("parse", parse),
    ("parts", parts),
    ("change", change),
    ("parseQuery", parse_query),
    ("serializeQuery", serialize_query),
];

/// `parse(url, base?)`: the serialised URL; nothing where it is none.
fn parse(args: &[Arg]) -> Result<Answer, Fault> {
    let given = match args.get(1) {
        Some(Arg::Text(base)) => Some(base.as_str()),
        _ => None,
    };
    if is_file(text(args, 0), given) {
        let base = match given {
            Some(base) if is_file(base, None) => match parsed_file(base, None) {
                Some(base) => Some(base),
                None => return Ok(Answer::Nothing),
            },
            Some(base) if parsed(base, None).is_none() => return Ok(Answer::Nothing),
            _ => None,
        };
        return Ok(match parsed_file(text(args, 0), base.as_ref()) {
            Some(url) => Answer::Text(url.href()),
            None => Answer::Nothing,
        });
    }
    let base = match args.get(1) {
        Some(Arg::Text(base)) => match parsed(base, None) {
            Some(base) => Some(base),
            None => return Ok(Answer::Nothing),
        },
        _ => None,
    };
    Ok(match parsed(text(args, 0), base.as_ref()) {
        Some(url) => Answer::Text(url.into()),
        None => Answer::Nothing,
    })
}

/// `parts(href)`: what the getters answer, in the order of the script's numbers.
fn parts(args: &[Arg]) -> Result<Answer, Fault> {
    let invalid = || Fault::Type("Invalid URL".to_owned());
    if is_file(text(args, 0), None) {
        let url = parsed_file(text(args, 0), None).ok_or_else(invalid)?;
        let (path, query, hash) = (url.pathname(), url.search(), url.hash());
        let parts = ["null", "file:", "", "", &url.host, &url.host, "", &path, &query, &hash];
        return Ok(Answer::List(parts.map(|part| Answer::Text(part.to_owned())).into()));
    }
    let url = parsed(text(args, 0), None).ok_or_else(invalid)?;
    let parts = [
        origin(&url).as_str(),
        quirks::protocol(&url),
        quirks::username(&url),
        quirks::password(&url),
        quirks::host(&url),
        quirks::hostname(&url),
        quirks::port(&url),
        quirks::pathname(&url),
        quirks::search(&url),
        quirks::hash(&url),
    ]
    .map(|part| Answer::Text(part.to_owned()));
    Ok(Answer::List(parts.into()))
}

/// `change(href, part, value)`: the URL after the setter; nothing where it stays as it is. Throws where
/// it would be too long.
fn change(args: &[Arg]) -> Result<Answer, Fault> {
    let value = text(args, 2);
    if value.len() > MAX_URL {
        return Err(too_long());
    }
    let part = number(args, 1) as u32;
    if matches!(part, 4 | 5) && authority(value).len() > MAX_HOST {
        return Ok(Answer::Nothing);
    }
    if is_file(text(args, 0), None) {
        return change_file(text(args, 0), part, value);
    }
    let Some(mut url) = parsed(text(args, 0), None) else { return Ok(Answer::Nothing) };
    if part == 7 && !url.has_authority() && !url.cannot_be_a_base() {
        return path_without_host(&url, value);
    }
    let done = match part {
        1 => quirks::set_protocol(&mut url, value),
        2 => quirks::set_username(&mut url, value),
        3 => quirks::set_password(&mut url, value),
        4 => quirks::set_host(&mut url, value),
        5 => quirks::set_hostname(&mut url, value),
        6 => quirks::set_port(&mut url, value),
        // A path that is opaque stays as it is; what is left out of a value counts as not there.
        7 if url.has_authority() && !url.is_special() && value.chars().all(is_left_out) => {
            let text = [&url[..Position::BeforePath], &url[Position::AfterPath..]].concat();
            return Ok(Answer::Text(text));
        }
        7 => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        8 => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        9 => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
        _ => Err(()),
    };
    if done.is_err() {
        return Ok(Answer::Nothing);
    }
    let url = mended(url);
    if url.as_str().len() > MAX_URL {
        return Err(too_long());
    }
    if url.host_str().is_some_and(|host| host.len() > MAX_HOST) {
        return Ok(Answer::Nothing);
    }
    Ok(Answer::Text(url.into()))
}

/// Whether the standard leaves a character out of what it parses.
fn is_left_out(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

/// Sets the path of a URL that has no host: what begins with two slashes must not become one.
fn path_without_host(url: &Url, value: &str) -> Result<Answer, Fault> {
    let (scheme, rest) = (url.scheme(), &url[Position::AfterPath..]);
    let Some(mut hosted) = parsed(&format!("{scheme}://h{}{rest}", url.path()), None) else {
        return Ok(Answer::Nothing);
    };
    quirks::set_pathname(&mut hosted, value);
    let hosted = mended(hosted);
    let before = match hosted.path() {
        "" => "/",
        path if path.starts_with("//") => "/.",
        _ => "",
    };
    let href = format!("{scheme}:{before}{}{rest}", hosted.path());
    if href.len() > MAX_URL { Err(too_long()) } else { Ok(Answer::Text(href)) }
}

/// As [`change`], of a `file:` URL, which has neither a port nor a user.
fn change_file(href: &str, part: u32, value: &str) -> Result<Answer, Fault> {
    let Some(mut url) = parsed_file(href, None) else { return Ok(Answer::Nothing) };
    match part {
        1 => {
            let other = url.with_protocol(value).and_then(|text| parsed(&text, None));
            return Ok(other.map_or(Answer::Nothing, |url| Answer::Text(url.into())));
        }
        4 | 5 if url.set_host(value) => {}
        7 => url.set_pathname(value),
        8 => url.set_search(value),
        9 => url.set_hash(value),
        _ => return Ok(Answer::Nothing),
    }
    let href = url.href();
    if href.len() > MAX_URL {
        return Err(too_long());
    }
    Ok(if url.host.len() > MAX_HOST { Answer::Nothing } else { Answer::Text(href) })
}

fn too_long() -> Fault {
    Fault::Type(format!("Invalid URL: longer than {MAX_URL} bytes"))
}

/// `parseQuery(text)`: names and values in turn. The script gives it a piece of bounded length at a time.
fn parse_query(args: &[Arg]) -> Result<Answer, Fault> {
    let pairs = form_urlencoded::parse(text(args, 0).as_bytes());
    let texts = pairs.flat_map(|(name, value)| [name, value]);
    Ok(Answer::List(texts.map(|text| Answer::Text(text.into_owned())).collect()))
}

/// `serializeQuery(list)`: the query of names and values in turn.
fn serialize_query(args: &[Arg]) -> Result<Answer, Fault> {
    let Some(Arg::List(list)) = args.first() else { return Ok(Answer::Text(String::new())) };
    let mut query = form_urlencoded::Serializer::new(String::new());
    for at in (0..list.len()).step_by(2) {
        query.append_pair(text(list, at), text(list, at + 1));
    }
    Ok(Answer::Text(query.finish()))
}

fn parsed_file(input: &str, base: Option<&FileUrl>) -> Option<FileUrl> {
    if input.len() > MAX_URL || long_host(input, None) {
        return None;
    }
    let url = FileUrl::parse(input, base)?;
    (url.host.len() <= MAX_HOST && url.href().len() <= MAX_URL).then_some(url)
}

fn parsed(input: &str, base: Option<&Url>) -> Option<Url> {
    if input.len() > MAX_URL || long_host(input, base) {
        return None;
    }
    let special = base.is_some_and(|base| base.is_special() && base.scheme() != "file");
    let slashes = if special { many_slashes(input) } else { None };
    let input = slashes.as_deref().unwrap_or(input);
    let url = mended(Url::options().base_url(base).parse(input).ok()?);
    // Both may have become longer by what was encoded.
    let long =
        url.as_str().len() > MAX_URL || url.host_str().is_some_and(|host| host.len() > MAX_HOST);
    (!long).then_some(url)
}

/// What stands before the path, the query or the fragment.
fn authority(text: &str) -> &str {
    let end = text.find(['/', '\\', '?', '#']).unwrap_or(text.len());
    &text[..end]
}

/// Whether a text has a host that is too long to be parsed: told before anything is.
fn long_host(input: &str, base: Option<&Url>) -> bool {
    if input.len() <= MAX_HOST {
        return false;
    }
    let input = input.trim_start_matches(|c: char| c <= ' ');
    let ignored = ['\t', '\n', '\r'];
    let slash = |c: char| matches!(c, '/' | '\\') || ignored.contains(&c);
    let (scheme, rest) = match input.split_once(':') {
        // What has no scheme has slashes, or a name of any kind, before its first colon.
        Some((scheme, rest)) if scheme.len() <= MAX_HOST && !scheme.contains(['/', '?', '#']) => {
            (Some(scheme.replace(ignored, "").to_ascii_lowercase()), rest)
        }
        _ => (None, input),
    };
    let after = rest.trim_start_matches(slash);
    let slashes = rest[..rest.len() - after.len()].replace(ignored, "").len();
    let has_host = match (scheme.as_deref(), base) {
        (Some("file"), _) => slashes == 2,
        (Some("http" | "https" | "ws" | "wss" | "ftp"), None) => true,
        (Some(scheme), Some(base)) if scheme == base.scheme() => slashes >= 2,
        (Some(_), _) => {
            slashes >= 2
                || matches!(scheme.as_deref(), Some("http" | "https" | "ws" | "wss" | "ftp"))
        }
        (None, _) => slashes >= 2,
    };
    if !has_host {
        return false;
    }
    let authority = authority(after);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host).len() > MAX_HOST
}

/// What begins with three slashes or more has a host behind them, where the base's scheme is one with
/// hosts; the crate finds an empty one.
fn many_slashes(input: &str) -> Option<String> {
    let start = input.trim_start_matches(|c: char| c <= ' ');
    let mut count = 0;
    for (at, c) in start.char_indices() {
        match c {
            '/' | '\\' => count += 1,
            '\t' | '\n' | '\r' => {}
            _ => return (count > 2).then(|| format!("//{}", &start[at..])),
        }
    }
    None
}

/// The standard's path percent-encode set has `^`, which the crate leaves as it is; and it encodes the
/// last space of an opaque path, which would be lost with what stands behind it. Where a URL gets a host,
/// the crate leaves the mark in front of a path that begins with two slashes.
fn mended(url: Url) -> Url {
    if url.has_authority() && &url[Position::AfterPort..Position::BeforePath] == "/." {
        let text = [&url[..Position::AfterPort], &url[Position::BeforePath..]].concat();
        return Url::parse(&text).unwrap_or(url);
    }
    if url.cannot_be_a_base() && url.path().ends_with(' ') {
        let before = &url[..Position::AfterPath];
        let text = [&before[..before.len() - 1], "%20", &url[Position::AfterPath..]].concat();
        return Url::parse(&text).unwrap_or(url);
    }
    if url.cannot_be_a_base() || !url.path().contains('^') {
        return url;
    }
    let path = url.path().replace('^', "%5E");
    let text = [&url[..Position::BeforePath], &path, &url[Position::AfterPath..]].concat();
    Url::parse(&text).unwrap_or(url)
}

/// The origin, where a `blob:` URL has that of what it names only for `http` and `https`.
fn origin(url: &Url) -> String {
    if url.scheme() == "blob" {
        let inner =
            parsed(url.path(), None).filter(|inner| matches!(inner.scheme(), "http" | "https"));
        return inner.map_or_else(|| "null".to_owned(), |inner| quirks::origin(&inner));
    }
    quirks::origin(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_of(url: &str, base: Option<&str>) -> Option<String> {
        let mut args = vec![Arg::Text(url.to_owned())];
        args.extend(base.map(|base| Arg::Text(base.to_owned())));
        match parse(&args) {
            Ok(Answer::Text(href)) => Some(href),
            other => {
                assert_eq!(other, Ok(Answer::Nothing));
                None
            }
        }
    }

    fn change_of(url: &str, part: f64, value: &str) -> Result<Answer, Fault> {
        change(&[Arg::Text(url.to_owned()), Arg::Number(part), Arg::Text(value.to_owned())])
    }

    #[test]
    fn long_hosts_are_refused_wherever_they_stand_and_long_paths_are_not() {
        let host = "a.".repeat(MAX_HOST);
        for (before, base) in [
            ("http://", None),
            ("http:", None),
            ("ht\ttp:\t/\\", None),
            (" HTTP:/", None),
            ("https://me:pass@", None),
            ("wss:///", Some("http://a/")),
            ("file://", None),
            ("//", Some("http://a/")),
            ("\\\\", Some("http://a/")),
            ("ftp:", Some("http://a/")),
        ] {
            let long = format!("{before}{host}/path");
            assert!(
                long_host(&long, base.and_then(|base| Url::parse(base).ok()).as_ref()),
                "{before}"
            );
            assert_eq!(parse_of(&long, base), None, "{before}");
        }
        for (before, base) in [
            ("http://a/", None),
            ("http://a?", None),
            ("http://a#", None),
            ("file:///", None),
            ("data:", None),
            ("a/", Some("http://a/")),
            ("/", Some("http://a/")),
            ("http:", Some("http://a/")),
            ("?", Some("http://a/")),
        ] {
            assert!(parse_of(&format!("{before}{host}"), base).is_some(), "{before}");
        }
        assert_eq!(change_of("http://b/", 4.0, &host), Ok(Answer::Nothing));
        assert_eq!(change_of("http://b/", 5.0, &host), Ok(Answer::Nothing));
        let Ok(Answer::List(parts)) = parts(&[Arg::Text(format!("blob:http://{host}/x"))]) else {
            panic!("no parts")
        };
        assert_eq!(parts[0], Answer::Text("null".to_owned()));
    }

    #[test]
    fn urls_that_are_not_special_get_and_lose_hosts_and_paths_as_the_standard_has_it() {
        for (url, part, value, expected) in [
            ("x:/.//p", 5.0, "h", "x://h//p"),
            ("x:/.//p?q#f", 5.0, "h", "x://h//p?q#f"),
            ("x:/.//p", 4.0, "h:1", "x://h:1//p"),
            ("x:/.//p", 5.0, "", "x:////p"),
            ("x:///a/b", 7.0, "", "x://"),
            ("x://h/a?q#f", 7.0, "", "x://h?q#f"),
            ("http://h/a", 7.0, "", "http://h/"),
            ("x://h/a", 7.0, "\n", "x://h"),
            ("mailto:a@b?x", 7.0, "", "mailto:a@b?x"),
            ("data:text/html,x", 7.0, "y", "data:text/html,x"),
        ] {
            let changed = change_of(url, part, value);
            assert_eq!(changed, Ok(Answer::Text(expected.to_owned())), "{url} {part} {value}");
        }
    }

    #[test]
    fn what_would_become_too_long_by_encoding_is_refused() {
        let long = "é".repeat(MAX_URL / 4);
        assert_eq!(parse_of(&format!("http://a/{long}"), None), None);
        for part in [2.0, 3.0, 7.0, 8.0, 9.0] {
            assert_eq!(change_of("http://a/", part, &long), Err(too_long()), "{part}");
        }
        assert!(matches!(change_of("http://a/", 7.0, &long[..1000]), Ok(Answer::Text(_))));
    }
}
