//! Going through a heap: all its nodes, its contexts, the shortest way to a node.
//!
//! Must not know any format.

use std::collections::HashSet;

use sandtide_quickjs::walk::{Edge, Name, Place, Walk, What};

use crate::cells::Cells;

/// Where a walk begins.
pub(crate) const ROOT: Place = Place { address: 0, what: What::Group };
/// The group of contexts (`SANDTIDE_GROUP_CONTEXTS`).
const CONTEXTS: Place = Place { address: 3 * 16, what: What::Group };
/// The number of the type of edges that hold nothing.
const WEAK: u8 = 6;
/// Code units of a name.
const NAME: usize = 256;

pub(crate) fn has_text(place: Place) -> bool {
    matches!(place.what, What::String | What::Rope)
}

/// All nodes.
pub(crate) fn all(walk: &Walk<'_>) -> Cells {
    let mut cells = Cells::default();
    walk.all(&mut |place| {
        cells.add(place);
    });
    // Strings, modules and variables are only known from who refers to them.
    let mut found: Vec<Place> = Vec::new();
    walk.all(&mut |place| {
        found.push(place);
        while let Some(place) = found.pop() {
            walk.edges(place, &mut |edge| {
                let listed = matches!(edge.to.what, What::Counted | What::Group);
                if !listed && cells.add(edge.to) {
                    found.push(edge.to);
                }
            });
        }
    });
    cells.seal();
    cells
}

/// The addresses of all contexts.
pub(crate) fn contexts(walk: &Walk<'_>) -> HashSet<usize> {
    let mut found = HashSet::new();
    walk.edges(CONTEXTS, &mut |edge| {
        found.insert(edge.to.address);
    });
    found
}

/// The text of a name, cut where it is long.
pub(crate) fn text(walk: &Walk<'_>, name: Name<'_>) -> String {
    let mut buffer = [0; NAME];
    let (len, _) = match name {
        Name::Static(text) => return text.to_owned(),
        Name::Number(number) => return number.to_string(),
        Name::Own => return String::new(),
        Name::Atom(atom) => walk.atom_text(atom, &mut buffer),
        Name::String(place) => walk.text(place, &mut buffer),
    };
    String::from_utf16_lossy(&buffer[..len])
}

/// The shortest ways from the root to each of these places, by what is not weak: the numbers on the
/// way, the root's first.
pub(crate) fn ways_to(
    walk: &Walk<'_>,
    cells: &Cells,
    targets: &[Place],
) -> Vec<Option<Vec<Place>>> {
    const NOBODY: u32 = u32::MAX;
    let mut from = vec![NOBODY; cells.len() as usize];
    let wanted: Vec<Option<u32>> = targets.iter().map(|&target| cells.number(target)).collect();
    let mut left: HashSet<u32> = wanted.iter().flatten().copied().collect();
    let (mut turn, mut next) = (vec![ROOT], Vec::new());
    if let Some(root) = cells.number(ROOT) {
        from[root as usize] = root;
        left.remove(&root);
    }
    while !turn.is_empty() && !left.is_empty() {
        for place in turn.drain(..) {
            let Some(here) = cells.number(place) else { continue };
            walk.edges(place, &mut |edge| {
                if edge.kind == WEAK {
                    return;
                }
                if let Some(to) = cells.number(edge.to)
                    && from[to as usize] == NOBODY
                {
                    from[to as usize] = here;
                    left.remove(&to);
                    next.push(edge.to);
                }
            });
        }
        std::mem::swap(&mut turn, &mut next);
    }
    let way = |target: u32| {
        let mut numbers = vec![target];
        let mut at = target;
        while from[at as usize] != at {
            at = from[at as usize];
            if at == NOBODY {
                return None;
            }
            numbers.push(at);
        }
        numbers.iter().rev().map(|&number| cells.place(number)).collect()
    };
    wanted.into_iter().map(|target| way(target?)).collect()
}

/// Calls `f` with the first edge by which one place holds another.
pub(crate) fn edge_between<R>(
    walk: &Walk<'_>,
    from: Place,
    to: Place,
    f: impl Fn(&Edge<'_>) -> R,
) -> Option<R> {
    let mut found = None;
    walk.edges(from, &mut |edge| {
        if found.is_none() && edge.kind != WEAK && edge.to == to {
            found = Some(f(edge));
        }
    });
    found
}
