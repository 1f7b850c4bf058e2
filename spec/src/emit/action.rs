//! One action: request, answer, result codes and the client's methods.

use super::objects;
use super::{docs, encryption, results};
use crate::ir::Action;
use crate::model::{Check, Type};
use crate::words;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn emit(action: &Action, request_id: &str) -> TokenStream {
    let request = objects::emit(&action.request, false);
    let types = action.types.iter().map(|ty| objects::emit(ty, true));
    let codes = action.result_codes.as_ref().map(results::emit);
    let answer = answer(action);
    let protocol = protocol(action, request_id);
    let methods = methods(action);
    quote! { #request #(#types)* #codes #answer #protocol #methods }
}

fn answer(action: &Action) -> TokenStream {
    let ident = format_ident!("{}", action.response.ident);
    let name = &action.response.ident;
    let type_docs = docs([words::object(&action.response)]);
    let coded = action.result_codes.as_ref().map(|codes| {
        let ty = format_ident!("{}", codes.ident);
        quote! {
            /// Coarse, stable reading of the result.
            pub verdict: crate::Verdict,
            /// The result.
            pub result: #ty,
            /// When the same call may be made again without paying twice. `Never` when the charge is
            /// unknown.
            pub retry: crate::Retry,
        }
    });
    let debug_coded = action.result_codes.as_ref().map(|_| {
        quote! {
            .field("verdict", &self.verdict)
            .field("result", &self.result)
            .field("retry", &self.retry)
        }
    });
    let risky = action.result_codes.as_ref().map(|_| {
        quote! {
            if cost.charge == crate::Charge::Unknown {
                self.retry = crate::Retry::Never;
            }
        }
    });
    let retry = match action.result_codes {
        Some(_) => quote! { self.result.facts().retry },
        None => quote! { crate::Retry::Never },
    };
    let fields = objects::fields(&action.response, true);
    let debug = objects::debug_fields(&action.response);
    let record = super::record();
    quote! {
        #type_docs
        #record
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct #ident {
            #coded
            #fields
            /// What the answer cost this call.
            pub charge: crate::Charge,
            /// How many requests this call made for it.
            pub attempts: u32,
            /// How many of the requests before the last one may have been charged too. It is 0
            /// unless the call was told to repeat such requests.
            pub uncertain_attempts: u32,
            /// Whether this call asked the service, or somebody had asked already.
            pub origin: crate::Origin,
        }

        impl crate::protocol::Answer for #ident {
            fn cost(&self) -> crate::protocol::Cost {
                crate::protocol::Cost {
                    charge: self.charge,
                    attempts: self.attempts,
                    uncertain_attempts: self.uncertain_attempts,
                    origin: self.origin,
                }
            }

            fn retry(&self) -> crate::Retry {
                #retry
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn report(&mut self, cost: crate::protocol::Cost) {
                self.charge = cost.charge;
                self.attempts = cost.attempts;
                self.uncertain_attempts = cost.uncertain_attempts;
                self.origin = cost.origin;
                #risky
            }
        }

        crate::redact::display_as_debug!(#ident);

        impl ::std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#name)
                    #debug_coded
                    #debug
                    .field("charge", &self.charge)
                    .field("attempts", &self.attempts)
                    .field("uncertain_attempts", &self.uncertain_attempts)
                    .field("origin", &self.origin)
                    .finish()
            }
        }
    }
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
    let members = objects::decoded_members(&action.response);
    let own = action.response.members.iter();
    let answer_members = own
        .filter(|member| member.wire != request_id)
        .map(objects::field_shape);
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
                    origin: crate::Origin::Service,
                })
            }
        }
    }
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

fn methods(action: &Action) -> TokenStream {
    let request = format_ident!("{}", action.request.ident);
    let answer = format_ident!("{}", action.response.ident);
    let method = format_ident!("{}", action.method);
    let with = format_ident!("{}_with", action.method);
    let blocking = format_ident!("{}_blocking", action.method);
    let blocking_with = format_ident!("{}_blocking_with", action.method);
    let first = words::action(action);
    let plain = docs([
        first.as_str(),
        "",
        "# Errors",
        "Every failure, typed, with what it cost; see [`Error`](crate::Error).",
    ]);
    let with_docs = docs([format!(
        "[`{method}`](Self::{method}) with options for this one call."
    )]);
    let blocking_docs = docs([format!(
        "[`{method}`](Self::{method}) for callers without an async runtime; an error inside one."
    )]);
    let blocking_with_docs = docs([format!(
        "[`{blocking}`](Self::{blocking}) with options for this one call."
    )]);
    let errors = docs(["", "# Errors", "The same."]);
    let foreign = foreign_methods(action);
    quote! {
        impl crate::Client {
            #plain
            pub async fn #method(&self, request: #request) -> Result<#answer, crate::Error> {
                self.#with(request, crate::CallOptions::default()).await
            }

            #with_docs
            #errors
            pub async fn #with(
                &self,
                request: #request,
                options: crate::CallOptions,
            ) -> Result<#answer, crate::Error> {
                self.call(&request, &options).await
            }

            #blocking_docs
            #errors
            pub fn #blocking(&self, request: #request) -> Result<#answer, crate::Error> {
                self.#blocking_with(request, crate::CallOptions::default())
            }

            #blocking_with_docs
            #errors
            pub fn #blocking_with(
                &self,
                request: #request,
                options: crate::CallOptions,
            ) -> Result<#answer, crate::Error> {
                self.call_blocking(&request, &options)
            }
        }

        #foreign
    }
}

/// The same methods for foreign languages: the request's members are arguments, the optional ones
/// after the options, where more can be added.
fn foreign_methods(action: &Action) -> TokenStream {
    let request = format_ident!("{}", action.request.ident);
    let answer = format_ident!("{}", action.response.ident);
    let method = &action.method;
    let blocking = format!("{method}_blocking");
    let in_pieces = format!("{method}_in_pieces");
    let (foreign, foreign_blocking, foreign_in_pieces) = (
        format_ident!("foreign_{method}"),
        format_ident!("foreign_{blocking}"),
        format_ident!("foreign_{in_pieces}"),
    );
    let (with, blocking_with) = (
        format_ident!("{method}_with"),
        format_ident!("{blocking}_with"),
    );
    let members = |required: bool| {
        action
            .request
            .members
            .iter()
            .filter(move |member| member.required == required)
    };
    let idents = |required: bool| -> Vec<_> {
        members(required)
            .map(|m| format_ident!("{}", m.ident))
            .collect()
    };
    let types = |required: bool| -> Vec<_> { members(required).map(objects::rust_type).collect() };
    let (required, required_types) = (idents(true), types(true));
    let (optional, optional_types) = (idents(false), types(false));
    let arguments = quote! {
        #(#required: #required_types,)*
        options: Option<crate::CallOptions>,
        #(#optional: #optional_types,)*
    };
    let build = quote! {
        let mut request = #request::new(#(#required),*);
        #(request.#optional = #optional;)*
    };
    let build = if optional.is_empty() {
        quote! { let request = #request::new(#(#required),*); }
    } else {
        build
    };
    let texts = members(true).filter(|member| matches!(member.ty, Type::String));
    let texts: Vec<_> = texts
        .map(|member| format_ident!("{}", member.ident))
        .collect();
    let text_names = texts.iter().map(ToString::to_string);
    let build = quote! {
        #(crate::foreign::text(#text_names, &#texts)?;)*
        #build
    };
    let mut lines = vec![words::action(action), String::new()];
    lines.extend(
        action
            .request
            .members
            .iter()
            .map(|member| format!("- `{}`: {}", member.ident, words::member(member))),
    );
    lines.push(
        "- `options`: a deadline, the local check and a cancel handle for this one call."
            .to_owned(),
    );
    let async_docs = docs(&lines);
    lines.push(String::new());
    lines.push("It blocks the calling thread until the answer is there.".to_owned());
    let blocking_docs = docs(&lines);
    let pieces_docs = docs([format!(
        "Waits for `{method}` on the calling thread for the time of one piece. Nothing comes back when \
         that is over; the next one with the same `parked` goes on with the call. It is for callers \
         who see signals or interrupts between two pieces only."
    )]);
    quote! {
        #[cfg(feature = "uniffi")]
        #[::uniffi::export]
        impl Client {
            #async_docs
            #[doc(hidden)]
            #[uniffi::method(name = #method, default(options = None, #(#optional = None),*))]
            pub async fn #foreign(&self, #arguments) -> Result<#answer, crate::Error> {
                #build
                self.#with(request, options.unwrap_or_default()).await
            }

            #blocking_docs
            #[doc(hidden)]
            #[uniffi::method(name = #blocking, default(options = None, #(#optional = None),*))]
            pub fn #foreign_blocking(&self, #arguments) -> Result<#answer, crate::Error> {
                #build
                self.#blocking_with(request, options.unwrap_or_default())
            }

            #pieces_docs
            #[doc(hidden)]
            #[uniffi::method(name = #in_pieces, default(options = None, #(#optional = None),*))]
            pub fn #foreign_in_pieces(
                &self,
                #(#required: #required_types,)*
                parked: ::std::sync::Arc<crate::call::blocking::ParkedCall>,
                piece_ms: u32,
                options: Option<crate::CallOptions>,
                #(#optional: #optional_types,)*
            ) -> Result<Option<#answer>, crate::Error> {
                #build
                let piece = ::std::time::Duration::from_millis(piece_ms.into());
                self.call_in_pieces(request, options.unwrap_or_default(), &parked, piece)
            }
        }
    }
}
