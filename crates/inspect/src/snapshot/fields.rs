//! The fields of `.heapsnapshot`, as V8 names them: what a reader's loader asks for by name.
//!
//! V8 documents none of it. The names and their order are those that Node 24 and 26 write; which of
//! them loaders depend on was seen in Chrome DevTools' and memlab's.
//!
//! | section | one entry |
//! |---|---|
//! | `nodes` | type (a number from `node_types`), name (in `strings`), id, size in bytes, how many edges, 0 unknown 1 attached 2 detached |
//! | `edges` | type (from `edge_types`), name (in `strings`; for elements and hidden ones the number itself), offset of its node in `nodes` |
//! | `locations` | offset of a function in `nodes`, script, line and column from 0 |
//! | `strings` | the texts; the first is never used |

/// Numbers that a node has in `nodes`.
pub(super) const NODE_FIELDS: u32 = 6;
/// The number of the type `native`.
pub(super) const NATIVE: u8 = 8;
/// Numbers of the types of edges that are named by a number and not by a text.
pub(super) const ELEMENT: u8 = 1;
pub(super) const HIDDEN: u8 = 4;

/// Characters of a text that are written; how long it is follows in its node's size.
pub(super) const TEXT: usize = 1024;

/// Everything of the header before its counts.
pub(super) const META: &str = concat!(
    r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count","detachedness"],"#,
    r#""node_types":[["hidden","array","string","object","code","closure","regexp","number","native","#,
    r#""synthetic","concatenated string","sliced string","symbol","bigint","object shape"],"#,
    r#""string","number","number","number","number"],"#,
    r#""edge_fields":["type","name_or_index","to_node"],"#,
    r#""edge_types":[["context","element","property","internal","hidden","shortcut","weak"],"#,
    r#""string_or_number","node"],"#,
    r#""trace_function_info_fields":["function_id","name","script_name","script_id","line","column"],"#,
    r#""trace_node_fields":["id","function_info_index","count","size","children"],"#,
    r#""sample_fields":["timestamp_us","last_assigned_id"],"#,
    r#""location_fields":["object_index","script_id","line","column"]},"#,
);
