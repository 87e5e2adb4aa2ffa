//! The options of `sandtide node`: Node's grammar, from the command line and `NODE_OPTIONS`.
//!
//! Not clap: Node's options may be written with `_` for `-`, may have `no-` before them, end at the
//! script, and include the engine's own, which depend on what program is started.

use std::collections::BTreeMap;

/// What an option is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Flag(bool),
    Text(String),
    List(Vec<String>),
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The words before the script, as `process.execArgv` shows them.
    pub(crate) exec_argv: Vec<String>,
    /// The script, if there is one; `-` is standard input.
    pub(crate) script: Option<String>,
    /// The words after the script.
    pub(crate) args: Vec<String>,
    /// Options that were given, by their long names with dashes.
    pub(crate) settings: BTreeMap<String, Setting>,
}

/// Why a command line is refused; shown after `sandtide: `. The exit code is 9.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadOption(pub(crate) String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// On or, with `no-` before it, off.
    Flag,
    /// Has one value.
    Text,
    /// Has one value each time it is given.
    List,
    /// May have a value, behind a `=`.
    Optional,
}

/// Options that mean something here, and switches for what is always so.
const KNOWN: &[(&str, Kind)] = &[
    ("--abort-on-uncaught-exception", Kind::Flag),
    ("--check", Kind::Flag),
    ("--conditions", Kind::List),
    ("--cpu-prof", Kind::Flag),
    ("--cpu-prof-dir", Kind::Text),
    ("--cpu-prof-interval", Kind::Text),
    ("--cpu-prof-name", Kind::Text),
    ("--deprecation", Kind::Flag),
    ("--diagnostic-dir", Kind::Text),
    ("--disable-warning", Kind::List),
    ("--dns-result-order", Kind::Text),
    ("--env-file", Kind::List),
    ("--env-file-if-exists", Kind::List),
    ("--eval", Kind::Text),
    #[cfg(feature = "typescript")]
    ("--experimental-strip-types", Kind::Flag),
    ("--expose-gc", Kind::Flag),
    ("--expose-internals", Kind::Flag),
    ("--force-context-aware", Kind::Flag),
    ("--gc-global", Kind::Flag),
    ("--heap-prof", Kind::Flag),
    ("--heap-prof-dir", Kind::Text),
    ("--heap-prof-interval", Kind::Text),
    ("--heap-prof-name", Kind::Text),
    ("--heapsnapshot-near-heap-limit", Kind::Text),
    ("--heapsnapshot-signal", Kind::Text),
    ("--help", Kind::Flag),
    ("--import", Kind::List),
    ("--input-type", Kind::Text),
    ("--inspect", Kind::Optional),
    ("--inspect-brk", Kind::Optional),
    ("--inspect-port", Kind::Text),
    ("--inspect-wait", Kind::Optional),
    ("--interactive", Kind::Flag),
    ("--leak-watch", Kind::Flag),
    ("--max-http-header-size", Kind::Text),
    ("--preserve-symlinks", Kind::Flag),
    ("--prof", Kind::Flag),
    ("--preserve-symlinks-main", Kind::Flag),
    ("--print", Kind::Flag),
    ("--require", Kind::List),
    ("--stack-size", Kind::Text),
    ("--stack-trace-limit", Kind::Text),
    #[cfg(feature = "typescript")]
    ("--strip-types", Kind::Flag),
    ("--test", Kind::Flag),
    ("--test-concurrency", Kind::Text),
    ("--test-name-pattern", Kind::List),
    ("--test-only", Kind::Flag),
    ("--test-reporter", Kind::List),
    ("--test-skip-pattern", Kind::List),
    ("--test-timeout", Kind::Text),
    ("--throw-deprecation", Kind::Flag),
    ("--title", Kind::Text),
    ("--trace-deprecation", Kind::Flag),
    ("--trace-gc", Kind::Flag),
    ("--trace-gc-verbose", Kind::Flag),
    ("--trace-warnings", Kind::Flag),
    ("--unhandled-rejections", Kind::Text),
    ("--version", Kind::Flag),
    ("--warnings", Kind::Flag),
    ("--zero-fill-buffers", Kind::Flag),
];

/// Options with an effect whose value is a number.
const NUMBERS: &[&str] = &[
    "--cpu-prof-interval",
    "--heap-prof-interval",
    "--heapsnapshot-near-heap-limit",
    "--max-old-space-size",
    "--stack-size",
    "--test-concurrency",
    "--test-timeout",
];

/// Flags that may have a value behind a `=`.
const FLAGS_WITH_VALUES: &[&str] = &["--leak-watch"];

/// Starts of names of options that only change how fast an engine of another making is, or that switch
/// on what is always on here or what a program finds missing where it uses it. Those of the engine
/// that Node has (`--max-semi-space-size`, `--no-opt`, ...) have their values after a `=`.
const ACCEPTED: &[&str] = &[
    "--addons",
    "--allow-natives-syntax",
    "--always-",
    "--async-context-frame",
    "--cache-",
    "--concurrent-",
    "--enable-network-family-autoselection",
    "--es-staging",
    "--experimental-abortcontroller",
    "--experimental-addon-modules",
    "--experimental-async-context-frame",
    "--experimental-detect-module",
    "--experimental-fetch",
    "--experimental-global-",
    "--experimental-import-meta-resolve",
    "--experimental-json-modules",
    "--experimental-print-required-tla",
    "--experimental-repl-await",
    "--experimental-require-module",
    "--experimental-vm-modules",
    "--experimental-worker",
    "--flush-bytecode",
    "--force-node-api-uncaught-exceptions-policy",
    "--gc-",
    "--harmony",
    "--heap-growing",
    "--huge-max-old-generation-size",
    "--incremental-marking",
    "--initial-",
    "--interrupt-budget",
    "--jitless",
    "--js-",
    "--lazy",
    "--maglev",
    "--manual-optimization",
    "--max-",
    "--min-semi-space-size",
    "--minor-",
    "--network-family-autoselection",
    "--node-memory-debug",
    "--node-snapshot",
    "--opt",
    "--parallel-",
    "--scavenger",
    "--semi-space-",
    "--single-threaded",
    "--sparkplug",
    "--trace-gc",
    "--turbo",
    "--use-largepages",
    "--v8-pool-size",
    "--verify-base-objects",
    "--wasm-",
];

/// Starts of names of options that promise something which is not there, and what that is. They may
/// be switched off (`--no-...`).
const REFUSED: &[(&str, &str)] = &[
    ("--allow-", "there are no permissions"),
    ("--build-", "there are no snapshots of programs"),
    ("--compile-cache", "there is no cache of compiled code on disk"),
    ("--disable-proto", "`__proto__` cannot be disabled"),
    (
        "--disallow-code-generation-from-strings",
        "`eval` cannot be disallowed for the whole program",
    ),
    ("--enable-fips", "there is no TLS"),
    ("--enable-source-maps", "source maps are not read"),
    ("--entry-url", "a program is named by its path"),
    ("--experimental-config-file", "configuration files are not read"),
    ("--experimental-default-config-file", "configuration files are not read"),
    ("--experimental-default-type", "the type of a module comes from its name and its package"),
    ("--experimental-eventsource", "there is no EventSource"),
    ("--experimental-inspector", "there are no such parts of the inspector"),
    ("--experimental-loader", "module hooks cannot be loaded"),
    ("--experimental-network-inspection", "requests are not shown to inspectors"),
    ("--experimental-permission", "there are no permissions"),
    ("--experimental-policy", "there are no policies"),
    ("--experimental-quic", "there is no QUIC"),
    ("--experimental-sea-config", "there are no single executables"),
    ("--experimental-shadow-realm", "there is no ShadowRealm"),
    ("--experimental-specifier-resolution", "file endings must be written"),
    ("--experimental-sqlite", "there is no SQLite"),
    #[cfg(not(feature = "typescript"))]
    ("--experimental-strip-types", "TypeScript is not read"),
    ("--experimental-test-", "the test runner has neither coverage nor module mocks"),
    ("--experimental-transform-types", "types are only erased"),
    ("--experimental-wasm-modules", "there is no WebAssembly"),
    ("--experimental-websocket", "there is no WebSocket"),
    ("--experimental-webstorage", "there is no web storage"),
    ("--experimental-worker-inspection", "there are no workers"),
    ("--force-fips", "there is no TLS"),
    ("--frozen-intrinsics", "built-ins cannot be frozen"),
    ("--global-search-paths", "they are always searched"),
    ("--icu-data-dir", "there is no ICU"),
    ("--insecure-http-parser", "messages are always read strictly"),
    ("--inspect-brk-node", "built-in modules are not stopped in"),
    ("--inspect-publish-uid", "the address is both printed and listed"),
    ("--interpreted-frames-native-stack", "there are no native frames of functions"),
    ("--localstorage-file", "there is no web storage"),
    ("--log", "the engine writes no logs of this kind"),
    ("--openssl-", "there is no TLS"),
    ("--pending-deprecation", "warnings of what may once be deprecated are not there"),
    ("--perf-", "profiles for perf are not written"),
    ("--permission", "there are no permissions"),
    ("--predictable", "the engine has no such mode"),
    ("--print-", "the engine's code cannot be printed"),
    ("--random-", "`Math.random` cannot be seeded"),
    ("--redirect-warnings", "warnings go to standard error"),
    ("--report-", "no reports are written"),
    ("--run", "scripts of packages are run by npm"),
    ("--secure-heap", "there is no TLS"),
    ("--snapshot-blob", "there are no snapshots of programs"),
    ("--stress-", "the engine has no such mode"),
    #[cfg(not(feature = "typescript"))]
    ("--strip-types", "TypeScript is not read"),
    ("--test-", "the test runner does not do this"),
    ("--tls-", "there is no TLS"),
    ("--trace-", "nothing is traced but --trace-gc, --trace-warnings and --trace-deprecation"),
    ("--track-heap-objects", "heap objects are not tracked"),
    ("--use-", "there is no TLS, and no strict mode for whole programs"),
    ("--v8-options", "the engine is not V8"),
    ("--verify-heap", "the engine has no such mode"),
    ("--watch", "files are not watched"),
];

/// Values of which an option has one.
const CHOICES: &[(&str, &[&str])] = &[
    ("--unhandled-rejections", &["none", "strict", "throw", "warn", "warn-with-error-codes"]),
    ("--dns-result-order", &["ipv4first", "ipv6first", "verbatim"]),
    ("--test-reporter", &["dot", "spec", "tap"]),
];

/// Options that `NODE_OPTIONS` may not have: they say what to run.
const NOT_IN_ENVIRONMENT: &[&str] = &[
    "--check",
    "--eval",
    "--expose-internals",
    "--help",
    "--interactive",
    "--print",
    "--test",
    "--version",
];

impl Options {
    /// Reads the words after the program's name, after those of `environment` (`NODE_OPTIONS`).
    pub(crate) fn parse(words: Vec<String>, environment: Option<&str>) -> Result<Self, BadOption> {
        let mut options = Self::default();
        if let Some(text) = environment {
            options.read_environment(text)?;
        }
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            if word == "--" {
                options.exec_argv.push(word);
                if !options.has_inline_script() {
                    options.script = words.next();
                }
                break;
            }
            if !word.starts_with('-') || word == "-" {
                if options.has_inline_script() {
                    options.args.push(word);
                } else {
                    options.script = Some(word);
                }
                break;
            }
            options.exec_argv.push(word.clone());
            if word == "-pe" {
                options.set("--print", Setting::Flag(true));
            }
            let (name, inline) = split(&word);
            let kind = options.accept(&name, &word)?;
            match kind {
                None | Some((_, Kind::Flag)) => {
                    if let Some((known, _)) = kind {
                        options.set_flag(known, &name, inline.as_deref());
                    }
                    // `-p` may be followed by what to evaluate.
                    if name == "--print" {
                        let text = inline.or_else(|| {
                            let value = words.next_if(|next| !next.starts_with('-'))?;
                            options.exec_argv.push(value.clone());
                            Some(value)
                        });
                        if let Some(text) = text {
                            options.set("--eval", Setting::Text(text));
                        }
                    }
                }
                Some((known, Kind::Optional)) => {
                    options.set(known, Setting::Text(inline.unwrap_or_default()));
                }
                Some((known, kind)) => {
                    let value = match inline {
                        Some(value) if value.is_empty() => {
                            return Err(BadOption(format!("{word} requires an argument")));
                        }
                        Some(value) => value,
                        None => {
                            let value = words
                                .next_if(|next| !next.starts_with('-') || next == "-")
                                .ok_or_else(|| BadOption(format!("{word} requires an argument")))?;
                            options.exec_argv.push(value.clone());
                            value
                        }
                    };
                    options.add(known, kind, value);
                }
            }
        }
        options.args.extend(words);
        options.check_values()?;
        Ok(options)
    }

    /// Refuses values that would otherwise be left out without a word.
    fn check_values(&self) -> Result<(), BadOption> {
        for name in NUMBERS {
            if let Some(value) = self.text(name)
                && value.parse::<usize>().is_err()
            {
                return Err(BadOption(format!("{name}={value} is not a whole number")));
            }
        }
        // Infinity is written as a number that is large; below zero is none.
        if let Some(value) = self.text("--stack-trace-limit")
            && value.parse::<i32>().is_err()
        {
            return Err(BadOption(format!("bad option: --stack-trace-limit={value}")));
        }
        for (name, choices) in CHOICES {
            let values = match self.settings.get(*name) {
                Some(Setting::Text(value)) => std::slice::from_ref(value),
                Some(Setting::List(values)) => values,
                _ => continue,
            };
            if values.iter().any(|value| !choices.contains(&value.as_str())) {
                let list = choices.join(", ");
                return Err(BadOption(format!("invalid value for {name} (one of {list})")));
            }
        }
        if self.flag("--test") {
            let others = ["--eval", "--check", "--interactive"];
            if let Some(other) = others.iter().find(|name| self.settings.contains_key(**name)) {
                return Err(BadOption(format!("either --test or {other} can be used, not both")));
            }
        }
        if let Some(Setting::List(reporters)) = self.settings.get("--test-reporter")
            && reporters.len() > 1
        {
            let given = reporters.join(", ");
            return Err(BadOption(format!(
                "--test-reporter is given as {given}: there is one report, on standard output"
            )));
        }
        for name in ["--cpu-prof-dir", "--cpu-prof-interval", "--cpu-prof-name"] {
            if self.settings.contains_key(name) && !self.flag("--cpu-prof") && !self.flag("--prof")
            {
                return Err(BadOption(format!("{name} must be used with --cpu-prof")));
            }
        }
        for name in ["--heap-prof-dir", "--heap-prof-interval", "--heap-prof-name"] {
            if self.settings.contains_key(name) && !self.flag("--heap-prof") {
                return Err(BadOption(format!("{name} must be used with --heap-prof")));
            }
        }
        if let Some(seconds) = self.text("--leak-watch")
            && !seconds.parse().is_ok_and(|seconds: f64| (0.01..=86_400.0).contains(&seconds))
        {
            return Err(BadOption(format!("--leak-watch={seconds}: give seconds, 0.01 to 86400")));
        }
        for name in ["--inspect", "--inspect-brk", "--inspect-port", "--inspect-wait"] {
            if let Some(value) = self.text(name)
                && let Err(text) = crate::address::parse_address(value)
            {
                return Err(BadOption(format!("{name}: {text}")));
            }
        }
        match self.text("--input-type") {
            None | Some("module" | "commonjs") => Ok(()),
            Some(_) => Err(BadOption("--input-type must be \"module\" or \"commonjs\"".to_owned())),
        }
    }

    fn read_environment(&mut self, text: &str) -> Result<(), BadOption> {
        let mut words = words_of(text)?.into_iter();
        while let Some(word) = words.next() {
            let (name, inline) = split(&word);
            let refused = NOT_IN_ENVIRONMENT.contains(&name.as_str());
            if !word.starts_with('-') || word == "-" || word == "--" || refused {
                return Err(BadOption(format!("{word} is not allowed in NODE_OPTIONS")));
            }
            match self.accept(&name, &word)? {
                None => {}
                Some((known, Kind::Flag)) => self.set_flag(known, &name, inline.as_deref()),
                Some((known, Kind::Optional)) => {
                    self.set(known, Setting::Text(inline.unwrap_or_default()));
                }
                Some((known, kind)) => {
                    let value = inline
                        .or_else(|| words.next())
                        .ok_or_else(|| BadOption(format!("{word} requires an argument")))?;
                    self.add(known, kind, value);
                }
            }
        }
        Ok(())
    }

    /// The known option that `name` is; `None` if it is one to leave without effect.
    fn accept(
        &mut self,
        name: &str,
        word: &str,
    ) -> Result<Option<(&'static str, Kind)>, BadOption> {
        let positive = name.strip_prefix("--no-").map(|rest| format!("--{rest}"));
        let wanted = positive.as_deref().unwrap_or(name);
        // `--max-old-space-size` and the like: kept under their own names, by their values.
        if let Some(size) = wanted.strip_prefix("--max-").filter(|rest| rest.ends_with("-size"))
            && let Some((_, value)) = word.split_once('=')
        {
            self.set(&format!("--max-{size}"), Setting::Text(value.to_owned()));
            if wanted != "--max-http-header-size" {
                return Ok(None);
            }
        }
        if let Some(&(known, kind)) = KNOWN.iter().find(|(known, _)| *known == wanted)
            && (positive.is_none() || kind == Kind::Flag)
        {
            return Ok(Some((known, kind)));
        }
        let refused = REFUSED.iter().find(|(start, _)| wanted.starts_with(start));
        let accepted = ACCEPTED.iter().any(|start| wanted.starts_with(start));
        if accepted || (refused.is_some() && positive.is_some()) {
            if !word.contains('=') {
                self.set(wanted, Setting::Flag(positive.is_none()));
            }
            return Ok(None);
        }
        Err(BadOption(match refused {
            Some((_, why)) => format!("bad option: {word} ({why} in sandtide node)"),
            None => format!("bad option: {word}"),
        }))
    }

    /// Sets a flag that was given as `name`; some may have a value.
    fn set_flag(&mut self, known: &str, name: &str, inline: Option<&str>) {
        let on = inline != Some("false") && !name.starts_with("--no-");
        let setting = match inline {
            Some(value) if on && FLAGS_WITH_VALUES.contains(&known) => {
                Setting::Text(value.to_owned())
            }
            _ => Setting::Flag(on),
        };
        self.set(known, setting);
    }

    fn set(&mut self, name: &str, setting: Setting) {
        self.settings.insert(name.to_owned(), setting);
    }

    fn add(&mut self, name: &str, kind: Kind, value: String) {
        if kind == Kind::List
            && let Some(Setting::List(values)) = self.settings.get_mut(name)
        {
            values.push(value);
            return;
        }
        let setting = match kind {
            Kind::List => Setting::List(vec![value]),
            Kind::Text | Kind::Flag | Kind::Optional => Setting::Text(value),
        };
        self.set(name, setting);
    }

    fn has_inline_script(&self) -> bool {
        self.settings.contains_key("--eval") || self.flag("--interactive")
    }

    /// Whether the flag `name` is on; those that are not given are off.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.settings.get(name) == Some(&Setting::Flag(true))
    }

    /// The value of `name`.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.settings.get(name)? {
            Setting::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A value that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.text(name)?.parse().ok()
    }
}

/// The options that `NODE_OPTIONS` may have, as `process.allowedNodeEnvironmentFlags` lists them.
pub(crate) fn environment_flags() -> impl Iterator<Item = &'static str> {
    let known = KNOWN.iter().map(|(name, _)| *name);
    known.filter(|name| !NOT_IN_ENVIRONMENT.contains(name)).chain([
        "--max-old-space-size",
        "--max-semi-space-size",
        "-C",
        "-r",
    ])
}

/// The long name of an option with dashes, and the value behind its `=`.
fn split(word: &str) -> (String, Option<String>) {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
        _ => (word, None),
    };
    let long = match name {
        "-C" => "--conditions",
        "-c" => "--check",
        "-e" | "-pe" => "--eval",
        "-h" => "--help",
        "-i" => "--interactive",
        "-p" => "--print",
        "-r" => "--require",
        "-v" => "--version",
        "--es-module-specifier-resolution" => "--experimental-specifier-resolution",
        "--loader" => "--experimental-loader",
        _ => return (name.replace('_', "-"), value),
    };
    (long.to_owned(), value)
}

/// Splits at spaces outside of double quotes; in quotes a backslash takes the next character as it is.
fn words_of(text: &str) -> Result<Vec<String>, BadOption> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => match letters.next() {
                Some(next) => word.get_or_insert_default().push(next),
                None => {
                    return Err(BadOption(
                        "invalid value for NODE_OPTIONS (invalid escape)".into(),
                    ));
                }
            },
            ' ' if !quoted => words.extend(word.take()),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if quoted {
        return Err(BadOption("invalid value for NODE_OPTIONS (unterminated string)".into()));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options, BadOption> {
        Options::parse(words.iter().map(|&word| word.to_owned()).collect(), None)
    }

    #[test]
    fn options_end_at_the_script() {
        let options = parse(&["--expose_gc", "-r", "./a", "x.js", "--expose-gc", "-e"]).unwrap();
        assert_eq!(options.script.as_deref(), Some("x.js"));
        assert_eq!(options.args, ["--expose-gc", "-e"]);
        assert_eq!(options.exec_argv, ["--expose_gc", "-r", "./a"]);
        assert!(options.flag("--expose-gc"));
        assert_eq!(options.settings["--require"], Setting::List(vec!["./a".to_owned()]));
    }

    #[test]
    fn inline_script_leaves_all_words_to_the_program() {
        let options = parse(&["-p", "1+1", "a", "b"]).unwrap();
        assert_eq!((options.script, options.args), (None, vec!["a".to_owned(), "b".to_owned()]));
        let options = parse(&["-pe", "2", "--", "a"]).unwrap();
        assert!(options.flag("--print"));
        assert_eq!(options.text("--eval"), Some("2"));
        assert_eq!(options.args, ["a"]);
    }

    #[test]
    fn negated_flags_are_off() {
        let options = parse(&["--no-warnings", "--no_deprecation", "x.js"]).unwrap();
        assert_eq!(options.settings["--warnings"], Setting::Flag(false));
        assert_eq!(options.settings["--deprecation"], Setting::Flag(false));
    }

    #[test]
    fn options_of_the_engine_are_taken() {
        let options = parse(&["--max-old-space-size=10", "--harmony-x", "--stack_size=500", "x"]);
        let options = options.unwrap();
        assert_eq!(options.number("--max-old-space-size"), Some(10));
        assert_eq!(options.number("--stack-size"), Some(500));
    }

    #[test]
    fn unknown_options_are_refused() {
        assert_eq!(parse(&["--nope"]).unwrap_err(), BadOption("bad option: --nope".into()));
        let missing = BadOption("--require requires an argument".into());
        assert_eq!(parse(&["--require"]).unwrap_err(), missing);
    }

    #[test]
    fn values_that_mean_nothing_are_refused() {
        let refused = |words: &[&str]| parse(words).unwrap_err().0;
        let number = "--stack-size=x is not a whole number";
        assert_eq!(refused(&["--stack-size=x", "a.js"]), number);
        assert_eq!(
            refused(&["--max-old-space-size=1GB", "a.js"]),
            "--max-old-space-size=1GB is not a whole number"
        );
        let kind = "--input-type must be \"module\" or \"commonjs\"";
        assert_eq!(refused(&["--input-type=esm", "-e", "1"]), kind);
    }

    #[test]
    fn options_that_would_do_nothing_are_refused_with_the_reason() {
        for (word, why) in [
            ("--report-on-signal", "no reports"),
            ("--trace-event-categories=v8", "nothing is traced"),
            ("--trace_sync_io", "nothing is traced"),
            ("--enable-source-maps", "source maps"),
            ("--experimental-loader=./a.mjs", "module hooks"),
            ("--inspect-brk-node", "not stopped in"),
            ("--test-shard=1/2", "test runner"),
            ("--use-strict", "strict mode"),
        ] {
            let refused = parse(&[word, "a.js"]).unwrap_err().0;
            assert!(refused.starts_with(&format!("bad option: {word} (")), "{refused}");
            assert!(refused.contains(why), "{refused}");
            assert!(Options::parse(vec![], Some(word)).is_err(), "{word} in NODE_OPTIONS");
        }
        assert!(parse(&["--no-experimental-strip-types", "--no-experimental-websocket"]).is_ok());
        assert!(parse(&["--trace-gc", "--trace-warnings", "--experimental-vm-modules"]).is_ok());
    }

    #[test]
    fn values_are_of_those_that_an_option_has() {
        for word in ["--unhandled-rejections=x", "--dns-result-order=x", "--test-reporter=x"] {
            let (name, _) = word.split_once('=').unwrap();
            let refused = parse(&[word, "a.js"]).unwrap_err().0;
            assert!(refused.starts_with(&format!("invalid value for {name}")), "{refused}");
        }
        assert!(parse(&["--unhandled-rejections=warn", "a.js"]).is_ok());
        for value in ["x", "1.5"] {
            let word = format!("--stack-trace-limit={value}");
            assert_eq!(parse(&[&word, "a.js"]).unwrap_err().0, format!("bad option: {word}"));
        }
        assert!(parse(&["--stack-trace-limit=-1", "a.js"]).is_ok());
        let empty = parse(&["--conditions=", "a.js"]).unwrap_err().0;
        assert_eq!(empty, "--conditions= requires an argument");
    }

    #[test]
    fn options_of_tests_that_would_be_left_out_are_refused() {
        for (other, value) in [("--eval", Some("1")), ("--check", None), ("--interactive", None)] {
            let words: Vec<&str> = ["--test", other].into_iter().chain(value).collect();
            let refused = parse(&words).unwrap_err().0;
            assert_eq!(refused, format!("either --test or {other} can be used, not both"));
        }
        let refused =
            parse(&["--test", "--test-reporter=tap", "--test-reporter=spec"]).unwrap_err();
        assert!(refused.0.contains("tap, spec: there is one report"), "{refused:?}");
        for word in ["--test-concurrency=x", "--test-concurrency=-1", "--test-timeout=1s"] {
            let refused = parse(&["--test", word]).unwrap_err().0;
            assert_eq!(refused, format!("{word} is not a whole number"));
        }
        assert!(parse(&["--test", "--test-concurrency", "2", "--test-timeout", "5"]).is_ok());
    }

    #[test]
    fn the_environment_gives_options_but_not_scripts() {
        let options =
            Options::parse(vec![], Some(r#"--require "./a b.js" --no-warnings"#)).unwrap();
        assert_eq!(options.settings["--require"], Setting::List(vec!["./a b.js".to_owned()]));
        let refused = Options::parse(vec![], Some("-e 1")).unwrap_err();
        assert_eq!(refused.0, "-e is not allowed in NODE_OPTIONS");
    }
}
