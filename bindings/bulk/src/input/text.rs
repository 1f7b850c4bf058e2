//! A source as text, some of it at a time.

use super::source::{BUFFER, Source, SourceReader};
use super::{Encoding, InputError};
use encoding_rs::{Decoder, DecoderResult};
use std::io::{self, Read as _};

/// What came of reading on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// There is more text.
    More,
    /// There is none.
    End,
    /// This byte is not of the encoding. What was good before it is there.
    Broken(u64),
}

/// Text that is decoded as it is read.
pub(super) struct Text {
    reader: SourceReader,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Which bytes of `raw` are not decoded yet.
    pending: std::ops::Range<usize>,
    decoded: u64,
    text: String,
    at: usize,
    is_begin: bool,
    is_read: bool,
    is_over: bool,
}

impl Text {
    pub(super) fn new(source: &Source, encoding: Encoding) -> Self {
        Self::with_buffer(source, encoding, BUFFER)
    }

    /// With a buffer of some bytes, which are few where a test looks at the borders of buffers.
    pub(super) fn with_buffer(source: &Source, encoding: Encoding, bytes: usize) -> Self {
        Self {
            reader: source.reader(),
            decoder: encoding.decoder().new_decoder_without_bom_handling(),
            raw: vec![0; bytes],
            pending: 0..0,
            decoded: 0,
            // A decoder wants room for some characters.
            text: String::with_capacity(bytes.max(64)),
            at: 0,
            is_begin: true,
            is_read: false,
            is_over: false,
        }
    }

    /// What is decoded and not taken.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Takes bytes of the rest.
    pub(super) fn take(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Decodes more when the rest is taken. Broken bytes were not there when the encoding was looked for.
    pub(super) fn has_more(&mut self) -> Result<bool, InputError> {
        if self.at < self.text.len() {
            return Ok(true);
        }
        match self.fill()? {
            Filled::More => Ok(true),
            Filled::End => Ok(false),
            Filled::Broken(_) => Err(InputError::Changed),
        }
    }

    /// Replaces the text by what follows it.
    pub(super) fn fill(&mut self) -> io::Result<Filled> {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() {
            if self.is_over {
                return Ok(Filled::End);
            }
            if self.pending.is_empty() && !self.is_read {
                let read = self.reader.read(&mut self.raw)?;
                self.pending = 0..read;
                self.is_read = read == 0;
            }
            let bytes = &self.raw[self.pending.clone()];
            let (result, read) = self.decoder.decode_to_string_without_replacement(
                bytes,
                &mut self.text,
                self.is_read,
            );
            self.pending.start += read;
            self.decoded += read as u64;
            match result {
                DecoderResult::InputEmpty => self.is_over = self.is_read,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    self.is_over = true;
                    let back = u64::from(length) + u64::from(after);
                    return Ok(Filled::Broken(self.decoded.saturating_sub(back)));
                }
            }
            self.skip_mark();
        }
        Ok(Filled::More)
    }

    /// A byte order mark is no text.
    fn skip_mark(&mut self) {
        if self.is_begin && !self.text.is_empty() {
            self.is_begin = false;
            if self.text.starts_with('\u{feff}') {
                self.text.remove(0);
            }
        }
    }
}

/// Whether a text's first character that is no space is this one.
pub(super) fn begins_with(
    source: &Source,
    encoding: Encoding,
    character: char,
) -> Result<bool, InputError> {
    let mut text = Text::new(source, encoding);
    while text.has_more()? {
        let bare = text.rest().trim_start();
        if let Some(first) = bare.chars().next() {
            return Ok(first == character);
        }
        let length = text.rest().len();
        text.take(length);
    }
    Ok(false)
}

/// Counts lines as an editor does: a carriage return ends one as well, with or without the line feed behind it.
#[derive(Debug, Default)]
pub(super) struct Lines {
    ended: u64,
    after_return: bool,
}

impl Lines {
    pub(super) fn pass(&mut self, text: &str) {
        for byte in text.bytes() {
            let is_end = byte == b'\r' || (byte == b'\n' && !self.after_return);
            self.ended += u64::from(is_end);
            self.after_return = byte == b'\r';
        }
    }

    /// The line behind what was passed, counted from 1.
    pub(super) const fn line(&self) -> u64 {
        self.ended + 1
    }
}
