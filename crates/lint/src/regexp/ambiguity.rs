//! Where a program has two ways over the same text, from a place in a loop back to that place.

use std::collections::{HashMap, VecDeque};

use super::program::{Program, Step};
use crate::work::Work;

/// Places that take characters, at most: pairs of them are looked at.
const MAX_PLACES: usize = 200;
/// Work for one expression, in pairs that are looked at.
const MAX_WORK: usize = 100_000;
/// Ways without a character that are looked at from one place.
const MAX_WAYS: usize = 1_000;
/// Witnesses that are handed on.
const MAX_WITNESSES: usize = 4;

/// What leads to an ambiguous place, and what leads from it to itself in two ways.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    pub(crate) prefix: Vec<u32>,
    pub(crate) pump: Vec<u32>,
}

struct Graph<'p> {
    program: &'p Program,
    /// The steps that take a character.
    places: Vec<usize>,
    /// From each place: the next ones, with how many ways lead there (two stand for more).
    next: Vec<Vec<(usize, u8)>>,
    first: Vec<(usize, u8)>,
}

/// All that is found within the work that is allowed.
pub(crate) fn witnesses(program: &Program, all: &Work) -> Vec<Witness> {
    let Some(graph) = Graph::new(program) else { return Vec::new() };
    let mut work = MAX_WORK;
    let mut found = Vec::new();
    let component = graph.components();
    for place in 0..graph.places.len() {
        if found.len() >= MAX_WITNESSES {
            break;
        }
        let Some(pump) = graph.two_ways_back(place, &component, &mut work) else { continue };
        let Some(prefix) = graph.way_to(place) else { continue };
        found.push(Witness { prefix, pump });
    }
    if !all.take((MAX_WORK - work) as u64) {
        found.clear();
    }
    found
}

impl<'p> Graph<'p> {
    fn new(program: &'p Program) -> Option<Graph<'p>> {
        let is_char = |at: &usize| matches!(program.steps[*at], Step::Char(_));
        let places: Vec<usize> = (0..program.steps.len()).filter(is_char).collect();
        if places.len() > MAX_PLACES {
            return None;
        }
        let index: HashMap<usize, usize> =
            places.iter().enumerate().map(|(index, step)| (*step, index)).collect();
        let next: Option<Vec<_>> =
            places.iter().map(|step| ways(program, step + 1, &index)).collect();
        let first = ways(program, 0, &index)?;
        Some(Graph { program, next: next?, first, places })
    }

    /// A character that both places take.
    fn common(&self, a: usize, b: usize) -> Option<u32> {
        match (&self.program.steps[self.places[a]], &self.program.steps[self.places[b]]) {
            (Step::Char(a), Step::Char(b)) => a.common(b),
            _ => None,
        }
    }

    /// For each place the number of its strongly connected component (Kosaraju's algorithm, without recursion).
    fn components(&self) -> Vec<usize> {
        let count = self.places.len();
        let mut order = Vec::new();
        let mut seen = vec![false; count];
        for root in 0..count {
            let mut stack = vec![(root, 0)];
            if std::mem::replace(&mut seen[root], true) {
                continue;
            }
            while let Some((at, edge)) = stack.pop() {
                match self.next[at].get(edge) {
                    Some((to, _)) => {
                        stack.push((at, edge + 1));
                        if !std::mem::replace(&mut seen[*to], true) {
                            stack.push((*to, 0));
                        }
                    }
                    None => order.push(at),
                }
            }
        }
        let mut before = vec![Vec::new(); count];
        for (from, edges) in self.next.iter().enumerate() {
            for (to, _) in edges {
                before[*to].push(from);
            }
        }
        let mut component = vec![usize::MAX; count];
        for (number, root) in order.into_iter().rev().enumerate() {
            let mut stack = vec![root];
            while let Some(at) = stack.pop() {
                if component[at] == usize::MAX {
                    component[at] = number;
                    stack.extend(&before[at]);
                }
            }
        }
        component
    }

    /// Text over which two ways lead from a place back to it.
    fn two_ways_back(
        &self,
        place: usize,
        component: &[usize],
        work: &mut usize,
    ) -> Option<Vec<u32>> {
        type Pair = (usize, usize, bool);
        let start: Pair = (place, place, false);
        let mut came: HashMap<Pair, (Pair, u32)> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(pair @ (a, b, apart)) = queue.pop_front() {
            let Some(c) = self.common(a, b) else { continue };
            for (to_a, ways_a) in &self.next[a] {
                if component[*to_a] != component[place] {
                    continue;
                }
                for (to_b, ways_b) in &self.next[b] {
                    *work = work.checked_sub(1)?;
                    if component[*to_b] != component[place] {
                        continue;
                    }
                    // Of two that stand at the same place one may take another way to the next one.
                    let doubled = a == b && to_a == to_b && (*ways_a > 1 || *ways_b > 1);
                    let apart = apart || to_a != to_b || doubled;
                    let to = (*to_a, *to_b, apart);
                    if came.contains_key(&to) {
                        continue;
                    }
                    came.insert(to, (pair, c));
                    if to == (place, place, true) {
                        return Some(text(&came, start, to));
                    }
                    queue.push_back(to);
                }
            }
        }
        None
    }

    /// The shortest text that leads to a place.
    fn way_to(&self, place: usize) -> Option<Vec<u32>> {
        let mut came: HashMap<usize, (usize, u32)> = HashMap::new();
        let mut queue: VecDeque<usize> = self.first.iter().map(|(to, _)| *to).collect();
        let firsts: Vec<usize> = queue.iter().copied().collect();
        while let Some(at) = queue.pop_front() {
            if at == place {
                let mut out = Vec::new();
                let mut at = at;
                while !firsts.contains(&at) || (out.is_empty() && came.contains_key(&at)) {
                    let (from, c) = came.get(&at)?;
                    out.push(*c);
                    at = *from;
                    if out.len() > MAX_PLACES {
                        return None;
                    }
                }
                out.reverse();
                return Some(out);
            }
            let Some(c) = self.common(at, at) else { continue };
            for (to, _) in &self.next[at] {
                if !came.contains_key(to) && !firsts.contains(to) {
                    came.insert(*to, (at, c));
                    queue.push_back(*to);
                }
            }
        }
        None
    }
}

fn text<P: Copy + Eq + std::hash::Hash>(came: &HashMap<P, (P, u32)>, start: P, end: P) -> Vec<u32> {
    let mut out = Vec::new();
    let mut at = end;
    while let Some((from, c)) = came.get(&at) {
        out.push(*c);
        at = *from;
        if at == start {
            break;
        }
    }
    out.reverse();
    out
}

/// The places that a step leads to without a character, with how many ways lead to each.
fn ways(program: &Program, from: usize, index: &HashMap<usize, usize>) -> Option<Vec<(usize, u8)>> {
    let mut found: Vec<(usize, u8)> = Vec::new();
    let mut left = MAX_WAYS;
    // A way comes by a step twice at most: once where an iteration ends, once where the next one begins. Ways with
    // iterations that take nothing are among them, which the matcher then does not take.
    let mut stack: Vec<(usize, Vec<usize>)> = vec![(from, Vec::new())];
    while let Some((at, mut by)) = stack.pop() {
        left = left.checked_sub(1)?;
        if by.iter().filter(|it| **it == at).count() > 1 {
            continue;
        }
        match &program.steps[at] {
            Step::Char(_) => {
                let place = index[&at];
                match found.iter_mut().find(|it| it.0 == place) {
                    Some(it) => it.1 = 2,
                    None => found.push((place, 1)),
                }
            }
            Step::Split(a, b) => {
                by.push(at);
                stack.push((*b, by.clone()));
                stack.push((*a, by));
            }
            Step::Jump(to) => stack.push((*to, by)),
            Step::Ahead { next, .. } => stack.push((*next, by)),
            Step::Match => {}
            Step::Start { .. }
            | Step::End { .. }
            | Step::Boundary { .. }
            | Step::Mark(_)
            | Step::Progress(_) => stack.push((at + 1, by)),
        }
    }
    Some(found)
}
