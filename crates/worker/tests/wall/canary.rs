//! What one run leaves, looked for by a later run of its tenant, by another tenant's, and from outside in the
//! memory of the processes that others have.

use std::fs::File;
use std::os::unix::fs::FileExt;

use libtest_mimic::Trial;
use sandtide::{Limits, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::{DeployedImage, Supervisor};

use crate::here::zygotes_of;
use crate::{PATIENCE, may_look_into_workers, supervisor, trial};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial("what_a_run_leaves_no_later_run_can_read", later_runs),
        trial("what_a_run_leaves_is_in_no_process_of_others", other_processes),
    ]
    .into_iter()
}

/// Made by the script, and here: no source, and no program that becomes a worker, has it as a whole.
fn mark() -> String {
    ["CANARY", "7719"].join("-")
}

/// Leaves the mark wherever a script can: globals, built-ins, the registry of symbols, the last match, the log,
/// a heap that grows and is let go of, buffers, the stack, and jobs that never come.
const LEAVE: &str = "
    const mark = ['CANARY', 7719].join('-');
    globalThis.kept = mark;
    Object.prototype.kept = mark;
    Array.prototype.kept = [mark];
    Math.max = () => mark;
    Symbol.for(mark).toString();
    mark.match(/(C.*)/);
    console.log(mark);
    new Error(mark).stack;
    let grown = Array.from({ length: 20000 }, (_, i) => mark + i);
    grown = null;
    for (let size = 1 << 10; size < 4 << 20; size *= 2) {
        const bytes = new Uint8Array(size);
        for (let i = 0; i + mark.length < size; i += 512) {
            for (let k = 0; k < mark.length; k++) bytes[i + k] = mark.charCodeAt(k);
        }
    }
    (function deep(left, text) { return left ? deep(left - 1, text + '') + '' : text })(300, mark);
    structuredClone({ mark: [mark] });
    new TextEncoder().encode(mark);
    Promise.resolve(mark).then(text => { globalThis.later = text });
    mark.repeat(3)";

/// What of it is found, as a list of names.
const LOOK: &str = "
    const found = [];
    const is = (name, found_it) => { if (found_it) found.push(name) };
    const mark = ['CANARY', 7719].join('-');
    is('global', typeof kept !== 'undefined' || typeof later !== 'undefined');
    is('prototype', 'kept' in {} || 'kept' in []);
    is('built-in', Math.max(1, 2) !== 2);
    is('match', String(RegExp.$1).includes('C'));
    is('names', Reflect.ownKeys(globalThis).some(name => String(name).includes(mark)));
    // Memory that is new is nobody's.
    for (let size = 1 << 10; size < 16 << 20; size *= 2) {
        is('bytes', new Uint8Array(size).some(byte => byte !== 0));
    }
    const grows = new ArrayBuffer(8, { maxByteLength: 8 << 20 });
    grows.resize(8 << 20);
    is('grown', new Uint8Array(grows).some(byte => byte !== 0));
    is('holes', new Array(100000).some(value => value !== undefined));
    is('environment', typeof process !== 'undefined' || typeof require !== 'undefined');
    is('stack', new Error().stack.includes(mark));
    import('/proc/self/environ').then(
        () => [...found, 'proc'].join(), () => found.join())";

async fn ask(supervisor: &Supervisor, image: &DeployedImage, source: &str) -> Value {
    let limits = Limits { wall: PATIENCE, cpu: PATIENCE, ..Limits::default() };
    let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
    supervisor.run(image, run).await.result.unwrap()
}

async fn later_runs() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let (tenant, other) = (supervisor.base("tenant"), supervisor.base("other"));
    // Those that look find it where it is.
    let both = format!("{LEAVE}; {{ {LOOK} }}");
    let Value::String(seen) = ask(&supervisor, &tenant, &both).await else { panic!("a list") };
    for name in ["global", "prototype", "built-in"] {
        assert!(seen.split(',').any(|one| one == name), "{name} is not looked for: {seen}");
    }
    for _ in 0..3 {
        let left = ask(&supervisor, &tenant, LEAVE).await;
        assert_eq!(left, Value::from(mark().repeat(3)));
        for image in [&tenant, &other] {
            assert_eq!(ask(&supervisor, image, LOOK).await, Value::from(""));
        }
    }
    let counts = supervisor.counts();
    assert_eq!((counts.idle, counts.lost), (2, 0), "one worker each: {counts:?}");
}

/// How often the mark is in the memory that a process has, by the pages that are there.
fn marks_in(pid: i32) -> usize {
    let open = |name: &str| {
        File::open(format!("/proc/{pid}/{name}")).expect("root may read a process's memory")
    };
    let (memory, pagemap) = (open("mem"), open("pagemap"));
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let page = 4096_u64;
    let (mark, mut marks) = (mark(), 0);
    for line in maps.lines().filter(|line| !line.contains("[v")) {
        let (start, end) = line.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
        let address = |text| u64::from_str_radix(text, 16).unwrap();
        let (start, end) = (address(start), address(end));
        let mut entries = vec![0; ((end - start) / page * 8) as usize];
        if pagemap.read_exact_at(&mut entries, start / page * 8).is_err() {
            continue;
        }
        // With the end of the page before, because a mark may lie over both.
        let mut bytes = Vec::new();
        for (number, entry) in entries.chunks_exact(8).enumerate() {
            let entry = u64::from_le_bytes(entry.try_into().unwrap());
            let (is_there, is_swapped) = (entry >> 63 == 1, entry >> 62 & 1 == 1);
            let mut page_bytes = vec![0; page as usize];
            let at = start + number as u64 * page;
            if !(is_there || is_swapped) || memory.read_exact_at(&mut page_bytes, at).is_err() {
                bytes.clear();
                continue;
            }
            bytes.append(&mut page_bytes);
            marks += String::from_utf8_lossy(&bytes).matches(&mark).count();
            bytes.drain(..bytes.len() - (mark.len() - 1));
        }
    }
    marks
}

async fn other_processes() {
    if !may_look_into_workers("what a run leaves in the memory of others") {
        return;
    }
    let supervisor = supervisor(|settings| settings.spare_workers(1)).await;
    let (tenant, other) = (supervisor.base("tenant"), supervisor.base("other"));
    let before = supervisor.waiting_processes();
    ask(&supervisor, &tenant, LEAVE).await;
    let [own] = before[..] else { panic!("one worker waited") };
    assert!(marks_in(own) > 0, "it is not seen where it was left");
    ask(&supervisor, &other, "1 + 1").await;
    let others: Vec<i32> =
        supervisor.waiting_processes().into_iter().filter(|pid| *pid != own).collect();
    assert!(!others.is_empty());
    let zygotes = zygotes_of(&others);
    assert!(!zygotes.is_empty());
    for pid in others.into_iter().chain(zygotes) {
        assert_eq!(marks_in(pid), 0, "in process {pid}");
    }
}
