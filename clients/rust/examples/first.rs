//! Deploys a script, runs it for two customers, and has its error told at the line.
//!
//! `cargo run -p sandtide-client --example first -- http://127.0.0.1:8080`

use sandtide_client::{Client, Deploy, Error, Run};
use serde_json::json;

const DISCOUNT: &str = "export default ({ total }) => {
  if (total < 0) throw new RangeError('total is negative');
  return total > 100 ? total * 0.9 : total;
}";

fn main() -> Result<(), Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let sandtide = Client::new(url).tenant("example");
    sandtide.deploy("discount", &Deploy::new(DISCOUNT))?;
    for total in [50, 200] {
        let outcome = sandtide.run("discount", &Run::new().input(json!({ "total": total })))?;
        let (value, bytes) = (outcome.value, outcome.usage.peak_heap_bytes);
        println!("a total of {total} becomes {value}; {bytes} bytes at most");
    }
    let error = sandtide.run("discount", &Run::new().input(json!({ "total": -1 }))).err();
    if let Some(problem) = error.as_ref().and_then(Error::problem) {
        println!("{} in line {}: {}", problem.code, problem.line.unwrap_or(0), problem.detail);
    }
    Ok(())
}
