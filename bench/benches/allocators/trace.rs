//! Reads a recorded heap trace. The format is described in `bench/traces/README.md`.

/// One request to the allocator; `slot` names the block.
#[derive(Clone, Copy)]
pub(crate) enum Event {
    Malloc { slot: usize, size: usize },
    Calloc { slot: usize, size: usize },
    Realloc { slot: usize, size: usize },
    Free { slot: usize },
}

pub(crate) struct Phase {
    pub(crate) name: String,
    pub(crate) events: Vec<Event>,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn line(&mut self) -> Option<&'a str> {
        let end = self.0.iter().position(|&byte| byte == b'\n')?;
        let line = self.bytes(end)?;
        self.bytes(1)?;
        str::from_utf8(line).ok()
    }

    fn number(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.bytes(1)?[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn event(&mut self) -> Option<Event> {
        let head = self.number()?;
        let slot = head >> 2;
        Some(match head & 3 {
            0 => Event::Malloc { slot, size: self.number()? },
            1 => Event::Calloc { slot, size: self.number()? },
            2 => Event::Realloc { slot, size: self.number()? },
            _ => Event::Free { slot },
        })
    }
}

/// The phases of a trace; none if it is damaged.
pub(crate) fn read(file: &[u8]) -> Option<Vec<Phase>> {
    let mut reader = Reader(file);
    if reader.line()? != "heaptrace1" {
        return None;
    }
    let mut phases = Vec::new();
    while !reader.0.is_empty() {
        let name = reader.line()?.to_owned();
        let (count, length) = reader.line()?.split_once(' ')?;
        let mut body = Reader(reader.bytes(length.parse().ok()?)?);
        let count: usize = count.parse().ok()?;
        let events = (0..count).map(|_| body.event()).collect::<Option<Vec<_>>>()?;
        phases.push(Phase { name, events });
    }
    Some(phases)
}
