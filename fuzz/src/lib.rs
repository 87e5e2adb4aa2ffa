//! What the targets share: values out of the fuzzer's bytes, when two values are the same one, and
//! the process's one instance. Knows nothing of any single target.

mod generate;
mod programs;
mod same;
mod worlds;

pub use generate::Generated;
pub use programs::Step;
pub use same::same;
pub use worlds::World;

use sandtide_engine::{
    EntryPoint, HeapImage, HostFunction, Instance, InstanceConfig, Plan, Source,
};

/// What each target does first: what is fuzzed is the engine that ships.
pub fn check_engine() {
    assert!(sandtide_quickjs::is_the_only_engine(), "{}", sandtide_quickjs::identity());
}

/// An instance with a small arena, as the targets' runs are small.
pub fn instance() -> Instance {
    let mut config = InstanceConfig::default();
    config.heap = 8 << 20;
    Instance::new(config).expect("the system gives an arena")
}

/// An image of a module, with the host functions that it calls.
pub fn module(instance: &mut Instance, text: &str, hosts: Vec<HostFunction>) -> HeapImage {
    let entry = EntryPoint::Module(Source::new("target.mjs", text));
    instance.build(&Plan { entry, hosts, ..Plan::default() }).expect("the target's module builds")
}
