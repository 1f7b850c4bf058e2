//! The headings of an output.

use super::row::COLUMNS;
use std::collections::{HashMap, HashSet};

/// The headings of kept columns, each one once: a program that reads rows by name would lose the others.
pub(super) fn unique(kept: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = COLUMNS.iter().map(ToString::to_string).collect();
    // A sheet may have thousands of columns without a heading: none counts from the beginning.
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut headings = Vec::with_capacity(kept.len());
    for &heading in kept {
        let number = numbers.entry(heading).or_insert(1);
        let mut name = heading.to_owned();
        while !taken.insert(name.clone()) {
            *number += 1;
            name = format!("{heading} ({number})");
        }
        headings.push(name);
    }
    headings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_heading_is_there_once() {
        let headings = unique(&["note", "id", "note", "note (2)", "", "", "note"]);
        let expected = [
            "note",
            "id (2)",
            "note (2)",
            "note (2) (2)",
            "",
            " (2)",
            "note (3)",
        ];
        assert_eq!(headings, expected);
    }
}
