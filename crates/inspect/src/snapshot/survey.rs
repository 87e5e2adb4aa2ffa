//! Which objects a heap has, by class and number: what two of them have and have not in common.

use std::collections::{BTreeMap, HashMap};

use sandtide_quickjs::walk::{Name, Place, Walk, What};
use serde::Serialize;

use super::{Generation, Ids};
use crate::cells::Cells;
use crate::walking;

/// The objects of a heap at one time.
#[derive(Debug, Default)]
pub struct Survey {
    classes: Vec<String>,
    /// Class and size by number.
    nodes: HashMap<u64, (u32, u64)>,
    bytes: u64,
}

/// What changed in one class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The class.
    pub what: String,
    /// Bytes more, or less.
    pub size_bytes: i64,
    /// Objects that came.
    #[serde(rename = "+")]
    pub came: u64,
    /// Objects that went.
    #[serde(rename = "-")]
    pub went: u64,
}

/// What changed between two surveys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Objects and their bytes before.
    pub before: (usize, u64),
    /// The same afterwards.
    pub after: (usize, u64),
    /// What changed, by class in alphabetical order.
    pub details: Vec<Change>,
}

impl Changes {
    /// The same as a text of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Survey {
    /// Looks at all objects. Those that are new get a number, as in a snapshot.
    pub fn take(walk: &Walk<'_>, ids: &mut Ids) -> Survey {
        let cells = walking::all(walk);
        let mut survey = Survey::default();
        let mut new = Generation { cells: Cells::default(), first: ids.given };
        let mut by_name: HashMap<(u8, NameKey), u32> = HashMap::new();
        let mut places = Vec::new();
        for chunk in 0..cells.chunks() {
            cells.places_of(chunk, &mut places);
            for &place in places.iter().filter(|place| place.what != What::Group) {
                let node = walk.node(place);
                let id = ids.id_of(place, node.known, &mut new);
                let next = survey.classes.len() as u32;
                let key = (node.kind, key(node.kind, node.name));
                let class = *by_name.entry(key).or_insert(next);
                if class == next {
                    survey.classes.push(class_name(walk, node.kind, node.name));
                }
                survey.nodes.insert(id, (class, node.size));
                survey.bytes += node.size;
            }
        }
        ids.keep(new);
        survey
    }

    /// What changed from this one to a later one.
    pub fn changes(&self, after: &Survey) -> Changes {
        let mut by_class: BTreeMap<&str, Change> = BTreeMap::new();
        for survey in [self, after] {
            for class in &survey.classes {
                by_class
                    .entry(class)
                    .or_insert_with(|| Change { what: class.clone(), ..Change::default() });
            }
        }
        for (id, &(class, size)) in &self.nodes {
            if !after.nodes.contains_key(id)
                && let Some(change) = by_class.get_mut(self.classes[class as usize].as_str())
            {
                change.went += 1;
                change.size_bytes -= size as i64;
            }
        }
        for (id, &(class, size)) in &after.nodes {
            let Some(change) = by_class.get_mut(after.classes[class as usize].as_str()) else {
                continue;
            };
            match self.nodes.get(id) {
                Some(&(_, before)) => change.size_bytes += size as i64 - before as i64,
                None => {
                    change.came += 1;
                    change.size_bytes += size as i64;
                }
            }
        }
        let changed =
            |change: &Change| change.came > 0 || change.went > 0 || change.size_bytes != 0;
        Changes {
            before: (self.nodes.len(), self.bytes),
            after: (after.nodes.len(), after.bytes),
            details: by_class.into_values().filter(changed).collect(),
        }
    }
}

/// The number of the type of nodes that have a class of their own.
const OBJECT: u8 = 3;

#[derive(PartialEq, Eq, Hash)]
enum NameKey {
    None,
    Atom(u32),
    Static(usize),
    Text(Place),
}

fn key(kind: u8, name: Name<'_>) -> NameKey {
    match name {
        _ if kind != OBJECT => NameKey::None,
        Name::Atom(atom) => NameKey::Atom(atom),
        Name::Static(text) => NameKey::Static(text.as_ptr().addr()),
        Name::String(place) => NameKey::Text(place),
        Name::Own | Name::Number(_) => NameKey::None,
    }
}

/// Objects are called by their constructors, others by what they are.
fn class_name(walk: &Walk<'_>, kind: u8, name: Name<'_>) -> String {
    const NAMES: [&str; 15] = [
        "(system)", "Array", "String", "", "Code", "Closure", "RegExp", "Number", "(native)",
        "(system)", "String", "String", "Symbol", "BigInt", "(shape)",
    ];
    match NAMES.get(usize::from(kind)) {
        Some(&"") | None => walking::text(walk, name),
        Some(name) => (*name).to_owned(),
    }
}
