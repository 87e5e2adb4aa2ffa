//! The zygote of the suite's workers: a test program's own `main` cannot become one.
#![forbid(unsafe_code)]

fn main() {
    sandtide_worker::run_if_zygote(&[]);
    eprintln!("this program is started by the suite's supervisor only");
}
