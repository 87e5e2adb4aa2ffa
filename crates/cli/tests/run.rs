//! `sandtide run` as a user meets it: values, messages and exit codes of the real program.

mod folder;

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use folder::Folder;
use serde_json::{Value as Json, json};

/// A directory of its own for a test's files.
struct Files(Folder);

impl Files {
    fn new() -> Self {
        Self(Folder::new("run"))
    }

    fn with(self, name: &str, text: &str) -> Self {
        Self(self.0.with(name, text))
    }

    fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &[&str], stdin: &str) -> Ended {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .arg("run")
            .args(args)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input closes it.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Ended::from(child.wait_with_output().unwrap())
    }
}

#[derive(Debug)]
struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    #[track_caller]
    fn prints(&self, out: &str) {
        assert_eq!((self.code, &*self.out), (0, out), "{self:?}");
    }

    #[track_caller]
    fn ends(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        for part in says {
            assert!(self.err.contains(part), "{part:?} is not in {}", self.err);
        }
    }
}

#[test]
fn the_last_expression_of_a_classic_script_is_printed() {
    let files = Files::new()
        .with(
            "lib.js",
            "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }",
        )
        .with("main.js", "a = fibonacci(number)");
    files.run(&["main.js", "--setup", "lib.js", "--global", "number=10"]).prints("55\n");
    files
        .run(&["main.js", "--setup", "lib.js", "--global", "number=10", "--show-globals"])
        .prints("55\na = 55\n");
}

#[test]
fn strings_are_printed_raw_and_other_values_readably() {
    let files = Files::new();
    files.run_with(&["-"], "'a\"b'").prints("a\"b\n");
    files.run_with(&["-"], "({ n: 1, list: ['x', undefined], big: 10n })").prints(
        "{\n  \"n\": 1,\n  \"list\": [\n    \"x\",\n    undefined\n  ],\n  \"big\": 10n\n}\n",
    );
    files
        .run_with(&["-"], "new Map([['k', new Set()]])")
        .prints("Map(1) {\n  \"k\" => Set(0) {}\n}\n");
    files.run_with(&["-"], "-0").prints("-0\n");
}

#[test]
fn local_times_are_those_of_the_time_zone_that_is_named() {
    let files =
        Files::new().with("f.mjs", "const h = new Date(0).getHours(); export default () => h");
    files.run(&["f.mjs"]).prints("0\n");
    files.run(&["f.mjs", "--time-zone", "Europe/Berlin"]).prints("1\n");
    files.run_with(&["-", "--time-zone", "-03:30"], "new Date(0).getHours()").prints("20\n");
}

#[test]
fn a_function_is_called_with_the_input() {
    let files = Files::new().with("f.mjs", "export default async ({ n }) => n * 2");
    files.run(&["f.mjs", "--input", r#"{"n": 21}"#]).prints("42\n");
    files.run_with(&["f.mjs", "--input", "-"], r#"{"n": 4}"#).prints("8\n");
}

#[test]
fn a_classic_script_reads_the_input_as_a_global() {
    let files = Files::new().with("f.js", "input.n * 2");
    files.run(&["f.js", "--input", r#"{"n": 21}"#]).prints("42\n");
}

#[test]
fn relative_imports_are_found_beside_the_script() {
    let files = Files::new()
        .with("app/main.js", "import { b } from './lib/b.js';\nexport default () => b + 1;")
        .with("app/lib/b.js", "import { c } from '../c.mjs';\nexport const b = c * 2;")
        .with("app/c.mjs", "export const c = 20;");
    files.run(&["app/main.js"]).prints("41\n");
    files.run(&["./app/main.js"]).prints("41\n");
    let whole = files.0.path().join("app/main.js");
    files.run(&[whole.to_str().unwrap()]).prints("41\n");
}

#[test]
fn a_script_that_its_own_modules_import_is_one_module_however_it_was_named() {
    let main = "import { b } from './b.js';\nglobalThis.runs = (globalThis.runs ?? 0) + 1;\n\
        export const a = {};\nexport default () => `${runs} ${b === a}`;";
    let files = Files::new()
        .with("app/main.mjs", main)
        .with("app/b.js", "import { a } from './main.mjs';\nexport { a as b };");
    let whole = files.0.path().join("app/main.mjs");
    for name in ["app/main.mjs", "./app/main.mjs", whole.to_str().unwrap()] {
        files.run(&[name]).prints("1 true\n");
    }
}

#[test]
fn long_chains_wide_lists_and_imports_at_run_time_are_found_beside_the_script() {
    let mut files = Files::new()
        .with(
            "main.mjs",
            "import { n } from './c0.js'; import './wide.js'; const { late } = await import('./late.js');\n\
             export default () => n + late + wide;",
        )
        .with("late.js", "import { n } from './c0.js'; export const late = n;")
        .with("c300.js", "export const n = 1;");
    let mut wide = String::from("globalThis.wide = 0;");
    for at in 0..300 {
        let next = at + 1;
        files = files.with(
            &format!("c{at}.js"),
            &format!("import {{ n as next }} from './c{next}.js'; export const n = next + 1;"),
        );
        wide += &format!("import './c{at}.js';");
    }
    files.with("wide.js", &wide).run(&["main.mjs"]).prints("602\n");
}

#[test]
fn what_a_run_imports_is_found_beside_the_script() {
    let files = Files::new()
        .with("f.mjs", "export default async () => (await import('./parts/a.mjs')).a;")
        .with("parts/a.mjs", "export const a = (await import('./b.ts')).b + 1;")
        .with("parts/b.ts", "export const b: number = 6;")
        .with("classic.js", "import('./parts/b.ts').then(({ b }) => b)")
        .with("none.mjs", "export default () => import('./none.js').catch(() => 'none')");
    files.run(&["f.mjs"]).prints("7\n");
    files.run(&["classic.js"]).prints("6\n");
    files.run(&["none.mjs"]).prints("none\n");
}

#[test]
fn a_file_that_nobody_imports_does_not_fail_the_run() {
    let large = format!("export const n: number = 1;{}", " ".repeat(3 << 20));
    let comments = "// import('./large.ts')\n/* import('./deep.mjs') */ const text = \"import('./syntax.mjs')\";\n";
    let files = Files::new()
        .with("large.ts", &large)
        .with("deep.mjs", &format!("{}1", "[".repeat(200_000)))
        .with("syntax.mjs", "import x from './large.ts'; let let")
        .with("main.mjs", &format!("{comments}export default () => text.length;"))
        .with("asks.mjs", "export default () => import('./large.ts').catch(() => 'refused')")
        .with("needs.mjs", "import './large.ts'; export default () => 1;");
    files.run(&["--memory", "16MiB", "main.mjs"]).prints("22\n");
    files.run(&["--memory", "16MiB", "needs.mjs"]).ends(4, &["ERR_HEAP_LIMIT"]);
    files.run(&["--memory", "16MiB", "asks.mjs"]).ends(4, &["ERR_HEAP_LIMIT"]);
}

#[test]
fn what_import_may_ask_for_takes_no_place_of_what_is_imported() {
    let mut main = String::from("import { n } from './last.mjs'; export default () => n;");
    let mut files = Files::new().with("last.mjs", "export const n = 1;");
    for at in 0..1001 {
        files = files.with(&format!("m{at}.js"), "");
        main += &format!("// import('./m{at}.js')\n");
    }
    let main = format!("import './first.mjs';{main}");
    files
        .with(
            "first.mjs",
            &main.replace("import { n } from './last.mjs'; export default () => n;", ""),
        )
        .with("main.mjs", &main)
        .run(&["--timeout", "600s", "main.mjs"])
        .prints("1\n");
}

#[test]
fn modules_that_do_not_fit_together_cannot_be_loaded() {
    let files = Files::new()
        .with("missing.mjs", "import { b } from './a.js';\nexport default () => b;")
        .with("a.js", "export const a = 1;")
        .with("circle.mjs", "import { x } from './x.js';\nexport default () => x;")
        .with("x.js", "export { x } from './y.js';")
        .with("y.js", "export { x } from './x.js';")
        .with("broken.mjs", "import './s.js';\nexport default () => 1;")
        .with("s.js", "let = ;")
        .with("thrown.mjs", "throw new SyntaxError('own');\nexport default () => 1;");
    files.run(&["missing.mjs"]).ends(3, &["Could not find export 'b' in module"]);
    files.run(&["circle.mjs"]).ends(3, &["x"]);
    files.run(&["broken.mjs"]).ends(3, &["s.js:1"]);
    files.run(&["thrown.mjs"]).ends(1, &["own"]);
}

#[test]
fn a_script_cannot_read_files_outside_of_its_directory() {
    let files = Files::new()
        .with("secret.js", "export const secret = 'hunter2';")
        .with("app/data.json", "{}")
        .with("app/up.js", "import { secret } from '../secret.js';\nexport default () => secret;")
        .with("app/json.js", "import data from './data.json';\nexport default () => data;");
    let up = files.run(&["app/up.js"]);
    up.ends(3, &["outside of", "secret.js"]);
    assert!(!up.err.contains("hunter2"), "{up:?}");
    files.run(&["app/json.js"]).ends(3, &["ends in none of .js, .mjs, .ts"]);
}

#[test]
fn a_pipe_beside_the_script_is_no_module() {
    let files = Files::new().with("main.mjs", "import './pipe.js';\nexport default () => 1;");
    let made =
        Command::new("mkfifo").arg(files.0.path().join("pipe.js")).status().expect("mkfifo runs");
    assert!(made.success());
    files.run(&["main.mjs"]).ends(3, &["pipe.js is no regular file"]);
}

#[test]
fn what_is_thrown_and_is_no_error_is_shown_as_it_is() {
    let files = Files::new().with("t.js", "throw 'text'").with("n.js", "throw 1");
    files.run(&["t.js"]).ends(1, &["Uncaught text"]);
    files.run(&["n.js"]).ends(1, &["Uncaught 1"]);
}

#[test]
fn a_named_module_is_given_by_flag_and_missing_ones_say_so() {
    let files = Files::new()
        .with("main.js", "import { d } from 'dep';\nexport default () => d;")
        .with("dep.js", "export const d = 'dep';");
    files.run(&["main.js", "--module", "dep=dep.js"]).prints("dep\n");
    files.run(&["main.js"]).ends(3, &["dep", "--module 'dep=FILE'"]);
}

#[test]
fn the_console_goes_to_standard_error() {
    let files = Files::new();
    let ended = files.run_with(&["-"], "console.log('a', { b: 1 }); console.warn('w'); 1");
    ended.prints("1\n");
    assert!(ended.err.contains("[log] a"), "{ended:?}");
    assert!(ended.err.contains("[warn] w"), "{ended:?}");
}

#[test]
fn a_scripts_escape_sequences_do_not_reach_the_terminal() {
    let files = Files::new();
    let ended = files.run_with(&["-"], "console.log('\\x1b[2J'); throw new Error('\\x1b]0;x')");
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(!ended.err.contains('\x1b'), "{ended:?}");
}

#[test]
fn an_exception_shows_the_line_with_a_caret_and_the_stack() {
    let files = Files::new().with("bad.js", "function f(x) {\n  return x.length;\n}\nf(null);\n");
    let ended = files.run(&["bad.js"]);
    ended.ends(1, &["bad.js:2:", "  return x.length;\n", "TypeError: ", "at f (bad.js:2:"]);
    let lines: Vec<_> = ended.err.lines().collect();
    let caret = lines.iter().position(|line| line.trim() == "^").expect("a caret");
    let column = lines[caret].find('^').unwrap();
    assert!(lines[caret - 1][..column].starts_with("  return"), "{}", ended.err);
    assert!(lines[caret - 1][column..].contains("length"), "{}", ended.err);
}

#[test]
fn a_syntax_error_shows_its_line() {
    let files = Files::new().with("bad.js", "let a = 1;\nlet b = ;\n");
    files.run(&["bad.js"]).ends(3, &["bad.js:2:", "let b = ;\n        ^\n", "SyntaxError: "]);
}

#[test]
fn a_limit_is_named_with_the_flag_that_raises_it() {
    let files = Files::new();
    let limit = |args: &[&str], source: &str, says: &[&str]| {
        let mut all = vec!["-"];
        all.extend(args);
        files.run_with(&all, source).ends(4, says);
    };
    limit(&["--timeout", "50ms"], "for (;;) {}", &["ERR_WALL_TIME_LIMIT", "--timeout"]);
    limit(
        &["--memory", "4MiB"],
        "var a = []; for (;;) a.push(new Uint8Array(1 << 20))",
        &["ERR_HEAP_LIMIT", "--memory"],
    );
    limit(&["--max-output", "1KiB"], "'x'.repeat(5000)", &["ERR_OUTPUT_LIMIT", "--max-output"]);
}

#[test]
fn json_gives_one_object_for_values_and_for_errors() {
    let files = Files::new();
    let good = files.run_with(&["-", "--json"], "console.info('i'); [1, NaN]");
    assert_eq!((good.code, &*good.err), (0, ""), "{good:?}");
    let json: Json = serde_json::from_str(&good.out).unwrap();
    assert_eq!(json["value"][0], 1);
    assert_eq!(json["value"][1]["$type"], "number");
    assert_eq!(json["logs"], json!([{"level": "info", "text": "i"}]));
    assert!(json["usage"]["peak_heap_bytes"].as_u64().unwrap() > 0);

    let bad = files.run_with(&["-", "--json"], "throw new RangeError('far')");
    assert_eq!(bad.code, 1);
    let json: Json = serde_json::from_str(&bad.out).unwrap();
    assert_eq!(json["error"]["code"], "ERR_EXCEPTION");
    assert_eq!(json["error"]["name"], "RangeError");
}

#[test]
fn usage_is_printed_on_standard_error() {
    let files = Files::new();
    let ended = files.run_with(&["-", "--usage"], "1");
    ended.prints("1\n");
    assert!(ended.err.contains("peak heap"), "{ended:?}");
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_wrong() {
    let files = Files::new().with("ok.js", "1");
    files.run(&["none.js"]).ends(2, &["none.js"]);
    files.run(&["ok.js", "--global", "n=abc"]).ends(2, &["not JSON", "n=\"text\""]);
    files.run(&["ok.js", "--global", "n"]).ends(2, &["name=json"]);
    files.run(&["ok.js", "--input", "{"]).ends(2, &["input is not JSON"]);
    files.run(&["ok.js", "--timeout", "soon"]).ends(2, &["--timeout"]);
    files.run(&["ok.js", "--memory", "1"]).ends(2, &["heap"]);
    files
        .run(&["ok.js", "--time-zone", "Mars/Olympus"])
        .ends(2, &["Mars/Olympus", "Europe/Berlin"]);
    files.run(&["-", "--input", "-"]).ends(2, &["cannot both"]);
    files.run(&["ok.js", "--setup", "gone.js"]).ends(2, &["gone.js"]);
}

#[test]
fn a_script_from_standard_input_reads_no_modules_from_disk() {
    let files = Files::new().with("a.js", "export const a = 1;");
    files
        .run_with(&["-"], "import { a } from './a.js'; export default () => a;")
        .ends(3, &["beside a script file"]);
}

#[test]
fn help_tells_the_exit_codes() {
    let ended = Files::new().run(&["--help"]);
    assert_eq!(ended.code, 0);
    assert!(ended.out.contains("Exit codes:"), "{}", ended.out);
}

/// What of a text a terminal could take for more than text.
fn harmful(text: &str) -> Option<char> {
    let turns = |c| matches!(c, '\u{200e}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().find(|&c| (c.is_control() && c != '\n' && c != '\t') || turns(c))
}

#[test]
fn whatever_a_script_names_or_says_reaches_the_terminal_without_control_characters() {
    let nasty = "\u{1b}[2J\u{9b}31m\u{7f}\u{202e}";
    let sources = [
        "import 'N'; export default () => 1",
        "import './N'; export default () => 1",
        "import '../N.js'; export default () => 1",
        "import { N } from 'x'; export default () => 1",
        "import('N')",
        "console.log('N'); console.warn({ 'N': ['N'] }); console.error(new Error('N')); 1",
        "console.log(Symbol('N'), new Map([['N', 'N']]), class { static ['N']() {} }); 1",
        "throw new Error('N')",
        "throw 'N'",
        "throw { name: 'N', message: 'N', stack: 'N' }",
        "Promise.reject('N'); 1",
        "undefined['N']",
        "const x = 'N'; null.f()",
        "let y = 'N' N;",
        "({ 'N': 'N', list: ['N', new Map([['N', 'N']])] })",
        "({ 'N': () => 1 })",
        "globalThis['N'] = 'N'; 1",
        "globalThis['N'] = () => 1; 1",
        "const f = { ['N']() { throw new Error('x') } }; f['N']()",
        "eval('throw new Error(1)\\n//# sourceURL=N')",
        "JSON.parse('N')",
        "new RegExp('(N')",
        "BigInt('N')",
    ];
    let files = Files::new();
    for source in sources {
        let source = source.replace('N', nasty);
        for args in [&["-"][..], &["-", "--show-globals", "--usage"], &["-", "--json"]] {
            let ended = files.run_with(args, &source);
            for text in [&ended.out, &ended.err] {
                assert_eq!(harmful(text), None, "{source:?}: {text:?}");
            }
            assert!(!(ended.out.is_empty() && ended.err.is_empty()));
        }
    }
    let name = format!("{nasty}.js");
    let files =
        Files::new().with(&name, "throw new Error('x')").with("m.mjs", "import './gone.js'");
    for args in
        [&[&*name][..], &["m.mjs"], &[&*format!("gone{nasty}")], &["m.mjs", "--setup", &name]]
    {
        let ended = files.run(args);
        assert_eq!(harmful(&ended.err), None, "{ended:?}");
        assert_ne!(ended.code, 0);
    }
}

#[test]
fn memory_and_time_reach_what_is_done_before_the_run() {
    let large = format!("[{}].length", "[1],".repeat(400_000));
    let files = Files::new()
        .with("large.js", &large)
        .with("endless.mjs", "for (;;) ; export default () => 1")
        .with("loop.js", "for (;;) ;")
        .with("hoard.js", "var hoard = new Uint8Array(100 << 20).fill(1)")
        .with("one.js", "typeof hoard");
    files.run(&["large.js", "--memory", "4MiB"]).ends(4, &["ERR_HEAP_LIMIT", "--memory"]);
    files.run(&["large.js", "--timeout", "1ms"]).ends(4, &["TIME_LIMIT", "--timeout"]);
    files.run(&["endless.mjs", "--timeout", "50ms"]).ends(4, &["ERR_WALL_TIME_LIMIT", "50ms"]);
    files.run(&["one.js", "--setup", "loop.js", "--timeout", "50ms"]).ends(4, &["50ms"]);
    files.run(&["one.js", "--setup", "hoard.js"]).ends(4, &["ERR_HEAP_LIMIT"]);
    files
        .run(&["one.js", "--setup", "hoard.js", "--memory", "512MiB", "--timeout", "30s"])
        .prints("object\n");
    let hoard = "new Uint8Array(200 << 20).length";
    files.run_with(&["-", "--memory", "512MiB", "--timeout", "30s"], hoard).prints("209715200\n");
    let larger = format!("[{}].length", "[1],".repeat(1_200_000));
    let files = files.with("larger.js", &larger);
    files.run(&["larger.js", "--timeout", "30s"]).ends(4, &["ERR_HEAP_LIMIT"]);
    files.run(&["larger.js", "--timeout", "30s", "--memory", "512MiB"]).prints("1200000\n");
    let usage = files.run(&["larger.js", "--timeout", "30s", "--memory", "512MiB", "--json"]);
    let json: Json = serde_json::from_str(&usage.out).unwrap();
    let figure = |name: &str| json["usage"][name].as_u64().unwrap();
    assert!(figure("build_us") > 1000 && figure("wall_us") >= figure("build_us"), "{json}");
}

#[test]
fn the_program_tells_its_engine_which_is_the_one_that_the_tests_link() {
    let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .args(["--version", "--verbose"])
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("sandtide {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(lines[1], format!("engine: {}", sandtide_quickjs::identity()));
    assert_eq!(lines[2], format!("target: {}", sandtide_quickjs::TARGET));
    assert!(sandtide_quickjs::is_the_only_engine());
}
