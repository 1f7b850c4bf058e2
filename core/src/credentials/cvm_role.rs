//! Keys of a virtual machine's role, from the metadata service that the machine alone can reach.

use super::fetch::{CredentialEndpoint, SecretJson, temporary};
use super::refreshing::{FetchCredentials, FetchedCredentials};
use crate::Error;
use crate::transport::HttpSettings;
use std::time::Duration;

/// The metadata service has no `https`; its name resolves to a link-local address.
const METADATA: &str = "http://metadata.tencentyun.com/";
const PATH: &str = "latest/meta-data/cam/security-credentials/";
const TIMEOUT: Duration = Duration::from_secs(2);

/// The role of this machine.
#[derive(Debug)]
pub(super) struct CvmRole {
    place: CredentialEndpoint,
    role: Option<String>,
}

impl CvmRole {
    pub(super) fn new(
        role: Option<&str>,
        endpoint: Option<&str>,
        http: &HttpSettings,
    ) -> Result<Self, Error> {
        let place = match endpoint {
            Some(url) => CredentialEndpoint::named(url, http, TIMEOUT)?,
            None => CredentialEndpoint {
                url: METADATA.to_owned(),
                route: HttpSettings::default().loopback_only()?,
                timeout: TIMEOUT,
            },
        };
        if let Some(role) = role.filter(|role| !is_role(role)) {
            return Err(Error::Configuration {
                detail: format!("CVM role: `{}` is no name of a role", role.escape_debug()),
            });
        }
        Ok(Self {
            place,
            role: role.map(str::to_owned),
        })
    }

    async fn fetch_keys(&self) -> Result<FetchedCredentials, String> {
        let role = match &self.role {
            Some(role) => role.clone(),
            None => {
                let listed = self.place.get(PATH).await?;
                let first = listed.lines().next().unwrap_or_default().trim().to_owned();
                if !is_role(&first) {
                    return Err("this machine has no role".to_owned());
                }
                first
            }
        };
        let answer = self.place.get(&format!("{PATH}{role}")).await?;
        let answer = SecretJson::parse(&answer)?;
        if answer["Code"] != "Success" {
            return Err("the metadata service gives no keys of the role".to_owned());
        }
        temporary(&answer, &answer["ExpiredTime"])
    }
}

fn is_role(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-+=,.@".contains(c);
    !name.is_empty() && name.len() <= 128 && name.chars().all(is_part)
}

#[async_trait::async_trait]
impl FetchCredentials for CvmRole {
    async fn fetch(&self) -> Result<FetchedCredentials, String> {
        let fetched = self.fetch_keys().await;
        fetched.map_err(|why| format!("CVM role: {why}"))
    }
}
