//! The web page: its files, which are in the program, and the headers that they are sent with. Knows nothing of
//! what the page asks the API.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

use http::StatusCode;

use crate::{answer, flight::Flight, http1::Response};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// What the page may do: load its own files, and ask the server that it came from. Texts of scripts are put into it
/// as text; where that were ever forgotten, this keeps them from being run.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One of the page's files.
pub(crate) struct Asset {
    /// Below `/ui/`; the page itself has none.
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    /// What tells it from the file of another release.
    tag: OnceLock<String>,
}

macro_rules! assets {
    ($($path:literal $type:ident $file:literal),* $(,)?) => {
        [$(Asset {
            path: $path,
            content_type: $type,
            bytes: include_bytes!(concat!("../ui/", $file)),
            tag: OnceLock::new(),
        }),*]
    };
}

static ASSETS: [Asset; ASSET_COUNT] = assets![
    "" HTML "index.html",
    "style.css" CSS "style.css",
    "icon.svg" SVG "icon.svg",
    "main.js" SCRIPT "main.js",
    "api.js" SCRIPT "api.js",
    "dom.js" SCRIPT "dom.js",
    "metrics.js" SCRIPT "metrics.js",
    "chart.js" SCRIPT "chart.js",
    "overview.js" SCRIPT "overview.js",
    "scripts.js" SCRIPT "scripts.js",
    "diff.js" SCRIPT "diff.js",
    "errors.js" SCRIPT "errors.js",
    "highlight.js" SCRIPT "highlight.js",
    "editor.js" SCRIPT "editor.js",
    "playground.js" SCRIPT "playground.js",
    "point.js" SCRIPT "point.js",
    "recorded.js" SCRIPT "recorded.js",
];
const ASSET_COUNT: usize = 17;

impl Asset {
    /// The file at this path: the page at `/ui` and `/ui/`, its parts below.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        let below = path.strip_prefix("/ui")?;
        let name = if below.is_empty() { "" } else { below.strip_prefix('/')? };
        ASSETS.iter().find(|asset| asset.path == name)
    }

    /// The file, or that the client has it already.
    pub(crate) fn answer(&'static self, flight: &Arc<Flight>, known: Option<&str>) -> Response {
        let tag = self.tag.get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            self.bytes.hash(&mut hasher);
            format!("\"{:016x}\"", hasher.finish())
        });
        let response = if known.is_some_and(|known| matches(known, tag)) {
            Response::empty(StatusCode::NOT_MODIFIED)
        } else {
            answer::as_it_is(flight, self.content_type, self.bytes.to_vec())
        };
        if response.status.is_server_error() {
            return response;
        }
        response
            .header("etag", tag.as_str())
            .header("cache-control", "no-cache")
            .header("content-security-policy", POLICY)
            .header("referrer-policy", "no-referrer")
            .header("cross-origin-opener-policy", "same-origin")
            .header("cross-origin-resource-policy", "same-origin")
    }
}

/// Whether an `If-None-Match` names the tag. Proxies that change a body's coding make a tag weak.
fn matches(known: &str, tag: &str) -> bool {
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_page_are_at_its_paths() {
        for (path, content_type) in [("/ui", HTML), ("/ui/", HTML), ("/ui/main.js", SCRIPT)] {
            assert_eq!(Asset::at(path).unwrap().content_type, content_type, "{path}");
        }
        for path in
            ["/uix", "/ui//", "/ui/..", "/ui/../src/ui.rs", "/ui/index.html", "/ui/MAIN.js", "/"]
        {
            assert!(Asset::at(path).is_none(), "{path}");
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/ui");
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(ASSETS.iter().any(|asset| asset.bytes == bytes));
        }
    }

    #[test]
    fn a_client_that_knows_the_file_names_its_tag() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(matches(known, "\"a\""), "{known}");
        }
        for other in ["", "a", "\"b\"", "\"a", "\"a\"b"] {
            assert!(!matches(other, "\"a\""), "{other}");
        }
    }
}
