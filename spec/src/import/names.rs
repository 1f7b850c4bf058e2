//! Names for what a definition adds.

use crate::ident;
use crate::model::Member;
use heck::ToPascalCase;
use std::collections::{BTreeMap, BTreeSet};

/// The members that are there, in a form that is quick to look into.
pub(super) struct Siblings {
    /// By wire name.
    pub(super) places: BTreeMap<String, usize>,
    pub(super) idents: BTreeSet<String>,
    /// The number that a name which is taken may have next.
    pub(super) next: BTreeMap<String, usize>,
}

impl Siblings {
    pub(super) fn of(members: &[Member]) -> Self {
        let mut beside = Self {
            places: BTreeMap::new(),
            idents: BTreeSet::new(),
            next: BTreeMap::new(),
        };
        for (place, member) in members.iter().enumerate() {
            beside.add(place, member);
        }
        beside
    }

    pub(super) fn add(&mut self, place: usize, member: &Member) {
        self.places.entry(member.wire.clone()).or_insert(place);
        self.idents.insert(member.ident());
    }
}

/// A name for a type that nobody has.
pub(super) fn free_type(
    name: &str,
    action: &str,
    is_taken: &dyn Fn(&str) -> bool,
    own: &BTreeSet<String>,
) -> String {
    let usual = name.to_pascal_case();
    let usual = if ident::is_pascal_case(name) {
        name.to_owned()
    } else {
        usual
    };
    let is_free =
        |name: &String| !ident::reserved_type(name) && !is_taken(name) && !own.contains(name);
    if is_free(&usual) {
        return usual;
    }
    let ours = format!("{}{usual}", action);
    let mut numbered = (2..).map(|number| format!("{ours}{number}"));
    if is_free(&ours) {
        return ours;
    }
    numbered.find(is_free).unwrap_or(ours)
}
