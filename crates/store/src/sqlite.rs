//! The store in SQLite: one connection, which belongs to a thread. Whoever asks waits for that thread,
//! never for the disk.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;

use crate::{
    Active, Answer, AuditEntry, Change, Due, EndedRun, Fingerprint, NewCanary, NewSchedule,
    NewToken, NewVersion, News, Quota, Quotas, Role, Schedule, ScheduleOf, ScheduleStore, Secret,
    SecretFacts, SecretKey, SecretOf, SecretValue, Store, StoreError, StoredVersion, TokenRecord,
    Tokens, UsageStore, UsageWanted, Used, VersionFacts, Who, canaries, migrations, once,
    schedules, secrets, statements, usage,
};

/// How often the store looks whether another process changed it.
const LOOK: Duration = Duration::from_millis(300);
/// How long a change waits for another process's.
const PATIENCE: Duration = Duration::from_secs(5);
const DATABASE: &str = "sandtide.db";
/// What SQLite may keep beside a file of its own: a part of what that file has.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];
const LOCK: &str = "serve.lock";

/// What a store keeps beside what is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Former versions that are kept of each script. Default 20.
    pub former_versions: u32,
    /// Bytes that the bodies and facts of all former versions may have. Beyond them the oldest go, of the
    /// tenants that have most. Default 1 GiB.
    pub former_bytes: u64,
    /// Lines of the audit trail that are kept of what was done to scripts; beyond them the oldest go, of the
    /// tenants that have most. As many are kept of what was done to tokens and quotas. Default 100,000.
    pub audit_entries: u32,
    /// What secrets are sealed with. Without it none can be set or read. Default: none.
    pub secret_key: Option<SecretKey>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            former_versions: 20,
            former_bytes: 1 << 30,
            audit_entries: 100_000,
            secret_key: None,
        }
    }
}

/// A store in a file, or in memory.
pub struct SqliteStore {
    /// None only while the store is dropped.
    work: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
    tokens: watch::Receiver<Arc<Tokens>>,
    quotas: watch::Receiver<Arc<Quotas>>,
    exposed: Vec<PathBuf>,
    /// Held as long as the store is used by a server.
    _lock: Option<File>,
}

type Work = Box<dyn FnOnce(&mut Keeper) + Send>;

/// What the thread has.
struct Keeper {
    connection: Connection,
    options: StoreOptions,
    former_bytes: u64,
    /// The minute in which usage was trimmed.
    usage_trimmed: i64,
    /// By which another process's changes are noticed.
    data_version: i64,
    tokens: watch::Sender<Arc<Tokens>>,
    quotas: watch::Sender<Arc<Quotas>>,
    /// What the last change failed with, if it did.
    failed: Option<String>,
}

impl SqliteStore {
    /// Opens the store in a directory for a server, which is made where it is missing. Its files become
    /// readable by their user alone, also those that are there already.
    ///
    /// # Errors
    ///
    /// When the directory cannot be used, another server uses it, or it is of a newer release.
    pub fn open(directory: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        make(directory)?;
        let lock = lock(directory)?;
        let connection = connect(directory)?;
        let mut store = Self::start(connection, options, Some(lock), Some(LOOK))?;
        store.exposed = exposed(directory);
        Ok(store)
    }

    /// Opens a store that a server may be using meanwhile, to change what is in it beside scripts.
    ///
    /// # Errors
    ///
    /// When there is no store in the directory, it cannot be used, or it is of a newer release.
    pub fn open_beside(directory: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        if let Err(source) = fs::metadata(directory.join(DATABASE)) {
            return Err(StoreError::Directory { path: directory.to_owned(), source });
        }
        Self::start(connect(directory)?, options, None, None)
    }

    /// A store that ends with this process, and has no tokens.
    ///
    /// # Errors
    ///
    /// When memory or a thread cannot be had.
    pub fn in_memory(options: StoreOptions) -> Result<Self, StoreError> {
        Self::start(Connection::open_in_memory()?, options, None, None)
    }

    /// The directory and those of its files that others than their user could read or write when the store
    /// was opened, and still can: their permissions were set by somebody else.
    pub fn exposed(&self) -> &[PathBuf] {
        &self.exposed
    }

    /// Writes all that is kept, as it is at one moment, to a file that must not be there yet. A server may be
    /// using the store meanwhile.
    pub fn back_up(&self, to: &Path) -> Answer<()> {
        let to = to.to_owned();
        self.ask(move |keeper| {
            let failed = |source| StoreError::Backup { path: to.clone(), source };
            // For its user alone, as the store is; SQLite writes to a file that is empty.
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to);
            let file = file.map_err(failed)?;
            let name =
                to.to_str().ok_or_else(|| failed(io::Error::other("its name is not UTF-8")))?;
            let written = keeper.connection.execute("VACUUM INTO ?1", [name]);
            let written =
                written.map_err(StoreError::from).and_then(|_| file.sync_all().map_err(failed));
            if written.is_err() {
                let _ = fs::remove_file(&to);
            }
            written
        })
    }

    /// Has a directory keep what a backup has. Nothing may be kept there yet.
    ///
    /// # Errors
    ///
    /// When the file is no backup, is damaged, of a newer release or a raw copy of a store in use, the directory
    /// cannot be used, or something is kept there.
    pub fn restore(from: &Path, directory: &Path) -> Result<(), StoreError> {
        check_backup(from)?;
        make(directory)?;
        let _lock = lock(directory)?;
        let kept = directory.join(DATABASE);
        // What SQLite left beside a file that is gone would be taken for changes of the new one.
        if kept.exists() || BESIDE.iter().any(|end| beside(&kept, end).exists()) {
            return Err(StoreError::Kept { path: directory.to_owned() });
        }
        // It has its name only once it is whole.
        let half = directory.join(format!("{DATABASE}.half"));
        let copied = || -> io::Result<()> {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&half)?;
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
            io::copy(&mut File::open(from)?, &mut file)?;
            file.sync_all()?;
            fs::rename(&half, &kept)?;
            File::open(directory)?.sync_all()
        };
        copied().map_err(|source| StoreError::Directory { path: directory.to_owned(), source })
    }

    fn start(
        mut connection: Connection,
        options: StoreOptions,
        lock: Option<File>,
        look: Option<Duration>,
    ) -> Result<Self, StoreError> {
        connection.pragma_update(None, "foreign_keys", true)?;
        migrations::apply(&mut connection)?;
        if let Some(key) = &options.secret_key {
            secrets::check_key(&connection, key)?;
        }
        let all = statements::tokens(&connection)?;
        let (tokens, watching) = watch::channel(Arc::new(Tokens::new(all)));
        let (quotas, quotas_watching) = watch::channel(Arc::new(statements::quotas(&connection)?));
        let former_bytes = statements::former_bytes(&connection)?;
        let data_version = data_version(&connection)?;
        let keeper = Keeper {
            connection,
            options,
            former_bytes,
            usage_trimmed: 0,
            data_version,
            tokens,
            quotas,
            failed: None,
        };
        let (work, todo) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sandtide-store".to_owned())
            .spawn(move || keeper.work(&todo, look))
            .map_err(StoreError::Thread)?;
        let (work, thread) = (Some(work), Some(thread));
        let (tokens, quotas) = (watching, quotas_watching);
        Ok(Self { work, thread, tokens, quotas, exposed: Vec::new(), _lock: lock })
    }

    /// Has the thread look something up, unless nobody waits for it any more.
    fn look_up<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let (reply, answer) = Answer::new();
        if let Some(thread) = &self.work {
            let _ = thread.send(Box::new(move |keeper| {
                if !reply.is_closed() {
                    let _ = reply.send(work(keeper));
                }
            }));
        }
        answer
    }

    /// Has the thread do something, whoever waits for it; where it has ended, the answer says so.
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let (reply, answer) = Answer::new();
        if let Some(thread) = &self.work {
            let _ = thread.send(Box::new(move |keeper| {
                let _ = reply.send(work(keeper));
            }));
        }
        answer
    }
}

impl Drop for SqliteStore {
    /// Waits for what was asked of it, so that the file is whole when the lock goes.
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Store for SqliteStore {
    fn active(&self) -> Answer<Vec<Active>> {
        self.look_up(|keeper| statements::active(&keeper.connection))
    }

    fn active_of(&self, script: Who) -> Answer<Option<Active>> {
        self.look_up(move |keeper| statements::active_one(&keeper.connection, &script))
    }

    fn version(&self, script: Who, version: String) -> Answer<StoredVersion> {
        self.look_up(move |keeper| statements::version(&keeper.connection, &script, &version))
    }

    fn versions(&self, script: Who) -> Answer<Vec<VersionFacts>> {
        self.look_up(move |keeper| statements::versions(&keeper.connection, &script))
    }

    fn deploy(&self, new: NewVersion) -> Answer<i64> {
        self.ask(move |keeper| keeper.deploy(&new))
    }

    fn answered(
        &self,
        tenant: String,
        key: String,
        fingerprint: Fingerprint,
    ) -> Answer<Option<String>> {
        self.look_up(move |keeper| once::answered(&keeper.connection, &tenant, &key, fingerprint))
    }

    fn activate(&self, change: Change) -> Answer<i64> {
        self.ask(move |keeper| {
            let (grew, turn) =
                keeper.change(|connection, _| statements::activate(connection, &change))?;
            keeper.former_bytes = keeper.former_bytes.saturating_add_signed(grew);
            Ok(turn)
        })
    }

    fn set_canary(&self, new: NewCanary) -> Answer<i64> {
        self.ask(move |keeper| {
            let grew = keeper.change(|connection, _| canaries::set(connection, &new))?;
            keeper.former_bytes = keeper.former_bytes.saturating_add_signed(grew);
            Ok(new.turn)
        })
    }

    fn end_canary(&self, script: Who, instead_of: Option<String>, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            let grew = keeper.change(|connection, _| {
                canaries::end(connection, &script, instead_of.as_deref(), &actor)
            })?;
            keeper.former_bytes = keeper.former_bytes.saturating_add_signed(grew.unwrap_or(0));
            Ok(grew.is_some())
        })
    }

    fn remove(&self, script: Who, instead_of: Option<String>, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            let gone = keeper.change(|connection, _| {
                statements::remove(connection, &script, instead_of.as_deref(), &actor)
            })?;
            keeper.former_bytes = keeper.former_bytes.saturating_sub(gone.unwrap_or(0));
            Ok(gone.is_some())
        })
    }

    fn make_first_token(&self) -> Answer<Option<Secret>> {
        self.ask(|keeper| {
            let made = first_token(&mut keeper.connection)?;
            keeper.tell_tokens()?;
            Ok(made)
        })
    }

    fn add_token(&self, new: NewToken, actor: String) -> Answer<TokenRecord> {
        self.ask(move |keeper| {
            let made = keeper
                .change(|connection, _| statements::add_token(connection, &new, false, &actor))?;
            keeper.tell_tokens()?;
            Ok(made)
        })
    }

    fn revoke_token(&self, id: String, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            let revoked =
                keeper.change(|connection, _| statements::revoke(connection, &id, &actor))?;
            keeper.tell_tokens()?;
            Ok(revoked)
        })
    }

    fn tokens(&self) -> watch::Receiver<Arc<Tokens>> {
        self.tokens.clone()
    }

    fn set_quota(&self, tenant: String, quota: Quota, actor: String) -> Answer<()> {
        self.ask(move |keeper| {
            keeper.change(|connection, _| {
                statements::set_quota(connection, &tenant, &quota, &actor)
            })?;
            keeper.tell_quotas()
        })
    }

    fn remove_quota(&self, tenant: String, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            let removed = keeper
                .change(|connection, _| statements::remove_quota(connection, &tenant, &actor))?;
            keeper.tell_quotas()?;
            Ok(removed)
        })
    }

    fn quotas(&self) -> watch::Receiver<Arc<Quotas>> {
        self.quotas.clone()
    }

    fn set_secret(
        &self,
        of: SecretOf,
        name: String,
        value: SecretValue,
        actor: String,
    ) -> Answer<bool> {
        self.ask(move |keeper| {
            keeper.change(|connection, options| {
                let key = options.secret_key.as_ref();
                secrets::set(connection, key, (&of, &name), &value, &actor)
            })
        })
    }

    fn secrets(&self, of: SecretOf) -> Answer<Vec<SecretFacts>> {
        self.look_up(move |keeper| secrets::list(&keeper.connection, &of))
    }

    fn remove_secret(&self, of: SecretOf, name: String, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            keeper.change(|connection, _| secrets::remove(connection, &of, &name, &actor))
        })
    }

    fn open_secrets(&self, script: Who, names: Vec<String>) -> Answer<Vec<SecretValue>> {
        self.look_up(move |keeper| {
            let key = keeper.options.secret_key.as_ref();
            secrets::open(&keeper.connection, key, &script, &names)
        })
    }

    fn audit(
        &self,
        tenant: Option<String>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Vec<AuditEntry>> {
        self.look_up(move |keeper| {
            statements::audit(&keeper.connection, tenant.as_deref(), before, limit)
        })
    }

    fn check(&self) -> Answer<()> {
        self.look_up(Keeper::check)
    }

    fn news(&self) -> Option<Arc<News>> {
        None
    }
}

impl UsageStore for SqliteStore {
    fn add_usage(&self, used: Vec<Used>) -> Answer<()> {
        self.ask(move |keeper| {
            let (minute, trimmed) = (usage::this_minute(), keeper.usage_trimmed);
            keeper.change(|connection, _| {
                usage::add(connection, &used)?;
                if minute == trimmed { Ok(()) } else { usage::trim(connection, minute) }
            })?;
            keeper.usage_trimmed = minute;
            Ok(())
        })
    }

    fn usage(&self, wanted: UsageWanted) -> Answer<Vec<Used>> {
        self.look_up(move |keeper| usage::read(&keeper.connection, &wanted))
    }
}

impl ScheduleStore for SqliteStore {
    fn set_schedule(&self, new: NewSchedule) -> Answer<bool> {
        self.ask(move |keeper| keeper.change(|connection, _| schedules::set(connection, &new)))
    }

    fn schedules(&self, script: Who, id: Option<String>) -> Answer<Vec<Schedule>> {
        self.look_up(move |keeper| schedules::list(&keeper.connection, &script, id.as_deref()))
    }

    fn remove_schedule(&self, of: ScheduleOf, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            keeper.change(|connection, _| schedules::remove(connection, &of, &actor))
        })
    }

    fn due(&self, at_ms: i64, after: Option<Due>, limit: u32) -> Answer<Vec<Due>> {
        self.look_up(move |keeper| schedules::due(&keeper.connection, at_ms, after.as_ref(), limit))
    }

    fn take_due(&self, of: ScheduleOf, due_ms: i64, next: Result<i64, String>) -> Answer<bool> {
        self.ask(move |keeper| {
            let next = next.as_ref().map(|at| *at).map_err(String::as_str);
            keeper.change(|connection, _| schedules::take(connection, &of, due_ms, next))
        })
    }

    fn end_due(&self, ended: EndedRun) -> Answer<bool> {
        self.ask(move |keeper| keeper.change(|connection, _| schedules::end(connection, &ended)))
    }
}

impl Keeper {
    fn work(mut self, todo: &mpsc::Receiver<Work>, look: Option<Duration>) {
        loop {
            let work = match look {
                Some(look) => todo.recv_timeout(look),
                None => todo.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match work {
                Ok(work) => work(&mut self),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if look.is_some() {
                // What cannot be read now is looked for again.
                let _ = self.look();
            }
        }
    }

    /// Tells of tokens and quotas that another process changed.
    fn look(&mut self) -> Result<(), StoreError> {
        let now = data_version(&self.connection)?;
        if now != self.data_version {
            self.tell_tokens()?;
            self.tell_quotas()?;
            self.data_version = now;
        }
        Ok(())
    }

    fn tell_tokens(&self) -> Result<(), StoreError> {
        let all = Tokens::new(statements::tokens(&self.connection)?);
        self.tokens.send_replace(Arc::new(all));
        Ok(())
    }

    fn tell_quotas(&self) -> Result<(), StoreError> {
        self.quotas.send_replace(Arc::new(statements::quotas(&self.connection)?));
        Ok(())
    }

    /// Makes a change whole or not at all, with its line in the audit trail.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&Connection, &StoreOptions) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let made = whole(&mut self.connection, |connection| {
            let made = change(connection, &self.options)?;
            statements::trim_audit(connection, self.options.audit_entries)?;
            Ok(made)
        });
        match &made {
            Err(StoreError::Sqlite(error)) => self.failed = Some(error.to_string()),
            Ok(_) => self.failed = None,
            Err(_) => {}
        }
        made
    }

    fn deploy(&mut self, new: &NewVersion) -> Result<i64, StoreError> {
        let before = self.former_bytes;
        let (former_bytes, turn) = self.change(|connection, options| {
            let kept = options.former_versions;
            let (grew, turn) = statements::deploy(connection, new, kept)?;
            let after = before.saturating_add_signed(grew);
            if after <= options.former_bytes {
                return Ok((after, turn));
            }
            // Somewhat more than has to, so that not each deploy has to look at all of them.
            let room = options.former_bytes / 64;
            let gone = statements::trim_former(connection, after - options.former_bytes + room)?;
            Ok((after.saturating_sub(gone), turn))
        })?;
        self.former_bytes = former_bytes;
        Ok(turn)
    }

    fn check(&mut self) -> Result<(), StoreError> {
        self.connection.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()))?;
        if self.failed.is_some() {
            // Whether it was the disk, or the one change, shows with another.
            whole(&mut self.connection, |connection| {
                let version: i64 =
                    connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
                Ok(connection.pragma_update(None, "user_version", version)?)
            })?;
            self.failed = None;
        }
        Ok(())
    }
}

fn whole<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let made = change(&transaction)?;
    transaction.commit()?;
    Ok(made)
}

/// A token for everything, where there is none at all.
fn first_token(connection: &mut Connection) -> Result<Option<Secret>, StoreError> {
    whole(connection, |connection| {
        if !statements::tokens(connection)?.is_empty() {
            return Ok(None);
        }
        let secret = Secret::generate()?;
        let record = secret.record(Role::Admin, "made by the first start", None)?;
        statements::add_token(connection, &record, true, "first start")?;
        Ok(Some(secret))
    })
}

fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA data_version", (), |row| row.get(0))?)
}

fn connect(directory: &Path) -> Result<Connection, StoreError> {
    let path = directory.join(DATABASE);
    // SQLite makes its other files with the same permissions.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        // Not opened where it is there: to close it would end the locks that SQLite has on it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => {
            made.map_err(|source| StoreError::Directory { path: directory.to_owned(), source })?;
        }
    }
    for file in [path.clone()].into_iter().chain(BESIDE.map(|end| beside(&path, end))) {
        tighten(&file);
    }
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Each change is on the disk before its answer: a machine that loses its power loses none.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// The name of a file that SQLite keeps beside another.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Whether others than its user may read or write it.
fn is_exposed(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o066 != 0)
}

/// Has a file be of its user alone, where it is not. What cannot be changed shows in [`exposed`].
fn tighten(path: &Path) {
    if is_exposed(path) {
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
    }
}

fn exposed(directory: &Path) -> Vec<PathBuf> {
    let kept = directory.join(DATABASE);
    let files = BESIDE.map(|end| beside(&kept, end));
    let all = [directory.to_owned(), kept, directory.join(LOCK)].into_iter().chain(files);
    all.filter(|path| is_exposed(path)).collect()
}

/// Fails where a file is no whole store of a release that is known.
fn check_backup(path: &Path) -> Result<(), StoreError> {
    File::open(path).map_err(|source| StoreError::Backup { path: path.to_owned(), source })?;
    let no_backup = |why: String| StoreError::NoBackup { path: path.to_owned(), why };
    if ["-wal", "-journal"].iter().any(|end| beside(path, end).exists()) {
        return Err(no_backup(
            "it is a copy of a store in use, of which a part is in the file beside it: make a backup with \
             `sandtide backup`"
                .to_owned(),
        ));
    }
    let check = || -> rusqlite::Result<(i64, String, bool)> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let ask = |question| connection.query_row(question, (), |row| row.get(0));
        Ok((
            connection.query_row("PRAGMA user_version", (), |row| row.get(0))?,
            ask("PRAGMA integrity_check(1)")?,
            connection.table_exists(None, "versions")?,
        ))
    };
    match check().map_err(|error| no_backup(error.to_string()))? {
        (found, ..) if found > migrations::KNOWN => {
            Err(StoreError::Newer { found, known: migrations::KNOWN })
        }
        (.., false) => Err(no_backup("it has no scripts".to_owned())),
        (_, said, _) if said != "ok" => Err(no_backup(said)),
        _ => Ok(()),
    }
}

fn make(directory: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|source| StoreError::Directory { path: directory.to_owned(), source })
}

fn lock(directory: &Path) -> Result<File, StoreError> {
    let failed = |source| StoreError::Directory { path: PathBuf::from(directory), source };
    let path = directory.join(LOCK);
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
    let file = file.map_err(failed)?;
    tighten(&path);
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: directory.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
