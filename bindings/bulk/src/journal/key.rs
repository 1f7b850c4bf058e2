//! The key of a journal: without it nobody can tell whom its lines are about.

use super::{in_words, new_file, sync_folder};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

const BYTES: usize = 32;

/// 32 random bytes, in a file of their own. It prints as no more than that.
pub struct JobKey(Zeroizing<[u8; BYTES]>);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file of the key is not there: it was purged, or lies elsewhere.
    #[error(
        "there is no key {0}: it was purged, or lies elsewhere; without it nobody can tell whom the journal is about"
    )]
    Missing(String),
    /// The file has no key of 32 bytes in it.
    #[error("{0} is no key: it does not have 32 bytes")]
    NotAKey(String),
    /// Others can read the file.
    #[error("{0} can be read by others: make it readable by its owner alone (chmod 600)")]
    Open(String),
    /// The system says no.
    #[error("the key {path}: {}", in_words(.error))]
    System {
        /// Its file.
        path: String,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// There are no random numbers.
    #[error("there are no random numbers for a key")]
    NoRandom,
}

impl KeyError {
    fn system(path: &Path, error: io::Error) -> Self {
        let path = path.display().to_string();
        Self::System { path, error }
    }
}

impl JobKey {
    /// Makes a key that is nowhere kept.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub fn new() -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; BYTES]);
        getrandom::fill(&mut *key).map_err(|_| KeyError::NoRandom)?;
        Ok(Self(key))
    }

    /// Makes a key in a file that must not be there yet.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let key = Self::new()?;
        let failed = |error| KeyError::system(path, error);
        // It has its name when it is whole: whatever ends the process, there is a key or none.
        let mut new = new_file(path).map_err(failed)?;
        let written = new.write_all(key.bytes());
        let written = written.and_then(|()| new.as_file().sync_all());
        written.map_err(failed)?;
        new.persist_noclobber(path)
            .map_err(|error| failed(error.error))?;
        // A journal under a key that was lost with the machine could not be read any more.
        sync_folder(path).map_err(failed)?;
        Ok(key)
    }

    /// Reads a key.
    ///
    /// # Errors
    /// When there is none, others can read it, or it is none.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let name = || path.display().to_string();
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => KeyError::Missing(name()),
            _ => KeyError::system(path, error),
        };
        let file = fs::File::open(path).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = file.metadata().map_err(failed)?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(KeyError::Open(name()));
            }
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES + 1));
        let mut limited = file.take(BYTES as u64 + 1);
        limited.read_to_end(&mut bytes).map_err(failed)?;
        let key = <[u8; BYTES]>::try_from(bytes.as_slice());
        Ok(Self(Zeroizing::new(
            key.map_err(|_| KeyError::NotAKey(name()))?,
        )))
    }

    /// Reads a key, or makes one where there is none.
    ///
    /// # Errors
    /// As for the other two.
    pub fn read_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::read(path) {
            Err(KeyError::Missing(_)) => Self::create(path),
            read => read,
        }
    }

    /// Overwrites the key and removes its file: the lines of the journal are nobody's any more.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn destroy(path: &Path) -> Result<(), KeyError> {
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => KeyError::Missing(path.display().to_string()),
            _ => KeyError::system(path, error),
        };
        let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
        // As far as that goes: a disk may keep the old block.
        let overwritten = file.write_all(&[0; BYTES]).and_then(|()| file.sync_all());
        overwritten.map_err(failed)?;
        fs::remove_file(path).map_err(failed)?;
        sync_folder(path).map_err(failed)
    }

    /// The bytes, for whoever makes keys of people with them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &*self.0
    }

    /// A keyed hash of something that is not to be guessed, such as a SecretId.
    #[must_use]
    pub fn hash(&self, what: &str, text: &str) -> String {
        hash(self.bytes(), what, text)
    }
}

/// A keyed hash of something.
pub(crate) fn hash(key: &[u8], what: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(what.as_bytes());
    mac.update(&[0]);
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes()[..16])
}

/// Lowercase hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl std::fmt::Debug for JobKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JobKey")
    }
}
