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
}

/// Options that mean something here, or whose values must be skipped.
const KNOWN: &[(&str, Kind)] = &[
    ("--abort-on-uncaught-exception", Kind::Flag),
    ("--check", Kind::Flag),
    ("--conditions", Kind::List),
    ("--deprecation", Kind::Flag),
    ("--disable-warning", Kind::List),
    ("--disallow-code-generation-from-strings", Kind::Flag),
    ("--dns-result-order", Kind::Text),
    ("--enable-source-maps", Kind::Flag),
    ("--env-file", Kind::List),
    ("--env-file-if-exists", Kind::List),
    ("--eval", Kind::Text),
    ("--experimental-loader", Kind::List),
    ("--expose-gc", Kind::Flag),
    ("--expose-internals", Kind::Flag),
    ("--force-context-aware", Kind::Flag),
    ("--gc-global", Kind::Flag),
    ("--global-search-paths", Kind::Flag),
    ("--help", Kind::Flag),
    ("--icu-data-dir", Kind::Text),
    ("--import", Kind::List),
    ("--input-type", Kind::Text),
    ("--interactive", Kind::Flag),
    ("--max-http-header-size", Kind::Text),
    ("--pending-deprecation", Kind::Flag),
    ("--preserve-symlinks", Kind::Flag),
    ("--preserve-symlinks-main", Kind::Flag),
    ("--print", Kind::Flag),
    ("--require", Kind::List),
    ("--stack-size", Kind::Text),
    ("--stack-trace-limit", Kind::Text),
    ("--test", Kind::Flag),
    ("--test-name-pattern", Kind::List),
    ("--test-reporter", Kind::List),
    ("--test-reporter-destination", Kind::List),
    ("--throw-deprecation", Kind::Flag),
    ("--title", Kind::Text),
    ("--trace-deprecation", Kind::Flag),
    ("--trace-gc", Kind::Flag),
    ("--trace-uncaught", Kind::Flag),
    ("--trace-warnings", Kind::Flag),
    ("--track-heap-objects", Kind::Flag),
    ("--unhandled-rejections", Kind::Text),
    ("--use-strict", Kind::Flag),
    ("--version", Kind::Flag),
    ("--warnings", Kind::Flag),
    ("--zero-fill-buffers", Kind::Flag),
];

/// Options with an effect whose value is a number.
const NUMBERS: &[&str] = &["--max-old-space-size", "--stack-size"];

/// Starts of names of options that are harmless to leave without effect. Those of the engine that
/// Node has (`--max-semi-space-size`, `--no-opt`, ...) have their values after a `=`.
const ACCEPTED: &[&str] = &[
    "--addons",
    "--allow-natives-syntax",
    "--always-",
    "--async-context-frame",
    "--cache-",
    "--compile-cache",
    "--concurrent-",
    "--deadline",
    "--enable-",
    "--entry-url",
    "--es-staging",
    "--experimental-",
    "--flush-bytecode",
    "--force-",
    "--gc-",
    "--harmony",
    "--heap-growing",
    "--huge-max-old-generation-size",
    "--incremental-marking",
    "--initial-",
    "--insecure-http-parser",
    "--interpreted-frames-native-stack",
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
    "--node-",
    "--opt",
    "--parallel-",
    "--perf-",
    "--predictable",
    "--prof",
    "--random-",
    "--report-",
    "--scavenger",
    "--semi-space-",
    "--shadow-realm",
    "--single-threaded",
    "--sparkplug",
    "--stack-",
    "--stress-",
    "--strip-types",
    "--test-",
    "--trace-",
    "--turbo",
    "--use-",
    "--v8-",
    "--verify-",
    "--wasm-",
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
                        let on = inline.as_deref() != Some("false") && !name.starts_with("--no-");
                        options.set(known, Setting::Flag(on));
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
                Some((known, kind)) => {
                    let value = match inline {
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
                Some((known, Kind::Flag)) => {
                    let on = inline.as_deref() != Some("false") && !name.starts_with("--no-");
                    self.set(known, Setting::Flag(on));
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
        if ACCEPTED.iter().any(|start| wanted.starts_with(start)) {
            if !word.contains('=') {
                self.set(wanted, Setting::Flag(positive.is_none()));
            }
            return Ok(None);
        }
        Err(BadOption(format!("bad option: {word}")))
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
            Kind::Text | Kind::Flag => Setting::Text(value),
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
    fn the_environment_gives_options_but_not_scripts() {
        let options =
            Options::parse(vec![], Some(r#"--require "./a b.js" --no-warnings"#)).unwrap();
        assert_eq!(options.settings["--require"], Setting::List(vec!["./a b.js".to_owned()]));
        let refused = Options::parse(vec![], Some("-e 1")).unwrap_err();
        assert_eq!(refused.0, "-e is not allowed in NODE_OPTIONS");
    }
}
