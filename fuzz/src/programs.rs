//! Programs for contexts out of the fuzzer's bytes: steps, each of which runs generated code in one of
//! some contexts. What the code may use of the host is in `worlds.rs`.

use arbitrary::{Arbitrary, Result, Unstructured};
use std::fmt::Write;

/// How deep expressions and functions nest.
const DEPTH: usize = 4;

/// Names that code reads and writes: of its own, of the language, of its host.
const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "self",
    "globalThis",
    "Array",
    "Object",
    "Function",
    "Map",
    "Math",
    "Promise",
    "Symbol",
    "Error",
    "Reflect",
    "eval",
    "undefined",
];
/// Names of properties.
const PROPERTIES: &[&str] = &[
    "a",
    "b",
    "constructor",
    "prototype",
    "__proto__",
    "length",
    "stack",
    "name",
    "message",
    "toString",
    "then",
    "next",
    "get",
    "set",
    "map",
    "push",
    "call",
    "bind",
    "deref",
    "register",
    "raw",
    "value",
    "cause",
    "prepareStackTrace",
    "stackTraceLimit",
    "0",
    "1",
];
/// Functions of the host: see `worlds.rs`.
const HOST: &[&str] = &[
    "make",
    "vanilla",
    "run",
    "dispose",
    "collect",
    "drop",
    "get",
    "turn",
    "deed",
    "measure",
    "contextify",
    "namespace",
];
/// Those that take small numbers, which choose what the worst is, and of what.
const NUMBERED: &[&str] = &[
    "deed",
    "odd",
    "bad",
    "rebase",
    "compile",
    "contextify",
    "module",
    "link",
    "instantiate",
    "evaluate",
    "namespace",
    "weak",
];

/// One run of code in a context, and what the host does then.
#[derive(Debug)]
pub struct Step {
    /// Which context, made anew where there is none.
    pub place: u8,
    /// What a new one's sandbox is like, and whether it is kept.
    pub shape: u8,
    /// Whether a new one has a queue of promise jobs of its own.
    pub own_jobs: bool,
    /// A new one's memory limit in bytes, 0 for none.
    pub limit: u32,
    /// The code.
    pub code: String,
    /// 0: collect, 1: a turn, 2: run jobs; else nothing.
    pub then: u8,
}

impl<'a> Arbitrary<'a> for Step {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Step> {
        let (place, shape) = (u.int_in_range(0..=3)?, u.int_in_range(0..=29)?);
        let own_jobs = u.ratio(1, 8)?;
        let limit = if u.ratio(1, 8)? { u.int_in_range(100..=200_000)? } else { 0 };
        let then = u.int_in_range(0..=6)?;
        let mut code = String::new();
        if u.ratio(1, 16)? {
            code.push_str(u.arbitrary()?);
        } else {
            for _ in 0..u.int_in_range(1..=5)? {
                statement(u, &mut code, DEPTH)?;
            }
        }
        Ok(Step { place, shape, own_jobs, limit, code, then })
    }
}

fn push(code: &mut String, text: std::fmt::Arguments<'_>) {
    code.write_fmt(text).expect("a string takes all text");
}

fn pick(u: &mut Unstructured<'_>, from: &[&'static str]) -> Result<&'static str> {
    u.choose(from).copied()
}

/// What follows a statement that may throw is run all the same.
fn statement(u: &mut Unstructured<'_>, code: &mut String, room: usize) -> Result<()> {
    match u.int_in_range(0..=9)? {
        0 => {
            push(
                code,
                format_args!(
                    "{} {}",
                    pick(u, &["var", "let", "const"])?,
                    pick(u, &["a", "b", "c"])?
                ),
            );
            push(code, format_args!("{} = ", u.int_in_range(0..=9)?));
            expression(u, code, room)?;
            code.push_str(";\n");
            return Ok(());
        }
        1 => {
            push(code, format_args!("function {}() ", pick(u, &["a", "b", "c"])?));
            body(u, code, room)?;
            code.push('\n');
            return Ok(());
        }
        _ => {}
    }
    code.push_str("try { ");
    match u.int_in_range(0..=9)? {
        0 => {
            push(code, format_args!("{} = ", pick(u, NAMES)?));
            expression(u, code, room)?;
        }
        1 | 2 => {
            expression(u, code, room)?;
            push(code, format_args!("[{:?}] = ", pick(u, PROPERTIES)?));
            expression(u, code, room)?;
        }
        3 => {
            code.push_str("delete ");
            expression(u, code, room)?;
            push(code, format_args!("[{:?}]", pick(u, PROPERTIES)?));
        }
        4 => push(code, format_args!("delete globalThis.{}", pick(u, NAMES)?)),
        5 => {
            code.push_str("throw ");
            expression(u, code, room)?;
        }
        6 => {
            push(code, format_args!("for (const k of Reflect.ownKeys({})) {{ ", pick(u, NAMES)?));
            code.push_str("let o = globalThis[k]; try { o.tag = ");
            expression(u, code, room.saturating_sub(1))?;
            code.push_str(" } catch {} }");
        }
        _ => expression(u, code, room)?,
    }
    code.push_str(" } catch (e) { ");
    if u.ratio(1, 4)? {
        push(code, format_args!("keep({}, e)", u.int_in_range(0..=7)?));
    }
    code.push_str(" }\n");
    Ok(())
}

fn body(u: &mut Unstructured<'_>, code: &mut String, room: usize) -> Result<()> {
    code.push_str("{ ");
    if room > 0 {
        for _ in 0..u.int_in_range(0..=2)? {
            statement(u, code, room - 1)?;
        }
    }
    code.push_str("return ");
    expression(u, code, room.saturating_sub(1))?;
    code.push_str(" }");
    Ok(())
}

fn list(u: &mut Unstructured<'_>, code: &mut String, room: usize) -> Result<()> {
    for i in 0..u.int_in_range(0..=2)? {
        if i > 0 {
            code.push_str(", ");
        }
        expression(u, code, room)?;
    }
    Ok(())
}

fn expression(u: &mut Unstructured<'_>, code: &mut String, room: usize) -> Result<()> {
    let slot = u.int_in_range(0..=7)?;
    if room == 0 {
        match u.int_in_range(0..=5)? {
            0 => code.push_str("{}['a']"),
            1 => push(code, format_args!("get({slot})")),
            2 => code.push_str("({})"),
            3 => push(code, format_args!("{}", u.int_in_range(-2..=9)?)),
            4 => code.push_str("globalThis"),
            _ => code.push_str(pick(u, NAMES)?),
        }
        return Ok(());
    }
    let room = room - 1;
    let (before, after) = match u.int_in_range(0..=33)? {
        0..=2 => (format!("keep({slot}, "), ")"),
        3 => ("({ a: ".into(), ", b: 1 })"),
        4 => ("({ get a() { return ".into(), " } })"),
        5 => ("[1, ".into(), ", 'x']"),
        6 => ("(() => ".into(), ")"),
        7 => ("(function* () { const x = {}; yield () => x; yield ".into(), " })()"),
        8 => ("(async () => { await 1; return ".into(), " })()"),
        9 => ("(async function* () { yield ".into(), " })().next()"),
        10 => ("new (class { #p = ".into(), "; static s = {}; m() { return this.#p } })()"),
        11 => ("new Map([[{}, ".into(), "]])"),
        12 => ("new WeakMap([[{}, ".into(), "]])"),
        13 => ("new WeakRef(".into(), ")"),
        14 => ("new FinalizationRegistry(() => globalThis).register({}, ".into(), ")"),
        15 => ("new Proxy(".into(), ", { get: () => globalThis })"),
        16 => ("Promise.resolve(".into(), ").then(v => keep(5, v))"),
        17 => ("new Error('e', { cause: ".into(), " }).stack"),
        18 => ("Object.create(".into(), ")"),
        19 => (format!("Object.setPrototypeOf(get({slot}), "), ")"),
        20 => ("Object.freeze(".into(), ")"),
        21 => ("(s => s)`a${".into(), "}`"),
        22 => ("/a(?<n>b)*/dg.exec('abab')[".into(), "]"),
        23 => ("[1, 2].values().map(() => ".into(), ")"),
        24 => ("(function () { return ".into(), " }).bind(globalThis, {})"),
        25 => {
            push(code, format_args!("{}(", pick(u, HOST)?));
            list(u, code, room)?;
            code.push(')');
            return Ok(());
        }
        26 => {
            expression(u, code, room)?;
            push(code, format_args!("[{:?}]", pick(u, PROPERTIES)?));
            return Ok(());
        }
        27 => {
            code.push_str("(function () ");
            body(u, code, room)?;
            code.push_str(")()");
            return Ok(());
        }
        28..=30 => {
            push(code, format_args!("{}(", pick(u, NUMBERED)?));
            for _ in 0..u.int_in_range(1..=3)? {
                push(code, format_args!("{}, ", u.int_in_range(0..=30)?));
            }
            code.push_str("{})");
            return Ok(());
        }
        31 => ("Object.setPrototypeOf(globalThis, bad(3, ".into(), "))"),
        32 => {
            code.push_str("new (");
            expression(u, code, room)?;
            code.push_str(")(");
            list(u, code, room)?;
            code.push(')');
            return Ok(());
        }
        _ => {
            code.push('(');
            expression(u, code, room)?;
            code.push_str(")(");
            list(u, code, room)?;
            code.push(')');
            return Ok(());
        }
    };
    code.push_str(&before);
    expression(u, code, room)?;
    code.push_str(after);
    Ok(())
}
