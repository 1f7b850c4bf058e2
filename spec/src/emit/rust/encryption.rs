//! Encrypted members: how a request tells which they are, and how they become encrypted.

use crate::ir::{Action, Member, Object};
use crate::model::Encryption;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// What an action's encryption is made of.
struct Parts<'a> {
    roles: &'a Encryption,
    member: &'a Member,
    object: &'a Object,
}

fn parts(action: &Action) -> Option<Parts<'_>> {
    let roles = action.encryption.as_ref()?;
    let member = named(&action.request, &roles.member)?;
    let name = member.ty.object_name()?;
    let object = action.types.iter().find(|ty| ty.ident == name)?;
    Some(Parts {
        roles,
        member,
        object,
    })
}

fn named<'a>(object: &'a Object, wire: &str) -> Option<&'a Member> {
    object.members.iter().find(|member| member.wire == wire)
}

impl Parts<'_> {
    /// Field of a member of the object, by its wire name.
    fn field(&self, wire: &str) -> Option<Ident> {
        named(self.object, wire).map(|member| format_ident!("{}", member.ident))
    }
}

/// A closure that tells whether a member is encrypted, by its wire name.
pub(super) fn is_encrypted(action: &Action) -> Option<TokenStream> {
    let parts = parts(action)?;
    let field = format_ident!("{}", parts.member.ident);
    let list = parts.field(&parts.roles.fields)?;
    Some(quote! {
        let is_encrypted = |wire: &str| {
            self.#field.as_ref().is_some_and(|object| object.#list.iter().any(|name| name == wire))
        };
    })
}

/// The method that encrypts a request's members.
pub(super) fn encrypt_fields(action: &Action) -> Option<TokenStream> {
    let parts = parts(action)?;
    let member = format_ident!("{}", parts.member.ident);
    let object = format_ident!("{}", parts.object.ident);
    let (fields, key, iv) = (
        parts.field(&parts.roles.fields)?,
        parts.field(&parts.roles.key)?,
        parts.field(&parts.roles.iv)?,
    );
    let (algorithm, tags) = (
        parts.field(&parts.roles.algorithm)?,
        parts.field(&parts.roles.tags)?,
    );
    let encryptable = action.request.members.iter().filter(|m| m.encryptable);
    let encrypted = encryptable.map(|member| {
        let (field, wire) = (format_ident!("{}", member.ident), &member.wire);
        quote! { encryption.field(#wire, &mut encrypted.#field); }
    });
    Some(quote! {
        fn encrypt_fields(&self, encryptor: &crate::field_encryption::FieldEncryptor) -> Result<Option<Self>, crate::Error> {
            // With an `encryption` of its own, the caller has encrypted the fields already.
            if self.#member.is_some() {
                return Ok(None);
            }
            let mut encryption = encryptor.begin()?;
            let mut encrypted = self.clone();
            #(#encrypted)*
            let whole = encryption.end()?;
            encrypted.#member = Some(#object {
                #fields: whole.fields,
                #key: whole.key,
                #iv: whole.iv,
                #algorithm: Some(whole.algorithm),
                #tags: whole.tags,
            });
            Ok(Some(encrypted))
        }
    })
}
