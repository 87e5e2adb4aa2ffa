//! Says which of the patches fit another copy of the engine's source: the folder `quickjs` of another
//! release of `rquickjs-sys`. The command `check-upstream` in this package fetches one and compiles and
//! calls this: a program of its own, because the package does not build while a patch does not fit.

mod patch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("check_upstream: name the folder with quickjs.c");
        return ExitCode::from(2);
    };
    match check(&folder) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("check_upstream: {message}");
            ExitCode::from(2)
        }
    }
}

/// Whether all of them fit. One that does not is left out, and the next one tried.
fn check(folder: &Path) -> Result<bool, String> {
    let patches = patch::read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("patches"))?;
    let mut texts = BTreeMap::new();
    for entry in
        std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?
    {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".c") || name.ends_with(".h") {
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
            texts.insert(name, text);
        }
    }
    if !texts.contains_key("quickjs.c") {
        return Err(format!("{}: there is no quickjs.c", folder.display()));
    }
    let mut fit = 0;
    for patch in &patches {
        match patch.apply(&mut texts) {
            Ok(()) => {
                fit += 1;
                println!("fits   {}", patch.name);
            }
            Err(message) => {
                println!("FAILS  {}\n       {message}\n       until: {}", patch.name, patch.until)
            }
        }
    }
    println!("{fit} of {} patches fit", patches.len());
    Ok(fit == patches.len())
}
