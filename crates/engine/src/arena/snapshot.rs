//! The bytes that an arena is put back to. Where they differ little from a base, only the
//! difference is held.
//!
//! Must not know what the bytes mean.

use std::sync::Arc;

/// Bytes that are compared and stored together: a difference of one byte costs so many.
const GRAIN: usize = 64;
/// Images with more than this of their own are held whole: putting them together again for each
/// instance would cost more memory than the difference saves.
const MAX_DELTA: usize = 512 << 10;

/// The first bytes of an arena at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    len: usize,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Whole(Arc<[u8]>),
    Delta(Arc<Delta>),
}

#[derive(Debug)]
struct Delta {
    base: Arc<[u8]>,
    /// Offset and length of each stretch that differs from the base, in order.
    stretches: Box<[(u32, u32)]>,
    bytes: Box<[u8]>,
}

impl Snapshot {
    /// Takes a copy of `bytes`, as a difference from `base` where that is worth it.
    pub(crate) fn take(bytes: &[u8], base: Option<&Arc<[u8]>>) -> Snapshot {
        let len = bytes.len();
        let delta = base.and_then(|base| Delta::between(base, bytes));
        let form = match delta {
            Some(delta) => Form::Delta(Arc::new(delta)),
            None => Form::Whole(bytes.into()),
        };
        Snapshot { len, form }
    }

    /// The bytes themselves, shared.
    pub(crate) fn whole(bytes: &Arc<[u8]>) -> Snapshot {
        Snapshot { len: bytes.len(), form: Form::Whole(Arc::clone(bytes)) }
    }

    /// Bytes of arena that it covers.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of memory that holding it takes, the base not counted.
    pub(crate) fn held(&self) -> usize {
        match &self.form {
            Form::Whole(bytes) => bytes.len(),
            Form::Delta(delta) => {
                delta.bytes.len() + size_of_val(&*delta.stretches) + size_of::<Delta>()
            }
        }
    }

    /// Writes its bytes over `to`, which is as long.
    pub(crate) fn write(&self, to: &mut [u8]) {
        match &self.form {
            Form::Whole(bytes) => to.copy_from_slice(bytes),
            Form::Delta(delta) => delta.write(to),
        }
    }

    /// Writes it behind what is in `out`, without the base.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend((self.len as u64).to_le_bytes());
        let (stretches, bytes): (&[(u32, u32)], &[u8]) = match &self.form {
            Form::Whole(bytes) => (&[], bytes),
            Form::Delta(delta) => (&delta.stretches, &delta.bytes),
        };
        let is_delta = matches!(self.form, Form::Delta(_));
        out.push(u8::from(is_delta));
        out.extend((stretches.len() as u64).to_le_bytes());
        for (start, len) in stretches {
            out.extend(start.to_le_bytes());
            out.extend(len.to_le_bytes());
        }
        out.extend_from_slice(bytes);
    }

    /// What [`put`](Self::put) wrote, up to the end of `from`, over the same base. `None` where it is
    /// something else.
    pub(crate) fn read(from: &[u8], base: &Arc<[u8]>) -> Option<Snapshot> {
        let (len, from) = from.split_first_chunk()?;
        let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
        let (&is_delta, from) = from.split_first()?;
        let (count, mut from) = from.split_first_chunk()?;
        let mut stretches: Vec<(u32, u32)> = Vec::new();
        let mut own = 0_usize;
        for _ in 0..u64::from_le_bytes(*count) {
            let (start, rest) = from.split_first_chunk()?;
            let (size, rest) = rest.split_first_chunk()?;
            let (start, size) = (u32::from_le_bytes(*start), u32::from_le_bytes(*size));
            own += size as usize;
            let end = |(start, size): &(u32, u32)| *start as usize + *size as usize;
            let follows = stretches.last().is_none_or(|last| end(last) <= start as usize);
            if !follows || end(&(start, size)) > len {
                return None;
            }
            stretches.push((start, size));
            from = rest;
        }
        let form = match is_delta {
            0 if stretches.is_empty() && from.len() == len => Form::Whole(from.into()),
            1 if from.len() == own => Form::Delta(Arc::new(Delta {
                base: Arc::clone(base),
                stretches: stretches.into(),
                bytes: from.into(),
            })),
            _ => return None,
        };
        Some(Snapshot { len, form })
    }

    /// All of its bytes in one piece.
    pub(crate) fn flat(&self) -> Arc<[u8]> {
        match &self.form {
            Form::Whole(bytes) => Arc::clone(bytes),
            Form::Delta(delta) => {
                let mut bytes = vec![0; self.len];
                delta.write(&mut bytes);
                bytes.into()
            }
        }
    }
}

impl Delta {
    /// `None` where it would be larger than [`MAX_DELTA`].
    fn between(base: &Arc<[u8]>, bytes: &[u8]) -> Option<Delta> {
        let mut stretches: Vec<(u32, u32)> = Vec::new();
        let mut total = 0;
        for (index, grain) in bytes.chunks(GRAIN).enumerate() {
            let start = index * GRAIN;
            let same = base.get(start..start + grain.len()).is_some_and(|other| other == grain);
            if same {
                continue;
            }
            total += grain.len();
            if total > MAX_DELTA {
                return None;
            }
            match stretches.last_mut() {
                Some((from, len)) if (*from + *len) as usize == start => *len += grain.len() as u32,
                _ => stretches.push((u32::try_from(start).ok()?, grain.len() as u32)),
            }
        }
        let mut own = Vec::with_capacity(total);
        for &(start, len) in &stretches {
            own.extend_from_slice(&bytes[start as usize..(start + len) as usize]);
        }
        Some(Delta { base: Arc::clone(base), stretches: stretches.into(), bytes: own.into() })
    }

    /// `bytes` has the snapshot's length.
    fn write(&self, bytes: &mut [u8]) {
        let shared = bytes.len().min(self.base.len());
        bytes[..shared].copy_from_slice(&self.base[..shared]);
        let mut own = &self.bytes[..];
        for &(start, len) in &self.stretches {
            let (now, rest) = own.split_at(len as usize);
            bytes[start as usize..(start + len) as usize].copy_from_slice(now);
            own = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_delta_gives_back_exactly_the_bytes_it_was_taken_of(
            base in proptest::collection::vec(any::<u8>(), 0..2000),
            len in 0usize..3000,
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        ) {
            let mut bytes = base.clone();
            bytes.resize(len, 0);
            for (index, value) in changes {
                if len > 0 {
                    bytes[index.index(len)] = value;
                }
            }
            let base: Arc<[u8]> = base.into();
            let snapshot = Snapshot::take(&bytes, Some(&base));
            prop_assert_eq!(&*snapshot.flat(), &bytes[..]);
            let mut carried = Vec::new();
            snapshot.put(&mut carried);
            prop_assert_eq!(&*Snapshot::read(&carried, &base).unwrap().flat(), &bytes[..]);
            carried.push(0);
            prop_assert!(Snapshot::read(&carried, &base).is_none());
            let mut other = vec![0xaa; len];
            snapshot.write(&mut other);
            prop_assert_eq!(&other[..], &bytes[..]);
        }
    }

    proptest! {
        #[test]
        fn bytes_of_anything_make_no_snapshot_that_cannot_be_written(
            carried in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..200),
        ) {
            let base: Arc<[u8]> = vec![7; 64].into();
            if let Some(snapshot) = Snapshot::read(&carried, &base)
                && snapshot.len() < 1 << 20
            {
                prop_assert_eq!(snapshot.flat().len(), snapshot.len());
            }
        }
    }

    #[test]
    fn what_equals_the_base_costs_next_to_nothing_and_what_differs_much_is_held_whole() {
        let base: Arc<[u8]> = vec![7; 1 << 20].into();
        let mut bytes = base.to_vec();
        bytes[1000] = 8;
        let small = Snapshot::take(&bytes, Some(&base));
        assert!(small.held() < 256, "{}", small.held());
        let other = vec![9; 1 << 20];
        assert_eq!(Snapshot::take(&other, Some(&base)).held(), 1 << 20);
    }
}
