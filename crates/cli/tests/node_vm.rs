//! The tests of the `vm` module (`crates/node/tests/vm`), run by `sandtide node` and, where there is
//! one, by a real Node: what the tests expect is what the original does.

#[path = "node/limited.rs"]
mod limited;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use limited::Limited;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/tests/vm")
}

/// The words after `// Flags:` on the first line of a test file.
fn flags(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let first = text.lines().next().unwrap_or_default();
    let words = first.strip_prefix("// Flags:").unwrap_or_default();
    words.split_whitespace().map(str::to_owned).collect()
}

fn run(mut program: Command, file: &Path) -> Limited {
    limited::clean(program.args(flags(file)).arg(file));
    limited::run(program, "")
}

fn succeeded(output: &Limited) -> bool {
    output.status.is_some_and(|status| status.success())
}

/// Panics with the lines that tell of failures, or with everything if the file did not even finish.
fn expect_passed(who: &str, file: &Path, output: &Limited) {
    if succeeded(output) {
        return;
    }
    let Limited { status, stdout, stderr } = output;
    let all = status.is_none();
    let told = stdout.lines().filter(|line| all || !line.starts_with("ok - "));
    let told = told.collect::<Vec<_>>().join("\n");
    panic!("{who} on {}: {}\n{told}\n{stderr}", file.display(), output.ending());
}

/// The real Node to compare with: the one that the environment names, or the one on the path.
fn reference() -> Option<Command> {
    let name = env::var_os("SANDTIDE_REFERENCE_NODE").unwrap_or_else(|| "node".into());
    let found = Command::new(&name).arg("--version").output().ok()?;
    found.status.success().then(|| Command::new(&name))
}

fn check(name: &str) {
    let file = folder().join(format!("{name}.js"));
    if let Some(node) = reference() {
        expect_passed("the real node", &file, &run(node, &file));
    }
    let mut sandtide = Command::new(env!("CARGO_BIN_EXE_sandtide"));
    sandtide.arg("node");
    expect_passed("sandtide node", &file, &run(sandtide, &file));
}

macro_rules! files {
    ($($name:ident)*) => {
        const FILES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*
    };
}

files! {
    additions
    arguments
    compile_function
    contextify_attributes
    contextify_constants
    contextify_declarations
    contextify_eval
    contextify_globals
    contextify_prototypes
    contextify_proxies
    contextify_realms
    contextify_set_prototype
    contextify_views
    create_context
    display_errors
    dynamic_import
    dynamic_import_default
    functions
    host_functions
    hostile_code
    intl
    measure_memory
    memory
    module_after_evaluate
    module_link
    module_receivers
    module_source_text
    module_synthetic
    prepare_stack_trace
    run_methods
    script
    script_cache
    sigint
    source_phase
    surroundings
    timeouts
    web_assembly
}

/// The version that the tests follow; the random programs are compared with no older one.
fn is_new_enough(node: &mut Command) -> bool {
    let Ok(output) = node.arg("--version").output() else { return false };
    let version = String::from_utf8_lossy(&output.stdout);
    let major = version.trim_start_matches('v').split('.').next().unwrap_or_default();
    major.parse::<u32>().is_ok_and(|major| major >= 24)
}

/// What `differential/random.js` prints, one text for each program.
fn random_programs(mut program: Command) -> Vec<String> {
    let file = folder().join("differential/random.js");
    limited::clean(program.arg(&file).args(["1", "3000"]));
    let output = limited::run(program, "");
    assert!(succeeded(&output), "{}: {}", output.ending(), output.stderr);
    let mut programs: Vec<String> = Vec::new();
    for line in output.stdout.lines() {
        match programs.last_mut() {
            Some(last) if line.starts_with(' ') => last.push_str(line),
            _ => programs.push(line.to_owned()),
        }
    }
    programs
}

/// Few random programs may differ, and only by what `docs/vm-differences.md` says.
#[test]
fn random_programs_agree() {
    let mut sandtide = Command::new(env!("CARGO_BIN_EXE_sandtide"));
    sandtide.arg("node");
    let ours = random_programs(sandtide);
    let (Some(node), Some(mut asked)) = (reference(), reference()) else { return };
    if !is_new_enough(&mut asked) {
        return;
    }
    let theirs = random_programs(node);
    assert_eq!(ours.len(), theirs.len());
    let differing = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).count();
    assert!(differing * 100 <= ours.len() * 3, "{differing} of {} programs differ", ours.len());
}

#[test]
fn every_file_is_listed() {
    let mut found: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "js"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "harness")
        .collect();
    found.sort();
    assert_eq!(found, FILES);
}
