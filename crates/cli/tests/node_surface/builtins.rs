//! `docs/node-builtins.md` says what of Node's builtin modules is there; it is made by a program.

use std::{fs, path::Path};

use crate::node::Program;

#[test]
fn the_page_of_builtin_modules_is_up_to_date() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").canonicalize().unwrap();
    let page = fs::read_to_string(docs.join("node-builtins.md")).unwrap();
    let maker = docs.join("node-builtins/page.js");
    let program = Program::new();
    let mut command = program.command();
    // What a machine's environment holds is not on the page.
    command.env_clear().args(["--no-warnings", maker.to_str().unwrap()]);
    let ended = program.finish(command, "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout == page,
        "docs/node-builtins.md is out of date: run `cargo run -- node --no-warnings \
         docs/node-builtins/page.js > docs/node-builtins.md`"
    );
}
