//! A program that runs scripts of two tenants in confined processes, grants them a host function,
//! and loses a worker: `cargo run -p sandtide-worker --example wall`.

use std::time::Duration;

use sandtide::{Deployment, HostError, Limits, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::Supervisor;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // First thing: the supervisor starts this program anew as its zygote.
    sandtide_worker::run_if_zygote(&[]);

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let supervisor = Supervisor::builder().workers(2).start().await?;

        // The price list stays here: scripts get what the function answers, and nothing else.
        let price = |call: sandtide::HostCall<'_>| match call.arg(0).as_str() {
            Some("tea") => Ok(Value::from(3)),
            Some("cake") => Ok(Value::from(5)),
            _ => Err(HostError::named("RangeError", "not on the menu")),
        };
        let total = Deployment::new("cafe").host("price", price).script(
            "export default (order) => order.reduce((sum, item) => sum + price(item), 0)",
            ScriptOptions::new().file("total.js"),
        );
        let total = supervisor.deploy(total).await?;
        let order = Run::new().input_json(r#"["tea", "cake", "cake"]"#);
        println!("total: {:?}", supervisor.run(&total, order).await.result?);

        // Another tenant: another process, whatever it does.
        let endless = Deployment::new("other").script("for (;;) {}", ScriptOptions::new());
        let endless = supervisor.deploy(endless).await?;
        let short = Limits { wall: Duration::from_millis(50), ..Limits::default() };
        let ended = supervisor.run(&endless, Run::new().limits(short)).await;
        println!("endless: {}", ended.result.expect_err("it never ends").code());

        println!("layers that hold: {:?}", supervisor.layers());
        println!("{:?}", supervisor.counts());
        supervisor.shut_down().await;
        Ok(())
    })
}
