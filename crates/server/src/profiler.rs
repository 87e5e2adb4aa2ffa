//! CPU profiles of a live server: `POST /v1/scripts/{name}/profile` and `POST /v1/profile` sample the
//! workers for some seconds, while they run whatever comes of the tenant that asks. Threads are sampled here;
//! worker processes sample themselves, and what they say they saw is added up, as far as it can be true.
//!
//! Where nobody profiles, a worker reads one number for each run. Must not know what a run is, nor how
//! requests are answered.

use std::{
    cell::RefCell,
    io::{self, Write},
    ops::RangeInclusive,
    rc::Rc,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sandtide::{Sampled, record_this_thread};
use sandtide_inspect::{
    profile::{self, Format, Function, FunctionId, Profile},
    record::{INTERVALS, ThreadRecorder},
    sample::{Phase, Recorder as _},
};

use crate::error::ApiError;

/// The tag of samples that the session is about; all others have 0.
const WANTED: u32 = 1;

/// The longest session.
const LONGEST: u64 = 600;

/// What a request asks for.
pub(crate) struct Wanted {
    pub(crate) time: Duration,
    pub(crate) interval: Duration,
    pub(crate) format: Format,
}

/// Reads the parameters `seconds` (10 by default), `format` and `interval` (in microseconds).
pub(crate) fn wanted(
    seconds: Option<&str>,
    format: Option<&str>,
    interval: Option<&str>,
) -> Result<Wanted, ApiError> {
    let number = |name: &str, text: Option<&str>, default: u64, range: RangeInclusive<u64>| {
        let number = text.map_or(Ok(default), str::parse);
        number.ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            ApiError::InvalidRequest(format!("`{name}` is a whole number from {from} to {to}"))
        })
    };
    let micros = |time: &Duration| time.as_micros() as u64;
    let intervals = micros(INTERVALS.start())..=micros(INTERVALS.end());
    Ok(Wanted {
        time: Duration::from_secs(number("seconds", seconds, 10, 1..=LONGEST)?),
        interval: Duration::from_micros(number("interval", interval, 1000, intervals)?),
        format: format
            .map_or(Ok(Format::CpuProfile), str::parse)
            .map_err(ApiError::InvalidRequest)?,
    })
}

/// What is sampled now, for all workers to see.
#[derive(Default)]
pub(crate) struct Profiler {
    /// The number of the session that is on; 0: none.
    on: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: u64,
    session: Option<Session>,
}

struct Session {
    /// Whose runs are sampled: what others run is not theirs to see.
    tenant: Arc<str>,
    /// The script's name; `None`: whatever runs of the tenant.
    script: Option<String>,
    interval: Duration,
    /// Under a lock of its own, so that no run waits for others' samples to be added.
    profile: Arc<Mutex<Option<Profile>>>,
}

impl Session {
    fn wants(&self, tenant: &str, script: Option<&str>) -> bool {
        *self.tenant == *tenant
            && self.script.as_ref().is_none_or(|name| Some(name.as_str()) == script)
    }
}

thread_local! {
    /// This worker's recorder, and the session that it is for.
    static RECORDER: RefCell<Option<(u64, Rc<ThreadRecorder>)>> = const { RefCell::new(None) };
}

impl Profiler {
    /// Begins a session; `None` while another one is on.
    pub(crate) fn begin(
        self: &Arc<Self>,
        tenant: Arc<str>,
        script: Option<String>,
        interval: Duration,
    ) -> Option<Sampling> {
        let mut state = self.lock();
        if state.session.is_some() {
            return None;
        }
        state.sessions += 1;
        state.session = Some(Session { tenant, script, interval, profile: Arc::default() });
        self.on.store(state.sessions, Ordering::Release);
        Some(Sampling { profiler: Arc::clone(self) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `wait`, in which the worker waits for a run.
    pub(crate) fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        let recorder = RECORDER.with_borrow(|held| held.as_ref().map(|(_, held)| Rc::clone(held)));
        let Some(recorder) = recorder else { return wait() };
        let before = recorder.sampler().phase(Phase::Idle);
        let result = wait();
        recorder.sampler().phase(before);
        result
    }

    /// Calls `run`, in which the worker runs the tenant's script with this name, or one that came along.
    pub(crate) fn running<T>(
        &self,
        tenant: &str,
        script: Option<&str>,
        run: impl FnOnce() -> T,
    ) -> T {
        let on = self.on.load(Ordering::Acquire);
        let held = RECORDER.with_borrow(|held| held.as_ref().map(|(session, _)| *session));
        if on != held.unwrap_or(0) {
            self.change(on);
        }
        let recorder = RECORDER.with_borrow(|held| held.as_ref().map(|(_, held)| Rc::clone(held)));
        let Some(recorder) = recorder else { return run() };
        let wanted =
            self.lock().session.as_ref().is_some_and(|session| session.wants(tenant, script));
        recorder.set_tag(if wanted { WANTED } else { 0 });
        recorder.sampler().leave_for(recorder.tag());
        let result = run();
        recorder.set_tag(0);
        recorder.sampler().leave_for(0);
        if recorder.sampler().has_samples() || recorder.has_recorded() {
            self.take_over(on, &recorder);
        }
        result
    }

    /// Has this worker's recorder be that of the session that is on.
    fn change(&self, on: u64) {
        record_this_thread(None);
        RECORDER.set(None);
        let Some(interval) = self.lock().session.as_ref().map(|session| session.interval) else {
            return;
        };
        // A thread that cannot be sampled is left out; the next session tries again.
        if let Ok(recorder) = ThreadRecorder::start(interval) {
            let recorder = Rc::new(recorder);
            record_this_thread(Some(Rc::clone(&recorder) as _));
            RECORDER.set(Some((on, recorder)));
        }
    }

    fn take_over(&self, on: u64, recorder: &ThreadRecorder) {
        let Some(taken) = recorder.take().remove(&WANTED) else { return };
        self.merge(on, taken);
    }

    /// Whom to tell what a worker process sampled of a run, if somebody wants to know.
    pub(crate) fn told_of(self: &Arc<Self>, tenant: &str, script: Option<&str>) -> Option<Told> {
        let session = self.on.load(Ordering::Acquire);
        if session == 0 {
            return None;
        }
        let state = self.lock();
        let wanted = state.session.as_ref().filter(|one| one.wants(tenant, script))?;
        Some(Told { profiler: Arc::clone(self), session, interval: wanted.interval })
    }

    fn merge(&self, on: u64, taken: Profile) {
        let profile = {
            let state = self.lock();
            let session = state.session.as_ref();
            session.filter(|_| self.on.load(Ordering::Acquire) == on).map(|one| one.profile.clone())
        };
        // One that ends meanwhile waits for this, or has what there is without it.
        let Some(profile) = profile else { return };
        let mut profile = profile.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *profile {
            Some(profile) => profile.merge(&taken),
            none => *none = Some(taken),
        }
    }
}

/// A session that waits for what a worker process sampled of a run.
pub(crate) struct Told {
    profiler: Arc<Profiler>,
    session: u64,
    interval: Duration,
}

impl Told {
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// Adds what a worker says it saw of a run that took so long, which is no more than can be.
    pub(crate) fn take(&self, sampled: &Sampled, took: Duration) {
        let most = took.as_nanos() / self.interval.as_nanos().max(1) + SPARE;
        let profile = read(sampled, self.interval, u32::try_from(most).unwrap_or(u32::MAX));
        self.profiler.merge(self.session, profile);
    }
}

/// Samples that a run may have beyond its time: those that began it and ended it.
const SPARE: u128 = 2;

/// UTF-16 code units of a name, and functions of a stack, as samplers keep them: see sample.c of the engine.
const NAME: usize = 256;
const FRAMES: usize = 128;

/// The beginning of a text of a worker's.
fn cut(text: &str) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= NAME
    };
    text.chars().take_while(fits).collect()
}

/// A profile of what was sampled elsewhere, of no more than `most` samples. Numbers of functions that are not
/// there name none. What honest workers do not send is cut off: all of it is in the answer, in each place.
fn read(sampled: &Sampled, interval: Duration, most: u32) -> Profile {
    let mut profile = Profile::new(interval, 0);
    // Each once, whatever stacks it is on, and only if it is on any.
    let mut known: Vec<Option<FunctionId>> = vec![None; sampled.functions.len()];
    let mut room = most;
    for stack in &sampled.stacks {
        let hits = stack.hits.min(room);
        if hits == 0 {
            continue;
        }
        room -= hits;
        let frames = &stack.functions[..stack.functions.len().min(FRAMES)];
        let state = match (frames, stack.functions.len()) {
            (&[only], 1) => sampled
                .functions
                .get(only as usize)
                .filter(|only| only.file.is_empty())
                .and_then(|only| profile::State::named(&only.name)),
            _ => None,
        };
        let mut numbers = Vec::with_capacity(frames.len());
        for &at in frames {
            let Some(told) = sampled.functions.get(at as usize) else { continue };
            let number = *known[at as usize].get_or_insert_with(|| {
                profile.function(Function {
                    name: cut(&told.name),
                    file: cut(&told.file),
                    line: told.line,
                    column: told.column,
                })
            });
            numbers.push((number, 0));
        }
        if let Some(last) = numbers.last_mut() {
            last.1 = stack.line;
        }
        profile.add_many(0, hits, state.unwrap_or(profile::State::Running), numbers);
    }
    profile
}

/// A session that is on; it ends when this is dropped.
pub(crate) struct Sampling {
    profiler: Arc<Profiler>,
}

impl Sampling {
    /// Ends the session; answers what was sampled, in `format`.
    pub(crate) fn end(self, format: Format, out: impl Write) -> io::Result<()> {
        let (interval, profile) = {
            let state = self.profiler.lock();
            self.profiler.on.store(0, Ordering::Release);
            let session = state.session.as_ref();
            session.map(|one| (one.interval, one.profile.clone())).unwrap_or_default()
        };
        let profile = profile.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut profile = profile.unwrap_or_else(|| Profile::new(interval, 0));
        profile.even_out();
        profile.write(format, out)
    }
}

impl Drop for Sampling {
    fn drop(&mut self) {
        self.profiler.on.store(0, Ordering::Release);
        self.profiler.lock().session = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_says_it_saw_is_no_more_than_can_be() {
        let function = |name: &str, file: &str| sandtide::SampledFunction {
            name: name.to_owned(),
            file: file.to_owned(),
            line: 3,
            column: 1,
        };
        let stack = |hits, functions: &[u32]| sandtide::SampledStack {
            hits,
            line: 4,
            functions: functions.to_vec(),
        };
        let sampled = Sampled {
            functions: vec![
                function("f", "a.js"),
                function("(restore)", ""),
                function("g", "a.js"),
            ],
            stacks: vec![stack(3, &[0, 2]), stack(2, &[1]), stack(u32::MAX, &[0, 77, 2, u32::MAX])],
        };
        let profile = read(&sampled, Duration::from_millis(1), 10);
        assert_eq!(profile.samples(), 10);
        assert_eq!(profile.own_share("g"), 0.8);
        assert_eq!(profile.own_share("(restore)"), 0.2);
        assert_eq!(read(&sampled, Duration::from_millis(1), 0).samples(), 0);
    }

    #[test]
    fn what_a_worker_made_up_is_no_larger_than_what_is_sampled() {
        let long = "é𝄞".repeat(40_000);
        let function = |name: String, line| sandtide::SampledFunction {
            file: name.clone(),
            name,
            line,
            column: 1,
        };
        let stack = |hits, line, functions| sandtide::SampledStack { hits, line, functions };
        let mut stacks = vec![stack(1, 1, vec![0; 20_000])];
        // Without a sample, each at a line of its own and with a function of its own.
        stacks.extend((1..=10_000).map(|line| stack(0, line, vec![line % 50 + 1])));
        // And those for which no time was left.
        stacks.extend((1..=10_000).map(|line| stack(1, line, vec![line % 50 + 1])));
        let functions = (0..51).map(|line| function(format!("{line}{long}"), line)).collect();
        let sampled = Sampled { functions, stacks };
        let profile = read(&sampled, Duration::from_millis(1), 4);
        assert_eq!(profile.samples(), 4);
        let tops: Vec<_> = profile.tops().collect();
        assert_eq!(tops.len(), 4);
        for top in &tops {
            assert!(top.stack.len() <= FRAMES && top.lines.len() == 1);
            for function in &top.stack {
                assert!(function.name.encode_utf16().count() <= NAME && !function.name.is_empty());
                assert!(function.file.encode_utf16().count() <= NAME && !function.file.is_empty());
            }
        }
        let mut text = Vec::new();
        profile.write(Format::CpuProfile, &mut text).unwrap();
        assert!(text.len() < 1 << 20, "{}", text.len());
    }

    #[test]
    fn a_session_is_about_its_own_tenant_only() {
        let session = |script: Option<&str>| Session {
            tenant: "a".into(),
            script: script.map(str::to_owned),
            interval: Duration::from_millis(1),
            profile: Arc::default(),
        };
        assert!(session(None).wants("a", Some("s")) && session(None).wants("a", None));
        assert!(!session(None).wants("b", Some("s")) && !session(None).wants("b", None));
        assert!(session(Some("s")).wants("a", Some("s")));
        assert!(!session(Some("s")).wants("a", Some("t")) && !session(Some("s")).wants("a", None));
        assert!(!session(Some("s")).wants("b", Some("s")));
    }
}
