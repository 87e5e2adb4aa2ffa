//! Pools: runs that wait, runs that are on, and the threads that carry them out. Which run is next is
//! decided by `sandtide-fair`. Must not know where messages come from.

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sandtide::{CancelToken, Error, ErrorKind, Outcome, Run, Usage};
use sandtide_fair::{
    Begun, Cost, End, Ended, Full, Next, Queue, Request, Room, Script, Shares, Waits,
};
use sandtide_supervisor::{DeployedImage, Supervisor, THREAD_STACK};
use sandtide_wire::{FromHost, HostOutcome, Problem};

use crate::output::Output;

/// Runs that may go along with one, and what all of them together may be.
const MOST_ALONG: usize = 15;
const ROOM_TOGETHER: Room = Room { time: Duration::from_millis(4), bytes: 64 << 10 };
/// Runs of one pool that may wait.
const MOST_WAITING: usize = 1 << 20;
/// Workers of one pool.
pub(crate) const MOST_WORKERS: u32 = 1024;
/// How often runs that wait are looked at, whether their time is over.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Looks at nothing after which nobody looks any more, until there is a run again.
const LOOKS_AT_NOTHING: u32 = 100;
/// How long answers may be kept to be written with the next ones.
const TOGETHER: Duration = Duration::from_micros(250);

/// A run that was asked for.
pub(crate) struct Asked {
    pub(crate) number: u64,
    pub(crate) pool: u64,
    pub(crate) tenant: Arc<str>,
    pub(crate) script: Script,
    pub(crate) cost: Arc<Cost>,
    pub(crate) image: DeployedImage,
    pub(crate) run: Run,
    pub(crate) wall: Duration,
    /// Bytes of its message.
    pub(crate) size: usize,
}

struct Job {
    number: u64,
    image: DeployedImage,
    run: Run,
    wall: Duration,
}

/// A run that was not answered yet.
struct InFlight {
    pool: u64,
    cancel: CancelToken,
    wall: Duration,
    expires: Instant,
    /// Its place in its queue, to which it may come back; none while it is being put there. It leaves the
    /// queue with the last of these, so that whoever looks shares it.
    waits: Option<Arc<Waits<Job>>>,
}

pub(crate) struct Pools {
    supervisor: Supervisor,
    output: Arc<Output>,
    cores: usize,
    /// None for a pool that no thread could be started for.
    queues: Mutex<HashMap<u64, Option<Arc<Queue<Job>>>>>,
    runs: Mutex<Runs>,
    /// Wakes the thread that looks at those that wait.
    some: Condvar,
}

#[derive(Default)]
struct Runs {
    in_flight: HashMap<u64, InFlight>,
    /// Whether nobody looks.
    unwatched: bool,
}

impl Pools {
    /// Starts the thread that looks at runs that wait.
    pub(crate) fn start(supervisor: Supervisor, output: Arc<Output>) -> io::Result<Arc<Pools>> {
        let pools = Arc::new(Pools {
            supervisor,
            output,
            cores: thread::available_parallelism().map_or(1, usize::from),
            queues: Mutex::default(),
            runs: Mutex::default(),
            some: Condvar::new(),
        });
        let watch = Arc::clone(&pools);
        let thread = thread::Builder::new().name("sandtide-late".to_owned());
        // It drops what was given to runs.
        thread.stack_size(THREAD_STACK + (256 << 10)).spawn(move || watch.watch())?;
        Ok(pools)
    }

    /// Opens a pool; false where there is one of this number. Where the system gives it fewer threads, it
    /// has these; where it gives none, the pool's runs are refused.
    pub(crate) fn open(self: &Arc<Self>, pool: u64, workers: u32) -> bool {
        let workers = match workers {
            0 => self.cores.max(2),
            workers => workers.min(MOST_WORKERS) as usize,
        };
        let queue = Queue::new(Shares {
            workers,
            cores: self.cores,
            waiting: MOST_WAITING,
            tenant_waiting: MOST_WAITING,
            tenant_runs: usize::MAX,
            script_runs: usize::MAX,
            weights: HashMap::new(),
        });
        if lock(&self.queues).contains_key(&pool) {
            return false;
        }
        let started = (0..workers).take_while(|worker| {
            let (pools, queue) = (Arc::clone(self), Arc::clone(&queue));
            let thread = thread::Builder::new().name(format!("sandtide-run-{worker}"));
            thread.stack_size(THREAD_STACK + (256 << 10)).spawn(move || pools.work(&queue)).is_ok()
        });
        let queue = (started.count() > 0).then_some(queue);
        lock(&self.queues).insert(pool, queue);
        true
    }

    /// Closes a pool: its runs are cancelled, its threads end with the last of them.
    pub(crate) fn close(&self, pool: u64) {
        let Some(Some(queue)) = lock(&self.queues).remove(&pool) else { return };
        let of_pool = |(number, run): (&u64, &InFlight)| (run.pool == pool).then_some(*number);
        let mut runs: Vec<u64> = lock(&self.runs).in_flight.iter().filter_map(of_pool).collect();
        // Those that wait go first: none of them is to begin where another one ends.
        runs.retain(|run| !self.has_left(*run));
        for run in runs {
            self.cancel(run);
        }
        queue.close();
    }

    /// Queues a run. It is answered, however it ends.
    pub(crate) fn run(&self, asked: Asked) {
        let Asked { number, pool, tenant, script, cost, image, run, wall, size } = asked;
        let queue = match lock(&self.queues).get(&pool) {
            Some(Some(queue)) => Ok(Arc::clone(queue)),
            Some(None) => Err(no_threads()),
            None => Err(Problem::new("ERR_POOL_CLOSED", "the pool is closed; make another")),
        };
        let queue = match queue {
            Ok(queue) => queue,
            Err(problem) => return self.refuse(number, problem),
        };
        let (cancel, expires) = (CancelToken::new(), Instant::now() + wall);
        let run = run.cancel(&cancel);
        let mut runs = lock(&self.runs);
        if runs.in_flight.contains_key(&number) {
            drop(runs);
            let problem = Problem::new("ERR_PROTOCOL", "there is a run of this number");
            return self.refuse(number, problem);
        }
        runs.in_flight.insert(number, InFlight { pool, cancel, wall, expires, waits: None });
        let unwatched = std::mem::take(&mut runs.unwatched);
        drop(runs);
        if unwatched {
            self.some.notify_one();
        }
        let job = Job { number, image, run, wall };
        match queue.push(Request { tenant, script, cost, limit: wall, expires, size, job }) {
            Ok(waits) => {
                let waits = Arc::new(waits);
                let mut runs = lock(&self.runs);
                // It may be over already.
                let over = match runs.in_flight.get_mut(&number) {
                    Some(in_flight) => in_flight.waits.replace(waits),
                    None => Some(waits),
                };
                drop(runs);
                drop(over);
            }
            Err(full) => {
                let (code, message) = match full {
                    Full::Closed => ("ERR_POOL_CLOSED", "the pool is closed; make another"),
                    _ => ("ERR_QUEUE_FULL", "too many runs wait; ask for fewer at a time"),
                };
                lock(&self.runs).in_flight.remove(&number);
                self.refuse(number, Problem::new(code, message));
            }
        }
    }

    /// Whether a run waited, and is cancelled now.
    fn has_left(&self, number: u64) -> bool {
        let waits = lock(&self.runs).in_flight.get(&number).and_then(|run| run.waits.clone());
        let left = waits.is_some_and(|waits| waits.leave());
        if left {
            self.answer(number, Outcome::failed(Error::Cancelled));
            self.output.flush();
        }
        left
    }

    /// Cancels a run.
    pub(crate) fn cancel(&self, number: u64) {
        let runs = lock(&self.runs);
        let Some(in_flight) = runs.in_flight.get(&number) else { return };
        in_flight.cancel.cancel();
        drop(runs);
        // One that has begun notices by itself, or comes back.
        self.has_left(number);
    }

    /// Says why a run that is not in flight is not run.
    pub(crate) fn refuse(&self, run: u64, problem: Problem) {
        let mut outcome = HostOutcome::from(Outcome::failed(Error::Cancelled));
        outcome.result = Err(problem);
        self.output.say(&FromHost::Done { run, outcome: Box::new(outcome) });
    }

    /// Answers a run, with what is written next.
    fn answer(&self, run: u64, outcome: Outcome) {
        let gone = lock(&self.runs).in_flight.remove(&run);
        // Leaving its queue takes the queue's lock.
        drop(gone);
        self.output.add(&FromHost::Done { run, outcome: Box::new(outcome.into()) });
    }

    /// Ends runs whose time is over before a worker was free for them.
    fn watch(&self) {
        let mut looks = 0;
        loop {
            thread::sleep(LOOK_EVERY);
            let mut runs = lock(&self.runs);
            looks = if runs.in_flight.is_empty() { looks + 1 } else { 0 };
            if looks > LOOKS_AT_NOTHING {
                runs.unwatched = true;
                while runs.unwatched {
                    runs = self.some.wait(runs).unwrap_or_else(PoisonError::into_inner);
                }
                looks = 0;
            }
            let now = Instant::now();
            // One that has begun may come back: it is looked at again.
            let late = |(number, run): (&u64, &InFlight)| {
                let waits = if run.expires <= now { run.waits.clone() } else { None };
                waits.map(|waits| (*number, run.wall, waits))
            };
            let late: Vec<_> = runs.in_flight.iter().filter_map(late).collect();
            drop(runs);
            for (number, wall, waits) in late {
                if waits.leave() {
                    self.answer(number, too_late(wall));
                }
            }
            self.output.flush();
        }
    }

    fn work(&self, queue: &Queue<Job>) {
        while let Some(next) = queue.pop() {
            match next {
                Next::Late(job) => {
                    self.answer(job.number, too_late(job.wall));
                    self.output.flush();
                }
                Next::Run(first) => {
                    let along = match first.job.image.has_host_functions() {
                        true => Vec::new(),
                        false => queue.along(&first.ticket, MOST_ALONG, ROOM_TOGETHER),
                    };
                    if along.is_empty() {
                        self.alone(queue, first);
                        continue;
                    }
                    let numbers: Vec<u64> =
                        along.iter().chain([&first]).map(|begun| begun.job.number).collect();
                    // As with one run alone: all that were not answered are, and the thread goes on.
                    let done = catch_unwind(AssertUnwindSafe(|| {
                        self.together(queue, first, along);
                    }));
                    if done.is_err() {
                        self.give_up(&numbers);
                    }
                }
            }
        }
    }

    fn alone(&self, queue: &Queue<Job>, Begun { job, ticket }: Begun<Job>) {
        let Job { number, image, run, wall } = job;
        let began = Instant::now();
        // A panic would be a bug of ours; it must cost the one run, and not the pool's thread.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.supervisor.run_here(&image, run)));
        let outcome = outcome.unwrap_or_else(|_| a_fault_of_ours());
        let owed = ended(&outcome, began.elapsed(), wall, image.has_host_functions());
        self.answer(number, outcome);
        self.output.flush();
        queue.end(ticket, owed);
    }

    /// Answers those of these runs that were not answered.
    fn give_up(&self, numbers: &[u64]) {
        for number in numbers {
            let open = lock(&self.runs).in_flight.contains_key(number);
            if open {
                self.answer(*number, a_fault_of_ours());
            }
        }
        self.output.flush();
    }

    /// Runs of one tenant that were short so far, of which one worker is told at once. Where one of them
    /// turns out to be long it is run alone, and those behind it go back to where they waited.
    fn together(&self, queue: &Queue<Job>, first: Begun<Job>, along: Vec<Begun<Job>>) {
        let (mut runs, mut rest) = (Vec::new(), Vec::new());
        for Begun { job: Job { number, image, run, wall }, ticket } in
            [first].into_iter().chain(along)
        {
            runs.push((image.clone(), run));
            rest.push(Some((number, image, wall, ticket)));
        }
        let began = Instant::now();
        let (mut last, mut told, mut over) = (began, began, Vec::new());
        let not_run = self.supervisor.run_together_here(runs, |position, outcome| {
            let Some((number, _, wall, ticket)) = rest.get_mut(position).and_then(Option::take)
            else {
                return;
            };
            last = Instant::now();
            over.push((ticket, ended(&outcome, Duration::ZERO, wall, false)));
            self.answer(number, outcome);
            if last - told > TOGETHER {
                told = last;
                self.output.flush();
            }
        });
        self.output.flush();
        // Their answers come together, so that it cannot be told what each of them took.
        let each = (last - began) / u32::try_from(over.len()).unwrap_or(u32::MAX).max(1);
        for (ticket, ended) in over {
            queue.end(ticket, Ended { used: each, again: each, ..ended });
        }
        let mut back = not_run.runs.into_iter().filter_map(|(position, run)| {
            let (number, image, wall, ticket) = rest.get_mut(position)?.take()?;
            Some(Begun { job: Job { number, image, run, wall }, ticket })
        });
        let Some(first) = back.next() else { return };
        let back: Vec<_> = back.collect();
        let numbers: Vec<u64> = back.iter().map(|begun| begun.job.number).collect();
        queue.hand_back(back);
        // Whoever cancelled one of them meanwhile did not find it in its queue.
        for number in numbers {
            let of = |run: &InFlight| run.cancel.is_cancelled();
            let cancelled = lock(&self.runs).in_flight.get(&number).is_some_and(of);
            if cancelled {
                self.cancel(number);
            }
        }
        if not_run.interrupted {
            first.ticket.note_interrupted(last.elapsed());
        }
        self.alone(queue, first);
    }
}

fn no_threads() -> Problem {
    let message = "no thread could be started for the pool; make another once the system has some";
    let error = Error::System { action: "starting a pool", message: message.to_owned() };
    error.into()
}

fn a_fault_of_ours() -> Outcome {
    Outcome::failed(Error::System {
        action: "running a script",
        message: "the host failed, which is a fault of it".to_owned(),
    })
}

fn too_late(wall: Duration) -> Outcome {
    let mut outcome = Outcome::failed(Error::WallTime { limit: wall });
    outcome.usage.wall = wall;
    outcome
}

/// What a run's end says of the next one's cost. `took` is what it kept its thread.
fn ended(outcome: &Outcome, took: Duration, wall: Duration, calls_out: bool) -> Ended {
    let Usage { cpu, timers, build, restore, wall: in_worker, .. } = outcome.usage;
    let busy = cpu.saturating_add(timers);
    let end = match outcome.result.as_ref().err().map(Error::kind) {
        // What lost its worker may have taken any time.
        Some(ErrorKind::WallTime | ErrorKind::CpuTime | ErrorKind::WorkerLost) => End::Cut,
        // It was not run, or not to its end, by no doing of its own.
        Some(ErrorKind::Cancelled | ErrorKind::Quarantined | ErrorKind::System) => End::Left,
        _ => End::Itself,
    };
    // One that waits for the program keeps its thread, and goes along with no other.
    let (used, told) = match calls_out {
        true => (took, wall),
        false => {
            let told = busy.saturating_sub(build).saturating_add(restore);
            (took.saturating_sub(in_worker.saturating_sub(busy)), told)
        }
    };
    Ended { used, again: busy.saturating_sub(build), told, end }
}

// Nothing panics while a lock is held but for want of memory.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
