//! Where a client finds its keys by itself, as a setting that every language can write.

use crate::credentials::CredentialsProvider;
use crate::timeline::Timeline;
use crate::transport::HttpSettings;
use crate::{Credentials, Error, Site};
use std::sync::Arc;

/// Where keys are found, in place of keys that are given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum CredentialsSource {
    /// The first of these that has any: the environment, the profile `default` of the credentials
    /// file, the role of this virtual machine, the identity of this pod. The first two are read
    /// when the client is made, the others when it first calls. A source that is there and
    /// malformed is an error: keys of another account are never taken in its place.
    Discover,
    /// The role of a virtual machine (CVM): temporary keys from its metadata service, fetched again
    /// when 300 s or less are left.
    CvmRole {
        /// Name of the role; the one that the machine has when it is left out.
        #[cfg_attr(feature = "uniffi", uniffi(default = None))]
        role: Option<String>,
        /// Another place to ask, such as a sandbox; plain `http` reaches this machine alone.
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

/// What the exchange of a pod's token needs; what is left out is taken from the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct TkeOidc {
    /// Region, by itself `TKE_REGION`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub region: Option<String>,
    /// Identity provider, by itself `TKE_PROVIDER_ID`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub provider_id: Option<String>,
    /// File with the pod's token, by itself `TKE_WEB_IDENTITY_TOKEN_FILE`. It is read each time.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub token_file: Option<String>,
    /// Role to take on, by itself `TKE_ROLE_ARN`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub role_arn: Option<String>,
    /// Another place to ask than the security token service of the client's site.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub endpoint: Option<String>,
}

crate::redact::display_as_debug!(TkeOidc);

/// What a source comes to when a client is made.
pub(crate) enum Found {
    Keys(Credentials),
    #[cfg_attr(
        not(feature = "reqwest"),
        allow(dead_code, reason = "without HTTP only keys can be found")
    )]
    Provider(Arc<dyn CredentialsProvider>),
}

/// Looks for keys, as far as that can be done without asking anyone.
pub(crate) fn find(
    source: &CredentialsSource,
    site: Site,
    http: &HttpSettings,
    timeline: &Arc<dyn Timeline>,
) -> Result<Found, Error> {
    let local = match source {
        CredentialsSource::Discover => match Credentials::discover_if_any()? {
            Ok(keys) => return Ok(Found::Keys(keys)),
            Err(absent) => Some(absent),
        },
        _ => None,
    };
    remote(source, site, http, timeline, local)
}

#[cfg(feature = "reqwest")]
fn remote(
    source: &CredentialsSource,
    site: Site,
    http: &HttpSettings,
    timeline: &Arc<dyn Timeline>,
    local: Option<String>,
) -> Result<Found, Error> {
    use super::chain::Chain;
    use super::cvm_role::CvmRole;
    use super::refreshing::Refreshing;
    use super::tke_oidc::TkeOidcRole;

    let cvm = |role: Option<&str>, endpoint: Option<&str>| {
        CvmRole::new(role, endpoint, http).map(|role| Refreshing::new(role, Arc::clone(timeline)))
    };
    let tke = |settings: &TkeOidc| {
        TkeOidcRole::new(settings, site, http)
            .map(|role| Refreshing::new(role, Arc::clone(timeline)))
    };
    Ok(Found::Provider(match source {
        CredentialsSource::CvmRole { role, endpoint } => {
            Arc::new(cvm(role.as_deref(), endpoint.as_deref())?)
        }
        CredentialsSource::TkeOidc { settings } => Arc::new(tke(settings)?),
        CredentialsSource::Discover => Arc::new(Chain::new(
            local.unwrap_or_default(),
            cvm(None, None)?,
            tke(&TkeOidc::default()),
        )),
    }))
}

#[cfg(not(feature = "reqwest"))]
fn remote(
    _: &CredentialsSource,
    _: Site,
    _: &HttpSettings,
    _: &Arc<dyn Timeline>,
    local: Option<String>,
) -> Result<Found, Error> {
    let detail = "this build has no HTTP stack of its own to ask for keys";
    Err(Error::Credentials {
        detail: local.map_or_else(|| detail.to_owned(), |local| format!("{local}; {detail}")),
    })
}
