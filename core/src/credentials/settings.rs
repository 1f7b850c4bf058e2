//! Settings of the pod's identity (TKE OIDC).

use crate::setters::setters;

/// What the exchange of a pod's token needs; what is left out is taken from the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "uniffi", uniffi::export(Debug, Display))]
#[non_exhaustive]
pub struct TkeOidc {
    /// Region. Default: `TKE_REGION`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub region: Option<String>,
    /// Identity provider. Default: `TKE_PROVIDER_ID`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub provider_id: Option<String>,
    /// File with the pod's token, read each time. Default: `TKE_WEB_IDENTITY_TOKEN_FILE`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub token_file: Option<String>,
    /// Role to take on. Default: `TKE_ROLE_ARN`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub role_arn: Option<String>,
    /// Place to ask. Default: the security token service of the client's site.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub endpoint: Option<String>,
}

impl TkeOidc {
    setters! {
        with_region(region: some String),
        with_provider_id(provider_id: some String),
        with_token_file(token_file: some String),
        with_role_arn(role_arn: some String),
        with_endpoint(endpoint: some String),
    }
}

crate::redact::display_as_debug!(TkeOidc);
