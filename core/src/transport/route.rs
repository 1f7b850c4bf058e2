//! Which way the requests of the library's own HTTP stack go, and whom they trust.

use crate::Error;
use crate::client::configuration;
use std::fmt;

/// Set-up of an HTTP client.
#[derive(Clone, Default)]
pub(crate) struct Route {
    /// To this machine alone: without the proxies of the environment, and without the cost of
    /// loading certificates.
    pub(crate) is_near: bool,
    proxy: Option<reqwest::Proxy>,
    extra_roots: Vec<reqwest::Certificate>,
}

impl Route {
    /// The way that settings name. A proxy carries `https` alone: plain `http` stays here.
    pub(crate) fn new(proxy: Option<&str>, extra_roots: Option<&str>) -> Result<Self, Error> {
        Ok(Self {
            is_near: false,
            proxy: proxy.map(parse_proxy).transpose()?,
            extra_roots: match extra_roots {
                Some(pem) => certificates(pem)?,
                None => Vec::new(),
            },
        })
    }

    /// The same way to a place on this machine, or to one elsewhere.
    #[must_use]
    pub(crate) fn near(&self, is_near: bool) -> Self {
        Self {
            is_near,
            ..self.clone()
        }
    }

    /// A client as all requests of this crate need it.
    pub(crate) fn http_client(&self) -> reqwest::Result<reqwest::Client> {
        super::ignore_broken_pipes();
        // The provider is process-wide; one that the application installed stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .user_agent(concat!("idcard-verification/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        } else if self.is_near {
            builder = builder.no_proxy();
        }
        if self.is_near {
            builder = builder.tls_certs_only(self.extra_roots.iter().cloned());
        } else if !self.extra_roots.is_empty() {
            builder = builder.tls_certs_merge(self.extra_roots.iter().cloned());
        }
        builder.build()
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy may come with a password.
        f.debug_struct("Route")
            .field("is_near", &self.is_near)
            .field("has_proxy", &self.proxy.is_some())
            .field("extra_roots", &self.extra_roots.len())
            .finish()
    }
}

fn parse_proxy(url: &str) -> Result<reqwest::Proxy, Error> {
    let is_http = |url: &str| url.starts_with("http://") || url.starts_with("https://");
    let proxy = reqwest::Proxy::https(url).ok().filter(|_| is_http(url));
    proxy.ok_or_else(|| {
        configuration("proxy: it is no http:// or https:// URL such as http://proxy.example:3128")
    })
}

fn certificates(pem: &str) -> Result<Vec<reqwest::Certificate>, Error> {
    match reqwest::Certificate::from_pem_bundle(pem.as_bytes()) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(configuration("extra_roots: it holds no certificate in PEM")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_refused_without_showing_it() {
        for proxy in ["", "proxy:3128", "socks5://secret@proxy:1080", "http://"] {
            let error = Route::new(Some(proxy), None).expect_err("no proxy");
            let text = error.to_string();
            assert!(text.contains("proxy: it is no http://"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
        let error = Route::new(None, Some("no certificate")).expect_err("no roots");
        assert!(error.to_string().contains("extra_roots"), "{error}");
    }

    #[test]
    fn the_password_of_a_proxy_is_not_printed() {
        let route = Route::new(Some("http://user:secret@proxy:3128"), None).expect("a proxy");
        assert!(!format!("{route:?}").contains("secret"));
    }
}
