//! Error kinds and codes.

use super::{charge, charge_in_words, display_as_str, docs, retry};
use crate::ir::{ErrorCode, Ir};
use heck::ToKebabCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn emit(ir: &Ir) -> TokenStream {
    let kinds = kinds(ir);
    let codes = codes(ir);
    let table = table(ir);
    quote! { #kinds #codes #table }
}

fn kinds(ir: &Ir) -> TokenStream {
    let idents: Vec<_> = ir
        .error_kinds
        .iter()
        .map(|kind| format_ident!("{}", kind.ident))
        .collect();
    let docs = ir.error_kinds.iter().map(|kind| docs([&kind.docs]));
    let names = ir.error_kinds.iter().map(|kind| kind.ident.to_kebab_case());
    let display = display_as_str(&format_ident!("ErrorKind"));
    quote! {
        /// Coarse, stable kind of an error the service answered with. Decide by the kind, and by
        /// the code where the kind is not enough.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(::uniffi::Enum))]
        #[non_exhaustive]
        pub enum ErrorKind { #(#docs #idents),* }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[#(Self::#idents),*];

            /// Name of the kind, in kebab-case.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self { #(Self::#idents => #names),* }
            }
        }

        #display
    }
}

fn codes(ir: &Ir) -> TokenStream {
    let known: Vec<(proc_macro2::Ident, &ErrorCode)> = ir
        .error_codes
        .iter()
        .filter_map(|code| {
            code.variant
                .as_ref()
                .map(|variant| (format_ident!("{variant}"), code))
        })
        .collect();
    let idents: Vec<_> = known.iter().map(|(ident, _)| ident).collect();
    let wires: Vec<_> = known.iter().map(|(_, code)| &code.wire).collect();
    let docs = known.iter().map(|(_, code)| {
        docs([format!(
            "`{}`: {} {}",
            code.wire,
            code.meaning,
            charge_in_words(code.charge)
        )])
    });
    let display = display_as_str(&format_ident!("ErrorCode"));
    quote! {
        /// Code of an error the service answered with. The set is open: a code that is not in
        /// the spec is `Unknown`; the error keeps it verbatim beside this, and takes its kind and
        /// charge from the longest known prefix.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(::uniffi::Enum))]
        #[non_exhaustive]
        pub enum ErrorCode {
            #(#docs #idents,)*
            /// A code that is not in the spec.
            Unknown,
        }

        impl ErrorCode {
            /// Every code of the spec.
            pub const KNOWN: &'static [Self] = &[#(Self::#idents),*];

            /// Reads a code as the service sends it.
            #[must_use]
            pub fn from_wire(code: &str) -> Self {
                match code {
                    #(#wires => Self::#idents,)*
                    _ => Self::Unknown,
                }
            }

            /// The code as the service sends it; `Unknown` for one that is not in the spec.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self {
                    #(Self::#idents => #wires,)*
                    Self::Unknown => "Unknown",
                }
            }
        }

        #display
    }
}

fn table(ir: &Ir) -> TokenStream {
    let rows = ir.error_codes.iter().map(|code| {
        let wire = &code.wire;
        let kind = format_ident!("{}", code.kind);
        let (charge, retry) = (charge(code.charge), retry(code.retry));
        let meaning = &code.meaning;
        quote! {
            crate::error::ErrorFacts {
                code: #wire,
                kind: ErrorKind::#kind,
                charge: #charge,
                retry: #retry,
                meaning: #meaning,
            }
        }
    });
    quote! {
        /// Facts of every code and family, sorted by code.
        pub(crate) static ERROR_FACTS: &[crate::error::ErrorFacts] = &[#(#rows),*];
    }
}
