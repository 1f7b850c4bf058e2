//! Keys from a profile file, as the vendor's other tools keep them: INI with a section per profile.
//!
//! ```ini
//! [default]
//! secret_id = AKIDexample
//! secret_key = ...
//! ```

use super::{Credentials, FILE_VARIABLE, variable};
use crate::{Error, files};
use std::path::{Path, PathBuf};

/// The file of the machine, where the user has none.
const MACHINE_FILE: &str = "/etc/tencentcloud/credentials";

/// Where the file is: named by the environment, in the user's home, or the machine's.
pub(super) fn file() -> Result<PathBuf, Error> {
    if let Some(named) = variable(FILE_VARIABLE)? {
        return Ok(PathBuf::from(named));
    }
    let own = std::env::home_dir().map(|home| home.join(".tencentcloud/credentials"));
    let places = own.into_iter().chain([PathBuf::from(MACHINE_FILE)]);
    let found = places.into_iter().find(|place| place.is_file());
    found.ok_or_else(|| {
        refuse(format!(
            "there is neither ~/.tencentcloud/credentials nor {MACHINE_FILE}"
        ))
    })
}

/// Keys of a profile in a file.
pub(super) fn read(file: &Path, profile: &str) -> Result<Credentials, Error> {
    let named = |what: &str| refuse(format!("{}: {what}", file.display()));
    let text = files::read(file).map_err(|why| named(&why))?;
    parse(&text, profile, named)
}

/// Keys of a profile in a text; `named` makes an error of what is wrong with it.
pub(super) fn parse(
    text: &str,
    profile: &str,
    named: impl Fn(&str) -> Error,
) -> Result<Credentials, Error> {
    let [id, key, token] =
        find(text, profile).ok_or_else(|| named(&format!("there is no section [{profile}]")))?;
    let required = |value: Option<&str>, name: &str| {
        value
            .map(str::to_owned)
            .ok_or_else(|| named(&format!("[{profile}] has no {name}")))
    };
    let made = Credentials::new(required(id, "secret_id")?, required(key, "secret_key")?);
    let made = match token {
        Some(token) => made.and_then(|keys| keys.with_token(token)),
        None => made,
    };
    made.map_err(|error| match error {
        Error::Credentials { detail } => named(&format!("[{profile}]: {detail}")),
        other => other,
    })
}

/// Values of `secret_id`, `secret_key` and `token` in a section, if there is such a section.
fn find<'a>(text: &'a str, profile: &str) -> Option<[Option<&'a str>; 3]> {
    let mut found = None;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            if found.is_some() {
                break;
            }
            if name.trim() == profile {
                found = Some([None; 3]);
            }
        } else if let (Some(values), Some((name, value))) = (&mut found, line.split_once('=')) {
            let place = match name.trim() {
                "secret_id" => 0,
                "secret_key" => 1,
                "token" => 2,
                _ => continue,
            };
            values[place] = Some(value.trim());
        }
    }
    found
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
            Some([Some("AKIDx"), Some("a=b"), None])
        );
        assert_eq!(find(text, "nobody"), None);
        assert_eq!(find("", "default"), None);
    }

    proptest! {
        #[test]
        fn any_file_is_answered(text in "(\\[[a-z]{0,8}\\]|[a-z_ ]{0,12}=?\\PC{0,12}|\\n){0,20}") {
            let _ = find(&text, "default");
        }
    }
}
