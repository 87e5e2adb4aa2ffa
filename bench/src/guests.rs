//! The scripts that are measured, as plans and requests of the engine.

use std::fmt::Write as _;

use sandtide_engine::{EntryPoint, Input, Plan, Request, Source, Value};

/// Bytes of a page: what [`sized`] counts writes by.
pub const PAGE: usize = 4096;

/// The article's script: `fibonacci` is in the image, the number comes with the run.
pub fn fibonacci() -> Plan {
    Plan {
        setup: vec![Source::new(
            "fibonacci.js",
            "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }",
        )],
        entry: EntryPoint::Classic(Source::new("article.js", "a = fibonacci(number)")),
        ..Plan::default()
    }
}

/// A run of [`fibonacci`].
pub fn fibonacci_of(number: u32) -> Request {
    Request {
        globals: vec![("number".into(), Input::Value(f64::from(number).into()))],
        ..Request::default()
    }
}

/// A function-style script that does next to nothing.
pub fn sum() -> Plan {
    module("sum.js", "export default (input) => ({ sum: input.a + input.b });")
}

/// A run of [`sum`], its input as JSON text.
pub fn sum_of(a: u32, b: u32) -> Request {
    json_input(format!(r#"{{"a":{a},"b":{b}}}"#))
}

/// A plan of one module.
pub fn module(file: &str, text: &str) -> Plan {
    Plan { entry: EntryPoint::Module(Source::new(file, text)), ..Plan::default() }
}

/// A run that gives JSON text to a function.
pub fn json_input(text: impl Into<Vec<u8>>) -> Request {
    Request { input: Some(Input::Json(text.into())), ..Request::default() }
}

/// A run that gives a value to a function.
pub fn value_input(value: Value) -> Request {
    Request { input: Some(Input::Value(value)), ..Request::default() }
}

/// A run of a source of its own.
pub fn ad_hoc(text: &str) -> Request {
    Request { source: Some(Source::new("adhoc.js", text)), ..Request::default() }
}

/// An image of some `bytes`: a quarter of what it has beyond `base` is objects and strings, the
/// rest one array of bytes, of which a run writes one in as many pages as its input says, as far
/// apart as they can be.
pub fn sized(bytes: usize, base: usize) -> Plan {
    let own = bytes.saturating_sub(base);
    // An object of two properties with a string of its own, and its place in the array.
    let records = own / 4 / 220;
    let pages = own.saturating_sub(records * 220) / PAGE;
    let text = format!(
        "const records = [];
for (let i = 0; i < {records}; i++) records.push({{ id: i, name: `record number ${{i}} of many` }});
const bytes = new Uint8Array({pages} * {PAGE});
export default (count) => {{
  const apart = Math.floor({pages} / Math.max(count, 1)) * {PAGE};
  for (let i = 0; i < count; i++) bytes[i * apart + 512] = 1;
  return records.length;
}};
"
    );
    module("sized.js", &text)
}

/// The most pages that a run of `sized(bytes, base)` can write.
pub fn sized_pages(bytes: usize, base: usize) -> usize {
    let own = bytes.saturating_sub(base);
    own.saturating_sub(own / 4 / 220 * 220) / PAGE
}

/// Source of a library of some `bytes`: small functions, classes and tables, as bundles have them.
pub fn library(bytes: usize) -> String {
    let mut text = String::from("const library = {};\n");
    let mut i = 0;
    while text.len() < bytes {
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "library.words{i} = ['alpha{i}', 'beta{i}', 'gamma{i}', 'delta{i}'];
library.pick{i} = function pick{i}(list, start, step) {{
  const picked = [];
  for (let at = start; at < list.length; at += step) {{
    if (list[at] !== undefined && list[at] !== null) picked.push(String(list[at]) + '/{i}');
  }}
  return picked.join(', ');
}};
library.Shape{i} = class Shape{i} {{
  constructor(width, height) {{ this.width = width; this.height = height; }}
  get area() {{ return this.width * this.height * {i}; }}
  describe(name = 'shape{i}') {{ return `${{name}}: ${{this.width}} x ${{this.height}}`; }}
}};
"
        );
        i += 1;
    }
    text
}

/// A small script of the kind that users deploy, every `number` another one, and a run of it with
/// the JSON of its result.
pub fn small_script(number: usize) -> (Plan, Request, String) {
    let file = format!("script-{number}.js");
    match number % 5 {
        0 => (
            module(
                &file,
                &format!(
                    "// Price of an order, with the discounts of shop {number}.
const DISCOUNTS = {{ spring: 0.1, staff: 0.25, shop{number}: 0.5 }};
const SHIPPING = {shipping};

function net(items) {{
  return items.reduce((sum, item) => sum + item.price * item.count, 0);
}}

export default function price(order) {{
  const discount = DISCOUNTS[order.code] ?? 0;
  const before = net(order.items);
  return {{ shop: {number}, before, discount, total: Math.round(before * (1 - discount)) + SHIPPING }};
}}
",
                    shipping = number % 10
                ),
            ),
            json_input(r#"{"code":"spring","items":[{"price":100,"count":2}]}"#),
            format!(
                r#"{{"shop":{number},"before":200,"discount":0.1,"total":{}}}"#,
                180 + number % 10
            ),
        ),
        1 => (
            module(
                &file,
                &format!(
                    "const route = /^\\/tenant{number}\\/(\\w+)$/;
export default ({{ path }}) => {{
  const match = route.exec(path);
  if (!match) return {{ status: 404 }};
  return {{ status: 302, to: `https://example.com/${{match[1].toLowerCase()}}?from={number}` }};
}};
"
                ),
            ),
            json_input(format!(r#"{{"path":"/tenant{number}/About"}}"#)),
            format!(r#"{{"status":302,"to":"https://example.com/about?from={number}"}}"#),
        ),
        2 => (
            module(
                &file,
                &format!(
                    "export default async function validate(form) {{
  const errors = [];
  if (!form.name) errors.push('name is missing');
  if (form.age < {least}) errors.push('age is below {least}');
  const checked = await Promise.all(Object.keys(form).map(async (key) => key));
  return {{ form: {number}, ok: errors.length === 0, errors, checked }};
}}
",
                    least = number % 100
                ),
            ),
            json_input(r#"{"name":"Ada","age":100}"#),
            format!(r#"{{"form":{number},"ok":true,"errors":[],"checked":["name","age"]}}"#),
        ),
        3 => (
            Plan {
                entry: EntryPoint::Classic(Source::new(
                    file,
                    format!(
                        "// vm style: the globals are given with the run
var threshold{number} = {number};
var hot = readings.filter(function (reading) {{ return reading > threshold{number}; }});
var mean = hot.reduce(function (a, b) {{ return a + b; }}, 0) / (hot.length || 1);
({{ sensor: {number}, hot: hot.length, mean: mean }});
"
                    ),
                )),
                ..Plan::default()
            },
            Request {
                globals: vec![(
                    "readings".into(),
                    Input::Json(format!("[{number},{}]", number + 2).into()),
                )],
                ..Request::default()
            },
            format!(r#"{{"sensor":{number},"hot":1,"mean":{}}}"#, number + 2),
        ),
        _ => (
            Plan {
                setup: vec![Source::new(
                    format!("setup-{number}.js"),
                    format!(
                        "function greet{number}(name) {{
  var hour = name.length + {number} % 5;
  var part = hour < 5 ? 'morning' : hour < 8 ? 'day' : 'evening';
  return 'Good ' + part + ', ' + name + ' of {number}!';
}}
"
                    ),
                )],
                entry: EntryPoint::Classic(Source::new(file, format!("greet{number}(user)"))),
                ..Plan::default()
            },
            Request {
                globals: vec![("user".into(), Input::Value("Grace".into()))],
                ..Request::default()
            },
            format!(r#""Good evening, Grace of {number}!""#),
        ),
    }
}

/// Bytes of source in a plan.
pub fn source_bytes(plan: &Plan) -> usize {
    let entry = match &plan.entry {
        EntryPoint::AdHoc => 0,
        EntryPoint::Classic(source) | EntryPoint::Module(source) => source.text.len(),
    };
    entry + plan.setup.iter().map(|source| source.text.len()).sum::<usize>()
}
