//! The lines of the journal: a checksum, the number of the group that was written together, and a JSON object.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Version of the format.
pub(crate) const VERSION: u32 = 1;
/// Characters of the checksum: the first four bytes of the line's SHA-256.
const CHECKSUM: usize = 8;

/// Names a person, by a keyed hash under a key of the user's. It cannot be searched for without that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(pub [u8; 16]);

impl Key {
    /// Reads 32 hexadecimal digits, as a ledger is given them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = u128::from_str_radix(text, 16).ok()?;
        // A sign, or digits in upper case, would be another spelling of the same.
        let key = Self(number.to_be_bytes());
        (key.to_string() == text).then_some(key)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for Key {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no key of 32 digits")
    }
}

/// What a journal belongs to. A run that differs in any of it is another run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the format.
    pub version: u32,
    /// Digest of the input, under the journal's key.
    pub input: String,
    /// Site of the service.
    pub site: String,
    /// Keyed hash of the account's SecretId; empty where somebody else signs.
    pub account: String,
    /// What of the options says whom a row is about.
    pub options: String,
}

impl Header {
    /// A header of this version.
    #[must_use]
    pub fn new(input: &str, site: &str, account: &str, options: &str) -> Self {
        Self {
            version: VERSION,
            input: input.to_owned(),
            site: site.to_owned(),
            account: account.to_owned(),
            options: options.to_owned(),
        }
    }

    /// What of another header differs, in words.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let parts = [
            ("site", &self.site, &other.site),
            ("options", &self.options, &other.options),
        ];
        let plain = parts
            .into_iter()
            .filter(|(_, was, is)| was != is)
            .map(|(name, was, is)| format!("{name} was {was} and is {is}"));
        // Nobody can compare two hashes by looking at them.
        let hashed = [
            ("the input has changed", &self.input, &other.input),
            ("the account is another", &self.account, &other.account),
        ];
        let hashed = hashed.into_iter().filter(|(_, was, is)| was != is);
        hashed
            .map(|(text, _, _)| text.to_owned())
            .chain(plain)
            .collect()
    }
}

/// A request that may leave from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The person.
    pub key: Key,
    /// The row, from 1 on; 0 where there are no rows. A hint: the key is what counts.
    pub row: u64,
    /// Unix time in milliseconds.
    pub time: u64,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The person.
    pub key: Key,
    /// The row that was asked for.
    pub row: u64,
    /// Result code, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error, where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// `charged`, `not-charged` or `unknown`.
    pub charge: String,
    /// Request id of the service, by which the bill has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How many requests were made; 0 where another journal or an earlier answer had it.
    pub attempts: u32,
    /// How many of them, before the last one, may have been charged too.
    #[serde(default, skip_serializing_if = "is_none")]
    pub uncertain_attempts: u32,
    /// Unix time in milliseconds.
    pub time: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as the library calls it")]
const fn is_none(count: &u32) -> bool {
    *count == 0
}

/// Longest text of the service that is kept. Its own are shorter; a line that is longer than any could not be read.
const LONGEST: usize = 256;

impl Outcome {
    /// The same with texts that fit into a line.
    #[must_use]
    pub(crate) fn bounded(mut self) -> Self {
        let texts = [&mut self.result, &mut self.error, &mut self.request_id];
        for text in texts.into_iter().flatten() {
            if text.len() > LONGEST {
                *text = text.chars().take(LONGEST / 4).collect();
            }
        }
        self
    }
}

/// What a person, or a bill, says of a request whose charge was unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// The person.
    pub key: Key,
    /// Whether it was charged.
    pub charged: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// What the journal belongs to: the first line.
    Header(Header),
    /// Written before the request leaves.
    Intent(Intent),
    /// Written before the row counts as done.
    Outcome(Outcome),
    /// An intent that was found open: of unknown charge.
    Unknown(Key),
    /// What somebody says of an unknown charge.
    Settled(Settled),
}

impl Record {
    /// When it was written, in Unix time in milliseconds, where the line says so.
    pub(crate) const fn time(&self) -> Option<u64> {
        match self {
            Self::Intent(Intent { time, .. }) | Self::Outcome(Outcome { time, .. }) => Some(*time),
            Self::Header(_) | Self::Unknown(_) | Self::Settled(_) => None,
        }
    }
}

/// A record as a line.
pub(super) fn encode(record: &Record, group: u32) -> Vec<u8> {
    let mut text = format!("{group:x} ").into_bytes();
    // Strings and numbers alone: there is nothing that JSON cannot say.
    let _ = serde_json::to_writer(&mut text, record);
    let mut line = Vec::with_capacity(text.len() + CHECKSUM + 2);
    line.extend(checksum(&text));
    line.push(b' ');
    line.extend(text);
    line.push(b'\n');
    line
}

/// The record of a line and its group; nothing if the line is not whole.
pub(super) fn decode(line: &[u8]) -> Option<(u32, Record)> {
    let line = line.strip_suffix(b"\n")?;
    let (sum, text) = line.split_at_checked(CHECKSUM)?;
    let text = text.strip_prefix(b" ")?;
    if checksum(text) != sum {
        return None;
    }
    let space = text.iter().position(|byte| *byte == b' ')?;
    let group = std::str::from_utf8(&text[..space]).ok()?;
    let group = u32::from_str_radix(group, 16).ok()?;
    Some((group, serde_json::from_slice(&text[space + 1..]).ok()?))
}

fn checksum(text: &[u8]) -> [u8; CHECKSUM] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(text);
    std::array::from_fn(|place| {
        let byte = digest[place / 2];
        let half = if place % 2 == 0 { byte >> 4 } else { byte & 15 };
        HEX[usize::from(half)]
    })
}
