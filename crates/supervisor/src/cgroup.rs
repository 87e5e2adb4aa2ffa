//! A cgroup of version 2 for the zygote and its workers: what all of them together may take of memory,
//! processes and processor time. It bounds the machine's side of what rlimits and the heap's limit bound
//! for each.
//!
//! Knows files only: a tree of plain ones does for tests. Must not know workers.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The period that the share of processors is told in, in us.
const PERIOD: u64 = 100_000;

/// What the processes of a cgroup may take together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Most {
    /// Bytes.
    pub(crate) memory: u64,
    pub(crate) processes: u64,
    /// Processors, where they are bounded.
    pub(crate) cpus: Option<f64>,
}

/// What the name of a cgroup begins with. Its process's number follows, and its own of that process.
const PREFIX: &str = "sandtide-workers-";

/// Of the next one in this process.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Why none was made below the one that was named.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) parent: PathBuf,
    pub(crate) what: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.parent.display(), self.what)
    }
}

/// A cgroup that was made below one that somebody delegated. It is removed when this is dropped, where
/// its processes have ended by then; else by the next one that is made there once this process has
/// ended.
#[derive(Debug)]
pub(crate) struct Cgroup {
    directory: PathBuf,
}

impl Cgroup {
    /// Makes one for workers of this process below `parent`, which must have no processes of its own, and
    /// removes what others left there that have ended.
    pub(crate) fn make(parent: &Path, most: Most) -> Result<Cgroup, Refused> {
        Self::make_named(parent, &name_of_next(), most)
    }

    fn make_named(parent: &Path, name: &str, most: Most) -> Result<Cgroup, Refused> {
        let failed = |what: String| Refused { parent: parent.to_owned(), what };
        let there = read(&parent.join("cgroup.controllers")).map_err(|error| {
            failed(format!("it is no cgroup of version 2 (cgroup.controllers: {error})"))
        })?;
        let wanted: &[&str] = match most.cpus {
            Some(_) => &["memory", "pids", "cpu"],
            None => &["memory", "pids"],
        };
        let has = |name: &&str| there.split_whitespace().any(|controller| controller == *name);
        let missing: Vec<&str> = wanted.iter().copied().filter(|name| !has(name)).collect();
        if !missing.is_empty() {
            return Err(failed(format!("it lacks the controllers {}", missing.join(" and "))));
        }
        let enable: Vec<String> = wanted.iter().map(|name| format!("+{name}")).collect();
        let control = parent.join("cgroup.subtree_control");
        write(&control, &enable.join(" ")).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::ResourceBusy => "; there are processes in it, which belong below it",
                _ => "",
            };
            failed(format!("its controllers cannot be passed on: {error}{hint}"))
        })?;
        remove_left(parent);
        let directory = parent.join(name);
        match fs::create_dir(&directory) {
            // A process of the same number, in a container perhaps, left one that could not be removed.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(format!("none can be made below it: {error}")));
            }
            _ => {}
        }
        let cgroup = Cgroup { directory };
        let cpus = most.cpus.map(|cpus| (cpus * PERIOD as f64).round().max(1000.0) as u64);
        let share = cpus.map_or_else(|| "max".to_owned(), |share| format!("{share} {PERIOD}"));
        let settings = [
            ("memory.max", most.memory.to_string(), true),
            // Else what is over the bound goes to swap, as much as there is. A kernel that has no swap,
            // or does not count it, has no such file.
            ("memory.swap.max", "0".to_owned(), false),
            ("pids.max", most.processes.to_string(), true),
            // What is taken over may have a share from before.
            ("cpu.max", share, cpus.is_some()),
        ];
        for (file, value, must_be_there) in settings {
            match write(&cgroup.directory.join(file), &value) {
                Err(error) if must_be_there || error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed(format!("{file} cannot be set: {error}")));
                }
                _ => {}
            }
        }
        Ok(cgroup)
    }

    /// How many of its processes the system has killed because it was out of memory; none where it does
    /// not tell.
    pub(crate) fn killed_for_memory(&self) -> Option<u64> {
        let events = read(&self.directory.join("memory.events")).ok()?;
        let killed = events.lines().find_map(|line| line.strip_prefix("oom_kill "))?;
        killed.trim().parse().ok()
    }

    /// Moves a process into it, and with it those that it forks later.
    pub(crate) fn take(&self, process: u32) -> io::Result<()> {
        write(&self.directory.join("cgroup.procs"), &process.to_string())
    }
}

fn name_of_next() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{}-{number}", std::process::id())
}

/// The process that made what has such a name.
fn maker_of(name: &str) -> Option<u32> {
    let (process, number) = name.strip_prefix(PREFIX)?.split_once('-')?;
    number.parse::<u32>().ok()?;
    process.parse().ok()
}

/// Removes cgroups whose makers have ended. The kernel keeps those that have processes.
fn remove_left(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let maker = entry.file_name().to_str().and_then(maker_of);
        if maker.is_some_and(|maker| !Path::new("/proc").join(maker.to_string()).exists()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // Processes that are still there keep it: workers end a moment after their zygote.
        let _ = fs::remove_dir(&self.directory);
    }
}

/// What this process's cgroup is, for people: where it is and what it could be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CgroupFound {
    /// Its directory.
    pub path: PathBuf,
    /// The controllers that it has.
    pub controllers: Vec<String>,
    /// Whether this process may make others below it.
    pub may_make: bool,
}

/// The cgroup of version 2 that this process is in. `own` is what `/proc/self/cgroup` says, `root` where
/// the hierarchy is mounted, usually `/sys/fs/cgroup`. None where there is no such hierarchy.
#[must_use]
pub fn find_cgroup(own: &str, root: &Path) -> Option<CgroupFound> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let path = root.join(path.trim_start_matches('/'));
    let controllers = read(&path.join("cgroup.controllers")).ok()?;
    let controllers = controllers.split_whitespace().map(str::to_owned).collect();
    let may = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    let may_make = may(&path) && may(&path.join("cgroup.subtree_control"));
    Some(CgroupFound { path, controllers, may_make })
}

fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}

/// The kernel makes the files, and takes each value in one piece.
fn write(path: &Path, value: &str) -> io::Result<()> {
    OpenOptions::new().write(true).truncate(true).open(path)?.write_all(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cgroup that the tree has already, because its files are the kernel's to make.
    const NAME: &str = "sandtide-workers-of-test";
    const FILES: [&str; 5] =
        ["memory.max", "memory.swap.max", "pids.max", "cpu.max", "cgroup.procs"];

    /// Plain files in the place of a cgroup that somebody delegated.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str, controllers: &str) -> Tree {
            let tree = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            let workers = tree.join(NAME);
            fs::create_dir_all(&workers).unwrap();
            fs::write(tree.join("cgroup.controllers"), controllers).unwrap();
            fs::write(tree.join("cgroup.subtree_control"), "").unwrap();
            for file in FILES {
                fs::write(workers.join(file), "of before").unwrap();
            }
            Tree(tree)
        }

        fn make(&self, most: Most) -> Result<Cgroup, Refused> {
            Cgroup::make_named(&self.0, NAME, most)
        }

        fn lacks(&self, file: &str) {
            fs::remove_file(self.0.join(NAME).join(file)).unwrap();
        }

        fn says(&self, file: &str) -> String {
            read(&self.0.join(NAME).join(file)).unwrap()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const MOST: Most = Most { memory: 1 << 30, processes: 9, cpus: Some(1.5) };

    #[test]
    fn its_limits_are_set_and_processes_are_taken_in() {
        let tree = Tree::new("sandtide-cgroup-set", "cpuset cpu io memory pids\n");
        let cgroup = tree.make(MOST).unwrap();
        cgroup.take(77).unwrap();
        let passed_on = read(&tree.0.join("cgroup.subtree_control")).unwrap();
        assert_eq!(passed_on, "+memory +pids +cpu");
        assert_eq!(tree.says("memory.max"), "1073741824");
        assert_eq!(tree.says("memory.swap.max"), "0", "or the bound would be none");
        assert_eq!(tree.says("pids.max"), "9");
        assert_eq!(tree.says("cpu.max"), "150000 100000");
        assert_eq!(tree.says("cgroup.procs"), "77");
    }

    #[test]
    fn it_tells_how_many_were_killed_for_want_of_memory_where_the_kernel_does() {
        let tree = Tree::new("sandtide-cgroup-oom", "memory pids cpu");
        let cgroup = tree.make(MOST).unwrap();
        assert_eq!(cgroup.killed_for_memory(), None);
        let events = "low 0\nhigh 0\nmax 12\noom 4\noom_kill 3\noom_group_kill 0\n";
        fs::write(tree.0.join(NAME).join("memory.events"), events).unwrap();
        assert_eq!(cgroup.killed_for_memory(), Some(3));
    }

    #[test]
    fn processors_are_bounded_only_where_that_was_asked_for() {
        let tree = Tree::new("sandtide-cgroup-cpu", "memory pids");
        let without = Most { cpus: None, ..MOST };
        drop(tree.make(without).unwrap());
        assert_eq!(read(&tree.0.join("cgroup.subtree_control")).unwrap(), "+memory +pids");
        assert_eq!(tree.says("cpu.max"), "max", "a share of before is gone");
        let error = tree.make(MOST).unwrap_err();
        assert!(error.to_string().contains("lacks the controllers cpu"), "{error}");
        // Without its controller and without swap there are no such files.
        tree.lacks("cpu.max");
        tree.lacks("memory.swap.max");
        drop(tree.make(without).unwrap());
    }

    #[test]
    fn what_ended_processes_left_is_removed_and_nothing_else() {
        let tree = Tree::new("sandtide-cgroup-left", "memory pids cpu");
        // No process has such a number: the kernel's largest is 2^22.
        let ended = u32::MAX;
        let own = std::process::id();
        let gone = [format!("{PREFIX}{ended}-0"), format!("{PREFIX}{ended}-17")];
        let kept = [
            format!("{PREFIX}{own}-4294967295"),
            format!("{PREFIX}{ended}"),
            format!("{PREFIX}{ended}-mine"),
            format!("others-{ended}-0"),
        ];
        // As one that has processes, it cannot be removed.
        let busy = format!("{PREFIX}{ended}-1/process");
        for name in gone.iter().chain(&kept).chain([&busy]) {
            fs::create_dir_all(tree.0.join(name)).unwrap();
        }
        tree.make(MOST).unwrap();
        let there = |name: &String| tree.0.join(name).exists();
        assert!(!gone.iter().any(there), "{gone:?}");
        assert!(kept.iter().chain([&busy]).all(there), "{kept:?}");
    }

    #[test]
    fn two_of_one_process_are_not_the_same_and_are_known_as_its() {
        let names = [name_of_next(), name_of_next()];
        assert_ne!(names[0], names[1]);
        for name in names {
            assert_eq!(maker_of(&name), Some(std::process::id()), "{name}");
        }
    }

    #[test]
    fn what_is_no_cgroup_or_lacks_files_is_refused() {
        let error = Cgroup::make(Path::new("/nonexistent"), MOST).unwrap_err();
        assert_eq!(crate::StartError::from(error).code(), "ERR_CGROUP");
        let tree = Tree::new("sandtide-cgroup-lacks", "memory pids cpu");
        tree.lacks("pids.max");
        let error = tree.make(MOST).unwrap_err();
        assert!(error.to_string().contains("pids.max cannot be set"), "{error}");
        let created = tree.0.join(NAME).join("pids.max");
        assert!(!created.exists(), "only the kernel makes its files");
    }

    #[test]
    fn the_cgroup_of_a_process_is_found_where_the_hierarchy_is_of_version_2() {
        let tree = Tree::new("sandtide-cgroup-find", "memory pids");
        let name = tree.0.file_name().unwrap().to_str().unwrap();
        let root = tree.0.parent().unwrap();
        let found = find_cgroup(&format!("1:name=x:/y\n0::/{name}\n"), root).unwrap();
        assert_eq!(found.path, tree.0);
        assert_eq!(found.controllers, ["memory", "pids"]);
        assert!(found.may_make);
        assert_eq!(find_cgroup("4:memory:/a\n", root), None);
        assert_eq!(find_cgroup("0::/not-there\n", root), None);
    }
}
