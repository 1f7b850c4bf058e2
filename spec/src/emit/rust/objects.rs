//! Objects of a request or an answer: the type, its redacted `Debug`, encoding and decoding.

use super::docs;
use crate::emit::doc_text;
use crate::ir::{Direction, Member, Object};
use crate::model::Type;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// A type of a member in Rust.
pub(super) fn rust_type(member: &Member) -> TokenStream {
    let ty = held_type(member);
    if member.required {
        ty
    } else {
        quote! { Option<#ty> }
    }
}

/// A type of a member that is there.
fn held_type(member: &Member) -> TokenStream {
    let ty = bare_type(&member.ty);
    if member.boxed {
        quote! { Box<#ty> }
    } else {
        ty
    }
}

fn bare_type(ty: &Type) -> TokenStream {
    match ty {
        Type::String | Type::Binary | Type::Date | Type::Datetime | Type::DatetimeIso => {
            quote! { String }
        }
        Type::Int64 => quote! { i64 },
        Type::Uint64 => quote! { u64 },
        Type::Float => quote! { f64 },
        Type::Bool => quote! { bool },
        Type::Object(name) => {
            let name = format_ident!("{name}");
            quote! { #name }
        }
        Type::List(inner) => {
            let inner = bare_type(inner);
            quote! { Vec<#inner> }
        }
    }
}

/// Documentation of a member, with the values known today.
pub(super) fn member_docs(member: &Member) -> TokenStream {
    let mut lines = vec![doc_text::member(member)];
    if !member.values.is_empty() {
        let values: Vec<_> = member
            .values
            .iter()
            .map(|value| format!("`{value}`"))
            .collect();
        lines.push(String::new());
        lines.push(format!("Known values: {}.", values.join(", ")));
    }
    docs(lines)
}

/// Fields of a struct.
pub(super) fn fields(object: &Object, exported: bool) -> TokenStream {
    let fields = object.members.iter().map(|member| {
        let docs = member_docs(member);
        let ident = format_ident!("{}", member.ident);
        let ty = rust_type(member);
        let default = (!member.required && exported)
            .then(|| quote! { #[cfg_attr(feature = "uniffi", uniffi(default = None))] });
        quote! { #docs #default pub #ident: #ty, }
    });
    quote! { #(#fields)* }
}

/// `debug_struct` calls; a sensitive member shows only that it is there.
pub(super) fn debug_fields(object: &Object) -> TokenStream {
    let fields = object.members.iter().map(|member| {
        let ident = format_ident!("{}", member.ident);
        let name = &member.ident;
        if member.sensitive {
            quote! { .field(#name, &crate::redact::REDACTED) }
        } else {
            quote! { .field(#name, &self.#ident) }
        }
    });
    quote! { #(#fields)* }
}

/// A constructor with the required members.
pub(super) fn constructor(object: &Object) -> TokenStream {
    let required: Vec<_> = object
        .members
        .iter()
        .filter(|member| member.required)
        .collect();
    let arguments = required.iter().map(|member| {
        let ident = format_ident!("{}", member.ident);
        let ty = bare_type(&member.ty);
        if member.ty.is_text() {
            quote! { #ident: impl Into<String> }
        } else {
            quote! { #ident: #ty }
        }
    });
    let values = object.members.iter().map(|member| {
        let ident = format_ident!("{}", member.ident);
        match (member.required, &member.ty) {
            (false, _) => quote! { #ident: None },
            (true, ty) if ty.is_text() => quote! { #ident: #ident.into() },
            (true, _) => quote! { #ident },
        }
    });
    quote! {
        /// Makes one of the required members; the others are left out.
        #[must_use]
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#values),* }
        }
    }
}

/// A nested type, or the request itself, which foreign languages see as arguments of a method.
pub(super) fn emit(object: &Object, exported: bool) -> TokenStream {
    let ident = format_ident!("{}", object.ident);
    let name = &object.ident;
    let type_docs = docs([doc_text::object(object)]);
    let fields = fields(object, exported);
    let record = exported.then(super::record);
    let display = exported.then(|| quote! { crate::redact::display_as_debug!(#ident); });
    let debug = debug_fields(object);
    let constructor = constructor(object);
    let encode = object
        .directions
        .contains(&Direction::Request)
        .then(|| encode(object));
    let decode = object
        .directions
        .contains(&Direction::Response)
        .then(|| decode(object));
    quote! {
        #type_docs
        #record
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct #ident { #fields }

        #display

        impl #ident { #constructor }

        impl ::std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#name) #debug .finish()
            }
        }

        #encode
        #decode
    }
}

fn encode(object: &Object) -> TokenStream {
    let ident = format_ident!("{}", object.ident);
    let members = object.members.iter().map(|member| {
        let field = format_ident!("{}", member.ident);
        let wire = &member.wire;
        if member.required {
            quote! { object.member(#wire, &self.#field); }
        } else {
            quote! { object.optional(#wire, self.#field.as_ref()); }
        }
    });
    let body = if object.members.is_empty() {
        quote! { out.object().end(); }
    } else {
        quote! {
            let mut object = out.object();
            #(#members)*
            object.end();
        }
    };
    quote! {
        impl crate::protocol::Encode for #ident {
            fn encode(&self, out: &mut crate::protocol::Writer) {
                #body
            }
        }
    }
}

/// Values of the members, read from `object`.
pub(super) fn decoded_members(object: &Object) -> impl Iterator<Item = TokenStream> {
    object.members.iter().map(|member| {
        let field = format_ident!("{}", member.ident);
        let wire = &member.wire;
        if member.required {
            quote! { #field: object.member(#wire)? }
        } else {
            quote! { #field: object.optional(#wire)? }
        }
    })
}

/// What of a member is kept while an answer is parsed.
pub(super) fn field_shape(member: &Member) -> TokenStream {
    let wire = &member.wire;
    let ty = held_type(member);
    quote! { (#wire, <#ty as crate::protocol::Decode>::shape) }
}

fn decode(object: &Object) -> TokenStream {
    let ident = format_ident!("{}", object.ident);
    let members = decoded_members(object);
    let shapes = object.members.iter().map(field_shape);
    quote! {
        impl crate::protocol::Decode for #ident {
            fn shape() -> crate::protocol::Shape {
                crate::protocol::Shape::Object(&[#(#shapes),*])
            }

            fn decode(value: crate::protocol::Value<'_>) -> Result<Self, crate::protocol::Malformed> {
                let object = value.object()?;
                Ok(Self { #(#members),* })
            }
        }
    }
}
