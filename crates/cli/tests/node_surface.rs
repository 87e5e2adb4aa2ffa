//! What of `sandtide node` is compared with Node 24 as it shows: texts of uncaught errors, the test
//! runner, which builtin modules there are, what is said of add-ons.

mod node;

#[path = "node_surface/builtins.rs"]
mod builtins;
#[path = "node_surface/stacks.rs"]
mod stacks;
#[path = "node_surface/test_runner.rs"]
mod test_runner;
#[path = "node_surface/uncaught.rs"]
mod uncaught;

use node::Program;

#[test]
fn the_error_of_an_add_on_names_its_package() {
    Program::new()
        .with("node_modules/fast/package.json", "{\"name\": \"fast\", \"main\": \"main.js\"}")
        .with("node_modules/fast/main.js", "module.exports = require('./build/fast.node');")
        .with("node_modules/fast/build/fast.node", "")
        .with(
            "a.js",
            "try { require('fast'); } catch (e) { console.log(`${e.code}: ${e.message}`); }",
        )
        .run(&["a.js"])
        .wrote(&[
            "ERR_DLOPEN_FAILED: the native add-on of the package \"fast\" cannot be loaded: \
                 sandtide node has no Node-API (DIR/node_modules/fast/build/fast.node)",
        ]);
}
