//! An image as plain bytes, for another process that was forked from the same one: the arena lies at
//! the same address there, over the same base image, and so do the program's functions and the guard,
//! which is all that an image points to outside of itself (`instance/renew.rs` lists it).
//!
//! Must not know how bytes travel, nor who may be trusted with them.

use super::{BuiltEntryPoint, EntryPoint, HeapImage, Inner, Plan};
use crate::arena::snapshot::Snapshot;
use crate::error::Error;
use crate::instance::Instance;
use crate::js::raw::{JSValue, JSValueUnion, bits};
use crate::language::{Language, Places, javascript};
use crate::run::request::zone_of;
use std::ffi::c_void;
use std::sync::Arc;
use std::time::Duration;

const AD_HOC: u8 = 0;
const CLASSIC: u8 = 1;
const FUNCTION: u8 = 2;
const HANDLER: u8 = 3;

impl HeapImage {
    /// The image as bytes, for [`Instance::carried_image`] in another process that was forked from the
    /// one in which the instance was made.
    pub fn to_carried(&self) -> Vec<u8> {
        let inner = &*self.inner;
        let mut out = Vec::with_capacity(inner.snapshot.held() + 4096);
        let (kind, value) = match inner.entry {
            BuiltEntryPoint::AdHoc => (AD_HOC, (0, 0)),
            BuiltEntryPoint::Classic(value) => (CLASSIC, bits(value)),
            BuiltEntryPoint::Function(value) => (FUNCTION, bits(value)),
            BuiltEntryPoint::Handler(value) => (HANDLER, bits(value)),
        };
        out.extend([kind, u8::from(inner.reseed_hashes), u8::from(inner.timers)]);
        put(&mut out, inner.arena);
        put_bits(&mut out, value);
        put(&mut out, u64::try_from(inner.build_time.as_nanos()).unwrap_or(u64::MAX));
        put(&mut out, inner.globals.len() as u64);
        for &(name, value) in &inner.globals {
            put(&mut out, name.into());
            put_bits(&mut out, value);
        }
        inner.snapshot.put(&mut out);
        out
    }
}

impl Instance {
    /// Takes an image that another process built, as if it had been built here.
    ///
    /// # Errors
    /// [`Error::WrongForm`] for bytes that are no image of this arena; [`Error::InvalidTimeZone`] for a
    /// plan in no time zone.
    ///
    /// # Safety
    /// The bytes are [`HeapImage::to_carried`]'s, called in a process that was forked, as this one was,
    /// after this instance was made and before anything ran in it, of an image that this instance's
    /// fellow built there of `plan`.
    pub unsafe fn carried_image(&self, plan: &Plan, bytes: &[u8]) -> Result<HeapImage, Error> {
        let zone = zone_of(plan.time_zone.as_deref())?;
        let base = self.base_bytes();
        let inner = read(bytes, base).filter(|inner| {
            self.owns_arena(inner.arena) && inner.snapshot.len() <= self.heap_room()
        });
        let Some(Inner {
            arena, snapshot, entry, reseed_hashes, globals, timers, build_time, ..
        }) = inner
        else {
            return Err(Error::WrongForm {
                message: "these bytes are no image of this arena".into(),
            });
        };
        let hosts = plan.hosts.clone().into();
        let modules = Arc::clone(&plan.modules);
        let inner = Inner {
            arena,
            snapshot,
            entry,
            hosts,
            modules,
            places: places_of(plan),
            reseed_hashes,
            globals,
            timers,
            zone,
            build_time,
        };
        Ok(HeapImage { inner: Arc::new(inner) })
    }
}

/// The places of all that goes into an image, which was built of it elsewhere: they are no part of the heap.
fn places_of(plan: &Plan) -> Places {
    let mut places = Places::default();
    let entry = match &plan.entry {
        EntryPoint::AdHoc => None,
        EntryPoint::Classic(source) | EntryPoint::Module(source) => Some(source),
    };
    let sources = plan.setup.iter().chain(entry);
    let sources = sources.map(|it| (&it.text, &it.file, it.line, it.language()));
    let modules = plan.modules.iter();
    let modules = modules.map(|(name, text)| (text, name, 1, Language::of_file(name)));
    for (text, file, line, language) in sources.chain(modules) {
        // What does not compile was not built.
        let _ = javascript(text, file, line, language, &mut places);
    }
    places
}

/// Without what the plan has. `None` where the bytes end early or say what cannot be.
fn read(mut bytes: &[u8], base: &Arc<[u8]>) -> Option<Inner> {
    let from = &mut bytes;
    let [kind, reseed_hashes, timers] = *take_array(from)?;
    let arena = take(from)?;
    let value = take_value(from)?;
    let entry = match kind {
        AD_HOC => BuiltEntryPoint::AdHoc,
        CLASSIC => BuiltEntryPoint::Classic(value),
        FUNCTION => BuiltEntryPoint::Function(value),
        HANDLER => BuiltEntryPoint::Handler(value),
        _ => return None,
    };
    let build_time = Duration::from_nanos(take(from)?);
    let count = take(from)?;
    let mut globals = Vec::new();
    for _ in 0..count {
        let name = u32::try_from(take(from)?).ok()?;
        globals.push((name, take_bits(from)?));
    }
    let snapshot = Snapshot::read(from, base)?;
    Some(Inner {
        arena,
        snapshot,
        entry,
        hosts: Arc::new([]),
        modules: Arc::default(),
        places: Places::default(),
        reseed_hashes: reseed_hashes != 0,
        globals: globals.into(),
        timers: timers != 0,
        zone: None,
        build_time,
    })
}

fn put(out: &mut Vec<u8>, number: u64) {
    out.extend(number.to_le_bytes());
}

fn put_bits(out: &mut Vec<u8>, (tag, value): (i64, u64)) {
    put(out, tag.cast_unsigned());
    put(out, value);
}

fn take_array<'a, const N: usize>(from: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(first)
}

fn take(from: &mut &[u8]) -> Option<u64> {
    take_array(from).map(|bytes| u64::from_le_bytes(*bytes))
}

fn take_bits(from: &mut &[u8]) -> Option<(i64, u64)> {
    Some((take(from)?.cast_signed(), take(from)?))
}

/// An entry point is an object or bytecode, or nothing.
fn take_value(from: &mut &[u8]) -> Option<JSValue> {
    let (tag, value) = take_bits(from)?;
    Some(JSValue { u: JSValueUnion { ptr: value as usize as *mut c_void }, tag })
}
