//! How a client proves whose account it is: one value, so that there is never none and never two.

use crate::Credentials;
use crate::credentials::CredentialsProvider;
use crate::credentials::TkeOidc;
use crate::sign::RemoteSigner;
use std::sync::Arc;

/// How the requests of a client are signed.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Auth {
    /// Keys that are given. On a device, prefer a provider or a remote signer: what is inside an
    /// app can be read by its users.
    Keys {
        /// A key pair.
        credentials: Arc<Credentials>,
    },
    /// Keys that the application provides for each request, such as temporary ones from its own
    /// server.
    Provider {
        /// Provides the keys.
        provider: Arc<dyn CredentialsProvider>,
    },
    /// No keys at all: the application's own server signs. It sees the hash of a request and nothing
    /// of the person.
    RemoteSigner {
        /// Signs each request.
        signer: Arc<dyn RemoteSigner>,
    },
    /// The first of these that has keys: the environment, the profile `default` of the credentials
    /// file, the role of this virtual machine, the identity of this pod. The first two are read
    /// when the client is made, the others when it first calls. A source that is there and
    /// malformed is an error: keys of another account are never taken in its place.
    DefaultChain,
    /// The role of a virtual machine (CVM): temporary keys from its metadata service, fetched again
    /// when 300 s or less are left.
    CvmRole {
        /// Name of the role. Default: the one that the machine has.
        #[cfg_attr(feature = "uniffi", uniffi(default = None))]
        role: Option<String>,
        /// Place to ask, such as a sandbox; plain `http` reaches this machine alone. Default: the
        /// machine's metadata service.
        #[cfg_attr(feature = "uniffi", uniffi(default = None))]
        endpoint: Option<String>,
    },
    /// The identity of a pod (TKE, OIDC): temporary keys from the security token service, in
    /// exchange for the pod's token, fetched again when 300 s or less are left.
    TkeOidc {
        /// What to use in place of the pod's environment.
        settings: TkeOidc,
    },
}

impl Auth {
    /// Keys that the application provides for each request.
    #[must_use]
    pub fn provider(provider: impl CredentialsProvider + 'static) -> Self {
        Self::Provider {
            provider: Arc::new(provider),
        }
    }

    /// No keys: the application's own server signs.
    #[must_use]
    pub fn remote_signer(signer: impl RemoteSigner + 'static) -> Self {
        Self::RemoteSigner {
            signer: Arc::new(signer),
        }
    }

    /// The role of this virtual machine, the one that it has unless one is named.
    #[must_use]
    pub fn cvm_role(role: Option<&str>) -> Self {
        Self::CvmRole {
            role: role.map(str::to_owned),
            endpoint: None,
        }
    }

    /// The identity of this pod.
    #[must_use]
    pub const fn tke_oidc(settings: TkeOidc) -> Self {
        Self::TkeOidc { settings }
    }
}

impl From<Credentials> for Auth {
    fn from(credentials: Credentials) -> Self {
        Arc::new(credentials).into()
    }
}

impl From<Arc<Credentials>> for Auth {
    fn from(credentials: Arc<Credentials>) -> Self {
        Self::Keys { credentials }
    }
}
