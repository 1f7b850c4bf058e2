//! What an outcome says for every language: charge, origin, retry advice, verdict.

use std::fmt;

/// What an outcome cost the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Charge {
    /// The account pays for the call.
    Charged,
    /// The call was free.
    NotCharged,
    /// The request had left and no answer said what it cost. It may have been charged.
    Unknown,
}

impl Charge {
    /// Name of the value, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Charged => "charged",
            Self::NotCharged => "not-charged",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Charged => "charged",
            Self::NotCharged => "not charged",
            Self::Unknown => "charge unknown",
        })
    }
}

/// Who asked the service for an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum AnswerOrigin {
    /// This call did.
    Service,
    /// An identical call that was under way did; this one waited for its answer.
    Shared,
    /// An earlier call did, and its answer was kept.
    Remembered,
}

impl AnswerOrigin {
    /// Name of the value, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Shared => "shared",
            Self::Remembered => "remembered",
        }
    }
}

impl fmt::Display for AnswerOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an answer cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) charge: Charge,
    pub(crate) attempts: u32,
    pub(crate) uncertain_attempts: u32,
    pub(crate) origin: AnswerOrigin,
}

/// When the same call may be made again without paying twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Retry {
    /// Not without a change, or not without the risk of paying twice.
    Never,
    /// After a short, growing wait.
    Backoff,
    /// At once, after the clock has been corrected from the answer's date.
    CorrectClock,
    /// At once, after temporary credentials have been refreshed.
    RefreshCredentials,
    /// On the next day in Beijing.
    NextDay,
}

impl Retry {
    /// Name of the value, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Backoff => "backoff",
            Self::CorrectClock => "correct-clock",
            Self::RefreshCredentials => "refresh-credentials",
            Self::NextDay => "next-day",
        }
    }
}

/// Facts of the spec about a result code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ResultFacts {
    /// What a call costs that asks the service and gets the code.
    pub charge: Charge,
    /// When the same call may be made again.
    pub retry: Retry,
}

/// Coarse, stable reading of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Verdict {
    /// The name and the number belong together.
    Match,
    /// The name and the number do not belong together.
    Mismatch,
    /// The service could not tell; the result code says why.
    Inconclusive,
}

impl Verdict {
    /// Name of the value, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Mismatch => "mismatch",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
