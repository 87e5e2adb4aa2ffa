//! `sandtide run`: one script file, one run, its value on standard output.

use std::{
    collections::HashSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use sandtide::{
    Error, Form, GlobalsBack, HostFunction, HttpResponse, Image, Instance, Limits, Outcome, Run,
    Script, ScriptOptions, Stopwatch, Value, check_time_zone, imports_of, joined_specifier,
};
use sandtide_net::{Network, Rules};
use sandtide_server::outcome_json;
use tokio::runtime::Runtime;

use crate::{
    args::{Global, LimitArgs, Module, check_json},
    diagnose::{DiagnoseArgs, Diagnosis},
    exit::{EXIT_CODES, Exit, flag_that_raises},
    modules::{Disk, imports_at_run_time},
    network::NetworkArgs,
    print::{self, Sources},
    request::RequestArgs,
    serve::io_runtime,
    terminal::{self, Line, complain},
};

/// Name that stack traces show for a script from standard input.
const STDIN: &str = "stdin.js";
/// Modules that one script may pull in from disk.
const MAX_MODULES: usize = 1_000;

#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct RunArgs {
    /// The script; `-` reads it from standard input. An ES module is called with the input (its
    /// default export; a handler with --request); any other script is run, and its last expression is the
    /// value.
    file: PathBuf,
    /// A global variable, its value written as JSON
    #[arg(long = "global", value_name = "NAME=JSON")]
    globals: Vec<Global>,
    /// The input as JSON, or `-` to read JSON from standard input; a script that is no module
    /// reads it as the global `input`
    #[arg(long, value_name = "JSON|-", allow_hyphen_values = true)]
    input: Option<String>,
    /// A script that is run before, while the sandbox is prepared
    #[arg(long = "setup", value_name = "FILE")]
    setup: Vec<PathBuf>,
    /// A module that the script can import; those with a relative path (`./part.js`) are found
    /// beside the script without this, for `import()` where the path is written out
    #[arg(long = "module", value_name = "SPECIFIER=FILE")]
    modules: Vec<Module>,
    /// The time zone of `Date`'s local times and of `Intl`: an IANA name, as `Europe/Berlin`, or an
    /// offset, as `+05:30`; UTC without it, whatever zone the machine has
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    time_zone: Option<String>,
    /// Prints one JSON object: value or error, logs, usage
    #[arg(long)]
    json: bool,
    /// Prints what the run took, on standard error
    #[arg(long)]
    usage: bool,
    /// Prints the globals that the script made or changed, too
    #[arg(long)]
    show_globals: bool,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    diagnose: DiagnoseArgs,
}

/// A message that ends the program before the script was run.
struct Refused(String);

pub(crate) fn run(args: &RunArgs) -> Exit {
    match prepare(args) {
        Ok((outcome, sources, diagnosis)) => {
            let exit = report(args, &outcome, &sources);
            if diagnosis.tell() || !matches!(exit, Exit::Ok) { exit } else { Exit::Internal }
        }
        Err(Refused(message)) => {
            complain(&message);
            Exit::Usage
        }
    }
}

fn prepare(args: &RunArgs) -> Result<(Outcome, Sources, Diagnosis), Refused> {
    let limits = args.limits.limits().map_err(Refused)?;
    if let Some(name) = &args.time_zone {
        check_time_zone(name).map_err(|error| Refused(error.to_string()))?;
    }
    let from_stdin = args.file == Path::new("-");
    let input = match args.input.as_deref() {
        Some("-") if from_stdin => {
            return Err(Refused(
                "the script and the input cannot both be `-`: give one of them otherwise"
                    .to_owned(),
            ));
        }
        Some("-") => Some(stdin()?),
        Some(json) => Some(json.to_owned()),
        None => None,
    };
    if let Some(json) = &input {
        check_json(json).map_err(|error| {
            let hint = match args.input.as_deref() {
                Some("-") => "",
                _ => "; --input takes the JSON text itself, or `--input - < FILE` reads a file",
            };
            Refused(format!("the input is not JSON: {error}{hint}"))
        })?;
    }
    let (file, source) = if from_stdin {
        (STDIN.to_owned(), stdin()?)
    } else {
        (args.file.display().to_string(), read(&args.file)?)
    };

    let network = args.granted().map_err(Refused)?;
    let mut parts = Parts {
        file,
        source,
        setup: named(&args.setup)?,
        modules: Vec::new(),
        disk: Disk::beside((!from_stdin).then_some(args.file.as_path())),
        limits,
        time_zone: args.time_zone.clone(),
        fetch: network.as_ref().map(|(_, fetch)| fetch.clone()),
    };
    for module in &args.modules {
        parts.modules.push((module.specifier.clone(), read(&module.file)?));
    }
    let mut run = Run::new().limits(limits);
    for Global { name, json } in &args.globals {
        run = run.global_json(name, json.as_str());
    }
    if args.show_globals {
        run = run.globals_back(GlobalsBack::Changed);
    }
    if let Some(request) = args.request.request().map_err(Refused)? {
        run = run.http_request(request);
    }
    let (run, diagnosis) = args.diagnose.ask(run).map_err(Refused)?;
    let since = Stopwatch::start();
    let outcome = parts.run(run.since(since), input, since).unwrap_or_else(|error| {
        let mut outcome = Outcome::failed(whole(error, &limits));
        outcome.usage.wall = since.elapsed();
        outcome.usage.build = outcome.usage.wall;
        outcome.usage.cpu = since.cpu();
        outcome
    });
    Ok((outcome, parts.sources(), diagnosis))
}

/// Everything that a sandbox is made of.
struct Parts {
    file: String,
    source: String,
    setup: Vec<(String, String)>,
    modules: Vec<(String, String)>,
    disk: Disk,
    limits: Limits,
    time_zone: Option<String>,
    fetch: Option<HostFunction>,
}

impl RunArgs {
    /// The network that was granted, with the threads that do it.
    fn granted(&self) -> Result<Option<(Runtime, HostFunction)>, String> {
        let Some(hosts) = &self.network.allow_net else { return Ok(None) };
        let runtime = io_runtime()
            .map_err(|error| format!("cannot start the threads that do I/O: {error}"))?;
        let mut network = Network::new(runtime.handle().clone()).limits(self.network.limits());
        if let Some(pem) = self.network.authorities()? {
            network = network.trusting(&pem).map_err(|error| format!("--net-ca: {error}"))?;
        }
        let fetch = network.fetch(Rules::new(hosts.clone()));
        Ok(Some((runtime, fetch)))
    }
}

impl Parts {
    /// Everything from compiling on has the one limit of time, which counts from `since` on.
    fn run(
        &mut self,
        mut run: Run,
        input: Option<String>,
        since: Stopwatch,
    ) -> Result<Outcome, Error> {
        let options = ScriptOptions::new().file(&*self.file).limits(left(&self.limits, since));
        let script = Script::compile(&*self.source, options)?;
        let mut instance = Instance::with_heap(&Image::base(), self.limits.heap)?;
        self.gather(since)?;
        self.build(&script, &mut instance, since)?;
        if let Some(json) = input {
            run = match script.form() {
                Form::Classic => run.global_json("input", json),
                _ => run.input_json(json),
            };
        }
        Ok(instance.run(&run))
    }

    /// Reads from disk what the script imports by relative path, what these modules import, and so on; then
    /// what `import()` may ask for. What cannot be read is left to `build`, which finds it missing.
    fn gather(&mut self, since: Stopwatch) -> Result<(), Error> {
        let mut known: HashSet<String> =
            self.modules.iter().map(|(name, _)| name.clone()).collect();
        known.insert(self.file.clone());
        for at in 0.. {
            let Some((from, source)) = self.nth(at) else { break };
            let imports = match self.imports(from, source, since) {
                // Said where the whole is built, with its place.
                Err(Error::Syntax(_)) => Vec::new(),
                imports => imports?,
            };
            let from = from.to_owned();
            self.read_all(&imports, &from, &mut known);
        }
        let certain = self.modules.len();
        for at in 0.. {
            let Some((from, source)) = self.nth(at) else { break };
            let mut asked = imports_at_run_time(source);
            if at > certain {
                // Perhaps nobody asks for this one: `import()` says what is wrong with it.
                asked.extend(self.imports(from, source, since).unwrap_or_default());
            }
            let from = from.to_owned();
            self.read_all(&asked, &from, &mut known);
        }
        Ok(())
    }

    /// Name and source of the script, which is the 0th, and of the modules after it.
    fn nth(&self, at: usize) -> Option<(&str, &str)> {
        match at.checked_sub(1) {
            None => Some((&self.file, &self.source)),
            Some(at) => self.modules.get(at).map(|(name, source)| (&**name, &**source)),
        }
    }

    /// What a source imports, but for `import()`.
    fn imports(&self, file: &str, source: &str, since: Stopwatch) -> Result<Vec<String>, Error> {
        imports_of(source, ScriptOptions::new().file(file).limits(left(&self.limits, since)))
    }

    /// Reads of what `from` imports the modules that are not `known` yet.
    fn read_all(&mut self, imports: &[String], from: &str, known: &mut HashSet<String>) {
        for specifier in imports.iter().filter(|specifier| specifier.starts_with('.')) {
            let joined = joined_specifier(from, specifier);
            let names = [&format!("./{joined}"), &joined, specifier];
            if self.modules.len() < MAX_MODULES
                && !names.into_iter().any(|name| known.contains(name))
                && let Ok(found) = self.disk.read(specifier, from)
            {
                known.insert(found.name.clone());
                self.modules.push((found.name, found.source));
            }
        }
    }

    /// Builds the image, and again with one module more as long as one is missing that is found
    /// on disk: what `import()` asks for shows only now.
    fn build(
        &mut self,
        script: &Script,
        instance: &mut Instance,
        since: Stopwatch,
    ) -> Result<Image, Error> {
        loop {
            let mut builder = Image::builder().build_limits(left(&self.limits, since));
            if let Some(name) = &self.time_zone {
                builder = builder.time_zone(name);
            }
            if let Some(fetch) = &self.fetch {
                builder = builder.grant(fetch.clone());
            }
            for (file, source) in &self.setup {
                builder = builder.setup(&**source, ScriptOptions::new().file(&**file));
            }
            for (specifier, source) in &self.modules {
                builder = builder.module(&**specifier, &**source);
            }
            match instance.build(builder.script(script)) {
                Err(Error::ModuleNotFound { specifier, from }) if specifier.starts_with('.') => {
                    if self.modules.len() == MAX_MODULES {
                        complain(&format!(
                            "{MAX_MODULES} modules were read from disk, and no more are; bundle them \
                             into fewer files"
                        ));
                        return Err(Error::ModuleNotFound { specifier, from });
                    }
                    match self.disk.read(&specifier, &from) {
                        // The same name again would be asked for without end.
                        Ok(found) if self.modules.iter().any(|(name, _)| *name == found.name) => {
                            return Err(Error::ModuleNotFound { specifier, from });
                        }
                        Ok(found) => self.modules.push((found.name, found.source)),
                        Err(reason) => {
                            complain(&reason);
                            return Err(Error::ModuleNotFound { specifier, from });
                        }
                    }
                }
                other => return other,
            }
        }
    }

    fn sources(self) -> Sources {
        let mut sources = Sources::default();
        sources.add(self.file, self.source);
        for (file, source) in self.setup.into_iter().chain(self.modules) {
            sources.add(file, source);
        }
        sources
    }
}

fn report(args: &RunArgs, outcome: &Outcome, sources: &Sources) -> Exit {
    let mut out = Vec::new();
    let response = match &outcome.result {
        Ok(value) if args.request.is_asked() => HttpResponse::of(value.clone()),
        _ => None,
    };
    if args.json {
        out.push(Line::Json(outcome_json(outcome, args.show_globals)));
    } else {
        for line in &outcome.logs {
            complain(&print::log_line(line));
        }
        match &outcome.result {
            Ok(_) if response.is_some() => {}
            Ok(Value::String(text)) => out.push(Line::Raw(text)),
            Ok(value) => out.push(Line::Text(print::result(value).into_owned())),
            Err(_) => {}
        }
        for (name, value) in &outcome.globals {
            out.push(Line::Text(format!("{name} = {}", print::result(value))));
        }
    }
    let answered = match response {
        Some(response) if !args.json => terminal::answer_bytes(&args.request.shown(response)),
        _ => Ok(()),
    };
    if let Err(error) = answered.and_then(|()| terminal::answer(&out)) {
        complain(&format!("the value could not be written: {error}"));
        return Exit::Internal;
    }
    if let (Err(error), false) = (&outcome.result, args.json) {
        complain(&print::error(error, sources));
        if let Some(flag) = flag_that_raises(error) {
            complain(&format!("{flag} raises this limit"));
        }
        if let Error::ModuleNotFound { specifier, .. } = error
            && !specifier.starts_with('.')
        {
            complain(&format!("--module '{specifier}=FILE' gives it to the script"));
        }
    }
    if args.usage {
        complain(&print::usage(&outcome.usage));
    }
    outcome.result.as_ref().map_or_else(Exit::from, |_| Exit::Ok)
}

fn named(files: &[PathBuf]) -> Result<Vec<(String, String)>, Refused> {
    files.iter().map(|file| Ok((file.display().to_string(), read(file)?))).collect()
}

fn read(file: &Path) -> Result<String, Refused> {
    fs::read_to_string(file)
        .map_err(|error| Refused(format!("cannot read {}: {error}", file.display())))
}

fn stdin() -> Result<String, Refused> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Refused(format!("cannot read standard input: {error}")))?;
    Ok(text)
}

/// What is left of the time since `since`, in limits that are otherwise the same.
fn left(limits: &Limits, since: Stopwatch) -> Limits {
    let spent = since.elapsed();
    let least = Duration::from_millis(1);
    let left = |time: Duration| time.saturating_sub(spent).max(least);
    Limits { wall: left(limits.wall), cpu: left(limits.cpu), ..*limits }
}

/// The error with the limit that was asked for, where a rest of it was hit.
fn whole(error: Error, limits: &Limits) -> Error {
    match error {
        Error::WallTime { .. } => Error::WallTime { limit: limits.wall },
        Error::CpuTime { .. } => Error::CpuTime { limit: limits.cpu },
        other => other,
    }
}
