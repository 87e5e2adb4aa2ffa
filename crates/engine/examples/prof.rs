use sandtide_engine::*;
use std::time::Instant;
fn main() {
    let mut instance = Instance::new({
        let mut c = InstanceConfig::default();
        if std::env::args().nth(1).is_some() {
            c.restore = RestoreStrategy::WrittenPages;
        }
        c
    })
    .unwrap();
    let image = instance
        .build(&Plan {
            setup: vec![Source::new(
                "fib.js",
                "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }",
            )],
            entry: EntryPoint::Classic(Source::new("a.js", "a = fibonacci(number)")),
            ..Plan::default()
        })
        .unwrap();
    let request =
        Request { globals: vec![("number".into(), Input::Value(10.into()))], ..Request::default() };
    println!("base {} image {:?}", instance.base().heap_bytes(), image);
    let n = 50_000;
    for round in 0..4 {
        let mut restore = 0u128;
        let mut ru = 0;
        let t = Instant::now();
        for _ in 0..n {
            let o = instance.run(&image, &request);
            restore += o.usage.restore.as_nanos();
            ru = o.usage.bytes_restored;
        }
        let fresh = t.elapsed().as_nanos() as f64 / n as f64;
        instance.load(&image).unwrap();
        let t = Instant::now();
        for _ in 0..n {
            instance.run_reused(&image, &request);
        }
        let reused = t.elapsed().as_nanos() as f64 / n as f64;
        println!(
            "round {round}: fresh {fresh:.0} ns (restore {} ns, {ru} bytes)  reused {reused:.0} ns ratio {:.2}",
            restore as f64 / n as f64,
            fresh / reused
        );
    }
}
