//! Numbers and names as people type them.

use crate::seeds::{json_files, of_json, of_scenarios, repository};
use crate::stand_in::{NAME, NUMBER, assert_silent_about};
use idcard_verification::{InputProblem, NormalizedText, id_number as number, name as names_of};

pub(crate) fn id_number(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let normalized = normalized(number::normalize, &text);
    assert_explained(number::check(&normalized.value), &normalized.value);
    let _ = number::expected_check_digit(&text);
    let is_good = number::check(&text).is_ok();
    if is_good {
        assert_eq!(normalized.value, text, "a good number needs no mending");
        assert!(normalized.changes.is_empty());
        let expected = number::expected_check_digit(&text[..17]);
        assert_eq!(expected.map(String::from).as_deref(), Some(&text[17..]));
    }
    is_good
}

pub(crate) fn name(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let normalized = normalized(names_of::normalize, &text);
    assert_explained(names_of::check(&normalized.value), &normalized.value);
    let is_good = names_of::check(&text).is_ok();
    assert_explained(names_of::check(&text), &text);
    if is_good {
        assert_eq!(normalized.value, text, "a good name needs no mending");
        assert!(normalized.changes.is_empty());
    }
    is_good
}

/// What is refused is refused for a reason, which says nothing of the text. Our own words are ASCII.
fn assert_explained(checked: Result<(), InputProblem>, text: &str) {
    let Err(problem) = checked else {
        return;
    };
    let said = format!("{problem} {problem:?}");
    assert!(!problem.to_string().is_empty());
    if text.chars().count() > 1 && !text.is_ascii() {
        assert_silent_about(&said, &[text]);
    }
    if let InputProblem::FifteenDigits { number } = &problem {
        assert_eq!(
            number::check(number).map_err(|problem| problem.kind()),
            Ok(())
        );
        assert_silent_about(&said, &[number]);
    }
}

/// What normalizing makes of a text; it finds nothing to do in that.
fn normalized(normalize: fn(&str) -> NormalizedText, text: &str) -> NormalizedText {
    let normalized = normalize(text);
    let again = normalize(&normalized.value);
    assert_eq!(again.value, normalized.value, "normalizing is idempotent");
    assert!(again.changes.is_empty());
    normalized
}

pub(crate) fn id_numbers() -> Vec<Vec<u8>> {
    let forms = [
        "440305950513256",
        "4.4E+17",
        "'0010",
        "=\"0010\"",
        "1Ⅹ",
        "1O",
    ];
    let good = [&[NUMBER][..], &forms].concat();
    let good = good.into_iter().map(Vec::from).collect();
    [good, of_scenarios("id_number"), of_scenarios("given")].concat()
}

pub(crate) fn names() -> Vec<Vec<u8>> {
    let list = json_files(&repository().join("tests/vectors"));
    let list = list.iter().flat_map(|file| of_json(file, "name")).collect();
    let good = vec![NAME.into()];
    [good, list, of_scenarios("name"), of_scenarios("given")].concat()
}
