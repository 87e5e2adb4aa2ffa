use sandtide_engine::*;
#[test]
fn smoke() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    println!("base {} bytes", instance.base().heap_bytes());
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
    println!("{image:?}");
    for n in 0..20 {
        let request = Request {
            globals: vec![("number".into(), Input::Value(10.into()))],
            globals_back: GlobalsBack::Changed,
            ..Request::default()
        };
        let o = instance.run(&image, &request);
        if n % 5 == 0 {
            println!("{o:?}");
        }
    }
    let src = |s: &str| Request { source: Some(Source::new("x.js", s)), ..Request::default() };
    let base = instance.base().clone();
    for s in [
        "1+1",
        "throw new TypeError('x')",
        "({a:[1,new Map([[1,new Set([2n])]]), new Date(5), new Uint8Array([1,2])]})",
        "while(true){}",
        "let a=[]; while(true) a.push(new Uint8Array(1<<20))",
        "[...'.'.repeat(1e9)]",
        "function f(){f()} f()",
        "syntax error here",
        "export default (x)=>x",
        "({a:{b:[()=>1]}})",
        "Promise.resolve(5)",
        "new Promise(()=>{})",
        "console.log('a',{b:1},[1,2]); 5",
        "Array.prototype.indexOf.call({length:2**53-1},1)",
        "/(a+)+$/.test('a'.repeat(40)+'!')",
        "2n ** (2n ** 40n)",
        "Date.now()+':'+new Date().getFullYear()+':'+performance.now()+':'+Math.random()",
    ] {
        let o = instance.run(&base, &src(s));
        println!("{s}\n    -> {:?} {:?} {:?}", o.result, o.logs, o.usage.wall);
    }
}
