//! One worker, as the broker sees it: its process, its socket, what was loaded into it.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Signal, WaitIdStatus};
use sandtide_confine::{Turns, give_turns, processor_time_of};
use sandtide_wire::{Budget, FromWorker, LENGTH_BYTES, State, ToWorker, largest_frame};

use crate::blame::{Script, Served};
use crate::link::{Link, MOMENT, Moved, Unasked};
use crate::lost::Lost;
use crate::zygote::{Handle, Spawned};

/// Images that a worker is asked to keep; of more, it lets go of the one used longest ago.
const LOADED: usize = 64;
/// What a worker may use of a processor after its answer, until it is asked again: letting go of what it
/// answered takes some,
const LITTLE: Duration = Duration::from_millis(50);
/// and this part of what it took to make it.
const TO_LET_GO: u32 = 8;
/// A worker that used more than that is ended where it uses so much more until it is looked at again.
const GROWS: Duration = Duration::from_millis(1);
/// How long the end of a worker that was killed is waited for.
const END_TIME: Duration = Duration::from_secs(1);
/// Bytes of a message before its text for a debugger's client, and some.
const BEFORE_A_TEXT: usize = 64;
/// Buffers up to this size are kept between messages.
const KEPT: usize = 64 << 10;

pub(crate) struct Worker {
    process: Handle,
    /// The number of the zygote that forked it.
    zygote: u64,
    link: Link,
    turns: Turns,
    state: State,
    /// Runs that were said ahead, and begin when the one before them has ended.
    ahead: VecDeque<u64>,
    served: Served,
    /// What it had of processors when it last stood ready, and what it may use of them as it waits.
    used: Option<Duration>,
    rest: Rest,
    /// Scripts that had answers of it, which is not known to be sound since.
    unproven: Vec<Script>,
    /// Numbers of the images that it has; the one used last is at the end.
    loaded: Vec<u64>,
    /// Of these, the ones that it took from bytes that another worker made.
    carried: Vec<u64>,
    out: Vec<u8>,
    sent: usize,
    /// Bytes said and bytes sent since the start.
    said_in_all: u64,
    sent_in_all: u64,
    input: Vec<u8>,
}

/// What messages may hold that decide about memory here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budgets {
    /// A host call.
    pub(crate) call: Budget,
    /// A text for a debugger's client.
    pub(crate) text: Budget,
    /// Any other message.
    pub(crate) other: Budget,
}

impl Budgets {
    /// Where no host call is legal.
    pub(crate) fn without_calls(other: Budget) -> Budgets {
        Budgets { call: Budget::of_values(0), text: Budget::of_values(0), other }
    }
}

/// What a worker that is listened to did.
#[derive(Debug)]
pub(crate) enum Heard {
    Message {
        message: FromWorker,
        /// Its length in bytes.
        len: usize,
    },
    /// It took the last of what was said to it.
    AllSent,
}

/// What a worker may use of processors as it waits.
#[derive(Debug)]
struct Rest {
    may_use: Duration,
    /// What it had used when it was looked at last, where that was more.
    seen: Option<Duration>,
}

impl Default for Rest {
    fn default() -> Rest {
        Rest { may_use: LITTLE, seen: None }
    }
}

impl Rest {
    /// Looks at what it has used by now. One look says too little: where memory is slow, letting go of a large
    /// image takes longer than it may, and ends all the same.
    fn is_restless(&mut self, used: Duration) -> bool {
        let seen = std::mem::replace(&mut self.seen, (used > self.may_use).then_some(used));
        used > self.may_use && seen.is_some_and(|seen| used.saturating_sub(seen) > GROWS)
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("process", &self.process)
            .field("state", &self.state)
            .finish()
    }
}

impl Worker {
    pub(crate) fn new(spawned: Spawned) -> io::Result<Worker> {
        let Spawned { process, zygote, socket } = spawned;
        Ok(Worker {
            process,
            zygote,
            link: Link::new(socket)?,
            turns: Turns::Usual,
            state: State::Starting,
            ahead: VecDeque::new(),
            served: Served::default(),
            used: None,
            rest: Rest::default(),
            unproven: Vec::new(),
            loaded: Vec::new(),
            carried: Vec::new(),
            out: Vec::new(),
            sent: 0,
            said_in_all: 0,
            sent_in_all: 0,
            input: Vec::new(),
        })
    }

    pub(crate) fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// The number of its zygote: workers of one have their memory at the same addresses.
    pub(crate) fn zygote(&self) -> u64 {
        self.zygote
    }

    /// A descriptor of its process, for whoever signals it from another thread.
    pub(crate) fn descriptor(&self) -> io::Result<OwnedFd> {
        self.process.descriptor()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.state == State::Idle && self.ahead.is_empty() && self.input.is_empty()
    }

    /// Why it is of no more use: it has ended while nobody asked it for anything, or speaks without being
    /// asked.
    pub(crate) fn is_gone(&self) -> Option<Lost> {
        self.link.unasked().map(|unasked| match unasked {
            Unasked::Gone => Lost::Closed,
            Unasked::Speaks => Lost::SaidMore,
        })
    }

    /// The same of one that waits for its tenant, or that it goes on using a processor.
    pub(crate) fn is_spoilt(&mut self) -> Option<Lost> {
        let used = self.used_since_it_stood_ready().unwrap_or_default();
        let restless = self.rest.is_restless(used);
        self.is_gone().or_else(|| restless.then_some(Lost::Restless { used }))
    }

    /// Whether it used no more of processors than it may since it stood ready.
    pub(crate) fn rests(&self) -> bool {
        self.used_since_it_stood_ready().is_none_or(|used| used <= self.may_use())
    }

    /// What it may use of processors as it waits.
    pub(crate) fn may_use(&self) -> Duration {
        self.rest.may_use
    }

    /// Notes that it answered a run of this script.
    pub(crate) fn answered(&mut self, script: Script) {
        if !self.unproven.contains(&script) {
            self.unproven.push(script);
        }
    }

    /// Those that it answered since this was asked, to be credited now that it is sound.
    pub(crate) fn take_unproven(&mut self) -> std::vec::Drain<'_, Script> {
        self.unproven.drain(..)
    }

    /// What it had of processors since it last stood ready; none where the system does not tell.
    pub(crate) fn used_since_it_stood_ready(&self) -> Option<Duration> {
        Some(processor_time_of(self.pid())?.saturating_sub(self.used?))
    }

    /// Notes that it stands ready from now on. Answers what it had of processors since it last did.
    pub(crate) fn stands_ready(&mut self) -> Option<Duration> {
        let now = processor_time_of(self.pid());
        let before = std::mem::replace(&mut self.used, now);
        self.rest = Rest::default();
        let used = now?.saturating_sub(before?);
        self.rest = Rest { may_use: LITTLE + used / TO_LET_GO, seen: None };
        Some(used)
    }

    /// What it has served since it was forked.
    pub(crate) fn served(&self) -> &Served {
        &self.served
    }

    pub(crate) fn take_served(&mut self) -> Served {
        std::mem::take(&mut self.served)
    }

    /// Notes that it is asked for something of this script.
    pub(crate) fn serves(&mut self, script: Script, version: &Arc<str>) {
        self.served.note(script, version);
    }

    /// Whether something that it said was read and not looked at.
    pub(crate) fn has_said_more(&self) -> bool {
        !self.input.is_empty()
    }

    pub(crate) fn has(&self, image: u64) -> bool {
        self.loaded.contains(&image)
    }

    /// Notes that it has the image, which is used now. Answers one that it is to let go of.
    pub(crate) fn note_loaded(&mut self, image: u64) -> Option<u64> {
        self.loaded.retain(|other| *other != image);
        self.loaded.push(image);
        let oldest = (self.loaded.len() > LOADED).then(|| self.loaded.remove(0))?;
        self.carried.retain(|other| *other != oldest);
        Some(oldest)
    }

    /// Notes that it takes the image from bytes that another worker made.
    pub(crate) fn note_carried(&mut self, image: u64) {
        self.carried.push(image);
    }

    /// The images that it has from other workers' bytes.
    pub(crate) fn carried(&self) -> &[u64] {
        &self.carried
    }

    /// Puts a message behind those that are to be sent.
    pub(crate) fn say(&mut self, message: &ToWorker) -> Result<(), Lost> {
        let Some(state) = self.state.after_sending(message) else {
            unreachable!("the broker speaks out of turn")
        };
        self.state = state;
        self.put(message)
    }

    /// Puts a run behind another one that is on, or behind those that were put there before.
    pub(crate) fn say_ahead(&mut self, run: u64, message: &ToWorker) -> Result<(), Lost> {
        debug_assert!(matches!(self.state, State::Running { .. }), "no run is on");
        self.ahead.push_back(run);
        self.put(message)
    }

    fn put(&mut self, message: &ToWorker) -> Result<(), Lost> {
        let before = self.out.len();
        message.encode(&mut self.out)?;
        self.said_in_all += (self.out.len() - before) as u64;
        Ok(())
    }

    /// Bytes said since the start; once as many are [sent](Self::sent_in_all), so is all that was
    /// said so far.
    pub(crate) fn said_in_all(&self) -> u64 {
        self.said_in_all
    }

    /// Bytes that the worker's socket took since the start.
    pub(crate) fn sent_in_all(&self) -> u64 {
        self.sent_in_all
    }

    /// Bytes that wait to be sent.
    pub(crate) fn unsent(&self) -> usize {
        self.out.len() - self.sent
    }

    /// Sends what is to be sent, and answers the next message as soon as it is there. Nothing is
    /// lost where the future is dropped.
    pub(crate) async fn hear(&mut self, budgets: Budgets) -> Result<FromWorker, Lost> {
        loop {
            if let Heard::Message { message, .. } = self.listen(budgets).await? {
                return Ok(message);
            }
        }
    }

    /// As [`hear`](Self::hear), but answers as well when the last byte was sent.
    pub(crate) async fn listen(&mut self, budgets: Budgets) -> Result<Heard, Lost> {
        loop {
            if let Some(heard) = self.take_message(budgets)? {
                return Ok(heard);
            }
            let Worker { link, out, sent, input, .. } = self;
            let unsent = &out[*sent..];
            match link.next(unsent, input).await {
                Moved::In => {}
                Moved::Out(more) => {
                    if self.was_sent(more) {
                        return Ok(Heard::AllSent);
                    }
                }
                Moved::Closed => return Err(Lost::Closed),
            }
        }
    }

    /// As [`hear`](Self::hear), on this thread, which waits for a [moment](MOMENT) or two at most,
    /// however little at a time the worker says or takes; none where that was too short.
    pub(crate) fn hear_here(&mut self, budgets: Budgets) -> Result<Option<FromWorker>, Lost> {
        let until = Instant::now() + MOMENT;
        let mut heard = self.take_message(budgets)?;
        while heard.is_none() {
            let Worker { link, out, sent, input, .. } = self;
            match link.next_here(&out[*sent..], input) {
                Some(Moved::In) => heard = self.take_message(budgets)?,
                Some(Moved::Out(more)) => _ = self.was_sent(more),
                Some(Moved::Closed) => return Err(Lost::Closed),
                None => break,
            }
            if heard.is_none() && Instant::now() >= until {
                break;
            }
        }
        match heard {
            Some(Heard::Message { message, .. }) => Ok(Some(message)),
            _ => Ok(None),
        }
    }

    /// Notes that so many bytes more were sent, or need not be; whether these were the last.
    fn was_sent(&mut self, more: usize) -> bool {
        let Worker { out, sent, sent_in_all, .. } = self;
        *sent += more;
        *sent_in_all += more as u64;
        let all = *sent == out.len();
        if all {
            *sent = 0;
            if out.capacity() > KEPT { *out = Vec::new() } else { out.clear() }
        }
        all
    }

    fn take_message(&mut self, budgets: Budgets) -> Result<Option<Heard>, Lost> {
        let Some((length, rest)) = self.input.split_first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let len = u32::from_le_bytes(*length) as usize;
        // Of what is announced, only the kind is known once its first byte is there.
        let budget = match rest.first() {
            Some(&kind) if FromWorker::is_host_call(kind) => budgets.call,
            Some(&kind) if FromWorker::is_text(kind) => budgets.text,
            Some(_) => budgets.other,
            None => Budget {
                values: budgets.call.values.max(budgets.other.values).max(budgets.text.values),
                logs: budgets.other.logs,
                samples: budgets.other.samples,
            },
        };
        let most = match rest.first() {
            // A text takes as many bytes there as here.
            Some(&kind) if FromWorker::is_text(kind) => budget.values.saturating_add(BEFORE_A_TEXT),
            _ => largest_frame(budget),
        };
        if len > most {
            return Err(Lost::TooLong { len, most });
        }
        let Some(bytes) = rest.get(..len) else { return Ok(None) };
        let message = FromWorker::decode(bytes, budget)?;
        self.state = self.state.after_receiving(&message)?;
        if self.state == State::Idle
            && let Some(run) = self.ahead.pop_front()
        {
            // It was said before, and holds from now on.
            self.state = State::Running { run, snapshot: false };
        }
        self.input.drain(..LENGTH_BYTES + len);
        if self.input.is_empty() && self.input.capacity() > KEPT {
            self.input = Vec::new();
        }
        Ok(Some(Heard::Message { message, len }))
    }

    /// Time that it had a processor, and whether it stands ready for one now: it does not where it
    /// waits for something else or was stopped. None where the system does not tell.
    pub(crate) fn processor_time(&self) -> Option<(Duration, bool)> {
        let pid = self.pid();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name before it, in brackets, may hold anything.
        let (_, rest) = stat.rsplit_once(") ")?;
        let ready = rest.starts_with(['R', 'D']);
        let times = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
        let time = times.split(' ').next()?.parse().ok().map(Duration::from_nanos)?;
        Some((time, ready))
    }

    /// Has it take such turns on a processor from now on. Where the system refuses, it goes on as it did.
    pub(crate) fn give_turns(&mut self, turns: Turns) {
        // A system call for runs that are long, and after them, and for no other.
        if self.turns != turns && give_turns(self.pid(), turns).is_ok() {
            self.turns = turns;
        }
    }

    /// Has it end the run that is on.
    pub(crate) fn cancel(&self) {
        self.process.signal(Signal::URG);
    }

    /// Kills it and waits for its end; not for one that the system does not end at once.
    pub(crate) async fn end(self) -> Option<WaitIdStatus> {
        tokio::time::timeout(END_TIME, self.process.end()).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_waits_is_restless_only_where_it_goes_on_using_a_processor() {
        let ms = Duration::from_millis;
        let looks = |used: &[u64]| {
            let mut rest = Rest::default();
            used.iter().map(|used| rest.is_restless(ms(*used))).collect::<Vec<_>>()
        };
        // However much it took to let go of something.
        assert_eq!(looks(&[900, 900, 901, 901]), [false; 4]);
        assert_eq!(looks(&[20, 40, 50, 52]), [false; 4]);
        assert_eq!(looks(&[20, 900, 902]), [false, false, true]);
        assert_eq!(looks(&[60, 1060]), [false, true]);
    }
}
