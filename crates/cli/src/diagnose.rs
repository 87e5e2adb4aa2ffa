//! What `run` is asked to tell of a run beside its value: a heap snapshot, profiles of its time and of
//! its allocations.
//!
//! Must not know how a heap is walked, nor any format.

use std::{
    cell::RefCell,
    io,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytesize::ByteSize;
use clap::Args;
use sandtide::{Look, Looked, Moment, Run, record_this_thread, watch_allocations_of_this_thread};
use sandtide_inspect::{
    allocations::{AllocationRecorder, HeapProfile, INTERVAL},
    files::{self, Kind, NewFile},
    profile::Format,
    record::ThreadRecorder,
    snapshot::{self, Ids, Summary},
};

use crate::terminal::complain;

thread_local! {
    /// Who records this thread's allocations.
    static WATCHER: RefCell<Option<Rc<AllocationRecorder>>> = const { RefCell::new(None) };
}

#[derive(Args)]
#[command(next_help_heading = "Diagnosis")]
pub(crate) struct DiagnoseArgs {
    /// Writes a heap snapshot of what the script holds at its end, or at the moment it hits its
    /// memory limit; open it in Chrome's DevTools, under Memory
    #[arg(long, value_name = "FILE")]
    heap_snapshot: Option<PathBuf>,
    /// Writes a CPU profile of the run; open it in Chrome's DevTools, under Performance, or in
    /// speedscope
    #[arg(long)]
    cpu_prof: bool,
    /// How often the profile looks, in microseconds: 100 to 100000
    #[arg(long, value_name = "US", requires = "cpu_prof", default_value_t = 1000)]
    cpu_prof_interval: u64,
    /// The folder that the profile is written to [default: the current one]
    #[arg(long, value_name = "DIR", requires = "cpu_prof")]
    cpu_prof_dir: Option<PathBuf>,
    /// The profile's name [default: CPU.<date>.<time>.<pid>.0.001.cpuprofile]; with the ending .svg it
    /// is a flame graph, with .folded a line for each stack, with .pb pprof's format
    #[arg(long, value_name = "NAME", requires = "cpu_prof")]
    cpu_prof_name: Option<String>,
    /// Writes where what the script holds at its end, or when it hits its memory limit, was allocated;
    /// open it in Chrome's DevTools, under Memory
    #[arg(long)]
    heap_prof: bool,
    /// One of so many bytes has its place noted
    #[arg(long, value_name = "BYTES", requires = "heap_prof", default_value_t = INTERVAL,
        value_parser = clap::value_parser!(u64).range(1..))]
    heap_prof_interval: u64,
    /// The folder that the profile of allocations is written to [default: the current one]
    #[arg(long, value_name = "DIR", requires = "heap_prof")]
    heap_prof_dir: Option<PathBuf>,
    /// That profile's name [default: Heap.<date>.<time>.<pid>.0.001.heapprofile]
    #[arg(long, value_name = "NAME", requires = "heap_prof")]
    heap_prof_name: Option<String>,
}

/// What was asked for, while the script runs.
#[derive(Default)]
pub(crate) struct Diagnosis {
    snapshot: Option<(PathBuf, Arc<Mutex<Taken>>)>,
    profile: Option<Profiled>,
    allocations: Option<Allocated>,
}

type Looking = Box<dyn FnMut(&Looked<'_>) + Send>;

/// Where the profile of allocations goes, who records it, and which of what it noted was there.
type Allocated = (PathBuf, NewFile, Arc<Mutex<Option<HeapProfile>>>);

/// Where the profile goes, and who records it.
type Profiled = (PathBuf, NewFile, Rc<ThreadRecorder>);

type Taken = Option<io::Result<(Summary, Moment)>>;

impl DiagnoseArgs {
    /// Asks the run for all that is wanted. The files are made before the script runs.
    ///
    /// # Errors
    /// A message where one cannot be made.
    pub(crate) fn ask(&self, run: Run) -> Result<(Run, Diagnosis), String> {
        let profile = self.record()?;
        let mut looks: Vec<Looking> = Vec::new();
        let mut diagnosis = Diagnosis { profile, ..Diagnosis::default() };
        if let Some(path) = &self.heap_snapshot {
            let mut file = Some(create(path)?);
            let taken = Arc::new(Mutex::new(None));
            let answer = Arc::clone(&taken);
            looks.push(Box::new(move |looked| {
                if let Some(mut file) = file.take() {
                    let written = snapshot::write(looked.walk, &mut Ids::default(), &mut file);
                    let written = written.and_then(|summary| file.done().map(|()| summary));
                    *answer.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(written.map(|summary| (summary, looked.moment)));
                }
            }));
            diagnosis.snapshot = Some((path.clone(), taken));
        }
        if self.heap_prof {
            let name =
                self.heap_prof_name.clone().unwrap_or_else(|| files::name(Kind::HeapProfile));
            let path = self.heap_prof_dir.clone().unwrap_or_default().join(name);
            let file = create(&path)?;
            let recorder = Rc::new(AllocationRecorder::new(self.heap_prof_interval));
            WATCHER.set(Some(Rc::clone(&recorder)));
            watch_allocations_of_this_thread(Some((self.heap_prof_interval, recorder as _)));
            let taken = Arc::new(Mutex::new(None));
            let answer = Arc::clone(&taken);
            looks.push(Box::new(move |looked| {
                // The run is this thread's, as is who records it.
                if let Some(recorder) = WATCHER.with_borrow(Clone::clone) {
                    recorder.settle(looked.walk);
                    *answer.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(recorder.profile());
                }
            }));
            diagnosis.allocations = Some((path, file, taken));
        }
        if looks.is_empty() {
            return Ok((run, diagnosis));
        }
        let look = Look::new(move |looked: &Looked<'_>| {
            for look in &mut looks {
                look(looked);
            }
        });
        Ok((run.look(&look), diagnosis))
    }

    /// Starts to sample this thread, which is the one that runs the script.
    fn record(&self) -> Result<Option<Profiled>, String> {
        if !self.cpu_prof {
            return Ok(None);
        }
        let name = self.cpu_prof_name.clone().unwrap_or_else(|| files::name(Kind::CpuProfile));
        let folder = self.cpu_prof_dir.clone().unwrap_or_default();
        let path = folder.join(name);
        let file = create(&path)?;
        let interval = Duration::from_micros(self.cpu_prof_interval);
        let recorder =
            ThreadRecorder::start(interval).map_err(|error| format!("cannot profile: {error}"))?;
        let recorder = Rc::new(recorder);
        record_this_thread(Some(Rc::clone(&recorder) as _));
        Ok(Some((path, file, recorder)))
    }
}

fn create(path: &Path) -> Result<NewFile, String> {
    NewFile::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

impl Diagnosis {
    /// Says what was written and where; false where something could not be.
    pub(crate) fn tell(self) -> bool {
        let profiled = self.profile.is_none_or(|(path, file, recorder)| {
            record_this_thread(None);
            tell_profile(&path, file, &recorder)
        });
        let allocated = self.allocations.is_none_or(|(path, file, taken)| {
            watch_allocations_of_this_thread(None);
            WATCHER.set(None);
            tell_allocations(&path, file, &taken)
        });
        let taken = self.snapshot.is_none_or(|(path, taken)| tell_snapshot(&path, &taken));
        taken && profiled && allocated
    }
}

fn tell_allocations(path: &Path, mut file: NewFile, taken: &Mutex<Option<HeapProfile>>) -> bool {
    let shown = path.display();
    let taken = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut profile) = taken else {
        complain(&format!(
            "no profile of allocations: {shown} is not written, because the run did not end by itself or \
             at its memory limit"
        ));
        return false;
    };
    profile.rename_files(absolute);
    match profile.write(&mut file).and_then(|()| file.done()) {
        Ok(()) => {
            let (count, bytes) = (profile.samples(), ByteSize(profile.bytes()).display().iec());
            complain(&format!(
                "profile of allocations: {shown} ({count} samples for {bytes}); open it in \
                 Chrome's DevTools, under Memory"
            ));
            true
        }
        Err(error) => {
            complain(&format!("the profile {shown} could not be written: {error}"));
            false
        }
    }
}

/// Viewers open a file where they know where it is.
fn absolute(file: &str) -> String {
    std::fs::canonicalize(file).map_or_else(|_| file.to_owned(), |path| path.display().to_string())
}

fn format_of(path: &Path) -> Format {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => Format::Svg,
        Some("folded") => Format::Folded,
        Some("pb" | "pprof") => Format::Pprof,
        _ => Format::CpuProfile,
    }
}

fn tell_profile(path: &Path, mut file: NewFile, recorder: &ThreadRecorder) -> bool {
    let mut profile = recorder.take().remove(&0).unwrap_or_else(|| recorder.empty());
    profile.rename_files(absolute);
    let shown = path.display();
    match profile.write(format_of(path), &mut file).and_then(|()| file.done()) {
        Ok(()) => {
            let viewer = match format_of(path) {
                Format::Svg => "open it in a browser",
                Format::CpuProfile => {
                    "open it in Chrome's DevTools, under Performance, or in speedscope"
                }
                _ => "open it in speedscope",
            };
            let count = profile.samples();
            complain(&format!("CPU profile: {shown} ({count} samples); {viewer}"));
            true
        }
        Err(error) => {
            complain(&format!("the CPU profile {shown} could not be written: {error}"));
            false
        }
    }
}

fn tell_snapshot(path: &Path, taken: &Mutex<Taken>) -> bool {
    let taken = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
    let shown = path.display();
    match taken {
        Some(Ok((summary, moment))) => {
            let when = match moment {
                Moment::HeapLimit => "at the memory limit",
                _ => "at the end",
            };
            let bytes = ByteSize(summary.bytes).display().iec();
            complain(&format!(
                "heap snapshot: {shown} ({} objects, {bytes}, {when}); open it in Chrome's \
                 DevTools, under Memory",
                summary.nodes
            ));
            true
        }
        Some(Err(error)) => {
            complain(&format!("the heap snapshot {shown} could not be written: {error}"));
            false
        }
        None => {
            complain(&format!(
                "no heap snapshot: {shown} is not written, because the run did not end by itself or \
                 at its memory limit"
            ));
            false
        }
    }
}
