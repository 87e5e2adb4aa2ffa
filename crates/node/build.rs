//! Writes the table of built-in module sources: every `.js` file under `lib/`, by its id.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let lib = Path::new(&root).join("lib");
    let mut files = Vec::new();
    collect(&lib, "", &mut files)?;
    files.sort();
    let mut table = String::from("pub(super) const SOURCES: &[(&str, &str)] = &[\n");
    for (id, path) in &files {
        writeln!(table, "    ({id:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("sources.rs"), table)?;
    println!("cargo::rerun-if-changed=lib");
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else if let Some(stem) = name.strip_suffix(".js") {
            files.push((format!("{prefix}{stem}"), path.to_string_lossy().into_owned()));
        }
    }
    Ok(())
}
