//! Lays a definition over a spec.

use super::Import;
use super::definition::{Definition, MemberDefinition};
use super::names::{Siblings, free_type};
use crate::fault::Faults;
use crate::ident;
use crate::ir::Direction;
use crate::model::{Action, ActionSpec, ActionTag, Limits, Member, Object, Type};
use heck::ToSnakeCase;
use std::collections::{BTreeMap, BTreeSet};

/// Member of every answer, which the client fills from a header when it is missing.
const REQUEST_ID: &str = "RequestId";

pub(super) fn merge(
    definition: &Definition,
    name: &str,
    known: Option<&ActionSpec>,
    is_taken: &dyn Fn(&str) -> bool,
) -> Result<Import, Faults> {
    let action = definition.action(name)?;
    let mut merge = Merge::new(definition, name, is_taken);
    let mut spec = match known {
        Some(known) => known.clone(),
        None => merge.blank(name),
    };
    merge.fact(
        "action.version",
        &mut spec.action.version,
        definition.version().to_owned(),
    );
    let is_withdrawn = action
        .status
        .as_deref()
        .is_some_and(|status| status != "online");
    merge.fact(
        "action.deprecated",
        &mut spec.action.deprecated,
        is_withdrawn,
    );

    // What our types are called in the definition follows from the members that hold them.
    let types: BTreeMap<String, Object> = spec
        .types
        .iter()
        .map(|ty| (ty.ident.clone(), ty.clone()))
        .collect();
    merge.types = types.keys().cloned().collect();
    for (object, name) in [
        (&spec.request, &action.input),
        (&spec.response, &action.output),
    ] {
        merge.names_here(object, name, &types)?;
    }
    let order: Vec<String> = spec.types.iter().map(|ty| ty.ident.clone()).collect();
    merge.object(
        "request",
        &action.input,
        &mut spec.request,
        Direction::Request,
    )?;
    merge.object(
        "response",
        &action.output,
        &mut spec.response,
        Direction::Response,
    )?;
    spec.types = merge.objects_of_members(types, order)?;
    merge.say_what_is_missing(known.is_some());
    Ok(Import {
        spec,
        taken: merge.taken,
        not_taken: merge.not_taken,
    })
}

struct Merge<'a> {
    definition: &'a Definition,
    action: &'a str,
    is_taken: &'a dyn Fn(&str) -> bool,
    /// Objects of the definition, to our types.
    idents: BTreeMap<String, String>,
    /// The types of `idents`.
    types: BTreeSet<String>,
    /// Objects whose members have been merged or are about to be.
    seen: BTreeSet<String>,
    /// Objects whose members are still to be merged.
    pending: Vec<(String, String, Direction)>,
    taken: Vec<String>,
    not_taken: Vec<String>,
}

impl<'a> Merge<'a> {
    fn new(
        definition: &'a Definition,
        action: &'a str,
        is_taken: &'a dyn Fn(&str) -> bool,
    ) -> Self {
        Self {
            definition,
            action,
            is_taken,
            idents: BTreeMap::new(),
            types: BTreeSet::new(),
            seen: BTreeSet::new(),
            pending: Vec::new(),
            taken: Vec::new(),
            not_taken: Vec::new(),
        }
    }

    /// Merges the objects that members hold, which may hold others.
    fn objects_of_members(
        &mut self,
        mut types: BTreeMap<String, Object>,
        order: Vec<String>,
    ) -> Result<Vec<Object>, Faults> {
        let mut added = Vec::new();
        while let Some((object, ident, side)) = self.pending.pop() {
            let mut ty = types.remove(&ident).unwrap_or_else(|| {
                added.push(ident.clone());
                Object {
                    ident: ident.clone(),
                    docs: String::new(),
                    members: Vec::new(),
                }
            });
            self.object(&format!("types.{ident}"), &object, &mut ty, side)?;
            types.insert(ident, ty);
        }
        // New types in the order of their names, after those that were there.
        added.sort();
        let all = order.into_iter().chain(added);
        Ok(all.filter_map(|ident| types.remove(&ident)).collect())
    }

    /// Says what a definition has not, or has and cannot be taken.
    fn say_what_is_missing(&mut self, is_known: bool) {
        self.not_taken.push(
            "prose: what the definition says in words is the vendor's; write `docs` of your own"
                .to_owned(),
        );
        if !is_known {
            self.not_taken.push(
                "codes, charges, retries, limits, checks and examples: the definition has none; a call \
                 is of unknown charge until `result_codes` say otherwise"
                    .to_owned(),
            );
        }
    }

    /// A spec with nothing in it but the names.
    fn blank(&self, name: &str) -> ActionSpec {
        let object = |suffix: &str| Object {
            ident: free_type(
                &format!("{name}{suffix}"),
                self.action,
                self.is_taken,
                &self.types,
            ),
            docs: String::new(),
            members: Vec::new(),
        };
        ActionSpec {
            schema: Some("./schema.json".to_owned()),
            kind: ActionTag::Action,
            action: Action {
                name: name.to_owned(),
                method: ident::value_from_wire(&name.to_snake_case()),
                version: self.definition.version().to_owned(),
                deprecated: false,
                docs: String::new(),
            },
            limits: Limits::default(),
            request: object("Request"),
            encryption: None,
            types: Vec::new(),
            response: object("Answer"),
            result_codes: None,
            error_codes: Vec::new(),
            common_error_codes: Vec::new(),
            examples: Vec::new(),
        }
    }

    /// Takes a fact over.
    fn fact<T: PartialEq + std::fmt::Debug>(&mut self, path: &str, ours: &mut T, theirs: T) {
        if *ours != theirs {
            self.taken
                .push(format!("{path}: {ours:?} is now {theirs:?}"));
            *ours = theirs;
        }
    }

    /// What the objects of the definition are called here, as far as our members tell: whatever is new
    /// may refer to them before we come to the member that does.
    fn names_here(
        &mut self,
        ours: &Object,
        name: &str,
        types: &BTreeMap<String, Object>,
    ) -> Result<(), Faults> {
        let mut still = vec![(ours, name.to_owned())];
        while let Some((ours, name)) = still.pop() {
            let theirs = self.definition.object(&name, "actions")?;
            let ours: BTreeMap<&str, &Type> = ours
                .members
                .iter()
                .map(|member| (member.wire.as_str(), &member.ty))
                .collect();
            for (index, member) in theirs.members.iter().enumerate() {
                let place = format!("objects.{name}.members[{index}]");
                let ty = self.definition.member_type(member, &place)?;
                let here = ours
                    .get(member.name.as_str())
                    .and_then(|ty| ty.object_name());
                let (Some(here), Some(there)) = (here, ty.object_name()) else {
                    continue;
                };
                if !self.idents.contains_key(there)
                    && let Some(object) = types.get(here)
                {
                    self.idents.insert(there.to_owned(), here.to_owned());
                    still.push((object, there.to_owned()));
                }
            }
        }
        Ok(())
    }

    fn object(
        &mut self,
        path: &str,
        name: &str,
        ours: &mut Object,
        side: Direction,
    ) -> Result<(), Faults> {
        let theirs = self.definition.object(name, path)?;
        for key in Definition::unknown_keys(&theirs.members) {
            self.not_taken.push(format!(
                "{path}: the key `{key}` of its members, which is not known"
            ));
        }
        let mut beside = Siblings::of(&ours.members);
        for (index, member) in theirs.members.iter().enumerate() {
            let place = format!("objects.{name}.members[{index}]");
            let ty = self.definition.member_type(member, &place)?;
            match beside.places.get(&member.name).copied() {
                Some(found) => {
                    let ours = &mut ours.members[found];
                    self.known(path, ours, member, &ty, side);
                }
                None if member.disabled => self.not_taken.push(format!(
                    "{path}.{}: the vendor has withdrawn it",
                    member.name
                )),
                None => {
                    let added = self.new_member(&mut beside, member, &ty, side);
                    self.taken.push(format!("{path}.{}: added", member.name));
                    beside.add(ours.members.len(), &added);
                    ours.members.push(added);
                }
            }
        }
        let names: BTreeSet<&str> = theirs.members.iter().map(|m| m.name.as_str()).collect();
        for member in &ours.members {
            if !names.contains(member.wire.as_str()) {
                self.not_taken.push(format!(
                    "{path}.{}: the definition does not have it; it was kept",
                    member.wire
                ));
            }
        }
        Ok(())
    }

    /// A member that both have.
    fn known(
        &mut self,
        path: &str,
        ours: &mut Member,
        theirs: &MemberDefinition,
        ty: &Type,
        side: Direction,
    ) {
        let path = format!("{path}.{}", ours.wire);
        // An object keeps the name that it has here.
        if let (Some(here), Some(there)) = (ours.ty.object_name(), ty.object_name()) {
            let here = here.to_owned();
            self.types.insert(here.clone());
            self.idents.entry(there.to_owned()).or_insert(here);
        }
        let ty = self.own_type(ty, side);
        self.fact(&format!("{path}.type"), &mut ours.ty, ty);
        self.fact(
            &format!("{path}.deprecated"),
            &mut ours.deprecated,
            theirs.disabled,
        );
        match side {
            Direction::Request => {
                self.fact(
                    &format!("{path}.required"),
                    &mut ours.required,
                    theirs.required,
                );
            }
            // An answer that was paid for shall not be lost for a member that is missing, so what
            // was curated stays.
            Direction::Response if ours.required != is_always_there(theirs) => {
                self.not_taken.push(format!(
                    "{path}.required: it is {} here and {} there",
                    ours.required, theirs.output_required
                ));
            }
            Direction::Response => {}
        }
    }

    fn new_member(
        &mut self,
        beside: &mut Siblings,
        theirs: &MemberDefinition,
        ty: &Type,
        side: Direction,
    ) -> Member {
        let ty = self.own_type(ty, side);
        let usual = ident::value_from_wire(&theirs.name);
        let names = &beside.idents;
        let is_free = |name: &String| {
            ident::is_snake_case(name)
                && !names.contains(name)
                && !fields(side).contains(&name.as_str())
        };
        // Of names that are alike, each begins where the one before it ended.
        let next = beside.next.entry(usual.clone()).or_insert(2);
        let numbered = (*next..).map(|number| format!("{usual}{number}"));
        let given = std::iter::once(usual.clone())
            .chain(std::iter::once(format!("{usual}_field")))
            .chain(numbered.take(names.len() + 3))
            .find(is_free);
        let number = given
            .as_deref()
            .and_then(|given| given.strip_prefix(&usual));
        if let Some(number) = number.and_then(|number| number.parse::<usize>().ok()) {
            *next = number + 1;
        }
        Member {
            wire: theirs.name.clone(),
            ident: given.filter(|given| *given != usual),
            required: match side {
                Direction::Request => theirs.required,
                Direction::Response => is_always_there(theirs),
            },
            // Until somebody knows better, a text may be about a person.
            sensitive: ty.innermost().is_text() && theirs.name != REQUEST_ID,
            ty,
            encryptable: false,
            deprecated: false,
            check: None,
            values: Vec::new(),
            docs: String::new(),
        }
    }

    /// The type with our own names; the members of a new object are merged later.
    fn own_type(&mut self, ty: &Type, side: Direction) -> Type {
        match ty {
            Type::List(item) => Type::List(Box::new(self.own_type(item, side))),
            Type::Object(name) => {
                let ident = match self.idents.get(name) {
                    Some(ident) => ident.clone(),
                    None => free_type(name, self.action, self.is_taken, &self.types),
                };
                self.types.insert(ident.clone());
                self.idents.insert(name.clone(), ident.clone());
                if self.seen.insert(name.clone()) {
                    self.pending.push((name.clone(), ident.clone(), side));
                }
                Type::Object(ident)
            }
            other => other.clone(),
        }
    }
}

fn is_always_there(member: &MemberDefinition) -> bool {
    member.name == REQUEST_ID || (member.output_required && !member.value_allowed_null)
}

/// Names that the library has beside the members.
fn fields(side: Direction) -> &'static [&'static str] {
    match side {
        Direction::Request => crate::ident::METHOD_ARGUMENTS,
        Direction::Response => crate::ident::ANSWER_FIELDS,
    }
}
