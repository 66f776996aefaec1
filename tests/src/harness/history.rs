//! The calls of clerks and their answers, for the linearizability checker.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Display, Formatter, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use linearizability::kv::{self, Action, Contradiction, Operation};
use linearizability::{Call, Evidence, Limits, Verdict, Violation};
use parking_lot::Mutex;

use super::exchanges::Exchanges;
use super::journal::Journal;
use super::shard_service::server_in_words;
use super::wire::Wire;
use crate::runner::{Class, Explanation, Failure, Happening, fail, keep, on_failure, record};

/// How long a call may take in any test.
const CALL_LIMIT: Duration = Duration::from_secs(60);

/// How often the calls that have not returned are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many looks back a failure says what has been sent.
const LOOKED_BACK: usize = 10;

/// The calls of all clerks of a test, including those that have not returned.
pub(crate) struct History {
    started: Instant,
    calls: Mutex<Vec<Call<Operation>>>,
    /// Which server has answered each call that has returned, by the call's number.
    answerers: Mutex<BTreeMap<usize, String>>,
    is_abandoned: AtomicBool,
    wire: Arc<Mutex<Wire>>,
    /// What had been sent at the last looks at open calls, the oldest first.
    earlier: Mutex<VecDeque<Exchanges>>,
    explain: OnceLock<Box<Explain>>,
}

/// Says what is known of an open call, given the last answer for its key and what had been sent until 10 s before.
type Explain = dyn Fn(&OpenCall, Option<&LastAnswer>, &Exchanges) -> String + Send + Sync;

/// A call that has not returned.
#[derive(Debug)]
pub(crate) struct OpenCall {
    pub(crate) client: usize,
    pub(crate) key: String,
    method: &'static str,
    pub(crate) since: Duration,
}

/// Which server has answered the call on a key that has returned last, and how long ago.
#[derive(Debug)]
pub(crate) struct LastAnswer {
    pub(crate) server: String,
    ago: Duration,
}

impl Display for LastAnswer {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let LastAnswer { server, ago } = self;
        let server = server_in_words(server);
        let seconds = ago.as_secs_f64();
        write!(out, "the last answer for this key came from {server} {seconds:.1} s ago")
    }
}

impl Display for OpenCall {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let OpenCall { client, key, method, since } = self;
        let seconds = since.as_secs_f64();
        write!(out, "client {client}'s {method} of key {key:?} has not returned for {seconds:.1} s")
    }
}

fn method(action: &Action) -> &'static str {
    match action {
        Action::Get { .. } => "Get",
        Action::Put { .. } => "Put",
        Action::Append { .. } => "Append",
    }
}

impl History {
    /// A history that begins now.
    pub(crate) fn new(wire: Arc<Mutex<Wire>>) -> Self {
        History {
            started: Instant::now(),
            calls: Mutex::default(),
            answerers: Mutex::default(),
            is_abandoned: AtomicBool::new(false),
            wire,
            earlier: Mutex::default(),
            explain: OnceLock::new(),
        }
    }

    /// From now on calls need not return.
    pub(crate) fn abandon(&self) {
        self.is_abandoned.store(true, Ordering::Relaxed);
    }

    /// The number of calls.
    pub(crate) fn len(&self) -> usize {
        self.calls.lock().len()
    }

    /// Notes that a client begins a call. Returns its number, for [`History::end`].
    pub(crate) fn begin(&self, client: usize, key: &str, action: Action) -> usize {
        let operation = Operation { key: key.to_owned(), action };
        let called = self.now();
        let mut calls = self.calls.lock();
        calls.push(Call { client, called, returned: None, operation });
        calls.len() - 1
    }

    /// Notes that a call has returned, what a Get was answered, and which server has answered last.
    pub(crate) fn end(&self, call: usize, answer: &str, answerer: Option<String>) {
        let returned = self.now();
        if let Some(answerer) = answerer {
            self.answerers.lock().insert(call, answerer);
        }
        let call = &mut self.calls.lock()[call];
        call.returned = Some(returned);
        if let Action::Get { value } = &mut call.operation.action {
            *value = Some(answer.to_owned());
        }
    }

    /// The calls that have not returned, the oldest first: the client, its call, and for how long.
    pub(crate) fn open_calls(&self) -> Vec<OpenCall> {
        let calls = self.calls.lock();
        // Not before: a call may begin in between.
        let now = self.now();
        let open = calls.iter().filter(|call| call.returned.is_none()).map(|call| OpenCall {
            client: call.client,
            key: call.operation.key.clone(),
            method: method(&call.operation.action),
            since: Duration::from_nanos(now - call.called),
        });
        open.collect()
    }

    /// Fails the test as soon as a call takes longer than a minute: no test keeps servers from answering for
    /// so long. `explain` says what is known of a call.
    pub(crate) fn watch(
        self: &Arc<Self>,
        explain: impl Fn(&OpenCall, Option<&LastAnswer>, &Exchanges) -> String + Send + Sync + 'static,
    ) {
        // A history is watched once.
        let _ = self.explain.set(Box::new(explain));
        let watched = Arc::downgrade(self);
        thread::spawn(move || {
            while let Some(history) = watched.upgrade()
                && !history.is_abandoned.load(Ordering::Relaxed)
            {
                history.look_back();
                let oldest = history.open_calls().into_iter().next();
                if let Some(call) = oldest.filter(|call| call.since > CALL_LIMIT) {
                    let limit = CALL_LIMIT.as_secs();
                    let expected = format!("every call of a client returns within {limit} s");
                    fail(Failure::new(Class::NoProgress, expected, history.describe(&call)));
                }
                drop(history);
                thread::sleep(LOOK_EVERY);
            }
        });
    }

    /// Notes what has been sent by now, and forgets what is too old.
    fn look_back(&self) {
        let mut earlier = self.earlier.lock();
        if earlier.len() == LOOKED_BACK {
            earlier.pop_front();
        }
        earlier.push_back(self.wire.lock().exchanges().clone());
    }

    /// The oldest call that has not returned, with what is known of it, and how many others have not; empty if there is
    /// none.
    pub(crate) fn describe_open_calls(&self) -> String {
        let calls = self.open_calls();
        let Some(oldest) = calls.first() else {
            return String::new();
        };
        let others = match calls.len() - 1 {
            0 => String::new(),
            1 => "; one other call has not returned, either".to_owned(),
            others => format!("; {others} other calls have not returned, either"),
        };
        self.describe(oldest) + &others
    }

    fn describe(&self, call: &OpenCall) -> String {
        let last = self.last_answer(&call.key);
        let before = self.earlier.lock().front().cloned().unwrap_or_default();
        let explain = self.explain.get();
        let explanation =
            explain.map_or_else(String::new, |explain| explain(call, last.as_ref(), &before));
        let last = last.map_or_else(String::new, |last| format!(", and {last}"));
        format!("{call}{last}{explanation}")
    }

    /// The call on a key that has returned last, if it is known which server has answered it.
    fn last_answer(&self, key: &str) -> Option<LastAnswer> {
        let calls = self.calls.lock();
        let returned = calls.iter().enumerate().filter_map(|(number, call)| {
            let is_on_key = call.operation.key == key;
            call.returned.filter(|_| is_on_key).map(|returned| (returned, number))
        });
        let (returned, number) = returned.max()?;
        Some(LastAnswer {
            server: self.answerers.lock().get(&number)?.clone(),
            ago: Duration::from_nanos(self.now().saturating_sub(returned)),
        })
    }

    /// The name of the server that has acknowledged the last Put or Append of this value to this key, and how long ago;
    /// `None` if that is not known.
    pub(crate) fn acknowledgement(&self, key: &str, written: &str) -> Option<(String, Duration)> {
        let calls = self.calls.lock();
        let (number, returned) = calls.iter().enumerate().rev().find_map(|(number, call)| {
            match &call.operation.action {
                Action::Put { value } | Action::Append { value }
                    if call.operation.key == key && value == written =>
                {
                    Some((number, call.returned?))
                }
                _ => None,
            }
        })?;
        let ago = Duration::from_nanos(self.now().saturating_sub(returned));
        Some((self.answerers.lock().get(&number)?.clone(), ago))
    }

    /// The name of the server that last answered a Get of this key with such a value, and how long ago; `None` if there
    /// is none, or it is not known.
    pub(crate) fn reading(
        &self,
        key: &str,
        is_such: impl Fn(&str) -> bool,
    ) -> Option<(String, Duration)> {
        let calls = self.calls.lock();
        let reads =
            calls.iter().enumerate().filter_map(|(number, call)| match &call.operation.action {
                Action::Get { value: Some(value) }
                    if call.operation.key == key && is_such(value) =>
                {
                    Some((call.returned?, number))
                }
                _ => None,
            });
        let (returned, number) = reads.max()?;
        let ago = Duration::from_nanos(self.now().saturating_sub(returned));
        Some((self.answerers.lock().get(&number)?.clone(), ago))
    }

    /// Such as ", which server 2 gave", of a call among these.
    fn answerer(&self, call: &Call<Operation>, calls: &[Call<Operation>]) -> String {
        let number = calls.iter().position(|other| std::ptr::eq(other, call));
        let answerers = self.answerers.lock();
        let answerer = number.and_then(|number| answerers.get(&number));
        let label = answerer.map(|name| name.replace('-', " "));
        label.map_or_else(
            || ", which no server gave to a request of this call".to_owned(),
            |label| format!(", which {label} gave"),
        )
    }

    /// After a colon: what is wrong with an answer, and how often clerks have sent what is in it more than once; as far as
    /// that is known.
    fn contradiction(&self, evidence: &Evidence<'_, Operation>) -> String {
        let Some(contradiction) = Contradiction::find(evidence) else {
            return String::new();
        };
        let sent = contradiction
            .is_repeated()
            .then(|| self.wire.lock().arrivals().repeats(contradiction.value));
        format!(": {contradiction}{}", sent.unwrap_or_default())
    }

    fn now(&self) -> u64 {
        self.started.elapsed().as_nanos() as u64
    }

    /// Fails the test unless the calls so far are linearizable. The timeline of a failure also shows the
    /// notes of the journal.
    pub(crate) fn check(&self, journal: &Journal) {
        let calls = self.calls.lock().clone();
        let mut limits = Limits::default();
        if sim::is_active() {
            // A run must not depend on the number of processors.
            limits.threads = NonZero::new(1);
        }
        match linearizability::check(&calls, &limits) {
            Verdict::Linearizable => {}
            Verdict::Illegal(violation) => self.fail_for(&violation, &calls, journal),
            Verdict::Unknown => fail_undecided(&calls),
        }
    }

    fn fail_for(
        &self,
        violation: &Violation<'_, Operation>,
        calls: &[Call<Operation>],
        journal: &Journal,
    ) -> ! {
        let evidence = violation.evidence();
        let stuck = evidence.calls[evidence.stuck];
        let seen = format!(
            "no order of the calls on key {:?} explains the answer to client {}{}{}",
            evidence.key,
            stuck.client,
            self.answerer(stuck, calls),
            self.contradiction(&evidence)
        );
        let mut words = linearizability::explain(&evidence);
        let page = linearizability::page(&evidence, &journal.notes(self.started));
        record(|| Happening::Timeline { html: page.clone() });
        add_path(&mut words, "timeline", keep("html", &page).as_deref());
        on_failure(move || Explanation { state: words.clone(), events: String::new() });
        fail(Failure::new(Class::Inconsistent, linearizable(), seen))
    }
}

fn linearizable() -> String {
    "the service is linearizable: each call takes effect at one instant between its start and its return"
        .to_owned()
}

fn fail_undecided(calls: &[Call<Operation>]) -> ! {
    let mut words = String::new();
    add_path(&mut words, "history", keep("history", &kv::dump(calls)).as_deref());
    on_failure(move || Explanation { state: words.clone(), events: String::new() });
    let seen = format!("the search for an order of {} calls has reached its limits", calls.len());
    fail(Failure::new(Class::Undecided, linearizable(), seen))
}

fn add_path(words: &mut String, what: &str, path: Option<&Path>) {
    if let Some(path) = path {
        let here = std::env::current_dir().unwrap_or_default();
        let path = path.strip_prefix(here).unwrap_or(path);
        let _ = writeln!(words, "\n{what}  {}", path.display());
    }
}
