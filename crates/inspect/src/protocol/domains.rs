//! The methods that are answered, with their parameters. Must not know the answers.

use serde_json::{Value, json};

use super::Fault;

/// Who answers a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// The script of values.
    Values,
    Debugger,
    Profiler,
    Heap,
    /// The agent itself.
    Host,
}

/// A parameter: its name, with a `?` where it may be missing, and its type.
type Parameter = (&'static str, &'static str);

struct Domain {
    name: &'static str,
    room: Room,
    methods: &'static [(&'static str, &'static [Parameter])],
    events: &'static [&'static str],
}

const VALUE: &[Parameter] = &[
    ("objectGroup?", "string"),
    ("returnByValue?", "boolean"),
    ("generatePreview?", "boolean"),
    ("throwOnSideEffect?", "boolean"),
    ("silent?", "boolean"),
];

const LOCATION: Parameter = ("location", "object");

const DOMAINS: &[Domain] = &[
    Domain {
        name: "Runtime",
        room: Room::Values,
        methods: &[
            ("enable", &[]),
            ("disable", &[]),
            (
                "evaluate",
                &[
                    ("expression", "string"),
                    ("includeCommandLineAPI?", "boolean"),
                    ("contextId?", "integer"),
                    ("uniqueContextId?", "string"),
                    ("awaitPromise?", "boolean"),
                    ("replMode?", "boolean"),
                    ("timeout?", "number"),
                ],
            ),
            (
                "callFunctionOn",
                &[
                    ("functionDeclaration", "string"),
                    ("objectId?", "string"),
                    ("arguments?", "array"),
                    ("executionContextId?", "integer"),
                    ("uniqueContextId?", "string"),
                    ("awaitPromise?", "boolean"),
                ],
            ),
            (
                "getProperties",
                &[
                    ("objectId", "string"),
                    ("ownProperties?", "boolean"),
                    ("accessorPropertiesOnly?", "boolean"),
                    ("generatePreview?", "boolean"),
                    ("nonIndexedPropertiesOnly?", "boolean"),
                ],
            ),
            (
                "compileScript",
                &[
                    ("expression", "string"),
                    ("sourceURL", "string"),
                    ("persistScript", "boolean"),
                    ("executionContextId?", "integer"),
                ],
            ),
            (
                "runScript",
                &[
                    ("scriptId", "string"),
                    ("executionContextId?", "integer"),
                    ("includeCommandLineAPI?", "boolean"),
                    ("awaitPromise?", "boolean"),
                ],
            ),
            (
                "awaitPromise",
                &[
                    ("promiseObjectId", "string"),
                    ("returnByValue?", "boolean"),
                    ("generatePreview?", "boolean"),
                ],
            ),
            ("releaseObject", &[("objectId", "string")]),
            ("releaseObjectGroup", &[("objectGroup", "string")]),
            ("globalLexicalScopeNames", &[("executionContextId?", "integer")]),
            ("queryObjects", &[("prototypeObjectId", "string"), ("objectGroup?", "string")]),
            ("discardConsoleEntries", &[]),
            ("addBinding", &[("name", "string")]),
            ("removeBinding", &[("name", "string")]),
            ("getExceptionDetails", &[("errorObjectId", "string")]),
            ("getIsolateId", &[]),
            ("getHeapUsage", &[]),
            ("setAsyncCallStackDepth", &[("maxDepth", "integer")]),
            ("setMaxCallStackSizeToCapture", &[("size", "integer")]),
            ("setCustomObjectFormatterEnabled", &[("enabled", "boolean")]),
        ],
        events: &[
            "bindingCalled",
            "consoleAPICalled",
            "exceptionThrown",
            "executionContextCreated",
            "executionContextDestroyed",
        ],
    },
    Domain {
        name: "Runtime",
        room: Room::Host,
        methods: &[("runIfWaitingForDebugger", &[]), ("terminateExecution", &[])],
        events: &[],
    },
    Domain {
        name: "Debugger",
        room: Room::Debugger,
        methods: &[
            ("enable", &[("maxScriptsCacheSize?", "number")]),
            ("disable", &[]),
            (
                "setBreakpointByUrl",
                &[
                    ("lineNumber", "integer"),
                    ("url?", "string"),
                    ("urlRegex?", "string"),
                    ("scriptHash?", "string"),
                    ("columnNumber?", "integer"),
                    ("condition?", "string"),
                ],
            ),
            ("setBreakpoint", &[LOCATION, ("condition?", "string")]),
            ("removeBreakpoint", &[("breakpointId", "string")]),
            (
                "getPossibleBreakpoints",
                &[("start", "object"), ("end?", "object"), ("restrictToFunction?", "boolean")],
            ),
            ("setBreakpointsActive", &[("active", "boolean")]),
            ("setSkipAllPauses", &[("skip", "boolean")]),
            ("setPauseOnExceptions", &[("state", "string")]),
            ("continueToLocation", &[LOCATION, ("targetCallFrames?", "string")]),
            ("resume", &[("terminateOnResume?", "boolean")]),
            ("stepOver", &[("skipList?", "array")]),
            ("stepInto", &[("breakOnAsyncCall?", "boolean"), ("skipList?", "array")]),
            ("stepOut", &[]),
            ("pause", &[]),
            (
                "evaluateOnCallFrame",
                &[
                    ("callFrameId", "string"),
                    ("expression", "string"),
                    ("includeCommandLineAPI?", "boolean"),
                ],
            ),
            (
                "setVariableValue",
                &[
                    ("scopeNumber", "integer"),
                    ("variableName", "string"),
                    ("newValue", "object"),
                    ("callFrameId", "string"),
                ],
            ),
            ("restartFrame", &[("callFrameId", "string"), ("mode?", "string")]),
            ("getScriptSource", &[("scriptId", "string")]),
            (
                "searchInContent",
                &[
                    ("scriptId", "string"),
                    ("query", "string"),
                    ("caseSensitive?", "boolean"),
                    ("isRegex?", "boolean"),
                ],
            ),
            ("setAsyncCallStackDepth", &[("maxDepth", "integer")]),
            ("setBlackboxPatterns", &[("patterns", "array"), ("skipAnonymous?", "boolean")]),
            ("setBlackboxedRanges", &[("scriptId", "string"), ("positions", "array")]),
        ],
        events: &["breakpointResolved", "paused", "resumed", "scriptFailedToParse", "scriptParsed"],
    },
    Domain {
        name: "Profiler",
        room: Room::Profiler,
        methods: &[
            ("enable", &[]),
            ("disable", &[]),
            ("setSamplingInterval", &[("interval", "integer")]),
            ("start", &[]),
            ("stop", &[]),
        ],
        events: &["consoleProfileFinished", "consoleProfileStarted"],
    },
    Domain {
        name: "HeapProfiler",
        room: Room::Heap,
        methods: &[
            ("enable", &[]),
            ("disable", &[]),
            ("collectGarbage", &[]),
            (
                "takeHeapSnapshot",
                &[
                    ("reportProgress?", "boolean"),
                    ("captureNumericValue?", "boolean"),
                    ("exposeInternals?", "boolean"),
                ],
            ),
            (
                "startSampling",
                &[
                    ("samplingInterval?", "number"),
                    ("stackDepth?", "number"),
                    ("includeObjectsCollectedByMajorGC?", "boolean"),
                    ("includeObjectsCollectedByMinorGC?", "boolean"),
                ],
            ),
            ("stopSampling", &[]),
            ("getSamplingProfile", &[]),
        ],
        events: &["addHeapSnapshotChunk", "reportHeapSnapshotProgress"],
    },
    Domain {
        name: "Console",
        room: Room::Values,
        methods: &[("enable", &[]), ("disable", &[]), ("clearMessages", &[])],
        events: &["messageAdded"],
    },
    Domain { name: "Schema", room: Room::Host, methods: &[("getDomains", &[])], events: &[] },
    Domain {
        name: "NodeRuntime",
        room: Room::Host,
        methods: &[
            ("enable", &[]),
            ("disable", &[]),
            ("notifyWhenWaitingForDisconnect", &[("enabled", "boolean")]),
        ],
        events: &["waitingForDebugger", "waitingForDisconnect"],
    },
    Domain {
        name: "NodeWorker",
        room: Room::Host,
        methods: &[("enable", &[("waitForDebuggerOnStart", "boolean")]), ("disable", &[])],
        events: &["attachedToWorker", "detachedFromWorker", "receivedMessageFromWorker"],
    },
];

fn find(method: &str) -> Option<(&'static Domain, &'static [Parameter])> {
    let (domain, name) = method.split_once('.')?;
    DOMAINS.iter().filter(|one| one.name == domain).find_map(|one| {
        let (_, parameters) = one.methods.iter().find(|(method, _)| *method == name)?;
        Some((one, *parameters))
    })
}

/// Whether a method is answered.
pub fn is_known(method: &str) -> bool {
    find(method).is_some()
}

pub(crate) fn room(method: &str) -> Option<Room> {
    find(method).map(|(domain, _)| domain.room)
}

/// Whether parameters are what the method takes.
pub(crate) fn check(method: &str, params: &Value) -> Result<(), Fault> {
    let Some((_, parameters)) = find(method) else { return Ok(()) };
    for (name, kind) in parameters.iter().chain(VALUE) {
        let optional = name.ends_with('?');
        let name = name.trim_end_matches('?');
        let right = match (&params[name], *kind) {
            (Value::Null, _) => optional,
            (Value::String(_), "string")
            | (Value::Bool(_), "boolean")
            | (Value::Number(_), "number")
            | (Value::Array(_), "array")
            | (Value::Object(_), "object") => true,
            (Value::Number(number), "integer") => number.is_i64(),
            _ => false,
        };
        if !right {
            let kind = if *kind == "boolean" { "bool" } else { kind };
            return Err(Fault::param(name, &format!("{kind} value expected")));
        }
    }
    Ok(())
}

/// The names of all domains, each once.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    DOMAINS
        .iter()
        .filter(|one| !(one.name == "Runtime" && one.room == Room::Host))
        .map(|one| one.name)
}

/// The answer of `/json/protocol`: what is answered here.
pub fn descriptor() -> Value {
    let domains: Vec<Value> = names()
        .map(|name| {
            let parts = || DOMAINS.iter().filter(move |one| one.name == name);
            let commands: Vec<Value> = parts()
                .flat_map(|one| one.methods)
                .map(|(method, parameters)| {
                    let parameters: Vec<Value> = parameters
                        .iter()
                        .map(|(name, kind)| {
                            let optional = name.ends_with('?');
                            json!({
                                "name": name.trim_end_matches('?'), "type": kind, "optional": optional,
                            })
                        })
                        .collect();
                    json!({ "name": method, "parameters": parameters })
                })
                .collect();
            let events: Vec<Value> =
                parts().flat_map(|one| one.events).map(|name| json!({ "name": name })).collect();
            json!({ "domain": name, "commands": commands, "events": events, "types": [] })
        })
        .collect();
    json!({ "version": { "major": "1", "minor": "3" }, "domains": domains })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_is_listed_once() {
        let mut all: Vec<String> = DOMAINS
            .iter()
            .flat_map(|one| one.methods.iter().map(|(name, _)| format!("{}.{name}", one.name)))
            .collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(all.iter().all(|method| is_known(method)));
        assert!(!is_known("Runtime") && !is_known("Page.enable") && !is_known("Runtime.no"));
    }

    #[test]
    fn the_documents_list_each_method() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/inspector.md");
        let text = std::fs::read_to_string(file).expect("the page is there");
        for domain in DOMAINS {
            let start = format!("| `{}` |", domain.name);
            let row = text.lines().find(|line| line.starts_with(&start)).expect(domain.name);
            for (method, _) in domain.methods {
                assert!(row.contains(&format!("`{method}`")), "{}.{method}", domain.name);
            }
        }
    }

    #[test]
    fn parameters_are_checked_by_their_types() {
        assert_eq!(check("Runtime.evaluate", &json!({ "expression": "1" })), Ok(()));
        for wrong in
            [json!({}), json!({ "expression": 1 }), json!({ "expression": "1", "contextId": "1" })]
        {
            assert_eq!(check("Runtime.evaluate", &wrong).expect_err("refused").code, Fault::PARAMS);
        }
    }
}
