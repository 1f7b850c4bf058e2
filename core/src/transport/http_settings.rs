//! How the library's own HTTP stack is set up: which way its requests go, whom they trust, how long
//! a connection is kept.

use super::proxy;
use super::unsolicited::RefuseUnsolicited;
use crate::Error;
use crate::time::deadline::MAX_TIMEOUT;
use crate::transport::endpoint::Endpoint;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Less than the usual idle time of servers and load balancers, which is 60 s.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// What `localhost` is; the port is the URL's.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];
/// TLS sessions that can be resumed, and tickets of them.
const SESSIONS: usize = 64;

/// What the settings of a client say, for whatever it connects to.
#[derive(Clone)]
pub(crate) struct HttpSettings {
    proxy: Option<reqwest::Proxy>,
    extra_roots: Vec<CertificateDer<'static>>,
    pool_idle_timeout: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            proxy: None,
            extra_roots: Vec::new(),
            pool_idle_timeout: POOL_IDLE_TIMEOUT,
        }
    }
}

impl HttpSettings {
    pub(crate) fn new(
        proxy: Option<&str>,
        extra_roots: Option<&str>,
        pool_idle_timeout: Option<Duration>,
    ) -> Result<Self, Error> {
        let pool_idle_timeout = pool_idle_timeout.unwrap_or(POOL_IDLE_TIMEOUT);
        if pool_idle_timeout > MAX_TIMEOUT {
            return Err(Error::configuration(
                "pool_idle_timeout: it is longer than a day",
            ));
        }
        Ok(Self {
            proxy: proxy.map(proxy::of_setting).transpose()?,
            extra_roots: match extra_roots {
                Some(pem) => certificates(pem)?,
                None => Vec::new(),
            },
            pool_idle_timeout,
        })
    }

    /// The way to an endpoint. It reads the environment's proxy and the system's certificates, which
    /// takes milliseconds, and neither of them for a place on this machine.
    pub(crate) fn to(&self, endpoint: &Endpoint) -> Result<HttpRoute, Error> {
        if endpoint.is_loopback() {
            return self.loopback_only();
        }
        let proxy = match &self.proxy {
            Some(proxy) => Some(proxy.clone()),
            None => proxy::of_environment(endpoint.host())?,
        };
        Ok(self.route(proxy, tls(system(&self.extra_roots)?)?))
    }

    /// The way to a place on this machine, or to one that a cloud has beside it.
    pub(crate) fn loopback_only(&self) -> Result<HttpRoute, Error> {
        let roots = store(&self.extra_roots)?;
        Ok(self.route(self.proxy.clone(), tls(Trust::Only(roots))?))
    }

    fn route(&self, proxy: Option<reqwest::Proxy>, tls: ClientConfig) -> HttpRoute {
        HttpRoute {
            proxy,
            tls,
            pool_idle_timeout: self.pool_idle_timeout,
        }
    }
}

/// A way to one endpoint, from which clients are made for next to nothing.
#[derive(Clone)]
pub(crate) struct HttpRoute {
    proxy: Option<reqwest::Proxy>,
    tls: ClientConfig,
    pool_idle_timeout: Duration,
}

impl HttpRoute {
    /// The same way with TLS sessions of its own: those of another process are not for this one,
    /// nor is the lock that keeps them.
    pub(crate) fn anew(&self) -> Self {
        let mut route = self.clone();
        route.tls.resumption = Resumption::in_memory_sessions(SESSIONS);
        route
    }

    pub(crate) const fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// A client as all requests of this crate need it.
    pub(crate) fn http_client(&self) -> reqwest::Result<reqwest::Client> {
        super::ignore_broken_pipes();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .pool_idle_timeout(self.pool_idle_timeout)
            .tls_backend_preconfigured(self.tls.clone())
            .connector_layer(RefuseUnsolicited)
            // This machine, whatever the resolver says: it may be asked in plain HTTP.
            .resolve_to_addrs("localhost", &LOOPBACK)
            // Whatever the environment names has been read by now.
            .no_proxy()
            .user_agent(concat!("idcard-verification/", env!("CARGO_PKG_VERSION")));
        if self.pool_idle_timeout.is_zero() {
            builder = builder.pool_max_idle_per_host(0);
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder.build()
    }
}

impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy may come with a password.
        f.debug_struct("HttpSettings")
            .field("has_proxy", &self.proxy.is_some())
            .field("extra_roots", &self.extra_roots.len())
            .field("pool_idle_timeout", &self.pool_idle_timeout)
            .finish()
    }
}

impl fmt::Debug for HttpRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRoute")
            .field("has_proxy", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}

/// Whom a connection trusts.
enum Trust {
    /// What the system does, and the extra roots.
    System(Arc<dyn rustls::client::danger::ServerCertVerifier>),
    /// These roots alone.
    Only(RootCertStore),
}

/// TLS 1.2 and 1.3 with a provider that is handed over. The one of the process is the
/// application's to install.
fn tls(trust: Trust) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::configuration(&format!("TLS: {error}")))?;
    let builder = match trust {
        Trust::System(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(verifier),
        Trust::Only(roots) => builder.with_root_certificates(roots),
    };
    let mut tls = builder.with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

#[cfg(not(target_os = "android"))]
fn system(extra_roots: &[CertificateDer<'static>]) -> Result<Trust, Error> {
    let extra_roots = extra_roots.iter().cloned();
    rustls_platform_verifier::Verifier::new_with_extra_roots(extra_roots, provider())
        .map(|verifier| Trust::System(Arc::new(verifier)))
        .map_err(|_| {
            Error::configuration(
                "the TLS client cannot be made; are the system's CA certificates installed?",
            )
        })
}

/// Android's verifier takes no extra roots.
#[cfg(target_os = "android")]
fn system(extra_roots: &[CertificateDer<'static>]) -> Result<Trust, Error> {
    if !extra_roots.is_empty() {
        return Err(Error::configuration(
            "extra_roots: Android takes them from the app's network security configuration",
        ));
    }
    rustls_platform_verifier::Verifier::new(provider())
        .map(|verifier| Trust::System(Arc::new(verifier)))
        .map_err(|_| Error::configuration("the TLS client cannot be made"))
}

fn store(roots: &[CertificateDer<'static>]) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    for (index, root) in roots.iter().enumerate() {
        store.add(root.clone()).map_err(|_| {
            let place = index + 1;
            Error::configuration(&format!("extra_roots: certificate {place} is none of a CA"))
        })?;
    }
    Ok(store)
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let none = || Error::configuration("extra_roots: it holds no certificate in PEM");
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = found.map_err(|_| none())?;
    if found.is_empty() {
        return Err(none());
    }
    store(&found)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(proxy: Option<&str>, roots: Option<&str>) -> String {
        let settings = HttpSettings::new(proxy, roots, None);
        settings.expect_err("it cannot be used").to_string()
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_showing_it() {
        for proxy in ["", "proxy:3128", "http://", "secret"] {
            let text = refused(Some(proxy), None);
            assert!(text.contains("proxy: it is no http://"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
        let text = refused(Some("socks5://secret@proxy:1080"), None);
        assert!(text.contains("SOCKS") && !text.contains("secret"), "{text}");
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (roots, why) in [
            ("no certificate", "no certificate in PEM"),
            ("-----BEGIN CERTIFICATE-----\n!\n", "no certificate in PEM"),
            (garbage, "certificate 1 is none of a CA"),
        ] {
            let text = refused(None, Some(roots));
            assert!(
                text.contains("extra_roots: ") && text.contains(why),
                "{text}"
            );
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_not_printed() {
        let settings = HttpSettings::new(Some("http://user:secret@proxy:3128"), None, None);
        let settings = settings.expect("a proxy");
        assert!(!format!("{settings:?}").contains("secret"));
        let route = settings.loopback_only().expect("a route");
        assert!(!format!("{route:?}").contains("secret"));
    }

    #[test]
    fn no_provider_is_installed_for_the_process() {
        let route = HttpSettings::default().loopback_only().expect("a route");
        drop(route.http_client().expect("a client"));
        assert!(CryptoProvider::get_default().is_none());
    }
}
