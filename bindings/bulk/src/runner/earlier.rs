//! What earlier journals know.

use super::Runner;
use crate::error::BulkError;
use crate::journal::{Key, Standing, standing};
use crate::known::Known;
use idcard_verification::VerifyRequest;

impl Runner<'_> {
    /// Whether an earlier journal knows of somebody; then what it knows is written down.
    pub(super) async fn remembered(
        &mut self,
        request: &VerifyRequest,
        key: Key,
        row: u64,
    ) -> Result<bool, BulkError> {
        let has = |known: &Known| known.outcome(request, (key, row)).transpose();
        let Some(found) = self.bulk.known.iter().find_map(has) else {
            return Ok(false);
        };
        let outcome = found?;
        if standing(&outcome) == Standing::Elsewhere {
            // Told once; and asked, if somebody says so.
            if self.bulk.options.retry_unknown {
                return Ok(false);
            }
            if self.bulk.ledger.standing(key).0 == Standing::Elsewhere {
                return Ok(true);
            }
        }
        self.note(outcome).await;
        Ok(true)
    }
}
