//! `.cpuprofile`, as V8 writes it: JSON with times in microseconds. Lines and columns count from 0 in
//! call frames, lines from 1 in `positionTicks`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use super::Profile;

/// A function, as profiles of time and of allocations name it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallFrame<'a> {
    pub(crate) function_name: &'a str,
    pub(crate) script_id: String,
    pub(crate) url: Cow<'a, str>,
    pub(crate) line_number: i64,
    pub(crate) column_number: i64,
}

#[derive(Serialize)]
struct Tick {
    line: u32,
    ticks: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    id: u32,
    call_frame: CallFrame<'a>,
    hit_count: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    position_ticks: Vec<Tick>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    nodes: Vec<Node<'a>>,
    start_time: u64,
    end_time: u64,
    samples: Vec<u32>,
    time_deltas: Vec<i64>,
}

/// Files are given by their URLs; other names of scripts (`node:vm`, `eval`) stay.
pub(crate) fn url(file: &str) -> Cow<'_, str> {
    if file.starts_with('/') { format!("file://{file}").into() } else { file.into() }
}

pub(super) fn write(profile: &Profile, mut out: impl Write) -> io::Result<()> {
    let mut scripts: HashMap<&str, usize> = HashMap::new();
    let mut nodes = Vec::with_capacity(profile.nodes.len());
    // Once for each function, and not for each place where it was called.
    let urls: Vec<Cow<'_, str>> = profile.functions.iter().map(|one| url(&one.file)).collect();
    for (index, node) in profile.nodes.iter().enumerate() {
        let function = profile.function_of(index as u32);
        let next = scripts.len() + 1;
        let script = match function.file.as_str() {
            "" => 0,
            file => *scripts.entry(file).or_insert(next),
        };
        let mut ticks: Vec<Tick> =
            node.lines.iter().map(|(&line, &ticks)| Tick { line, ticks }).collect();
        ticks.sort_unstable_by_key(|tick| tick.line);
        nodes.push(Node {
            id: index as u32 + 1,
            call_frame: CallFrame {
                function_name: &function.name,
                script_id: script.to_string(),
                url: Cow::Borrowed(&urls[node.function as usize]),
                line_number: i64::from(function.line) - 1,
                column_number: i64::from(function.column) - 1,
            },
            hit_count: node.hits,
            children: node.children.iter().map(|&child| child + 1).collect(),
            position_ticks: ticks,
        });
    }
    let mut before = profile.start / 1000;
    let mut deltas = Vec::with_capacity(profile.samples.len());
    for &(_, time) in &profile.samples {
        let time = time / 1000;
        deltas.push(time as i64 - before as i64);
        before = time;
    }
    let file = File {
        nodes,
        start_time: profile.start / 1000,
        end_time: profile.end / 1000,
        samples: profile.samples.iter().map(|&(node, _)| node + 1).collect(),
        time_deltas: deltas,
    };
    serde_json::to_writer(&mut out, &file)?;
    out.flush()
}
