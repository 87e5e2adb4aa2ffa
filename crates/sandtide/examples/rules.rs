//! A service that runs its users' rules: images built once, a pool, limits, host functions, and what
//! happens to a rule that is hostile.
//!
//! Run with `cargo run --release -p sandtide --example rules`.

use sandtide::{Error, HostError, Image, Limits, Pool, Run, Script, ScriptOptions, Value};
use std::collections::HashMap;
use std::time::Duration;

const DISCOUNT: &str = "
    export default async function (order) {
        const customer = await lookup(order.customer);
        const total = order.items.reduce((sum, item) => sum + item.price * item.count, 0);
        console.log(`${customer.name} orders for ${total}`);
        return customer.vip && total > 100 ? total * 0.9 : total;
    }
";

const HOSTILE: &str = "
    export default function () {
        Object.prototype.vip = true;
        const hoard = [];
        for (;;) try { hoard.push(new Uint8Array(1 << 20)); } catch {}
    }
";

fn main() -> Result<(), Error> {
    let customers = HashMap::from([("c1", ("Ada", true)), ("c2", ("Grace", false))]);
    let lookup = move |args: Vec<Value>| {
        let found = args.first().and_then(Value::as_str).and_then(|id| customers.get(id)).copied();
        async move {
            let (name, vip) = found.ok_or_else(|| HostError::new("no such customer"))?;
            Ok(Value::from_iter([("name", Value::from(name)), ("vip", Value::from(vip))]))
        }
    };
    let image = |source, file| {
        let script = Script::compile(source, ScriptOptions::new().file(file))?;
        Image::builder().host_async("lookup", lookup.clone()).script(&script).build()
    };
    let (discount, hostile) = (image(DISCOUNT, "discount.js")?, image(HOSTILE, "hostile.js")?);

    let pool = Pool::builder().instances(2).build()?;
    let limits = Limits { wall: Duration::from_millis(200), heap: 16 << 20, ..Limits::default() };
    let order = |customer: &str| {
        format!(r#"{{"customer": "{customer}", "items": [{{"price": 60, "count": 2}}]}}"#)
    };
    for (image, customer) in
        [(&discount, "c1"), (&hostile, "c1"), (&discount, "c2"), (&discount, "c3")]
    {
        let run = Run::new().input_json(order(customer)).limits(limits);
        let outcome = pool.run(image, &run);
        for line in &outcome.logs {
            println!("  {}: {}", line.level.as_str(), line.text);
        }
        match outcome.result {
            Ok(value) => println!("{customer} pays {}", value.to_json()),
            Err(error) => println!("{customer}: {} ({error})", error.code()),
        }
    }
    Ok(())
}
