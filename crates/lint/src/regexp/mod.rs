//! Whether a regular expression takes exponential time on some input.
//!
//! In two steps. The first looks for *ambiguity*: a place in a loop from which two ways lead back to it over the same
//! text (Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers by
//! Using Ambiguity of NFA", CIAA 2016). The second repeats that text before something that does not match,
//! and counts what a matcher that backtracks does: only where the steps multiply with each repetition
//! is it called exponential. What the first step does not follow (backreferences, lookbehind, classes by Unicode
//! property) is not reported.

mod ambiguity;
mod program;
mod set;
mod steps;

use oxc_allocator::Allocator;
use oxc_regular_expression::{LiteralParser, Options};

use crate::work::Work;
use program::Flags;

/// Longest pattern that is looked at, in bytes.
const MAX_LENGTH: usize = 4_096;
/// How deep groups may nest: the parser recurses.
const MAX_DEPTH: usize = 100;
/// Steps after which the matcher gives up: an input that short which takes that many is answer enough.
const MAX_STEPS: u64 = 200_000;

/// Text by whose repetition the time multiplies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exponential {
    /// What is repeated.
    pub(crate) pump: String,
}

/// Looks at a pattern with its flags. None where it is not exponential, or nobody knows: the work may be used up.
pub(crate) fn exponential(pattern: &str, flags: &str, work: &Work) -> Option<Exponential> {
    if pattern.len() > MAX_LENGTH || depth(pattern) > MAX_DEPTH || !may_be(pattern) {
        return None;
    }
    let allocator = Allocator::default();
    let parsed = LiteralParser::new(&allocator, pattern, Some(flags), Options::default()).parse();
    let has = |flag| flags.contains(flag);
    let flags = Flags { any_case: has('i'), lines: has('m'), dot_all: has('s') };
    let program = program::compile(&parsed.ok()?, flags).ok()?;
    if !work.take((program.steps.len() * 10) as u64) {
        return None;
    }
    ambiguity::witnesses(&program, work)
        .into_iter()
        .find(|it| multiplies(&program, it, work))
        .map(|it| Exponential { pump: it.pump.iter().filter_map(|c| char::from_u32(*c)).collect() })
}

/// Brackets that are open at most, escapes and classes included: no less than groups nest.
fn depth(pattern: &str) -> usize {
    let (mut open, mut most) = (0usize, 0);
    for byte in pattern.bytes() {
        match byte {
            b'(' | b'[' => open += 1,
            b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// Whether there is a group that repeats without a bound: most patterns have none.
fn may_be(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    bytes
        .iter()
        .enumerate()
        .any(|(at, byte)| *byte == b')' && matches!(bytes.get(at + 1), Some(b'*' | b'+' | b'{')))
}

/// Whether the steps multiply with each repetition before something that does not match.
fn multiplies(program: &program::Program, witness: &ambiguity::Witness, work: &Work) -> bool {
    let count = |times: usize, end: &[u32]| {
        let mut input = witness.prefix.clone();
        for _ in 0..times {
            input.extend(&witness.pump);
        }
        input.extend(end);
        steps::search(program, &input, MAX_STEPS)
    };
    let ends: [&[u32]; 4] = [&[], &[0x21], &[0x0a, 0x21], &[0x3042]];
    ends.iter().any(|end| {
        let mut counts = Vec::new();
        for times in 2..=10 {
            let taken = count(times, end);
            if !work.take(taken.steps) {
                return false;
            }
            if taken.matched {
                return false;
            }
            counts.push(taken.steps as f64);
            if taken.over {
                break;
            }
        }
        let ratios: Vec<f64> = counts.windows(2).map(|two| two[1] / two[0]).collect();
        // Two ways through each repetition double the steps; of powers only the sixth grows like that from
        // nine repetitions to ten. The last count is too low where the matcher gave up.
        match ratios.len() {
            len @ (7 | 8) => ratios[4..len - 1].iter().all(|it| *it >= 1.8),
            3.. => ratios[ratios.len() - 3..ratios.len() - 1].iter().all(|it| *it >= 3.0),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{exponential as with, *};

    fn exponential(pattern: &str, flags: &str) -> Option<Exponential> {
        with(pattern, flags, &Work::default())
    }

    #[test]
    fn loops_with_two_ways_over_the_same_text_are_exponential() {
        for pattern in [
            "^(a+)+$",
            "^(a*)*$",
            "(a|a)*b",
            "^(a|aa)+$",
            "^(\\w+\\s?)+$",
            "^([a-z]+)*[0-9]$",
            "^(?:[^,]+,?)*;$",
            "(?:\\d+|[0-9a-f]+)*z",
            "^(([a-z])+.)+[A-Z]([a-z])+$",
            "^(a?b?)*$|^(c+)+d$",
            "(?=x)(?:x+)+y",
            "^(a{1,3}){2,}$",
        ] {
            assert!(exponential(pattern, "").is_some(), "{pattern}");
        }
        assert!(exponential("^(a|A)+$", "i").is_some());
        assert!(exponential("^(a|A)+$", "").is_none());
        assert!(exponential("^(.|\\n)+;$", "s").is_some());
        assert!(exponential("^(.|\\n)+;$", "").is_none());
    }

    #[test]
    fn what_is_not_ambiguous_or_cannot_fail_is_let_be() {
        for pattern in [
            "a+",
            "^a*a*$",
            "(a+)+",
            "(ab+)+c",
            "^(?:[^,]+,)*;$",
            "^(\\d{4}-|\\d{5}-)*$",
            "(?:a|b)*c",
            "^(\\w+\\s)+$",
            "^(a+b)+$",
            "^([a-z]+\\d)*$",
            "\"(?:[^\"\\\\]|\\\\.)*\"",
            "^(?:a|b|c)+$",
            "(a*)*",
            "\\s+$",
            "^(a+)+[\\s\\S]*",
            "(a+)\\1+",
            "(",
        ] {
            assert_eq!(exponential(pattern, ""), None, "{pattern}");
        }
    }

    #[test]
    fn patterns_of_any_size_come_to_an_end() {
        for pattern in [
            "(".repeat(100_000),
            format!("{}a{}", "(".repeat(90), ")+".repeat(90)),
            "(a+)+".repeat(500),
            "(a|b)*".repeat(600),
            "(a{1000}){1000}+".to_owned(),
            "(?:){4294967295,}(a)*".to_owned(),
            "((a{1,50}){1,50})*".to_owned(),
            "(\\w*|\\d*|[a-f]*|x*)*".repeat(20) + "!",
        ] {
            let _ = exponential(&pattern, "");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[ab()|*+?{}1,2^$.\\[\\]\\\\dws-]{0,24}", flags in "[imsuvgy]{0,3}") {
            let _ = exponential(&pattern, &flags);
        }

        /// Who has one way only through each text is never called exponential.
        #[test]
        fn loops_that_begin_with_what_the_rest_has_not_are_let_be(
            inner in "[b-d]{1,3}[+*?]?", last in "[x-z]"
        ) {
            let pattern = format!("^(?:a{inner})+{last}$");
            prop_assert_eq!(exponential(&pattern, ""), None);
        }
    }
}
