//! Calls of the engine by what they cost: fresh and reused runs, restores, images built, values
//! crossing. `cargo bench -p sandtide-bench --bench engine [-- FILTER]`

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sandtide_bench::guests;
use sandtide_engine::{
    EntryPoint, HostFunction, Instance, InstanceConfig, Plan, Request, RestoreStrategy, Source,
    Value,
};

const KIB: usize = 1 << 10;

fn instance(restore: RestoreStrategy) -> Instance {
    let mut config = InstanceConfig::default();
    config.restore = restore;
    Instance::new(config).expect("an arena of 64 MiB")
}

fn runs(c: &mut Criterion) {
    let mut group = c.benchmark_group("run");
    let scripts = [
        ("fibonacci-10", guests::fibonacci(), guests::fibonacci_of(10)),
        ("function", guests::sum(), guests::sum_of(20, 22)),
    ];
    for (name, plan, request) in scripts {
        let mut fresh = instance(RestoreStrategy::Auto);
        let image = fresh.build(&plan).expect("the plan builds");
        group.bench_function(BenchmarkId::new("pristine", name), |b| {
            b.iter(|| fresh.run(&image, black_box(&request)).result.expect("a value"));
        });
        let mut reused = instance(RestoreStrategy::Copy);
        let image = reused.build(&plan).expect("the plan builds");
        group.bench_function(BenchmarkId::new("reused", name), |b| {
            b.iter_custom(|iterations| {
                reused.load(&image).expect("its own image");
                let start = std::time::Instant::now();
                for _ in 0..iterations {
                    let outcome = reused.run_reused(&image, black_box(&request));
                    black_box(outcome.result.expect("a value"));
                }
                start.elapsed()
            });
        });
    }
    group.finish();
}

/// The restores alone, as the outcomes tell their time. `bench/run restore` makes the table.
fn restores(c: &mut Criterion) {
    for strategy in [RestoreStrategy::Copy, RestoreStrategy::WrittenPages, RestoreStrategy::Auto] {
        let mut group = c.benchmark_group(format!("restore/{strategy:?}"));
        // 0: the smallest image there is, of some 200 KB.
        for size in [0, 512, 1024, 2048, 4096, 16384] {
            let mut instance = instance(strategy);
            let base = instance.base().heap_bytes();
            let plan = guests::sized(size * KIB, base);
            let image = instance.build(&plan).expect("the plan builds");
            for pages in [1, 16, 64, 256] {
                if pages > guests::sized_pages(size * KIB, base).max(1) {
                    continue;
                }
                let request = guests::value_input((pages as f64).into());
                // Another image in between: what was learnt of the last runs is forgotten.
                let other = instance.base().clone();
                instance.load(&other).expect("its own image");
                let id = BenchmarkId::new(format!("{}-KiB", image.heap_bytes() / KIB), pages);
                group.bench_function(id, |b| {
                    b.iter_custom(|iterations| {
                        (0..iterations)
                            .map(|_| instance.run(&image, &request).usage.restore)
                            .sum::<Duration>()
                    });
                });
            }
        }
        group.finish();
    }
}

fn images(c: &mut Criterion) {
    let mut group = c.benchmark_group("build");
    let mut instance = instance(RestoreStrategy::Auto);
    let library = Plan {
        setup: vec![Source::new("library.js", guests::library(80 * KIB))],
        entry: EntryPoint::Classic(Source::new("main.js", "library.pick0([1, 2, 3], 0, 2)")),
        ..Plan::default()
    };
    for (name, plan) in [
        ("fibonacci", guests::fibonacci()),
        ("small-function", guests::small_script(0).0),
        ("library-80-KiB", library),
    ] {
        group.throughput(Throughput::Bytes(guests::source_bytes(&plan) as u64));
        group.bench_function(name, |b| b.iter(|| instance.build(&plan).expect("it builds")));
    }
    group.finish();
}

fn records(count: usize) -> Value {
    (0..count)
        .map(|id| {
            [
                ("id", Value::from(id as f64)),
                ("name", format!("record number {id}").into()),
                ("tags", vec![Value::from("red"), Value::from("green")].into()),
            ]
            .into_iter()
            .collect::<Value>()
        })
        .collect()
}

/// Values in, as values and as JSON text, and out; each in a pristine run that does nothing else.
fn crossing(c: &mut Criterion) {
    let mut group = c.benchmark_group("cross");
    let mut instance = instance(RestoreStrategy::Auto);
    let take = instance.build(&guests::module("take.js", "export default (input) => 0"));
    let take = take.expect("it builds");
    let echo = instance.build(&guests::module("echo.js", "export default (input) => input"));
    let echo = echo.expect("it builds");
    group.bench_function("nothing", |b| {
        b.iter(|| instance.run(&take, &Request::default()).result.expect("a value"));
    });
    for count in [1, 10, 100, 1000] {
        let value = records(count);
        let json = value.to_json();
        group.throughput(Throughput::Bytes(json.len() as u64));
        let by_json = guests::json_input(json);
        group.bench_function(BenchmarkId::new("in-json-records", count), |b| {
            b.iter(|| instance.run(&take, &by_json).result.expect("a value"));
        });
        let by_value = guests::value_input(value);
        group.bench_function(BenchmarkId::new("in-value-records", count), |b| {
            b.iter(|| instance.run(&take, &by_value).result.expect("a value"));
        });
        group.bench_function(BenchmarkId::new("in-json-and-out-records", count), |b| {
            b.iter(|| instance.run(&echo, &by_json).result.expect("a value"));
        });
    }
    for size in [64, 4 * KIB, 64 * KIB] {
        group.throughput(Throughput::Bytes(size as u64));
        let bytes = guests::value_input(Value::Bytes(vec![7; size]));
        group.bench_function(BenchmarkId::new("in-and-out-bytes", size), |b| {
            b.iter(|| instance.run(&echo, &bytes).result.expect("a value"));
        });
    }
    group.finish();
}

/// Calls from the guest to the host and back: 1000 in a run, so that the run itself hardly counts.
fn host_calls(c: &mut Criterion) {
    let mut group = c.benchmark_group("call");
    group.throughput(Throughput::Elements(1000));
    let mut instance = instance(RestoreStrategy::Auto);
    let plan = |text| Plan {
        hosts: vec![HostFunction::new("add", |call| {
            let number = |index| call.arg(index).as_f64().unwrap_or_default();
            Ok(Value::Number(number(0) + number(1)))
        })],
        ..guests::module("calls.js", text)
    };
    for (name, text) in [
        (
            "1000-guest-functions",
            "const plus = (a, b) => a + b;
             export default () => { let n = 0; for (let i = 0; i < 1000; i++) n = plus(n, 1); return n; }",
        ),
        (
            "1000-host-functions",
            "export default () => { let n = 0; for (let i = 0; i < 1000; i++) n = add(n, 1); return n; }",
        ),
    ] {
        let image = instance.build(&plan(text)).expect("it builds");
        group.bench_function(name, |b| {
            b.iter(|| instance.run(&image, &Request::default()).result.expect("a value"));
        });
    }
    let image = instance.build(&guests::fibonacci()).expect("it builds");
    group.bench_function("1000-scope-calls", |b| {
        b.iter(|| {
            let called = instance.scope(&image, &Request::default(), |scope| {
                let function = scope.get(scope.global(), "fibonacci")?;
                let number = scope.value(&Value::Number(1.0))?;
                for _ in 0..1000 {
                    black_box(scope.call(function, None, &[number])?);
                }
                Ok::<_, sandtide_engine::Error>(())
            });
            called.expect("a scope").expect("calls that answer");
        });
    });
    group.finish();
}

fn ad_hoc(c: &mut Criterion) {
    let mut group = c.benchmark_group("ad-hoc");
    let mut instance = instance(RestoreStrategy::Auto);
    let base = instance.base().clone();
    let fibonacci =
        "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
                     fibonacci(10)";
    let module =
        "export default async () => { const { a, ...rest } = { a: 1, b: 2 }; return rest; }";
    for (name, text) in [("expression", "1 + 1"), ("fibonacci-10", fibonacci), ("module", module)] {
        let request = guests::ad_hoc(text);
        group.bench_function(name, |b| {
            b.iter(|| instance.run(&base, &request).result.expect("a value"));
        });
    }
    group.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .without_plots()
}

criterion_group! {
    name = benches;
    config = config();
    targets = runs, restores, images, crossing, host_calls, ad_hoc
}
criterion_main!(benches);
