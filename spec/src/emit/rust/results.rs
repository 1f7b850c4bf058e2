//! Result codes of an action.

use super::{charge, charge_in_words, display_as_str, docs, foreign_meaning, retry, verdict};
use crate::ir::{ResultCode, ResultCodes};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(super) fn emit(codes: &ResultCodes) -> TokenStream {
    let ident = format_ident!("{}", codes.ident);
    let type_docs = docs([&codes.docs]);
    let variants: Vec<_> = codes
        .codes
        .iter()
        .map(|code| format_ident!("{}", code.variant))
        .collect();
    let wires: Vec<_> = codes.codes.iter().map(|code| &code.wire).collect();
    let variant_docs = codes.codes.iter().map(|code| docs([words(code)]));
    let facts = facts(codes, &variants);
    let display = display_as_str(&ident);
    let foreign = foreign_meaning(&ident);
    quote! {
        #type_docs
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(::uniffi::Enum))]
        #[non_exhaustive]
        pub enum #ident {
            #(#variant_docs #variants,)*
            /// A code that is not in the spec; the answer keeps it verbatim. Whether it is charged is
            /// unknown.
            Unknown,
        }

        impl #ident {
            /// Every code of the spec.
            pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

            /// Reads a code as the service sends it.
            #[must_use]
            pub fn from_wire(code: &str) -> Self {
                match code {
                    #(#wires => Self::#variants,)*
                    _ => Self::Unknown,
                }
            }

            /// The code as the service sends it; `Unknown` for one that is not in the spec.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self {
                    #(Self::#variants => #wires,)*
                    Self::Unknown => "Unknown",
                }
            }

            #facts
        }

        #display
        #foreign
    }
}

/// What the spec says of each code.
fn facts(codes: &ResultCodes, variants: &[Ident]) -> TokenStream {
    let verdicts = codes.codes.iter().map(|code| verdict(code.verdict));
    let charges = codes.codes.iter().map(|code| charge(code.charge));
    let retries = codes.codes.iter().map(|code| retry(code.retry));
    let meanings = codes.codes.iter().map(|code| &code.meaning);
    quote! {
        /// Coarse, stable reading of the code.
        #[must_use]
        pub const fn verdict(&self) -> crate::Verdict {
            match self {
                #(Self::#variants => #verdicts,)*
                Self::Unknown => crate::Verdict::Inconclusive,
            }
        }

        /// What the spec says of the code. What one answer cost, and whether its call may be made
        /// again, is in the answer: it may have been shared, or remembered.
        #[must_use]
        pub const fn facts(&self) -> crate::ResultFacts {
            let (charge, retry) = match self {
                #(Self::#variants => (#charges, #retries),)*
                Self::Unknown => (crate::Charge::Unknown, crate::Retry::Never),
            };
            crate::ResultFacts { charge, retry }
        }

        /// What the code means.
        #[must_use]
        pub const fn meaning(&self) -> &'static str {
            match self {
                #(Self::#variants => #meanings,)*
                Self::Unknown => "A result code that this version does not know.",
            }
        }
    }
}

fn words(code: &ResultCode) -> String {
    let mut words = format!(
        "`{}`: {} {}",
        code.wire,
        code.meaning,
        charge_in_words(code.charge)
    );
    if let Some(year) = &code.since {
        words.push_str(&format!(" Sent since {year}."));
    }
    words
}
