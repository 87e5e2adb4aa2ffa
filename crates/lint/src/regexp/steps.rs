//! How many steps a matcher that backtracks takes for an input.

use super::program::{Program, Step};
use super::set::{line_ends, words};

/// How a match ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) steps: u64,
    pub(crate) matched: bool,
    /// Whether it was given up.
    pub(crate) over: bool,
}

/// Looks for a match from each place of `input` on, for at most `limit` steps.
pub(crate) fn search(program: &Program, input: &[u32], limit: u64) -> Taken {
    let mut taken = Taken { steps: 0, matched: false, over: false };
    for start in 0..=input.len() {
        taken.matched = run(program, input, 0, start, limit, &mut taken, 0);
        if taken.matched || taken.over {
            break;
        }
    }
    taken
}

/// How deep assertions may nest.
const MAX_AHEAD: u32 = 8;

fn run(
    program: &Program,
    input: &[u32],
    from: usize,
    at: usize,
    limit: u64,
    taken: &mut Taken,
    ahead: u32,
) -> bool {
    let mut marks = vec![usize::MAX; program.marks];
    // What was in a mark before: who goes back to an alternative takes back what was marked since.
    let mut trail: Vec<(usize, usize)> = Vec::new();
    let mut others = vec![(from, at, 0)];
    while let Some((mut step, mut at, marked)) = others.pop() {
        for (mark, before) in trail.drain(marked..).rev() {
            marks[mark] = before;
        }
        loop {
            taken.steps += 1;
            if taken.steps > limit || ahead > MAX_AHEAD {
                taken.over = true;
                return false;
            }
            let holds = match &program.steps[step] {
                Step::Match => return true,
                Step::Char(set) => {
                    let takes = input.get(at).is_some_and(|c| set.has(*c));
                    at += 1;
                    takes
                }
                Step::Split(first, second) => {
                    others.push((*second, at, trail.len()));
                    step = *first;
                    continue;
                }
                Step::Jump(to) => {
                    step = *to;
                    continue;
                }
                Step::Start { lines } => at == 0 || (*lines && line_ends().has(input[at - 1])),
                Step::End { lines } => at >= input.len() || (*lines && line_ends().has(input[at])),
                Step::Boundary { not } => {
                    let word = |at: Option<usize>| {
                        at.and_then(|at| input.get(at)).is_some_and(|c| words().has(*c))
                    };
                    (word(at.checked_sub(1)) != word(Some(at))) != *not
                }
                Step::Ahead { not, next } => {
                    let found = run(program, input, step + 1, at, limit, taken, ahead + 1);
                    if taken.over {
                        return false;
                    }
                    step = *next;
                    if found != *not {
                        continue;
                    }
                    false
                }
                Step::Mark(mark) => {
                    trail.push((*mark, marks[*mark]));
                    marks[*mark] = at;
                    true
                }
                Step::Progress(mark) => marks[*mark] != at,
            };
            if !holds {
                break;
            }
            step += 1;
        }
    }
    false
}
