#!/usr/bin/env bash
# Rust's core library (seen with 1.95.0): of two decimal texts that are equally short and equally near to a number,
# it writes the upper one. V8 (node 24.21.0 from npm), and the crates ryu 1.0.23 and zmij 1.0.23, write the
# even one, as ECMA-262 recommends (Number::toString, note 2).
#
# Why one would guess otherwise: all of them print the shortest digits that read back as the same number, and
# their texts agree on everything that one tries by hand. They can differ where a number lies exactly halfway, as
# 8 % of 200,000 random numbers between 1e13 and 9e15 did (identifiers, times in microseconds with a fraction).
# A service in Rust that writes JSON by format! and one in JavaScript then give the same number two texts, and
# hashes or signatures over them differ.
#
# Seen:
#   rust 124823667833232.63 1283393415228273.3 87281188786003.13 0.3
#   ryu  124823667833232.62 1283393415228273.2 87281188786003.12 0.3
#   zmij 124823667833232.62 1283393415228273.2 87281188786003.12 0.3
#   node 124823667833232.62 1283393415228273.2 87281188786003.12 0.3
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0
mkdir src
cat >Cargo.toml <<'END'
[package]
name = "texts"
version = "0.0.0"
edition = "2021"

[dependencies]
ryu = "=1.0.23"
zmij = "=1.0.23"

[workspace]
END
cat >src/main.rs <<'END'
fn main() {
    let numbers = [124823667833232.625, 1283393415228273.25, 87281188786003.125, 0.3_f64];
    println!("rust {}", numbers.map(|number| number.to_string()).join(" "));
    println!("ryu  {}", numbers.map(|number| ryu::Buffer::new().format(number).to_owned()).join(" "));
    println!("zmij {}", numbers.map(|number| zmij::Buffer::new().format(number).to_owned()).join(" "));
}
END
cargo --version
cargo run --quiet | tee seen
node_modules/node/bin/node \
  -p '`node ${[124823667833232.625, 1283393415228273.25, 87281188786003.125, 0.3].join(" ")}`' | tee -a seen
diff seen - <<'END'
rust 124823667833232.63 1283393415228273.3 87281188786003.13 0.3
ryu  124823667833232.62 1283393415228273.2 87281188786003.12 0.3
zmij 124823667833232.62 1283393415228273.2 87281188786003.12 0.3
node 124823667833232.62 1283393415228273.2 87281188786003.12 0.3
END
