//! What a message may hold: counted while it is read, before anything is made of it.

/// Bytes that what was sampled of a run may take.
pub const MOST_SAMPLED: usize = 256 << 10;

/// What a message may hold, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Values and texts.
    pub values: usize,
    /// Lines of a log, each with the memory that it takes beside its text.
    pub logs: usize,
    /// What was sampled of a run, with the memory that it takes beside its texts; 0 where nobody asked for
    /// it, and then there may be none.
    pub samples: usize,
}

impl Budget {
    /// For messages without a log.
    #[must_use]
    pub fn of_values(values: usize) -> Budget {
        Budget { values, logs: 0, samples: 0 }
    }

    /// The same, with room for samples.
    #[must_use]
    pub fn with_samples(self) -> Budget {
        Budget { samples: MOST_SAMPLED, ..self }
    }
}
