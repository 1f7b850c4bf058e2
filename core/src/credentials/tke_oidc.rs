//! Keys of a pod, from the security token service in exchange for the token that the cluster wrote
//! for the pod: `AssumeRoleWithWebIdentity` of 2018-08-13, which takes no signature.

use super::fetch::{CredentialEndpoint, SecretJson, temporary};
use super::refreshing::{FetchCredentials, FetchedCredentials};
use super::{is_header_text, present, secret_file};
use crate::TkeOidc;
use crate::generated::{ANSWER_ENVELOPE, ANSWER_ERROR, ANSWER_ERROR_CODE, SERVICE};
use crate::transport::HttpSettings;
use crate::{Error, Site};
use serde_json::json;
use std::time::Duration;
use zeroize::Zeroizing;

const SERVICE_OF_TOKENS: &str = "sts";
const ACTION: &str = "AssumeRoleWithWebIdentity";
const VERSION: &str = "2018-08-13";
const SESSION: &str = "idcard-verification";
const DURATION_SECONDS: u32 = 7200;
const TIMEOUT: Duration = Duration::from_secs(5);

/// The role of this pod.
#[derive(Debug)]
pub(super) struct TkeOidcRole {
    place: CredentialEndpoint,
    region: String,
    provider_id: String,
    token_file: String,
    role_arn: String,
}

impl TkeOidcRole {
    pub(super) fn new(settings: &TkeOidc, site: Site, http: &HttpSettings) -> Result<Self, Error> {
        let setting = |given: &Option<String>, name: &str| match given {
            Some(given) => Ok(given.clone()),
            None => present(name)?.map_err(|fault| refuse(&format!("{name} {fault}"))),
        };
        let region = setting(&settings.region, "TKE_REGION")?;
        if !is_header_text(&region) {
            return Err(refuse(
                "the region has a character that a header cannot carry",
            ));
        }
        let endpoint = match &settings.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => {
                // Keys are asked of the place that the site belongs to, or of nobody.
                let own = site.host().strip_prefix(SERVICE);
                let own = own.filter(|own| own.starts_with('.'));
                let own = own.ok_or_else(|| refuse("the site has no security token service"))?;
                format!("https://{SERVICE_OF_TOKENS}{own}")
            }
        };
        Ok(Self {
            place: CredentialEndpoint::named(&endpoint, http, TIMEOUT)?,
            region,
            provider_id: setting(&settings.provider_id, "TKE_PROVIDER_ID")?,
            token_file: setting(&settings.token_file, "TKE_WEB_IDENTITY_TOKEN_FILE")?,
            role_arn: setting(&settings.role_arn, "TKE_ROLE_ARN")?,
        })
    }

    /// The pod's token, as the cluster has written it last.
    async fn token(&self) -> Result<Zeroizing<String>, String> {
        let named = |what: &str| format!("{}: {what}", self.token_file);
        let read = secret_file::read_on_thread(self.token_file.clone().into()).await;
        let text = read.map_err(|why| named(&why))?;
        if text.trim().is_empty() {
            return Err(named("it is empty"));
        }
        Ok(Zeroizing::new(text.trim().to_owned()))
    }

    async fn fetch_keys(&self) -> Result<FetchedCredentials, String> {
        let token = self.token().await?;
        let body = json!({
            "ProviderId": self.provider_id,
            "WebIdentityToken": *token,
            "RoleArn": self.role_arn,
            "RoleSessionName": SESSION,
            "DurationSeconds": DURATION_SECONDS,
        });
        let headers = [
            ("Authorization", "SKIP"),
            ("Content-Type", "application/json"),
            ("X-TC-Action", ACTION),
            ("X-TC-Version", VERSION),
            ("X-TC-Region", &self.region),
        ];
        let answer = self.place.post(&headers, body.to_string()).await?;
        let answer = SecretJson::parse(&answer)?;
        let answer = &answer[ANSWER_ENVELOPE];
        if let Some(code) = answer[ANSWER_ERROR][ANSWER_ERROR_CODE].as_str() {
            let is_code = |c: char| c.is_ascii_alphanumeric() || c == '.';
            let code = if code.chars().all(is_code) {
                code
            } else {
                "an error"
            };
            return Err(format!("the security token service answers {code}"));
        }
        temporary(&answer["Credentials"], &answer["ExpiredTime"])
    }
}

fn refuse(what: &str) -> Error {
    Error::Credentials {
        detail: format!("TKE OIDC: {what}"),
    }
}

#[async_trait::async_trait]
impl FetchCredentials for TkeOidcRole {
    async fn fetch(&self) -> Result<FetchedCredentials, String> {
        let fetched = self.fetch_keys().await;
        fetched.map_err(|why| format!("TKE OIDC: {why}"))
    }
}
