//! Numbers and names as people type them.

use crate::seeds::of_scenarios;
use crate::stand_in::{NAME, NUMBER, assert_silent_about};
use idcard_verification::{Normalized, id_number as number, name as names_of};

pub(crate) fn id_number(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let normalized = normalized(number::normalize, &text);
    let _ = number::expected_check_digit(&text);
    let is_good = number::check(&text).is_ok();
    if is_good {
        assert_eq!(normalized.value, text, "a good number needs no mending");
        let expected = number::expected_check_digit(&text[..17]);
        assert_eq!(expected.map(String::from).as_deref(), Some(&text[17..]));
    }
    is_good
}

pub(crate) fn name(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    normalized(names_of::normalize, &text);
    // What is wrong is said without saying the name. Our own words are ASCII.
    let checked = names_of::check(&text);
    if let Err(problem) = &checked
        && !text.is_ascii()
    {
        assert_silent_about(&problem.to_string(), &[&text]);
    }
    checked.is_ok()
}

/// What normalizing makes of a text; it finds nothing to do in that.
fn normalized(normalize: fn(&str) -> Normalized, text: &str) -> Normalized {
    let normalized = normalize(text);
    let again = normalize(&normalized.value);
    assert_eq!(again.value, normalized.value, "normalizing is idempotent");
    assert!(again.changes.is_empty());
    normalized
}

pub(crate) fn id_numbers() -> Vec<Vec<u8>> {
    let good = vec![NUMBER.into()];
    [good, of_scenarios("id_number"), of_scenarios("given")].concat()
}

pub(crate) fn names() -> Vec<Vec<u8>> {
    let good = vec![NAME.into()];
    [good, of_scenarios("name"), of_scenarios("given")].concat()
}
