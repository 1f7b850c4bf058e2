//! Which encoding a text has. Whoever reads the wrong one asks about the wrong names, and pays for it.

use super::source::{BUFFER, Source};
use super::text::{Filled, Lines, Text};
use super::{Encoding, InputError};
use encoding_rs::GB18030;
use std::io::{self, Read as _};

/// The encoding of all of a source.
pub(super) fn encoding_of(
    source: &Source,
    named: Option<Encoding>,
) -> Result<Encoding, InputError> {
    let mark = Encoding::of_mark(&source.begin()?);
    match (named, mark) {
        (None, Some(marked)) => strict(source, marked),
        // The mark knows better which half comes first.
        (Some(named), Some(marked)) if named.is_wide() && marked.is_wide() => {
            strict(source, marked)
        }
        (Some(named), _) => strict(source, named),
        (None, None) => found(source),
    }
}

/// An encoding that was told, if the bytes do not speak against it.
fn strict(source: &Source, told: Encoding) -> Result<Encoding, InputError> {
    let mut doubt = Doubt::default();
    let as_utf8 = scan(source, Encoding::Utf8, |text| doubt.pass(text))?;
    let is_utf8 = as_utf8.is_none();
    let is_legacy = matches!(told, Encoding::Gb18030 | Encoding::Big5);
    if is_legacy && is_utf8 && doubt.is_surely_utf8 {
        return Err(InputError::WrongEncoding {
            encoding: told,
            seems: Encoding::Utf8,
        });
    }
    let broken = match told {
        Encoding::Utf8 => as_utf8,
        other => scan(source, other, |_| {})?,
    };
    let Some(broken) = broken else {
        return Ok(told);
    };
    let mut seems = Encoding::of_mark(&source.begin()?).or(Bytes::of(source)?.utf16());
    if seems.is_none() && is_utf8 {
        seems = Some(Encoding::Utf8);
    }
    if seems.is_none() && scan(source, Encoding::Gb18030, |_| {})?.is_none() {
        seems = Some(Encoding::Gb18030);
    }
    // What it was told to be it is not.
    let seems = seems.filter(|seems| *seems != told);
    Err(broken.error(told, seems))
}

/// The encoding of which nobody told anything.
fn found(source: &Source) -> Result<Encoding, InputError> {
    let bytes = Bytes::of(source)?;
    if let Some(wide) = bytes.utf16() {
        return Err(InputError::WrongEncoding {
            encoding: Encoding::Utf8,
            seems: wide,
        });
    }
    let mut doubt = Doubt::default();
    let Some(not_utf8) = scan(source, Encoding::Utf8, |text| doubt.pass(text))? else {
        return if doubt.may_be_gbk() {
            Err(InputError::DoubtfulEncoding {
                one: Encoding::Utf8,
                other: Encoding::Gb18030,
            })
        } else {
            Ok(Encoding::Utf8)
        };
    };
    let not_gb18030 = scan(source, Encoding::Gb18030, |_| {})?;
    if not_gb18030.is_none() && !bytes.is_odd_gb18030() {
        return Ok(Encoding::Gb18030);
    }
    let may_be_big5 = scan(source, Encoding::Big5, |_| {})?.is_none();
    match not_gb18030 {
        None if may_be_big5 => Err(InputError::DoubtfulEncoding {
            one: Encoding::Gb18030,
            other: Encoding::Big5,
        }),
        None => Ok(Encoding::Gb18030),
        Some(_) if may_be_big5 => Err(InputError::WrongEncoding {
            encoding: Encoding::Utf8,
            seems: Encoding::Big5,
        }),
        Some(broken) if broken.byte > not_utf8.byte => Err(broken.error(Encoding::Gb18030, None)),
        Some(_) => Err(not_utf8.error(Encoding::Utf8, None)),
    }
}

/// Where a text breaks.
struct Broken {
    line: u64,
    byte: u64,
}

impl Broken {
    const fn error(&self, encoding: Encoding, seems: Option<Encoding>) -> InputError {
        InputError::Encoding {
            encoding,
            line: self.line,
            byte: self.byte,
            seems,
        }
    }
}

/// Reads all of a source in an encoding, up to where it breaks.
fn scan(
    source: &Source,
    encoding: Encoding,
    mut see: impl FnMut(&str),
) -> io::Result<Option<Broken>> {
    let (mut text, mut lines) = (Text::new(source, encoding), Lines::default());
    loop {
        let filled = text.fill()?;
        lines.pass(text.rest());
        see(text.rest());
        match filled {
            Filled::More => {}
            Filled::End => return Ok(None),
            Filled::Broken(byte) => {
                let line = lines.line();
                return Ok(Some(Broken { line, byte }));
            }
        }
    }
}

/// Whether what is UTF-8 may be GBK: each character that is not ASCII has two bytes, reads as a Han character in
/// GB18030, and stands beside no Latin letter, as an accented letter does.
#[derive(Default)]
struct Doubt {
    is_surely_utf8: bool,
    has_other: bool,
    has_no_han: bool,
    before: char,
}

impl Doubt {
    fn pass(&mut self, text: &str) {
        if self.is_surely_utf8 {
            return;
        }
        for character in text.chars() {
            let before = std::mem::replace(&mut self.before, character);
            if character.is_ascii() {
                self.is_surely_utf8 |= !before.is_ascii() && character.is_ascii_alphabetic();
                continue;
            }
            self.has_other = true;
            self.is_surely_utf8 |= character.len_utf8() > 2 || before.is_ascii_alphabetic();
            if self.is_surely_utf8 {
                return;
            }
            self.has_no_han |= !reads_as_han(character);
        }
    }

    const fn may_be_gbk(&self) -> bool {
        self.has_other && !self.is_surely_utf8 && !self.has_no_han
    }
}

/// Whether the two bytes of a character in UTF-8 are a Han character in GB18030.
fn reads_as_han(character: char) -> bool {
    let mut bytes = [0; 4];
    let bytes = character.encode_utf8(&mut bytes).as_bytes();
    let read = GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
    read.is_some_and(|read| read.chars().all(is_han))
}

/// What can be counted without knowing the encoding.
#[derive(Default)]
struct Bytes {
    all: u64,
    /// Zero bytes at even and at odd places.
    zeros: [u64; 2],
    /// Characters that are not ASCII, if it is GB18030.
    characters: u64,
    /// Those of them that are no part of GB2312, which has what people in China are called, as a rule.
    odd: u64,
    lead: Option<u8>,
}

impl Bytes {
    fn of(source: &Source) -> io::Result<Self> {
        let (mut bytes, mut reader, mut buffer) =
            (Self::default(), source.reader(), vec![0; BUFFER]);
        loop {
            let read = reader.read(&mut buffer)?;
            if read == 0 {
                return Ok(bytes);
            }
            for byte in &buffer[..read] {
                bytes.pass(*byte);
            }
        }
    }

    fn pass(&mut self, byte: u8) {
        let is_odd_place = usize::from(self.all % 2 == 1);
        self.zeros[is_odd_place] += u64::from(byte == 0);
        self.all += 1;
        match self.lead.take() {
            None => self.lead = (byte >= 0x80).then_some(byte),
            // A character of four bytes counts as two that are odd.
            Some(lead) => {
                let is_usual = byte >= 0xa1 && matches!(lead, 0xa1..=0xa3 | 0xb0..=0xf7);
                self.characters += 1;
                self.odd += u64::from(!is_usual);
            }
        }
    }

    /// Which UTF-16 they seem to be: digits and commas have a zero byte there, and nothing else has so many.
    const fn utf16(&self) -> Option<Encoding> {
        if self.zeros[1] * 8 > self.all {
            Some(Encoding::Utf16Le)
        } else if self.zeros[0] * 8 > self.all {
            Some(Encoding::Utf16Be)
        } else {
            None
        }
    }

    /// Whether it would be strange GB18030. Nearly all bytes of Big5 are good GB18030, but the characters are of
    /// its rare parts: more than half of them, while in China a few of a hundred are.
    const fn is_odd_gb18030(&self) -> bool {
        self.odd * 10 > self.characters
    }
}
