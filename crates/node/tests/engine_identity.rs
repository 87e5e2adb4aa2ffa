//! The engine that this crate's tests run is the one that every program of the workspace runs.

// What is linked is what this crate links.
use sandtide_node as _;

#[test]
fn the_linked_engine_is_the_one_that_the_workspace_compiles() {
    assert!(sandtide_quickjs::is_the_only_engine());
    assert!(sandtide_quickjs::identity().contains(sandtide_quickjs::CHANGES));
}
