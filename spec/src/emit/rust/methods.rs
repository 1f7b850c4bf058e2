//! The methods of the client that call an action.

use super::{docs, objects};
use crate::emit::doc_text;
use crate::ir::Action;
use crate::model::Type;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(super) fn emit(action: &Action) -> TokenStream {
    let request = format_ident!("{}", action.request.ident);
    let answer = format_ident!("{}", action.response.ident);
    let method = format_ident!("{}", action.method);
    let with = format_ident!("{}_with", action.method);
    let blocking = format_ident!("{}_blocking", action.method);
    let blocking_with = format_ident!("{}_blocking_with", action.method);
    let first = doc_text::action(action);
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
    let errors = docs([
        String::new(),
        "# Errors".to_owned(),
        format!("As for [`{method}`](Self::{method})."),
    ]);
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
    let (required, required_types) = arguments(action, true);
    let (optional, optional_types) = arguments(action, false);
    let arguments = quote! {
        #(#required: #required_types,)*
        options: Option<crate::CallOptions>,
        #(#optional: #optional_types,)*
    };
    let build = build(action);
    let [async_docs, blocking_docs, pieces_docs] = foreign_docs(action);
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

/// Names and types of the members that are required, or that are not.
fn arguments(action: &Action, required: bool) -> (Vec<Ident>, Vec<TokenStream>) {
    let members = action.request.members.iter();
    members
        .filter(|member| member.required == required)
        .map(|member| {
            (
                format_ident!("{}", member.ident),
                objects::rust_type(member),
            )
        })
        .unzip()
}

/// Makes the request of the arguments. A text that arrived damaged is refused.
fn build(action: &Action) -> TokenStream {
    let request = format_ident!("{}", action.request.ident);
    let (required, _) = arguments(action, true);
    let (optional, _) = arguments(action, false);
    let members = action.request.members.iter();
    let texts: Vec<_> = members
        .filter(|member| member.required && matches!(member.ty, Type::String))
        .map(|member| format_ident!("{}", member.ident))
        .collect();
    let text_names = texts.iter().map(ToString::to_string);
    let binding = if optional.is_empty() {
        quote! { let request }
    } else {
        quote! { let mut request }
    };
    quote! {
        #(crate::foreign::text(#text_names, &#texts)?;)*
        #binding = #request::new(#(#required),*);
        #(request.#optional = #optional;)*
    }
}

/// Documentation of the awaited, the blocking and the piecewise method.
fn foreign_docs(action: &Action) -> [TokenStream; 3] {
    let method = &action.method;
    let members = action.request.members.iter();
    let members =
        members.map(|member| format!("- `{}`: {}", member.ident, doc_text::member(member)));
    let mut lines = vec![doc_text::action(action), String::new()];
    lines.extend(members);
    lines.push(
        "- `options`: a deadline, the local check and a cancel handle for this one call."
            .to_owned(),
    );
    let awaited = docs(&lines);
    lines.push(String::new());
    lines.push("It blocks the calling thread until the answer is there.".to_owned());
    let pieces = format!(
        "Waits for `{method}` on the calling thread for the time of one piece. Nothing comes back when \
         that is over; the next one with the same `parked` goes on with the call. It is for callers \
         who see signals or interrupts between two pieces only."
    );
    [awaited, docs(&lines), docs([pieces])]
}
