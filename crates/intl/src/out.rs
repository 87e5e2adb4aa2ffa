//! Text that is written piece by piece, with the kind of each piece where somebody wants the parts.

use serde_json::Value;

/// A text and, if wanted, which part of it is what.
#[derive(Debug, Default)]
pub(crate) struct Out {
    pub(crate) text: String,
    parts: Option<Vec<(&'static str, usize)>>,
}

/// Marks that steer the direction of text. They belong to no part, as in ICU.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl Out {
    /// A text without parts.
    pub(crate) fn text() -> Out {
        Out { text: String::with_capacity(32), parts: None }
    }

    /// A text with parts.
    pub(crate) fn parts() -> Out {
        Out { text: String::new(), parts: Some(Vec::new()) }
    }

    /// Whether parts are wanted.
    pub(crate) fn has_parts(&self) -> bool {
        self.parts.is_some()
    }

    pub(crate) fn push(&mut self, kind: &'static str, text: &str) {
        if self.parts.is_none() {
            self.text.push_str(text);
            return;
        }
        let inner = text.trim_matches(is_mark);
        if kind == "literal" || inner.is_empty() {
            return self.part("literal", text);
        }
        let start = inner.as_ptr() as usize - text.as_ptr() as usize;
        self.part("literal", &text[..start]);
        self.part(kind, inner);
        self.part("literal", &text[start + inner.len()..]);
    }

    /// Writes text of which no marks are set apart.
    pub(crate) fn push_whole(&mut self, kind: &'static str, text: &str) {
        self.part(kind, text);
    }

    fn part(&mut self, kind: &'static str, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = self.text.len();
        if let Some(parts) = &mut self.parts {
            match parts.last_mut() {
                Some((last, at)) if *last == kind && kind == "literal" => *at = end,
                _ => parts.push((kind, end)),
            }
        }
    }

    /// The kinds and texts of all parts.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let mut start = 0;
        self.parts.iter().flatten().map(move |&(kind, end)| {
            let piece = &self.text[start..end];
            start = end;
            (kind, piece)
        })
    }

    /// The parts as JSON: `[["integer","12"],…]`.
    pub(crate) fn into_json(self) -> String {
        self.pieces()
            .map(|(kind, text)| Value::from(vec![kind, text]))
            .collect::<Value>()
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_direction_belong_to_no_part() {
        let mut out = Out::parts();
        out.push("minusSign", "\u{61c}-");
        out.push("integer", "1");
        assert_eq!(
            out.into_json(),
            "[[\"literal\",\"\u{61c}\"],[\"minusSign\",\"-\"],[\"integer\",\"1\"]]"
        );
    }
}
