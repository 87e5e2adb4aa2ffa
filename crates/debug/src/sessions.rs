//! The clients of one program, and when what they send is taken: at the end of a turn, between two steps,
//! and while the program is stopped; what ends code without an end is taken at once. Belongs to the
//! program's thread.

use std::{
    cell::{Cell, RefCell},
    fmt,
    sync::Arc,
};

use sandtide_inspect::protocol::{self, Agent, Incoming, Stop, Target, Terminate};

use crate::{
    inbox::{Event, Inbox},
    port::Port,
};

/// Clients that came to a port of another process, which hands on what is sent to them.
pub trait Remote {
    /// Sends a text to a client.
    fn send(&self, client: u64, text: String);
    /// Whether any client is there.
    fn has_clients(&self) -> bool;
}

/// Who is attached to a program, from outside of it.
pub struct Sessions {
    /// All that clients want.
    pub agent: Agent,
    inbox: Arc<Inbox>,
    port: RefCell<Option<Port>>,
    remote: Option<Box<dyn Remote>>,
    /// Called when a client has come.
    attached: Box<dyn Fn()>,
    /// The program waits for a client to say that it may go on.
    waiting: Cell<bool>,
    /// What runs is to go no further.
    terminating: Cell<bool>,
    /// What ran for a client was ended, and the client was not told yet.
    terminated: Cell<bool>,
    /// Messages that are being handled: those that come meanwhile wait.
    handling: Cell<u32>,
    /// Whose message is handled; 0: nobody's.
    handled: Cell<u64>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

/// Something of a client's is handled, until this is dropped.
#[derive(Debug)]
pub struct Handling<'a> {
    sessions: &'a Sessions,
    before: u64,
}

impl Drop for Handling<'_> {
    fn drop(&mut self) {
        let sessions = self.sessions;
        sessions.handled.set(self.before);
        sessions.handling.set(sessions.handling.get() - 1);
        // The engine may have asked meanwhile, when nothing could be taken.
        sessions.inbox.look_again();
    }
}

/// Whether a message is for code that has no end.
fn is_urgent(event: &Event, stopped: bool) -> bool {
    let Event::Message(_, text) = event else { return false };
    let names = |name: &str| {
        text.contains(name) && protocol::decode(text).is_ok_and(|request| request.method == name)
    };
    names("Runtime.terminateExecution") || !stopped && names("Debugger.pause")
}

impl Sessions {
    /// Without clients. `attached` is called when one has come.
    pub fn new(inbox: Arc<Inbox>, attached: impl Fn() + 'static) -> Sessions {
        Sessions {
            agent: Agent::new(),
            inbox,
            port: RefCell::default(),
            remote: None,
            attached: Box::new(attached),
            waiting: Cell::new(false),
            terminating: Cell::new(false),
            terminated: Cell::new(false),
            handling: Cell::new(0),
            handled: Cell::new(0),
        }
    }

    /// Without clients, which come to a port of another process.
    pub fn apart(inbox: Arc<Inbox>, remote: impl Remote + 'static) -> Sessions {
        Sessions { remote: Some(Box::new(remote)), ..Sessions::new(inbox, || ()) }
    }

    /// What clients sent and nobody has taken.
    pub fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// The port that they come by.
    pub fn set_port(&self, port: Port) {
        *self.port.borrow_mut() = Some(port);
    }

    /// Takes the port away; it is still open.
    pub fn take_port(&self) -> Option<Port> {
        self.port.borrow_mut().take()
    }

    /// The WebSocket's address, while the port is open.
    pub fn url(&self) -> Option<String> {
        self.port.borrow().as_ref().map(Port::url)
    }

    /// Whether anybody is attached by the port.
    pub fn has_clients(&self) -> bool {
        if let Some(remote) = &self.remote {
            return remote.has_clients();
        }
        self.port.borrow().as_ref().is_some_and(Port::has_clients)
    }

    /// Sends a text to a client that came by the port.
    pub fn send(&self, client: u64, text: String) {
        if let Some(remote) = &self.remote {
            return remote.send(client, text);
        }
        if let Some(port) = self.port.borrow().as_ref() {
            port.send(client, text);
        }
    }

    /// Says that something of a client's is handled (0: of nobody's alone). It is ended when the client has
    /// gone, or all have.
    pub fn handling(&self, client: u64) -> Handling<'_> {
        self.handling.set(self.handling.get() + 1);
        if self.inbox.has_ended() {
            // What told of it may have been taken before this began.
            self.inbox.want();
        }
        Handling { sessions: self, before: self.handled.replace(client) }
    }

    /// Whether something is handled now.
    pub fn is_handling(&self) -> bool {
        self.handling.get() > 0
    }

    /// Has what runs go no further, soon.
    pub fn terminate(&self) {
        self.terminating.set(true);
    }

    /// Whether what runs is to go no further; asked once.
    pub fn is_to_terminate(&self) -> bool {
        self.terminating.take()
    }

    /// Whether what ran for a client was ended; asked once.
    pub fn was_terminated(&self) -> bool {
        self.terminated.take()
    }

    /// Whether the program waits for a client to say that it may go on.
    pub fn is_waiting(&self) -> bool {
        self.waiting.get()
    }

    /// Says whether the program waits for a client to say that it may go on.
    pub fn set_waiting(&self, waits: bool) {
        self.waiting.set(waits);
    }

    /// Handles what has come, where nothing else runs.
    pub fn at_turn(&self, target: &dyn Target) {
        self.take(target);
        if !self.is_handling() {
            // Nothing runs that could be ended.
            self.terminating.set(false);
        }
    }

    /// Handles what has come, at the end of a turn or between two steps.
    pub fn take(&self, target: &dyn Target) {
        if self.is_handling() {
            self.take_urgent(target);
            return;
        }
        while let Some(event) = self.inbox.take() {
            self.handle(target, event);
        }
    }

    /// Handles one event.
    pub fn handle(&self, target: &dyn Target, event: Event) {
        match event {
            Event::Connected(client) => self.connected(client),
            Event::Message(client, text) => {
                let _handling = self.handling(client);
                self.terminated.set(false);
                // What was to be ended is not what this message runs.
                let before = self.terminating.replace(false);
                self.agent.dispatch(target, client, &text);
                self.terminating.set(before | self.terminating.get());
            }
            Event::Gone(client) => {
                let _handling = self.handling(client);
                self.agent.disconnect(target, client);
            }
            Event::Woken => {}
        }
    }

    fn connected(&self, client: u64) {
        (self.attached)();
        self.agent.connect(client);
    }

    /// Takes what is for the code that runs for a client: other messages wait until it has ended.
    fn take_urgent(&self, target: &dyn Target) {
        let stopped = self.agent.is_stopped();
        if stopped && self.handled.get() == 0 {
            // The stop itself is about to take them.
            return;
        }
        while let Some(event) = self.inbox.take_first(|event| is_urgent(event, stopped)) {
            let Event::Message(client, text) = event else { continue };
            let method = protocol::decode(&text).map(|request| (request.id, request.method));
            match method {
                // What ends is what runs for a client, not what is stopped.
                Ok((id, method)) if method == "Runtime.terminateExecution" => {
                    let answer = serde_json::json!({ "id": id, "result": {} });
                    self.send(client, answer.to_string());
                    self.end_handled();
                }
                _ => self.agent.dispatch(target, client, &text),
            }
        }
        if self.is_for_nobody() {
            self.end_handled();
            // More may be run for them, as the condition of another breakpoint.
            self.inbox.want();
        }
    }

    /// Whether whom something is handled for has gone, or all have.
    fn is_for_nobody(&self) -> bool {
        let gone = |client| self.inbox.has_gone(client);
        self.inbox.has_ended()
            || match self.handled.get() {
                0 => self.agent.sessions().into_iter().all(gone),
                client => gone(client),
            }
    }

    fn end_handled(&self) {
        self.terminating.set(true);
        self.terminated.set(true);
    }

    /// The program is stopped: clients are asked, and may keep it so.
    ///
    /// # Errors
    /// What runs is to be ended.
    pub fn stopped(&self, target: &dyn Target, stop: &Stop) -> Result<(), Terminate> {
        // What comes while it is stopped is taken by the stop itself.
        let _handling = self.handling(0);
        self.agent.stopped(target, stop)
    }

    /// The next thing that matters while the program is stopped.
    pub fn next(&self) -> Incoming {
        loop {
            if self.inbox.has_ended() {
                return Incoming::End;
            }
            match self.inbox.wait() {
                Event::Connected(client) => self.connected(client),
                Event::Message(client, text) => {
                    // Until the next one is asked for, this one is handled.
                    self.handled.set(client);
                    self.terminated.set(false);
                    return Incoming::Message(client, text);
                }
                Event::Gone(client) => return Incoming::Gone(client),
                Event::Woken => {}
            }
        }
    }
}
