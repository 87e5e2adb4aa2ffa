//! What it would take if each worker had all its namespaces and its empty root for itself: they are the
//! zygote's, but for that of processes. Measured in processes that do nothing else, one after the other,
//! because a process leaves what it shares with others once.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use sandtide_confine::{enter_empty_root, share_nothing};

use super::workers::ms;

/// Milliseconds that namespaces and an empty root took, `count` times.
pub(super) fn measure(count: u32) -> Result<Vec<f64>> {
    let program = std::env::current_exe()?;
    let one = |_| -> Result<f64> {
        let output = Command::new(&program).arg("wall-namespaces").output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("no namespaces here: {}", String::from_utf8_lossy(&output.stderr));
        }
        said.trim().parse::<f64>().with_context(|| format!("{said:?} is no time"))
    };
    (0..count).map(one).collect()
}

/// Makes them for this process, which has one thread, and says how many milliseconds that took.
pub(crate) fn namespaces() -> Result<()> {
    let begun = Instant::now();
    let own = share_nothing()?;
    enter_empty_root(&own)?;
    println!("{}", ms(begun.elapsed()));
    Ok(())
}
