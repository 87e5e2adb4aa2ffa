//! The names of versions: a hash of everything in them.
//!
//! No two versions hash the same bytes: each part begins with its length or its count, and each
//! alternative with a number.

use sandtide_engine::{EntryPoint, Input, Intrinsics, Language, Plan, Source};
use sha2::{Digest, Sha256};

/// The version of a source with its name and first line.
pub(crate) fn of_source(from: &Source) -> String {
    let mut hash = Hash::default();
    hash.source(from);
    hash.name()
}

/// The version of an image: its sources in their roles, modules, globals and built-ins; host
/// functions by their names.
pub(crate) fn of_plan(plan: &Plan, intrinsics: Intrinsics) -> String {
    // No `..` here, so that a new part of a plan cannot be forgotten. Limits are left out: they
    // decide whether an image can be built, not what is in it.
    let Plan { setup, entry, modules, globals, hosts, limits: _, frozen: _, time_zone } = plan;
    let mut hash = Hash::default();
    hash.list(setup.iter(), Hash::source);
    match entry {
        EntryPoint::AdHoc => hash.number(0),
        EntryPoint::Classic(source) => {
            hash.number(1);
            hash.source(source);
        }
        EntryPoint::Module(source) => {
            hash.number(2);
            hash.source(source);
        }
    }
    hash.list(modules.iter(), |hash, (specifier, source)| {
        hash.bytes(specifier.as_bytes());
        hash.bytes(source.as_bytes());
    });
    hash.list(globals.iter(), |hash, (name, input)| {
        hash.bytes(name.as_bytes());
        match input {
            Input::Value(value) => {
                hash.number(0);
                hash.bytes(value.to_json().as_bytes());
            }
            Input::Json(json) => {
                hash.number(1);
                hash.bytes(json);
            }
            // Of runs only: no image has one.
            Input::Request(_) => hash.number(2),
        }
    });
    hash.list(hosts.iter(), |hash, host| hash.bytes(host.name().as_bytes()));
    hash.bytes(format!("{intrinsics:?}").as_bytes());
    if let Some(zone) = time_zone {
        hash.bytes(zone.as_bytes());
    }
    hash.name()
}

#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    fn source(&mut self, source: &Source) {
        let Source { text, file, line, language } = source;
        self.bytes(text.as_bytes());
        self.bytes(file.as_bytes());
        // Lines have 32 bits; a language that was said stands above them.
        let language = match language {
            None => 0,
            Some(Language::JavaScript) => 1,
            Some(Language::TypeScript) => 2,
            Some(Language::Tsx) => 3,
            Some(Language::Jsx) => 4,
        };
        self.number(language << 32 | u64::from(*line));
    }

    fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, each: impl Fn(&mut Hash, T)) {
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }

    fn name(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sandtide_engine::{HostFunction, Value};
    use std::sync::Arc;

    /// Short texts of few letters, among them those that a length is written with: parts that run
    /// into each other come up often.
    fn text() -> impl Strategy<Value = String> {
        proptest::collection::vec(prop::sample::select(vec!["a", "b", "\u{0}", "\u{1}"]), 0..3)
            .prop_map(|parts| parts.concat())
    }

    fn source() -> impl Strategy<Value = Source> {
        (text(), text(), 1..3_u32).prop_map(|(file, text, line)| {
            let mut source = Source::new(file, text);
            source.line = line;
            source
        })
    }

    fn input() -> impl Strategy<Value = Input> {
        prop_oneof![
            text().prop_map(|text| Input::Value(Value::from(text))),
            text().prop_map(|text| Input::Json(text.into_bytes())),
            Just(Input::Json(b"\"a\"".to_vec())),
        ]
    }

    fn plan() -> impl Strategy<Value = Plan> {
        let entry = prop_oneof![
            Just(EntryPoint::AdHoc),
            source().prop_map(EntryPoint::Classic),
            source().prop_map(EntryPoint::Module),
        ];
        let modules = proptest::collection::btree_map(text(), text(), 0..3);
        let globals = proptest::collection::vec((text(), input()), 0..3);
        let hosts = proptest::collection::vec(text(), 0..3);
        let setup = proptest::collection::vec(source(), 0..3);
        (setup, entry, modules, globals, hosts).prop_map(
            |(setup, entry, modules, globals, hosts)| Plan {
                setup,
                entry,
                modules: Arc::new(modules),
                globals,
                hosts: hosts
                    .into_iter()
                    .map(|name| HostFunction::new(name, |_| Ok(Value::Undefined)))
                    .collect(),
                ..Plan::default()
            },
        )
    }

    fn same(a: &Plan, b: &Plan) -> bool {
        let names = |plan: &Plan| -> Vec<String> {
            plan.hosts.iter().map(|host| host.name().to_owned()).collect()
        };
        (&a.setup, &a.entry, &a.modules, &a.globals, names(a))
            == (&b.setup, &b.entry, &b.modules, &b.globals, names(b))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn two_plans_have_one_version_only_where_they_are_the_same(
            plans in proptest::collection::vec(plan(), 2..40),
        ) {
            let versions: Vec<String> =
                plans.iter().map(|plan| of_plan(plan, Intrinsics::default())).collect();
            for (index, one) in plans.iter().enumerate() {
                for (at, other) in plans[..index].iter().enumerate() {
                    prop_assert_eq!(versions[index] == versions[at], same(one, other));
                }
            }
        }
    }

    #[test]
    fn parts_that_run_into_each_other_are_told_apart() {
        let module = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let with_modules = |list: Vec<(String, String)>| Plan {
            modules: Arc::new(list.into_iter().collect()),
            ..Plan::default()
        };
        let with_global =
            |input| Plan { globals: vec![("a".to_owned(), input)], ..Plan::default() };
        let with_hosts = |names: &[&str]| Plan {
            hosts: names
                .iter()
                .map(|name| HostFunction::new(*name, |_| Ok(Value::Undefined)))
                .collect(),
            ..Plan::default()
        };
        let plans = [
            with_modules(vec![module("a", "b")]),
            with_modules(vec![module("a", "b"), module("c", "d")]),
            with_global(Input::Json(b"\"b\"".to_vec())),
            with_global(Input::Value(Value::from("b"))),
            with_hosts(&["a", "b"]),
            with_hosts(&["ab"]),
            with_hosts(&["a"]),
            Plan { time_zone: Some("+01:00".to_owned()), ..Plan::default() },
            Plan { time_zone: Some("+01".to_owned()), ..Plan::default() },
        ];
        let versions: std::collections::HashSet<_> =
            plans.iter().map(|plan| of_plan(plan, Intrinsics::default())).collect();
        assert_eq!(versions.len(), plans.len());
        assert_ne!(
            of_plan(&Plan::default(), Intrinsics::default()),
            of_plan(&Plan::default(), Intrinsics::minimal())
        );
    }
}
