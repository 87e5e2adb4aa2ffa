//! Why runs are abandoned.

/// Why a run was abandoned. The numbers are shared with the shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Reason {
    Heap = 1,
    Wall = 2,
    Cpu = 3,
    Cancelled = 4,
    Logs = 5,
    Jobs = 6,
    HostPanic = 7,
    Stack = 8,
    HeapCorrupted = 9,
}

impl Reason {
    pub(crate) fn from_raw(raw: u32) -> Option<Reason> {
        Some(match raw {
            0 => return None,
            1 => Reason::Heap,
            2 => Reason::Wall,
            3 => Reason::Cpu,
            5 => Reason::Logs,
            6 => Reason::Jobs,
            7 => Reason::HostPanic,
            8 => Reason::Stack,
            9 => Reason::HeapCorrupted,
            _ => Reason::Cancelled,
        })
    }
}
