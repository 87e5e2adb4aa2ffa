//! Folded stacks, and the flame graph that `inferno` makes of them.

use std::io::{self, Write};
use std::path::Path;

use inferno::flamegraph;

use super::{Function, OTHER, Profile};

/// A function with its place; a semicolon would begin another function.
fn shown(function: &Function) -> String {
    let name = if function.name.is_empty() { "(anonymous)" } else { &function.name };
    let shown = match Path::new(&function.file).file_name() {
        Some(file) if function.line > 0 => {
            format!("{name} ({}:{})", file.to_string_lossy(), function.line)
        }
        _ => name.to_owned(),
    };
    shown
        .chars()
        .map(|c| {
            if c == ';' {
                ':'
            } else if c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Bytes of lines; what has no room is one line, of stacks that are told no further.
const ROOM: usize = 64 << 20;

fn lines(profile: &Profile, mut room: usize) -> impl Iterator<Item = String> {
    // Once for each function, and not for each stack that it is on.
    let shown: Vec<String> = profile.functions.iter().map(shown).collect();
    let mut hit = profile.nodes.iter().enumerate().filter(|(_, node)| node.hits > 0);
    let mut left_out = 0;
    std::iter::from_fn(move || {
        for (index, node) in hit.by_ref() {
            let mut names = Vec::new();
            let mut bytes = 0;
            for at in profile.stack_of(index as u32) {
                let name = shown[profile.nodes[at as usize].function as usize].as_str();
                names.push(name);
                bytes += name.len() + 1;
            }
            match room.checked_sub(bytes) {
                Some(rest) => room = rest,
                None => {
                    left_out += node.hits;
                    continue;
                }
            }
            names.reverse();
            return Some(format!("{} {}", names.join(";"), node.hits));
        }
        match std::mem::take(&mut left_out) {
            0 => None,
            hits => Some(format!("{OTHER} {hits}")),
        }
    })
}

pub(super) fn folded(profile: &Profile, mut out: impl Write) -> io::Result<()> {
    for line in lines(profile, ROOM) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

pub(super) fn svg(profile: &Profile, out: impl Write) -> io::Result<()> {
    let mut options = flamegraph::Options::default();
    "CPU profile".clone_into(&mut options.title);
    "samples".clone_into(&mut options.count_name);
    let lines: Vec<String> = lines(profile, ROOM).collect();
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), out)
        .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use std::time::Duration;

    #[test]
    fn stacks_without_room_are_one_line_with_all_their_hits() {
        let mut profile = Profile::new(Duration::from_millis(1), 0);
        for name in ["first", "second", "third"] {
            let one = Function { name: name.to_owned(), ..Function::default() };
            let function = profile.function(one);
            profile.add_many(0, 2, State::Running, [(function, 0)]);
        }
        let told: Vec<String> = lines(&profile, 7).collect();
        assert_eq!(told, ["first 2", "(other) 4"]);
        assert_eq!(lines(&profile, ROOM).count(), 3);
    }
}
