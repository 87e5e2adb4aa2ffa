//! Records what QuickJS-NG asks of its allocator, for `benches/allocators.rs` to replay:
//! a new runtime and context, set-up of a script (what an image holds), and then several runs,
//! each of which starts from the very state that the set-up left, as after a restore. The last
//! phase frees everything from there. The blocks come from the C library, so that no candidate's
//! own block sizes shape the trace.
//!
//! `cargo run --release -p sandtide-bench --example record_heap_trace -- bench/traces/quickjs.heap`
//!
//! The format is described in `bench/traces/README.md`.

use std::collections::{BTreeSet, HashMap};
use std::ffi::{CString, c_void};
use std::{env, fs, ptr};

use sandtide_quickjs as js;

const SETUP: &str = r#"
function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
function page(rows) {
  let html = '<table>';
  for (let i = 0; i < rows; i++) html += `<tr><td>${i}</td><td>${'cell '.repeat(i % 7)}</td></tr>`;
  return html + '</table>';
}
function grow(length) {
  const numbers = [];
  for (let i = 0; i < length; i++) numbers.push({ id: i, half: i / 2 });
  return numbers.filter((n) => n.id % 3).map((n) => n.half).sort((a, b) => b - a);
}
function orders(count) {
  const list = Array.from({ length: count }, (_, i) => ({
    id: `order-${i}`, open: i % 2 === 0, lines: [{ sku: 'a' + i, amount: i * 1.5 }],
  }));
  return JSON.parse(JSON.stringify({ list })).list.length;
}
function count(words) {
  const seen = new Map(), unique = new Set();
  for (let i = 0; i < words; i++) {
    const word = 'word' + (i * 7919) % 613;
    seen.set(word, (seen.get(word) ?? 0) + 1);
    unique.add(word);
  }
  return seen.size + unique.size;
}
const address = /([a-z0-9._]+)@([a-z0-9-]+)\.([a-z]{2,})/gi;
function addresses(lines) {
  let text = '';
  for (let i = 0; i < lines; i++) text += `user${i}.name@example-${i % 10}.com wrote; `;
  return [...text.matchAll(address)].map((m) => m[1]).join(',').replace(/user(\d+)/g, 'U$1');
}
class Shape { constructor(name) { this.name = name; } area() { return 0; } }
class Circle extends Shape { #r; constructor(r) { super('circle'); this.#r = r; }
  area() { return Math.PI * this.#r ** 2; } }
const templates = {};
for (let i = 0; i < 120; i++)
  templates['template' + i] = Function('input', `return "<p>" + input.field${i} + "</p>" + ${i};`);
"#;

const RUNS: &[(&str, &str)] = &[
    ("fibonacci", "a = fibonacci(10)"),
    ("string building", "page(400).length"),
    ("array growth", "grow(3000).length"),
    ("json", "orders(200)"),
    ("map and set", "count(4000)"),
    ("regular expressions", "addresses(150).length"),
    (
        "bytes and bigint",
        "let parts = []; for (let i = 1; i < 60; i++) parts.push(new Uint8Array(i * 331).fill(i));
         let big = 1n; for (let i = 1n; i < 300n; i++) big *= i; big.toString().length + parts.length",
    ),
    (
        "ad hoc source",
        "class Rectangle extends Shape { constructor(a, b) { super('r'); Object.assign(this, {a, b}); }
           area() { return this.a * this.b; } }
         const shapes = []; for (let i = 0; i < 300; i++)
           shapes.push(i % 2 ? new Circle(i) : new Rectangle(i, i + 1));
         async function total() { let sum = 0; for (const s of shapes) { await null; sum += s.area(); }
           return sum; }
         total(); shapes.map((s) => templates['template' + (shapes.length % 120)]({})).length",
    ),
];

const MALLOC: u8 = 0;
const CALLOC: u8 = 1;
const REALLOC: u8 = 2;
const FREE: u8 = 3;

/// Events in their stored form. Blocks are named by the lowest slot that is free.
#[derive(Default)]
struct Recorder {
    events: Vec<u8>,
    count: u32,
    slots: HashMap<usize, u32>,
    vacant: BTreeSet<u32>,
    issued: u32,
}

impl Recorder {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.events.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.events.push(value as u8);
    }

    fn event(&mut self, kind: u8, slot: u32, size: Option<usize>) {
        self.count += 1;
        self.number(u64::from(slot) << 2 | u64::from(kind));
        if let Some(size) = size {
            self.number(size as u64);
        }
    }

    fn taken(&mut self, kind: u8, block: *mut c_void, size: usize) {
        assert!(!block.is_null());
        let slot = self.vacant.pop_first().unwrap_or_else(|| {
            self.issued += 1;
            self.issued - 1
        });
        self.slots.insert(block.addr(), slot);
        self.event(kind, slot, Some(size));
    }
}

/// # Safety
/// `opaque` is the recorder given to `JS_NewRuntime2`, which no Rust code borrows meanwhile.
unsafe fn recorder<'a>(opaque: *mut c_void) -> &'a mut Recorder {
    // SAFETY: given by the caller.
    unsafe { &mut *opaque.cast() }
}

unsafe extern "C" fn calloc(
    opaque: *mut c_void,
    count: js::size_t,
    size: js::size_t,
) -> *mut c_void {
    let (count, size) = (count as usize, size as usize);
    // SAFETY: called by QuickJS with our opaque pointer.
    unsafe {
        let block = libc::calloc(count, size);
        recorder(opaque).taken(CALLOC, block, count * size);
        block
    }
}

unsafe extern "C" fn malloc(opaque: *mut c_void, size: js::size_t) -> *mut c_void {
    let size = size as usize;
    // SAFETY: as in `calloc`.
    unsafe {
        let block = libc::malloc(size);
        recorder(opaque).taken(MALLOC, block, size);
        block
    }
}

unsafe extern "C" fn free(opaque: *mut c_void, block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: as in `calloc`; the block came from there.
    unsafe {
        let recorder = recorder(opaque);
        let slot = recorder.slots.remove(&block.addr()).expect("a live block");
        recorder.vacant.insert(slot);
        recorder.event(FREE, slot, None);
        libc::free(block);
    }
}

unsafe extern "C" fn realloc(
    opaque: *mut c_void,
    block: *mut c_void,
    size: js::size_t,
) -> *mut c_void {
    if block.is_null() {
        // SAFETY: as in `calloc`.
        return unsafe { malloc(opaque, size) };
    }
    let size = size as usize;
    // SAFETY: as in `free`.
    unsafe {
        let recorder = recorder(opaque);
        let slot = recorder.slots.remove(&block.addr()).expect("a live block");
        recorder.event(REALLOC, slot, Some(size));
        let moved = libc::realloc(block, size);
        assert!(!moved.is_null());
        recorder.slots.insert(moved.addr(), slot);
        moved
    }
}

unsafe extern "C" fn usable_size(block: *const c_void) -> js::size_t {
    // SAFETY: called by QuickJS with a live block of ours.
    unsafe { libc::malloc_usable_size(block.cast_mut()) as js::size_t }
}

/// Runs a source to the end, its promise jobs included.
///
/// # Safety
/// The context is live.
unsafe fn evaluate(context: *mut js::JSContext, source: &str) {
    let text = CString::new(source).expect("no zero byte");
    // SAFETY: the context is live; the source ends with a zero as `JS_Eval` asks.
    unsafe {
        let value =
            js::JS_Eval(context, text.as_ptr(), source.len() as js::size_t, c"run.js".as_ptr(), 0);
        assert!(!js::JS_IsException(value), "the script throws: {source}");
        js::JS_FreeValue(context, value);
        let mut job_context = ptr::null_mut();
        while js::JS_ExecutePendingJob(js::JS_GetRuntime(context), &mut job_context) > 0 {}
    }
}

struct Recording {
    setup: Vec<u8>,
    setup_events: u32,
    then: Vec<u8>,
    then_events: u32,
}

/// Records a set-up, and what follows it: a run, or the end of everything.
fn record(run: Option<&str>) -> Recording {
    let functions = js::JSMallocFunctions {
        js_calloc: Some(calloc),
        js_malloc: Some(malloc),
        js_free: Some(free),
        js_realloc: Some(realloc),
        js_malloc_usable_size: Some(usable_size),
    };
    let opaque: *mut Recorder = Box::into_raw(Box::default());
    // SAFETY: the recorder outlives the runtime, and is borrowed here only between calls.
    unsafe {
        let runtime = js::JS_NewRuntime2(&functions, opaque.cast());
        let context = js::JS_NewContext(runtime);
        evaluate(context, SETUP);
        js::JS_RunGC(runtime);
        let setup = std::mem::take(&mut (*opaque).events);
        let setup_events = std::mem::take(&mut (*opaque).count);
        let finish = || {
            js::JS_FreeContext(context);
            js::JS_FreeRuntime(runtime);
        };
        match run {
            Some(source) => evaluate(context, source),
            None => finish(),
        }
        let then = std::mem::take(&mut (*opaque).events);
        let then_events = (*opaque).count;
        if run.is_some() {
            finish();
        }
        drop(Box::from_raw(opaque));
        Recording { setup, setup_events, then, then_events }
    }
}

fn main() {
    let path = env::args().nth(1).expect("usage: record_heap_trace FILE");
    let first = record(None);
    let mut phases = vec![("set-up".to_owned(), first.setup_events, first.setup.clone())];
    for (name, source) in RUNS {
        let recording = record(Some(source));
        assert!(recording.setup == first.setup, "the set-up differs from run to run");
        phases.push(((*name).to_owned(), recording.then_events, recording.then));
    }
    phases.push(("free all".to_owned(), first.then_events, first.then));

    let mut file = b"heaptrace1\n".to_vec();
    for (name, events, bytes) in phases {
        println!("{name}: {events} events, {} bytes", bytes.len());
        file.extend(format!("{name}\n{events} {}\n", bytes.len()).bytes());
        file.extend(bytes);
    }
    fs::write(path, file).expect("the file can be written");
}
