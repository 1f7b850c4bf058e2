//! Everything that reads what somebody else has written, as functions of bytes that must hold
//! whatever the bytes are: nothing panics, and nothing shows a key or a person.
//!
//! `cargo test` runs them over their seeds, over what was once found, and over random changes of
//! both; `cargo make fuzz` has libFuzzer look for more, by what the bytes reach.

mod answer;
mod definition;
mod envelope;
mod journal;
mod people;
mod person;
mod profile;
mod sandbox;
mod seeds;
mod signing;
mod spec;
mod stand_in;

/// Something to fuzz.
#[derive(Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Reads the bytes; panics when it finds something wrong. It tells whether they got as far as good
    /// ones do, so that a test can see that any do.
    pub run: fn(&[u8]) -> bool,
    /// Where to begin. The first is good.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "answer",
        run: answer::run,
        seeds: answer::seeds,
    },
    Target {
        name: "definition",
        run: definition::run,
        seeds: definition::seeds,
    },
    Target {
        name: "envelope",
        run: envelope::run,
        seeds: envelope::seeds,
    },
    Target {
        name: "id-number",
        run: person::id_number,
        seeds: person::id_numbers,
    },
    Target {
        name: "journal",
        run: journal::run,
        seeds: journal::seeds,
    },
    Target {
        name: "name",
        run: person::name,
        seeds: person::names,
    },
    Target {
        name: "people",
        run: people::run,
        seeds: people::seeds,
    },
    Target {
        name: "profile",
        run: profile::run,
        seeds: profile::seeds,
    },
    Target {
        name: "sandbox",
        run: sandbox::run,
        seeds: sandbox::seeds,
    },
    Target {
        name: "signing",
        run: signing::run,
        seeds: signing::seeds,
    },
    Target {
        name: "spec",
        run: spec::run,
        seeds: spec::seeds,
    },
];

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
