//! Walking a heap: its nodes, what they refer to, and their texts. The C side is `c/inspect`.
//!
//! Must not know what is made of it.

use core::ffi::{CStr, c_char, c_void};
use core::marker::PhantomData;

use crate::JSRuntime;

/// What lies at an address. The pair of both names a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum What {
    /// A group of roots, or what the engine holds for itself. Its address is 16 times its number;
    /// 0 is the root of all.
    Group = 1,
    /// What the collector knows: objects, shapes, code, variables, contexts.
    Counted,
    /// A string or a symbol.
    String,
    /// A string of two halves.
    Rope,
    /// A big integer.
    BigInt,
    /// A module.
    Module,
    /// A variable that is still in its function's frame.
    Variable,
}

impl What {
    /// The one with this number.
    pub fn from_number(number: u8) -> Option<What> {
        const ALL: [What; 7] = [
            What::Group,
            What::Counted,
            What::String,
            What::Rope,
            What::BigInt,
            What::Module,
            What::Variable,
        ];
        ALL.get(usize::from(number).wrapping_sub(1)).copied()
    }
}

/// A node's place in the heap. Only a walk makes them, and they are good for that walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Where it lies: a multiple of 8, and of 16 cells no two nodes share one.
    pub address: usize,
    /// What lies there.
    pub what: What,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawName {
    pub(crate) naming: u32,
    pub(crate) number: u32,
    pub(crate) text: *const c_void,
}

#[repr(C)]
struct RawNode {
    kind: u32,
    detached: u32,
    size: u64,
    name: RawName,
    known: bool,
    sampled: bool,
    file: u32,
    line: i32,
    column: i32,
}

#[repr(C)]
struct RawEdge {
    kind: u32,
    to_what: u32,
    name: RawName,
    to: *const c_void,
}

/// How a node or an edge is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'walk> {
    /// A number, as those of elements.
    Number(u32),
    /// The text of an atom: see [`Walk::atom_text`].
    Atom(u32),
    /// A text of the engine's.
    Static(&'walk str),
    /// The text of the string at this place.
    String(Place),
    /// The node's own text.
    Own,
}

/// A node of the heap. Its kind is numbered as `.heapsnapshot` numbers types of nodes.
#[derive(Clone, Copy, Debug)]
pub struct Node<'walk> {
    /// 0 to 14: `c/include/sandtide_inspect.h` has the list.
    pub kind: u8,
    /// 0: unknown, 1: attached, 2: detached.
    pub detached: u8,
    /// Bytes of all blocks that only this node has, with the headers of the allocators.
    pub size: u64,
    /// What it is called.
    pub name: Name<'walk>,
    /// Whether it was described by an earlier walk, and its block was not given out again since.
    pub known: bool,
    /// Whether its allocation was noted, by whoever samples now or did before.
    pub sampled: bool,
    /// Where its code stands: the atom of the file's name, line and column from 1.
    pub code: Option<(u32, u32, u32)>,
}

/// A reference from one node to another. Its kind is numbered as `.heapsnapshot` numbers types of edges.
#[derive(Clone, Copy, Debug)]
pub struct Edge<'walk> {
    /// 0 to 6: `c/include/sandtide_inspect.h` has the list.
    pub kind: u8,
    /// What it is called.
    pub name: Name<'walk>,
    /// Where it leads.
    pub to: Place,
}

unsafe extern "C" {
    fn sandtide_walk_begin(rt: *mut JSRuntime);
    fn sandtide_walk_end(rt: *mut JSRuntime);
    fn sandtide_walk_all(
        rt: *mut JSRuntime,
        on_node: unsafe extern "C" fn(*mut c_void, *const c_void, u32),
        opaque: *mut c_void,
    );
    fn sandtide_walk_edges(
        rt: *mut JSRuntime,
        address: *const c_void,
        what: u32,
        on_edge: unsafe extern "C" fn(*mut c_void, *const RawEdge),
        opaque: *mut c_void,
    );
    fn sandtide_walk_node(
        rt: *mut JSRuntime,
        address: *const c_void,
        what: u32,
        node: *mut RawNode,
    );
    fn sandtide_walk_look(
        rt: *mut JSRuntime,
        address: *const c_void,
        what: u32,
        node: *mut RawNode,
    );
    fn sandtide_walk_text(
        rt: *mut JSRuntime,
        address: *const c_void,
        what: u32,
        out: *mut u16,
        room: u32,
        length: *mut u32,
    ) -> u32;
    fn sandtide_walk_atoms(rt: *mut JSRuntime) -> u32;
    fn sandtide_walk_atom(
        rt: *mut JSRuntime,
        atom: u32,
        out: *mut u16,
        room: u32,
        length: *mut u32,
    ) -> u32;
    fn sandtide_walk_used(rt: *mut JSRuntime) -> u64;
}

type Describe = unsafe extern "C" fn(*mut JSRuntime, *const c_void, u32, *mut RawNode);

/// A walk through a runtime's heap. Nothing runs in the heap while it is there.
#[derive(Debug)]
pub struct Walk<'rt> {
    rt: *mut JSRuntime,
    runtime: PhantomData<&'rt mut ()>,
}

impl<'rt> Walk<'rt> {
    /// Begins a walk.
    ///
    /// # Safety
    /// The runtime is live for `'rt`, its lists are whole, and no code of it runs for as long as the
    /// walk is there (the caller may be a function that its code called). No other walk of it is there.
    pub unsafe fn begin(rt: *mut JSRuntime) -> Walk<'rt> {
        // SAFETY: given by the caller.
        unsafe { sandtide_walk_begin(rt) };
        Walk { rt, runtime: PhantomData }
    }

    /// Calls `f` with each group and all that the collector knows, none of them twice; edges lead to
    /// all others.
    pub fn all(&self, f: &mut dyn FnMut(Place)) {
        unsafe extern "C" fn on_node(opaque: *mut c_void, address: *const c_void, what: u32) {
            // SAFETY: `opaque` is what the call below handed over, which is over only afterwards.
            let f = unsafe { &mut *opaque.cast::<&mut dyn FnMut(Place)>() };
            if let Some(place) = place(address, what) {
                f(place);
            }
        }
        let mut f = f;
        // SAFETY: the runtime is live and at rest (`begin`); `on_node` takes just this pointer.
        unsafe { sandtide_walk_all(self.rt, on_node, (&raw mut f).cast()) }
    }

    /// Calls `f` with each reference of a node: the same ones in the same order each time.
    ///
    /// `from` is a place that this walk told.
    pub fn edges(&self, from: Place, f: &mut dyn FnMut(&Edge<'_>)) {
        unsafe extern "C" fn on_edge(opaque: *mut c_void, edge: *const RawEdge) {
            // SAFETY: as in `all`; the edge is there for this call.
            let (f, edge) = unsafe { (&mut *opaque.cast::<&mut dyn FnMut(&Edge<'_>)>(), &*edge) };
            if let Some(to) = place(edge.to, edge.to_what) {
                f(&Edge { kind: edge.kind as u8, name: name(edge.name), to });
            }
        }
        let mut f = f;
        // SAFETY: as in `all`, and the place is one of this heap's.
        unsafe {
            sandtide_walk_edges(
                self.rt,
                from.address as *const c_void,
                from.what as u32,
                on_edge,
                (&raw mut f).cast(),
            );
        }
    }

    /// What is at a place that this walk told. It is known from now on.
    pub fn node(&self, at: Place) -> Node<'_> {
        self.describe(at, sandtide_walk_node)
    }

    /// The same, and it is known afterwards only if it was before.
    pub fn look(&self, at: Place) -> Node<'_> {
        self.describe(at, sandtide_walk_look)
    }

    fn describe(&self, at: Place, describe: Describe) -> Node<'_> {
        let mut raw = RawNode {
            kind: 0,
            detached: 0,
            size: 0,
            name: RawName { naming: 0, number: 0, text: core::ptr::null() },
            known: false,
            sampled: false,
            file: 0,
            line: 0,
            column: 0,
        };
        // SAFETY: as in `edges`; the C side writes the whole of its struct, which has this layout.
        unsafe {
            describe(self.rt, at.address as *const c_void, at.what as u32, &raw mut raw);
        }
        let from_one = |number: i32| u32::try_from(number).unwrap_or(0);
        let code = (raw.file != 0).then(|| (raw.file, from_one(raw.line), from_one(raw.column)));
        Node {
            kind: raw.kind as u8,
            detached: raw.detached as u8,
            size: raw.size,
            name: name(raw.name),
            known: raw.known,
            sampled: raw.sampled,
            code,
        }
    }

    /// The beginning of the text at a place (a string, a symbol, a rope): writes what there is room
    /// for, and answers how much that was and how long the whole text is, both in code units.
    pub fn text(&self, at: Place, out: &mut [u16]) -> (usize, usize) {
        let mut length = 0;
        let room = u32::try_from(out.len()).unwrap_or(u32::MAX);
        // SAFETY: as in `edges`; there is room for so many units.
        let written = unsafe {
            sandtide_walk_text(
                self.rt,
                at.address as *const c_void,
                at.what as u32,
                out.as_mut_ptr(),
                room,
                &mut length,
            )
        };
        (written as usize, length as usize)
    }

    /// Which of these pooled blocks that a watcher was told of, in ascending order, are still what they
    /// were: see [`crate::allocations`].
    pub fn alive(&self, blocks: &[usize]) -> alloc::vec::Vec<bool> {
        // SAFETY: the runtime is live and at rest.
        unsafe { crate::allocations::alive(self.rt, blocks) }
    }

    /// Numbers of atoms are below this.
    pub fn atoms(&self) -> u32 {
        // SAFETY: the runtime is live.
        unsafe { sandtide_walk_atoms(self.rt) }
    }

    /// As [`Walk::text`], of an atom; empty for a number that is free.
    pub fn atom_text(&self, atom: u32, out: &mut [u16]) -> (usize, usize) {
        let mut length = 0;
        let room = u32::try_from(out.len()).unwrap_or(u32::MAX);
        // SAFETY: the runtime is live; there is room for so many units.
        let written =
            unsafe { sandtide_walk_atom(self.rt, atom, out.as_mut_ptr(), room, &mut length) };
        (written as usize, length as usize)
    }

    /// Bytes that the runtime counts as allocated.
    pub fn used(&self) -> u64 {
        // SAFETY: the runtime is live.
        unsafe { sandtide_walk_used(self.rt) }
    }
}

/// Writes the beginning of a name's text, for names that are no number and not a node's own; answers
/// how long that is, in code units.
///
/// # Safety
/// The name was told by the runtime, which is live, and nothing ran in it since.
pub unsafe fn text_of(rt: *mut JSRuntime, name: Name<'_>, out: &mut [u16]) -> usize {
    let room = u32::try_from(out.len()).unwrap_or(u32::MAX);
    let mut length = 0;
    let written = match name {
        // SAFETY: given by the caller; there is room for so many units.
        Name::Atom(atom) => unsafe {
            sandtide_walk_atom(rt, atom, out.as_mut_ptr(), room, &mut length)
        },
        // SAFETY: as above.
        Name::String(at) => unsafe {
            let address = at.address as *const c_void;
            sandtide_walk_text(rt, address, at.what as u32, out.as_mut_ptr(), room, &mut length)
        },
        Name::Static(text) => {
            let mut written = 0;
            for (unit, place) in text.encode_utf16().zip(out.iter_mut()) {
                *place = unit;
                written += 1;
            }
            written
        }
        Name::Number(_) | Name::Own => 0,
    };
    written as usize
}

impl Drop for Walk<'_> {
    fn drop(&mut self) {
        // SAFETY: begun in `begin`, and nothing ran since.
        unsafe { sandtide_walk_end(self.rt) };
    }
}

fn place(address: *const c_void, what: u32) -> Option<Place> {
    Some(Place { address: address.addr(), what: What::from_number(what as u8)? })
}

pub(crate) fn name<'walk>(raw: RawName) -> Name<'walk> {
    match raw.naming {
        0 => Name::Number(raw.number),
        1 => Name::Atom(raw.number),
        2 => {
            // SAFETY: the C side gives constants of its own, which stay.
            let text = unsafe { CStr::from_ptr(raw.text.cast::<c_char>()) };
            Name::Static(text.to_str().unwrap_or_default())
        }
        3 => Name::String(Place { address: raw.text.addr(), what: What::String }),
        _ => Name::Own,
    }
}
