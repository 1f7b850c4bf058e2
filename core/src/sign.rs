//! The signature, TC3-HMAC-SHA256, in the stages that the service documents: canonical request,
//! string to sign, signature, `Authorization` header. Each stage is a function of its own, so
//! that a signature that is refused can be compared stage by stage.
//!
//! ```
//! use idcard_verification::sign::{self, Scope, SigningKey};
//!
//! let scope = Scope::new(1_551_113_065, "faceid");
//! let canonical = sign::canonical_request(
//!     &[("content-type", "application/json"), ("host", "faceid.intl.tencentcloudapi.com")],
//!     &sign::sha256_hex(b"{}"),
//! );
//! let to_sign = sign::string_to_sign(1_551_113_065, &scope, &sign::sha256_hex(canonical.as_bytes()));
//! let signature = SigningKey::derive("an invented key", &scope).sign(&to_sign);
//! let header = sign::authorization("AKIDinvented", &scope, "content-type;host", &signature);
//! assert!(header.starts_with("TC3-HMAC-SHA256 Credential=AKIDinvented/2019-02-25/faceid/tc3_request, "));
//! ```

mod key;
mod remote;
mod signer;
mod stages;

pub use key::SigningKey;
pub use remote::{RemoteSignature, RemoteSigner, SignerError, SigningRequest, sign_digest};
pub(crate) use signer::{Signer, SigningInput};
pub(crate) use stages::hex;
pub use stages::{
    Scope, authorization, canonical_request, sha256_hex, signed_headers, string_to_sign,
};
