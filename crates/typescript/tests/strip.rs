//! What becomes of TypeScript: what is left, and where it stands.

use sandtide_typescript::{Dialect, Kind, STACK, strip};

/// The code without the spaces that stand for types.
fn squeezed(source: &str, dialect: Dialect) -> String {
    let stripped = strip(source, dialect).unwrap_or_else(|problem| panic!("{source}: {problem:?}"));
    stripped.code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_left_of_erasable_syntax_stands_where_it_stood() {
    let sources = [
        "let a: number = 1, b!: string;",
        "function f<T>(this: Foo, a?: T, ...b: T[]): asserts a is T { return a as unknown as T }",
        "class A<T> extends B<T> implements C, D<T> { private readonly x?: T = y!; static #z: T }",
        "abstract class A { abstract f(): void; declare b: number; protected override g() {} }",
        "const f = async <T,>(x: T): Promise<T> => x satisfies T;",
        "import type { A } from 'a'; import { type B, c, type D } from 'b'; export type { A };",
        "type A = { [K in keyof B]?: B[K] }; interface C { (): void; new (): C }",
        "declare module 'x' { export const y: number } declare global { var z: string }",
        "try {} catch (e: unknown) {} for (const x of y as Z[]) {}",
        "let é: 'ü😀' = '😀'; let after: number = 1;",
        "label: for (const [a, b]: [A, B] of c) {}",
        "f<string>(a!, new B<C>(), d`e`);",
        "function f(a: string): void\nfunction f(a: any) {}",
        "namespace A { export type B = 1 } enum_: 1;",
    ];
    for source in sources {
        let stripped =
            strip(source, Dialect::Full).unwrap_or_else(|problem| panic!("{source}: {problem:?}"));
        let pairs = source.chars().zip(stripped.code.chars());
        assert_eq!(source.chars().count(), stripped.code.chars().count(), "{source}");
        assert!(stripped.places.is_empty(), "{source}");
        for (was, is) in pairs {
            assert!(was == is || is == ' ' || is == ';', "{source}\n{}", stripped.code);
        }
    }
}

#[test]
fn what_is_erased_does_not_join_what_stands_around_it() {
    for (source, left) in [
        ("let f = a\ninterface Z {}\n(function () {})()", "let f = a ; (function () {})()"),
        ("const h = a as any\n(1)", "const h = a; (1)"),
        ("class A { w = 1\n private *g() {} }", "class A { w = 1 ; *g() {} }"),
        ("class A { a = {}\n public [x] = 1 }", "class A { a = {} ; [x] = 1 }"),
        ("class A { a = () => {}\n private *g() {} }", "class A { a = () => {} ; *g() {} }"),
        ("class A { m() {}\n public n() {} }", "class A { m() {} n() {} }"),
        ("class A { w = b as T\n [x] = 2 }", "class A { w = b; [x] = 2 }"),
        ("const f = (a: A)\n: B => a", "const f = (a ) => a"),
        ("const f = (a): Promise<\nA\n> => a", "const f = (a ) => a"),
        ("const f = async <\nT\n>(a: T) => a", "const f = async ( a ) => a"),
        ("const f = () => <T>{}", "const f = () => ( {})"),
    ] {
        assert_eq!(squeezed(source, Dialect::Full), left, "{source}");
    }
}

#[test]
fn what_types_alone_do_not_explain_is_refused_where_only_types_are_erased() {
    for (source, message, column, width) in [
        ("enum A { B }", "TypeScript enum is not supported in strip-only mode", 1, 12),
        (
            "namespace A { export let b = 1 }",
            "TypeScript namespace declaration is not supported in strip-only mode",
            1,
            32,
        ),
        (
            "class A { constructor(private x: number) {} }",
            "TypeScript parameter property is not supported in strip-only mode",
            31,
            9,
        ),
        (
            "  import a = B.c",
            "TypeScript import equals declaration is not supported in strip-only mode",
            3,
            14,
        ),
        (
            "let x = <any>y",
            "The angle-bracket syntax for type assertions, `<T>expr`, is not supported in type strip mode. \
             Instead, use the 'as' syntax: `expr as T`.",
            9,
            6,
        ),
        ("export = a", "TypeScript export assignment is not supported in strip-only mode", 1, 10),
    ] {
        let problem = strip(source, Dialect::Erasable).unwrap_err();
        assert_eq!(problem.kind, Kind::Unsupported, "{source}");
        assert_eq!(problem.message, message, "{source}");
        assert_eq!((problem.line, problem.column, problem.width), (1, column, width), "{source}");
    }
    let erased = "namespace A { type B = 1 } declare enum C { D } declare namespace E { let f }";
    assert_eq!(squeezed(erased, Dialect::Erasable), "");
}

#[test]
fn errors_say_where_they_are() {
    let problem = strip("let a = 1\n  let é: = 2", Dialect::Full).unwrap_err();
    assert_eq!((problem.kind, problem.line, problem.column), (Kind::Syntax, 2, 10));
    let problem = strip("\n@a class B {}", Dialect::Full).unwrap_err();
    assert_eq!((problem.kind, problem.line, problem.column), (Kind::Unsupported, 2, 1));
}

#[test]
fn lines_stay_where_code_is_compiled_and_columns_are_led_back() {
    let source =
        "enum A { B,\n C = B + 1,\n D }; boom()\nclass E { constructor(private f = 1) { g() } }\n";
    let stripped = strip(source, Dialect::Full).unwrap();
    for word in ["boom", "B + 1", "g()"] {
        let place = |text: &str| {
            let at = text.find(word).unwrap();
            let line = text[..at].matches('\n').count() as u32 + 1;
            let column = text[..at].rsplit('\n').next().unwrap().chars().count() as u32 + 1;
            (line, column)
        };
        let (line, column) = place(&stripped.code);
        assert_eq!((line, stripped.places.column(line, column)), place(source), "{word}");
    }
}

#[test]
fn jsx_becomes_calls_in_its_lines() {
    for (source, left) in [
        ("<a/>", r#"React.createElement("a",null)"#),
        (
            "<A.B c='&lt;d' e {...f} g-h={1}/>",
            r#"React.createElement(A.B,{ c:"<d" ,e:true , ...f ,["g-h"]:(1)})"#,
        ),
        ("<></>", "React.createElement(React.Fragment,null)"),
        (
            "<a>\n  one &amp;\n  two {x as T} {/* no */}\n  <b/>\n</a>",
            r#"React.createElement("a",null,"one & two " ,(x )," " /* no */ ,React.createElement("b",null) )"#,
        ),
        ("/** @jsx h @jsxFrag F */ <><a/></>", r#"/** @jsx h @jsxFrag F */ h(F,null,h("a",null))"#),
    ] {
        assert_eq!(squeezed(source, Dialect::FullWithJsx), left, "{source}");
        let stripped = strip(source, Dialect::FullWithJsx).unwrap();
        assert_eq!(source.matches('\n').count(), stripped.code.matches('\n').count(), "{source}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_never_the_end_of_the_stack() {
    let run = || {
        for (open, middle, close) in [
            ("[", "", "]"),
            ("(", "1", ")"),
            ("{", "", "}"),
            ("f(", "", ")"),
            ("-", "1", ""),
            ("! ", "1", ""),
            ("a=>", "1", ""),
            ("a?b:", "1", ""),
            ("a=", "1", ""),
            ("if(a)", "b", ""),
            ("typeof ", "1", ""),
            ("`${", "1", "}`"),
            ("x", "", "!"),
            ("let x:", "1", ""),
            ("{a:", "1", "}"),
            ("()=>{", "", "}"),
            ("class{a=", "1", "}"),
            ("else if(a){}", "", ""),
            ("a\n.b", "", ""),
            ("a[0]", "", ""),
            ("f`` ", "", ""),
            ("1+", "1", ""),
            ("a||", "1", ""),
            ("a,", "1", ""),
        ] {
            let source =
                |deep: usize| format!("{}{middle}{}", open.repeat(deep), close.repeat(deep));
            for deep in [100_000, 400, 200, 100] {
                let _ = strip(&source(deep), Dialect::Full);
            }
        }
        for (open, middle, close) in [
            ("Array<", "T", ">"),
            ("[", "T", "]"),
            ("(", "T", ")"),
            ("{a:", "T", "}"),
            ("keyof ", "T", ""),
            ("A extends B?C:", "D", ""),
            ("()=>", "T", ""),
            ("A|", "B", ""),
            ("", "A", "[]"),
            ("`${", "T", "}`"),
        ] {
            let of = |deep: usize| {
                format!("type A = {}{middle}{}", open.repeat(deep), close.repeat(deep))
            };
            for deep in [100_000, 400, 200, 100] {
                let stripped = strip(&of(deep), Dialect::Full);
                if deep == 100 {
                    assert!(stripped.is_ok(), "{open}{middle}{close}: {stripped:?}");
                }
            }
        }
        for deep in [100_000, 400, 200, 100] {
            let source = format!("{}{}", "<a>".repeat(deep), "</a>".repeat(deep));
            let _ = strip(&source, Dialect::FullWithJsx);
        }
    };
    // What the caller is promised is enough.
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap();
    thread.join().unwrap();
}

/// Everything that is looked at, with names that are no ASCII where names can be.
const ALL: &str = "import type { é } from 'a'; import { type ü, b } from 'b'; export type { é };
@d abstract class é<T> extends B<T> implements C, ü { private readonly [x]?: ü = y!; ö(): ü; ö() {}
  static #z: é; [k: string]: é; constructor(private é: ü = 1, public b?) { super(); } declare q: ü }
const f = async <\nT\n>(ü: é)\n: Promise<é> => <é>{ a: x as ü } satisfies é;
enum é { ü, B = 1, 'ö' = 'x' } export enum E { A } namespace N.é { export const ü = 1; export namespace M { type A = 1 } }
declare module 'x' { } import w = N.é; label: for (const x of y as é[]) { a!\n(b) }
function g(this: é, ü?: T, ...r: é[]): asserts ü is é { return `${ü as é}` } try { } catch (é: ü) { }
export default interface é { } export abstract class Y { get a(): é { return 1 } }
";
const ALL_JSX: &str =
    "const a = <é.b c='ü&amp;' d {...e} f-g={h as é}>ü {x} {/* é */}\n  <></> <i:j/>{...k}</é.b>;";

#[test]
fn no_text_makes_it_panic() {
    let put = ["", "é", "(", "}", "<", "'", "\n", ";", "/", "=", " as T", "type ", "enum "];
    for (text, dialects) in [
        (ALL, &[Dialect::Erasable, Dialect::Full][..]),
        (ALL_JSX, &[Dialect::FullWithJsx, Dialect::Jsx]),
    ] {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for (at, &from) in places.iter().enumerate() {
            for to in [at, at + 1, at + 7] {
                let Some(&to) = places.get(to) else { continue };
                let put = put[at % put.len()];
                let mutated = format!("{}{put}{}", &text[..from], &text[to..]);
                for &dialect in dialects {
                    if let Ok(stripped) = strip(&mutated, dialect) {
                        let lines = |text: &str| text.matches('\n').count();
                        assert_eq!(lines(&mutated), lines(&stripped.code), "{mutated}");
                    }
                }
            }
        }
    }
    let without_decorator = ALL.replace("@d ", "");
    strip(&without_decorator, Dialect::Full).unwrap();
    strip(ALL_JSX, Dialect::Jsx).unwrap_err();
    strip(ALL_JSX, Dialect::FullWithJsx).unwrap();
}
