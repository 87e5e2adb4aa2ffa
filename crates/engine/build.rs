//! Compiles the C side of the engine boundary (`shim/shim.c`); the engine itself is compiled by
//! `rquickjs-sys`.

fn main() {
    println!("cargo:rerun-if-changed=shim/shim.c");
    println!("cargo:rerun-if-changed=shim/shim.h");
    cc::Build::new()
        .file("shim/shim.c")
        .flag_if_supported("-std=gnu11")
        .warnings(true)
        .opt_level(2)
        .compile("sandtide_shim");
}
