#!/usr/bin/env bash
# The crate getrandom 0.4.3 (crates.io), in a program that is linked statically with glibc: it makes no call
# of getrandom(2). It opens /dev/urandom, and keeps the descriptor for as long as the process is there. The
# same program linked dynamically opens nothing.
#
# Why one would guess otherwise: the call has been there since Linux 3.17, the crate's documentation names the
# file as a fallback for older kernels, and with musl, the other way to link statically, it makes the call. It
# looks for the C library's function with dlsym, which finds nothing in a static program of glibc. It is met by
# programs that fork and put their descriptors in order: the child closes the file, or has another one under its
# number, and reads that in the place of random bytes. And by those that change to a root without /dev.
#
# Seen with rustc 1.95 and glibc 2.36 on Linux 6.18:
#   dynamic: open after fill: nothing
#   static:  open after fill: /dev/urandom
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat >Cargo.toml <<'END'
[package]
name = "seen"
version = "0.0.0"
edition = "2021"
[dependencies]
getrandom = "=0.4.3"
END
cat >src/main.rs <<'END'
use std::fs;

fn main() {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    assert_ne!(bytes, [0; 16]);
    let open = fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    let found: Vec<String> =
        open.map(|path| path.display().to_string()).filter(|path| path.ends_with("random")).collect();
    println!("open after fill: {}", if found.is_empty() { "nothing".to_owned() } else { found.join(" ") });
}
END
target=$(rustc -vV | sed -n 's/^host: //p')
cargo build --quiet --target "$target" --target-dir dynamic
RUSTFLAGS="-C target-feature=+crt-static" cargo build --quiet --target "$target" --target-dir static
for way in dynamic static; do
    printf '%-8s %s\n' "$way:" "$("./$way/$target/debug/seen")"
done | tee seen
diff seen - <<'END'
dynamic: open after fill: nothing
static:  open after fill: /dev/urandom
END
