//! Each class of call that a worker may not make, tried from inside one. The worker must die of it,
//! the run must say so, and others must notice nothing.

use libtest_mimic::Trial;
use sandtide::{Deployment, Error, Limits, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::{DeployedImage, Supervisor};

use crate::{PATIENCE, may_look_into_workers, supervisor, trial};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial("every_class_of_forbidden_call_ends_the_worker", forbidden),
        trial("every_call_that_is_not_listed_ends_the_worker", unlisted),
        trial("calls_that_are_listed_end_it_with_other_arguments", arguments),
        trial("allowed_calls_do_not_end_it", allowed),
        trial("a_worker_has_no_descriptor_but_its_own", descriptors),
    ]
    .into_iter()
}

/// Probes, granted by name to one tenant.
pub(crate) async fn probes(supervisor: &Supervisor, tenant: &str) -> DeployedImage {
    deploy_probes(supervisor, tenant).await.unwrap()
}

pub(crate) async fn deploy_probes(
    supervisor: &Supervisor,
    tenant: &str,
) -> Result<DeployedImage, Error> {
    let nobody = |_: sandtide::HostCall<'_>| Ok(Value::from("carried out by the broker"));
    let mut deployment = Deployment::new(tenant);
    for (name, _) in crate::probes::ALL {
        deployment = deployment.host(*name, nobody);
    }
    supervisor.deploy(deployment).await
}

pub(crate) async fn ask(
    supervisor: &Supervisor,
    image: &DeployedImage,
    source: &str,
) -> Result<Value, Error> {
    let limits = Limits { wall: PATIENCE, ..Limits::default() };
    let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
    supervisor.run(image, run).await.result
}

fn cause(result: Result<Value, Error>, what: &str) -> String {
    match result {
        Err(Error::WorkerLost { cause }) => cause,
        other => panic!("{what}: {other:?}"),
    }
}

async fn dies_by_filter(supervisor: &Supervisor, what: &str, call: &[i64]) {
    // Of another tenant each time, so that it is not held back.
    let image = probes(supervisor, &format!("hostile: {what} {call:?}")).await;
    let args: Vec<String> = call.iter().map(i64::to_string).collect();
    let result = ask(supervisor, &image, &format!("systemCall({})", args.join(","))).await;
    let cause = cause(result, what);
    assert!(cause.contains("SIGSYS"), "{what}: {cause}");
}

async fn forbidden() {
    let supervisor = supervisor(|settings| settings).await;
    let other = supervisor.base("other");
    let zero = 0;
    let classes: &[(&str, &[i64])] = &[
        ("opens a file", &[libc::SYS_openat, -100, zero, 0]),
        ("makes a socket", &[libc::SYS_socket, 2, 1, 0]),
        ("connects", &[libc::SYS_connect, 3, zero, 16]),
        ("sends with a descriptor", &[libc::SYS_sendmsg, 3, zero, 0]),
        ("receives a descriptor", &[libc::SYS_recvmsg, 3, zero, 0]),
        ("maps memory", &[libc::SYS_mmap, 0, 4096, 3, 0x22, -1, 0]),
        ("maps memory executable", &[libc::SYS_mmap, 0, 4096, 7, 0x22, -1, 0]),
        ("moves memory", &[libc::SYS_mremap, zero, 4096, 8192, 1]),
        ("grows its heap", &[libc::SYS_brk, 0]),
        ("forks", &[libc::SYS_clone, 17, 0, 0, 0, 0]),
        ("forks anew", &[libc::SYS_clone3, zero, 0]),
        ("starts a program", &[libc::SYS_execve, zero, zero, zero]),
        ("signals its parent", &[libc::SYS_kill, 0, 15]),
        ("signals all", &[libc::SYS_kill, -1, 9]),
        ("stops itself", &[libc::SYS_kill, 1, 19]),
        ("signals a thread", &[libc::SYS_tgkill, 1, 1, 9]),
        ("blocks signals", &[libc::SYS_rt_sigprocmask, 0, zero, zero, 8]),
        ("handles signals itself", &[libc::SYS_rt_sigaction, 23, zero, zero, 8]),
        ("ptraces a sibling", &[libc::SYS_ptrace, 16, 2, 0, 0]),
        ("reads another process", &[libc::SYS_process_vm_readv, 2, zero, 0, zero, 0, 0]),
        ("changes what it may do", &[libc::SYS_prctl, 22, 0, 0, 0, 0]),
        ("changes its filter", &[libc::SYS_seccomp, 1, 0, zero]),
        ("leaves its namespaces", &[libc::SYS_unshare, 0x1000_0000]),
        ("enters others", &[libc::SYS_setns, 3, 0]),
        ("mounts", &[libc::SYS_mount, zero, zero, zero, 0, zero]),
        ("loads a program into the kernel", &[libc::SYS_bpf, 0, zero, 0]),
        ("opens a ring of calls", &[libc::SYS_io_uring_setup, 1, zero]),
        ("counts events", &[libc::SYS_perf_event_open, zero, 0, -1, -1, 0]),
        ("handles faults anew", &[libc::SYS_userfaultfd, 1]),
        ("asks for keys", &[libc::SYS_keyctl, 0, 0, 0, 0, 0]),
        ("sleeps for ever", &[libc::SYS_pause]),
        ("waits for a word", &[libc::SYS_futex, zero, 0, 0, 0, 0, 0]),
        ("makes another timer", &[libc::SYS_timer_create, 0, zero, zero]),
        ("asks who it is", &[libc::SYS_getpid]),
        ("calls by another architecture's numbers", &[0x4000_0001, 3, zero, 0]),
    ];
    for (what, call) in classes {
        dies_by_filter(&supervisor, what, call).await;
        assert_eq!(ask(&supervisor, &other, "1 + 1").await, Ok(Value::from(2)), "after: {what}");
    }
    let counts = supervisor.counts();
    assert_eq!(counts.lost as usize, classes.len(), "{counts:?}");
}

/// Not only those that somebody thought of: all numbers that the kernel knows now, and some more.
async fn unlisted() {
    let supervisor = supervisor(|settings| settings).await;
    let listed: Vec<i64> = sandtide_confine::CALLS.iter().map(|call| call.number()).collect();
    // Two calls on x86-64 by which the kernel's own probes come back to it: they pass every filter,
    // and do nothing for anybody else (SIGILL, ENXIO).
    let kernels_own: &[i64] = if cfg!(target_arch = "x86_64") { &[335, 336] } else { &[] };
    let all = (0..480).filter(|number| !listed.contains(number) && !kernels_own.contains(number));
    for number in all.chain([512, 548, 1 << 20, -1]) {
        dies_by_filter(&supervisor, &format!("call {number}"), &[number]).await;
    }
}

async fn arguments() {
    let supervisor = supervisor(|settings| settings).await;
    let zero = 0;
    let classes: &[(&str, &[i64])] = &[
        ("reads another descriptor", &[libc::SYS_read, 0, zero, 0]),
        ("reads the pagemap", &[libc::SYS_read, 5, zero, 0]),
        ("writes to another descriptor", &[libc::SYS_write, 2, zero, 0]),
        ("makes memory executable", &[libc::SYS_mprotect, zero, 4096, 5]),
        ("makes memory executable and writable", &[libc::SYS_mprotect, zero, 4096, 7]),
        ("gives other advice on memory", &[libc::SYS_madvise, zero, 4096, 10]),
        ("asks the channel for more", &[libc::SYS_ioctl, 3, 0x541b, zero]),
        ("asks the pagemap for more", &[libc::SYS_ioctl, 5, 0x541b, zero]),
        ("registers other memory", &[libc::SYS_ioctl, 4, 0xc020_aa00, zero]),
        ("sets another timer", &[libc::SYS_timer_settime, 2, 0, zero, zero]),
        ("reads another clock", &[libc::SYS_clock_gettime, 2, zero]),
    ];
    for (what, call) in classes {
        dies_by_filter(&supervisor, what, call).await;
    }
    let image = probes(&supervisor, "hostile").await;
    let cause = cause(ask(&supervisor, &image, "executable()").await, "a page of its heap");
    assert!(cause.contains("SIGSYS"), "{cause}");
}

/// Shows that the probes above die of the filter, not of the probing.
async fn allowed() {
    let supervisor = supervisor(|settings| settings).await;
    let image = probes(&supervisor, "hostile").await;
    let call = format!("systemCall({}, 3, 0, 0)", libc::SYS_write);
    assert_eq!(ask(&supervisor, &image, &call).await, Ok(Value::from(0)));
    let call = format!("systemCall({}, 0, 0, 4)", libc::SYS_madvise);
    assert_eq!(ask(&supervisor, &image, &call).await, Ok(Value::from(0)));
    assert_eq!(supervisor.counts().lost, 0);
}

async fn descriptors() {
    if !may_look_into_workers("what a worker has open") {
        return;
    }
    // What a program inherits without knowing it, whatever the number, is none of a worker's.
    for number in [20, 64, 65, 70, 200] {
        // SAFETY: copies a descriptor of this test, to be inherited by what it starts.
        assert!(unsafe { libc::fcntl(2, libc::F_DUPFD, number) } >= number);
    }
    let supervisor = supervisor(|settings| settings).await;
    let pids = supervisor.waiting_processes();
    assert!(!pids.is_empty());
    for pid in pids {
        let open =
            std::fs::read_dir(format!("/proc/{pid}/fd")).expect("root may look into a process");
        let mut numbers: Vec<i32> = open
            .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
            .collect();
        numbers.sort_unstable();
        let expected: &[i32] =
            if sandtide_supervisor::tracks_pages() { &[0, 1, 2, 3, 4, 5] } else { &[0, 1, 2, 3] };
        assert_eq!(numbers, expected);
        let root = std::fs::read_dir(format!("/proc/{pid}/root/")).unwrap();
        assert_eq!(root.count(), 0);
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
        assert!(environment.is_empty());
    }
}
