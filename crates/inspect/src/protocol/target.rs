//! What a host offers an agent. Must not know how it is done.

use serde_json::Value;

use super::Fault;

/// A client that is attached, by a number of the host's.
pub type SessionId = u64;

/// Where the next stop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// At breakpoints only.
    None,
    /// At the next place.
    Into,
    /// At the next one that is not in a call from here.
    Over,
    /// At the next one of a caller.
    Out,
}

/// Why the program stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// A place with a breakpoint, or one that a step led to.
    Place {
        /// There is a breakpoint.
        breakpoint: bool,
        /// A step led here.
        step: bool,
    },
    /// A `debugger` statement.
    Debugger,
    /// An exception.
    Throw {
        /// Somebody on the stack catches it.
        caught: bool,
    },
}

/// A stop. Lines and columns count from 0 in all of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Why.
    pub reason: StopReason,
    /// The script's number; 0: none of the program's.
    pub script: u32,
    /// Where.
    pub line: u32,
    /// Where.
    pub column: u32,
}

/// A place that a program can be stopped at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its line.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// Whether its function returns there.
    pub returns: bool,
}

/// The code that was stopped is to go no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminate;

/// What comes in while the program is stopped.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// A text of a client.
    Message(SessionId, String),
    /// A client has gone.
    Gone(SessionId),
    /// Nothing will come any more.
    End,
}

/// The program, as its host offers it. All calls come on the program's thread.
pub trait Target {
    /// Has the script of values call a method; see its `call`. `None`: the answer comes later.
    ///
    /// # Errors
    /// What the script answers.
    fn call(
        &self,
        session: SessionId,
        method: &str,
        params: &Value,
        request: i64,
    ) -> Result<Option<Value>, Fault>;
    /// Sends a text to a client.
    fn send(&self, session: SessionId, text: String);
    /// What came in next; waits for it. Called while the program is stopped.
    fn next(&self) -> Incoming;
    /// Whether `next` can give anything while the program is stopped: there are clients outside of it.
    fn can_wait(&self) -> bool;
    /// The places of a script, sorted.
    fn places(&self, script: u32) -> Vec<Place>;
    /// Sets a breakpoint at a place, or takes it away.
    fn set_breakpoint(&self, script: u32, line: u32, column: u32, on: bool);
    /// Says where the next stop is.
    fn step(&self, step: Step);
    /// Whether exceptions are stops.
    fn stop_at_throws(&self, on: bool);
    /// Lets a program start that waits for a client to say so.
    fn run(&self);
    /// Whether the program waits for [`Target::run`].
    fn is_waiting(&self) -> bool;
    /// Has what runs go no further, soon.
    fn terminate(&self);
    /// The text of a built-in script, by its name.
    fn builtin(&self, name: &str) -> Option<String>;
    /// Starts to sample; the interval is in microseconds.
    ///
    /// # Errors
    /// Why not.
    fn start_profile(&self, interval: u32) -> Result<(), Fault>;
    /// Ends it: the profile in the form of `.cpuprofile`.
    ///
    /// # Errors
    /// Nothing was sampled.
    fn stop_profile(&self) -> Result<Value, Fault>;
    /// Starts to sample allocations, one of so many bytes on average.
    ///
    /// # Errors
    /// Why not.
    fn start_allocations(&self, interval: u64) -> Result<(), Fault>;
    /// What was allocated since then and is still there, in the form of `.heapprofile`.
    ///
    /// # Errors
    /// Nothing is sampled.
    fn allocations(&self) -> Result<Value, Fault>;
    /// Ends it.
    fn stop_allocations(&self);
    /// Writes a heap snapshot, piece by piece.
    ///
    /// # Errors
    /// Why not.
    fn snapshot(&self, piece: &mut dyn FnMut(&str)) -> Result<(), Fault>;
    /// Collects garbage.
    fn collect(&self);
}
