//! The answer of an action as a type, with what it cost.

use super::{docs, objects};
use crate::emit::doc_text;
use crate::ir::Action;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn emit(action: &Action) -> TokenStream {
    let ident = format_ident!("{}", action.response.ident);
    let type_docs = docs([doc_text::object(&action.response)]);
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
    let fields = objects::fields(&action.response, true);
    let (protocol, debug) = (protocol(action), debug(action));
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
            pub origin: crate::AnswerOrigin,
        }

        #protocol

        crate::redact::display_as_debug!(#ident);

        #debug
    }
}

/// What the client asks every answer: its cost, and when its call may be repeated.
fn protocol(action: &Action) -> TokenStream {
    let ident = format_ident!("{}", action.response.ident);
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
    let code = action.result_codes.as_ref().and_then(|codes| {
        let mut members = action.response.members.iter();
        let member = members.find(|member| member.wire == codes.member)?;
        let field = format_ident!("{}", member.ident);
        Some(quote! {
            fn result_code(&self) -> Option<&str> {
                Some(&self.#field)
            }
        })
    });
    quote! {
        impl crate::protocol::Answer for #ident {
            fn cost(&self) -> crate::outcome::Cost {
                crate::outcome::Cost {
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

            #code

            fn report(&mut self, cost: crate::outcome::Cost) {
                self.charge = cost.charge;
                self.attempts = cost.attempts;
                self.uncertain_attempts = cost.uncertain_attempts;
                self.origin = cost.origin;
                #risky
            }
        }
    }
}

fn debug(action: &Action) -> TokenStream {
    let ident = format_ident!("{}", action.response.ident);
    let name = &action.response.ident;
    let debug = objects::debug_fields(&action.response);
    let debug_coded = action.result_codes.as_ref().map(|_| {
        quote! {
            .field("verdict", &self.verdict)
            .field("result", &self.result)
            .field("retry", &self.retry)
        }
    });
    quote! {
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
