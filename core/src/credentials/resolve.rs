//! Finds the keys of a client when it is made: in the source that `Auth` names, or along the default chain.

use crate::credentials::CredentialsProvider;
use crate::time::time_source::TimeSource;
use crate::transport::HttpSettings;
use crate::{Credentials, Error, Site, TkeOidc};
use std::sync::Arc;

/// Where the library finds keys by itself.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "reqwest"),
    expect(dead_code, reason = "without HTTP only keys can be found")
)]
pub(crate) enum Source {
    DefaultChain,
    CvmRole {
        role: Option<String>,
        endpoint: Option<String>,
    },
    TkeOidc(TkeOidc),
}

/// What a source comes to when a client is made.
pub(crate) enum ResolvedCredentials {
    Keys(Credentials),
    #[cfg_attr(
        not(feature = "reqwest"),
        allow(dead_code, reason = "without HTTP only keys can be found")
    )]
    Provider(Arc<dyn CredentialsProvider>),
}

/// Looks for keys, as far as that can be done without asking anyone.
pub(crate) fn resolve(
    source: &Source,
    site: Site,
    http: &HttpSettings,
    time_source: &Arc<dyn TimeSource>,
) -> Result<ResolvedCredentials, Error> {
    let local = match source {
        Source::DefaultChain => match Credentials::from_env_or_profile_if_any()? {
            Ok(keys) => return Ok(ResolvedCredentials::Keys(keys)),
            Err(absent) => Some(absent),
        },
        _ => None,
    };
    remote(source, site, http, time_source, local)
}

#[cfg(feature = "reqwest")]
fn remote(
    source: &Source,
    site: Site,
    http: &HttpSettings,
    time_source: &Arc<dyn TimeSource>,
    local: Option<String>,
) -> Result<ResolvedCredentials, Error> {
    use super::chain::Chain;
    use super::cvm_role::CvmRole;
    use super::refreshing::Refreshing;
    use super::tke_oidc::TkeOidcRole;

    let cvm = |role: Option<&str>, endpoint: Option<&str>| {
        CvmRole::new(role, endpoint, http)
            .map(|role| Refreshing::new(role, Arc::clone(time_source)))
    };
    let tke = |settings: &TkeOidc| {
        TkeOidcRole::new(settings, site, http)
            .map(|role| Refreshing::new(role, Arc::clone(time_source)))
    };
    Ok(ResolvedCredentials::Provider(match source {
        Source::CvmRole { role, endpoint } => Arc::new(cvm(role.as_deref(), endpoint.as_deref())?),
        Source::TkeOidc(settings) => Arc::new(tke(settings)?),
        Source::DefaultChain => Arc::new(Chain::new(
            local.unwrap_or_default(),
            cvm(None, None)?,
            tke(&TkeOidc::default()),
        )),
    }))
}

#[cfg(not(feature = "reqwest"))]
fn remote(
    _: &Source,
    _: Site,
    _: &HttpSettings,
    _: &Arc<dyn TimeSource>,
    local: Option<String>,
) -> Result<ResolvedCredentials, Error> {
    let detail = "this build has no HTTP stack of its own to ask for keys";
    Err(Error::Credentials {
        detail: local.map_or_else(|| detail.to_owned(), |local| format!("{local}; {detail}")),
    })
}
