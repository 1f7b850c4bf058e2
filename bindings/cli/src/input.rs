//! Standard input as text: UTF-8, or what `--encoding` says.

use crate::exit;
use crate::failure::Failure;
use encoding_rs::{BIG5, Encoding as Decoder, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::io::Read;

/// Encodings of `--encoding`. GBK and GB2312 are parts of GB18030.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Encoding {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "gb18030", aliases = ["gbk", "gb2312"])]
    Gb18030,
    Big5,
    #[value(name = "utf-16le", alias = "utf-16")]
    Utf16Le,
    #[value(name = "utf-16be")]
    Utf16Be,
}

impl Encoding {
    const ALL: [Self; 5] = [
        Self::Utf8,
        Self::Gb18030,
        Self::Big5,
        Self::Utf16Le,
        Self::Utf16Be,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
            Self::Big5 => "big5",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    fn decoder(self) -> &'static Decoder {
        match self {
            Self::Utf8 => UTF_8,
            Self::Gb18030 => GB18030,
            Self::Big5 => BIG5,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
        }
    }

    /// The text, if the bytes are of this encoding from beginning to end. A byte order mark is skipped.
    fn decode(self, bytes: &[u8]) -> Option<String> {
        let (text, _) = self.decoder().decode_with_bom_removal(bytes);
        let decoded = self
            .decoder()
            .decode_without_bom_handling_and_without_replacement(bytes);
        decoded.map(|_| text.into_owned())
    }

    /// What bytes that are not UTF-8 seem to be.
    fn seen_in(bytes: &[u8]) -> Option<Self> {
        let zeros = |parity: usize| {
            bytes
                .iter()
                .skip(parity)
                .step_by(2)
                .filter(|byte| **byte == 0)
        };
        match bytes {
            [0xff, 0xfe, ..] => return Some(Self::Utf16Le),
            [0xfe, 0xff, ..] => return Some(Self::Utf16Be),
            // Digits and commas have a zero byte in UTF-16, and nothing else has so many.
            _ if zeros(1).count() * 8 > bytes.len() => return Some(Self::Utf16Le),
            _ if zeros(0).count() * 8 > bytes.len() => return Some(Self::Utf16Be),
            _ => {}
        }
        [Self::Gb18030, Self::Big5]
            .into_iter()
            .find(|one| one.decode(bytes).is_some())
    }
}

/// Standard input, up to a number of bytes.
pub(crate) fn stdin(encoding: Option<Encoding>, limit: u64) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let refused = |detail: String| Failure::input(exit::BAD_INPUT, detail);
    let read = std::io::stdin()
        .lock()
        .take(limit + 1)
        .read_to_end(&mut bytes);
    let read =
        read.map_err(|error| refused(format!("standard input cannot be read: {}", error.kind())))?;
    if read as u64 > limit {
        let limit = limit / 1024;
        return Err(refused(format!(
            "standard input is larger than {limit} KiB"
        )));
    }
    text(&bytes, encoding).map_err(refused)
}

/// The text of bytes, or what is wrong with them.
fn text(bytes: &[u8], encoding: Option<Encoding>) -> Result<String, String> {
    // Zero bytes are characters of UTF-8, and of nobody's name.
    let is_utf16 = encoding.is_none() && bytes.contains(&0);
    let wanted = encoding.unwrap_or(Encoding::Utf8);
    if let Some(text) = wanted.decode(bytes).filter(|_| !is_utf16) {
        return Ok(text);
    }
    let name = wanted.name();
    let seems = Encoding::seen_in(bytes).filter(|seems| *seems != wanted);
    let seems = seems.or_else(|| {
        let others = Encoding::ALL.into_iter().filter(|_| encoding.is_some());
        others
            .filter(|one| *one != wanted)
            .find(|one| one.decode(bytes).is_some())
    });
    Err(match seems.map(Encoding::name) {
        Some(seems) => {
            format!("standard input is not {name}; it seems to be {seems}: add --encoding {seems}")
        }
        None => format!("standard input is not {name}, and it is not known what it is"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use idcard_verification::name;

    const LINES: &str = "001000199001010000,林小滿\r\n";

    fn encoded(encoding: Encoding) -> Vec<u8> {
        let bytes = |units: fn(u16) -> [u8; 2]| LINES.encode_utf16().flat_map(units).collect();
        match encoding {
            Encoding::Utf16Le => bytes(u16::to_le_bytes),
            Encoding::Utf16Be => bytes(u16::to_be_bytes),
            other => other.decoder().encode(LINES).0.into_owned(),
        }
    }

    #[test]
    fn each_encoding_is_read_when_named_and_named_when_not() {
        for encoding in Encoding::ALL {
            let bytes = encoded(encoding);
            let name = encoding.name();
            assert_eq!(text(&bytes, Some(encoding)).as_deref(), Ok(LINES), "{name}");
            let unnamed = text(&bytes, None);
            match encoding {
                Encoding::Utf8 => assert_eq!(unnamed.as_deref(), Ok(LINES)),
                // The bytes of these three characters are good GB18030 too.
                Encoding::Big5 => assert!(unnamed.is_err()),
                _ => {
                    let error = unnamed.expect_err(name);
                    assert!(
                        error.ends_with(&format!("add --encoding {name}")),
                        "{error}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let with_mark = |mark: &[u8], encoding| [mark, &encoded(encoding)].concat();
        let utf8 = with_mark(b"\xef\xbb\xbf", Encoding::Utf8);
        assert_eq!(text(&utf8, None).as_deref(), Ok(LINES));
        let wide = with_mark(b"\xff\xfe", Encoding::Utf16Le);
        assert_eq!(text(&wide, Some(Encoding::Utf16Le)).as_deref(), Ok(LINES));
        assert!(text(&wide, None).is_err_and(|error| error.contains("utf-16le")));
    }

    #[test]
    fn what_is_nothing_is_said() {
        let error = text(b"\xff\xff\xff", None).expect_err("it is no text");
        assert!(error.contains("it is not known what it is"), "{error}");
        let utf8_after_all = text("林小滿\r\n".as_bytes(), Some(Encoding::Gb18030));
        assert!(utf8_after_all.is_err_and(|error| error.contains("--encoding utf-8")));
    }

    /// The table of the core against the one of the Encoding Standard, which leaves those of plane 2.
    #[test]
    fn private_use_characters_have_the_codes_of_gb18030() {
        let trails = (0x50..=0xa0_u8).filter(|trail| *trail != 0x7f);
        let mut same = 0;
        for (private, trail) in ('\u{e815}'..='\u{e864}').zip(trails) {
            let told = name::normalize(&private.to_string()).private_use;
            let Some(told) = told.first() else {
                continue;
            };
            let today = Encoding::Gb18030.decode(&[0xfe, trail]).unwrap_or_default();
            let today = today.chars().next().map_or(0, u32::from);
            if today != u32::from(private) {
                assert_eq!(told.standard, format!("U+{today:04X}"), "{private:?}");
                same += 1;
            }
        }
        assert_eq!(same, 60);
    }
}
