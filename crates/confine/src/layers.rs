//! The layers, in the order in which they are put on.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus,
    Scope,
};
use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, OpenTreeFlags, UnmountFlags};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::rules::Filter;

/// The descriptor of a worker's channel to the broker.
pub const CHANNEL: RawFd = 3;
/// A confined process has descriptors below this one only: three that lead nowhere, the channel, and
/// two of page tracking.
pub const LOW_DESCRIPTORS: RawFd = 6;
/// Descriptors are kept at this number and above while those below are put in order.
pub(crate) const HIGH: RawFd = 64;

/// One layer of a process's confinement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// User, network, mount, IPC, host name and cgroup namespaces of its own, and one of processes.
    Namespaces,
    /// A file system with nothing in it.
    EmptyRoot,
    /// No program that it starts has more rights than it.
    NoNewPrivileges,
    /// Limits on what it takes: memory, files, processes, core dumps.
    Limits,
    /// No capabilities, and none to come back.
    Capabilities,
    /// Landlock: no file, no port, no signal to others.
    Landlock,
    /// No memory becomes executable (Linux 6.3).
    NoNewCode,
    /// Nobody of its user may look into it, and it leaves no core.
    NotDumpable,
    /// The system calls in [`crate::CALLS`], and no other; in the process that forks it those in
    /// [`crate::ZYGOTE_CALLS`] as well.
    SystemCalls,
}

impl Layer {
    /// All of them, in the order in which they are put on.
    pub const ALL: [Layer; 9] = [
        Layer::Namespaces,
        Layer::EmptyRoot,
        Layer::NoNewPrivileges,
        Layer::Limits,
        Layer::Capabilities,
        Layer::Landlock,
        Layer::NoNewCode,
        Layer::NotDumpable,
        Layer::SystemCalls,
    ];

    /// The name by which it is left out on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Layer::Namespaces => "namespaces",
            Layer::EmptyRoot => "empty-root",
            Layer::NoNewPrivileges => "no-new-privileges",
            Layer::Limits => "limits",
            Layer::Capabilities => "capabilities",
            Layer::Landlock => "landlock",
            Layer::NoNewCode => "no-new-code",
            Layer::NotDumpable => "not-dumpable",
            Layer::SystemCalls => "system-calls",
        }
    }

    /// What somebody can do whose kernel lacks it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Layer::Namespaces | Layer::EmptyRoot => {
                "allow user namespaces to this program: sysctl user.max_user_namespaces, \
                 kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; \
                 in a container, its seccomp profile must let unshare, mount and pivot_root pass"
            }
            Layer::NoNewPrivileges | Layer::Limits | Layer::Capabilities | Layer::NotDumpable => {
                "every kernel that this program runs on has it; something else forbids the call, \
                 a container's seccomp profile perhaps"
            }
            Layer::Landlock => {
                "Linux 5.13 has it where the kernel is built with CONFIG_SECURITY_LANDLOCK and \
                 `landlock` is among lsm= of its command line"
            }
            Layer::NoNewCode => "take Linux 6.3 or later",
            Layer::SystemCalls => "take a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or aarch64",
        }
    }

    fn bit(self) -> u32 {
        1 << Layer::ALL.iter().position(|layer| *layer == self).unwrap_or(31)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers(u32);

impl Layers {
    /// Those that a number from [`Layers::bits`] names; bits that name none are dropped.
    #[must_use]
    pub fn from_bits(bits: u32) -> Layers {
        Layers(bits & Layer::ALL.iter().fold(0, |all, layer| all | layer.bit()))
    }

    /// The set as a number.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Adds one.
    pub fn add(&mut self, layer: Layer) {
        self.0 |= layer.bit();
    }

    /// Whether it has this one.
    #[must_use]
    pub fn has(self, layer: Layer) -> bool {
        self.0 & layer.bit() != 0
    }

    /// Those of this set that `other` does not have.
    pub fn lacking_in(self, other: Layers) -> impl Iterator<Item = Layer> {
        Layer::ALL.into_iter().filter(move |layer| self.has(*layer) && !other.has(*layer))
    }

    /// Those that are not in it.
    pub fn missing(self) -> impl Iterator<Item = Layer> {
        Layer::ALL.into_iter().filter(move |layer| !self.has(*layer))
    }
}

/// What stands in the way of confinement.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfineError {
    /// The kernel refuses a layer, or a step of it.
    #[error("the layer {layer} could not be put on: {error}")]
    Layer {
        /// The layer.
        layer: Layer,
        /// What the kernel says.
        error: io::Error,
    },
    /// The filter could not be compiled.
    #[error("the filter of system calls could not be compiled: {0}")]
    Filter(String),
    /// The C library's allocator cannot be told to keep memory.
    #[error("the allocator cannot be prepared for a process that maps no memory: {0}")]
    Allocator(&'static str),
    /// Descriptors could not be put in order.
    #[error("descriptors could not be put in order: {0}")]
    Descriptors(io::Error),
}

fn refused(layer: Layer) -> impl Fn(rustix::io::Errno) -> ConfineError {
    move |error| ConfineError::Layer { layer, error: error.into() }
}

/// A descriptor of `/proc` that opens nothing by itself, for a process that loses sight of it.
///
/// # Errors
/// Where there is no `/proc`.
pub fn proc_directory() -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open("/proc", flags, Mode::empty())?)
}

/// Says that this process has namespaces of its own. Only [`share_nothing`] makes one: what changes
/// mounts asks for it, because without it the mounts would be the machine's.
#[derive(Debug)]
#[must_use]
pub struct OwnNamespaces(());

/// Leaves the namespaces that the process shares with others, but for that of processes, which only
/// its children get. To be called with one thread.
///
/// # Errors
/// [`ConfineError::Layer`]: not allowed here.
pub fn share_nothing() -> Result<OwnNamespaces, ConfineError> {
    use rustix::thread::UnshareFlags as F;
    let all = F::NEWUSER | F::NEWNET | F::NEWNS | F::NEWIPC | F::NEWUTS | F::NEWCGROUP;
    // SAFETY: none of these flags takes apart what the process's own code relies on, as FILES would.
    unsafe { rustix::thread::unshare_unsafe(all) }.map_err(refused(Layer::Namespaces))?;
    Ok(OwnNamespaces(()))
}

/// As [`proc_directory`], of a copy of the mount that hangs nowhere. From the mount itself `..` leads to the
/// machine's root for as long as its descriptor is open, whatever root the process has entered. To be called
/// before [`enter_empty_root`].
///
/// # Errors
/// Where there is no `/proc`, or the kernel has no such copies (before Linux 5.2).
pub fn detached_proc_directory(_own: &OwnNamespaces) -> io::Result<OwnedFd> {
    // With the mounts below it: those that came from the machine may not be left out.
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    Ok(rustix::mount::open_tree(rustix::fs::CWD, "/proc", flags)?)
}

/// Changes to a root with nothing in it, which cannot be written to. It takes the mounts of this
/// process's own namespace apart.
///
/// ```compile_fail,E0061
/// // Not without namespaces of its own.
/// sandtide_confine::enter_empty_root();
/// ```
///
/// # Errors
/// [`ConfineError::Layer`]: not allowed here.
pub fn enter_empty_root(_own: &OwnNamespaces) -> Result<(), ConfineError> {
    let failed = refused(Layer::EmptyRoot);
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", private).map_err(&failed)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::RDONLY;
    let options = c"size=4k,nr_inodes=2";
    // Any directory will do: it is only seen from within, and goes with the old root.
    rustix::mount::mount("none", "/proc", "tmpfs", flags, options).map_err(&failed)?;
    rustix::process::chdir("/proc").map_err(&failed)?;
    rustix::process::pivot_root(".", ".").map_err(&failed)?;
    rustix::mount::unmount(".", UnmountFlags::DETACH).map_err(&failed)?;
    rustix::process::chdir("/").map_err(&failed)
}

/// Keeps the descriptors 0 to 2, `channel`, which gets the number [`CHANNEL`], and `also`, which
/// gets a number of [`LOW_DESCRIPTORS`] or more, and answers the two. All others are closed.
///
/// # Errors
/// [`ConfineError::Descriptors`].
///
/// # Safety
/// The caller uses no other descriptor of this process any more, nor closes one.
pub unsafe fn keep_descriptors(
    channel: BorrowedFd<'_>,
    also: BorrowedFd<'_>,
) -> Result<(File, OwnedFd), ConfineError> {
    let failed = |error: rustix::io::Errno| ConfineError::Descriptors(error.into());
    let moved = rustix::io::fcntl_dupfd_cloexec(channel, HIGH).map_err(failed)?;
    let also = rustix::io::fcntl_dupfd_cloexec(also, HIGH).map_err(failed)?;
    // SAFETY: the caller's promise; the two new ones lie above.
    unsafe { close_range(CHANNEL, HIGH - 1)? };
    // SAFETY: the number is free, and owned by nobody while it is given away here.
    let mut place = unsafe { OwnedFd::from_raw_fd(CHANNEL) };
    rustix::io::dup2(&moved, &mut place).map_err(failed)?;
    let (low, high) =
        (moved.as_raw_fd().min(also.as_raw_fd()), moved.as_raw_fd().max(also.as_raw_fd()));
    drop(moved);
    // SAFETY: as above; `also` lies at `low` or `high`.
    unsafe {
        // A program may be started with descriptors of any number.
        if low > HIGH {
            close_range(HIGH, low - 1)?;
        }
        if high > low + 1 {
            close_range(low + 1, high - 1)?;
        }
        close_range(high + 1, RawFd::MAX)?;
    }
    Ok((File::from(place), also))
}

/// # Safety
/// Nobody uses these descriptors.
unsafe fn close_range(first: RawFd, last: RawFd) -> Result<(), ConfineError> {
    // SAFETY: the call takes plain numbers; the caller knows that the descriptors are not used.
    match unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) } {
        0 => Ok(()),
        _ => Err(ConfineError::Descriptors(io::Error::last_os_error())),
    }
}

/// What a process that forks others put on already, for itself and for them: [`confine_ahead`] makes
/// it.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Ahead {
    without: Layers,
    /// Whole layers.
    layers: Layers,
    /// Parts of others.
    limits: bool,
    bounding_set: bool,
    filter: bool,
}

/// Puts on, for good, what the children of this process inherit and what forking does without, so
/// that it is not done again for each of them; last the `filter`, which leaves this process and its
/// children what [`Filter::of_zygote`] says. Layers in `without` are not tried, here and there.
pub fn confine_ahead(filter: &Filter, without: Layers) -> Ahead {
    let mut layers = Layers::default();
    let puts_on_all = |layer| !without.has(layer);
    if puts_on_all(Layer::NoNewPrivileges) && rustix::thread::set_no_new_privs(true).is_ok() {
        layers.add(Layer::NoNewPrivileges);
    }
    if puts_on_all(Layer::NoNewCode) && no_new_code().is_ok() {
        layers.add(Layer::NoNewCode);
    }
    let limits = puts_on_all(Layer::Limits) && limit(&LIMITS_AHEAD).is_ok();
    let bounding_set = puts_on_all(Layer::Capabilities) && drop_bounding_set().is_ok();
    let filter = puts_on_all(Layer::SystemCalls) && filter.apply().is_ok();
    Ahead { without, layers, limits, bounding_set, filter }
}

/// Confines the calling process, which has one thread, for good: it was forked by one that was
/// confined `ahead`. Layers that the kernel refuses are left out; those that hold are added to
/// `layers`. The filter comes last, so that it is on when this returns, if it could be put on at all.
pub fn confine(filter: &Filter, ahead: Ahead, layers: &mut Layers) {
    for layer in Layer::ALL.into_iter().filter(|layer| ahead.layers.has(*layer)) {
        layers.add(layer);
    }
    let mut put_on = |layer: Layer, put_on: &dyn Fn() -> Result<(), ConfineError>| {
        if !ahead.without.has(layer) && put_on().is_ok() {
            layers.add(layer);
        }
    };
    if ahead.limits {
        put_on(Layer::Limits, &|| limit(&LIMITS));
    }
    if ahead.bounding_set {
        put_on(Layer::Capabilities, &drop_capabilities);
    }
    put_on(Layer::Landlock, &landlock);
    put_on(Layer::NotDumpable, &|| {
        let not = rustix::process::DumpableBehavior::NotDumpable;
        rustix::process::set_dumpable_behavior(not).map_err(refused(Layer::NotDumpable))
    });
    if ahead.filter {
        put_on(Layer::SystemCalls, &|| filter.apply());
    }
}

const LIMITS_AHEAD: [(Resource, u64); 2] = [(Resource::Core, 0), (Resource::Memlock, 0)];
/// Of a process that forks no other, and that has nothing left to say on the standard error, which may
/// be a file; Landlock's own descriptor needs a place for a moment.
const LIMITS: [(Resource, u64); 3] =
    [(Resource::Fsize, 0), (Resource::Nproc, 0), (Resource::Nofile, LOW_DESCRIPTORS as u64 + 1)];

fn limit(limits: &[(Resource, u64)]) -> Result<(), ConfineError> {
    for &(resource, most) in limits {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .map_err(refused(Layer::Limits))?;
    }
    Ok(())
}

/// No program that this process or a child of it starts gets a capability back. Those that it has are
/// still there, for the namespaces of its children.
fn drop_bounding_set() -> Result<(), ConfineError> {
    let failed = refused(Layer::Capabilities);
    for number in 0..63 {
        let one = CapabilitySet::from_bits_retain(1 << number);
        match rustix::thread::remove_capability_from_bounding_set(one) {
            Ok(()) => {}
            // Past the last one that this kernel knows.
            Err(rustix::io::Errno::INVAL) => break,
            // Without the right to drop them they stay in the bounding set, out of reach because no
            // program can be started.
            Err(rustix::io::Errno::PERM) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    let _ = rustix::thread::clear_ambient_capability_set();
    Ok(())
}

fn drop_capabilities() -> Result<(), ConfineError> {
    let failed = refused(Layer::Capabilities);
    let nothing = CapabilitySet::empty();
    let none = CapabilitySets { effective: nothing, permitted: nothing, inheritable: nothing };
    rustix::thread::set_capabilities(None, none).map_err(failed)
}

/// Handles every access that the kernel knows, and allows none.
fn landlock() -> Result<(), ConfineError> {
    let failed = |error: landlock::RulesetError| ConfineError::Layer {
        layer: Layer::Landlock,
        error: io::Error::other(error.to_string()),
    };
    let newest = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(newest))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(newest)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(newest)))
        .and_then(Ruleset::create)
        .map(|created| created.set_compatibility(CompatLevel::BestEffort))
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(failed)?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err(ConfineError::Layer {
            layer: Layer::Landlock,
            error: io::ErrorKind::Unsupported.into(),
        }),
        _ => Ok(()),
    }
}

/// What this version of Landlock does not keep from workers, for people; none where it keeps all that is
/// asked of it. Those layers that hold are not taken for more than they are.
#[must_use]
pub fn landlock_gaps(abi: u32) -> Option<&'static str> {
    match abi {
        0..4 => Some(
            "ports, device controls, abstract sockets and signals to others are not covered (Linux 6.12 \
             covers them; the filter of system calls forbids them all the same)",
        ),
        4 => Some(
            "device controls, abstract sockets and signals to others are not covered (Linux 6.12 covers \
             them; the filter of system calls forbids them all the same)",
        ),
        5 => Some(
            "abstract sockets and signals to others are not covered (Linux 6.12 covers them; the filter \
             of system calls forbids them all the same)",
        ),
        _ => None,
    }
}

/// Has `landlock_create_ruleset` answer the version, and make nothing.
pub(crate) const LANDLOCK_VERSION: libc::c_ulong = 1;

/// The version of Landlock that the kernel has; none without it.
#[must_use]
pub fn landlock_abi() -> Option<u32> {
    // SAFETY: with this flag the call only answers a number.
    let abi = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0_usize,
            LANDLOCK_VERSION,
        )
    };
    u32::try_from(abi).ok().filter(|abi| *abi > 0)
}

/// Whether this process could have the kernel tell which pages it wrote (Linux 6.7, `userfaultfd`
/// with asynchronous write-protection). That is no layer; without it, restores copy whole images.
#[must_use]
pub fn tracks_pages() -> bool {
    const USER_MODE_ONLY: libc::c_int = 1;
    const API: u64 = 0xaa;
    const WP_UNPOPULATED_AND_ASYNC: u64 = 1 << 13 | 1 << 15;
    const IOCTL_API: libc::c_ulong = 0xc018_aa3f;
    // SAFETY: the call takes flags only.
    let opened = unsafe { libc::syscall(libc::SYS_userfaultfd, libc::O_CLOEXEC | USER_MODE_ONLY) };
    if opened < 0 {
        return false;
    }
    // SAFETY: the descriptor is new and nobody else's.
    let faults = unsafe { OwnedFd::from_raw_fd(opened as RawFd) };
    let mut api = [API, WP_UNPOPULATED_AND_ASYNC, 0_u64];
    // SAFETY: three numbers of 64 bits are what this ioctl reads and writes.
    unsafe { libc::ioctl(faults.as_raw_fd(), IOCTL_API, api.as_mut_ptr()) == 0 }
}

fn no_new_code() -> Result<(), ConfineError> {
    const PR_SET_MDWE: libc::c_int = 65;
    const REFUSE_EXEC_GAIN: libc::c_ulong = 1;
    let zero: libc::c_ulong = 0;
    // SAFETY: the call takes plain numbers, and forbids later mappings only.
    match unsafe { libc::prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, zero, zero, zero) } {
        0 => Ok(()),
        _ => {
            Err(ConfineError::Layer { layer: Layer::NoNewCode, error: io::Error::last_os_error() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came of it in a process of its own, in the empty root.
    const NOTHING_BUT_PROC: i32 = 0;
    const NO_PROC: i32 = 2;
    const LEADS_OUT: i32 = 3;

    fn look_around(proc: &OwnedFd) -> i32 {
        let opens = |path: &str| {
            rustix::fs::openat(proc, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).is_ok()
        };
        match (opens("self/pagemap"), opens("../proc") || opens("../etc")) {
            (false, _) => NO_PROC,
            (true, true) => LEADS_OUT,
            (true, false) => NOTHING_BUT_PROC,
        }
    }

    #[test]
    fn the_descriptor_of_proc_that_is_kept_in_the_empty_root_leads_nowhere_else() {
        // SAFETY: the child makes system calls and nothing else, on copies of what was there: neither
        // locks nor memory of other threads are touched.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let looked = share_nothing().ok().and_then(|own| {
                let proc = detached_proc_directory(&own).ok()?;
                enter_empty_root(&own).ok()?;
                Some(look_around(&proc))
            });
            crate::leave(looked.unwrap_or(1));
        }
        assert!(child > 0, "{}", io::Error::last_os_error());
        let mut status = 0;
        // SAFETY: waits for a child of this process, and writes how it ended.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert!(libc::WIFEXITED(status), "{status:#x}");
        assert_eq!(libc::WEXITSTATUS(status), NOTHING_BUT_PROC);
    }
}
