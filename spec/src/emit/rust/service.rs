//! Sites, languages and constants of the service.

use super::{display_as_str, docs};
use crate::ir::Ir;
use heck::ToKebabCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn emit(ir: &Ir) -> TokenStream {
    let (sites, languages) = (sites(ir), languages(ir));
    let constants = constants(ir);
    quote! { #constants #sites #languages }
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
    let sites = ir.sites.iter();
    let sites: Vec<_> = sites.map(|site| (&site.ident, &site.docs)).collect();
    let plain = plain("Site", &sites, "site");
    let idents = ir.sites.iter().map(|site| format_ident!("{}", site.ident));
    let hosts = ir.sites.iter().map(|site| &site.host);
    quote! {
        /// Where the service is called. Accounts, keys and the place of the data differ from
        /// site to site, so it is always chosen and never a fallback.
        #plain

        impl Site {
            /// Host of the site.
            #[must_use]
            pub const fn host(self) -> &'static str {
                match self { #(Self::#idents => #hosts),* }
            }
        }
    }
}

fn languages(ir: &Ir) -> TokenStream {
    let languages = ir.languages.iter();
    let languages: Vec<_> = languages
        .map(|language| (&language.ident, &language.docs))
        .collect();
    let plain = plain("Language", &languages, "language");
    let idents = ir
        .languages
        .iter()
        .map(|language| format_ident!("{}", language.ident));
    let wires = ir.languages.iter().map(|language| &language.wire);
    quote! {
        /// Language of the texts in an answer.
        #plain

        impl Language {
            /// Value of the header `X-TC-Language`.
            pub(crate) const fn as_header(self) -> &'static str {
                match self { #(Self::#idents => #wires),* }
            }
        }
    }
}

/// An enumeration of names, each with its documentation.
fn plain(name: &str, variants: &[(&String, &String)], what: &str) -> TokenStream {
    let ident = format_ident!("{name}");
    let idents: Vec<_> = variants
        .iter()
        .map(|(variant, _)| format_ident!("{variant}"))
        .collect();
    let variant_docs = variants.iter().map(|(_, words)| docs([words]));
    let names: Vec<_> = variants
        .iter()
        .map(|(variant, _)| variant.to_kebab_case())
        .collect();
    let every = format!("Every {what}.");
    let named = format!("Name of the {what}, in kebab-case.");
    let read = format!("Reads a name, in kebab-case; there is no other {what}.");
    let display = display_as_str(&ident);
    quote! {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(::uniffi::Enum))]
        #[non_exhaustive]
        pub enum #ident { #(#variant_docs #idents),* }

        impl #ident {
            #[doc = #every]
            pub const ALL: &'static [Self] = &[#(Self::#idents),*];

            #[doc = #named]
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self { #(Self::#idents => #names),* }
            }

            #[doc = #read]
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }

        #display
    }
}
