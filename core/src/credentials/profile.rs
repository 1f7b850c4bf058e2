//! Keys from a profile file, as the vendor's other tools keep them: INI with a section per profile.
//!
//! ```ini
//! [default]
//! secret_id = AKIDexample
//! secret_key = ...
//! ```
//!
//! It is read as the vendor's SDKs read it, of which Python's goes by `configparser` and Go's by `ini.v1`:
//! `=` or `:` separates, names go without regard to case, lines that begin with `#` or `;` are comments, and
//! so is what follows one of these after a space. Quotation marks around a value are taken off. What none of
//! them can read, or what is there twice, is an error: keys of another account must not be used.

use super::{Credentials, FILE_VARIABLE, secret_file, variable};
use crate::Error;
use std::path::{Path, PathBuf};

/// The file of the machine, where the user has none.
const MACHINE_FILE: &str = "/etc/tencentcloud/credentials";
/// The file of the vendor's command line, in the user's home. It may hold a login that only that can renew.
const TCCLI_FILE: &str = ".tccli/default.credential";

/// Where the file is: named by the environment, in the user's home, or the machine's.
pub(super) fn file() -> Result<PathBuf, Error> {
    if let Some(named) = variable(FILE_VARIABLE)? {
        if named.is_empty() {
            return Err(refuse(format!("{FILE_VARIABLE} is empty")));
        }
        return Ok(PathBuf::from(named));
    }
    let home = std::env::home_dir();
    let own = home
        .as_ref()
        .map(|home| home.join(".tencentcloud/credentials"));
    let places = own.into_iter().chain([PathBuf::from(MACHINE_FILE)]);
    let found = places.into_iter().find(|place| place.is_file());
    found.ok_or_else(|| {
        let tccli = home.is_some_and(|home| home.join(TCCLI_FILE).is_file());
        let seen = if tccli {
            format!("; ~/{TCCLI_FILE} of tccli is there, and is not read")
        } else {
            String::new()
        };
        refuse(format!(
            "there is neither ~/.tencentcloud/credentials nor {MACHINE_FILE}{seen}"
        ))
    })
}

/// Keys of a profile in a file.
pub(super) fn read(file: &Path, profile: &str) -> Result<Credentials, Error> {
    let named = |what: &str| refuse(format!("{}: {what}", file.display()));
    let text = secret_file::read(file).map_err(|why| named(&why))?;
    parse(&text, profile, named)
}

/// Keys of a profile in a text; `named` makes an error of what is wrong with it.
pub(super) fn parse(
    text: &str,
    profile: &str,
    named: impl Fn(&str) -> Error,
) -> Result<Credentials, Error> {
    let [id, key, token] = find(text, profile).map_err(|what| named(&what))?;
    let required = |value: Option<&str>, name: &str| {
        value
            .map(str::to_owned)
            .ok_or_else(|| named(&format!("[{profile}] has no {name}")))
    };
    let made = Credentials::new(required(id, NAMES[0])?, required(key, NAMES[1])?);
    let made = match token.filter(|token| !token.is_empty()) {
        Some(token) => made.and_then(|keys| keys.with_token(token)),
        None => made,
    };
    made.map_err(|error| match error {
        Error::Credentials { detail } => named(&format!("[{profile}]: {detail}")),
        other => other,
    })
}

/// Names of the values that are read.
const NAMES: [&str; 3] = ["secret_id", "secret_key", "token"];

/// The values of [`NAMES`] in the section of a profile, or what is wrong with the text.
fn find<'a>(text: &'a str, profile: &str) -> Result<[Option<&'a str>; 3], String> {
    let mut found = None;
    let mut is_inside = false;
    let mut others = 0;
    let mut alike = None;
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let (name, _) = rest
                .rsplit_once(']')
                .ok_or_else(|| format!("line {number} begins with [ and has no ]"))?;
            let name = name.trim();
            is_inside = name == profile;
            if is_inside && found.replace([None; 3]).is_some() {
                return Err(format!("there are two sections [{profile}]"));
            }
            if !is_inside {
                others += 1;
                alike = alike.or(Some(name).filter(|name| name.eq_ignore_ascii_case(profile)));
            }
            continue;
        }
        let Some(values) = found.as_mut().filter(|_| is_inside) else {
            continue;
        };
        let (name, value) = line.split_once(['=', ':']).ok_or_else(|| {
            format!("line {number}, in [{profile}], is neither a comment nor NAME = VALUE")
        })?;
        let name = name.trim();
        let Some(place) = NAMES
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))
        else {
            continue;
        };
        let value = bare(value);
        if value.starts_with(['"', '\'', '`']) || value.ends_with(['"', '\'', '`']) {
            return Err(format!(
                "{} of [{profile}] has a quotation mark too many",
                NAMES[place]
            ));
        }
        if values[place].replace(value).is_some() {
            return Err(format!("[{profile}] has {} twice", NAMES[place]));
        }
    }
    found.ok_or_else(|| {
        let seen = match (alike, others) {
            (Some(alike), _) => format!("; there is [{alike}]"),
            (None, 0) if text.trim().is_empty() => "; it is empty".to_owned(),
            (None, 0) => "; there is no section at all".to_owned(),
            (None, 1) => "; there is one other".to_owned(),
            (None, others) => format!("; there are {others} others"),
        };
        format!("there is no section [{profile}]{seen}")
    })
}

/// A value without the comment behind it and the quotation marks around it.
fn bare(value: &str) -> &str {
    let value = value.trim();
    let begins_comment = |(index, sign): &(usize, char)| {
        matches!(sign, '#' | ';') && (*index == 0 || value[..*index].ends_with(char::is_whitespace))
    };
    let end = value.char_indices().find(begins_comment);
    let value = end.map_or(value, |(end, _)| value[..end].trim_end());
    let quoted = |mark| value.strip_prefix(mark)?.strip_suffix(mark);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value)
}

pub(super) fn refuse(detail: String) -> Error {
    Error::Credentials {
        detail: format!("profile: {detail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sections_and_values_are_found() {
        let text = "\u{feff}# a comment\r\n[other]\r\nsecret_id = no\r\n\r\n[ default ]\r\n secret_id=AKIDx \r\nsecret_key = a=b\r\nregion = x\r\n[last]\r\nsecret_id = no\r\n";
        assert_eq!(
            find(text, "default"),
            Ok([Some("AKIDx"), Some("a=b"), None])
        );
    }

    #[test]
    fn it_is_read_as_the_vendors_sdks_do() {
        for (body, token) in [
            ("secret_id = i\nsecret_key = k", None),
            ("secret_id: i\nsecret_key: k", None),
            ("secret_id:i\nsecret_key=k\ntoken : a:b=", Some("a:b=")),
            ("Secret_ID = i\nSECRET_KEY = k\nToken = t", Some("t")),
            ("  secret_id = i\n  secret_key = k\n", None),
            (
                "# secret_id = a\n; secret_key = b\nsecret_id = i\nsecret_key = k",
                None,
            ),
            (
                "secret_id = i # mine\nsecret_key = k ; too\ntoken = t#;",
                Some("t#;"),
            ),
            ("secret_id = \"i\"\nsecret_key = 'k'", None),
            ("secret_id = i\nsecret_key = k\ntoken = # none", Some("")),
            (
                "region = ap\nsecret_id = i\n\n\nrole_arn =\nsecret_key = k",
                None,
            ),
        ] {
            let text =
                format!("[other]\nsecret_id = o\n[default] # mine\n{body}\n[last]\ntoken = no");
            assert_eq!(
                find(&text, "default"),
                Ok([Some("i"), Some("k"), token]),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_was_there() {
        for (text, what) in [
            ("", "there is no section [default]; it is empty"),
            (
                "secret_id = i",
                "there is no section [default]; there is no section at all",
            ),
            (
                "[prod]\nsecret_id = i",
                "there is no section [default]; there is one other",
            ),
            (
                "[DEFAULT]\nsecret_id = i",
                "there is no section [default]; there is [DEFAULT]",
            ),
            (
                "[default\nsecret_id = i",
                "line 1 begins with [ and has no ]",
            ),
            (
                "[default]\nsecret_id = i\nsecret_key",
                "line 3, in [default], is neither a comment nor NAME = VALUE",
            ),
            (
                "[default]\ntoken = a\n  b",
                "line 3, in [default], is neither a comment nor NAME = VALUE",
            ),
            (
                "[default]\nsecret_id = i\nSecret_Id = j",
                "[default] has secret_id twice",
            ),
            (
                "[default]\nsecret_id = \"i\nsecret_key = k",
                "secret_id of [default] has a quotation mark too many",
            ),
            (
                "[default]\n[a]\n[default]",
                "there are two sections [default]",
            ),
        ] {
            assert_eq!(find(text, "default"), Err(what.to_owned()), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_file_is_answered(text in "(\\[[a-z]{0,8}\\]|[a-z_ ]{0,12}[=:]?\\PC{0,12}|\\n){0,20}") {
            let _ = find(&text, "default");
        }
    }
}
