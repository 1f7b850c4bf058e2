//! Whether something printed shows what it must not, however it is written.

use base64ct::{Base64Unpadded, Encoding};

/// Shorter ones would be found where they only happen to stand.
const MIN_BYTES: usize = 6;

/// The first canary that a text shows: as it is, escaped as in JSON, percent-encoded, or inside
/// base64. It is named by its place in the list. Canaries of less than six bytes are left out.
#[must_use]
pub fn find_leak(text: &str, canaries: &[String]) -> Option<String> {
    let folded = text.to_lowercase();
    let listed = canaries.iter().enumerate();
    let mut long = listed.filter(|(_, canary)| canary.len() >= MIN_BYTES);
    long.find_map(|(place, canary)| {
        // Hexadecimal digits are written in either case.
        let forms = [
            ("as it is", folded.contains(&canary.to_lowercase())),
            ("escaped as in JSON", folded.contains(&json(canary))),
            ("percent-encoded", folded.contains(&percent(canary))),
            (
                "in base64",
                base64(canary).iter().any(|form| text.contains(form)),
            ),
        ];
        let (how, _) = forms.into_iter().find(|(_, is_shown)| *is_shown)?;
        Some(format!("canary {place}, {how}"))
    })
}

/// With every character that is not ASCII escaped; in small letters.
fn json(canary: &str) -> String {
    let escaped = canary.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii_graphic() || byte == b' ' => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    escaped.collect::<String>().to_lowercase()
}

/// As in the query of a URL; in small letters.
fn percent(canary: &str) -> String {
    let encoded = canary.bytes().map(|byte| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    });
    encoded.collect::<String>().to_lowercase()
}

/// The letters that stay the same wherever in a longer text the canary begins, once for each of
/// the three places in a group of letters.
fn base64(canary: &str) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let bytes = [&vec![0; before], canary.as_bytes()].concat();
        let letters = Base64Unpadded::encode_string(&bytes);
        // Without those that the neighbours of the canary have a part in.
        letters[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "林小满";

    fn found(text: &str) -> Option<String> {
        find_leak(
            text,
            &["kurz".to_owned(), "44030519X".to_owned(), NAME.to_owned()],
        )
    }

    #[test]
    fn every_way_of_writing_is_found() {
        for (text, expected) in [
            ("number 44030519X.", "canary 1, as it is"),
            ("number 44030519x.", "canary 1, as it is"),
            ("\u{6797}\u{5c0f}\u{6ee1}", "canary 2, as it is"),
            (r"\u6797\u5C0F\u6ee1", "canary 2, escaped as in JSON"),
            (
                "?name=%E6%9e%97%E5%B0%8F%E6%BB%A1",
                "canary 2, percent-encoded",
            ),
            // `44030519X`, `a44030519X` and `aa44030519X!`
            ("NDQwMzA1MTlY", "canary 1, in base64"),
            ("YTQ0MDMwNTE5WA==", "canary 1, in base64"),
            ("YWE0NDAzMDUxOVgh", "canary 1, in base64"),
        ] {
            assert_eq!(found(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            "",
            "4403051",
            "kurz",
            "bnVtYmVyIDQ0",
            r"\u6797\u5c0f",
            "%E6%9E%97",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
