//! How the service is reached: the options that every command has which asks it.

use crate::failure::Failure;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use idcard_sandbox::{BlockingSandbox, Options, SECRET_ID, SECRET_KEY};
use idcard_verification::{Auth, ClientConfig, Credentials, Error, Language, Site};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest file of certificates.
const MAX_ROOTS: u64 = 4 * 1024 * 1024;

#[derive(Clone, Debug, Args)]
pub(crate) struct Service {
    /// Use a sandbox inside this command: no account, no charge. Site and endpoint do not count then.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Site of the account. Needed, unless --sandbox or a journal says it.
    #[arg(long, env = "IDCARD_SITE", value_parser = names(Site::ALL, Site::as_str))]
    pub(crate) site: Option<Site>,
    /// Send requests elsewhere: https://host[:port], or http:// on this machine.
    #[arg(long, env = "IDCARD_ENDPOINT")]
    pub(crate) endpoint: Option<String>,
    /// Proxy for https, in place of the one that HTTPS_PROXY names: http://[user:password@]host:port.
    #[arg(long, env = "IDCARD_PROXY", hide_env_values = true)]
    pub(crate) proxy: Option<String>,
    /// File with certificates (PEM) that are trusted beside those of the system.
    #[arg(long, env = "IDCARD_EXTRA_ROOTS", value_name = "FILE")]
    pub(crate) extra_roots: Option<PathBuf>,
    /// Seconds that a call may take altogether.
    #[arg(long, default_value = "10", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) timeout: Duration,
    /// Language of the service's texts.
    #[arg(long, value_parser = names(Language::ALL, Language::as_str))]
    pub(crate) language: Option<Language>,
}

impl Service {
    /// Whether it is known where the account is.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.sandbox || self.site.is_some() {
            return Ok(());
        }
        Err(Failure::usage(
            "the site of the account is not known: add --site mainland or --site international, or try it \
             without an account by --sandbox"
                .to_owned(),
        ))
    }

    /// The site of the account. Without one the default stands in, which `check` has prevented.
    fn site(&self) -> Site {
        let own = self.site.filter(|_| !self.sandbox);
        own.unwrap_or(Site::International)
    }

    /// The settings of a client, and the sandbox that it asks, if it does.
    pub(crate) fn config(&self) -> Result<(ClientConfig, Option<BlockingSandbox>), Error> {
        let sandbox = if self.sandbox {
            Some(start_sandbox()?)
        } else {
            None
        };
        let auth = if sandbox.is_some() {
            Credentials::new(SECRET_ID, SECRET_KEY)?.into()
        } else {
            Auth::DefaultChain
        };
        let mut config = ClientConfig::new(self.site(), auth);
        let own = sandbox.as_ref().map(|sandbox| sandbox.url().to_owned());
        config.endpoint = own.or_else(|| self.endpoint.clone());
        config.proxy = self.proxy.clone();
        config.extra_roots = match &self.extra_roots {
            Some(file) => Some(read_roots(file)?),
            None => None,
        };
        config.timeout = Some(self.timeout);
        config.language = self.language;
        Ok((config, sandbox))
    }

    /// The SecretId of the account, if it can be known without asking anybody.
    pub(crate) fn account(&self) -> Option<String> {
        if self.sandbox {
            return Some(SECRET_ID.to_owned());
        }
        let keys = Credentials::from_env_or_profile().ok();
        keys.map(|keys| keys.secret_id().to_owned())
    }
}

fn read_roots(file: &Path) -> Result<String, Error> {
    let named = |why: String| Error::Configuration {
        detail: format!("extra_roots: {}: {why}", file.display()),
    };
    let kind = |error: std::io::Error| named(error.kind().to_string());
    // A pipe would be waited for, and a device has no end.
    if !std::fs::metadata(file).map_err(kind)?.is_file() {
        return Err(named("it is not a regular file".to_owned()));
    }
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(MAX_ROOTS + 1).read_to_string(&mut text));
    if read.map_err(kind)? as u64 > MAX_ROOTS {
        return Err(named("it is larger than 4 MiB".to_owned()));
    }
    Ok(text)
}

fn start_sandbox() -> Result<BlockingSandbox, Error> {
    BlockingSandbox::start(Options::default()).map_err(|error| Error::Configuration {
        detail: format!("the sandbox cannot start: {error}"),
    })
}

/// A parser of the names that the spec has.
pub(crate) fn names<T: Clone + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(&T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let one = move |given: String| all.iter().find(|one| name(one) == given).cloned();
    PossibleValuesParser::new(all.iter().map(name))
        .try_map(move |given| one(given).ok_or("there is no such name"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| {
            (Duration::from_millis(1)..=Duration::from_secs(3600)).contains(duration)
        })
        .ok_or_else(|| "not between 0.001 and 3600".to_owned())
}
