//! Sites and constants of the service.

use super::{display_as_str, docs};
use crate::ir::Ir;
use heck::ToKebabCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn emit(ir: &Ir) -> TokenStream {
    let sites = sites(ir);
    let constants = constants(ir);
    quote! { #constants #sites }
}

fn constants(ir: &Ir) -> TokenStream {
    let service = &ir.service;
    let algorithm = &ir.signature.algorithm;
    let terminator = &ir.signature.terminator;
    let content_type = &ir.signature.content_type;
    let skew = u64::from(ir.signature.max_clock_skew_seconds);
    let signed = &ir.signature.signed_headers;
    let (envelope, error, code) = (&ir.answer.envelope, &ir.answer.error, &ir.answer.error_code);
    let (id, id_header) = (&ir.answer.request_id, &ir.answer.request_id_header);
    let mut encryptable: Vec<&str> = Vec::new();
    for member in ir.actions.iter().flat_map(|action| &action.request.members) {
        if member.encryptable && !encryptable.contains(&member.wire.as_str()) {
            encryptable.push(&member.wire);
        }
    }
    let algorithms = ir.encryption_keys.iter().map(|key| &key.algorithm);
    let public_keys = ir.encryption_keys.iter().map(|key| &key.public_key);
    quote! {
        #[cfg(feature = "uniffi")]
        use crate::Client;

        /// Name of the service in the credential scope, whatever the host.
        pub const SERVICE: &str = #service;
        /// Name of the signature algorithm.
        pub const SIGNATURE_ALGORITHM: &str = #algorithm;
        /// Last part of the credential scope.
        pub const SCOPE_TERMINATOR: &str = #terminator;
        /// Content type of every request, sent exactly as signed.
        pub const CONTENT_TYPE: &str = #content_type;
        /// Headers that are signed, in the order of the canonical request.
        pub const SIGNED_HEADERS: &[&str] = &[#(#signed),*];
        /// Largest difference between a timestamp and the service's clock, in seconds.
        pub const MAX_CLOCK_SKEW_SECONDS: u64 = #skew;
        /// Wire names of the fields that an action takes encrypted.
        pub const ENCRYPTABLE_FIELDS: &[&str] = &[#(#encryptable),*];
        /// Algorithms of encrypted fields, each with the service's public key as DER in base64.
        pub const ENCRYPTION_KEYS: &[(&str, &str)] = &[#((#algorithms, #public_keys)),*];
        pub(crate) const ANSWER_ENVELOPE: &str = #envelope;
        pub(crate) const ANSWER_ERROR: &str = #error;
        pub(crate) const ANSWER_ERROR_CODE: &str = #code;
        pub(crate) const ANSWER_REQUEST_ID: &str = #id;
        pub(crate) const REQUEST_ID_HEADER: &str = #id_header;
    }
}

fn sites(ir: &Ir) -> TokenStream {
    let idents: Vec<_> = ir
        .sites
        .iter()
        .map(|site| format_ident!("{}", site.ident))
        .collect();
    let docs = ir.sites.iter().map(|site| docs([&site.docs]));
    let hosts = ir.sites.iter().map(|site| &site.host);
    let names: Vec<_> = ir
        .sites
        .iter()
        .map(|site| site.ident.to_kebab_case())
        .collect();
    let display = display_as_str(&format_ident!("Site"));
    quote! {
        /// Where the service is called. Accounts, keys and the place of the data differ from
        /// site to site, so it is always chosen and never a fallback.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(::uniffi::Enum))]
        #[non_exhaustive]
        pub enum Site { #(#docs #idents),* }

        impl Site {
            /// Every site.
            pub const ALL: &'static [Self] = &[#(Self::#idents),*];

            /// Host of the site.
            #[must_use]
            pub const fn host(self) -> &'static str {
                match self { #(Self::#idents => #hosts),* }
            }

            /// Name of the site, in kebab-case.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self { #(Self::#idents => #names),* }
            }
        }

        #display
    }
}
