//! Handlers over HTTP: what a script is given of a request under `/h/`, what becomes of its answer, and what a deploy
//! grants beside the script itself. Knows nothing of queues nor of workers.

mod granted;
mod request;
mod response;

pub(crate) use granted::{Env, Fresh, GrantsBody, MAX_GRANTS, MAX_TOOLS, Net, ToolBody};
pub(crate) use request::{Mount, request};
pub(crate) use response::{for_strangers, outcome};
