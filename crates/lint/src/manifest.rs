//! A `package.json`: which packages are asked for, and where.

use oxc_span::Span;

/// A manifest that was read.
pub(crate) struct Manifest<'t> {
    text: &'t str,
    json: serde_json::Value,
}

/// The lists of what runs where the program does; what only builds or tests it is let be.
const LISTS: [&str; 3] = ["dependencies", "optionalDependencies", "peerDependencies"];

impl<'t> Manifest<'t> {
    pub(crate) fn read(text: &'t str) -> Result<Manifest<'t>, serde_json::Error> {
        Ok(Manifest { text, json: serde_json::from_str(text)? })
    }

    /// The packages that are asked for, with the places of their names.
    pub(crate) fn dependencies(&self) -> Vec<(String, Span)> {
        let mut found = Vec::new();
        for list in LISTS {
            let Some(packages) = self.json.get(list).and_then(|it| it.as_object()) else {
                continue;
            };
            let from = self.text.find(&format!("\"{list}\"")).unwrap_or(0);
            for name in packages.keys() {
                let quoted = format!("\"{name}\"");
                let at = self.text[from..].find(&quoted).map_or(from, |at| from + at);
                found.push((name.clone(), Span::new(at as u32, (at + quoted.len()) as u32)));
            }
        }
        found
    }
}
