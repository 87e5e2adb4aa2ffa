//! Tables are in a program once. A constant's text is compiled into each unit of code that reads it, which took
//! 5 MB for the dates alone; a static's is not.

use std::path::Path;
use std::{env, fs};

/// Bytes at the beginning of a table that tell it from all others.
const HEAD: usize = 256;

#[test]
fn each_table_is_in_the_program_once() {
    // Whatever reads tables is in this program: all operations are reached by their names.
    let _ = sandtide_intl::call("", &[]);
    let program = fs::read(env::current_exe().unwrap()).unwrap();
    let mut found = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "txt") {
            continue;
        }
        let table = fs::read(&path).unwrap();
        let head = &table[..HEAD];
        let here = |bytes: &&[u8]| bytes[0] == head[0] && *bytes == head;
        let places = program.windows(HEAD).filter(here).count();
        assert_eq!(places, 1, "{} is in the program so often", path.display());
        found += 1;
    }
    assert_eq!(found, 7, "where are the tables?");
}
