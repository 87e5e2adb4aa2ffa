//! Calls between functions, and steps of the interpreter that are done together: what a callee is called with, what it
//! writes, throws and leaves behind, its realm, limits and places. The promises to programs are in `calls.js`.

use sandtide_quickjs::*;
use std::ffi::{CStr, CString, c_int, c_void};

/// Says that the run is over once it was asked as often as the number tells.
unsafe extern "C" fn ends(_: *mut JSRuntime, left: *mut c_void) -> c_int {
    // SAFETY: what `Engine::new` gave, which outlives the runtime.
    let left = unsafe { &mut *left.cast::<i64>() };
    *left -= 1;
    c_int::from(*left < 0)
}

/// A runtime with a context, which is freed with all that it has: the engine asserts that nothing is left.
struct Engine {
    rt: *mut JSRuntime,
    ctx: *mut JSContext,
    left: *mut i64,
}

impl Engine {
    fn new(polls: i64) -> Engine {
        let left = Box::into_raw(Box::new(polls));
        // SAFETY: `drop` frees all three, the handler's number last.
        unsafe {
            let rt = JS_NewRuntime();
            JS_SetInterruptHandler(rt, Some(ends), left.cast());
            Engine { rt, ctx: JS_NewContext(rt), left }
        }
    }

    /// The value of `source` as text, or the error's; `None` where nothing can be caught any more.
    fn run(&self, source: &str) -> Result<String, Option<String>> {
        let text = CString::new(source).expect("a source has no 0");
        // SAFETY: the context lives as long as `self`, and what is made here is freed here.
        unsafe {
            let mut value =
                JS_Eval(self.ctx, text.as_ptr(), source.len() as _, c"calls.js".as_ptr(), 0);
            let failed = value.tag == i64::from(JS_TAG_EXCEPTION);
            if failed {
                value = JS_GetException(self.ctx);
                if JS_IsUncatchableError(value) {
                    JS_FreeValue(self.ctx, value);
                    return Err(None);
                }
            }
            let chars = JS_ToCStringLen2(self.ctx, std::ptr::null_mut(), value, false);
            assert!(!chars.is_null(), "the value has a text");
            let said = CStr::from_ptr(chars).to_string_lossy().into_owned();
            JS_FreeCString(self.ctx, chars);
            JS_FreeValue(self.ctx, value);
            if failed { Err(Some(said)) } else { Ok(said) }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: made by `new`; nobody has values of the context.
        unsafe {
            JS_FreeContext(self.ctx);
            JS_FreeRuntime(self.rt);
            drop(Box::from_raw(self.left));
        }
    }
}

#[test]
fn callees_keep_the_promises_of_calls_whatever_they_do() {
    assert_eq!(Engine::new(i64::MAX).run(include_str!("calls.js")), Ok(String::new()));
}

#[test]
fn integers_that_are_added_subtracted_and_compared_at_once_come_out_as_one_by_one() {
    let engine = Engine::new(i64::MAX);
    let text = "(function () {
        const values = [0, 1, -1, 7, 2147483647, -2147483648, 2147483640, -2147483646, 0.5, -0, NaN, 1e300, '3', 'x',
            null, undefined, true, 10n, { valueOf: () => 4 }, [5]];
        const wrong = [];
        // Text is compiled into the short forms; what is passed comes from a variable.
        const pairs = [['+', (a, b) => a + b], ['-', (a, b) => a - b], ['<', (a, b) => a < b], ['<=', (a, b) => a <= b],
            ['>', (a, b) => a > b], ['>=', (a, b) => a >= b], ['==', (a, b) => a == b], ['!=', (a, b) => a != b],
            ['===', (a, b) => a === b], ['!==', (a, b) => a !== b]];
        const tried = (f, ...values) => { try { return f(...values); } catch (error) { return error.name; } };
        for (const [sign, whole] of pairs) {
            for (const n of ['0', '1', '2', '3', '4', '5', '6', '7', '-1', '8', '100', '-100', '127', '-128', '1000']) {
                const short = new Function('a', `return a ${sign} (${n});`);
                const branch = new Function('a', `if (a ${sign} (${n})) return 'yes'; return 'no';`);
                const not = new Function('a', `let n = 0; while (!(a ${sign} (${n}))) { if (n++) break; } return n;`);
                const both = new Function('a', `return a ${sign} (${n}) && a ${sign} (${n}) ? 1 : 0;`);
                for (const value of values) {
                    const wanted = tried(whole, value, Number(n)), right = typeof wanted === 'string' && /Error$/.test(wanted);
                    const is = (got, result) => {
                        if (!Object.is(got, right ? wanted : result))
                            wrong.push(`${String(value)} ${sign} ${n}: ${String(got)}`);
                    };
                    is(tried(short, value), wanted);
                    is(tried(branch, value), wanted ? 'yes' : 'no');
                    is(tried(not, value), wanted ? 0 : 2);
                    is(tried(both, value), wanted ? 1 : 0);
                }
            }
        }
        return wrong.join('\\n');
    })()";
    assert_eq!(engine.run(text), Ok(String::new()));
}

/// Whatever calls whatever: nothing in the program hears of the end, and nothing of it runs on.
#[test]
fn a_run_that_is_over_ends_in_all_frames() {
    let endless = [
        "function f(n) { try { for (;;) n ? f(n - 1) : g([n]); } catch (e) { after++; } finally { after++; } }
         function g(a) { return a; } f(3)",
        "const o = { m(n) { try { for (;;) this.m2([n]); } finally { after++; } }, m2(a) { return a; } }; o.m(1)",
        "class C { constructor(n) { try { if (n) new C(n - 1); else for (;;) new D(); } finally { after++; } } }
         class D { constructor() { this.x = {}; } } new C(5)",
        "class B {} class D extends B { constructor() { super(); for (;;) new B(); } } new D()",
        "function* g() { try { for (;;) h([1]); } finally { after++; } } function h(a) { return a; } [...g()]",
        "function less(a, b) { for (;;) id(a); } function id(a) { return { a }; } [1, 2].sort(less)",
        "function last(a) { return other(a, []); } function other(a) { return a; } for (;;) last(1)",
        "let n = 0; while (n < 1) { } ",
        // Their only way back is a branch that is done together with the comparison before it.
        "var n = 0; for (;;) if (n >= 1) n = 2;",
        "(function () { let n = 0; for (;;) if (n >= 1) n = 2; })()",
    ];
    for source in endless {
        let engine = Engine::new(20);
        assert_eq!(engine.run(&format!("let after = 0; {source}")), Err(None), "{source}");
        // SAFETY: the engine lives.
        unsafe { *engine.left = i64::MAX };
        assert_eq!(engine.run("after").as_deref(), Ok("0"), "{source}");
        assert_eq!(
            engine.run("(function () { return [1].map((v) => v + 1); })()").as_deref(),
            Ok("2")
        );
    }
}

#[test]
fn a_stack_that_ends_is_an_error_that_frees_what_its_frames_had() {
    for size in [40 << 10, 100 << 10, 900 << 10] {
        let engine = Engine::new(i64::MAX);
        // SAFETY: the runtime lives, and its thread has more.
        unsafe { JS_SetMaxStackSize(engine.rt, size) };
        let depth = engine.run(
            "let depth = 0;
             function down(a, b) { const kept = { a }; depth++; const c = () => kept; return [down([a]), c]; }
             class Down { constructor(a, b) { this.own = [a]; depth++; new Down(this); } }
             for (const f of [() => down(), () => new Down()]) { try { f(); } catch (e) { if (!(e instanceof RangeError)) throw e; } }
             depth",
        );
        let depth: u32 = depth.expect("it ends well").parse().expect("a number");
        assert!(depth > 5, "{depth} calls in {size} bytes");
    }
}

#[test]
fn a_callee_runs_in_its_own_realm_and_the_caller_goes_on_in_its() {
    let engine = Engine::new(i64::MAX);
    // SAFETY: the second context is freed before the first one; values go to the functions that take them.
    let said = unsafe {
        let other = JS_NewContext(engine.rt);
        let source = c"({
            list: function () { return []; }, Array, TypeError, name: function () { return where; },
            fails: function () { return null.x; }, back: function (f) { return [f(), []]; },
            Made: class { constructor() { this.list = []; } }, where: (globalThis.where = 'there'),
            Old: function () { this.list = []; },
            strict: function () { return this; } })";
        let value =
            JS_Eval(other, source.as_ptr(), source.to_bytes().len() as _, c"other.js".as_ptr(), 0);
        let global = JS_GetGlobalObject(engine.ctx);
        assert!(JS_SetPropertyStr(engine.ctx, global, c"other".as_ptr(), value) >= 0);
        JS_FreeValue(engine.ctx, global);
        let said = engine.run(
            "var where = 'here';
             (function () {
                 const o = other, wrong = [], { list, name, fails, back, Made, Old, strict } = other;
                 const here = () => [] instanceof Array && !([] instanceof o.Array) && where === 'here';
                 const check = (what, right) => { if (!right || !here()) wrong.push(what); };
                 check('function', list() instanceof o.Array && [] instanceof Array);
                 check('method', o.list() instanceof o.Array && [] instanceof Array);
                 check('global', name() + where === 'therehere');
                 check('class', new Made().list instanceof o.Array && [] instanceof Array);
                 check('constructor', new Old().list instanceof o.Array && [] instanceof Array);
                 const [inner, outer] = back(() => []);
                 check('back', inner instanceof Array && outer instanceof o.Array);
                 try { fails(); } catch (e) { check('error', e instanceof o.TypeError && [] instanceof Array); }
                 check('receiver', strict() !== globalThis && strict().where === 'there');
                 const derived = new (class extends Made { constructor() { super(); this.own = []; } })();
                 check('derived', derived.list instanceof o.Array && derived.own instanceof Array);
                 return wrong.join();
             })()",
        );
        engine.run("delete globalThis.other").expect("it was there");
        JS_FreeContext(other);
        said
    };
    assert_eq!(said, Ok(String::new()));
}

#[test]
fn the_stack_of_an_error_names_each_caller_and_its_place() {
    let source = "function inner() {\n  return new Error('x').stack;\n}\nclass Made {\n  constructor() { this.s = inner(); }\n}\n\
        const o = {\n  method(a) {\n    const m = new Made(a, a);\n    return m.s;\n  }\n};\nfunction outer() { const s = \
        o.method(); return s; }\n[1].map(function each() { const s = outer(); return s; })[0]";
    let stack = Engine::new(i64::MAX).run(source).expect("it runs");
    let places: Vec<&str> =
        stack.lines().map(str::trim).filter(|line| line.starts_with("at ")).collect();
    let wanted = ["inner", "Made", "method", "outer", "each", "map"];
    assert!(places.len() >= wanted.len(), "{stack}");
    for (place, name) in places.iter().zip(wanted) {
        assert!(place.contains(name), "{stack}");
    }
    for (index, line) in [(0, 2), (1, 5), (2, 9), (3, 13), (4, 14)] {
        assert!(places[index].contains(&format!("calls.js:{line}:")), "{line} in {stack}");
    }
}
