//! `sandtide doctor`: what this machine has of what confinement takes, and what to do about the rest. With
//! a directory it looks at a code base instead ([`codebase`]).

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use sandtide_supervisor::{
    Allowed, CALLS, CgroupFound, Layer, NEEDED, Supervisor, ZYGOTE_CALLS, calls_missing,
    find_cgroup, landlock_abi, landlock_gaps, tracks_pages,
};

use crate::{
    codebase,
    exit::Exit,
    serve::io_runtime,
    terminal::{complain, say},
};

/// Shown by `--help`.
const DOCTOR_EXIT_CODES: &str = "\
Exit codes, of a machine:
  0  all layers hold
  5  one is missing, or the system failed
Exit codes, of a code base:
  0  nothing was found
  1  something was found
  2  wrong usage, or something that cannot be read";

#[derive(Args)]
#[command(after_help = DOCTOR_EXIT_CODES)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    codebase: codebase::CodebaseArgs,
}

pub(crate) fn doctor(args: &DoctorArgs) -> Exit {
    match args.codebase.path() {
        Some(path) => codebase::check(path, &args.codebase),
        None => machine(),
    }
}

fn machine() -> Exit {
    let runtime = match io_runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot start the threads that do I/O: {error}"));
            return Exit::Internal;
        }
    };
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    say(&format!("kernel: {}", read("/proc/sys/kernel/osrelease")));
    say(&match landlock_abi() {
        Some(version) => match landlock_gaps(version) {
            None => format!("Landlock: version {version}"),
            Some(gaps) => format!("Landlock: version {version}; {gaps}"),
        },
        None => "Landlock: not there".to_owned(),
    });
    if tracks_pages() {
        say("page tracking: yes");
    } else {
        say("page tracking: no; after each run whole images are copied, which is slow for large \
             ones. It takes Linux 6.7, and in a container a seccomp profile that lets userfaultfd \
             pass");
    }
    let cgroup = find_cgroup(&read("/proc/self/cgroup"), Path::new("/sys/fs/cgroup"));
    say(&said_of_cgroup(cgroup.as_ref()));
    say(&said_of_calls("a worker", "once it is confined", CALLS.iter()));
    let of_zygote = ZYGOTE_CALLS.iter().chain(CALLS);
    say(&said_of_calls("the zygote", "once it is ready, workers' set-up among them", of_zygote));
    let missing = calls_missing();
    match missing.is_empty() {
        true => say(&format!(
            "system calls to make workers: {} are there",
            NEEDED.iter().map(|call| call.name).collect::<Vec<_>>().join(", ")
        )),
        false => missing.iter().for_each(|call| say(&format!("MISSING: {call}"))),
    }
    // Leaves every layer out that is missing, to see which hold.
    let started = runtime.block_on(async {
        let builder = Supervisor::builder().workers(1).spare_workers(0);
        builder.insecure_without_what_is_missing().start().await
    });
    let layers = match started {
        Ok(supervisor) => supervisor.layers(),
        Err(error) => {
            for layer in Layer::ALL {
                say(&format!(
                    "layer {layer}: not known, because no worker starts here; {}",
                    layer.remedy()
                ));
            }
            complain(&error.to_string());
            return Exit::Internal;
        }
    };
    for layer in Layer::ALL {
        match layers.has(layer) {
            true => say(&format!("layer {layer}: holds")),
            false => say(&format!("layer {layer}: MISSING; {}", layer.remedy())),
        }
    }
    match layers.missing().next() {
        None => Exit::Ok,
        Some(_) => Exit::Internal,
    }
}

/// How many calls a process may make, and which.
fn said_of_calls<'a>(who: &str, when: &str, calls: impl Iterator<Item = &'a Allowed>) -> String {
    let mut rules = 0;
    let names: BTreeSet<&str> = calls.inspect(|_| rules += 1).map(|call| call.name).collect();
    let (many, names) = (names.len(), names.into_iter().collect::<Vec<_>>().join(", "));
    format!("system calls of {who}: {many} {when}, by a list of {rules} rules: {names}")
}

/// What is found of a cgroup, and what somebody could do with it.
fn said_of_cgroup(found: Option<&CgroupFound>) -> String {
    let Some(CgroupFound { path, controllers, may_make, .. }) = found else {
        return "cgroup v2: not there; the memory of each worker is bounded by its heap and rlimits, that \
                of all by nothing. It takes a system that mounts cgroups of version 2, in which a \
                service is delegated one (systemd: Delegate=yes)"
            .to_owned();
    };
    let missing: Vec<&str> = ["memory", "pids", "cpu"]
        .into_iter()
        .filter(|wanted| !controllers.iter().any(|has| has == wanted))
        .collect();
    let has = match missing.is_empty() {
        true => "has memory, pids and cpu".to_owned(),
        false => {
            format!("lacks {}, which the one above it would have to pass on", missing.join(", "))
        }
    };
    let may = match may_make {
        true => {
            "this user may make others there; `serve --cgroup` takes one without processes of its own"
        }
        false => {
            "this user may make none there; have one delegated (systemd: Delegate=yes and \
                  DelegateSubgroup=) and name it by `serve --cgroup`"
        }
    };
    format!("cgroup v2: {} {has}; {may}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_of_a_cgroup_is_said_with_what_to_do() {
        assert!(said_of_cgroup(None).starts_with("cgroup v2: not there"));
        let tree = std::env::temp_dir().join(format!("sandtide-doctor-{}", std::process::id()));
        std::fs::create_dir_all(tree.join("own")).unwrap();
        std::fs::write(tree.join("own/cgroup.controllers"), "memory pids\n").unwrap();
        std::fs::write(tree.join("own/cgroup.subtree_control"), "").unwrap();
        let said = said_of_cgroup(find_cgroup("0::/own\n", &tree).as_ref());
        std::fs::remove_dir_all(&tree).unwrap();
        assert!(said.contains("lacks cpu,") && said.contains("may make others there"), "{said}");
    }
}
