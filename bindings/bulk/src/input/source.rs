//! Bytes that can be read many times, by many at once.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// How much is read at once.
pub(super) const BUFFER: usize = 64 * 1024;

/// A file that is open for reading.
#[derive(Clone, Debug)]
pub(super) struct Source {
    file: Arc<File>,
    length: u64,
}

impl Source {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // A pipe is read once, and has no places.
        if !about.is_file() {
            return Self::spool(file);
        }
        Ok(Self {
            file: Arc::new(file),
            length: about.len(),
        })
    }

    /// The temporary file has no name, so that nobody else finds it and nothing is left of it.
    pub(super) fn spool(mut reader: impl Read) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        let length = io::copy(&mut reader, &mut file)?;
        Ok(Self {
            file: Arc::new(file),
            length,
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// A reader with a place of its own.
    pub(super) fn reader(&self) -> SourceReader {
        SourceReader {
            source: self.clone(),
            at: 0,
        }
    }

    /// The first bytes.
    pub(super) fn begin(&self) -> io::Result<Vec<u8>> {
        let mut begin = Vec::new();
        self.reader().take(8).read_to_end(&mut begin)?;
        Ok(begin)
    }

    pub(super) fn digest(&self, key: &[u8]) -> io::Result<[u8; 32]> {
        let mut keyed =
            Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        let (mut reader, mut buffer) = (self.reader(), vec![0; BUFFER]);
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(keyed.finalize().into_bytes().into()),
                read => keyed.update(&buffer[..read]),
            }
        }
    }

    /// Reads at a place. No cursor is shared that another reader could move meanwhile: on Windows it is moved,
    /// and asked by nobody.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(&*self.file, buffer, at);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, at);
    }
}

/// Reads a source from its beginning.
#[derive(Debug)]
pub(super) struct SourceReader {
    source: Source,
    at: u64,
}

impl Read for SourceReader {
    /// Up to where the file ended when it was opened, so that each reader sees the same.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.source.length.saturating_sub(self.at);
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let buffer = &mut buffer[..most];
        loop {
            match self.source.read_at(buffer, self.at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(0) if most > 0 => {
                    let shorter = "it has become shorter since it was opened";
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, shorter));
                }
                Ok(read) => {
                    self.at += read as u64;
                    return Ok(read);
                }
            }
        }
    }
}

impl Seek for SourceReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.source.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
