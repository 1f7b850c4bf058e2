//! Where requests go: `https` to anywhere, plain `http` to this machine alone.

use crate::{Error, Site};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
            return Err(refuse(
                "the host is none, or not in its usual form; write a name, an IPv4 address as \
                 a.b.c.d, an IPv6 address as [::1]",
            ));
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

/// Whether it is a host in the form that a URL parser leaves as it is: another form would be signed, and
/// the parser's sent.
fn is_host(name: &str) -> bool {
    const LONGEST: usize = 253;
    const LONGEST_LABEL: usize = 63;
    if name.starts_with('[') {
        // A parser writes the end of a mapped address in hexadecimal.
        return !name.contains('.')
            && ip_v6(name)
                .is_some_and(|address| format!("[{address}]") == name.to_ascii_lowercase());
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // A name that ends in a number is read as an IPv4 address, in forms of half a century.
    let is_number = |label: &str| {
        let hexadecimal = label
            .strip_prefix("0x")
            .or_else(|| label.strip_prefix("0X"));
        hexadecimal.map_or_else(
            || label.bytes().all(|byte| byte.is_ascii_digit()),
            |digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        )
    };
    name.len() <= LONGEST
        && name.split('.').all(is_label)
        && !name.rsplit('.').next().is_some_and(is_number)
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
            // A URL parser would write these otherwise, or refuse them later.
            "https://127.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://0177.0.0.1",
            "https://1.2.3.4.5",
            "https://proxy.example.7",
            "https://[0:0:0:0:0:0:0:1]",
            "https://[::ffff:127.0.0.1]",
            "https://proxy..example",
            "https://.example",
            "https://proxy.example.",
            "https://-proxy.example",
        ] {
            assert!(Endpoint::parse(url).is_err(), "{url:?}");
        }
        assert!(Endpoint::parse(&format!("https://{}.example", "a".repeat(64))).is_err());
    }

    #[cfg(feature = "reqwest")]
    proptest::proptest! {
        #[test]
        fn what_is_taken_is_sent_as_it_is_signed(host in "[a-zA-Z0-9._:\\[\\]-]{1,24}") {
            if let Ok(endpoint) = Endpoint::parse(&format!("https://{host}")) {
                let url = reqwest::Url::parse(endpoint.url()).map(String::from).ok();
                proptest::prop_assert_eq!(url.as_deref(), Some(endpoint.url()));
            }
        }
    }
}
