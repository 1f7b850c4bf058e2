//! A build without an HTTP stack of its own has no way to set up.

use crate::Error;
use crate::client::configuration;

/// Nothing to set up.
#[derive(Debug)]
pub(crate) struct Route;

impl Route {
    pub(crate) fn new(proxy: Option<&str>, extra_roots: Option<&str>) -> Result<Self, Error> {
        match (proxy, extra_roots) {
            (None, None) => Ok(Self),
            _ => Err(configuration(
                "proxy and extra_roots: this build has no HTTP stack of its own",
            )),
        }
    }
}
