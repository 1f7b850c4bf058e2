//! A build without an HTTP stack of its own has no way to set up.

use crate::Error;
use std::time::Duration;

/// Nothing to set up.
#[derive(Debug)]
pub(crate) struct HttpSettings;

impl HttpSettings {
    pub(crate) fn new(
        proxy: Option<&str>,
        extra_roots: Option<&str>,
        pool_idle_timeout: Option<Duration>,
    ) -> Result<Self, Error> {
        match (proxy, extra_roots, pool_idle_timeout) {
            (None, None, None) => Ok(Self),
            _ => Err(Error::configuration(
                "proxy, extra_roots and pool_idle_timeout: this build has no HTTP stack of its own",
            )),
        }
    }
}
