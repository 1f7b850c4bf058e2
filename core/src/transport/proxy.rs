//! Which proxy a request goes by: the one of the setting, or the one that the environment names as
//! curl reads it.
//!
//! A proxy that is named and cannot be used is an error. Going directly instead would take people's
//! data out by a way that somebody meant to close.

use crate::Error;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

/// Where curl looks for the proxy of an `https` URL, in its order; empty is as unset.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Hosts that are reached without.
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The proxy that a setting names.
pub(super) fn of_setting(url: &str) -> Result<reqwest::Proxy, Error> {
    parse("proxy", url)
}

/// The proxy of the environment for a host, if it names one.
pub(super) fn of_environment(host: &str) -> Result<Option<reqwest::Proxy>, Error> {
    of_variables(host, |name| std::env::var_os(name))
}

fn of_variables(
    host: &str,
    variable: impl Fn(&str) -> Option<std::ffi::OsString>,
) -> Result<Option<reqwest::Proxy>, Error> {
    let first = |names: &'static [&'static str]| {
        let mut set = names.iter().map(|name| (*name, variable(name)));
        set.find_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
    };
    let Some((name, proxy)) = first(&VARIABLES) else {
        return Ok(None);
    };
    if let Some((name, exceptions)) = first(&EXCEPTIONS) {
        let exceptions = exceptions.into_string().map_err(|_| {
            // Part of it may be what was meant to keep the host off the proxy, or on it.
            refuse(name, "it is not text")
        })?;
        if excludes(&exceptions, host) {
            return Ok(None);
        }
    }
    let Some(proxy) = proxy.to_str() else {
        return Err(refuse(name, "it is not text"));
    };
    // curl takes a proxy without a scheme for one of HTTP.
    if proxy.contains("://") {
        parse(name, proxy).map(Some)
    } else {
        parse(name, &format!("http://{proxy}")).map(Some)
    }
}

/// A proxy by its URL, which is never quoted: it may hold a password.
fn parse(name: &str, text: &str) -> Result<reqwest::Proxy, Error> {
    let scheme = text.split("://").next().unwrap_or_default();
    if scheme
        .get(..5)
        .is_some_and(|s| s.eq_ignore_ascii_case("socks"))
    {
        return Err(refuse(
            name,
            "SOCKS proxies are not supported; name an http:// or https:// one",
        ));
    }
    // A parser of URLs takes much for a host or a path that was meant otherwise.
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && text.contains("://")
            && !text.contains(":///")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.port() != Some(0)
    });
    let proxy = url.and_then(|url| reqwest::Proxy::https(url).ok());
    proxy.ok_or_else(|| {
        refuse(
            name,
            "it is no http:// or https:// URL such as http://proxy.example:3128",
        )
    })
}

fn refuse(name: &str, why: &str) -> Error {
    Error::configuration(&format!("{name}: {why}"))
}

/// Whether a list of hosts names one, as curl has it: names and the names below them, addresses and
/// networks, between commas or spaces; an asterisk alone stands for every host.
fn excludes(list: &str, host: &str) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let entries = list.split([',', ' ', '\t']);
    let entries = entries.map(|entry| entry.trim_end_matches('.'));
    // An asterisk among others stands for nothing.
    let list: Vec<&str> = entries
        .filter(|entry| !matches!(*entry, "" | "*"))
        .collect();
    let matcher = Matcher::builder()
        .https("http://proxy.invalid")
        .no(list.join(","))
        .build();
    let uri = format!("https://{host}/").parse();
    uri.is_ok_and(|uri| matcher.intercept(&uri).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "faceid.intl.tencentcloudapi.com";

    fn found(variables: &[(&str, &str)]) -> Result<bool, String> {
        let variable = |name: &str| {
            let mut all = variables.iter();
            let found = all.find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).into())
        };
        let proxy = of_variables(HOST, variable);
        proxy
            .map(|proxy| proxy.is_some())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_variables_are_curls() {
        for (variables, is_proxied) in [
            (&[][..], false),
            (&[("HTTPS_PROXY", "")], false),
            (&[("HTTP_PROXY", "http://proxy:3128")], false),
            (&[("HTTPS_PROXY", "http://proxy:3128")], true),
            (&[("https_proxy", ""), ("HTTPS_PROXY", "proxy:3128")], true),
            (&[("ALL_PROXY", "https://user:secret@proxy")], true),
            (&[("all_proxy", "proxy")], true),
            // Of a program that a web server runs, where others take no proxy at all.
            (
                &[("HTTPS_PROXY", "proxy:1"), ("REQUEST_METHOD", "GET")],
                true,
            ),
            (&[("HTTPS_PROXY", "proxy:1"), ("NO_PROXY", HOST)], false),
            (&[("HTTPS_PROXY", "socks5://x"), ("NO_PROXY", "*")], false),
        ] {
            assert_eq!(found(variables), Ok(is_proxied), "{variables:?}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_name_and_never_passed_by() {
        for name in VARIABLES {
            for slip in [
                " ",
                "http://",
                "http:///",
                "http:///proxy:3128",
                "http://proxy:3128/path",
                "http://proxy:3128#",
                "http//proxy:3128",
                "http:/proxy:3128",
                "http://proxy:port",
                "http://proxy:99999",
                "http://proxy:0",
                "http://user:secret@",
                "htp://secret@proxy:3128",
                "ftp://proxy:21",
                "socks://secret@proxy:1080",
                "socks4://proxy",
                "socks5://proxy",
                "socks5h://proxy",
                "SOCKS5://proxy",
                "http://pro xy:3128",
                "'http://proxy:3128'",
                "direct://",
                "file:///etc/proxy",
            ] {
                let refused = found(&[(name, slip)]);
                let text = refused.expect_err(slip);
                assert!(text.contains(&format!("{name}: ")), "{slip}: {text}");
                assert!(!text.contains("secret"), "{text}");
                assert_eq!(
                    text.contains("SOCKS"),
                    slip.to_lowercase().contains("socks")
                );
            }
        }
    }

    #[test]
    fn exceptions_are_curls() {
        for (list, host, is_excluded) in [
            ("", HOST, false),
            ("*", HOST, true),
            (" * ", HOST, true),
            ("other.example, *", HOST, false),
            ("tencentcloudapi.com", HOST, true),
            (".tencentcloudapi.com", HOST, true),
            ("tencentcloudapi.com.", HOST, true),
            ("TencentCloudAPI.com", HOST, true),
            ("cloudapi.com", HOST, false),
            ("other.example tencentcloudapi.com", HOST, true),
            ("other.example,\ttencentcloudapi.com", HOST, true),
            ("*.tencentcloudapi.com", HOST, false),
            ("192.168.0.0/16", "192.168.7.7", true),
            ("192.168.7.7", "192.168.7.7", true),
            ("192.168.0.0/16", "10.0.0.1", false),
            ("192.168.0.0/16", HOST, false),
            ("::1", "[::1]", true),
            ("fd00::/8", "[fd00::7]", true),
        ] {
            assert_eq!(excludes(list, host), is_excluded, "{list} {host}");
        }
    }
}
