//! pprof's `profile.proto`: the messages as its description has them, encoded by prost.

use std::collections::HashMap;
use std::io::{self, Write};

use prost::Message;

use super::Profile as Sampled;

#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueType {
    #[prost(int64, tag = "1")]
    pub(super) kind: i64,
    #[prost(int64, tag = "2")]
    pub(super) unit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    pub(super) location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    pub(super) value: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Line {
    #[prost(uint64, tag = "1")]
    pub(super) function_id: u64,
    #[prost(int64, tag = "2")]
    pub(super) line: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Location {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(message, repeated, tag = "4")]
    pub(super) line: Vec<Line>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Function {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(int64, tag = "2")]
    pub(super) name: i64,
    #[prost(int64, tag = "3")]
    pub(super) system_name: i64,
    #[prost(int64, tag = "4")]
    pub(super) filename: i64,
    #[prost(int64, tag = "5")]
    pub(super) start_line: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Profile {
    #[prost(message, repeated, tag = "1")]
    pub(super) sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    pub(super) sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    pub(super) location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    pub(super) function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    pub(super) string_table: Vec<String>,
    #[prost(int64, tag = "10")]
    pub(super) duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    pub(super) period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    pub(super) period: i64,
}

/// Texts, each once; the first is the empty one.
struct Strings {
    all: Vec<String>,
    by_text: HashMap<String, i64>,
}

impl Strings {
    fn of(&mut self, text: &str) -> i64 {
        if let Some(&index) = self.by_text.get(text) {
            return index;
        }
        let index = self.all.len() as i64;
        self.all.push(text.to_owned());
        self.by_text.insert(text.to_owned(), index);
        index
    }
}

pub(super) fn write(profile: &Sampled, mut out: impl Write) -> io::Result<()> {
    let mut strings = Strings { all: Vec::new(), by_text: HashMap::new() };
    strings.of("");
    let samples = ValueType { kind: strings.of("samples"), unit: strings.of("count") };
    let wall = ValueType { kind: strings.of("wall"), unit: strings.of("nanoseconds") };
    let period = profile.interval.as_nanos() as i64;
    let mut functions = Vec::new();
    let mut locations = Vec::new();
    for (index, function) in profile.functions.iter().enumerate() {
        let id = index as u64 + 1;
        let name = if function.name.is_empty() { "(anonymous)" } else { &function.name };
        let name = strings.of(name);
        let start_line = i64::from(function.line);
        let filename = strings.of(&function.file);
        functions.push(Function { id, name, system_name: name, filename, start_line });
        locations.push(Location { id, line: vec![Line { function_id: id, line: start_line }] });
    }
    let location = |node: u32| u64::from(profile.nodes[node as usize].function) + 1;
    let hit = profile.nodes.iter().enumerate().filter(|(_, node)| node.hits > 0);
    let message = Profile {
        sample_type: vec![samples, wall.clone()],
        sample: hit
            .map(|(index, node)| Sample {
                location_id: profile.stack_of(index as u32).map(location).collect(),
                value: vec![node.hits as i64, node.hits as i64 * period],
            })
            .collect(),
        location: locations,
        function: functions,
        string_table: strings.all,
        duration_nanos: (profile.end - profile.start) as i64,
        period_type: Some(wall),
        period,
    };
    out.write_all(&message.encode_to_vec())?;
    out.flush()
}
