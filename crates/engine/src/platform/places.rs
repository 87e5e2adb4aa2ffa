//! Where each of the platform's modules lies in its array, and how the index of a native tells its module.
//! Must not know engines, nor runs.

use sandtide_platform::{MAX_NATIVES, MODULES, Module, STD};

/// Where the array has the module `std`; the others come behind it, in their order.
pub(super) const STD_AT: usize = 1;

/// The module at this place of the array.
pub(super) fn module_at(at: usize) -> &'static Module {
    at.checked_sub(STD_AT + 1).map_or(&STD, |index| &MODULES[index])
}

pub(super) fn place_of(name: &str) -> usize {
    let index = MODULES.iter().position(|module| module.name == name);
    index.map_or(STD_AT, |index| STD_AT + 1 + index)
}

/// The place of a native's module in the array, and the native's position in the module.
pub(super) fn place(index: i32) -> (usize, usize) {
    let index = usize::try_from(-1 - index).unwrap_or(0);
    ((index / MAX_NATIVES).max(STD_AT), index % MAX_NATIVES)
}

/// What the module of the native with this index is called.
pub(crate) fn name_of(index: i32) -> &'static str {
    module_at(place(index).0).name
}
