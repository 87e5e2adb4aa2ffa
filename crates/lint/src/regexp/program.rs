//! A regular expression as a program of small steps, as a matcher that backtracks takes them.

use oxc_regular_expression::ast::*;

use super::set::{Set, digits, line_ends, spaces, words};

/// Steps that a program may have: counted quantifiers are written out.
const MAX_STEPS: usize = 4_000;
/// Terms that are compiled, with repetitions: those of nothing write no step.
const MAX_TERMS: usize = 20_000;

/// One step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Takes a character of the set.
    Char(Set),
    /// Goes on at the first, and where that fails at the second.
    Split(usize, usize),
    Jump(usize),
    /// Holds at the begin of the input, or of a line.
    Start {
        lines: bool,
    },
    End {
        lines: bool,
    },
    Boundary {
        not: bool,
    },
    /// What follows the step, up to its `Match`, is or is not ahead; then goes on at `next`.
    Ahead {
        not: bool,
        next: usize,
    },
    /// Remembers where an iteration begins.
    Mark(usize),
    /// Fails where the iteration took nothing.
    Progress(usize),
    Match,
}

/// A compiled regular expression.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) steps: Vec<Step>,
    pub(crate) marks: usize,
}

/// The flags that matter for matching.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) any_case: bool,
    pub(crate) lines: bool,
    pub(crate) dot_all: bool,
}

/// What is not followed: nothing is said about such an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsupported;

pub(crate) fn compile(pattern: &Pattern<'_>, flags: Flags) -> Result<Program, Unsupported> {
    let mut compiler = Compiler { steps: Vec::new(), terms: 0, marks: 0, flags };
    compiler.disjunction(&pattern.body)?;
    compiler.push(Step::Match)?;
    Ok(Program { steps: compiler.steps, marks: compiler.marks })
}

struct Compiler {
    steps: Vec<Step>,
    terms: usize,
    marks: usize,
    flags: Flags,
}

impl Compiler {
    fn push(&mut self, step: Step) -> Result<usize, Unsupported> {
        if self.steps.len() >= MAX_STEPS {
            return Err(Unsupported);
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn disjunction(&mut self, it: &Disjunction<'_>) -> Result<(), Unsupported> {
        let mut ends = Vec::new();
        let last = it.body.len().saturating_sub(1);
        for (index, alternative) in it.body.iter().enumerate() {
            let split = match index < last {
                true => Some(self.push(Step::Split(0, 0))?),
                false => None,
            };
            for term in &alternative.body {
                self.term(term)?;
            }
            if let Some(split) = split {
                ends.push(self.push(Step::Jump(0))?);
                self.steps[split] = Step::Split(split + 1, self.steps.len());
            }
        }
        let after = self.steps.len();
        for end in ends {
            self.steps[end] = Step::Jump(after);
        }
        Ok(())
    }

    fn term(&mut self, term: &Term<'_>) -> Result<(), Unsupported> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Unsupported);
        }
        match term {
            Term::BoundaryAssertion(it) => {
                let lines = self.flags.lines;
                self.push(match it.kind {
                    BoundaryAssertionKind::Start => Step::Start { lines },
                    BoundaryAssertionKind::End => Step::End { lines },
                    BoundaryAssertionKind::Boundary => Step::Boundary { not: false },
                    BoundaryAssertionKind::NegativeBoundary => Step::Boundary { not: true },
                })?;
                Ok(())
            }
            Term::LookAroundAssertion(it) => {
                let not = match it.kind {
                    LookAroundAssertionKind::Lookahead => false,
                    LookAroundAssertionKind::NegativeLookahead => true,
                    _ => return Err(Unsupported),
                };
                let ahead = self.push(Step::Ahead { not, next: 0 })?;
                self.disjunction(&it.body)?;
                self.push(Step::Match)?;
                let next = self.steps.len();
                self.steps[ahead] = Step::Ahead { not, next };
                Ok(())
            }
            Term::Quantifier(it) => self.quantifier(it),
            Term::Character(it) => self.set(Set::one(it.value)),
            Term::Dot(_) => match self.flags.dot_all {
                true => self.set(Set::new([(0, 0x10_ffff)])),
                false => self.set(line_ends().not()),
            },
            Term::CharacterClassEscape(it) => self.set(escape(it.kind)),
            Term::CharacterClass(it) => {
                let set = self.class(it)?;
                self.push(Step::Char(set))?;
                Ok(())
            }
            Term::CapturingGroup(it) => self.disjunction(&it.body),
            Term::IgnoreGroup(it) if it.modifiers.is_none() => self.disjunction(&it.body),
            _ => Err(Unsupported),
        }
    }

    fn set(&mut self, set: Set) -> Result<(), Unsupported> {
        let set = if self.flags.any_case { set.any_case() } else { set };
        self.push(Step::Char(set))?;
        Ok(())
    }

    fn class(&self, it: &CharacterClass<'_>) -> Result<Set, Unsupported> {
        if it.kind != CharacterClassContentsKind::Union {
            return Err(Unsupported);
        }
        let mut set = Set::new([]);
        for part in &it.body {
            let part = match part {
                CharacterClassContents::CharacterClassRange(it) => {
                    Set::new([(it.min.value, it.max.value)])
                }
                CharacterClassContents::CharacterClassEscape(it) => escape(it.kind),
                CharacterClassContents::Character(it) => Set::one(it.value),
                _ => return Err(Unsupported),
            };
            set = set.or(&part);
        }
        let set = if self.flags.any_case { set.any_case() } else { set };
        Ok(if it.negative { set.not() } else { set })
    }

    fn quantifier(&mut self, it: &Quantifier<'_>) -> Result<(), Unsupported> {
        for _ in 0..it.min {
            self.term(&it.body)?;
        }
        let split = |into: usize, past: usize| match it.greedy {
            true => Step::Split(into, past),
            false => Step::Split(past, into),
        };
        let Some(max) = it.max else {
            let at = self.push(Step::Split(0, 0))?;
            let mark = self.marks;
            self.marks += 1;
            self.push(Step::Mark(mark))?;
            self.term(&it.body)?;
            self.push(Step::Progress(mark))?;
            self.push(Step::Jump(at))?;
            self.steps[at] = split(at + 1, self.steps.len());
            return Ok(());
        };
        let more = max.saturating_sub(it.min);
        if more as usize > MAX_STEPS {
            return Err(Unsupported);
        }
        let mut splits = Vec::new();
        for _ in 0..more {
            splits.push(self.push(Step::Split(0, 0))?);
            self.term(&it.body)?;
        }
        let past = self.steps.len();
        for at in splits {
            self.steps[at] = split(at + 1, past);
        }
        Ok(())
    }
}

fn escape(kind: CharacterClassEscapeKind) -> Set {
    match kind {
        CharacterClassEscapeKind::D => digits(),
        CharacterClassEscapeKind::NegativeD => digits().not(),
        CharacterClassEscapeKind::S => spaces(),
        CharacterClassEscapeKind::NegativeS => spaces().not(),
        CharacterClassEscapeKind::W => words(),
        CharacterClassEscapeKind::NegativeW => words().not(),
    }
}

#[cfg(test)]
mod tests {
    use oxc_allocator::Allocator;
    use oxc_regular_expression::{LiteralParser, Options};

    use super::*;

    #[test]
    fn repetitions_of_nothing_are_counted() {
        for (pattern, compiles) in [
            ("(?:){4000}", true),
            ("(?:(?:){400}){400}", false),
            ("((((){0,3000}){3000}){3000}){3000}", false),
            ("(?:(?:(?:){4294967295}){4294967295})*", false),
        ] {
            let allocator = Allocator::default();
            let parsed =
                LiteralParser::new(&allocator, pattern, None, Options::default()).parse().unwrap();
            assert_eq!(compile(&parsed, Flags::default()).is_ok(), compiles, "{pattern}");
        }
    }
}
