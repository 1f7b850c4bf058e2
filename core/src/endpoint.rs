//! Where requests go: `https` to anywhere, plain `http` to this machine alone.

use crate::{Error, Site};
use std::net::{IpAddr, Ipv6Addr};

/// A checked endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    url: String,
    /// Host as it is sent and signed, with a port that is not the default one.
    host: String,
    loopback: bool,
}

impl Endpoint {
    /// The endpoint of a site.
    pub(crate) fn of_site(site: Site) -> Self {
        Self {
            url: format!("https://{}/", site.host()),
            host: site.host().to_owned(),
            loopback: false,
        }
    }

    /// Parses `scheme://host[:port]`.
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Error::Configuration {
            detail: format!("endpoint: {why}"),
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(|| {
            refuse("it has no scheme; write https://host, or http://127.0.0.1:port for a sandbox")
        })?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(refuse(
                "it must be a scheme, a host and maybe a port, nothing else",
            ));
        }
        let (name, port) = split_port(authority)
            .ok_or_else(|| refuse("the port is not a number from 1 to 65535"))?;
        if !is_host(name) {
            return Err(refuse("the host is empty or has a character no host has"));
        }
        let loopback = is_loopback(name);
        let default_port = match scheme {
            "https" => 443,
            "http" if loopback => 80,
            "http" => return Err(refuse("plain http goes to this machine alone; use https")),
            _ => return Err(refuse("the scheme is neither https nor http")),
        };
        let name = name.to_ascii_lowercase();
        let host = match port {
            Some(port) if port != default_port => format!("{name}:{port}"),
            _ => name,
        };
        Ok(Self {
            url: format!("{scheme}://{host}/"),
            host,
            loopback,
        })
    }

    /// The URL that is posted to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Value of the `Host` header, as signed.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether requests stay on this machine.
    #[cfg_attr(
        not(feature = "reqwest"),
        allow(dead_code, reason = "a host's transport decides itself")
    )]
    pub(crate) const fn is_loopback(&self) -> bool {
        self.loopback
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => {
            let port = port.parse().ok().filter(|port| *port != 0)?;
            Some((name, Some(port)))
        }
        _ => Some((authority, None)),
    }
}

fn is_host(name: &str) -> bool {
    if name.starts_with('[') {
        return ip_v6(name).is_some();
    }
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn ip_v6(name: &str) -> Option<Ipv6Addr> {
    name.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether a `Host` header names this machine.
pub(crate) fn is_loopback_authority(authority: &str) -> bool {
    split_port(authority).is_some_and(|(name, _)| is_host(name) && is_loopback(name))
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || ip_v6(name).is_some_and(|address| address.is_loopback())
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_that_are_taken() {
        for (url, posted, host) in [
            (
                "https://Proxy.example",
                "https://proxy.example/",
                "proxy.example",
            ),
            (
                "https://proxy.example:443/",
                "https://proxy.example/",
                "proxy.example",
            ),
            (
                "https://proxy.example:8443",
                "https://proxy.example:8443/",
                "proxy.example:8443",
            ),
            ("http://127.0.0.1:9", "http://127.0.0.1:9/", "127.0.0.1:9"),
            ("http://localhost:80", "http://localhost/", "localhost"),
            ("http://[::1]:9/", "http://[::1]:9/", "[::1]:9"),
        ] {
            let endpoint = Endpoint::parse(url).expect(url);
            assert_eq!((endpoint.url(), endpoint.host()), (posted, host));
        }
    }

    #[test]
    fn endpoints_that_are_refused() {
        for url in [
            "",
            "proxy.example",
            "http://proxy.example",
            "http://10.0.0.1:8080",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://user@127.0.0.1",
            "http://127.0.0.1/path",
            "http://127.0.0.1:0",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:",
            "http://[::1",
            "ftp://localhost",
            "https://",
            "https://a b",
            "https://a\r\nX: y",
        ] {
            assert!(Endpoint::parse(url).is_err(), "{url:?}");
        }
    }
}
