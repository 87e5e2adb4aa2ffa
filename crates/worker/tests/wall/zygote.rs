//! Each class of call that a zygote may not make, tried from inside one: this program's zygotes have
//! a signal handler that makes the call which the signal names. The zygote must die of it, another one
//! must be started and that be said, and its workers must notice nothing.

use std::ffi::c_void;
use std::ptr;

use libtest_mimic::Trial;
use sandtide::{Limits, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::{Event, Events, Layer, Supervisor};
use sandtide_wire::ZYGOTE_ARGUMENT;

use crate::here::{next, replacement, zygotes_of};
use crate::{PATIENCE, supervisor, trial, until_ended};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial(
            "every_class_of_forbidden_call_ends_the_zygote_and_another_one_is_started",
            forbidden,
        ),
        trial("calls_that_a_zygote_may_make_do_not_end_it", allowed),
        trial("without_the_layer_system_calls_the_zygote_has_no_filter_either", without),
    ]
    .into_iter()
}

/// What is tried: the call's number and its arguments, which do no harm where a filter lets them pass.
type Call = (&'static str, &'static [i64]);
const ZERO: i64 = 0;

const FORBIDDEN: &[Call] = &[
    ("opens a file to write", &[libc::SYS_openat, -100, ZERO, 1]),
    ("makes a socket", &[libc::SYS_socket, 2, 1]),
    ("connects", &[libc::SYS_connect, 0, ZERO, 16]),
    ("sends to another than the broker", &[libc::SYS_sendmsg, 2, ZERO, 0x4000]),
    ("receives of another than the broker", &[libc::SYS_recvmsg, 3, ZERO, 0x4000_0000]),
    ("maps more than a page", &[libc::SYS_mmap, 0, 8192, 3, 0x4022, -1]),
    ("maps 4 GiB and a page", &[libc::SYS_mmap, 0, 0x1_0000_1000, 3, 0x4022, -1]),
    ("maps memory executable", &[libc::SYS_mmap, 0, 4096, 7, 0x4022, -1]),
    ("makes memory executable", &[libc::SYS_mprotect, ZERO, 4096, 5]),
    ("grows its heap", &[libc::SYS_brk, ZERO]),
    ("forks a child of its own", &[libc::SYS_clone, 17]),
    ("starts a thread", &[libc::SYS_clone, 0x10f00]),
    ("forks by what no filter can read", &[libc::SYS_clone3, ZERO]),
    ("starts a program", &[libc::SYS_execve, ZERO, ZERO, ZERO]),
    ("signals a process", &[libc::SYS_kill]),
    ("signals by a descriptor", &[libc::SYS_pidfd_send_signal, -1, 9]),
    ("handles signals anew", &[libc::SYS_rt_sigaction, 23, 8, ZERO, 8]),
    ("traces a worker", &[libc::SYS_ptrace, 16, 2]),
    ("reads another process", &[libc::SYS_process_vm_readv, 2, ZERO, 0, ZERO]),
    ("asks for the capabilities that it has", &[libc::SYS_capget, ZERO, ZERO]),
    ("changes what it may do", &[libc::SYS_prctl, 24]),
    ("is told of its calls by another", &[libc::SYS_seccomp, 1, 8, ZERO]),
    ("limits another process", &[libc::SYS_prlimit64, 1, 7, ZERO, ZERO]),
    ("leaves its namespaces", &[libc::SYS_unshare, 0x1000_0000]),
    ("enters others", &[libc::SYS_setns, 3]),
    ("mounts", &[libc::SYS_mount, ZERO, ZERO, ZERO, 0, ZERO]),
    ("loads a program into the kernel", &[libc::SYS_bpf, 0, ZERO]),
    ("opens a ring of calls", &[libc::SYS_io_uring_setup, 1, ZERO]),
    ("asks a descriptor for more", &[libc::SYS_ioctl, 0, 0x541b, ZERO]),
    ("makes an event", &[libc::SYS_eventfd2]),
    ("waits for children, which are the broker's", &[libc::SYS_waitid, 0, 0, ZERO, 4]),
];

/// What a zygote and its workers' set-ups do, and does no harm.
const ALLOWED: &[Call] = &[
    ("asks who it is", &[libc::SYS_gettid]),
    ("closes nothing", &[libc::SYS_close, -1]),
    ("asks for a handler", &[libc::SYS_rt_sigaction, 23, 0, ZERO, 8]),
    ("asks for Landlock's version", &[libc::SYS_landlock_create_ruleset, 0, 0, 1]),
];

/// Has this program's zygotes make the calls that signals name. It is called before the zygote puts a
/// filter on itself, which allows no handler later.
pub(crate) fn listen_if_zygote() {
    if std::env::args_os().nth(1).is_none_or(|first| first != ZYGOTE_ARGUMENT) {
        return;
    }
    // SAFETY: a structure of plain numbers, for which zero is a value; the handler makes one call and
    // may end the process.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = call_by_signal as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO;
        assert_eq!(libc::sigaction(libc::SIGUSR2, &raw const action, ptr::null_mut()), 0);
    }
}

/// The signal's value is the place of a call: in the one list, or after it in the other.
extern "C" fn call_by_signal(_: i32, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel gives what was sent.
    let place = unsafe { (*info).si_value() }.sival_ptr as usize;
    let (_, call) = FORBIDDEN.get(place).unwrap_or_else(|| &ALLOWED[place - FORBIDDEN.len()]);
    let [number, a, b, c, d, e, f] =
        [0, 1, 2, 3, 4, 5, 6].map(|index| call.get(index).copied().unwrap_or(0));
    // SAFETY: nothing is safe about it: that is what is tested, in a process made for it.
    unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if place < FORBIDDEN.len() {
        // It should not have come so far, and must not be taken for one that died of its call.
        sandtide_confine::leave(7);
    }
}

fn tell(zygote: i32, place: usize) {
    let value = libc::sigval { sival_ptr: place as *mut c_void };
    // SAFETY: signals a process of this test's, which handles it.
    assert_eq!(unsafe { libc::sigqueue(zygote, libc::SIGUSR2, value) }, 0);
}

fn soon() -> Run {
    let limits = Limits { wall: PATIENCE, ..Limits::default() };
    Run::new().source("1 + 1", ScriptOptions::new()).limits(limits)
}

/// The zygote that forked the worker of a tenant that had none. A zygote that does not answer in time
/// is given up, which on a machine that is busy is no fault.
async fn zygote_of_new_worker(supervisor: &Supervisor, tenant: &str) -> i32 {
    let mut result = Ok(Value::Null);
    for _ in 0..20 {
        result = supervisor.run(&supervisor.base(tenant), soon()).await.result;
        if result.is_ok() {
            break;
        }
    }
    assert_eq!(result, Ok(Value::from(2)), "{tenant}");
    let workers = supervisor.waiting_processes();
    let last = workers.last().copied().into_iter().collect::<Vec<_>>();
    let [zygote] = zygotes_of(&last)[..] else { panic!("one zygote forked {workers:?}") };
    zygote
}

/// Why a zygote was replaced, but for one that was only late.
async fn cause_of_replacement(events: &mut Events) -> String {
    loop {
        match next(events, "replacement", replacement).await {
            Event::ZygoteReplaced { cause } if cause.contains(LATE) => {}
            Event::ZygoteReplaced { cause } => return cause,
            other => unreachable!("{other:?}"),
        }
    }
}

const LATE: &str = "did not answer within";

async fn forbidden() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let mut events = supervisor.events();
    let mut zygote = zygote_of_new_worker(&supervisor, "first").await;
    let first = *supervisor.waiting_processes().last().expect("it waits");
    for (place, (what, _)) in FORBIDDEN.iter().enumerate() {
        tell(zygote, place);
        until_ended(zygote).await;
        let another = zygote_of_new_worker(&supervisor, &format!("after: {what}")).await;
        assert_ne!(another, zygote, "{what}");
        let cause = cause_of_replacement(&mut events).await;
        assert!(cause.contains("SIGSYS"), "{what}: {cause}");
        // The workers that the old one forked go on.
        let outcome = supervisor.run(&supervisor.base("first"), soon()).await;
        assert_eq!(outcome.result, Ok(Value::from(2)), "after: {what}");
        assert_eq!(supervisor.waiting_processes().last(), Some(&first), "after: {what}");
        zygote = another;
    }
    assert_eq!(supervisor.counts().lost, 0);
}

async fn allowed() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let mut events = supervisor.events();
    let mut zygote = zygote_of_new_worker(&supervisor, "first").await;
    for (place, (what, _)) in ALLOWED.iter().enumerate() {
        tell(zygote, FORBIDDEN.len() + place);
        zygote = zygote_of_new_worker(&supervisor, &format!("after: {what}")).await;
    }
    drop(supervisor);
    while let Some(event) = events.next().await {
        let replaced = matches!(&event, Event::ZygoteReplaced { cause } if !cause.contains(LATE));
        assert!(!replaced, "{event:?}");
    }
}

async fn without() {
    let without = [Layer::SystemCalls];
    let supervisor =
        supervisor(|settings| settings.spare_workers(0).insecure_without(without)).await;
    assert!(!supervisor.layers().has(Layer::SystemCalls));
    let zygote = zygote_of_new_worker(&supervisor, "first").await;
    let mut events = supervisor.events();
    // Goes past its call, and ends itself.
    tell(zygote, 0);
    until_ended(zygote).await;
    zygote_of_new_worker(&supervisor, "after").await;
    let cause = cause_of_replacement(&mut events).await;
    assert!(cause.contains("exit code 7"), "{cause}");
}
