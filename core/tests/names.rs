//! Names that can be on a card, and names that cannot, each with its reason: `tests/vectors/names.json`.

use idcard_verification::{InputProblem, name};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Names {
    accepted: Vec<Accepted>,
    refused: Vec<Refused>,
}

#[derive(Debug, Deserialize)]
struct Accepted {
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Refused {
    name: String,
    reason: String,
    problem: String,
    #[serde(default)]
    position: u32,
    #[serde(default)]
    code_point: String,
    meant: Option<String>,
}

impl Refused {
    fn problem(&self) -> InputProblem {
        let (position, code_point) = (self.position, self.code_point.clone());
        match self.problem.as_str() {
            "NameEmpty" => InputProblem::NameEmpty,
            "NameLength" => InputProblem::NameLength { actual: 65 },
            "NameNotComposed" => InputProblem::NameNotComposed,
            "NameDot" => InputProblem::NameDot {
                position,
                code_point,
            },
            "NameCharacter" => InputProblem::NameCharacter {
                position,
                code_point,
                meant: self.meant.clone(),
            },
            other => panic!("unknown problem {other}"),
        }
    }
}

fn names() -> Names {
    let text = include_str!("../../tests/vectors/names.json");
    serde_json::from_str(text).expect("names")
}

#[test]
fn each_name_is_accepted_or_refused_for_its_reason() {
    let Names { accepted, refused } = names();
    assert!(accepted.len() >= 200 && refused.len() >= 200);
    for Accepted { name, reason } in accepted {
        assert_eq!(name::check(&name), Ok(()), "{name:?}: {reason}");
        assert_eq!(name::normalize(&name).changes, [], "{name:?}: {reason}");
    }
    for one in refused {
        assert_eq!(
            name::check(&one.name),
            Err(one.problem()),
            "{:?}: {}",
            one.name,
            one.reason
        );
    }
}

/// What is meant is what mending writes, and it passes where nothing else is wrong.
#[test]
fn what_is_meant_is_what_mending_writes() {
    for one in names().refused {
        let mended = name::normalize(&one.name);
        let Some(meant) = &one.meant else {
            continue;
        };
        let written = mended
            .value
            .chars()
            .map(|c| format!("U+{:04X}", u32::from(c)));
        assert!(written.collect::<Vec<_>>().contains(meant), "{one:?}");
        assert_ne!(mended.changes, [], "{one:?}");
    }
}
