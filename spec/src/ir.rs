//! The spec, lowered: ordered lists, every name resolved, wire name and identifier apart.
//!
//! Nothing here or after it depends on the order of a hash map, a clock or the environment, so
//! the same files always give the same code.

use crate::model::source::Parsed;
use crate::model::{self, ActionSpec, Charge, Check, CommonSpec, Retry, Type, Verdict};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Everything the generator and the sandbox need to know.
#[derive(Debug, Clone)]
pub struct Ir {
    /// The files it was made from, in order.
    pub sources: Vec<Source>,
    /// Name of the service in the credential scope.
    pub service: String,
    /// Sites of the service.
    pub sites: Vec<model::Site>,
    /// Languages of the texts in an answer.
    pub languages: Vec<model::Language>,
    /// Constants of the signature.
    pub signature: model::Signature,
    /// Headers of a request.
    pub headers: Vec<model::Header>,
    /// Names in an answer's envelope.
    pub answer: model::AnswerShape,
    /// Public keys for encrypted fields.
    pub encryption_keys: Vec<model::EncryptionKey>,
    /// Coarse kinds of errors.
    pub error_kinds: Vec<model::Named>,
    /// Error codes of all files, sorted by code.
    pub error_codes: Vec<ErrorCode>,
    /// Actions in the order of their files.
    pub actions: Vec<Action>,
}

/// A file and the hash of its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Name of the file.
    pub name: String,
    /// SHA-256 of its text, in lowercase hexadecimal.
    pub sha256: String,
}

/// An error code.
#[derive(Debug, Clone)]
pub struct ErrorCode {
    /// Code on the wire.
    pub wire: String,
    /// Variant in code; absent for a family, which is never sent by itself.
    pub variant: Option<String>,
    /// Coarse kind.
    pub kind: String,
    /// What it costs.
    pub charge: Charge,
    /// When to try again.
    pub retry: Retry,
    /// What it means.
    pub meaning: String,
}

/// An action.
#[derive(Debug, Clone)]
pub struct Action {
    /// Name on the wire.
    pub name: String,
    /// Name of the client's method.
    pub method: String,
    /// Version of the interface.
    pub version: String,
    /// Whether the service takes it away.
    pub deprecated: bool,
    /// What it does.
    pub docs: String,
    /// Limits.
    pub limits: model::Limits,
    /// Parameters.
    pub request: Object,
    /// Where the request lists its encrypted members.
    pub encryption: Option<model::Encryption>,
    /// Objects inside parameters and answer.
    pub types: Vec<Object>,
    /// The answer.
    pub response: Object,
    /// Codes in the answer.
    pub result_codes: Option<ResultCodes>,
    /// Codes that the action's own documentation names.
    pub own_error_codes: Vec<String>,
    /// Documented calls.
    pub examples: Vec<model::Example>,
}

impl Ir {
    /// The action that verifies a number, whose test identities the sandbox has.
    #[must_use]
    pub fn identity_action(&self) -> Option<&Action> {
        let mut actions = self.actions.iter();
        actions.find(|action| action.checked(Check::IdNumber).is_some())
    }
}

impl Action {
    /// The parameter that is checked so.
    #[must_use]
    pub fn checked(&self, check: Check) -> Option<&Member> {
        let mut members = self.request.members.iter();
        members.find(|member| member.check == Some(check))
    }
}

/// Which way an object goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// To the service.
    Request,
    /// From it.
    Response,
}

/// An object.
#[derive(Debug, Clone)]
pub struct Object {
    /// Which ways it goes: both, where a request and an answer hold it.
    pub directions: BTreeSet<Direction>,
    /// Type in code.
    pub ident: String,
    /// What it is.
    pub docs: String,
    /// Members in order.
    pub members: Vec<Member>,
}

/// A member of an object.
#[derive(Debug, Clone)]
pub struct Member {
    /// Name on the wire.
    pub wire: String,
    /// Name in code.
    pub ident: String,
    /// Type of the value.
    pub ty: Type,
    /// Whether it must be there.
    pub required: bool,
    /// Whether its object may hold the member's own, so that it needs a place of its own in memory.
    pub boxed: bool,
    /// Whether it prints redacted.
    pub sensitive: bool,
    /// Whether the service takes it encrypted.
    pub encryptable: bool,
    /// Whether the service takes it away.
    pub deprecated: bool,
    /// Check before sending.
    pub check: Option<Check>,
    /// Values known today.
    pub values: Vec<String>,
    /// What it is.
    pub docs: String,
}

/// Codes of an answer.
#[derive(Debug, Clone)]
pub struct ResultCodes {
    /// Type in code.
    pub ident: String,
    /// Wire name of the member with the code.
    pub member: String,
    /// What they are.
    pub docs: String,
    /// The codes in the order of the file.
    pub codes: Vec<ResultCode>,
}

/// A code of an answer.
#[derive(Debug, Clone)]
pub struct ResultCode {
    /// Code on the wire.
    pub wire: String,
    /// Variant in code.
    pub variant: String,
    /// Coarse reading.
    pub verdict: Verdict,
    /// What it costs.
    pub charge: Charge,
    /// When to try again.
    pub retry: Retry,
    /// Year of its first appearance, where it is not original.
    pub since: Option<String>,
    /// What it means.
    pub meaning: String,
}

/// Lowers files that passed validation.
pub(crate) fn lower(common: &Parsed<CommonSpec>, actions: &[Parsed<ActionSpec>]) -> Ir {
    let spec = &common.spec;
    let mut error_codes: Vec<ErrorCode> = spec
        .error_codes
        .iter()
        .chain(actions.iter().flat_map(|a| &a.spec.error_codes))
        .map(error_code)
        .collect();
    error_codes.sort_by(|a, b| a.wire.cmp(&b.wire));
    Ir {
        sources: std::iter::once(source(&common.name, &common.text))
            .chain(
                actions
                    .iter()
                    .map(|action| source(&action.name, &action.text)),
            )
            .collect(),
        service: spec.service.name.clone(),
        sites: spec.service.sites.clone(),
        languages: spec.service.languages.clone(),
        signature: spec.signature.clone(),
        headers: spec.headers.clone(),
        answer: spec.answer.clone(),
        encryption_keys: spec.encryption_keys.clone(),
        error_kinds: spec.error_kinds.clone(),
        error_codes,
        actions: actions.iter().map(|parsed| action(&parsed.spec)).collect(),
    }
}

fn source(name: &str, text: &str) -> Source {
    let digest = Sha256::digest(text.as_bytes());
    Source {
        name: name.to_owned(),
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn error_code(code: &model::ErrorCode) -> ErrorCode {
    ErrorCode {
        wire: code.code.clone(),
        variant: (!code.family).then(|| crate::validate::variant(code)),
        kind: code.kind.clone(),
        charge: code.charge,
        retry: code.retry,
        meaning: code.meaning.clone(),
    }
}

fn action(spec: &ActionSpec) -> Action {
    let mut own: Vec<String> = spec
        .error_codes
        .iter()
        .map(|code| &code.code)
        .chain(&spec.common_error_codes)
        .cloned()
        .collect();
    own.sort();
    let ways = Ways::of(spec);
    Action {
        name: spec.action.name.clone(),
        method: spec.action.method.clone(),
        version: spec.action.version.clone(),
        deprecated: spec.action.deprecated,
        docs: spec.action.docs.clone(),
        limits: spec.limits.clone(),
        request: object(&spec.request, &ways),
        encryption: spec.encryption.clone(),
        types: spec.types.iter().map(|ty| object(ty, &ways)).collect(),
        response: object(&spec.response, &ways),
        result_codes: spec.result_codes.as_ref().map(result_codes),
        own_error_codes: own,
        examples: spec.examples.clone(),
    }
}

/// How the objects of an action hang together.
struct Ways<'a> {
    types: BTreeMap<&'a str, &'a model::Object>,
    sent: BTreeSet<&'a str>,
    answered: BTreeSet<&'a str>,
}

impl<'a> Ways<'a> {
    fn of(spec: &'a ActionSpec) -> Self {
        let types = spec.types.iter().map(|ty| (ty.ident.as_str(), ty));
        let mut ways = Self {
            types: types.collect(),
            sent: BTreeSet::new(),
            answered: BTreeSet::new(),
        };
        ways.sent = ways.reached(&spec.request, Type::object_name);
        ways.answered = ways.reached(&spec.response, Type::object_name);
        ways.sent.insert(&spec.request.ident);
        ways.answered.insert(&spec.response.ident);
        ways
    }

    /// Types that are reached from an object, by the types of its members that `follow` tells of.
    fn reached(
        &self,
        from: &'a model::Object,
        follow: impl Fn(&'a Type) -> Option<&'a str>,
    ) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![from];
        while let Some(object) = open.pop() {
            for name in object.members.iter().filter_map(|m| follow(&m.ty)) {
                if found.insert(name) {
                    open.extend(self.types.get(name));
                }
            }
        }
        found
    }

    fn directions(&self, ident: &str) -> BTreeSet<Direction> {
        let ways = [
            (Direction::Request, &self.sent),
            (Direction::Response, &self.answered),
        ];
        let ways = ways.iter().filter(|(_, reached)| reached.contains(ident));
        ways.map(|(direction, _)| *direction).collect()
    }

    /// Whether the object of a member holds, without a list between, the one that has the member.
    fn closes(&self, ident: &str, member: &'a model::Member) -> bool {
        let Some(held) = directly(&member.ty) else {
            return false;
        };
        held == ident
            || self
                .types
                .get(held)
                .is_some_and(|object| self.reached(object, directly).contains(ident))
    }
}

/// The object that a member is, and not a list of them.
fn directly(ty: &Type) -> Option<&str> {
    match ty {
        Type::Object(name) => Some(name),
        _ => None,
    }
}

fn object<'a>(object: &'a model::Object, ways: &Ways<'a>) -> Object {
    Object {
        directions: ways.directions(&object.ident),
        ident: object.ident.clone(),
        docs: object.docs.clone(),
        members: object
            .members
            .iter()
            .map(|held| member(held, !held.required && ways.closes(&object.ident, held)))
            .collect(),
    }
}

fn member(member: &model::Member, boxed: bool) -> Member {
    Member {
        boxed,
        wire: member.wire.clone(),
        ident: member.ident(),
        ty: member.ty.clone(),
        required: member.required,
        sensitive: member.sensitive,
        encryptable: member.encryptable,
        deprecated: member.deprecated,
        check: member.check,
        values: member.values.clone(),
        docs: member.docs.clone(),
    }
}

fn result_codes(codes: &model::ResultCodes) -> ResultCodes {
    ResultCodes {
        ident: codes.ident.clone(),
        member: codes.member.clone(),
        docs: codes.docs.clone(),
        codes: codes
            .codes
            .iter()
            .map(|code| ResultCode {
                wire: code.code.clone(),
                variant: code.ident.clone(),
                verdict: code.verdict,
                charge: code.charge,
                retry: code.retry,
                since: code.since.clone(),
                meaning: code.meaning.clone(),
            })
            .collect(),
    }
}
