//! What a program in another language and its `sandtide host` say to each other: frames as between
//! broker and worker, with the same values. `npm/sandtide/lib/codec.js` has the other half, and
//! `HOST.md` beside this crate is the reference.
//!
//! The program started the host and owns it, and the host holds no secrets from it. Each side still
//! checks every byte of the other: a fault is to end in an error and not in a wrong value.

use sandtide_engine::{Error, Limits, LogLine, Outcome, Request, Usage, Value};

use crate::codec::{Refused, alternatives, structure};
use crate::messages::{Facts, HostReply, ImagePlan, frame, whole_of_trusted};

/// The version of the messages here. A host refuses a program that speaks another one.
pub const HOST_PROTOCOL: u32 = 1;
/// The longest frame that either side reads, in bytes.
pub const HOST_FRAME: usize = 1 << 30;

/// What a program says to its host.
#[derive(Clone, Debug)]
pub enum ToHost {
    /// The first message, and only that; answered by [`FromHost::Started`] or [`FromHost::Failed`].
    Start {
        /// [`HOST_PROTOCOL`].
        protocol: u32,
        /// How to start.
        settings: HostSettings,
    },
    /// A pool is there from now on. Not answered.
    Open {
        /// The program's number for it.
        pool: u64,
        /// Runs of it at a time; 0 for as many as there are processors, and at least 2.
        workers: u32,
    },
    /// A pool is gone: its runs are cancelled, and each is answered. Not answered itself.
    Close {
        /// The pool.
        pool: u64,
    },
    /// Compile a script and build its image; answered by [`FromHost::Compiled`] or
    /// [`FromHost::Refused`].
    Compile {
        /// The program's number for it.
        script: u64,
        /// The tenant whose worker compiles it. Any tenant may run it.
        tenant: String,
        /// What goes into the image.
        plan: Box<ImagePlan>,
    },
    /// Let go of a script, also of one that is being compiled. Runs of it go on. Not answered.
    Forget {
        /// The script.
        script: u64,
    },
    /// Run; answered by [`FromHost::Done`], with host calls before it.
    Run {
        /// The program's number for the run.
        run: u64,
        /// The pool whose workers are taken.
        pool: u64,
        /// What to run; a run without one brings its source.
        script: Option<u64>,
        /// Whose it is.
        tenant: String,
        /// What it is asked to do. Its time counts from when the host has read this.
        request: Box<Request>,
    },
    /// End a run with `ERR_CANCELLED`; one that is over, or not there, is left alone.
    Cancel {
        /// The run.
        run: u64,
    },
    /// The answer to a call; one that nobody waits for any more is left alone.
    Reply {
        /// The call.
        call: u64,
        /// What came of it.
        reply: HostReply,
    },
}

/// What a host says to its program.
#[derive(Clone, Debug)]
pub enum FromHost {
    /// It is ready.
    Started {
        /// The version of the program `sandtide`.
        version: String,
        /// The layers of the workers' confinement, by name.
        layers: Vec<String>,
        /// The most that a run can be given.
        most: Limits,
    },
    /// It is of no use, and ends.
    Failed {
        /// Why.
        problem: Problem,
    },
    /// A script is ready to be run.
    Compiled {
        /// The script.
        script: u64,
        /// The version's name.
        version: String,
        /// What its image is.
        facts: Facts,
    },
    /// A script is none.
    Refused {
        /// The script.
        script: u64,
        /// Why.
        problem: Problem,
    },
    /// A script calls a function of the program.
    Call {
        /// The number of the call, which its reply carries.
        call: u64,
        /// The script that was granted the function.
        script: u64,
        /// Which of its functions, in the order of its plan.
        function: u32,
        /// The arguments.
        args: Vec<Value>,
    },
    /// A run is over.
    Done {
        /// The run.
        run: u64,
        /// What came out.
        outcome: Box<HostOutcome>,
    },
}

/// How a host starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostSettings {
    /// Bytes of heap that any run can be given; 0 for the default.
    pub heap: u64,
    /// Layers of confinement to go without, by name.
    pub insecure_without: Vec<String>,
    /// A cgroup that was delegated to the program.
    pub cgroup: Option<String>,
}

/// What came out of a run, with the error as it is shown.
#[derive(Clone, Debug)]
pub struct HostOutcome {
    /// The value, or why there is none.
    pub result: Result<Value, Problem>,
    /// The globals that were asked back.
    pub globals: Vec<(String, Value)>,
    /// What was logged.
    pub logs: Vec<LogLine>,
    /// What the run took.
    pub usage: Usage,
}

/// An error with its code. Empty texts and zeros stand for what there is none of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: String,
    /// What happened, and what to do.
    pub message: String,
    /// The name of what the guest threw.
    pub name: String,
    /// The guest's frames.
    pub stack: String,
    /// The file it happened in.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
}

impl Problem {
    /// An error that is no engine's.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { code: code.into(), message: message.into(), ..Problem::default() }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let code = error.code().to_owned();
        match error {
            Error::Syntax(at) => Problem {
                code,
                message: at.message,
                name: "SyntaxError".to_owned(),
                stack: String::new(),
                file: at.file,
                line: at.line,
                column: at.column,
            },
            Error::Exception(thrown) => Problem {
                code,
                message: thrown.message,
                name: thrown.name,
                stack: thrown.stack,
                file: thrown.file.unwrap_or_default(),
                line: thrown.line.unwrap_or_default(),
                column: thrown.column.unwrap_or_default(),
            },
            error => Problem::new(code, error.to_string()),
        }
    }
}

impl From<Outcome> for HostOutcome {
    fn from(outcome: Outcome) -> HostOutcome {
        let Outcome { result, globals, logs, usage, .. } = outcome;
        HostOutcome { result: result.map_err(Problem::from), globals, logs, usage }
    }
}

structure!(HostSettings { heap, insecure_without, cgroup });
structure!(HostOutcome { result, globals, logs, usage });
structure!(Problem { code, message, name, stack, file, line, column });
alternatives!(ToHost, "message to a host" {
    0 Start { protocol, settings }
    1 Open { pool, workers }
    2 Close { pool }
    3 Compile { script, tenant, plan }
    4 Forget { script }
    5 Run { run, pool, script, tenant, request }
    6 Cancel { run }
    7 Reply { call, reply }
});
alternatives!(FromHost, "message of a host" {
    0 Started { version, layers, most }
    1 Failed { problem }
    2 Compiled { script, version, facts }
    3 Refused { script, problem }
    4 Call { call, script, function, args }
    5 Done { run, outcome }
});

impl ToHost {
    /// Writes it as a frame, length and message, behind what is in `out`.
    ///
    /// # Errors
    /// [`Refused::Range`] for a message of 4 GiB or more.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Refused> {
        frame(self, out)
    }

    /// Reads what a frame holds. What is made of it takes up to some 40 times its bytes.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<ToHost, Refused> {
        whole_of_trusted(bytes)
    }
}

impl FromHost {
    /// Writes it as a frame, length and message, behind what is in `out`.
    ///
    /// # Errors
    /// [`Refused::Range`] for a message of 4 GiB or more.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Refused> {
        frame(self, out)
    }

    /// Reads what a frame holds, for programs in Rust, as tests are.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(bytes: &[u8]) -> Result<FromHost, Refused> {
        whole_of_trusted(bytes)
    }
}
