//! The inspector of a Node program: when it waits for clients, and sessions within the program. Who comes
//! from outside, and how, is `sandtide_debug`'s; what the protocol says, `sandtide_inspect::protocol`'s.
//!
//! Belongs to the JavaScript thread.

mod host;

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    io::{self, Write as _},
    rc::Rc,
};

use rquickjs::{Ctx, Function, Object, Persistent};
use sandtide_debug::{About, Inbox, Port, Sessions, uuid};
use sandtide_inspect::{
    allocations::AllocationRecorder,
    protocol::{self, NewScript, Stop, StopReason, Target},
    record::ThreadRecorder,
    snapshot::Ids,
};
use sandtide_realm::debug::{self, Terminate, Why};

use crate::{address::parse_address, bindings::options, event_loop};
use host::Host;

/// Where the port is unless the command line says otherwise.
pub(crate) const HOST: &str = "127.0.0.1";
/// The port, likewise.
pub(crate) const PORT: u16 = 9229;

/// The program's inspector.
struct Inspector {
    sessions: Sessions,
    /// `call` of the script of values.
    values: RefCell<Option<Persistent<Function<'static>>>>,
    /// Sessions within the program, by number: what takes their messages.
    inner: RefCell<HashMap<u64, Persistent<Function<'static>>>>,
    last_inner: Cell<u64>,
    /// The engine compiles: nothing may run.
    compiling: Cell<bool>,
    /// What sessions within the program are to get, by their numbers.
    late: RefCell<VecDeque<(u64, String)>>,
    recorder: RefCell<Option<Rc<ThreadRecorder>>>,
    /// Who samples allocations because a client wants it, and nobody did before.
    allocations: RefCell<Option<Rc<AllocationRecorder>>>,
    ids: RefCell<Ids>,
    last_script: Cell<u32>,
}

thread_local! {
    static VERSION: Cell<&'static str> = const { Cell::new("") };
    static INSPECTOR: RefCell<Option<Rc<Inspector>>> = const { RefCell::new(None) };
}

fn inspector() -> Option<Rc<Inspector>> {
    INSPECTOR.with_borrow(Clone::clone)
}

/// The options that open the port, the strongest first.
const OPENING: [&str; 3] = ["--inspect-brk", "--inspect-wait", "--inspect"];

/// Host and port that the command line says, and whether it opens the port.
fn asked() -> (bool, String, u16) {
    options::with(|options| {
        let opening = OPENING.iter().find(|name| options.text(name).is_some());
        let mut address = (HOST.to_owned(), PORT);
        for name in ["--inspect-port"].iter().chain(opening) {
            // The command line was checked.
            let given = options.text(name).and_then(|text| parse_address(text).ok());
            let (host, port) = given.unwrap_or_default();
            address = (host.unwrap_or(address.0), port.unwrap_or(address.1));
        }
        (opening.is_some(), address.0, address.1)
    })
}

/// Writes a line to standard error. Nobody may be left to be told.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Starts what the command line asks for, before any code of the program is compiled. `version` is what
/// clients are told.
pub(crate) fn start(ctx: &Ctx<'_>, version: &'static str) {
    VERSION.set(version);
    let (opens, host, port) = asked();
    if opens {
        attach(ctx);
        open(&host, port);
    }
}

/// Makes the inspector: from now on the program can be stopped.
fn attach(ctx: &Ctx<'_>) -> Rc<Inspector> {
    if let Some(inspector) = inspector() {
        return inspector;
    }
    let turn = event_loop::handle();
    let inbox = Inbox::new(move || {
        turn.post(|ctx| {
            take_at_turn(ctx);
            Ok(())
        });
    });
    let wanted = inbox.wanted();
    let made = Rc::new(Inspector {
        sessions: Sessions::new(inbox, || complain("Debugger attached.")),
        values: RefCell::default(),
        inner: RefCell::default(),
        last_inner: Cell::new(0),
        compiling: Cell::new(false),
        late: RefCell::default(),
        recorder: RefCell::default(),
        allocations: RefCell::default(),
        ids: RefCell::default(),
        last_script: Cell::new(0),
    });
    INSPECTOR.set(Some(Rc::clone(&made)));
    debug::attach(ctx, Rc::new(Stops), wanted);
    debug::compile_places(ctx, true);
    made
}

/// Opens the port, and says so. False: it cannot be opened.
fn open(host: &str, port: u16) -> bool {
    let Some(inspector) = inspector() else { return false };
    let (script, argv0) =
        options::with(|options| (options.script.clone(), std::env::args().next()));
    let path = script.map(|script| {
        std::path::absolute(&script).map_or(script, |path| path.to_string_lossy().into_owned())
    });
    let about = About {
        // Where there are no random bytes, the port is known to whoever knows the program.
        id: uuid().unwrap_or_else(|_| format!("{}", std::process::id())),
        listed: true,
        title: path.clone().or(argv0).unwrap_or_default(),
        url: format!("file://{}", path.unwrap_or_default()),
        browser: format!("node.js/{}", VERSION.get()),
    };
    match Port::open(host, port, about, inspector.sessions.inbox().clone()) {
        Ok(opened) => {
            complain(&format!("Debugger listening on {}", opened.url()));
            complain("For help, see: https://nodejs.org/en/docs/inspector");
            inspector.sessions.set_port(opened);
            true
        }
        Err(error) => {
            let text = match error.kind() {
                io::ErrorKind::AddrInUse => "address already in use".to_owned(),
                _ => error.to_string(),
            };
            complain(&format!("Starting inspector on {host}:{port} failed: {text}"));
            false
        }
    }
}

/// Handles what clients sent, where nothing else runs.
fn take_at_turn(ctx: &Ctx<'_>) {
    take_events(ctx, Sessions::at_turn);
}

/// Handles what clients sent. Runs at the end of a turn, or between two steps of the program.
fn take_events(ctx: &Ctx<'_>, take: fn(&Sessions, &dyn Target)) {
    let Some(inspector) = inspector() else { return };
    if !inspector.sessions.is_handling() && inspector.values.borrow().is_none() {
        // The program starts: who came already waits until there is who answers.
        return;
    }
    let host = Host { ctx, inspector: &inspector };
    if !inspector.sessions.is_handling() {
        host.send_late();
    }
    take(&inspector.sessions, &host);
}

/// What the engine tells of the program.
struct Stops;

impl debug::Debugger for Stops {
    fn stopped(&self, ctx: &Ctx<'_>, stop: &debug::Stop) -> Result<(), Terminate> {
        let Some(inspector) = inspector() else { return Ok(()) };
        let from_zero = |number: i32| u32::try_from(number - 1).unwrap_or(0);
        let stop = Stop {
            reason: match debug::why(stop) {
                Why::Place => StopReason::Place { breakpoint: stop.breakpoint, step: stop.step },
                Why::Debugger => StopReason::Debugger,
                Why::Throw => StopReason::Throw { caught: stop.caught },
            },
            script: stop.script,
            line: from_zero(stop.line),
            column: from_zero(stop.column),
        };
        let host = Host { ctx, inspector: &inspector };
        host.send_late();
        inspector.sessions.stopped(&host, &stop).map_err(|_| Terminate)
    }

    fn compiled(&self, ctx: &Ctx<'_>, script: &debug::Script<'_>) {
        let Some(inspector) = inspector() else { return };
        inspector.last_script.set(script.number);
        let new = NewScript {
            number: script.number,
            file: script.file,
            start: script.start,
            text: script.text,
            module: script.module,
        };
        host::compiled(&inspector, ctx, &new);
    }

    fn wanted(&self, ctx: &Ctx<'_>) -> Result<(), Terminate> {
        take_events(ctx, Sessions::take);
        let terminate = inspector().is_some_and(|inspector| inspector.sessions.is_to_terminate());
        if terminate { Err(Terminate) } else { Ok(()) }
    }
}

/// The process ends: says so to clients, and waits until they have gone.
pub(crate) fn end(ctx: &Ctx<'_>) {
    let Some(inspector) = inspector() else { return };
    // Not where a client has the program end itself.
    if inspector.sessions.is_handling() || !inspector.sessions.has_clients() {
        return;
    }
    let host = Host { ctx, inspector: &inspector };
    host.send_late();
    inspector.sessions.agent.ended(&host);
    complain("Waiting for the debugger to disconnect...");
    while inspector.sessions.has_clients() {
        let event = inspector.sessions.inbox().wait();
        inspector.sessions.handle(&host, event);
    }
}

/// Waits until a client says that the program may go on.
fn wait(ctx: &Ctx<'_>) {
    let Some(inspector) = inspector() else { return };
    let host = Host { ctx, inspector: &inspector };
    inspector.sessions.set_waiting(true);
    while inspector.sessions.is_waiting() {
        let event = inspector.sessions.inbox().wait();
        inspector.sessions.handle(&host, event);
    }
}

/// `internalBinding('inspector')`.
pub(crate) fn binding<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("isActive", Function::new(ctx.clone(), || inspector().is_some())?)?;
    set("attach", Function::new(ctx.clone(), |ctx: Ctx<'js>| drop(attach(&ctx)))?)?;
    set("open", Function::new(ctx.clone(), js_open)?)?;
    set("close", Function::new(ctx.clone(), js_close)?)?;
    set("url", Function::new(ctx.clone(), js_url)?)?;
    set("waitForDebugger", Function::new(ctx.clone(), |ctx: Ctx<'js>| wait(&ctx))?)?;
    set("start", Function::new(ctx.clone(), js_start)?)?;
    set("connect", Function::new(ctx.clone(), js_connect)?)?;
    set("disconnect", Function::new(ctx.clone(), js_disconnect)?)?;
    set("dispatch", Function::new(ctx.clone(), js_dispatch)?)?;
    set("setValues", Function::new(ctx.clone(), js_set_values)?)?;
    set("values", Function::new(ctx.clone(), js_values)?)?;
    set("debug", Function::new(ctx.clone(), |ctx: Ctx<'js>| debug::binding(&ctx))?)?;
    set("send", Function::new(ctx.clone(), js_send)?)?;
    set(
        "lastScript",
        Function::new(ctx.clone(), || inspector().map_or(0, |one| one.last_script.get()))?,
    )?;
    set("scriptOf", Function::new(ctx.clone(), js_script_of)?)?;
    let (_, host, port) = asked();
    binding.set("host", host)?;
    binding.set("port", port)?;
    Ok(binding)
}

/// Opens the port; gives whether it is open.
fn js_open(ctx: Ctx<'_>, host: String, port: u16) -> bool {
    attach(&ctx);
    open(&host, port)
}

fn js_close(ctx: Ctx<'_>) {
    let Some(inspector) = inspector() else { return };
    let Some(mut port) = inspector.sessions.take_port() else { return };
    complain(&format!("Debugger ending on {}", port.url()));
    complain("For help, see: https://nodejs.org/en/docs/inspector");
    port.close();
    let host = Host { ctx: &ctx, inspector: &inspector };
    while port.has_clients() {
        let event = inspector.sessions.inbox().wait();
        inspector.sessions.handle(&host, event);
    }
}

fn js_url() -> Option<String> {
    inspector()?.sessions.url()
}

/// The program's main script is about to run: waits if the command line says so.
fn js_start(ctx: Ctx<'_>) {
    let (breaks, waits) = options::with(|options| {
        let has = |name| options.text(name).is_some();
        (has("--inspect-brk"), has("--inspect-brk") || has("--inspect-wait"))
    });
    let Some(inspector) = inspector() else { return };
    if !waits || inspector.sessions.url().is_none() {
        return;
    }
    wait(&ctx);
    if breaks {
        inspector.sessions.agent.break_on_start(&Host { ctx: &ctx, inspector: &inspector });
    }
}

/// Opens a session within the program; gives its number.
fn js_connect<'js>(ctx: Ctx<'js>, on_message: Function<'js>) -> u64 {
    let inspector = attach(&ctx);
    let session = inspector.last_inner.get() + 1;
    inspector.last_inner.set(session);
    inspector.inner.borrow_mut().insert(session, Persistent::save(&ctx, on_message));
    inspector.sessions.agent.connect(session);
    session
}

fn js_disconnect(ctx: Ctx<'_>, session: u64) {
    let Some(inspector) = inspector() else { return };
    inspector.sessions.agent.disconnect(&Host { ctx: &ctx, inspector: &inspector }, session);
    let gone = inspector.inner.borrow_mut().remove(&session);
    drop(gone.and_then(|function| function.restore(&ctx).ok()));
}

fn js_dispatch(ctx: Ctx<'_>, session: u64, text: String) {
    let Some(inspector) = inspector() else { return };
    inspector.sessions.agent.dispatch(&Host { ctx: &ctx, inspector: &inspector }, session, &text);
}

fn js_set_values<'js>(ctx: Ctx<'js>, call: Function<'js>) {
    if let Some(inspector) = inspector() {
        *inspector.values.borrow_mut() = Some(Persistent::save(&ctx, call));
        inspector.sessions.inbox().look();
    }
}

/// The text of the script of values.
fn js_values() -> String {
    let source = crate::builtins::source("internal/inspector/values");
    source.map_or_else(|| protocol::VALUES.to_owned(), |text| text.into_owned())
}

fn js_send(ctx: Ctx<'_>, session: u64, text: String) {
    if let Some(inspector) = inspector() {
        Host { ctx: &ctx, inspector: &inspector }.send(session, text);
    }
}

/// The id and the URL of a script, by its number or else by its file.
fn js_script_of(ctx: Ctx<'_>, number: u32, file: String) -> Vec<String> {
    let Some(inspector) = inspector() else { return vec!["0".to_owned(), String::new()] };
    let host = Host { ctx: &ctx, inspector: &inspector };
    let (id, url) = inspector.sessions.agent.script_of(&host, number, &file);
    vec![id, url]
}
