//! What runs in workers answer.

use std::time::Duration;

use libtest_mimic::Trial;
use sandtide::{
    CancelToken, Deployment, Error, HostError, Image, Language, Limits, Run, Runs, ScriptOptions,
    Value,
};
use sandtide_supervisor::Supervisor;

use crate::{PATIENCE, patient, supervisor, trial};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial(
            "a_worker_that_cannot_be_set_up_says_why_where_the_standard_error_is_a_file",
            says_why,
        ),
        trial("a_deployed_script_runs_and_tells_its_usage", deployed),
        trial("a_module_is_told_from_a_classic_script", module),
        trial("a_source_that_comes_with_the_run_runs", ad_hoc),
        trial("a_script_that_does_not_compile_is_refused_with_its_place", syntax),
        trial("typescript_is_compiled_in_the_worker_however_deep_it_nests", typescript),
        trial("limits_end_runs_as_they_do_on_threads", limits),
        trial("host_functions_are_carried_out_in_the_broker", hosts),
        trial("a_run_whose_future_is_dropped_is_cancelled", cancelled),
        trial("a_run_that_is_cancelled_while_it_waits_is_not_begun", cancelled_waiting),
        trial("runs_of_one_tenant_leave_nothing_to_each_other", canary),
        trial("time_until_a_worker_hears_of_a_run_is_the_runs_time", hears_late),
        trial("workers_are_in_the_cgroup_that_was_named_before_the_first_is_forked", in_a_cgroup),
        trial("a_large_image_has_its_written_pages_restored", large_image),
    ]
    .into_iter()
}

async fn one(supervisor: &Supervisor, source: &str) -> sandtide::Outcome {
    let limits = Limits { wall: PATIENCE, ..Limits::default() };
    let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
    supervisor.run(&supervisor.base("tenant"), run).await
}

async fn deployed() {
    let supervisor = supervisor(|settings| settings).await;
    let deployment = Deployment::new("tenant").script("a + 1", ScriptOptions::new().file("a.js"));
    let image = supervisor.deploy(deployment).await.unwrap();
    assert_eq!(image.form(), Some(sandtide::Form::Classic));
    for a in 0..20 {
        let outcome = supervisor.run(&image, patient().global("a", a)).await;
        assert_eq!(outcome.result, Ok(Value::from(a + 1)));
        assert!(outcome.usage.peak_heap > 0 && !outcome.usage.wall.is_zero());
    }
    let counts = supervisor.counts();
    assert_eq!((counts.runs, counts.lost, counts.idle), (20, 0, 1), "{counts:?}");
    supervisor.shut_down().await;
}

async fn typescript() {
    let supervisor = supervisor(|settings| settings).await;
    let source = "enum A { B = 40 }\nexport default (n: number): number => n + A.B";
    let options = || ScriptOptions::new().language(Language::TypeScript);
    let deployment = Deployment::new("tenant").script(source, options());
    let image = supervisor.deploy(deployment).await.unwrap();
    let outcome = supervisor.run(&image, patient().input(2)).await;
    assert_eq!(outcome.result, Ok(Value::from(42)));

    let ad_hoc = async |source: String| {
        let limits = Limits { wall: PATIENCE, ..Limits::default() };
        let run = Run::new().source(source, options()).limits(limits);
        supervisor.run(&supervisor.base("tenant"), run).await.result
    };
    for piece in ["[", "A<", "-", "a?b:", "a=>", "()=>{", "if(a)", "class{a=", "`${"] {
        let result = ad_hoc(piece.repeat(100_000)).await;
        assert!(matches!(result, Err(Error::Syntax(_))), "{piece}: {result:?}");
    }
    // As deep as sources may nest.
    let deep =
        |open: &str, close: &str| format!("() => {}1{}; 1", open.repeat(240), close.repeat(240));
    for source in [deep("[", "]"), deep("a?b:", ""), deep("a=>", ""), deep("f(", ")")] {
        assert_eq!(ad_hoc(source).await, Ok(Value::from(1)));
    }
    let thrown = ad_hoc("enum A { B } throw new Error('x')".to_owned()).await;
    let Err(Error::Exception(thrown)) = thrown else { panic!("{thrown:?}") };
    assert_eq!((thrown.line, thrown.column), (Some(1), Some(20)));
    assert_eq!(supervisor.counts().lost, 0);
    supervisor.shut_down().await;
}

/// The time of a run counts from when it was asked for, whenever its worker hears of it.
async fn hears_late() {
    let patient = Duration::from_secs(600);
    let supervisor = supervisor(|settings| settings.spare_workers(0).grace(patient)).await;
    one(&supervisor, "1").await.result.unwrap();
    let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
    let signal = |signal| {
        // SAFETY: stops a worker of this test, and lets it go on.
        assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
    };
    let pause = Duration::from_millis(300);
    for (wall, ends) in
        [(pause / 3, Err(Error::WallTime { limit: pause / 3 })), (patient, Ok(Value::from(2)))]
    {
        signal(libc::SIGSTOP);
        let run = Run::new().source("1 + 1", ScriptOptions::new());
        let run = run.limits(Limits { wall, ..Limits::default() });
        let base = supervisor.base("tenant");
        let goes_on = async {
            tokio::time::sleep(pause).await;
            signal(libc::SIGCONT);
        };
        let (outcome, ()) = tokio::join!(supervisor.run(&base, run), goes_on);
        assert_eq!(outcome.result, ends);
        assert!(outcome.usage.wall >= pause, "{:?}", outcome.usage);
    }
    assert_eq!(supervisor.counts().lost, 0);
}

/// A worker needs a number for a descriptor that this zygote may not give.
async fn says_why() {
    let tree = std::env::temp_dir().join(format!("sandtide-wall-says-{}", std::process::id()));
    std::fs::create_dir_all(&tree).unwrap();
    let (program, said) = (tree.join("program"), tree.join("said"));
    let own = std::env::current_exe().unwrap();
    let (own, file) = (own.display(), said.display());
    let script = format!("#!/bin/sh\nulimit -n 40\nexec '{own}' \"$@\" 2>'{file}'\n");
    // By another process: a file that this one has open to write cannot be started, nor by a child
    // that some other test forks meanwhile.
    let written = std::process::Command::new("/bin/sh")
        .args(["-c", r#"printf %s "$1" > "$0" && chmod +x "$0""#])
        .args([program.as_os_str(), script.as_ref()])
        .status();
    assert!(written.unwrap().success());
    let refused = Supervisor::builder().program(&program).start().await.unwrap_err();
    assert_eq!(refused.code(), "ERR_WORKER_START");
    let said = std::fs::read_to_string(&said).unwrap();
    assert!(said.contains("a worker could not be set up"), "{said:?}, {refused}");
    std::fs::remove_dir_all(&tree).unwrap();
}

/// A tree of plain files in the place of a cgroup that was delegated.
async fn in_a_cgroup() {
    let id = std::process::id();
    let tree = std::env::temp_dir().join(format!("sandtide-wall-cgroup-{id}"));
    // The first that this process makes.
    let workers = tree.join(format!("sandtide-workers-{id}-0"));
    std::fs::create_dir_all(&workers).unwrap();
    std::fs::write(tree.join("cgroup.controllers"), "cpu memory pids").unwrap();
    for file in ["memory.max", "pids.max", "cpu.max", "cgroup.procs", "../cgroup.subtree_control"] {
        std::fs::write(workers.join(file), "").unwrap();
    }
    let supervisor = supervisor(|settings| {
        settings.workers(2).spare_workers(1).idle_workers(1).cgroup(&tree).cgroup_cpus(0.5)
    })
    .await;
    assert_eq!(one(&supervisor, "1 + 1").await.result, Ok(Value::from(2)));
    let says = |file: &str| std::fs::read_to_string(workers.join(file)).unwrap();
    assert_eq!((says("pids.max"), says("cpu.max")), ("10".to_owned(), "50000 100000".to_owned()));
    assert!(says("memory.max").parse::<u64>().unwrap() > 5 * (64 << 20));
    // The process that forks workers is in it, and they are where it is.
    let zygote = std::fs::read_to_string(format!("/proc/{}/cmdline", says("cgroup.procs")));
    assert!(zygote.unwrap().contains("sandtide-zygote"));
    drop(supervisor);
    std::fs::remove_dir_all(&tree).unwrap();
    let refused = Supervisor::builder().cgroup(&tree).start().await.unwrap_err();
    assert_eq!(refused.code(), "ERR_CGROUP");
}

async fn module() {
    let supervisor = supervisor(|settings| settings).await;
    let source = "
        import { greeting } from './words.js';
        console.log('built');
        export default async function (input) { console.warn('ran'); return greeting + input.name }
    ";
    let image = Image::builder().module("./words.js", "export const greeting = 'Hello, '");
    let deployment = Deployment::new("tenant").image(image).script(source, ScriptOptions::new());
    let image = supervisor.deploy(deployment).await.unwrap();
    let outcome = supervisor.run(&image, patient().input_json(r#"{"name": "Ada"}"#)).await;
    assert_eq!(outcome.result, Ok(Value::from("Hello, Ada")));
    assert_eq!(outcome.logs.len(), 1);
}

async fn ad_hoc() {
    let supervisor = supervisor(|settings| settings).await;
    let source = "[1, 'a', 2n ** 70n, new Map([[1, new Set([null])]]), new Uint8Array([1, 2])]";
    let outcome = one(&supervisor, source).await;
    let on_a_thread = sandtide::run_in_new_instance(source, &Run::new());
    assert_eq!(outcome.result, on_a_thread.result);
    assert!(outcome.result.is_ok());
    // What is counted of an answer as it is read is what the engine counts as it is made.
    for source in
        [source, "console.log('\"a\" \\n'); ({ key: 'x' })", "throw new RangeError('mine')"]
    {
        let (apart, here) = (one(&supervisor, source).await.usage, Run::new());
        let here = sandtide::run_in_new_instance(source, &here).usage;
        assert_eq!((apart.output, apart.logs), (here.output, here.logs), "{source}");
    }
}

async fn syntax() {
    let supervisor = supervisor(|settings| settings).await;
    let deployment =
        Deployment::new("tenant").script("let a = ;", ScriptOptions::new().file("bad.js"));
    let error = supervisor.deploy(deployment).await.unwrap_err();
    let Error::Syntax(at) = &error else { panic!("{error}") };
    assert_eq!((at.file.as_str(), at.line), ("bad.js", 1));
    assert_eq!(supervisor.counts().lost, 0);
}

async fn limits() {
    let supervisor = supervisor(|settings| settings).await;
    let time = Duration::from_millis(500);
    let short = Limits { wall: time, cpu: time, ..Limits::default() };
    let long = Limits { wall: PATIENCE, cpu: PATIENCE, ..Limits::default() };
    let cases = [
        ("for (;;) {}", "ERR_CPU_TIME_LIMIT ERR_WALL_TIME_LIMIT"),
        ("'x'.repeat(1e6).split('').sort(() => 1).join().repeat(20).lastIndexOf('yy')", "any"),
        ("const a = []; for (;;) a.push(new Uint8Array(1 << 20))", "ERR_HEAP_LIMIT"),
        ("function f() { return f() + 1 } f()", "ERR_EXCEPTION ERR_STACK_LIMIT"),
        ("new Promise(() => {})", "ERR_NEVER_SETTLED"),
        ("'x'.repeat(5 << 20)", "ERR_OUTPUT_LIMIT"),
        ("for (;;) console.log('x'.repeat(1000))", "ERR_LOG_LIMIT"),
        (
            "(async () => { for (;;) await null })()",
            "ERR_JOB_LIMIT ERR_CPU_TIME_LIMIT ERR_WALL_TIME_LIMIT",
        ),
        ("throw new TypeError('mine')", "ERR_EXCEPTION"),
    ];
    for (source, codes) in cases {
        // The time of what ends by another limit is no matter.
        let limits = if codes == "any" || codes.contains("TIME") { short } else { long };
        let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
        let outcome = supervisor.run(&supervisor.base("tenant"), run).await;
        let code = outcome.result.as_ref().map_or_else(Error::code, |_| "none");
        assert_ne!(code, "ERR_WORKER_LOST", "{source}: {outcome:?}");
        assert!(codes == "any" || codes.split(' ').any(|one| one == code), "{source}: {code}");
        assert_eq!(one(&supervisor, "1 + 1").await.result, Ok(Value::from(2)), "after {source}");
    }
    assert_eq!(supervisor.counts().lost, 0);
}

async fn hosts() {
    let supervisor = supervisor(|settings| settings).await;
    let broker = std::process::id();
    let deployment = Deployment::new("tenant")
        .host("double", |call| match call.arg(0) {
            Value::Number(number) => Ok(Value::Number(number * 2.0)),
            _ => Err(HostError::named("TypeError", "double takes a number")),
        })
        .host("process", move |_| Ok(Value::from(f64::from(std::process::id()))))
        .host("panics", |_| panic!("as it does"))
        .host_async("later", async |args: Vec<Value>| {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(args.into_iter().next().unwrap_or_default())
        })
        .host_async("never", async |_| std::future::pending().await);
    let image = supervisor.deploy(deployment).await.unwrap();
    let ask = async |source: &str| {
        // A machine that is busy takes a while to tell a worker of its run.
        let wall = Duration::from_millis(if source == "never()" { 400 } else { 60_000 });
        let limits = Limits { wall, ..Limits::default() };
        let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
        supervisor.run(&image, run).await.result
    };
    assert_eq!(ask("double(double(4))").await, Ok(Value::from(16)));
    assert_eq!(ask("process()").await, Ok(Value::from(f64::from(broker))));
    let caught = "try { double('a') } catch (error) { error.name + ': ' + error.message }";
    assert_eq!(ask(caught).await, Ok(Value::from("TypeError: double takes a number")));
    let all = "Promise.all([later(1), later('b'), later([3])]).then(all => all.join())";
    assert_eq!(ask(all).await, Ok(Value::from("1,b,3")));
    assert_eq!(ask("panics()").await.unwrap_err().code(), "ERR_HOST_PANIC");
    assert_eq!(ask("never()").await.unwrap_err().code(), "ERR_WALL_TIME_LIMIT");
    assert_eq!(ask("double(1)").await, Ok(Value::from(2)));
    assert_eq!(supervisor.counts().lost, 0);
}

async fn cancelled() {
    let supervisor = supervisor(|settings| settings.workers(1)).await;
    let base = supervisor.base("tenant");
    let hour = Duration::from_secs(600);
    let limits = Limits { wall: hour, cpu: hour, ..Limits::default() };
    let run = Run::new().source("for (;;) {}", ScriptOptions::new()).limits(limits);
    let endless = tokio::time::timeout(Duration::from_millis(50), supervisor.run(&base, run));
    assert!(endless.await.is_err());
    // There is one worker at a time: this one waits until the endless run is over.
    let run = Run::new().source("1 + 1", ScriptOptions::new()).limits(limits);
    assert_eq!(supervisor.run(&base, run).await.result, Ok(Value::from(2)));
    assert_eq!(supervisor.counts().lost, 0);
}

async fn cancelled_waiting() {
    let supervisor = supervisor(|settings| settings.workers(1)).await;
    let base = supervisor.base("tenant");
    let hour = Duration::from_secs(600);
    let limits = Limits { wall: hour, cpu: hour, ..Limits::default() };
    let endless = || Run::new().source("for (;;) {}", ScriptOptions::new()).limits(limits);
    let (first, second) = (CancelToken::new(), CancelToken::new());
    second.cancel();
    let holds = async {
        let outcome = supervisor.run(&base, endless().cancel(&first)).await;
        assert_eq!(outcome.result, Err(Error::Cancelled));
    };
    // There is one worker at a time: this one ends without it.
    let waits = async {
        let outcome = supervisor.run(&base, endless().cancel(&second)).await;
        assert_eq!(outcome.result, Err(Error::Cancelled));
        first.cancel();
    };
    tokio::join!(holds, waits);
    // As often as would have the source held back, were they losses.
    for _ in 0..5 {
        let token = CancelToken::new();
        token.cancel();
        let outcome = supervisor.run(&base, endless().cancel(&token)).await;
        assert_eq!(outcome.result, Err(Error::Cancelled));
    }
    let counts = supervisor.counts();
    assert_eq!((counts.lost, counts.busy), (0, 0));
}

async fn canary() {
    let supervisor = supervisor(|settings| settings).await;
    let leave = "globalThis.canary = 1; Array.prototype.canary = 2; Math.max = () => 3; 0";
    let look = "[typeof canary, [].canary, Math.max(1, 2)].join()";
    one(&supervisor, leave).await.result.unwrap();
    assert_eq!(one(&supervisor, look).await.result, Ok(Value::from("undefined,,2")));
    let two = [one(&supervisor, "Math.random()").await, one(&supervisor, "Math.random()").await];
    assert_ne!(two[0].result, two[1].result);
    // Workers of two tenants come from one zygote, and have seeds of their own.
    let run = || patient().source("Math.random()", ScriptOptions::new());
    let mut seen = Vec::new();
    for tenant in ["a", "b", "c"] {
        seen.push(supervisor.run(&supervisor.base(tenant), run()).await.result.unwrap());
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2], "{seen:?}");
}

async fn large_image() {
    let supervisor = supervisor(|settings| settings).await;
    let image = Image::builder().setup(
        "const all = Array.from({ length: 100000 }, (_, i) => ({ i }))",
        ScriptOptions::new(),
    );
    let deployment = Deployment::new("tenant")
        .image(image)
        .script("all[5].i += 1; all[5].i", ScriptOptions::new());
    let image = supervisor.deploy(deployment).await.unwrap();
    assert!(image.heap_bytes() > 4 << 20, "{}", image.heap_bytes());
    let mut restored = 0;
    for _ in 0..20 {
        let outcome = supervisor.run(&image, patient()).await;
        assert_eq!(outcome.result, Ok(Value::from(6)));
        restored = outcome.usage.bytes_restored;
    }
    // Linux 6.7 tells which pages were written, and only these are put back.
    if sandtide_supervisor::tracks_pages() {
        assert!(restored < image.heap_bytes() / 4, "{restored} of {}", image.heap_bytes());
    }
    assert_eq!(supervisor.counts().lost, 0);
}
