//! CLDR's number patterns, such as `¤#,##0.00;(¤#,##0.00)`.

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    Number,
    Sign,
    Currency,
    Percent,
    Literal(char),
}

/// A pattern's positive and negative halves, and the sizes of its groups.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) positive: Vec<Piece>,
    /// Its own way to write negative numbers; without one, a sign stands before the positive half.
    pub(crate) negative: Option<Vec<Piece>>,
    /// Digits of the last group; 0 where there are none.
    pub(crate) primary: u8,
    /// Digits of the other groups.
    pub(crate) secondary: u8,
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Pattern {
        let (positive, negative) = match text.split_once(';') {
            Some((positive, negative)) => (positive, Some(negative)),
            None => (text, None),
        };
        let number: String =
            positive.chars().filter(|c| matches!(c, '#' | '0' | ',' | '.')).collect();
        let whole = number.split('.').next().unwrap_or("");
        let mut groups = whole.rsplit(',').map(|group| group.len() as u8);
        let last = groups.next().unwrap_or(0);
        let has_groups = whole.contains(',');
        let primary = if has_groups { last } else { 0 };
        let secondary =
            if whole.matches(',').count() > 1 { groups.next().unwrap_or(primary) } else { primary };
        Pattern { positive: pieces(positive), negative: negative.map(pieces), primary, secondary }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut quoted = false;
    for c in text.chars() {
        let piece = match c {
            '\'' => {
                quoted = !quoted;
                continue;
            }
            _ if quoted => Piece::Literal(c),
            '#' | '0'..='9' | ',' | '.' => {
                if !found.contains(&Piece::Number) {
                    found.push(Piece::Number);
                }
                continue;
            }
            '-' => Piece::Sign,
            '¤' => Piece::Currency,
            '%' => Piece::Percent,
            _ => Piece::Literal(c),
        };
        found.push(piece);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_halves_and_groups() {
        let found = Pattern::parse("¤#,##,##0.00;(¤#,##,##0.00)");
        assert_eq!((found.primary, found.secondary), (3, 2));
        assert_eq!(found.positive, [Piece::Currency, Piece::Number]);
        let negative = [Piece::Literal('('), Piece::Currency, Piece::Number, Piece::Literal(')')];
        assert_eq!(found.negative.as_deref(), Some(&negative[..]));
        assert_eq!(Pattern::parse("#0.###").primary, 0);
    }
}
