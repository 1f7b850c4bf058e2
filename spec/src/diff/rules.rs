//! The rules: what each kind of change means.

use serde::Serialize;

/// How grave a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Words only.
    Documentation,
    /// Something more; what was there works as before.
    Additive,
    /// Everything still compiles, and does something else: it must be acknowledged.
    Dangerous,
    /// Somebody's program no longer compiles, or no longer works.
    Breaking,
}

/// What a change does to one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing.
    None,
    /// It works as before and can do more.
    Works,
    /// It works and behaves differently.
    Differs,
    /// It breaks.
    Breaks,
}

/// The version that a change demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bump {
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The second for Rust, the first for the foreign packages.
    MajorForeign,
    /// The first number.
    Major,
}

/// What one kind of change means.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Name of the rule.
    pub id: &'static str,
    /// The change in words.
    pub what: &'static str,
    /// How grave it is.
    pub class: Class,
    /// What it does between an older client and a service that follows the newer spec.
    pub wire: Effect,
    /// What it does to programs that use the Rust crate.
    pub rust: Effect,
    /// What it does to programs in the foreign languages.
    pub foreign: Effect,
    /// The version it demands.
    pub bump: Bump,
}

macro_rules! rules {
    ($($id:literal, $what:literal, $class:ident, $wire:ident, $rust:ident, $foreign:ident, $bump:ident;)*) => {
        /// Every rule.
        pub const RULES: &[Rule] = &[$(Rule {
            id: $id,
            what: $what,
            class: Class::$class,
            wire: Effect::$wire,
            rust: Effect::$rust,
            foreign: Effect::$foreign,
            bump: Bump::$bump,
        }),*];
    };
}

// Enumerations of Rust are non-exhaustive, so a new variant breaks nobody there; a `when` of Kotlin and
// a `switch` of Swift without an `else` do break. Members of a request are arguments of a method in the
// foreign languages, so their order counts there.
rules! {
    "docs", "words have changed", Documentation, None, None, None, Patch;
    "action-added", "there is a new action", Additive, None, Works, Works, Minor;
    "action-removed", "an action is gone", Breaking, Breaks, Breaks, Breaks, Major;
    "action-version", "the version of the interface differs", Dangerous, Differs, Differs, Differs, Minor;
    "method-renamed", "the client's method has another name", Breaking, None, Breaks, Breaks, Major;
    "deprecated", "the service takes an action or a value away, or no longer", Documentation, Differs, None, None, Patch;
    "site-added", "there is a new site", Additive, None, Works, Breaks, MajorForeign;
    "site-removed", "a site is gone", Breaking, Breaks, Breaks, Breaks, Major;
    "language-added", "there is a new language of answers", Additive, None, Works, Breaks, MajorForeign;
    "language-removed", "a language of answers is gone", Breaking, Breaks, Breaks, Breaks, Major;
    "language-wire", "a language is asked for by another value", Dangerous, Differs, Differs, Differs, Minor;
    "site-host", "a site has another host: data goes elsewhere", Dangerous, Differs, Differs, Differs, Minor;
    "signature", "requests are signed differently", Dangerous, Breaks, Differs, Differs, Minor;
    "envelope", "the envelope of an answer differs", Dangerous, Breaks, Differs, Differs, Minor;
    "limit", "a limit differs", Dangerous, Differs, Differs, Differs, Minor;
    "encryption", "the request says differently what is encrypted", Dangerous, Differs, Differs, Differs, Minor;
    "encryption-key", "fields are encrypted for another key", Dangerous, Differs, Differs, Differs, Minor;
    "parameter-added-optional", "there is a new optional parameter", Additive, Works, Works, Works, Minor;
    "parameter-added-required", "there is a new required parameter", Breaking, Breaks, Breaks, Breaks, Major;
    "parameter-removed", "a parameter is gone", Breaking, Breaks, Breaks, Breaks, Major;
    "parameter-became-required", "a parameter is now required", Breaking, Breaks, Breaks, Breaks, Major;
    "parameter-became-optional", "a parameter is now optional", Breaking, Works, Breaks, Breaks, Major;
    "parameter-moved", "a parameter has another place in the order", Breaking, None, Breaks, Breaks, Major;
    "check", "a parameter is checked differently before it is sent", Dangerous, None, Differs, Differs, Minor;
    "sensitive-on", "a value prints redacted from now on", Additive, None, Differs, Differs, Minor;
    "sensitive-off", "a value is printed from now on", Dangerous, None, Differs, Differs, Minor;
    "encryptable", "whether a value may be encrypted differs", Dangerous, Differs, Differs, Differs, Minor;
    "values", "the known values of a text differ", Documentation, Works, None, None, Patch;
    "member-type", "a value has another type", Breaking, Breaks, Breaks, Breaks, Major;
    "member-renamed", "a value has another name in code", Breaking, None, Breaks, Breaks, Major;
    "field-added", "the answer has a new field", Additive, Works, Works, Works, Minor;
    "field-removed", "a field of the answer is gone", Breaking, Breaks, Breaks, Breaks, Major;
    "field-became-optional", "a field of the answer may be missing from now on", Breaking, Breaks, Breaks, Breaks, Major;
    "field-became-required", "a field of the answer is always there from now on", Breaking, Works, Breaks, Breaks, Major;
    "type-added", "there is a new type", Additive, None, Works, Works, Minor;
    "type-removed", "a type is gone", Breaking, None, Breaks, Breaks, Major;
    "type-renamed", "a type has another name in code", Breaking, None, Breaks, Breaks, Major;
    "result-member", "another member holds the result code", Dangerous, Breaks, Differs, Differs, Minor;
    "result-added", "there is a new result code", Additive, Works, Works, Breaks, MajorForeign;
    "result-removed", "a result code is gone", Breaking, Works, Breaks, Breaks, Major;
    "result-renamed", "a result code has another name in code", Breaking, None, Breaks, Breaks, Major;
    "result-verdict", "a result code is read differently", Dangerous, None, Differs, Differs, Minor;
    "result-charge", "a result code costs something else", Dangerous, Differs, Differs, Differs, Minor;
    "result-retry", "a result code is repeated differently", Dangerous, None, Differs, Differs, Minor;
    "result-meaning", "a result code means something else", Dangerous, None, Differs, Differs, Patch;
    "error-added", "there is a new error code", Additive, Works, Works, Breaks, MajorForeign;
    "error-removed", "an error code is gone", Breaking, Works, Breaks, Breaks, Major;
    "error-renamed", "an error code has another name in code", Breaking, None, Breaks, Breaks, Major;
    "error-kind", "an error code is of another kind", Dangerous, None, Differs, Differs, Minor;
    "error-charge", "an error code costs something else", Dangerous, Differs, Differs, Differs, Minor;
    "error-retry", "an error code is repeated differently", Dangerous, None, Differs, Differs, Minor;
    "error-meaning", "an error code means something else", Dangerous, None, Differs, Differs, Patch;
    "kind-added", "there is a new kind of errors", Additive, None, Works, Breaks, MajorForeign;
    "kind-removed", "a kind of errors is gone", Breaking, None, Breaks, Breaks, Major;
}

impl Rule {
    /// The rule of a name.
    ///
    /// # Panics
    /// When there is none: a comparison names only rules of the table.
    pub(super) fn of(id: &str) -> &'static Self {
        let found = RULES.iter().find(|rule| rule.id == id);
        found.expect("the comparison names a rule of the table")
    }
}

impl Class {
    /// Name of the class.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Additive => "additive",
            Self::Dangerous => "dangerous",
            Self::Breaking => "**breaking**",
        }
    }

    /// Exit code of a comparison whose gravest change is of this class.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Documentation => 0,
            Self::Additive => 10,
            Self::Dangerous => 20,
            Self::Breaking => 30,
        }
    }
}

impl Effect {
    /// The effect in a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Works => "works",
            Self::Differs => "behaves differently",
            Self::Breaks => "breaks",
        }
    }
}

impl Bump {
    /// The version in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::MajorForeign => "minor; major for foreign packages",
            Self::Major => "major",
        }
    }
}
