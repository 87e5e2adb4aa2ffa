//! What a zygote is told by its arguments.

use std::sync::atomic::{AtomicBool, Ordering};

static CAN_BE_ZYGOTE: AtomicBool = AtomicBool::new(false);

/// Notes that this program becomes a zygote where it is started as one.
pub fn note_can_be_zygote() {
    CAN_BE_ZYGOTE.store(true, Ordering::Relaxed);
}

/// Whether this program becomes a zygote where it is started as one. Another one would do what it does
/// by its own arguments, once for each zygote.
#[must_use]
pub fn can_be_zygote() -> bool {
    CAN_BE_ZYGOTE.load(Ordering::Relaxed)
}

/// The first argument of a program that is started as a zygote; the settings follow it.
pub const ZYGOTE_ARGUMENT: &str = "sandtide-zygote";

/// What a zygote is told when it is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZygoteSettings {
    /// Bytes of address space of each worker's arena.
    pub heap: usize,
    /// The largest stack that a run may have, in bytes.
    pub stack: usize,
    /// Bytes of images that a worker keeps.
    pub cache: usize,
    /// Bytes of memory that a worker may use outside of its arena.
    pub outside: usize,
    /// Layers that are left out, as `sandtide-confine` numbers them.
    pub without: u32,
    /// Whether it is to fork workers for debugging sessions as well.
    pub debugs: bool,
}

/// What a worker is forked for: the byte that comes with its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkedFor {
    /// Images and runs of one tenant.
    Runs,
    /// One debugging session.
    Debugging,
}

impl ForkedFor {
    /// The byte.
    #[must_use]
    pub fn byte(self) -> u8 {
        u8::from(self == ForkedFor::Debugging)
    }

    /// What a byte stands for.
    #[must_use]
    pub fn of_byte(byte: u8) -> ForkedFor {
        if byte == ForkedFor::Debugging.byte() { ForkedFor::Debugging } else { ForkedFor::Runs }
    }
}

impl ZygoteSettings {
    /// The arguments that say so, [`ZYGOTE_ARGUMENT`] first.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let ZygoteSettings { heap, stack, cache, outside, without, debugs } = *self;
        let numbers = [heap, stack, cache, outside, without as usize, usize::from(debugs)]
            .map(|n| n.to_string());
        std::iter::once(ZYGOTE_ARGUMENT.to_owned()).chain(numbers).collect()
    }

    /// Reads what follows [`ZYGOTE_ARGUMENT`]; none where it is something else.
    pub fn of_arguments(mut words: impl Iterator<Item = String>) -> Option<ZygoteSettings> {
        let mut number = || words.next()?.parse::<usize>().ok();
        let (heap, stack, cache, outside) = (number()?, number()?, number()?, number()?);
        let without = number()? as u32;
        Some(ZygoteSettings { heap, stack, cache, outside, without, debugs: number()? == 1 })
    }
}
