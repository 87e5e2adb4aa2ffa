//! QuickJS-NG as Sandtide runs it: compiled once, whole, with our changes, and linked by everything
//! that is shipped, tested, fuzzed and measured.
//!
//! The declarations are those of the engine's own headers (`bindings`, made by a command) and of what
//! this build adds to them. This package must not know what an arena, a realm's owner or a host is.
//!
//! [`identity`] names the engine that a program really runs:
//!
//! ```
//! let identity = sandtide_quickjs::identity();
//! assert!(identity.starts_with("QuickJS-NG 0.16.2, changes "), "{identity}");
//! assert!(sandtide_quickjs::is_the_only_engine());
//! ```

#![no_std]

extern crate alloc;

pub mod allocations;
#[expect(
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    reason = "made from the engine's headers"
)]
mod bindings;
pub mod debug;
mod numbers;
pub mod sample;
mod values;
pub mod walk;

pub use bindings::*;
pub use values::*;

// Depending on `rquickjs-sys` puts this crate before it on the linker's command line. The linker
// takes the first definition of a symbol, and this crate defines all of the engine's.
#[cfg(feature = "rquickjs")]
use rquickjs_sys as _;

use core::ffi::CStr;
pub use core::ffi::{c_char, c_int, c_uint, c_void};

unsafe extern "C" {
    /// See `c/identity.c`.
    #[link_name = "sandtide_engine_identity"]
    static IDENTITY: [c_char; 1];

    fn sandtide_engine_has(
        new_runtime: *const c_void,
        eval: *const c_void,
        run_regexp: *const c_void,
        normalize: *const c_void,
        print_number: *const c_void,
    ) -> bool;

    // Only their addresses are taken.
    fn lre_exec();
    fn unicode_normalize();
    fn js_dtoa();

    /// Gives a context another state of `Math.random`, and another hash seed if it is not null.
    ///
    /// # Safety
    /// The context is live, and no code of its runtime runs; `hash_seed` is null or readable. A new
    /// hash seed is sound only where [`sandtide_holds_hashes`] answers false: keys would not be found.
    pub fn sandtide_reseed(ctx: *mut JSContext, random: u64, hash_seed: *const u32);

    /// Orders free small blocks so that what is allocated from now on fills few pages.
    ///
    /// # Safety
    /// The runtime is live, and no code of it runs.
    pub fn sandtide_sort_blocks(rt: *mut JSRuntime);

    /// The hash seed of this context, which places the keys of maps and sets.
    ///
    /// # Safety
    /// The context is live.
    pub fn sandtide_hash_seed(ctx: *const JSContext) -> u32;

    /// Whether any object of the runtime was placed by a hash seed.
    ///
    /// # Safety
    /// The runtime is live, and no code of it runs.
    pub fn sandtide_holds_hashes(rt: *mut JSRuntime) -> bool;

    /// Whether a module's text says that it is one: it imports, exports or awaits at the top.
    ///
    /// # Safety
    /// The module is live.
    pub fn sandtide_says_module(module: *const JSModuleDef) -> bool;
}

/// What the build that compiled this crate made: compare with [`identity`], which the engine itself
/// tells.
pub const CHANGES: &str = env!("SANDTIDE_ENGINE_CHANGES");

/// The target that the engine was compiled for, as Rust names it.
pub const TARGET: &str = env!("SANDTIDE_ENGINE_TARGET");

/// The release of the engine, the hash of what is changed in it (16 hexadecimal digits, and the kind
/// of build unless it is the usual one), and the compiler:
/// `QuickJS-NG 0.16.2, changes 0123456789abcdef, gcc 12.2.0`.
pub fn identity() -> &'static str {
    // SAFETY: the symbol is a constant C string of the engine's own object (`c/identity.c`).
    let text = unsafe { CStr::from_ptr(&raw const IDENTITY as *const c_char) };
    text.to_str().unwrap_or("unreadable")
}

/// Whether all parts of the engine that this program calls come from the build that [`identity`]
/// names: false where another copy of the engine was linked as well and the linker took a part of it.
pub fn is_the_only_engine() -> bool {
    // SAFETY: the call compares addresses.
    let has = unsafe {
        sandtide_engine_has(
            JS_NewRuntime2 as *const c_void,
            JS_Eval2 as *const c_void,
            lre_exec as *const c_void,
            unicode_normalize as *const c_void,
            js_dtoa as *const c_void,
        )
    };
    has && identity().contains(CHANGES)
}
