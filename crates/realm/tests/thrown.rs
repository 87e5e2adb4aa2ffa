//! Where exceptions were thrown is known when it is asked for, whatever became of the code that threw them.

mod support;

use support::World;

/// Where what a function throws was thrown, asked when all that can go has gone: file, line, column, how many
/// characters are marked, the line's text.
const PLACE: &str = "globalThis.place = f => { try { f() } catch (e) { gc(); gc(); return u.placeOfThrow(e)?.slice(0, 5) } }";

#[test]
fn the_place_of_an_exception_is_known_after_its_code_has_gone() {
    let world = World::new();
    world.run(PLACE);
    for (code, expected) in [
        ("vm.new('\\n  throw 5')", r#"["f.js",2,3,1,null]"#),
        ("vm.new('\\n  throw {}')", r#"["f.js",2,3,1,null]"#),
        ("vm.new('let a;\\n\\n a.b')", r#"["f.js",3,4,1,null]"#),
        ("vm.new('(() => {\\n  (function f() { null.x })()\\n})()')", r#"["f.js",2,24,1,null]"#),
        (
            "(() => { const f = () => { throw NaN }; vm.new('\\n  throw NaN') })()",
            r#"["f.js",2,3,1,null]"#,
        ),
        ("vm.function('\\n throw 1', [])()", r#"["f.js",2,2,1,null]"#),
        ("vm.function('\\n throw 1', [], vm.context())()", r#"["f.js",2,2,1,null]"#),
        ("(0, eval)('1;\\n  throw 6')", r#"["<input>",2,3,1,"  throw 6"]"#),
        (
            "(0, eval)('1;\\n  let f = () => { throw 7 }; f()')",
            r#"["<input>",2,19,1,"  let f = () => { throw 7 }; f()"]"#,
        ),
        ("new Function('throw 8')()", r#"["<input>",3,1,1,"throw 8"]"#),
        ("vm.new('(0, eval)(\"\\\\n throw 9\")')", r#"["<input>",2,2,1," throw 9"]"#),
    ] {
        assert_eq!(world.json(&format!("place(() => {code})")), expected, "{code}");
    }
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn what_a_builtin_of_a_context_throws_has_a_place_after_the_context_has_gone() {
    let world = World::new();
    world.run(PLACE);
    for code in ["Iterator.zip(5)", "Iterator.zipKeyed(5)"] {
        // as many contexts as there are blocks kept for the next ones, and more
        for _ in 0..20 {
            let place = world.json(&format!("place(() => vm.new({code:?}))"));
            assert_eq!(place, r#"["f.js",1,10,1,null]"#, "{code}");
        }
    }
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn exceptions_of_code_that_goes_while_others_are_thrown_are_told_apart() {
    let world = World::new();
    world.run(
        "globalThis.kinds = [
           i => vm.new('throw ' + i), i => vm.new('null.x' + i), i => new Function('throw {}')(),
           i => (0, eval)('(() => { throw new Error() })')(), i => (0, eval)('let f = () => null.x; f()'),
           i => vm.new('Iterator.zip(5)'), i => vm.new('eval(\"throw 1\")'), i => JSON.parse('{' + i),
           i => (0, eval)('try { throw 1 } finally { try { new Function(\"throw 2\")() } catch {} }'),
           i => vm.start(vm.script('(function f() { f() })()'), vm.context()),
           i => vm.function('throw this', [], vm.context())(), i => new Function('a b'),
         ];
         let seen = 0;
         for (let i = 0; i < 600; i++) {
           const errors = [];
           for (let k = 0; k < i % 11; k++) try { kinds[(i + 5 * k) % kinds.length](i) } catch (e) { errors.push(e) }
           if (i % 7 === 0) gc();
           for (const error of errors) seen += u.placeOfThrow(error) !== undefined;
         }
         if (seen < 1000) throw new Error(seen)",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}

#[test]
fn what_makes_the_stack_of_a_link_error_may_let_the_modules_go() {
    let world = World::new();
    world.run(
        "const attempt = f => { try { return f() } catch (error) { return error } };
         for (const during of [
           () => {}, () => gc(), () => attempt(() => m.link(root, [])), () => attempt(() => m.link(middle, [root])),
           () => attempt(() => m.instantiate(root)), () => attempt(() => m.instantiate(middle)),
           () => { root = middle = leaf = context = undefined; gc() },
         ]) {
           var context = vm.context();
           var leaf = vm.module('export const a = 1', context, undefined, 'leaf');
           var middle = vm.module('export { b } from \"leaf\"; export let c', context, undefined, 'middle');
           var root = vm.module('import { c } from \"middle\"', context, undefined, 'root');
           m.link(root, [middle]);
           m.link(middle, [leaf]);
           Error.prepareStackTrace = (error) => { Error.prepareStackTrace = undefined; during(); return error.message };
           const error = attempt(() => m.instantiate(root));
           Error.prepareStackTrace = undefined;
           if (error.message !== \"The requested module 'leaf' does not provide an export named 'b'\") throw error;
           if (error.stack !== error.message) throw new Error(error.stack);
           if (u.placeOfThrow(error)[0] !== 'middle') throw new Error('' + u.placeOfThrow(error));
         }
         root = middle = leaf = context = undefined",
    );
    world.collect();
    assert_eq!(world.live(), 0);
}
