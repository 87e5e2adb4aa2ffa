# Commands of the project: `just` lists them. Each is one line that works without `just` as well.

default:
    @just --list

# Format, lints and docs, as CI checks them.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# All tests.
test *ARGS:
    cargo test --workspace --locked {{ARGS}}

# The engine's and the realms' tests on an engine that poisons what it frees.
poisoned *ARGS:
    tests/poisoned {{ARGS}}

# The engine's tests under valgrind.
memcheck *ARGS:
    tests/memcheck {{ARGS}}

# Realms' tests with AddressSanitizer.
asan *ARGS:
    tests/asan {{ARGS}}

# The web platform tests from a checkout of them: `just wpt DIR`, or `just wpt DIR FILTER`.
wpt *ARGS:
    tests/wpt {{ARGS}}

# test262 from a checkout of it: `just test262 DIR`, or `just test262 DIR FILTER`.
test262 *ARGS:
    tests/test262 {{ARGS}}

# The clients in clients/, against a server that is started for it.
clients *ARGS:
    clients/run {{ARGS}}

# The web page in a headless browser; pictures of it go to target/ui.
ui:
    tests/ui/run

# The npm packages, installed from tarballs into an empty folder, under Node 20, 22, 24 and 26.
npm *ARGS:
    npm/run-tests {{ARGS}}

# The program as the npm packages have it: `npm/pack --out DIR target/npm/sandtide` packs it.
npm-program:
    cargo build --profile npm --locked -p sandtide-cli

# A server that is killed while it is deployed to, so many times: `just kills 200`.
kills N="200":
    SANDTIDE_KILLS={{N}} cargo test --locked -p sandtide-cli --test kept killed -- --nocapture

# Two servers on a PostgreSQL that is away for so many seconds: `just outage 60`.
outage SECONDS="5":
    cargo build --release --locked -p sandtide-cli
    tests/outage --bars --program target/release/sandtide --seconds {{SECONDS}}

# Fuzz targets: all for 60 s each, or TARGET SECONDS.
fuzz *ARGS:
    fuzz/run {{ARGS}}

# Benchmarks: `just bench article`; bench/README.md lists them.
bench *ARGS:
    bench/run {{ARGS}}

# The C side for aarch64 under qemu-user; with `suite`, all tests.
aarch64 *ARGS:
    tests/aarch64 {{ARGS}}

# Which patches fit another release of rquickjs-sys.
check-upstream VERSION:
    crates/quickjs/check-upstream {{VERSION}}

# Everything that CI runs.
ci:
    .ci/run

# Whether the files in deploy/ fit the program.
deploy *ARGS:
    deploy/check {{ARGS}}

# Archives of the program, dynamic and static, and their checksums in target/archives; each is tried.
release *ARGS:
    deploy/release {{ARGS}}
