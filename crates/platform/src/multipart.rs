//! The native that takes bodies of the type `multipart/form-data` apart: RFC 7578, as the Fetch Standard
//! reads it.

use crate::encoding::TEXT_NATIVES;
use crate::{Answer, Arg, Fault, Native, bytes, text};

pub(crate) const NATIVES: &[(&str, Native)] =
    &[TEXT_NATIVES[0], TEXT_NATIVES[1], ("multipart", multipart)];

/// Parts that one call answers: what is made of a body of small ones is several times its length.
const MOST: usize = 4096;

/// `multipart(bytes, boundary, begun)`: how many bytes are done with, and whether this was the end; then
/// name, file's name or nothing, type and bytes of each part in turn. Nothing where the bytes are no such
/// body. Where it was not the end, what follows the bytes that are done with is `begun`.
fn multipart(args: &[Arg]) -> Result<Answer, Fault> {
    let boundary = format!("--{}", text(args, 1));
    let begun = args.get(2) == Some(&Arg::Bool(true));
    let parts = parts(bytes(args, 0), boundary.as_bytes(), begun);
    Ok(parts.map_or(Answer::Nothing, Answer::List))
}

fn parts(body: &[u8], boundary: &[u8], begun: bool) -> Option<Vec<Answer>> {
    // The first two are known at the end.
    let mut answers = vec![Answer::Nothing, Answer::Nothing];
    let mut rest = if begun {
        body
    } else {
        body.strip_prefix(b"\r\n").unwrap_or(body).strip_prefix(boundary)?
    };
    let end = [b"\r\n", boundary].concat();
    let ended = loop {
        if let Some(after) = rest.strip_prefix(b"--") {
            if !after.is_empty() && !after.starts_with(b"\r\n") {
                return None;
            }
            break true;
        }
        if answers.len() == 2 + 4 * MOST {
            break false;
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let mut head = Head::default();
        loop {
            let (line, after) = rest.split_at(find(rest, b"\r\n")?);
            rest = &after[2..];
            if line.is_empty() {
                break;
            }
            head.read(line)?;
        }
        let (content, after) = rest.split_at(find(rest, &end)?);
        rest = &after[end.len()..];
        answers.push(Answer::Text(head.name?));
        answers.push(head.file.map_or(Answer::Nothing, Answer::Text));
        answers.push(Answer::Text(head.kind.unwrap_or_else(|| "text/plain".to_owned())));
        answers.push(Answer::Bytes(content.to_vec()));
    };
    answers[0] = Answer::Number((body.len() - rest.len()) as f64);
    answers[1] = Answer::Bool(ended);
    Some(answers)
}

/// Where `what` begins in the bytes, in time linear in both.
fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[derive(Default)]
struct Head {
    name: Option<String>,
    file: Option<String>,
    kind: Option<String>,
}

impl Head {
    fn read(&mut self, line: &[u8]) -> Option<()> {
        let line = String::from_utf8_lossy(line);
        let (name, value) = line.split_once(':')?;
        let value = value.trim_matches([' ', '\t']);
        if name.eq_ignore_ascii_case("content-type") {
            self.kind = Some(value.to_owned());
        }
        if !name.eq_ignore_ascii_case("content-disposition") {
            return Some(());
        }
        let (kind, mut rest) = value.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return None;
        }
        loop {
            let (key, after) = rest.split_once('=')?;
            let (value, after) = value_of(after.trim_start())?;
            match &*key.trim().to_ascii_lowercase() {
                "name" => self.name = Some(value),
                "filename" => self.file = Some(value),
                _ => {}
            }
            match after.trim_start().strip_prefix(';') {
                Some(more) => rest = more,
                None => return Some(()),
            }
        }
    }
}

/// A quoted value, or one up to the next semicolon, and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim_end().to_owned(), &text[end..]));
    };
    let end = quoted.find('"')?;
    let value = quoted[..end].replace("%0A", "\n").replace("%0D", "\r").replace("%22", "\"");
    Some((value, &quoted[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, file's name, type and content.
    type Part = (String, Option<String>, String, String);

    /// All parts of a body, and in how many calls they came.
    fn in_calls(body: &str) -> Option<(Vec<Part>, usize)> {
        let (mut all, mut at, mut calls) = (Vec::new(), 0, 0);
        loop {
            let args = [
                Arg::Bytes(body.as_bytes()[at..].to_vec()),
                Arg::Text("b".to_owned()),
                Arg::Bool(at > 0),
            ];
            let Ok(Answer::List(flat)) = multipart(&args) else { return None };
            let [Answer::Number(done), Answer::Bool(ended), parts @ ..] = &flat[..] else {
                panic!("{flat:?}")
            };
            at += *done as usize;
            calls += 1;
            assert!(parts.len() <= 4 * MOST);
            all.extend(parts.chunks(4).map(part));
            if *ended {
                return Some((all, calls));
            }
        }
    }

    fn part(flat: &[Answer]) -> Part {
        match flat {
            [Answer::Text(name), file, Answer::Text(kind), Answer::Bytes(bytes)] => {
                let file = match file {
                    Answer::Text(file) => Some(file.clone()),
                    _ => None,
                };
                let content = String::from_utf8(bytes.clone()).expect("text");
                (name.clone(), file, kind.clone(), content)
            }
            other => panic!("{other:?}"),
        }
    }

    fn taken_apart(body: &str) -> Option<Vec<Part>> {
        in_calls(body).map(|(parts, _)| parts)
    }

    #[test]
    fn many_parts_come_in_several_calls() {
        let part =
            |at: usize| format!("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n{at}\r\n");
        for (count, in_how_many) in [(MOST, 1), (MOST + 1, 2), (2 * MOST + 1, 3)] {
            let body: String = (0..count).map(part).collect();
            let (parts, calls) = in_calls(&(body.clone() + "--b--")).expect("a form");
            assert_eq!((parts.len(), calls), (count, in_how_many));
            assert!(parts.iter().enumerate().all(|(at, part)| part.3 == at.to_string()));
            assert_eq!(taken_apart(&(body + "--b")), None);
        }
    }

    #[test]
    fn parts_come_with_their_names_types_and_bytes() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a%22%0D%0A\"\r\n\r\none\r\ntwo\r\n--b\r\n\
            content-type: text/x; y=z\r\ncontent-disposition: FORM-DATA; filename=\"f;g\"; name=n\r\n\r\n\r\n--b--\r\n";
        let expected = vec![
            ("a\"\r\n".to_owned(), None, "text/plain".to_owned(), "one\r\ntwo".to_owned()),
            ("n".to_owned(), Some("f;g".to_owned()), "text/x; y=z".to_owned(), String::new()),
        ];
        assert_eq!(taken_apart(body), Some(expected));
        assert_eq!(taken_apart("--b--"), Some(vec![]));
        assert_eq!(taken_apart("\r\n--b--\r\n"), Some(vec![]));
    }

    #[test]
    fn what_is_no_such_body_is_refused() {
        for body in [
            "",
            "--c--",
            "--b",
            "--b\r\n",
            "--b\r\n\r\nx\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
            "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--",
            "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
            "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b--",
            "--b\r\nno header\r\n\r\nx\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--bc--",
            "--b--x",
        ] {
            assert_eq!(taken_apart(body), None, "{body:?}");
        }
    }
}
