//! Files of diagnosis: the names that Node gives to them where the user gives none, such as
//! `CPU.20261231.235959.PID.TID.001.cpuprofile`, and files that take their name when they are whole.
//!
//! Must not know what is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempPath;

/// Bytes that are written at once.
const BUFFER: usize = 1 << 20;

/// A file that takes its name in [`done`](Self::done). Until then, and where it is dropped before, what had
/// the name stays as it was. What is no plain file, such as a device or a pipe, is written to as it is.
#[derive(Debug)]
pub struct NewFile {
    out: BufWriter<File>,
    /// Where it lies until it is whole, and where it goes.
    place: Option<(TempPath, PathBuf)>,
}

impl NewFile {
    /// Makes a file beside `path`, in whose folder there must be leave to make one.
    ///
    /// # Errors
    /// Those of the system where it cannot be made, or what has the name may not be written to.
    pub fn create(path: &Path) -> io::Result<NewFile> {
        let (path, mode) = match fs::metadata(path) {
            Ok(before) if before.is_file() => {
                OpenOptions::new().write(true).open(path)?;
                // A link stays, and leads to the new file.
                (fs::canonicalize(path)?, Some(before.permissions()))
            }
            Ok(_) => {
                let file = OpenOptions::new().write(true).open(path)?;
                return Ok(NewFile { out: BufWriter::with_capacity(BUFFER, file), place: None });
            }
            Err(_) => (path.to_owned(), None),
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let (file, temporary) = beside(folder)?;
        if let Some(mode) = mode {
            file.set_permissions(mode)?;
        }
        let out = BufWriter::with_capacity(BUFFER, file);
        Ok(NewFile { out, place: Some((temporary, path)) })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Those of the system, of what was not yet written too.
    pub fn done(mut self) -> io::Result<()> {
        self.out.flush()?;
        match self.place {
            Some((temporary, path)) => temporary.persist(path).map_err(|failed| failed.error),
            None => Ok(()),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A new file in a folder, with the permissions of any new file; those of `tempfile` are for its owner
/// only, and its errors do not say the system's number.
fn beside(folder: &Path) -> io::Result<(File, TempPath)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".sandtide-{}-{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, TempPath::try_from_path(path)?)),
            // Left behind by a process that had the number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A CPU profile.
    CpuProfile,
    /// A heap snapshot.
    HeapSnapshot,
    /// A profile of allocations.
    HeapProfile,
}

/// A name for a new file of this process. The time is UTC; the thread is the first.
pub fn name(kind: Kind) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let (what, ending) = match kind {
        Kind::CpuProfile => ("CPU", "cpuprofile"),
        Kind::HeapSnapshot => ("Heap", "heapsnapshot"),
        Kind::HeapProfile => ("Heap", "heapprofile"),
    };
    let now = jiff::Timestamp::now().strftime("%Y%m%d.%H%M%S");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{what}.{now}.{}.0.{number:03}.{ending}", std::process::id())
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_had_the_name_stays_until_the_new_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(&[b'x'; 2 * BUFFER]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"before");
        drop(file);
        assert_eq!(
            (fs::read(&path).unwrap(), names(folder.path())),
            (b"before".into(), vec!["a".into()])
        );
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"after").unwrap();
        file.done().unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), names(folder.path())),
            (b"after".into(), vec!["a".into()])
        );
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_link_stays_one_and_a_device_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("link"));
        fs::write(&path, "before").unwrap();
        std::os::unix::fs::symlink("a", &link).unwrap();
        let mut file = NewFile::create(&link).unwrap();
        file.write_all(b"after").unwrap();
        file.done().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"after");
        let mut full = NewFile::create(Path::new("/dev/full")).unwrap();
        full.write_all(b"text").unwrap();
        assert_eq!(full.done().unwrap_err().kind(), io::ErrorKind::StorageFull);
        let none = NewFile::create(&folder.path().join("none/a")).unwrap_err();
        assert_eq!((none.kind(), none.raw_os_error()), (io::ErrorKind::NotFound, Some(2)));
    }
}
