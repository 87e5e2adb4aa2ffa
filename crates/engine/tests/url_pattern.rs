//! `URLPattern` against the data of the web platform tests (`crates/platform/tests/wpt`), of which no case
//! fails. And what is hostile ends at the run's limits.

mod common;

use common::*;
use sandtide_engine::{InstanceConfig, Intrinsics, Request, Value};

const DATA: &str = include_str!("../../platform/tests/wpt/urlpatterntestdata.json");

/// Answers a line for each case that fails, and after them the number of all cases.
const COMPARE: &str = r#"
const NAMES = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
const sorted = (groups) => JSON.stringify(Object.entries(groups).map(([name, value]) => [name, value ?? null]).sort());
// What is wrong with the case; undefined where nothing is.
function wrong({ pattern: given, inputs, expected_obj, expected_match, exactly_empty_components }) {
  let pattern;
  try {
    pattern = new URLPattern(...given);
  } catch (error) {
    return expected_obj === 'error' && error instanceof TypeError ? undefined : `throws ${error}`;
  }
  if (expected_obj === 'error') return 'is accepted';
  for (const name of NAMES) {
    let wanted = expected_obj?.[name];
    if (wanted === undefined && exactly_empty_components?.includes(name)) wanted = '';
    if (wanted !== undefined && pattern[name] !== wanted) return `${name} is ${pattern[name]}`;
  }
  if (expected_match === 'error') {
    let thrown = 0;
    for (const method of ['test', 'exec']) {
      try { pattern[method](...inputs) } catch (error) { thrown += error instanceof TypeError }
    }
    return thrown === 2 ? undefined : 'matches without an error';
  }
  const match = pattern.exec(...inputs);
  if (pattern.test(...inputs) !== (match !== null)) return 'test and exec differ';
  if (!expected_match) return match === null ? undefined : 'matches';
  if (match === null) return 'does not match';
  if (match.inputs.length !== (expected_match.inputs ?? inputs).length) return 'has other inputs';
  for (const name of NAMES) {
    const wanted = expected_match[name];
    if (wanted === undefined) {
      if (match[name].input !== '') return `${name} matched ${match[name].input}`;
      continue;
    }
    if (match[name].input !== wanted.input) return `${name} matched ${match[name].input}`;
    if (sorted(match[name].groups) !== sorted(wanted.groups)) return `${name} has ${sorted(match[name].groups)}`;
  }
}
const cases = DATA.filter((each) => typeof each === 'object');
cases.map((each) => [JSON.stringify(each.pattern) + ' on ' + JSON.stringify(each.inputs), wrong(each)])
  .filter(([, what]) => what !== undefined).map((pair) => pair.join(': ') + '\n').join('') + cases.length
"#;

#[test]
fn patterns_do_as_the_standard_has_it() {
    let found = Bench::base().eval(&format!("const DATA = {DATA};\n{COMPARE}"));
    let (failed, count) = text(&found).rsplit_once('\n').unwrap_or(("", text(&found)));
    assert_eq!(failed, "", "of {count}");
    assert_eq!(count, "362");
}

#[test]
fn arguments_are_taken_as_web_idl_has_them() {
    let mut bench = Bench::base();
    for (source, expected) in [
        ("new URLPattern().pathname", "*"),
        ("new URLPattern(undefined, undefined).hash", "*"),
        ("new URLPattern('/a', 'https://b.c').hostname", "b.c"),
        (
            "new URLPattern('/a', 'https://b.c', {ignoreCase: true}).test('https://b.c/A') + ''",
            "true",
        ),
        (
            "new URLPattern({pathname: '/a'}, {ignoreCase: true}).test({pathname: '/A'}) + ''",
            "true",
        ),
        ("new URLPattern({pathname: '/a'}).test({pathname: '/A'}) + ''", "false"),
        (
            "new URLPattern({pathname: '/:a/:b?'}).exec({pathname: '/1'}).pathname.groups.b + ''",
            "undefined",
        ),
        (
            "Object.keys(new URLPattern().exec({})) + ''",
            "hash,hostname,inputs,password,pathname,port,protocol,search,username",
        ),
        ("new URLPattern().exec('no url') + ''", "null"),
        ("new URLPattern().exec('a:b', 'no url') + ''", "null"),
        (
            "new URLPattern({hash: '(a)'}).hasRegExpGroups + ' ' + new URLPattern({hash: ':a'}).hasRegExpGroups",
            "true false",
        ),
        ("try { new URLPattern({}, 'https://a.b') } catch (e) { e.constructor.name }", "TypeError"),
        ("try { new URLPattern('/a') } catch (e) { e.constructor.name }", "TypeError"),
        (
            "try { new URLPattern({}).test({}, 'https://a.b') } catch (e) { e.constructor.name }",
            "TypeError",
        ),
        ("try { new URLPattern({}, 5, 6) } catch (e) { e.constructor.name }", "TypeError"),
        ("try { new URLPattern({ get pathname() { throw 'mine' } }) } catch (e) { e }", "mine"),
        ("try { structuredClone(new URLPattern()) } catch (e) { e.name }", "DataCloneError"),
    ] {
        assert_eq!(bench.eval(source), expected.into(), "{source}");
    }
}

#[test]
fn there_are_no_patterns_where_there_are_no_regular_expressions() {
    for regexp in [true, false] {
        let mut config = InstanceConfig::default();
        config.intrinsics = Intrinsics::minimal();
        config.intrinsics.url = true;
        config.intrinsics.regexp = regexp;
        let mut bench = Bench::with(config);
        let found = bench.eval("typeof URLPattern !== 'undefined' && new URLPattern({hash: ':a'}).exec({hash: 'b'}).hash.groups.a");
        assert_eq!(found, if regexp { "b".into() } else { Value::Bool(false) });
    }
}

#[test]
fn patterns_that_are_slow_end_at_the_wall_time() {
    let mut bench = Bench::base();
    for source in [
        // An expression that tries everything, and patterns without an end.
        "new URLPattern({pathname: '/((?:a+)+)b'}).test({pathname: '/' + 'a'.repeat(40)})",
        "for (;;) new URLPattern({pathname: '/:' + Math.random().toString(36).slice(2).replace(/^[0-9]/, 'x')})",
    ] {
        let outcome = bench.run(&Request { limits: short(), ..ad_hoc(source) });
        let code = outcome.result.map_err(|error| error.code());
        assert_eq!(code, Err("ERR_WALL_TIME_LIMIT"), "{source}");
    }
}

#[test]
fn patterns_that_are_none_are_refused_and_nothing_is_broken() {
    let mut bench = Bench::base();
    for source in [
        "'('.repeat(1e4)",
        "'{'.repeat(1e4)",
        "':'.repeat(1e4)",
        "'\\\\'",
        "'\\ud800'",
        "'{\\ud800}?'",
        "'(\\u00e9)'",
        "'[[['",
        "'http://[:::]'",
        "'*'.repeat(1e3)",
        "'{a}*'.repeat(1e3)",
    ] {
        let attempt = format!(
            "try {{ new URLPattern({source}, 'https://a.b') }} catch (e) {{ if (!(e instanceof TypeError)) throw e }} 1"
        );
        assert_eq!(bench.eval(&attempt), Value::from(1), "{source}");
        let attempt = attempt
            .replace("new URLPattern(", "new URLPattern({pathname: ")
            .replace(", 'https://a.b')", "})");
        assert_eq!(bench.eval(&attempt), Value::from(1), "{source}");
    }
}

#[test]
fn what_regexp_tells_of_the_guests_last_match_is_not_changed() {
    let mut bench = Bench::base();
    let told = "const told = () => {
        const all = [];
        for (const name of ['input', 'lastMatch', 'lastParen', 'leftContext', 'rightContext', '$1', '$2', '$9']) {
          try { all.push(RegExp[name]) } catch (error) { all.push(error.name) }
        }
        return all.join('|');
      };
      class Derived extends RegExp {}";
    let patterns = "const pattern = new URLPattern({ pathname: '/:a-(b+)', hash: '(c)' });
      const found = pattern.test({ pathname: '/x-b', hash: 'c' }) + pattern.exec({ pathname: '/x-bb', hash: 'c' }).pathname.groups.a;
      if (found !== 'truex' || pattern.exec({ pathname: '/' }) !== null) throw found;
      try { new URLPattern({ pathname: '/:a/:a' }) } catch {}
      try { new URLPattern('https://:b/(\\\\)') } catch {}";
    for matched in [
        "",
        "/z/.exec('y')",
        "/(?:)/.exec('')",
        "/b/.exec('')",
        "/(b)(c)?(d)/.exec('xabde')",
        "/(?<=(x)a)b(?=c)/.exec('xab\\nc xabc')",
        "/$/.exec('[^](')",
        "/(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)(1)/.exec('a123456789012')",
        "/(\\ud83d)/.exec('a\\ud83d\\ude00b')",
        "/b/.exec('a'.repeat(2e6) + 'bc')",
        "/a/.exec('a'); RegExp.input = 5",
        "new Derived('a').exec('a')",
        "new Derived('a').exec('a'); RegExp.input = 5",
    ] {
        let source = format!(
            "{told}; {matched}; const before = told(); {{ {patterns} }}; [before === told(), before.slice(0, 200), told().slice(0, 200)].join('\\n').toWellFormed()"
        );
        let found = bench.eval(&source);
        assert!(text(&found).starts_with("true\n"), "{matched}: {found:?}");
    }
}

#[test]
fn components_are_ordered_by_how_much_they_say() {
    let mut bench = Bench::base();
    // Each says less than the one behind it.
    let source = "const paths = ['/a/*', '/a/:x*', '/a/:x', '/a/(x)', '/a/(xy)', '/a/{b}*', '/a/{b}+', '/a/b', '/b'];
        const of = (pathname) => new URLPattern({ pathname });
        const compare = (a, b) => URLPattern.compareComponent('pathname', of(a), of(b));
        const wrong = [];
        for (let i = 0; i < paths.length; i++) {
            for (let k = 0; k < paths.length; k++) {
                if (compare(paths[i], paths[k]) !== Math.sign(i - k)) wrong.push([paths[i], paths[k]].join(' '));
            }
        }
        [wrong.join(), compare('/:x', '/:y'), compare('/{a}/b', '/a/b'),
            URLPattern.compareComponent('port', of('/a'), of('/b'))].join(';')";
    assert_eq!(bench.eval(source), ";0;0;0".into());
    for wrong in ["'path', a, a", "'port', a, {}", "'port', 1, a", "'port', a"] {
        let source =
            format!("const a = new URLPattern({{}}); URLPattern.compareComponent({wrong})");
        assert_eq!(bench.exception(&source).name, "TypeError", "{wrong}");
    }
}
