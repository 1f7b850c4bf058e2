//! Problems of an argument (number, name, another parameter), found before anything is sent.

use std::fmt;

/// What is wrong with a number or a name. Its texts never quote them, except for the check digit and a
/// character that does not belong there.
///
/// Match on it for what it knows of the place, or on its [`kind`](Self::kind) where that is enough.
#[derive(Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub enum InputProblem {
    /// The number does not have 18 characters.
    #[error("length is {actual}, expected 18")]
    NumberLength {
        /// How many characters it has.
        actual: u32,
    },
    /// The number has 15 digits, as numbers had until 2013. The one of 18 follows from it: show it to the
    /// holder, or compare it with the card, and send that.
    #[error(
        "has 15 digits, a form out of use since 2013; confirm the number of 18 digits that follows from it"
    )]
    FifteenDigits {
        /// The number of 18 digits that follows from it. No text shows it.
        number: String,
    },
    /// Digits are lost, because a spreadsheet or a program took the number for an amount: scientific notation, a
    /// decimal point, or 15 digits and zeros. It cannot be mended; take the number from its source.
    #[error(
        "was rounded by a spreadsheet or a program, its last digits are lost; take it from its source"
    )]
    DigitsLost,
    /// One of the first 17 characters is no digit from 0 to 9.
    #[error("character {position} is {code_point}, which is not a digit{}", probably(.meant.as_deref()))]
    NotADigit {
        /// Which character, counted from 1.
        position: u32,
        /// The character's code point.
        code_point: String,
        /// Code point of the digit that was probably meant.
        meant: Option<String>,
    },
    /// Characters 7 to 14 are no day of the calendar.
    #[error("characters 7 to 14 are not a date")]
    NoSuchDate,
    /// The birth date, characters 7 to 14, is after today.
    #[error("characters 7 to 14 are a date after today")]
    DateInFuture,
    /// The birth date, characters 7 to 14, is before that of anybody alive.
    #[error("characters 7 to 14 are a date before 1900, when nobody alive was born")]
    DateTooEarly,
    /// The last character is neither a digit nor an `X`.
    #[error("character 18 is {code_point}, which is neither a digit nor X{}", probably(.meant.as_deref()))]
    NotACheckDigit {
        /// The character's code point.
        code_point: String,
        /// Code point of the character that was probably meant.
        meant: Option<String>,
    },
    /// The last character is a lowercase `x`.
    #[error("check digit is a lowercase x, write it as X")]
    LowercaseX,
    /// The check digit is not the one that follows from the other characters.
    #[error("check digit is {actual}, expected {expected}")]
    CheckDigit {
        /// What it is.
        actual: String,
        /// What it should be.
        expected: String,
    },
    /// The name is empty.
    #[error("is empty")]
    NameEmpty,
    /// The name has more than 64 characters.
    #[error("length is {actual}, at most 64 is expected")]
    NameLength {
        /// How many characters it has.
        actual: u32,
    },
    /// A character does not belong into a name, or not at this place.
    #[error("character {position} is {code_point}, which does not belong there{}", probably(.meant.as_deref()))]
    NameCharacter {
        /// Which character, counted from 1.
        position: u32,
        /// The character's code point.
        code_point: String,
        /// Code point of the character that was probably meant, such as the ideograph of a radical.
        meant: Option<String>,
    },
    /// A character only looks like the middle dot of a minority name.
    #[error(
        "character {position} is {code_point}, where the registry writes the middle dot U+00B7"
    )]
    NameDot {
        /// Which character, counted from 1.
        position: u32,
        /// The character's code point.
        code_point: String,
    },
    /// The name is not in Unicode normalization form C.
    #[error("is not in Unicode normalization form C")]
    NameNotComposed,
    /// It is not text at all: a value of another type, or one that UTF-8 cannot encode.
    #[error("is not text")]
    NotText,
    /// A row of many is no pair of a number and a name.
    #[error("is not a pair of number and name")]
    NotAPair,
}

fn probably(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("; {meant} was probably meant"))
}

/// By its texts, which show no number.
impl fmt::Debug for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.kind())
    }
}

impl InputProblem {
    /// The problem without what it knows of the place.
    #[must_use]
    pub const fn kind(&self) -> InputProblemKind {
        match self {
            Self::NumberLength { .. } => InputProblemKind::NumberLength,
            Self::FifteenDigits { .. } => InputProblemKind::FifteenDigits,
            Self::DigitsLost => InputProblemKind::DigitsLost,
            Self::NotADigit { .. } => InputProblemKind::NotADigit,
            Self::NoSuchDate => InputProblemKind::NoSuchDate,
            Self::DateInFuture => InputProblemKind::DateInFuture,
            Self::DateTooEarly => InputProblemKind::DateTooEarly,
            Self::NotACheckDigit { .. } => InputProblemKind::NotACheckDigit,
            Self::LowercaseX => InputProblemKind::LowercaseX,
            Self::CheckDigit { .. } => InputProblemKind::CheckDigit,
            Self::NameEmpty => InputProblemKind::NameEmpty,
            Self::NameLength { .. } => InputProblemKind::NameLength,
            Self::NameCharacter { .. } => InputProblemKind::NameCharacter,
            Self::NameDot { .. } => InputProblemKind::NameDot,
            Self::NameNotComposed => InputProblemKind::NameNotComposed,
            Self::NotText => InputProblemKind::NotText,
            Self::NotAPair => InputProblemKind::NotAPair,
        }
    }
}

/// Kinds of [`InputProblem`], as plain values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum InputProblemKind {
    /// The number does not have 18 characters.
    NumberLength,
    /// The number has 15 digits, as numbers had until 2013.
    FifteenDigits,
    /// A spreadsheet or a program has rounded the number: its last digits are lost.
    DigitsLost,
    /// One of the first 17 characters is no digit from 0 to 9.
    NotADigit,
    /// Characters 7 to 14 are no day of the calendar.
    NoSuchDate,
    /// The birth date, characters 7 to 14, is after today.
    DateInFuture,
    /// The birth date, characters 7 to 14, is before that of anybody alive.
    DateTooEarly,
    /// The last character is neither a digit nor an `X`.
    NotACheckDigit,
    /// The last character is a lowercase `x`.
    LowercaseX,
    /// The check digit is not the one that follows from the other characters.
    CheckDigit,
    /// The name is empty.
    NameEmpty,
    /// The name has more than 64 characters.
    NameLength,
    /// A character does not belong into a name, or not at this place.
    NameCharacter,
    /// A character only looks like the middle dot of a minority name.
    NameDot,
    /// The name is not in Unicode normalization form C.
    NameNotComposed,
    /// It is not text at all: a value of another type, or one that UTF-8 cannot encode.
    NotText,
    /// A row of many is no pair of a number and a name.
    NotAPair,
}

impl InputProblemKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::NumberLength,
        Self::FifteenDigits,
        Self::DigitsLost,
        Self::NotADigit,
        Self::NoSuchDate,
        Self::DateInFuture,
        Self::DateTooEarly,
        Self::NotACheckDigit,
        Self::LowercaseX,
        Self::CheckDigit,
        Self::NameEmpty,
        Self::NameLength,
        Self::NameCharacter,
        Self::NameDot,
        Self::NameNotComposed,
        Self::NotText,
        Self::NotAPair,
    ];

    /// Name of the kind, in kebab-case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NumberLength => "number-length",
            Self::FifteenDigits => "fifteen-digits",
            Self::DigitsLost => "digits-lost",
            Self::NotADigit => "not-a-digit",
            Self::NoSuchDate => "no-such-date",
            Self::DateInFuture => "date-in-future",
            Self::DateTooEarly => "date-too-early",
            Self::NotACheckDigit => "not-a-check-digit",
            Self::LowercaseX => "lowercase-x",
            Self::CheckDigit => "check-digit",
            Self::NameEmpty => "name-empty",
            Self::NameLength => "name-length",
            Self::NameCharacter => "name-character",
            Self::NameDot => "name-dot",
            Self::NameNotComposed => "name-not-composed",
            Self::NotText => "not-text",
            Self::NotAPair => "not-a-pair",
        }
    }
}

impl fmt::Display for InputProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A parameter that was refused before anything was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidInput {
    pub(crate) field: &'static str,
    pub(crate) problem: InputProblem,
}

impl InvalidInput {
    pub(crate) const fn new(field: &'static str, problem: InputProblem) -> Self {
        Self { field, problem }
    }
}
