//! Test identities. No region of China has an area code that begins with 0, so no number here
//! can be anyone's; all have a right check digit.

use crate::faults::Fault;
use crate::spec;
use idcard_spec::model::Check;
use idcard_verification::id_number;
use serde::Serialize;
use serde_json::Value;
use std::sync::LazyLock;

/// Name that goes with every test identity. It is invented.
const NAME: &str = "林小满";
/// Prefix of numbers that match whatever the name: as many people as a load test needs.
const CROWD: &str = "009";
/// Codes that are not in any spec, to show what an old client makes of a new code.
const UNKNOWN_RESULT: &str = "-99";
const UNKNOWN_FAMILY: &str = "NotInTheSpec";

/// A person of the sandbox.
#[derive(Clone, Debug, Serialize)]
pub struct Identity {
    /// Short name, such as `result:-1`, `error:InternalError` or `fault:hang`.
    pub key: String,
    /// Identity-card number.
    pub id_number: String,
    /// Name to send with it.
    pub name: String,
    /// What the service answers.
    pub docs: String,
    #[serde(skip)]
    pub(crate) outcome: Outcome,
}

/// What the service does for an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A good answer with a result code.
    Result(String),
    /// A good answer of an action that is not about a number and a name.
    Good,
    Error(String),
    Fault(Fault),
}

static IDENTITIES: LazyLock<Vec<Identity>> = LazyLock::new(|| {
    let mut all = results();
    all.extend(errors());
    all.extend(Fault::ALL.iter().map(|fault| {
        let number = number("003000", fault.number.into());
        identity(
            format!("fault:{}", fault.name),
            number,
            fault.docs.to_owned(),
            Outcome::Fault(*fault),
        )
    }));
    all
});

/// Every test identity.
#[must_use]
pub fn identities() -> &'static [Identity] {
    &IDENTITIES
}

/// What the service does for the identity of a key.
pub(crate) fn by_key(key: &str) -> Option<Outcome> {
    let identity = IDENTITIES.iter().find(|identity| identity.key == key)?;
    Some(identity.outcome.clone())
}

/// What the service does with a number and a name.
pub(crate) fn outcome(id_number: &str, name: &str) -> Outcome {
    let result = |code: &str| Outcome::Result(code.to_owned());
    if let Some(expected) = documented(id_number) {
        return if expected.0 == name {
            result(&expected.1)
        } else {
            result("-1")
        };
    }
    if id_number::check(id_number).is_err() {
        return result("-2");
    }
    if idcard_verification::name::check(name).is_err() {
        return result("-3");
    }
    match IDENTITIES
        .iter()
        .find(|identity| identity.id_number == id_number)
    {
        Some(identity) if identity.outcome == result("0") && name != NAME => result("-1"),
        Some(identity) => identity.outcome.clone(),
        None if id_number.starts_with(CROWD) => result("0"),
        None => result("-5"),
    }
}

/// Name and result of a number in the documentation's examples.
fn documented(id_number: &str) -> Option<(String, String)> {
    let action = spec::ir().identity_action()?;
    let number = &action.checked(Check::IdNumber)?.wire;
    let name = &action.checked(Check::Name)?.wire;
    let result = &action.result_codes.as_ref()?.member;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let mut examples = action.examples.iter();
    let example =
        examples.find(|example| text(example.request.get(number)).as_deref() == Some(id_number))?;
    Some((
        text(example.request.get(name))?,
        text(example.response.get(result))?,
    ))
}

fn results() -> Vec<Identity> {
    let codes = spec::ir()
        .identity_action()
        .and_then(|action| action.result_codes.as_ref())
        .map_or(&[][..], |codes| &codes.codes)
        .iter();
    let known = codes.map(|code| (code.wire.clone(), code.meaning.clone()));
    let unknown = (
        UNKNOWN_RESULT.to_owned(),
        "A result code that is not in the spec.".to_owned(),
    );
    known
        .chain([unknown])
        .map(|(code, meaning)| {
            let sequence = code
                .trim_start_matches('-')
                .parse()
                .unwrap_or_else(|_| hash(&code) % 900 + 100);
            identity(
                format!("result:{code}"),
                number("001000", sequence),
                meaning,
                Outcome::Result(code),
            )
        })
        .collect()
}

fn errors() -> Vec<Identity> {
    let codes = &spec::ir().error_codes;
    let mut wires: Vec<String> = codes
        .iter()
        .filter(|code| code.variant.is_some())
        .map(|code| code.wire.clone())
        .collect();
    let mut families: Vec<&str> = codes
        .iter()
        .filter_map(|code| code.wire.split('.').next())
        .collect();
    families.dedup();
    wires.extend(
        families
            .iter()
            .map(|family| format!("{family}.{UNKNOWN_FAMILY}")),
    );
    wires.push(UNKNOWN_FAMILY.to_owned());
    wires
        .into_iter()
        .map(|wire| {
            // Hashed, so that a code keeps its number when others come and go.
            let hash = hash(&wire);
            let number = number(&format!("002{:03}", hash / 1000 % 1000), hash % 1000);
            let meaning = spec::error_meaning(&wire).to_owned();
            identity(
                format!("error:{wire}"),
                number,
                meaning,
                Outcome::Error(wire),
            )
        })
        .collect()
}

fn identity(key: String, id_number: String, docs: String, outcome: Outcome) -> Identity {
    Identity {
        key,
        id_number,
        name: NAME.to_owned(),
        docs,
        outcome,
    }
}

fn number(area: &str, sequence: u32) -> String {
    let first_17 = format!("{area}19900101{sequence:03}");
    let check_digit = id_number::expected_check_digit(&first_17).expect("17 digits");
    format!("{first_17}{check_digit}")
}

/// FNV-1a: small, and the same for ever.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_identity_has_a_number_of_its_own_that_is_nobodys() {
        let numbers: HashSet<&str> = identities()
            .iter()
            .map(|identity| identity.id_number.as_str())
            .collect();
        assert_eq!(numbers.len(), identities().len());
        for identity in identities() {
            assert_eq!(
                id_number::check(&identity.id_number),
                Ok(()),
                "{}",
                identity.key
            );
            assert!(identity.id_number.starts_with("00"), "{}", identity.key);
            assert_eq!(
                outcome(&identity.id_number, &identity.name),
                identity.outcome
            );
        }
    }

    #[test]
    fn fault_numbers_are_unique() {
        let numbers: HashSet<u16> = Fault::ALL.iter().map(|fault| fault.number).collect();
        assert_eq!(numbers.len(), Fault::ALL.len());
    }
}
