//! Reads rows, asks for those that have no answer, a window of them at a time, and stops when it has to.

mod earlier;
mod line;
mod midnight;
mod window;

use self::line::line;
use self::window::window;
use crate::beijing::day;
use crate::bulk::Bulk;
use crate::control::Control;
use crate::end::End;
use crate::error::BulkError;
use crate::input::Rows;
use crate::journal::{Key, Outcome, Record, Standing};
use crate::ledger::now;
use crate::progress::{Progress, Rate};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use idcard_verification::{
    AnswerOrigin, CallOptions, Client, Error, LedgerProblem, Retry, RetryPolicy, Verification,
    VerifyRequest,
};
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// Rows that are passed without a call before others get a turn.
const ROWS_AT_ONCE: u32 = 256;
/// How often rows are read, while that brings answers: what failed was free and may succeed.
const PASSES: u32 = 3;

type Call = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// A call that has ended.
struct Ended {
    key: Key,
    row: u64,
    outcome: Result<Verification, Error>,
}

/// What a run holds while it runs.
pub(crate) struct Runner<'a> {
    bulk: &'a Bulk,
    client: Client,
    control: &'a Control,
    begun: Instant,
    calls: FuturesUnordered<Call>,
    /// Whom this pass has dealt with, a bit each.
    seen: Vec<u64>,
    pub(crate) progress: Progress,
    rate: Rate,
    errors: u64,
    pub(crate) end: Option<End>,
    pub(crate) unwritten: Vec<Option<String>>,
    parked: HashSet<Key>,
    retries_before: u64,
    /// Where the journal ended when the run began: what is of unknown charge since then is not asked again in this run.
    begun_at: u64,
    /// Calls at a time.
    window: usize,
    retry: RetryPolicy,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(bulk: &'a Bulk, client: Client, control: &'a Control) -> Self {
        let progress = Progress {
            rows: bulk.survey.rows,
            to_ask: bulk.outlook().to_ask,
            ..Progress::default()
        };
        // Whether what may have been charged is asked again is for the journal to say.
        let mut retry = client.retry_policy().clone();
        retry.retry_unknown_charge = false;
        Self {
            bulk,
            control,
            begun: Instant::now(),
            calls: FuturesUnordered::new(),
            seen: Vec::new(),
            progress,
            rate: Rate::default(),
            errors: 0,
            end: None,
            unwritten: Vec::new(),
            parked: HashSet::new(),
            begun_at: bulk.ledger.end(),
            window: window(&client, bulk.options.concurrency),
            retry,
            retries_before: client.stats().retries,
            client,
        }
    }

    /// Reads the rows as often as that helps.
    pub(crate) async fn passes(
        &mut self,
        tell: &mut (impl FnMut(&Progress) + Send),
    ) -> Result<(), BulkError> {
        let mut pass = 0;
        loop {
            pass += 1;
            let (asked, failed) = (self.progress.asked, self.progress.failed);
            self.pass(tell).await?;
            if self.end.is_some() {
                return Ok(());
            }
            let (asked, failed) = (self.progress.asked - asked, self.progress.failed - failed);
            if failed > 0 && failed < asked && pass < PASSES {
                continue;
            }
            if self.progress.parked == 0 || !self.bulk.options.wait {
                return Ok(());
            }
            self.wait_for_midnight(tell).await;
            if self.end.is_some() {
                return Ok(());
            }
            pass = 0;
        }
    }

    /// Reads the rows once.
    async fn pass(&mut self, tell: &mut (impl FnMut(&Progress) + Send)) -> Result<(), BulkError> {
        let people = self.bulk.ledger.with_index(|index, _| index.len());
        self.seen = vec![0; people.div_ceil(64)];
        self.progress.done = 0;
        self.progress.parked = 0;
        self.parked.clear();
        let mut rows = Some(self.bulk.input.rows()?);
        let mut tick = tokio::time::interval(self.bulk.options.progress_interval);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.listen();
            let filled = self.fill(&mut rows).await;
            if let Err(error) = filled {
                // What is under way is waited for, whatever the input does.
                self.drain().await;
                return Err(error);
            }
            if self.calls.is_empty() && (rows.is_none() || self.end.is_some()) {
                self.count();
                return Ok(());
            }
            let is_stopping = self.control.is_stopping();
            tokio::select! {
                biased;
                () = self.control.stopped(), if !is_stopping => {}
                Some(ended) = self.calls.next() => self.ended(ended).await,
                _ = tick.tick() => {
                    self.count();
                    tell(&self.progress);
                }
                () = std::future::ready(()), if self.has_room(&rows) => tokio::task::yield_now().await,
            }
        }
    }

    /// Does what somebody says who stops the run.
    fn listen(&mut self) {
        if self.control.is_stopping() && self.end.is_none() {
            self.end = Some(End::Interrupted { aborted: false });
        }
        if self.control.is_aborted() {
            self.end = Some(End::Interrupted { aborted: true });
        }
    }

    fn has_room(&self, rows: &Option<Rows>) -> bool {
        rows.is_some()
            && self.end.is_none()
            && self.calls.len() < self.window
            && (self.may_charge() || self.calls.is_empty())
    }

    /// Whether one more charge is within the limit, if all under way are charged.
    fn may_charge(&self) -> bool {
        let Some(limit) = self.bulk.options.max_charges else {
            return true;
        };
        let totals = self.bulk.ledger.totals();
        let under_way = totals.open.max(self.calls.len() as u64);
        totals.charged + totals.unknown + under_way < limit
    }

    /// Begins calls as long as there is room, and passes rows that need none.
    async fn fill(&mut self, rows: &mut Option<Rows>) -> Result<(), BulkError> {
        let mut passed = 0;
        while passed < ROWS_AT_ONCE && self.has_room(rows) {
            passed += 1;
            let Some(row) = rows.as_mut().and_then(Iterator::next) else {
                *rows = None;
                return Ok(());
            };
            let row = row?;
            self.progress.done += 1;
            let Ok((request, key)) = self.bulk.people.of(&row) else {
                continue;
            };
            if !self.is_to_be_asked(key) {
                continue;
            }
            if self.remembered(&request, key, row.row).await? {
                continue;
            }
            if !self.may_charge() {
                self.progress.done -= 1;
                self.end = self
                    .bulk
                    .options
                    .max_charges
                    .map(|limit| End::MaxCharges { limit });
                return Ok(());
            }
            self.begin(request, key, row.row);
        }
        Ok(())
    }

    /// Whether somebody has no answer, and was not dealt with in this pass.
    fn is_to_be_asked(&mut self, key: Key) -> bool {
        let Some(number) = self.bulk.ledger.number_of(key) else {
            // Nobody who was there when the file was read first.
            self.end = Some(End::InputChanged);
            return false;
        };
        let (word, bit) = (number / 64, 1 << (number % 64));
        if self.seen[word] & bit != 0 {
            return false;
        }
        self.seen[word] |= bit;
        let (standing, at) = self.bulk.ledger.standing(key);
        match standing {
            Standing::Untouched | Standing::Failed => true,
            Standing::Unknown => self.bulk.options.retry_unknown && self.is_old(key),
            // That journal may say otherwise today.
            Standing::Elsewhere => self.bulk.options.retry_unknown || !self.bulk.known.is_empty(),
            Standing::Parked if self.is_of_today(at, key) => {
                self.park(key);
                false
            }
            Standing::Parked => true,
            Standing::Open | Standing::Answered | Standing::Settled => false,
        }
    }

    fn park(&mut self, key: Key) {
        self.parked.insert(key);
        self.progress.parked = self.parked.len() as u64;
    }

    /// Whether an outcome is of this day in Beijing.
    fn is_of_today(&self, at: u64, key: Key) -> bool {
        match self.bulk.ledger.outcome(at, key) {
            Ok(Some(outcome)) => day(outcome.time) == day(now()),
            _ => false,
        }
    }

    /// Whether what is of unknown charge was so before this run began.
    fn is_old(&self, key: Key) -> bool {
        let debt = self.bulk.ledger.debt(key);
        debt.is_some_and(|(_, at)| at < self.begun_at)
    }

    /// Writes down what needed no request of its own.
    async fn note(&mut self, outcome: Outcome) {
        if let Err(error) = self.bulk.ledger.note(Record::Outcome(outcome)).await {
            self.end.get_or_insert(End::Journal {
                reason: error.to_string(),
            });
        }
    }

    fn begin(&mut self, request: VerifyRequest, key: Key, row: u64) {
        let again = self.bulk.options.retry_unknown;
        self.bulk.ledger.expect(key, row, again);
        let (client, retry) = (self.client.clone(), self.retry.clone());
        self.calls.push(Box::pin(async move {
            // The journal decides what is asked again, and nobody else asks the same.
            let options = CallOptions::default().with_fresh(true).with_retry(retry);
            let outcome = client.verify_with(request, options).await;
            Ended { key, row, outcome }
        }));
    }

    /// A call has ended: what it means for the run.
    async fn ended(&mut self, ended: Ended) {
        let Ended { key, row, outcome } = ended;
        self.progress.asked += 1;
        self.progress.to_ask = self.progress.to_ask.saturating_sub(1);
        let ledger = &self.bulk.ledger;
        let (standing, _) = ledger.standing(key);
        ledger.ended(key);
        match &outcome {
            Ok(answer) => {
                if answer.retry == Retry::NextDay {
                    self.park(key);
                } else if answer.retry != Retry::Never {
                    self.progress.failed += 1;
                }
                // A ledger in front may have been too late to hand it on, or have had the answer.
                let is_new =
                    answer.origin != AnswerOrigin::Service && standing != Standing::Answered;
                if is_new || standing == Standing::Open {
                    let outcome = line(key, row, &outcome);
                    self.note(outcome).await;
                }
            }
            Err(error) => self.failed(key, row, error, standing).await,
        }
        if let Some(reason) = self.bulk.ledger.refusing() {
            let id = match &outcome {
                Ok(answer) => Some(Some(answer.request_id.clone())),
                Err(error) if error.attempts() > 0 => Some(error.request_id().map(str::to_owned)),
                Err(_) => None,
            };
            // Of a disk that is full, what was under way could still be written.
            if !self.bulk.ledger.is_writing() {
                self.unwritten.extend(id);
            }
            self.end.get_or_insert(End::Journal { reason });
        }
    }

    async fn failed(&mut self, key: Key, row: u64, error: &Error, standing: Standing) {
        let is_open_claim = matches!(
            error,
            Error::Ledger {
                problem: LedgerProblem::OpenClaim,
                ..
            }
        );
        // A claim that the call gave up waiting for: nothing was sent on it.
        if standing == Standing::Open && !is_open_claim {
            let failed: Result<Verification, Error> = Err(error.clone());
            let outcome = line(key, row, &failed);
            self.note(outcome).await;
        }
        self.progress.failed += u64::from(standing != Standing::Unknown);
        if matches!(error, Error::Cancelled { .. }) && self.control.is_aborted() {
            return;
        }
        if let Some(end) = End::of_error(error) {
            self.end.get_or_insert(end);
            return;
        }
        // It waited for the rate limit, and is asked in the next pass.
        if matches!(error, Error::Network { attempts: 0, .. }) {
            return;
        }
        self.errors += 1;
        let limit = self.bulk.options.max_errors;
        if limit > 0 && self.errors >= limit {
            let last = error.to_string();
            self.end.get_or_insert(End::MaxErrors { limit, last });
        }
    }

    /// Waits for the calls under way.
    async fn drain(&mut self) {
        while let Some(ended) = self.calls.next().await {
            self.ended(ended).await;
        }
    }

    /// Brings the numbers up to date.
    pub(crate) fn count(&mut self) {
        let progress = &mut self.progress;
        progress.in_flight = self.calls.len() as u64;
        progress.totals = self.bulk.ledger.totals();
        progress.retries = self.client.stats().retries - self.retries_before;
        progress.elapsed = self.begun.elapsed();
        progress.rate = self.rate.at(progress.elapsed, progress.asked);
        let seconds = progress.to_ask.checked_div(progress.rate);
        progress.left = seconds.map(Duration::from_secs);
    }
}
