//! Folders: listing and making them. Knows nothing of JavaScript.

use std::{
    collections::hash_map::RandomState,
    ffi::OsString,
    fs::{self, FileType},
    hash::{BuildHasher as _, Hasher as _},
    os::unix::{
        ffi::{OsStrExt as _, OsStringExt as _},
        fs::FileTypeExt as _,
    },
    path::{Path, PathBuf},
};

use rustix::{fs::Mode, io::Errno};

use super::answer::Failure;

pub(super) fn into_bytes(path: PathBuf) -> Vec<u8> {
    path.into_os_string().into_vec()
}

/// Names and kinds (as the `UV_DIRENT_` constants number them), sorted.
pub(super) fn list(path: &Path) -> Result<Vec<(Vec<u8>, i32)>, Failure> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type().map_or(0, kind);
        entries.push((entry.file_name().into_vec(), kind));
    }
    entries.sort();
    Ok(entries)
}

fn kind(found: FileType) -> i32 {
    if found.is_file() {
        1
    } else if found.is_dir() {
        2
    } else if found.is_symlink() {
        3
    } else if found.is_fifo() {
        4
    } else if found.is_socket() {
        5
    } else if found.is_char_device() {
        6
    } else if found.is_block_device() {
        7
    } else {
        0
    }
}

/// Makes a folder and those above it; gives the first that was made.
pub(super) fn make(path: &Path, mode: Mode) -> Result<Option<PathBuf>, Errno> {
    // From the folder inwards to the one that exists, and back.
    let mut missing = vec![path];
    let mut first = None;
    while let Some(next) = missing.last() {
        match rustix::fs::mkdir(*next, mode) {
            Ok(()) => {
                first.get_or_insert_with(|| next.to_path_buf());
                missing.pop();
            }
            Err(Errno::NOENT) => {
                match next.parent().filter(|above| !above.as_os_str().is_empty()) {
                    Some(above) => missing.push(above),
                    None => return Err(Errno::NOENT),
                }
            }
            Err(error @ (Errno::ACCESS | Errno::PERM | Errno::NOTDIR | Errno::NOSPC)) => {
                return Err(error);
            }
            Err(error) => {
                if !fs::metadata(next).is_ok_and(|found| found.is_dir()) {
                    // A file in the way of the rest of the path is not the folder's existing already.
                    return Err(if missing.len() > 1 { Errno::NOTDIR } else { error });
                }
                missing.pop();
            }
        }
    }
    Ok(first)
}

/// Makes a folder whose name is `prefix` and six characters that no other has.
pub(super) fn make_temporary(prefix: PathBuf) -> Result<PathBuf, Errno> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let prefix = prefix.into_os_string();
    for _ in 0..100 {
        // Its keys are random, and others each time.
        let mut random = RandomState::new().build_hasher().finish();
        let mut name = prefix.as_bytes().to_vec();
        for _ in 0..6 {
            name.push(LETTERS[(random % 62) as usize]);
            random /= 62;
        }
        let path = PathBuf::from(OsString::from_vec(name));
        match rustix::fs::mkdir(&path, Mode::RWXU) {
            Ok(()) => return Ok(path),
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Errno::EXIST)
}
