//! A real PostgreSQL of Debian's, started in a directory of its own for the tests of one process, and ended with it.
//!
//! It needs the programs of the package `postgresql`. Where there are none the tests say so and pass, unless
//! `SANDTIDE_NEEDS_POSTGRES` is set, as CI does.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// A server with its directory. It ends, and its directory goes, when this is dropped or the process ends.
pub(crate) struct Cluster {
    /// Whose end of input ends the server.
    keeper: Mutex<Child>,
    directory: PathBuf,
    databases: AtomicU32,
}

/// Reads lines: `start` and `stop` with the way to stop, answered by a line each. Everything ends with the input.
const KEEPER: &str = r#"
set -u
bin=$1 directory=$2 as=$3 more=$4
run() { if [ -n "$as" ]; then setpriv --reuid="$as" --regid="$as" --clear-groups "$@"; else "$@"; fi; }
[ -z "$as" ] || chown -R "$as:" "$directory"
cd "$directory"
run "$bin/initdb" --pgdata=data --auth=trust --username=test --encoding=UTF8 --no-sync >init.log 2>&1 || { cat init.log >&2; exit 1; }
printf "listen_addresses = ''\nunix_socket_directories = '%s'\nfsync = off\nmax_connections = 200\n%s\n" "$directory" "$more" >>data/postgresql.conf
start() { run "$bin/pg_ctl" -D data -l server.log -w start >/dev/null 2>&1 && echo started || { cat server.log >&2; exit 1; }; }
start
while read -r word; do
    case $word in
    start) start ;;
    *) run "$bin/pg_ctl" -D data -m "$word" -w stop >/dev/null 2>&1; echo stopped ;;
    esac
done
run "$bin/pg_ctl" -D data -m immediate -w stop >/dev/null 2>&1
cd /; rm -rf "$directory"
"#;

/// Where the newest of the programs are.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let bins = versions.flatten().map(|version| version.path().join("bin"));
    let mut bins: Vec<_> = bins.filter(|bin| bin.join("initdb").exists()).collect();
    bins.sort();
    bins.pop()
}

impl Cluster {
    /// A server of the test's own; none, with a message, where it cannot be.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with("", &[])
    }

    /// The same with more settings, and with files that they name.
    pub(crate) fn start_with(settings: &str, files: &[(&str, &str)]) -> Option<Self> {
        let Some(bin) = programs() else {
            assert!(
                env::var_os("SANDTIDE_NEEDS_POSTGRES").is_none(),
                "there is no PostgreSQL: apt-get install postgresql"
            );
            eprintln!(
                "there is no PostgreSQL (apt-get install postgresql), so nothing is tested with it"
            );
            return None;
        };
        // Short, because of what a socket's name may have.
        let directory = tempfile::Builder::new().prefix("pg").tempdir().unwrap().keep();
        for (name, text) in files {
            // A key that others can read is refused.
            let mut options = fs::OpenOptions::new();
            let mut file = options
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(directory.join(name))
                .unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
        // It does not run as root.
        let is_root = fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0);
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(bin)
            .arg(&directory)
            .arg(if is_root { "postgres" } else { "" })
            .arg(settings.replace("{directory}", directory.to_str().unwrap()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        expect(&mut keeper, "started");
        Some(Self { keeper: Mutex::new(keeper), directory, databases: AtomicU32::new(0) })
    }

    /// The server that all tests of this process share.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// The address of a new database with nothing in it.
    pub(crate) fn database(&self) -> String {
        let name = format!("d{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.address(&name)
    }

    fn address(&self, database: &str) -> String {
        let directory = self.directory.to_str().unwrap().replace('/', "%2F");
        format!("postgres://test@{directory}/{database}")
    }

    /// What `psql` answers.
    pub(crate) fn sql(&self, database: &str, text: &str) -> String {
        let psql = programs().unwrap().join("psql");
        let said = Command::new(psql)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "test"])
            .args(["-d", database, "-c", text])
            .arg("-h")
            .arg(&self.directory)
            .output()
            .unwrap();
        assert!(said.status.success(), "{text}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    }

    /// Stops it, without a word to whoever is connected.
    pub(crate) fn stop(&self) {
        self.say("immediate", "stopped");
    }

    /// Starts it again.
    pub(crate) fn start_again(&self) {
        self.say("start", "started");
    }

    fn say(&self, word: &str, answer: &str) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(keeper.stdin.as_mut().unwrap(), "{word}").unwrap();
        expect(&mut keeper, answer);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.stdin = None;
        let _ = keeper.wait();
    }
}

fn expect(keeper: &mut Child, answer: &str) {
    let mut line = String::new();
    // A line is written at once, and nothing follows it before the next word.
    BufReader::with_capacity(1, keeper.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), answer, "PostgreSQL did not do as it was told");
}
