//! `internalBinding('heap_utils')`: heap snapshots, CPU and allocation profiles of the program, and the
//! options that ask for them. The formats are those of `sandtide-inspect`.

use std::{
    cell::{Cell, RefCell},
    io,
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use rquickjs::{Ctx, Function, Object};
use sandtide_inspect::{
    allocations::INTERVAL,
    files::{self, Kind, NewFile},
    profile::Format,
    record::ThreadRecorder,
    snapshot::{self, Ids},
};
use sandtide_realm::inspect;

use super::options;
use crate::{
    allocations,
    hooks::{self, Hook},
    runtime::complain,
    trace_gc,
};

thread_local! {
    /// The numbers of objects, the same in each snapshot of this program.
    static IDS: RefCell<Ids> = RefCell::default();
    static RECORDER: RefCell<Option<Rc<ThreadRecorder>>> = const { RefCell::new(None) };
    /// How often a full heap is still to be written.
    static LEFT_AT_LIMIT: Cell<usize> = const { Cell::new(0) };
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("snapshotName", Function::new(ctx.clone(), || files::name(Kind::HeapSnapshot))?)?;
    binding.set("writeHeapSnapshot", Function::new(ctx.clone(), write_heap_snapshot)?)?;
    binding.set("setNearHeapLimit", Function::new(ctx.clone(), set_near_heap_limit)?)?;
    binding.set("observeCollections", Function::new(ctx.clone(), trace_gc::observe)?)?;
    let set = |ctx: Ctx<'js>, function: Function<'js>| hooks::set(&ctx, Hook::Collections, function);
    binding.set("setCollectionCallback", Function::new(ctx.clone(), set)?)?;
    Ok(binding)
}

/// Writes a snapshot; gives the system's error number and 0 where the file could not be made, 1 where
/// it could not be written, or nothing.
fn write_heap_snapshot(ctx: Ctx<'_>, path: String) -> Option<Vec<i32>> {
    const EIO: i32 = 5;
    let number = |error: &io::Error| error.raw_os_error().unwrap_or(EIO);
    inspect::walk(&ctx, move |walk| match NewFile::create(Path::new(&path)) {
        Ok(file) => match snapshot_into(walk, file) {
            Ok(()) => None,
            Err(error) => Some(vec![number(&error), 1]),
        },
        Err(error) => Some(vec![number(&error), 0]),
    })
}

fn snapshot_to(walk: &snapshot::Walk<'_>, path: &Path) -> io::Result<()> {
    snapshot_into(walk, NewFile::create(path)?)
}

/// Half a snapshot is of no use to anybody, and takes the room that was missing: it goes.
fn snapshot_into(walk: &snapshot::Walk<'_>, mut file: NewFile) -> io::Result<()> {
    with_ids(|ids| snapshot::write(walk, ids, &mut file))?;
    file.done()
}

/// Lends the numbers by which snapshots know objects.
pub(crate) fn with_ids<R>(f: impl FnOnce(&mut Ids) -> R) -> R {
    IDS.with_borrow_mut(f)
}

fn set_near_heap_limit(ctx: Ctx<'_>, times: usize) {
    LEFT_AT_LIMIT.set(times);
    inspect::on_full(&ctx, |walk| {
        let left = LEFT_AT_LIMIT.get();
        if left == 0 {
            return;
        }
        LEFT_AT_LIMIT.set(left - 1);
        let path = folder("--diagnostic-dir").join(files::name(Kind::HeapSnapshot));
        match snapshot_to(walk, &path) {
            Ok(()) => complain(&format!("Wrote snapshot to {}", path.display())),
            Err(error) => complain(&format!("sandtide: cannot write {}: {error}", path.display())),
        }
    });
}

/// The folder that an option names, or the current one.
fn folder(option: &str) -> PathBuf {
    options::with(|options| options.text(option).map(PathBuf::from)).unwrap_or_default()
}

/// Starts what the command line asks for.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn start(ctx: &Ctx<'_>) -> Result<(), String> {
    if let Some(times) = options::with(|options| options.number("--heapsnapshot-near-heap-limit")) {
        set_near_heap_limit(ctx.clone(), times);
    }
    let wanted = options::with(|options| options.flag("--cpu-prof") || options.flag("--prof"));
    if wanted {
        let interval = options::with(|options| options.number("--cpu-prof-interval"));
        let interval = Duration::from_micros(interval.unwrap_or(1000) as u64);
        let recorder = ThreadRecorder::start(interval)
            .map_err(|error| format!("--cpu-prof-interval: {error}"))?;
        let recorder = Rc::new(recorder);
        inspect::record(ctx, Some(Rc::clone(&recorder) as _));
        RECORDER.set(Some(recorder));
    }
    if options::with(|options| options.flag("--heap-prof")) {
        let interval = options::with(|options| options.number("--heap-prof-interval"));
        let interval = interval.map_or(INTERVAL, |bytes| bytes as u64);
        if interval == 0 {
            return Err("--heap-prof-interval must be above 0".to_owned());
        }
        allocations::sample(ctx, interval);
    }
    Ok(())
}

/// Writes what the command line asked for, when the program ends.
pub(crate) fn end() {
    end_heap_profile();
    end_cpu_profile();
}

/// A file for a profile, in a folder that is made if need be.
fn create(option: &str, kind: Kind) -> (PathBuf, io::Result<NewFile>) {
    let text = |rest: &str| {
        options::with(|options| options.text(&format!("{option}-{rest}")).map(str::to_owned))
    };
    let name = text("name").map(|name| name.replace("${pid}", &std::process::id().to_string()));
    let folder = text("dir").map(PathBuf::from).unwrap_or_default();
    let path = folder.join(name.unwrap_or_else(|| files::name(kind)));
    let made = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder),
        _ => Ok(()),
    };
    let file = made.and_then(|()| NewFile::create(&path));
    (path, file)
}

fn end_heap_profile() {
    if !options::with(|options| options.flag("--heap-prof")) {
        return;
    }
    let Some(profile) = allocations::profile() else { return };
    let (path, file) = create("--heap-prof", Kind::HeapProfile);
    let written = file.and_then(|mut file| {
        profile.write(&mut file)?;
        file.done()
    });
    if let Err(error) = written {
        complain(&format!("sandtide: cannot write {}: {error}", path.display()));
    }
}

fn end_cpu_profile() {
    let Some(recorder) = RECORDER.take() else { return };
    let mut profiles = recorder.take();
    let Some(profile) = profiles.get_mut(&0) else { return };
    let (path, file) = create("--cpu-prof", Kind::CpuProfile);
    let written = file.and_then(|mut file| {
        profile.write(Format::CpuProfile, &mut file)?;
        file.done()
    });
    match written {
        Err(error) => complain(&format!("sandtide: cannot write {}: {error}", path.display())),
        Ok(()) if options::with(|options| options.flag("--prof")) => complain(&format!(
            "CPU profile: {}; open it in Chrome's DevTools under Performance, or in speedscope",
            path.display()
        )),
        Ok(()) => {}
    }
}
