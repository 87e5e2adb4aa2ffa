//! What tests of stores do with them, whichever they are.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::time::Duration;

use sandtide_store::{
    Change, NewVersion, SecretKey, Store, StoreError, StoreOptions, VersionFacts, Who,
};

pub(crate) fn who(tenant: &str, script: &str) -> Who {
    Who { tenant: tenant.to_owned(), script: script.to_owned() }
}

pub(crate) fn deploy(store: &dyn Store, script: &Who, version: &str, body: &[u8]) {
    deploy_with(store, script, version, body, &format!("facts of {version}"));
}

pub(crate) fn deploy_with(
    store: &dyn Store,
    script: &Who,
    version: &str,
    body: &[u8],
    facts: &str,
) {
    let new = NewVersion {
        script: script.clone(),
        version: version.to_owned(),
        facts: facts.to_owned(),
        body: body.to_vec(),
        actor: "test".to_owned(),
        once: None,
        instead_of: None,
        share: None,
    };
    store.deploy(new).wait().unwrap();
}

/// Deploys a version beside the active one.
pub(crate) fn deploy_beside(
    store: &dyn Store,
    script: &Who,
    version: &str,
    percent: u8,
) -> Result<i64, StoreError> {
    let new = NewVersion {
        script: script.clone(),
        version: version.to_owned(),
        facts: format!("facts of {version}"),
        body: b"x".to_vec(),
        actor: "test".to_owned(),
        once: None,
        instead_of: None,
        share: Some(percent),
    };
    store.deploy(new).wait()
}

pub(crate) fn activate(
    store: &dyn Store,
    script: &Who,
    version: &str,
    instead_of: &str,
    back: bool,
) -> Result<i64, StoreError> {
    let change = Change {
        script: script.clone(),
        version: version.to_owned(),
        turn: turn(store, script, version),
        instead_of: instead_of.to_owned(),
        back,
        actor: "test".to_owned(),
    };
    store.activate(change).wait()
}

/// The turn of a version; none's is 0.
pub(crate) fn turn(store: &dyn Store, script: &Who, version: &str) -> i64 {
    let read = store.version(script.clone(), version.to_owned()).wait();
    read.map_or(0, |read| read.turn)
}

/// The versions of a script, the active one in brackets, each with its share and the one that a roll back goes to.
pub(crate) fn shown(store: &dyn Store, script: &Who) -> String {
    let all = store.versions(script.clone()).wait().unwrap();
    let one = |version: &VersionFacts| {
        let name = match version.active {
            true => format!("[{}]", version.version),
            false => version.version.clone(),
        };
        let share = version.share.map_or(String::new(), |percent| format!(":{percent}%"));
        match &version.former {
            Some(former) => format!("{name}{share}<{former}"),
            None => format!("{name}{share}"),
        }
    };
    all.iter().map(one).collect::<Vec<_>>().join(" ")
}

pub(crate) fn wait_until(mut holds: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it never came true");
}

pub(crate) fn with_key(byte: u8) -> StoreOptions {
    let key = SecretKey::parse(&format!("{byte:02x}").repeat(32)).unwrap();
    StoreOptions { secret_key: Some(key), ..StoreOptions::default() }
}
