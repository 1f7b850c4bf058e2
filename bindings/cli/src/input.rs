//! Standard input as text: UTF-8, or what `--encoding` says.

use crate::exit;
use crate::failure::Failure;
use encoding_rs::{BIG5, Encoding as Decoder, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::io::Read;

/// Encodings of `--encoding`. GBK and GB2312 are parts of GB18030.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Encoding {
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    #[value(name = "gb18030", aliases = ["gbk", "gb2312", "cp936"])]
    Gb18030,
    Big5,
    #[value(name = "utf-16le", alias = "utf-16")]
    Utf16Le,
    #[value(name = "utf-16be")]
    Utf16Be,
}

impl Encoding {
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
        let (text, has_errors) = self.decoder().decode_with_bom_removal(bytes);
        (!has_errors).then(|| text.into_owned())
    }

    /// Which UTF-16 bytes seem to be, if they do.
    fn utf16_of(bytes: &[u8]) -> Option<Self> {
        let zeros = |parity: usize| {
            bytes
                .iter()
                .skip(parity)
                .step_by(2)
                .filter(|byte| **byte == 0)
        };
        match bytes {
            [0xff, 0xfe, ..] => Some(Self::Utf16Le),
            [0xfe, 0xff, ..] => Some(Self::Utf16Be),
            // Digits and commas have a zero byte in UTF-16, and nothing else has so many.
            _ if zeros(1).count() * 8 > bytes.len() => Some(Self::Utf16Le),
            _ if zeros(0).count() * 8 > bytes.len() => Some(Self::Utf16Be),
            _ => None,
        }
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
    let wanted = match (encoding, bytes) {
        (Some(Encoding::Utf16Le | Encoding::Utf16Be), [0xff, 0xfe, ..]) => Encoding::Utf16Le,
        (Some(Encoding::Utf16Le | Encoding::Utf16Be), [0xfe, 0xff, ..]) => Encoding::Utf16Be,
        (named, _) => named.unwrap_or(Encoding::Utf8),
    };
    // Zero bytes are characters of UTF-8, and of nobody's name.
    let is_utf16 = encoding.is_none() && bytes.contains(&0);
    // A few short texts are good in both; whoever reads the wrong one pays for it.
    let is_doubtful = match encoding {
        None => may_be_gbk(bytes),
        Some(Encoding::Gb18030 | Encoding::Big5) => is_surely_utf8(bytes),
        Some(_) => false,
    };
    if let Some(text) = wanted.decode(bytes).filter(|_| !is_utf16 && !is_doubtful) {
        return Ok(text);
    }
    let fits = |one: &Encoding| *one != wanted && one.decode(bytes).is_some();
    let legacy = [Encoding::Gb18030, Encoding::Big5];
    let seems = match Encoding::utf16_of(bytes) {
        _ if encoding.is_some() && is_surely_utf8(bytes) => vec![Encoding::Utf8],
        Some(wide) => vec![wide],
        None => legacy.into_iter().filter(fits).collect(),
    };
    let name = wanted.name();
    let names = |joined: &str, prefix: &str| {
        let names: Vec<String> = seems
            .iter()
            .map(|one| format!("{prefix}{}", one.name()))
            .collect();
        names.join(joined)
    };
    let other = Encoding::Gb18030.name();
    Err(match seems.as_slice() {
        _ if is_doubtful && encoding.is_none() => format!(
            "standard input may be {name} or {other}: add --encoding {name} or --encoding {other}"
        ),
        [] => format!("standard input is not {name}, and it is not known what it is"),
        _ => format!(
            "standard input is not {name}; it seems to be {}: add {}",
            names(" or ", ""),
            names(" or ", "--encoding ")
        ),
    })
}

/// Whether bytes that are UTF-8 may be GBK: each run of them is characters of two bytes each, reads as Han
/// characters in GB18030, and stands beside no Latin letter, as an accented letter does.
fn may_be_gbk(bytes: &[u8]) -> bool {
    let Some(text) = Encoding::Utf8.decode(bytes) else {
        return false;
    };
    let is_run = |c: char| !c.is_ascii();
    let mut runs = text.split(|c| !is_run(c)).filter(|run| !run.is_empty());
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
    let reads_as_han = |run: &str| {
        run.chars().all(|c| c.len_utf8() == 2)
            && Encoding::Gb18030
                .decode(run.as_bytes())
                .is_some_and(|read| read.chars().all(is_han))
    };
    !text.is_ascii() && !beside_latin(&text) && runs.all(reads_as_han)
}

/// Whether bytes are UTF-8 by more than chance.
fn is_surely_utf8(bytes: &[u8]) -> bool {
    let text = Encoding::Utf8.decode(bytes);
    text.is_some_and(|text| text.chars().any(|c| c.len_utf8() > 2) || beside_latin(&text))
}

/// Whether a character that is not ASCII stands beside a Latin letter that is.
fn beside_latin(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.windows(2).any(|pair| match pair {
        [a, b] => {
            a.is_ascii_alphabetic() && !b.is_ascii() || !a.is_ascii() && b.is_ascii_alphabetic()
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use idcard_verification::name;

    const ALL: [Encoding; 5] = [
        Encoding::Utf8,
        Encoding::Gb18030,
        Encoding::Big5,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
    ];
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
        for encoding in ALL {
            let bytes = encoded(encoding);
            let name = encoding.name();
            assert_eq!(text(&bytes, Some(encoding)).as_deref(), Ok(LINES), "{name}");
            let unnamed = text(&bytes, None);
            match encoding {
                Encoding::Utf8 => assert_eq!(unnamed.as_deref(), Ok(LINES)),
                // The bytes of these three characters are good GB18030 too.
                Encoding::Gb18030 | Encoding::Big5 => {
                    let error = unnamed.expect_err(name);
                    assert!(error.contains(&format!("--encoding {name}")), "{error}");
                }
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

    #[test]
    fn short_texts_that_are_good_in_two_encodings_are_asked_about() {
        for name in ["钱强", "牛强", "欧平"] {
            let (gbk, _, _) = GB18030.encode(name);
            let line = [b"001000199001010000\n", &*gbk, b"\n"].concat();
            let error = text(&line, None).expect_err(name);
            assert!(
                error.contains("--encoding utf-8 or --encoding gb18030"),
                "{error}"
            );
            assert!(text(&line, Some(Encoding::Gb18030)).is_ok_and(|text| text.contains(name)));
        }
        for name in ["José", "Zoë", "林小满", "Ángel"] {
            assert!(text(name.as_bytes(), None).is_ok(), "{name}");
            for other in [Encoding::Gb18030, Encoding::Big5] {
                let error = text(name.as_bytes(), Some(other));
                assert!(
                    error.is_err_and(|error| error.ends_with("add --encoding utf-8")),
                    "{name}"
                );
            }
        }
        let (big5, _, _) = BIG5.encode("林小滿");
        let error = text(&big5, None).expect_err("it is not UTF-8");
        assert!(
            error.contains("--encoding gb18030 or --encoding big5"),
            "{error}"
        );
        // A byte order mark says which UTF-16 it is.
        let big_endian = [b"\xfe\xff".to_vec(), encoded(Encoding::Utf16Be)].concat();
        assert_eq!(
            text(&big_endian, Some(Encoding::Utf16Le)).as_deref(),
            Ok(LINES)
        );
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
