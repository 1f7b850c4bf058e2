//! Journals of earlier runs, each under its own key: whom they have an answer for is not asked again.

use crate::error::BulkError;
use crate::journal::{
    ELSEWHERE, Index, JobKey, JournalError, Key, Outcome, Standing, read_header, read_outcome,
    scan_file,
};
use idcard_verification::{LedgerKeys, Site, VerifyRequest};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A journal of an earlier run.
#[derive(Debug)]
pub(crate) struct Known {
    keys: LedgerKeys,
    index: Index,
    file: File,
}

impl Known {
    /// Reads one. Its key lies beside it.
    pub(crate) fn read(path: &Path, site: Site) -> Result<Self, BulkError> {
        let named = |error: BulkError| BulkError::Known {
            path: path.display().to_string(),
            error: Box::new(error),
        };
        Self::read_unnamed(path, site).map_err(named)
    }

    fn read_unnamed(path: &Path, site: Site) -> Result<Self, BulkError> {
        read_header(path)?;
        let mut key: PathBuf = path.to_owned();
        key.as_mut_os_string().push(".key");
        let key = JobKey::read(&key)?;
        let mut index = Index::default();
        let file = File::open(path).map_err(JournalError::Read)?;
        scan_file(&file, |at, record| index.apply(at, &record))?;
        Ok(Self {
            keys: LedgerKeys::new(key.bytes(), site)?,
            index,
            file,
        })
    }

    /// What this one has of a person, as a line of the journal of this run: an answer, or that one was asked and its
    /// charge is not known.
    pub(crate) fn outcome(
        &self,
        request: &VerifyRequest,
        (key, row): (Key, u64),
    ) -> Result<Option<Outcome>, BulkError> {
        let own = Key(self.keys.of_request(request));
        let (standing, at) = self.index.get(own);
        let free = |result, request_id, error: Option<String>| Outcome {
            key,
            row,
            result,
            error,
            charge: "not-charged".to_owned(),
            request_id,
            attempts: 0,
            uncertain_attempts: 0,
            time: crate::ledger::now(),
        };
        Ok(match standing {
            Standing::Answered => read_outcome(&self.file, at, own)?
                .map(|outcome| free(outcome.result, outcome.request_id, None)),
            Standing::Open | Standing::Unknown | Standing::Settled | Standing::Elsewhere => {
                Some(free(None, None, Some(ELSEWHERE.to_owned())))
            }
            Standing::Untouched | Standing::Failed | Standing::Parked => None,
        })
    }
}
