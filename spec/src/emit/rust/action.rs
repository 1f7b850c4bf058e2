//! One action: its request, how that is checked and sent, and what its answer is read into.

use super::objects;
use super::{answer, encryption, methods, results};
use crate::ir::{Action, Member};
use crate::model::{Check, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn emit(action: &Action, request_id: &str) -> TokenStream {
    let request = objects::emit(&action.request, false);
    let types = action.types.iter().map(|ty| objects::emit(ty, true));
    let codes = action.result_codes.as_ref().map(results::emit);
    let answer = answer::emit(action);
    let protocol = protocol(action, request_id);
    let methods = methods::emit(action);
    quote! { #request #(#types)* #codes #answer #protocol #methods }
}

fn protocol(action: &Action, request_id: &str) -> TokenStream {
    let request = format_ident!("{}", action.request.ident);
    let answer = format_ident!("{}", action.response.ident);
    let (name, version) = (&action.name, &action.version);
    let per_second = optional(
        action
            .limits
            .requests_per_second
            .map(|limit| quote! { #limit }),
    );
    let bytes = optional(action.limits.request_bytes.map(|limit| quote! { #limit }));
    let checks = checks(action);
    let now = match action.checked(Check::IdNumber) {
        Some(_) => format_ident!("now"),
        None => format_ident!("_now"),
    };
    let daily = daily_values(action);
    let encrypt_fields = encryption::encrypt_fields(action);
    let own = action.response.members.iter();
    let answer_members = own
        .filter(|member| member.wire != request_id)
        .map(objects::field_shape);
    let read = read(action);
    let recalled = recalled(action, request_id);
    quote! {
        impl crate::protocol::Action for #request {
            type Answer = #answer;

            const INFO: crate::protocol::ActionInfo = crate::protocol::ActionInfo {
                name: #name,
                version: #version,
                requests_per_second: #per_second,
                request_bytes: #bytes,
            };

            const ENVELOPE: crate::protocol::Shape =
                crate::protocol::Shape::Object(&[(ANSWER_ENVELOPE, || {
                    crate::protocol::Shape::Object(&[
                        #(#answer_members,)*
                        (ANSWER_ERROR, crate::protocol::error_shape),
                        (ANSWER_REQUEST_ID, crate::protocol::Shape::text),
                    ])
                })]);

            fn check(&self, #now: u64) -> Result<(), crate::InvalidInput> {
                #checks
                Ok(())
            }

            fn daily_values(&self) -> Vec<&str> {
                vec![#(#daily),*]
            }

            #encrypt_fields

            #read

            #recalled
        }
    }
}

/// Reads the answer, and what the spec says of its result code.
fn read(action: &Action) -> TokenStream {
    let answer = format_ident!("{}", action.response.ident);
    let members = objects::decoded_members(&action.response);
    let (facts, coded) = match &action.result_codes {
        Some(codes) => {
            let ty = format_ident!("{}", codes.ident);
            let wire = &codes.member;
            (
                quote! {
                    let result = #ty::from_wire(object.text(#wire)?);
                    let charge = result.facts().charge;
                },
                quote! { verdict: result.verdict(), result, retry: result.facts().retry, },
            )
        }
        None => (
            quote! { let charge = crate::Charge::Unknown; },
            TokenStream::new(),
        ),
    };
    quote! {
        fn answer(
            object: &crate::protocol::Object<'_>,
        ) -> Result<Self::Answer, crate::protocol::Malformed> {
            #facts
            Ok(#answer {
                #coded
                #(#members,)*
                charge,
                attempts: 1,
                uncertain_attempts: 0,
                origin: crate::AnswerOrigin::Service,
            })
        }
    }
}

/// Makes the answer again of what a ledger keeps, which is nothing sensitive: of an action whose answers say no
/// more than a code. Of others there is none.
fn recalled(action: &Action, request_id: &str) -> Option<TokenStream> {
    let codes = action.result_codes.as_ref()?;
    let answer = format_ident!("{}", action.response.ident);
    let ty = format_ident!("{}", codes.ident);
    let member = |member: &Member| {
        let field = format_ident!("{}", member.ident);
        if member.wire == codes.member {
            Some(quote! { #field: code.to_owned() })
        } else if member.wire == request_id {
            Some(quote! { #field: request_id.to_owned() })
        } else {
            let is_text = member.sensitive && member.required && member.ty == Type::String;
            is_text.then(|| quote! { #field: String::new() })
        }
    };
    let members: Option<Vec<_>> = action.response.members.iter().map(member).collect();
    let members = members?;
    Some(quote! {
        fn recalled(code: &str, request_id: &str) -> Option<Self::Answer> {
            let result = #ty::from_wire(code);
            Some(#answer {
                verdict: result.verdict(),
                retry: result.facts().retry,
                result,
                #(#members,)*
                charge: crate::Charge::NotCharged,
                attempts: 0,
                uncertain_attempts: 0,
                origin: crate::AnswerOrigin::Remembered,
            })
        }
    })
}

/// Values of the members that have a daily limit.
fn daily_values(action: &Action) -> Vec<TokenStream> {
    let limits = action.limits.daily.iter();
    limits
        .filter_map(|limit| {
            let mut members = action.request.members.iter();
            members.find(|member| member.wire == limit.member)
        })
        .map(|member| {
            let field = format_ident!("{}", member.ident);
            quote! { self.#field.as_str() }
        })
        .collect()
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote! { None }, |value| quote! { Some(#value) })
}

/// Checks of the request's members. A member that the caller encrypted cannot be checked.
fn checks(action: &Action) -> TokenStream {
    let is_encrypted = encryption::is_encrypted(action);
    let checks = action.request.members.iter().filter_map(|member| {
        let field = format_ident!("{}", member.ident);
        let (name, wire) = (&member.ident, &member.wire);
        let check = match member.check? {
            Check::IdNumber => quote! { crate::id_number::check_at(&self.#field, now) },
            Check::Name => quote! { crate::name::check(&self.#field) },
        };
        let check = quote! { #check.map_err(|problem| crate::InvalidInput::new(#name, problem))?; };
        let conditional = is_encrypted.is_some() && member.encryptable;
        Some(if conditional {
            quote! { if !is_encrypted(#wire) { #check } }
        } else {
            check
        })
    });
    quote! { #is_encrypted #(#checks)* }
}
