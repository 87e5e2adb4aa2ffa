//! Times a workload of `guests/` as pristine runs through the `sandtide` crate:
//! `guests-pristine FILE MILLISECONDS` prints one line of JSON as `peers/guests.js` does. It uses nothing
//! but that crate, so that `bench/run guests --base` can compile it against an earlier commit's.

use sandtide::{Image, Instance, Run, Script, ScriptOptions, Value};
use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs};

const BATCHES: u32 = 10;
const WARM_UP: u32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(file), Some(budget)) = (arguments.next(), arguments.next()) else {
        return Err("usage: guests-pristine FILE MILLISECONDS".into());
    };
    let budget = Duration::from_millis(budget.parse()?);
    let source = fs::read_to_string(&file)? + "\nexport default () => work();\n";
    let script = Script::compile(&*source, ScriptOptions::new().file(&*file))?;
    let image = Image::builder().script(&script).build()?;
    let mut instance = Instance::new(&image)?;
    let mut timed = |runs: u32| -> Result<(String, f64), Box<dyn Error>> {
        let start = Instant::now();
        let mut answer = String::new();
        for _ in 0..runs {
            match instance.run(&Run::new()).result? {
                Value::String(text) => answer = text,
                other => return Err(format!("work() gave {other:?}, which is no string").into()),
            }
        }
        Ok((answer, start.elapsed().as_nanos() as f64 / f64::from(runs)))
    };

    let (expected, first) = timed(1)?;
    let (_, each) = timed(3)?;
    let share = budget.as_nanos() as f64 / f64::from(BATCHES + WARM_UP);
    let runs = (share / each).ceil().max(1.0) as u32;
    let mut ns = Vec::new();
    for batch in 0..BATCHES + WARM_UP {
        let (answer, elapsed) = timed(runs)?;
        if answer != expected {
            return Err(format!("a run gave {answer}, not {expected}").into());
        }
        if batch >= WARM_UP {
            ns.push(elapsed);
        }
    }
    // Rust's escapes of a text in quotes are not JSON's.
    let answer: String =
        expected.chars().filter(|c| !c.is_control() && !"\"\\".contains(*c)).collect();
    println!(r#"{{"engine":"sandtide","answer":"{answer}","first_ns":{first},"ns":{ns:?}}}"#);
    Ok(())
}
