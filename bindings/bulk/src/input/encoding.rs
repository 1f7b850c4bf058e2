//! Encodings of text.

use encoding_rs::{BIG5, Encoding as Decoder, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Encodings of text. GBK and GB2312 are parts of GB18030.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB18030, as Excel in China writes CSV.
    Gb18030,
    /// Big5, as programs in Taiwan and Hong Kong write.
    Big5,
    /// UTF-16, the smaller half of each unit first.
    Utf16Le,
    /// UTF-16, the larger half of each unit first.
    Utf16Be,
}

impl Encoding {
    /// Its name, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
            Self::Big5 => "big5",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    pub(super) fn decoder(self) -> &'static Decoder {
        match self {
            Self::Utf8 => UTF_8,
            Self::Gb18030 => GB18030,
            Self::Big5 => BIG5,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
        }
    }

    pub(super) const fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    /// The encoding that a byte order mark tells.
    pub(super) const fn of_mark(begin: &[u8]) -> Option<Self> {
        match begin {
            [0xef, 0xbb, 0xbf, ..] => Some(Self::Utf8),
            [0xff, 0xfe, ..] => Some(Self::Utf16Le),
            [0xfe, 0xff, ..] => Some(Self::Utf16Be),
            _ => None,
        }
    }
}
