//! What a run would come to, before anything is sent.

use crate::journal::{Index, Standing};
use crate::options::BulkOptions;
use crate::person::Survey;
use std::time::Duration;

/// The quota of an account, in requests per second.
const QUOTA: u64 = 100;

/// What a run would come to, before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// What the file holds.
    pub survey: Survey,
    /// People who have an answer in the journal, or whose charge the bill has settled.
    pub answered: u64,
    /// People who have an answer in an earlier journal, or are of unknown charge there.
    pub remembered: u64,
    /// People of unknown charge, who are not asked again unless that is said.
    pub unknown: u64,
    /// People who would be asked.
    pub to_ask: u64,
    /// Charges of earlier runs, and those of unknown charge.
    pub charged: u64,
    /// Most charges that could come: one for each who would be asked, within the limit of charges.
    pub most_charges: u64,
    /// Least time that it takes at the quota of an account, 100 a second.
    pub least_time: Duration,
}

impl Plan {
    pub(crate) fn of(
        survey: Survey,
        index: &Index,
        remembered: u64,
        options: &BulkOptions,
    ) -> Self {
        let counts = index.counts();
        let unknown = counts.of(Standing::Unknown) + counts.of(Standing::Open);
        let answered = counts.of(Standing::Answered) + counts.of(Standing::Settled);
        let elsewhere = counts.of(Standing::Elsewhere);
        let done = answered + unknown + elsewhere + remembered;
        let mut to_ask = (index.len() as u64).saturating_sub(done);
        if options.retry_unknown {
            to_ask += unknown + elsewhere;
        }
        let spent = index.totals.charged + index.totals.unknown + index.totals.open;
        let room = options
            .max_charges
            .map_or(u64::MAX, |most| most.saturating_sub(spent));
        Self {
            survey,
            answered,
            remembered: remembered + elsewhere,
            unknown,
            to_ask,
            charged: spent,
            most_charges: to_ask.min(room),
            least_time: Duration::from_secs(to_ask.div_ceil(QUOTA)),
        }
    }
}

/// As JSON: plain numbers and names.
impl serde::Serialize for Plan {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let survey = &self.survey;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in [
            ("rows", survey.rows),
            ("well_formed", survey.well_formed),
            ("malformed", survey.malformed),
            ("damaged", survey.damaged),
            ("duplicates", survey.duplicates),
            ("answered", self.answered),
            ("remembered", self.remembered),
            ("unknown", self.unknown),
            ("to_ask", self.to_ask),
            ("charged", self.charged),
            ("most_charges", self.most_charges),
            ("least_seconds", self.least_time.as_secs()),
        ] {
            map.serialize_entry(name, &value)?;
        }
        map.serialize_entry("problems", &survey.problems)?;
        map.end()
    }
}
