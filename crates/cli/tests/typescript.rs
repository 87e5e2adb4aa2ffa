//! TypeScript and JSX under `sandtide run` and `sandtide node`, as a user meets them.

mod folder;

use std::{fs, process::Command};

use folder::Folder;
use serde_json::{Value as Json, json};

/// A directory of its own for a test's files.
struct Files(Folder);

impl Files {
    fn new() -> Self {
        Self(Folder::new("typescript"))
    }

    fn with(self, name: &str, text: &str) -> Self {
        Self(self.0.with(name, text))
    }

    /// Exit code, standard output and standard error, with `DIR` for the directory.
    fn sandtide(&self, words: &[&str]) -> (i32, String, String) {
        let ended = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .args(words)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap().replace(&*self.0.path().to_string_lossy(), "DIR")
        };
        (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
    }

    #[track_caller]
    fn prints(&self, words: &[&str], out: &str) {
        let ended = self.sandtide(words);
        assert_eq!((ended.0, &*ended.1), (0, out), "{ended:?}");
    }

    /// The error that `run --json` tells.
    fn error(&self, file: &str) -> Json {
        let (_, out, err) = self.sandtide(&["run", "--json", file]);
        let answer: Json = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        answer["error"].clone()
    }
}

#[test]
fn a_script_in_typescript_is_run_with_what_it_imports() {
    let files = Files::new()
        .with(
            "main.ts",
            "import { twice, type Twice } from './lib/twice.ts';\nimport type { No } from './no.ts';\n\
             enum Plus { One = 1, Two }\nclass A { constructor(private readonly n: number) {} get() { return this.n } }\n\
             namespace N { export const five: number = 5 }\n\
             export default (input: { n: number }): number => (twice as Twice)(new A(input.n).get()) + Plus.Two + N.five;",
        )
        .with(
            "lib/twice.ts",
            "export type Twice = (n: number) => number;\nexport const twice: Twice = (n) => 2 * n;",
        )
        .with("classic.ts", "const a: number = 20;\na! + (1 as number)")
        .with("setup.ts", "interface A { b: number }\nvar c: A = { b: 7 };")
        .with("uses.js", "c.b");
    files.prints(&["run", "main.ts", "--input", r#"{"n": 4}"#], "15\n");
    files.prints(&["run", "classic.ts"], "21\n");
    files.prints(&["run", "uses.js", "--setup", "setup.ts"], "7\n");
}
// The values are those of Node's `--experimental-transform-types`.
#[test]
fn what_stands_for_values_does_what_typescript_says() {
    let files = Files::new();
    for (at, (source, value)) in [
        (
            "enum A { B, C = 5, D, E = C | 2, F = 'x', G = 'abc'.length, 'h-i' = 3 } JSON.stringify([A, A[5]])",
            r#"[{"0":"B","3":"h-i","5":"C","6":"D","7":"E","B":0,"C":5,"D":6,"E":7,"F":"x","G":3,"h-i":3},"C"]"#,
        ),
        ("enum A { B = 1 } enum A { C = 2 } JSON.stringify(A)", r#"{"1":"B","2":"C","B":1,"C":2}"#),
        ("enum A { A = 1, B = A } JSON.stringify(A)", r#"{"1":"B","A":1,"B":1}"#),
        ("enum S { A = 'a', B = A + 'c' } JSON.stringify(S)", r#"{"A":"a","B":"ac"}"#),
        (
            "namespace A { export let y = 2; export function f() { return ++y } const z = 3;\n\
             export class K { m() { return z } } export enum E { Q } }\n\
             A.y = 10; JSON.stringify([A.f(), A.y, new A.K().m(), A.E.Q, Object.keys(A).sort()])",
            r#"[11,11,3,0,["E","K","f","y"]]"#,
        ),
        (
            "namespace A.B.C { export const x = 1 } namespace A.B { export const y = 2 } A.B.C.x + A.B.y",
            "3",
        ),
        ("function F() { return F.x } namespace F { export const x = 4 } F()", "4"),
        (
            "class P { constructor(public a: number, private b = a + 1) {} }\n\
             class Q extends P { z = 1; constructor(public d: number) { super(d) } } JSON.stringify(new Q(5))",
            r#"{"a":5,"b":6,"d":5,"z":1}"#,
        ),
        ("namespace A { export const v = { w: 1 } } import w = A.v; w.w", "1"),
        ("let r = 0\nenum A { B }\n;[1].forEach(() => r++)\nr", "1"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{at}.ts");
        fs::write(files.0.path().join(&name), source).unwrap();
        files.prints(&["run", &name], &format!("{value}\n"));
    }
}

#[test]
fn jsx_calls_what_the_script_has() {
    let files = Files::new().with(
        "page.tsx",
        "/** @jsx h */\nconst h = (name: string, of: object | null, ...children: unknown[]): string =>\n  \
         `${name}${JSON.stringify(of)}[${children.join('|')}]`;\nconst n: number = 3;\n\
         export default () => <a href=\"x&amp;y\" {...{ n }}>\n  text {n + 1}\n  <b/>\n</a>;",
    );
    files.prints(&["run", "page.tsx"], "a{\"href\":\"x&y\",\"n\":3}[text |4|bnull[]]\n");
}

#[test]
fn errors_are_where_the_source_has_them() {
    let files = Files::new()
        .with("types.ts", "type A = {\n  b: number }\nconst f = (a: A): number => { throw new Error('no') };\nf({ b: 1 });")
        .with("columns.ts", "enum A { B } ; const f = () => { throw new Error('no') }; f();")
        .with("page.jsx", "const React = { createElement() {} };\n<a b={1}>text {missing}</a>")
        .with("syntax.ts", "let a: number = 1;\n  let b: = 2;")
        .with("engine.ts", "enum A { B } let a = 1, a = 2;")
        .with("imports.ts", "import './broken.ts';\nexport default () => 1;")
        .with("broken.ts", "\nlet x: = 1;");
    for (file, code, line, column) in [
        ("types.ts", "ERR_EXCEPTION", 3, 37),
        ("columns.ts", "ERR_EXCEPTION", 1, 40),
        ("page.jsx", "ERR_EXCEPTION", 2, 16),
        ("syntax.ts", "ERR_SYNTAX", 2, 10),
        // Where the engine sees it: after the name.
        ("engine.ts", "ERR_SYNTAX", 1, 27),
    ] {
        let error = files.error(file);
        assert_eq!(error["code"], code, "{error}");
        assert_eq!((&error["line"], &error["column"]), (&json!(line), &json!(column)), "{error}");
        assert_eq!(error["file"], file, "{error}");
    }
    let stack = files.error("columns.ts")["stack"].to_string();
    assert!(stack.contains("(columns.ts:1:40)") && stack.contains("columns.ts:1:59"), "{stack}");
    let error = files.error("imports.ts");
    assert!(error["file"].as_str().unwrap().ends_with("broken.ts"), "{error}");
    assert_eq!((&error["line"], &error["column"]), (&json!(2), &json!(8)), "{error}");
}

#[test]
fn memory_and_time_bound_what_is_done_with_the_types() {
    let lines = "let a: number = 0, b: string = '', c: boolean[] = [];\n";
    let files = Files::new()
        .with("large.ts", &format!("{lines}{}", "a = 1 as number;\n".repeat(80_000)))
        .with("main.mjs", "import './large.ts'; export default () => 1")
        .with("small.ts", &format!("{lines}{}a", "a = 1 as number;\n".repeat(40_000)));
    let answer = |words: &[&str]| -> Json {
        let (_, out, err) = files.sandtide(words);
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"))
    };
    for file in ["large.ts", "main.mjs"] {
        let answer = answer(&["run", "--json", file, "--memory", "16MiB", "--timeout", "60s"]);
        assert_eq!(answer["error"]["code"], "ERR_HEAP_LIMIT", "{file}: {answer}");
    }
    let answer = answer(&["run", "--json", "small.ts", "--timeout", "2ms"]);
    assert_eq!(answer["error"]["code"], "ERR_WALL_TIME_LIMIT", "{answer}");
    assert!(answer["usage"]["cpu_us"].as_u64() > Some(0), "{answer}");
    files.prints(&["run", "small.ts", "--timeout", "60s"], "1\n");
}

#[test]
fn deep_nesting_is_a_syntax_error() {
    let deep = 100_000;
    let files = Files::new()
        .with("brackets.ts", &format!("{}{}", "[".repeat(deep), "]".repeat(deep)))
        .with("types.ts", &format!("let a: {}T{}", "Array<".repeat(deep), ">".repeat(deep)))
        .with("page.tsx", &format!("{}{}", "<a>".repeat(deep), "</a>".repeat(deep)));
    for file in ["brackets.ts", "types.ts", "page.tsx"] {
        let error = files.error(file);
        assert_eq!(error["code"], "ERR_SYNTAX", "{file}: {error}");
    }
}

// What is expected from here on holds for Node 24 as well.

#[test]
fn node_erases_types_of_modules_of_both_kinds() {
    let files = Files::new()
        .with(
            "main.ts",
            "import { a } from './esm.ts'; import type { Q } from './no.ts'; import c from './lib.cts';\n\
             interface X { y: 1 }\nconsole.log(a satisfies number, c, import.meta.filename as string);",
        )
        .with("esm.ts", "export const a: number = 1;")
        .with("lib.cts", "const x: number = 3;\nmodule.exports = x as any; interface Q {}\n(function () {})()")
        .with(
            "main.cts",
            "const a: number = require('./lib.cts'), b = require('./lib2.ts'), c = require('./esm.ts');\n\
             console.log(a, b.y, c.a, Object.keys(require.extensions), process.features.typescript);\n\
             try { require('./lib2') } catch (e) { console.log(e.code) }\n\
             import('./page.tsx').catch((e) => console.log(e.code));",
        )
        .with("lib2.ts", "exports.y = 4 as number;")
        .with("page.tsx", "")
        .with("main.mts", "import fs from 'fs'; const a: number = 1; console.log(a as any, typeof fs.readFileSync);");
    files.prints(&["node", "main.ts"], "1 3 DIR/main.ts\n");
    files.prints(
        &["node", "main.cts"],
        "3 4 1 [ '.js', '.json', '.node' ] strip\nMODULE_NOT_FOUND\nERR_UNKNOWN_FILE_EXTENSION\n",
    );
    files.prints(&["node", "main.mts"], "1 function\n");
}

#[test]
fn node_refuses_what_types_alone_do_not_explain() {
    let files = Files::new()
        .with("enum.ts", "\nenum A { B }")
        .with("enum.mts", "enum A { B }")
        .with("class.ts", "class A { constructor(private x: number) {} }")
        .with("syntax.ts", "let a: = 1;")
        .with("node_modules/p/package.json", r#"{ "name": "p", "exports": "./index.ts" }"#)
        .with("node_modules/p/index.ts", "export const a: number = 1")
        .with("import.mts", "import 'p'")
        .with("require.cts", "require('p')")
        .with("throws.ts", "type A = 1;\nthrow new Error('x' as string)");
    for (file, says) in [
        (
            "enum.ts",
            "file://DIR/enum.ts:2\nenum A { B }\n^^^^^^^^^^^^\n\nSyntaxError [ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX]: \
             TypeScript enum is not supported in strip-only mode\n",
        ),
        ("enum.mts", "SyntaxError [ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX]: TypeScript enum is not"),
        (
            "class.ts",
            "class A { constructor(private x: number) {} }\n                              ^^^^^^^^^\n\n\
             SyntaxError [ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX]: TypeScript parameter property is not supported",
        ),
        ("syntax.ts", "let a: = 1;\n       ^\n\nSyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: "),
        (
            "import.mts",
            "Error [ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING]: Stripping types is currently unsupported for \
             files under node_modules, for \"DIR/node_modules/p/index.ts\"",
        ),
        ("require.cts", "Error [ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING]: Stripping types is"),
        (
            "throws.ts",
            "file://DIR/throws.ts:2\nthrow new Error('x'          )\n^\n\nError: x\n    at ",
        ),
    ] {
        let (code, _, err) = files.sandtide(&["node", file]);
        assert!(code == 1 && err.contains(says), "{file}: {says}\n{err}");
    }
    let (code, _, err) = files.sandtide(&["node", "--no-strip-types", "throws.ts"]);
    assert!(code == 1 && err.contains("SyntaxError"), "{err}");
}
