//! Waits for midnight in Beijing, when those whose attempts of the day are used up can be asked again.

use super::Runner;
use crate::beijing::midnight_after;
use crate::end::End;
use crate::ledger::now;
use crate::progress::Progress;
use std::time::Duration;

/// How long after midnight the run goes on, in milliseconds: clocks differ.
const AFTER: u64 = 5_000;
/// How long nobody looks at the clock: it may be set meanwhile.
const LOOK: Duration = Duration::from_secs(10);

impl Runner<'_> {
    /// Waits until it is over, or the run is stopped.
    pub(super) async fn wait_for_midnight(&mut self, tell: &mut (impl FnMut(&Progress) + Send)) {
        let until = midnight_after(now());
        self.progress.waits = true;
        while now() < until + AFTER {
            self.count();
            tell(&self.progress);
            let left = Duration::from_millis((until + AFTER).saturating_sub(now()));
            tokio::select! {
                () = self.control.stopped() => {
                    let aborted = self.control.is_aborted();
                    self.end = Some(End::Interrupted { aborted });
                    break;
                }
                () = tokio::time::sleep(left.min(LOOK)) => {}
            }
        }
        self.progress.waits = false;
    }
}
