//! The store in PostgreSQL, for several servers that share scripts: one connection, which belongs to a thread.
//! Whoever asks waits for that thread, never for the network, and is refused at once while the database is away.
//!
//! Changes are made one after another, of all servers, under an advisory lock, so that what they rely on holds
//! until they are made. Each writes a line to the audit trail, which has numbers without gaps; so a server that was
//! told of a change, or was away, reads from there what it missed, and where lines are gone looks at everything.

mod address;
mod audit;
mod canaries;
mod once;
mod schedules;
mod secrets;
mod session;
mod statements;
mod tls;
mod usage;

use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    runtime,
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

pub use address::PostgresAddress;

use self::{session::Session, tls::Tls};
use crate::{
    Active, Answer, AuditEntry, Change, Due, EndedRun, Fingerprint, NewCanary, NewSchedule,
    NewToken, NewVersion, News, Quota, Quotas, Role, Schedule, ScheduleOf, ScheduleStore, Secret,
    SecretFacts, SecretOf, SecretValue, Store, StoreError, StoreOptions, StoredVersion,
    TokenRecord, Tokens, UsageStore, UsageWanted, Used, VersionFacts, Who,
};

/// How long the database may take for an answer. After that the connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for what was used, of which very much is written at once where the database was away for long.
const COUNTING_PATIENCE: Duration = Duration::from_secs(60);
/// How long a start may wait for a database whose schema is changed.
const MIGRATING_PATIENCE: Duration = Duration::from_secs(600);
/// Writes of what was used after which it is looked at whether there is too much of it.
const WRITES_PER_TRIM: u32 = 64;
/// How often the store looks whether others changed something, beside being told; and whether the database is
/// there.
const LOOK: Duration = Duration::from_millis(500);
/// How long that may take.
const LOOK_PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait between attempts to connect: at first, and at most. A database that is back is found within
/// the latter.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LAST_PAUSE: Duration = Duration::from_millis(500);
/// Lines of the audit trail that are read at a time.
const MOST_MISSED: i64 = 10_000;

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    /// None only while the store is dropped.
    work: Option<mpsc::UnboundedSender<Work>>,
    thread: Option<JoinHandle<()>>,
    tokens: watch::Receiver<Arc<Tokens>>,
    quotas: watch::Receiver<Arc<Quotas>>,
    news: Arc<News>,
}

/// Something that takes a while. It is carried out by the one thread, and need not be sent to others.
type Slow<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

type Work = Box<dyn for<'a> FnOnce(&'a mut Keeper) -> Slow<'a, ()> + Send>;

/// What the thread has.
struct Keeper {
    address: PostgresAddress,
    tls: Tls,
    options: StoreOptions,
    /// None while the database is away.
    session: Option<Session>,
    /// Why it is.
    away: String,
    /// The last line of the audit trail that was read, whole: after a failover that lost lines another one has its
    /// number.
    last: Option<AuditEntry>,
    /// Lines after that of changes that were made here.
    own: BTreeSet<i64>,
    /// Why the last change could not be written, where the database had no room for it.
    unwritten: Option<String>,
    /// How often what was used was written.
    counted: u32,
    tokens: watch::Sender<Arc<Tokens>>,
    quotas: watch::Sender<Arc<Quotas>>,
    news: Arc<News>,
}

impl PostgresStore {
    /// Opens the store in a database, whose tables are made where they are missing. Any number of servers may.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, is of a newer release, or has secrets that were sealed with another key.
    pub fn open(address: &PostgresAddress, options: StoreOptions) -> Result<Self, StoreError> {
        let tls = Tls::new(address)?;
        let address = address.clone();
        let (work, todo) = mpsc::unbounded_channel();
        let (opened, opening) = std::sync::mpsc::channel();
        let thread = thread::Builder::new()
            .name("sandtide-store".to_owned())
            .spawn(move || {
                let runtime = runtime::Builder::new_current_thread().enable_all().build();
                let runtime = match runtime {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        let _ = opened.send(Err(StoreError::Thread(error)));
                        return;
                    }
                };
                runtime.block_on(async move {
                    match Keeper::open(address, tls, options).await {
                        Ok((keeper, watching)) => {
                            if opened.send(Ok(watching)).is_ok() {
                                keeper.work(todo).await;
                            }
                        }
                        Err(error) => {
                            let _ = opened.send(Err(error));
                        }
                    }
                });
            })
            .map_err(StoreError::Thread)?;
        let opened = opening.recv().unwrap_or(Err(StoreError::Closed));
        let Watching { tokens, quotas, news } = opened?;
        Ok(Self { work: Some(work), thread: Some(thread), tokens, quotas, news })
    }

    /// Has the thread look something up, unless nobody waits for it any more.
    fn look_up<T: Send + 'static>(
        &self,
        work: impl for<'a> FnOnce(&'a mut Keeper) -> Slow<'a, Result<T, StoreError>> + Send + 'static,
    ) -> Answer<T> {
        self.send(PATIENCE, true, work)
    }

    /// Has the thread change something.
    fn ask<T: Send + 'static>(
        &self,
        work: impl for<'a> FnOnce(&'a mut Keeper) -> Slow<'a, Result<T, StoreError>> + Send + 'static,
    ) -> Answer<T> {
        self.send(PATIENCE, false, work)
    }

    fn send<T: Send + 'static>(
        &self,
        patience: Duration,
        only_waited_for: bool,
        work: impl for<'a> FnOnce(&'a mut Keeper) -> Slow<'a, Result<T, StoreError>> + Send + 'static,
    ) -> Answer<T> {
        let (reply, answer) = Answer::new();
        if let Some(thread) = &self.work {
            let _ = thread.send(Box::new(move |keeper| {
                Box::pin(async move {
                    if only_waited_for && reply.is_closed() {
                        return;
                    }
                    let done = timeout(patience, work(keeper)).await;
                    let _ = reply.send(keeper.noted(done.ok()));
                })
            }));
        }
        answer
    }
}

impl Drop for PostgresStore {
    /// Waits for what was asked of it.
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What whoever has the store sees change.
struct Watching {
    tokens: watch::Receiver<Arc<Tokens>>,
    quotas: watch::Receiver<Arc<Quotas>>,
    news: Arc<News>,
}

impl Keeper {
    async fn open(
        address: PostgresAddress,
        tls: Tls,
        options: StoreOptions,
    ) -> Result<(Self, Watching), StoreError> {
        let mut session = connect(&address, &tls).await?;
        let migrated = timeout(MIGRATING_PATIENCE, session.migrate()).await;
        migrated.unwrap_or_else(|_| Err(unanswered()))?;
        let read = timeout(PATIENCE, Self::read_all(session, address, tls, options)).await;
        read.unwrap_or_else(|_| Err(unanswered()))
    }

    async fn read_all(
        mut session: Session,
        address: PostgresAddress,
        tls: Tls,
        options: StoreOptions,
    ) -> Result<(Self, Watching), StoreError> {
        if let Some(key) = &options.secret_key {
            secrets::check_key(&mut session, key).await?;
        }
        // Before anything is read: what is changed after that is read again.
        let last = statements::last(&mut session).await?;
        let all = Tokens::new(statements::tokens(&mut session).await?);
        let (tokens, tokens_watching) = watch::channel(Arc::new(all));
        let all = statements::quotas(&mut session).await?;
        let (quotas, quotas_watching) = watch::channel(Arc::new(all));
        let news = Arc::new(News::default());
        let watching =
            Watching { tokens: tokens_watching, quotas: quotas_watching, news: Arc::clone(&news) };
        let (session, own) = (Some(session), BTreeSet::new());
        let away = String::new();
        let (unwritten, counted) = (None, 0);
        let keeper = Self {
            address,
            tls,
            options,
            session,
            away,
            last,
            own,
            unwritten,
            counted,
            tokens,
            quotas,
            news,
        };
        Ok((keeper, watching))
    }

    async fn work(mut self, mut todo: mpsc::UnboundedReceiver<Work>) {
        let mut pause = FIRST_PAUSE;
        // It goes on whatever else is done meanwhile.
        let mut tick = interval(LOOK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.session.is_none() {
                match self.come_back(&mut todo, pause).await {
                    Some(true) => pause = FIRST_PAUSE,
                    Some(false) => pause = (pause * 2).min(LAST_PAUSE),
                    None => return,
                }
                continue;
            }
            let Some(session) = &mut self.session else { continue };
            let told = &mut session.told;
            tokio::select! {
                // What others changed is not kept waiting by those who ask.
                biased;
                told = told.recv() => {
                    if told.is_none() {
                        self.lose("the connection ended".to_owned());
                        continue;
                    }
                    // One look is for all that were told of.
                    if let Some(session) = &mut self.session {
                        while session.told.try_recv().is_ok() {}
                    }
                    self.look().await;
                    // Nor do they wait for many changes.
                    if let Ok(work) = todo.try_recv() {
                        work(&mut self).await;
                    }
                }
                _ = tick.tick() => self.look().await,
                work = todo.recv() => match work {
                    Some(work) => work(&mut self).await,
                    None => return,
                },
            }
        }
    }

    /// Tries to connect again, and refuses what is asked meanwhile. None where nobody can ask any more.
    async fn come_back(
        &mut self,
        todo: &mut mpsc::UnboundedReceiver<Work>,
        pause: Duration,
    ) -> Option<bool> {
        let (address, tls) = (self.address.clone(), self.tls.clone());
        let mut connecting = Box::pin(async move {
            let connected = connect(&address, &tls).await;
            if connected.is_err() {
                sleep(pause).await;
            }
            connected
        });
        let connected = loop {
            tokio::select! {
                connected = &mut connecting => break connected,
                work = todo.recv() => work?(self).await,
            }
        };
        match connected {
            Ok(session) => {
                self.session = Some(session);
                self.news.tell_away(None);
                // Whatever was missed is there before anything else is asked.
                self.look().await;
                Some(self.session.is_some())
            }
            Err(error) => {
                self.away = why(error);
                Some(false)
            }
        }
    }

    fn session(&mut self) -> Result<&mut Session, StoreError> {
        let Self { session, away, .. } = self;
        session.as_mut().ok_or_else(|| StoreError::Unavailable(away.clone()))
    }

    fn lose(&mut self, why: String) {
        self.news.tell_away(Some(&why));
        (self.session, self.away) = (None, why);
    }

    /// Looks at what came of something that was asked of the database; nothing where it took too long.
    fn noted<T>(&mut self, done: Option<Result<T, StoreError>>) -> Result<T, StoreError> {
        let done = done.unwrap_or_else(|| {
            self.lose(why(unanswered()));
            Err(unanswered())
        });
        if self.session.as_ref().is_some_and(|session| session.lost) {
            let told = match &done {
                Err(StoreError::Unavailable(why)) => why.clone(),
                _ => "the connection broke".to_owned(),
            };
            self.lose(told);
        }
        done
    }

    /// Learns what others changed.
    async fn look(&mut self) {
        let looked = timeout(LOOK_PATIENCE, self.read_missed()).await;
        // What cannot be read now is looked for again.
        let _ = self.noted(looked.ok());
    }

    async fn read_missed(&mut self) -> Result<(), StoreError> {
        let newest = statements::last(self.session()?).await?;
        if newest == self.last {
            return Ok(());
        }
        let from = self.last.as_ref().map_or(1, |line| line.number);
        let mut missed = statements::since(self.session()?, from, MOST_MISSED).await?;
        // The line that was read last is there still, unless lines were lost, or are gone because they are old.
        let mut whole = self.last.is_none() || missed.first() == self.last.as_ref();
        if whole && self.last.is_some() {
            missed.remove(0);
        }
        let after = from - i64::from(self.last.is_none());
        whole &= missed.iter().zip(after + 1..).all(|(line, number)| line.number == number);
        if !whole {
            self.own.clear();
        }
        // Others come meanwhile, and where there are very many the next look reads on.
        let last = match (whole, missed.last()) {
            (true, Some(last)) => Some(last.clone()),
            _ => newest,
        };
        let mut any_else = !whole;
        self.news.add(|changes| {
            changes.all |= !whole;
            for line in missed {
                let own = self.own.contains(&line.number);
                let AuditEntry { action, tenant, object, detail, .. } = line;
                let tenant = tenant.unwrap_or_default();
                match &*action {
                    "deploy" | "activate" | "roll-back" | "remove" | "deploy-canary"
                    | "set-canary" | "end-canary" => {
                        if !own {
                            changes.scripts.insert(Who { tenant, script: object });
                        }
                    }
                    "set-secret" | "remove-secret" => {
                        if !own {
                            let script = (!detail.is_empty()).then_some(detail);
                            changes.secrets.insert(SecretOf { tenant, script });
                        }
                    }
                    // Read from the database when they are due.
                    "set-schedule" | "remove-schedule" | "end-schedule" => {}
                    // Also of this server's own: telling may have failed when it was made.
                    _ => any_else = true,
                }
            }
        });
        if any_else {
            self.tell().await?;
        }
        let number = last.as_ref().map_or(0, |line| line.number);
        self.last = last;
        self.own = self.own.split_off(&(number + 1));
        Ok(())
    }

    /// Tells of tokens and quotas as they are now.
    async fn tell(&mut self) -> Result<(), StoreError> {
        let all = Tokens::new(statements::tokens(self.session()?).await?);
        self.tokens.send_replace(Arc::new(all));
        let all = statements::quotas(self.session()?).await?;
        self.quotas.send_replace(Arc::new(all));
        Ok(())
    }

    /// Ends a change that [`Session::begin`] began.
    async fn end<T>(&mut self, made: Result<T, StoreError>) -> Result<T, StoreError> {
        let audit_entries = self.options.audit_entries;
        let session = self.session()?;
        let made = match made {
            Ok(made) => statements::trim_audit(session, audit_entries).await.map(|()| made),
            failed => failed,
        };
        let made = session.end(made).await;
        let (wrote, full) = (session.wrote.take(), session.full.take());
        self.note_written(full, made.is_ok());
        if made.is_ok()
            && let Some(number) = wrote
        {
            self.own.insert(number);
        }
        made
    }

    /// Remembers whether the database had room.
    fn note_written(&mut self, full: Option<String>, made: bool) {
        if made {
            self.unwritten = None;
        } else if full.is_some() {
            self.unwritten = full;
        }
    }

    /// Adds to what tenants used. No other server hears of it.
    async fn count(&mut self, used: &[Used]) -> Result<(), StoreError> {
        let is_trimmed = self.counted.is_multiple_of(WRITES_PER_TRIM);
        let session = self.session()?;
        session.begin_counting().await?;
        let mut made = usage::add(session, used).await;
        if is_trimmed && made.is_ok() {
            made = usage::trim(session).await;
        }
        let made = session.end(made).await;
        let full = session.full.take();
        self.note_written(full, made.is_ok());
        self.counted = self.counted.wrapping_add(u32::from(made.is_ok()));
        made
    }

    /// Whether it can be read; where there was no room for a change, whether there is now.
    async fn check(&mut self) -> Result<(), StoreError> {
        statements::last(self.session()?).await?;
        let Some(why) = self.unwritten.clone() else { return Ok(()) };
        let session = self.session()?;
        let tried = session.try_to_write().await;
        session.full = None;
        match tried {
            Ok(()) => {
                self.unwritten = None;
                Ok(())
            }
            Err(_) => Err(StoreError::Unavailable(why)),
        }
    }
}

async fn connect(address: &PostgresAddress, tls: &Tls) -> Result<Session, StoreError> {
    // A port may be open and say nothing.
    let connected = timeout(PATIENCE, session::connect(address, tls)).await;
    connected.unwrap_or_else(|_| Err(unanswered()))
}

fn unanswered() -> StoreError {
    StoreError::Unavailable("it did not answer in time".to_owned())
}

fn why(error: StoreError) -> String {
    match error {
        StoreError::Unavailable(why) | StoreError::Postgres(why) => why,
        other => other.to_string(),
    }
}

/// Makes a change whole or not at all: an expression over the session, within a transaction.
macro_rules! change {
    ($keeper:ident, |$session:ident| $made:expr) => {{
        $keeper.session()?.begin().await?;
        let $session = $keeper.session()?;
        let made = $made.await;
        $keeper.end(made).await
    }};
}

impl Store for PostgresStore {
    fn active(&self) -> Answer<Vec<Active>> {
        self.look_up(|keeper| Box::pin(async move { statements::active(keeper.session()?).await }))
    }

    fn active_of(&self, script: Who) -> Answer<Option<Active>> {
        self.look_up(move |keeper| {
            Box::pin(async move { statements::active_of(keeper.session()?, &script).await })
        })
    }

    fn version(&self, script: Who, version: String) -> Answer<StoredVersion> {
        self.look_up(move |keeper| {
            Box::pin(async move { statements::version(keeper.session()?, &script, &version).await })
        })
    }

    fn versions(&self, script: Who) -> Answer<Vec<VersionFacts>> {
        self.look_up(move |keeper| {
            Box::pin(async move { statements::versions(keeper.session()?, &script).await })
        })
    }

    fn deploy(&self, new: NewVersion) -> Answer<i64> {
        self.ask(move |keeper| {
            Box::pin(async move {
                let kept = (keeper.options.former_versions, keeper.options.former_bytes);
                change!(keeper, |session| statements::deploy(session, &new, kept))
            })
        })
    }

    fn answered(
        &self,
        tenant: String,
        key: String,
        fingerprint: Fingerprint,
    ) -> Answer<Option<String>> {
        self.look_up(move |keeper| {
            Box::pin(
                async move { once::answered(keeper.session()?, &tenant, &key, fingerprint).await },
            )
        })
    }

    fn activate(&self, change: Change) -> Answer<i64> {
        self.ask(move |keeper| {
            Box::pin(
                async move { change!(keeper, |session| statements::activate(session, &change)) },
            )
        })
    }

    fn set_canary(&self, new: NewCanary) -> Answer<i64> {
        self.ask(move |keeper| {
            Box::pin(async move { change!(keeper, |session| canaries::set(session, &new)) })
        })
    }

    fn end_canary(&self, script: Who, instead_of: Option<String>, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move {
                let instead_of = instead_of.as_deref();
                change!(keeper, |session| canaries::end(session, &script, instead_of, &actor))
            })
        })
    }

    fn remove(&self, script: Who, instead_of: Option<String>, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move {
                let instead_of = instead_of.as_deref();
                change!(keeper, |session| statements::remove(session, &script, instead_of, &actor))
            })
        })
    }

    fn make_first_token(&self) -> Answer<Option<Secret>> {
        self.ask(|keeper| {
            Box::pin(async move {
                let made = change!(keeper, |session| first_token(session))?;
                // It was the first one. Nothing that may fail comes between it and whoever is to be shown it.
                Ok(made.map(|(secret, record)| {
                    keeper.tokens.send_replace(Arc::new(Tokens::new(vec![record])));
                    secret
                }))
            })
        })
    }

    fn add_token(&self, new: NewToken, actor: String) -> Answer<TokenRecord> {
        self.ask(move |keeper| {
            Box::pin(async move {
                let made =
                    change!(keeper, |session| statements::add_token(session, &new, false, &actor))?;
                keeper.tell().await?;
                Ok(made)
            })
        })
    }

    fn revoke_token(&self, id: String, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move {
                let revoked = change!(keeper, |session| statements::revoke(session, &id, &actor))?;
                keeper.tell().await?;
                Ok(revoked)
            })
        })
    }

    fn tokens(&self) -> watch::Receiver<Arc<Tokens>> {
        self.tokens.clone()
    }

    fn set_quota(&self, tenant: String, quota: Quota, actor: String) -> Answer<()> {
        self.ask(move |keeper| {
            Box::pin(async move {
                change!(keeper, |session| statements::set_quota(session, &tenant, &quota, &actor))?;
                keeper.tell().await
            })
        })
    }

    fn remove_quota(&self, tenant: String, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move {
                let removed =
                    change!(keeper, |session| statements::remove_quota(session, &tenant, &actor))?;
                keeper.tell().await?;
                Ok(removed)
            })
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
            Box::pin(async move {
                let key = keeper.options.secret_key.clone();
                change!(keeper, |session| secrets::set(
                    session,
                    key.as_ref(),
                    (&of, &name),
                    &value,
                    &actor
                ))
            })
        })
    }

    fn secrets(&self, of: SecretOf) -> Answer<Vec<SecretFacts>> {
        self.look_up(move |keeper| {
            Box::pin(async move { secrets::list(keeper.session()?, &of).await })
        })
    }

    fn remove_secret(&self, of: SecretOf, name: String, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move {
                change!(keeper, |session| secrets::remove(session, &of, &name, &actor))
            })
        })
    }

    fn open_secrets(&self, script: Who, names: Vec<String>) -> Answer<Vec<SecretValue>> {
        self.look_up(move |keeper| {
            Box::pin(async move {
                let key = keeper.options.secret_key.clone();
                secrets::open(keeper.session()?, key.as_ref(), &script, &names).await
            })
        })
    }

    fn audit(
        &self,
        tenant: Option<String>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Vec<AuditEntry>> {
        self.look_up(move |keeper| {
            Box::pin(async move {
                statements::audit(keeper.session()?, tenant.as_deref(), before, limit).await
            })
        })
    }

    fn check(&self) -> Answer<()> {
        self.look_up(|keeper| Box::pin(keeper.check()))
    }

    fn news(&self) -> Option<Arc<News>> {
        Some(Arc::clone(&self.news))
    }
}

impl UsageStore for PostgresStore {
    fn add_usage(&self, used: Vec<Used>) -> Answer<()> {
        self.send(COUNTING_PATIENCE, false, move |keeper| {
            Box::pin(async move { keeper.count(&used).await })
        })
    }

    fn usage(&self, wanted: UsageWanted) -> Answer<Vec<Used>> {
        self.look_up(move |keeper| {
            Box::pin(async move { usage::read(keeper.session()?, &wanted).await })
        })
    }
}

impl ScheduleStore for PostgresStore {
    fn set_schedule(&self, new: NewSchedule) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move { change!(keeper, |session| schedules::set(session, &new)) })
        })
    }

    fn schedules(&self, script: Who, id: Option<String>) -> Answer<Vec<Schedule>> {
        self.look_up(move |keeper| {
            Box::pin(
                async move { schedules::list(keeper.session()?, &script, id.as_deref()).await },
            )
        })
    }

    fn remove_schedule(&self, of: ScheduleOf, actor: String) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(
                async move { change!(keeper, |session| schedules::remove(session, &of, &actor)) },
            )
        })
    }

    fn due(&self, at_ms: i64, after: Option<Due>, limit: u32) -> Answer<Vec<Due>> {
        self.look_up(move |keeper| {
            Box::pin(async move {
                schedules::due(keeper.session()?, at_ms, after.as_ref(), limit).await
            })
        })
    }

    fn take_due(&self, of: ScheduleOf, due_ms: i64, next: Result<i64, String>) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move {
                match &next {
                    // One statement, which waits for no other change.
                    Ok(at) => schedules::take(keeper.session()?, &of, due_ms, *at).await,
                    Err(code) => {
                        change!(keeper, |session| schedules::take_last(session, &of, due_ms, code))
                    }
                }
            })
        })
    }

    fn end_due(&self, ended: EndedRun) -> Answer<bool> {
        self.ask(move |keeper| {
            Box::pin(async move { change!(keeper, |session| schedules::end(session, &ended)) })
        })
    }
}

/// A token for everything, where there is none at all.
async fn first_token(session: &mut Session) -> Result<Option<(Secret, TokenRecord)>, StoreError> {
    if !statements::tokens(session).await?.is_empty() {
        return Ok(None);
    }
    let secret = Secret::generate()?;
    let record = secret.record(Role::Admin, "made by the first start", None)?;
    let record = statements::add_token(session, &record, true, "first start").await?;
    Ok(Some((secret, record)))
}
