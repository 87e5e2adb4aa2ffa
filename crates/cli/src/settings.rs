//! Where a server's settings come from: flags, the environment and a file, in this order of precedence. A setting
//! is a flag of `serve`: its name, unit, default and check are written there once, and everything else follows
//! from them. Knows nothing of what settings mean.

use std::{
    env,
    error::Error as _,
    ffi::OsString,
    fmt::{self, Write as _},
    fs,
    path::{Path, PathBuf},
};

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};

/// What the environment's names begin with.
const PREFIX: &str = "SANDTIDE_";
/// The setting that may have a password: no message has what it is.
const SECRET: &str = "store";
/// How alike names are from which on one is taken for a slip of the other, by Jaro and Winkler (0 to 1).
const ALIKE: f64 = 0.85;

#[derive(Args)]
pub(crate) struct SettingsFile {
    /// A file in TOML with settings: the names of the flags below, with _ in the place of - (`sandtide config`
    /// writes one). The environment goes before it (SANDTIDE_WORKERS=4, and SANDTIDE_CONFIG for this file), and
    /// flags before both
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl SettingsFile {
    fn path(&self) -> Option<PathBuf> {
        let named = || env::var_os(format!("{PREFIX}CONFIG")).filter(|path| !path.is_empty());
        self.config.clone().or_else(|| named().map(PathBuf::from))
    }
}

/// Who said what a setting is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File(PathBuf),
    /// The variable's name.
    Environment(String),
    /// The flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// What one of them says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Off,
    /// The flag without a value.
    On,
    Values(Vec<OsString>),
}

/// How a setting is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Switch,
    /// A switch that may have a value.
    Optional,
    One,
    Many,
    /// Many values of the form `name=value`.
    Named,
}

/// One setting and what holds of it.
pub(crate) struct Held {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    pub(crate) origin: Origin,
    /// Nothing where nobody says anything, and there is no default that is written with the flag.
    pub(crate) said: Option<Said>,
}

/// All settings.
pub(crate) struct Layered<T> {
    pub(crate) settings: T,
    /// In the flags' order.
    pub(crate) held: Vec<Held>,
    /// What looks like a slip.
    pub(crate) warnings: Vec<String>,
}

impl Kind {
    fn of(arg: &Arg) -> Self {
        let takes_none = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
        match arg.get_action() {
            ArgAction::SetTrue => Self::Switch,
            ArgAction::Append if unit(arg).contains('=') => Self::Named,
            ArgAction::Append => Self::Many,
            _ if takes_none => Self::Optional,
            _ => Self::One,
        }
    }
}

/// The flags that are settings, as a command of their own.
fn table<T: Args>() -> Command {
    let command = Command::new("serve").no_binary_name(true).disable_help_flag(true);
    let mut command = T::augment_args(command);
    command.build();
    command
}

fn key(arg: &Arg) -> String {
    arg.get_id().as_str().to_owned()
}

fn flag(arg: &Arg) -> String {
    format!("--{}", arg.get_long().unwrap_or_default())
}

fn variable(arg: &Arg) -> String {
    format!("{PREFIX}{}", key(arg).to_uppercase())
}

fn unit(arg: &Arg) -> String {
    arg.get_value_names().and_then(<[_]>::first).map(ToString::to_string).unwrap_or_default()
}

impl Said {
    fn words(&self, flag: &str) -> Vec<OsString> {
        match self {
            Self::Off => Vec::new(),
            Self::On => vec![flag.into()],
            Self::Values(values) => {
                let word = |value: &OsString| {
                    let mut word = OsString::from(format!("{flag}="));
                    word.push(value);
                    word
                };
                values.iter().map(word).collect()
            }
        }
    }

    fn of_text(kind: Kind, text: &str) -> Result<Self, String> {
        Ok(match (kind, text) {
            (Kind::Switch | Kind::Optional, "true") => Self::On,
            (Kind::Switch | Kind::Optional, "false") => Self::Off,
            (Kind::Switch, _) => return Err("is neither true nor false".to_owned()),
            (Kind::Many | Kind::Named, _) => {
                Self::Values(text.split(',').map(|item| item.trim().into()).collect())
            }
            _ => Self::Values(vec![text.into()]),
        })
    }

    fn of_toml(kind: Kind, value: &toml::Value) -> Result<Self, String> {
        let one = |value: &toml::Value| match value {
            toml::Value::String(text) => Ok(OsString::from(text)),
            toml::Value::Integer(number) => Ok(number.to_string().into()),
            toml::Value::Float(number) => Ok(number.to_string().into()),
            _ => Err("is neither a text nor a number".to_owned()),
        };
        Ok(match (kind, value) {
            (Kind::Switch | Kind::Optional, toml::Value::Boolean(true)) => Self::On,
            (Kind::Switch | Kind::Optional, toml::Value::Boolean(false)) => Self::Off,
            (Kind::Switch, _) => return Err("is neither true nor false".to_owned()),
            (Kind::Many | Kind::Named, toml::Value::Array(items)) => {
                Self::Values(items.iter().map(one).collect::<Result<_, _>>()?)
            }
            (Kind::Named, toml::Value::Table(items)) => {
                let named = |(name, value): (&String, &toml::Value)| {
                    let mut word = OsString::from(format!("{name}="));
                    word.push(one(value)?);
                    Ok::<_, String>(word)
                };
                Self::Values(items.iter().map(named).collect::<Result<_, _>>()?)
            }
            (_, value) => Self::Values(vec![one(value)?]),
        })
    }
}

/// What a command line, the environment and a file say together. `given` is what was read of the command line.
///
/// # Errors
///
/// With what is wrong, where it stands, and what was meant if that can be told.
pub(crate) fn layered<T: Args>(
    given: &ArgMatches,
    file: &SettingsFile,
) -> Result<Layered<T>, String> {
    let file = match file.path() {
        Some(path) => {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            Some((path, text))
        }
        None => None,
    };
    let file = file.as_ref().map(|(path, text)| (&**path, &**text));
    let environment = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        Some((name, value))
    });
    together(given, environment.collect(), file)
}

fn together<T: Args>(
    given: &ArgMatches,
    environment: Vec<(String, OsString)>,
    file: Option<(&Path, &str)>,
) -> Result<Layered<T>, String> {
    let table = table::<T>();
    let mut all: Vec<Held> = table
        .get_arguments()
        .map(|arg| Held { key: key(arg), kind: Kind::of(arg), origin: Origin::Default, said: None })
        .collect();
    let warnings = slips(&table, &environment);
    let of_file = file.map(|(path, text)| read_file(&table, path, text)).transpose()?;
    for ((at, arg), held) in table.get_arguments().enumerate().zip(&mut all) {
        let in_file = of_file.as_ref().and_then(|said| said[at].clone());
        let (origin, said) = if let Some(said) = of_flags(given, arg) {
            (Origin::Flag(flag(arg)), said)
        } else if let Some(said) = of_environment(&table, arg, &environment)? {
            (Origin::Environment(variable(arg)), said)
        } else if let (Some(said), Some((path, _))) = (in_file, file) {
            (Origin::File(path.to_owned()), said)
        } else {
            continue;
        };
        (held.origin, held.said) = (origin, Some(said));
    }
    give_way(&table, &mut all);
    let words = table.get_arguments().zip(&all).filter_map(|(arg, held)| {
        let said = held.said.as_ref()?;
        Some(said.words(&flag(arg)))
    });
    let words: Vec<_> = words.flatten().collect();
    let matches = table.clone().try_get_matches_from(words).map_err(|error| told(&error))?;
    let settings = T::from_arg_matches(&matches).map_err(|error| told(&error))?;
    for (arg, held) in table.get_arguments().zip(&mut all) {
        if held.said.is_none() && held.kind != Kind::Switch {
            let values = arg.get_default_values();
            held.said = (!values.is_empty())
                .then(|| Said::Values(values.iter().map(|value| value.to_os_string()).collect()));
        } else if held.said.is_none() {
            held.said = Some(Said::Off);
        }
    }
    Ok(Layered { settings, held: all, warnings })
}

/// What the flags say.
fn of_flags(given: &ArgMatches, arg: &Arg) -> Option<Said> {
    let id = arg.get_id().as_str();
    if given.value_source(id) != Some(ValueSource::CommandLine) {
        return None;
    }
    Some(match Kind::of(arg) {
        Kind::Switch => Said::On,
        _ => Said::Values(given.get_raw(id)?.map(Into::into).collect()),
    })
}

fn of_environment(
    table: &Command,
    arg: &Arg,
    environment: &[(String, OsString)],
) -> Result<Option<Said>, String> {
    let name = variable(arg);
    let found = environment.iter().find(|(key, value)| *key == name && !value.is_empty());
    let Some((_, value)) = found else { return Ok(None) };
    let shown = if key(arg) == SECRET { "…".into() } else { value.to_string_lossy() };
    let refused = |why| format!("the variable {name}: {shown:?} {why}");
    let text = value.to_str().ok_or_else(|| refused("is not UTF-8".to_owned()))?;
    let said = Said::of_text(Kind::of(arg), text).map_err(refused)?;
    check(table, arg, &said).map_err(refused)?;
    Ok(Some(said))
}

/// What a file says of each setting, in the table's order.
fn read_file(table: &Command, path: &Path, text: &str) -> Result<Vec<Option<Said>>, String> {
    let path = path.display();
    // The line itself may have a password.
    let broken = |error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("{path}: line {line}: {}", error.message())
    };
    let content: toml::Table = text.parse().map_err(broken)?;
    let keys: Vec<_> = table.get_arguments().map(key).collect();
    let mut said = vec![None; keys.len()];
    for (name, value) in &content {
        let Some(at) = keys.iter().position(|key| key == name) else {
            let meant = nearest(name, &keys).map(|key| format!("; `{key}` is"));
            return Err(format!(
                "{path}: `{name}` is no setting{}",
                meant.unwrap_or_else(|| "; `sandtide config` lists them".to_owned())
            ));
        };
        let Some(arg) = table.get_arguments().nth(at) else { continue };
        let refused = |why| format!("{path}: {name} = {} {why}", shown(value));
        let one = Said::of_toml(Kind::of(arg), value).map_err(refused)?;
        check(table, arg, &one).map_err(refused)?;
        said[at] = Some(one);
    }
    Ok(said)
}

/// A value as a message shows it.
fn shown(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => format!("{text:?}"),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(yes) => yes.to_string(),
        toml::Value::Array(_) => "[…]".to_owned(),
        toml::Value::Table(_) => "{…}".to_owned(),
        toml::Value::Datetime(_) => "a time".to_owned(),
    }
}

/// Fails where a setting's flag would not take the value.
fn check(table: &Command, arg: &Arg, said: &Said) -> Result<(), String> {
    let Err(error) = table.clone().try_get_matches_from(said.words(&flag(arg))) else {
        return Ok(());
    };
    match error.kind() {
        ErrorKind::ValueValidation => Err(error.source().map_or_else(
            || format!("is refused by {}", flag(arg)),
            |why| match why.to_string() {
                why if why.starts_with("is ") => why,
                why => format!("is refused: {why}"),
            },
        )),
        ErrorKind::InvalidValue => Err(match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) => format!("is none of: {}", valid.join(", ")),
            _ => format!("is refused by {}", flag(arg)),
        }),
        // Whether it goes with others shows when all are there.
        _ => Ok(()),
    }
}

/// Has what stands lower give way to what excludes it and stands higher.
fn give_way(table: &Command, all: &mut [Held]) {
    let rank = |held: &Held| match (&held.said, &held.origin) {
        (None | Some(Said::Off), _) | (_, Origin::Default) => 0,
        (_, Origin::File(_)) => 1,
        (_, Origin::Environment(_)) => 2,
        (_, Origin::Flag(_)) => 3,
    };
    let ranks: Vec<_> = all.iter().map(rank).collect();
    let keys: Vec<_> = table.get_arguments().map(key).collect();
    for (at, arg) in table.get_arguments().enumerate() {
        for other in table.get_arg_conflicts_with(arg) {
            let Some(other) = keys.iter().position(|known| *known == key(other)) else { continue };
            let lower = if ranks[at] < ranks[other] { at } else { other };
            if ranks[at] != ranks[other] && ranks[lower] > 0 {
                (all[lower].said, all[lower].origin) = (None, Origin::Default);
            }
        }
    }
}

/// Variables that are no settings and look like some. Others are left alone: Kubernetes sets SANDTIDE_PORT and
/// its like for a service of this name.
fn slips(table: &Command, environment: &[(String, OsString)]) -> Vec<String> {
    let mut known: Vec<_> = table.get_arguments().map(|arg| key(arg).to_uppercase()).collect();
    known.extend(["CONFIG", "SECRET_KEY", "STORE_PASSWORD"].map(str::to_owned));
    let names = environment.iter().filter_map(|(name, _)| name.strip_prefix(PREFIX));
    let unknown = names.filter(|name| !known.iter().any(|known| known == name));
    let meant = unknown.filter_map(|name| Some((name, nearest(name, &known)?)));
    meant
        .map(|(name, meant)| {
            format!("the variable {PREFIX}{name} is no setting; {PREFIX}{meant} is")
        })
        .collect()
}

fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let name = name.replace('-', "_");
    let alike = known.iter().map(|known| (strsim::jaro_winkler(&name, known), known));
    let best = alike.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, known)| &**known)
}

/// The first paragraph of what clap says, without its word for an error.
fn told(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.split("\n\nUsage").next().unwrap_or_default();
    first.trim_start_matches("error: ").trim_end().to_owned()
}

/// The table of settings as documentation shows it.
#[cfg_attr(not(test), expect(dead_code, reason = "a test compares the documentation with it"))]
fn documented<T: Args>() -> String {
    let mut out = String::from("| setting | takes | default | meaning |\n|---|---|---|---|\n");
    for arg in table::<T>().get_arguments() {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let (meaning, told) = match help.split_once(" [default: ") {
            Some((before, rest)) => {
                let (default, after) = rest.split_once(']').unwrap_or((rest, ""));
                (format!("{before}{after}"), Some(default.to_owned()))
            }
            None => (help, None),
        };
        let written = arg.get_default_values().first().map(|value| value.to_string_lossy());
        let kind = Kind::of(arg);
        let default = told.or_else(|| written.map(|value| format!("`{value}`")));
        let none = if kind == Kind::Switch { "`false`" } else { "" };
        let takes = match (kind, &*unit(arg)) {
            (Kind::Switch, _) => "`true`, `false`",
            (Kind::Named, _) => "a table of names and numbers",
            (_, "N") => "a number",
            (_, "SIZE") => "a size in bytes, or with a unit: `16MiB`",
            (_, "TIME") => "a time with a unit: `30s`, `500ms`",
            (Kind::Optional, _) => "an address with a port, or `true`",
            (_, "ADDRESS") => "an address with a port",
            (_, "DIR" | "DIRECTORY" | "FILE") => "a path",
            (Kind::Many, _) => "an array of texts",
            _ => "a text",
        };
        let one_of = arg.get_possible_values().into_iter();
        let one_of: Vec<_> = one_of.map(|value| format!("`{}`", value.get_name())).collect();
        let takes = match (kind, one_of.is_empty()) {
            (Kind::One, false) => one_of.join(", "),
            _ => takes.to_owned(),
        };
        let (key, default) = (key(arg), default.unwrap_or_else(|| none.to_owned()));
        // Writing to a text cannot fail.
        let _ =
            writeln!(out, "| `{key}` | {takes} | {default} | {} |", meaning.replace('|', "\\|"));
    }
    out
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, path::Path};

    use super::{Layered, Origin, Said, documented, table, together};
    use crate::serve::Settings;

    fn read(
        flags: &[&str],
        environment: &[(&str, &str)],
        file: &str,
    ) -> Result<Layered<Settings>, String> {
        let given = table::<Settings>().try_get_matches_from(flags).unwrap();
        let environment = environment.iter();
        let environment =
            environment.map(|(name, value)| ((*name).to_owned(), OsString::from(value)));
        together(&given, environment.collect(), Some((Path::new("s.toml"), file)))
    }

    fn shown(said: &Said) -> String {
        match said {
            Said::Off => "false".to_owned(),
            Said::On => "true".to_owned(),
            Said::Values(values) => {
                let all: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
                all.join(",")
            }
        }
    }

    fn held(layered: &Layered<Settings>, key: &str) -> (String, String) {
        let held = layered.held.iter().find(|held| held.key == key).unwrap();
        (held.said.as_ref().map_or_else(|| "-".to_owned(), shown), held.origin.to_string())
    }

    fn pair(value: &str, origin: &str) -> (String, String) {
        (value.to_owned(), origin.to_owned())
    }

    #[test]
    fn flags_go_before_the_environment_and_that_before_the_file() {
        let file = "workers = 3\nqueue = 10\ndrain = '3s'\ntotals = true";
        let env =
            [("SANDTIDE_WORKERS", "4"), ("SANDTIDE_QUEUE", "11"), ("SANDTIDE_TOTALS", "false")];
        let all = read(&["--workers", "5"], &env, file).unwrap();
        assert_eq!(held(&all, "workers"), pair("5", "--workers"));
        assert_eq!(held(&all, "queue"), pair("11", "SANDTIDE_QUEUE"));
        assert_eq!(held(&all, "drain"), pair("3s", "s.toml"));
        assert_eq!(held(&all, "totals"), pair("false", "SANDTIDE_TOTALS"));
        assert_eq!(held(&all, "max_body"), pair("8MiB", "default"));
        assert_eq!(held(&all, "cgroup"), pair("-", "default"));
        let config = all.settings.config().unwrap();
        assert_eq!((config.workers, config.tenant_queue, config.totals), (5, 11, false));
    }

    #[test]
    fn each_kind_of_setting_can_be_in_a_file() {
        let file = "listen = '127.0.0.1:0'\nallow_host = ['a.example', 'b.example']\nallow_debug = true\n\
                    in_memory = true\nisolation = 'thread'\n[tenant_weight]\nharbour = 3";
        let all = read(&[], &[], file).unwrap();
        let config = all.settings.config().unwrap();
        assert_eq!(config.allowed_hosts, ["a.example", "b.example"]);
        assert_eq!(config.tenant_weights["harbour"], 3);
        assert!(config.allow_debug.is_some() && config.data.is_none());
        let env = [("SANDTIDE_ALLOW_HOST", "c, d"), ("SANDTIDE_TENANT_WEIGHT", "a=2,b=4")];
        let config = read(&[], &env, file).unwrap().settings.config().unwrap();
        assert_eq!(config.allowed_hosts, ["c", "d"]);
        assert_eq!(config.tenant_weights.len(), 2);
    }

    #[test]
    fn what_is_unknown_is_refused_with_what_was_meant() {
        let refused = |file| read(&[], &[], file).err().unwrap();
        assert_eq!(refused("wokers = 3"), "s.toml: `wokers` is no setting; `workers` is");
        assert_eq!(refused("max-body = 3"), "s.toml: `max-body` is no setting; `max_body` is");
        assert!(refused("colour = 'red'").contains("lists them"));
        assert!(refused("config = 'b.toml'").contains("is no setting"));
        assert!(refused("workers = ").contains("s.toml"), "no TOML");
        let all =
            read(&[], &[("SANDTIDE_WORKRES", "3"), ("SANDTIDE_PORT", "tcp://1")], "").unwrap();
        assert_eq!(
            all.warnings,
            ["the variable SANDTIDE_WORKRES is no setting; SANDTIDE_WORKERS is"]
        );
    }

    #[test]
    fn a_value_that_is_refused_is_told_with_where_it_stands() {
        let refused = |env: &[_], file| read(&[], env, file).err().unwrap();
        assert_eq!(
            refused(&[], "workers = 0"),
            "s.toml: workers = 0 is not a whole number from 1 to 1024"
        );
        assert_eq!(
            refused(&[], "isolation = 'none'"),
            "s.toml: isolation = \"none\" is none of: process, thread"
        );
        assert!(refused(&[], "totals = 'yes'").contains("neither true nor false"));
        assert!(refused(&[], "drain = 3").contains("s.toml: drain = 3 is refused"));
        assert_eq!(
            refused(&[("SANDTIDE_WORKERS", "many")], ""),
            "the variable SANDTIDE_WORKERS: \"many\" is not a whole number from 1 to 1024"
        );
        assert!(refused(&[], "cgroup_cpus = 1.5").contains("--cgroup"), "what it needs is missing");
    }

    #[test]
    fn no_message_has_the_password_of_a_database() {
        let url = "postgres://u:hidden@h/d";
        let bad = "postgres://u:hidden@h/d?sslmode=maybe";
        let config = |flags: &[_], env: &[_], file: &str| {
            read(flags, env, file).and_then(|all| all.settings.config())
        };
        for refused in [
            config(&["--store", bad], &[], ""),
            config(&[], &[("SANDTIDE_STORE", bad)], ""),
            config(&[], &[], &format!("store = '{bad}'")),
            config(&[], &[], &format!("store = ['{url}']")),
            config(&[], &[], &format!("store = \"{url}\nworkers = 3")),
            config(&[], &[], &format!("store = '{url}'\ndata = '/kept'")),
            config(&[], &[("SANDTIDE_STORES", url), ("SANDTIDE_WORKERS", "0")], ""),
        ] {
            let message = refused.err().unwrap();
            assert!(!message.contains("hidden"), "{message}");
        }
        let good = config(&["--store", url], &[], "data = '/kept'").unwrap();
        assert!(!format!("{good:?}").contains("hidden"));
        assert!(good.data.is_none() && good.store.is_some());
        assert!(read(&[], &[("SANDTIDE_STORE_PASSWORD", "x")], "").unwrap().warnings.is_empty());
    }

    #[test]
    fn what_excludes_another_setting_goes_before_it_where_it_stands_higher() {
        let all = read(&["--in-memory"], &[], "data = '/kept'").unwrap();
        assert!(all.settings.config().unwrap().data.is_none());
        assert_eq!(held(&all, "data").1, Origin::Default.to_string());
        let all = read(&["--data", "/here"], &[], "in_memory = true").unwrap();
        assert_eq!(all.settings.config().unwrap().data.as_deref(), Some(Path::new("/here")));
        let both = read(&[], &[], "data = '/kept'\nin_memory = true").err().unwrap();
        assert!(both.contains("cannot be used with"), "{both}");
    }

    #[test]
    fn the_documentation_has_the_table_of_settings() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let documentation = std::fs::read_to_string(path).unwrap();
        let table = documented::<Settings>();
        assert!(documentation.contains(&table), "docs/configuration.md is to have:\n{table}");
        for arg in super::table::<Settings>().get_arguments() {
            assert!(arg.get_help().is_some(), "{} has no help", arg.get_id());
        }
    }
}
