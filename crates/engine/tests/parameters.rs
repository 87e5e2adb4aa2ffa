//! Parameters with expressions have variables of their own, which the body shares unless it declares them again
//! (ECMA-262, 10.2.11): generated programs come to what Node's answers are.

mod common;

use common::*;
use sandtide_engine::{Error, Request, Value};

const PROGRAMS: &str = include_str!("parameters/programs.js");
/// Of Node 24.21.
const ANSWERS: &str = include_str!("parameters/node-answers.txt");

#[test]
fn a_parameter_is_one_variable_unless_the_body_declares_it_again() {
    let mut bench = Bench::base();
    let outcome = bench.run(&Request { limits: generous(), ..ad_hoc(PROGRAMS) });
    let Ok(Value::String(found)) = outcome.result else { panic!("{:?}", outcome.result) };
    let pairs = || found.lines().zip(ANSWERS.lines());
    let wrong: Vec<_> = pairs().filter(|(found, answer)| found != answer).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), pairs().count());
    assert_eq!(found.lines().count(), ANSWERS.lines().count());
    bench.assert_sound();
}

#[test]
fn a_direct_eval_among_parameters_cannot_declare_arguments() {
    // 19.2.1.3: `arguments` is a variable of the parameters. V8 takes it.
    let mut bench = Bench::base();
    for parameters in ["a = eval('var arguments')", "a, b = eval('function arguments() {}')"] {
        let outcome = bench.run(&ad_hoc(&format!("(function ({parameters}) {{}})()")));
        let Err(Error::Exception(thrown)) = outcome.result else { panic!("{parameters}") };
        assert_eq!(thrown.name, "SyntaxError", "{parameters}");
    }
}
