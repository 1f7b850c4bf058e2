//! Where an output goes: a file that takes its place when it is whole, or a stream.

use super::OutputError;
use crate::journal::sync_folder;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

pub(super) enum Target {
    File {
        temporary: NamedTempFile,
        path: PathBuf,
        overwrite: bool,
    },
    Stream(Box<dyn Write + Send>),
}

impl Target {
    pub(super) fn create(path: &Path, overwrite: bool) -> Result<Self, OutputError> {
        Self::open(path, overwrite).map_err(|error| OutputError::of(error.kind()))
    }

    fn open(path: &Path, overwrite: bool) -> io::Result<Self> {
        let found = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if found.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(ErrorKind::IsADirectory.into());
        }
        // A device or a pipe would be gone if a file took its place.
        if is_descriptor(path) || found.as_ref().is_some_and(|found| !found.is_file()) {
            let stream = OpenOptions::new().append(true).open(path)?;
            return Ok(Self::Stream(Box::new(stream)));
        }
        let is_there = fs::symlink_metadata(path).is_ok();
        if is_there && !overwrite {
            return Err(ErrorKind::AlreadyExists.into());
        }
        // Of a link the file is replaced, not the link. A link to nothing is.
        let path = match found {
            Some(_) => fs::canonicalize(path)?,
            None => std::path::absolute(path)?,
        };
        // In the same folder: between disks nothing can be renamed. Its mode is 0600.
        let temporary = tempfile::Builder::new()
            .prefix(".idcard-")
            .suffix(".tmp")
            .tempfile_in(folder(&path))?;
        Ok(Self::File {
            temporary,
            path,
            overwrite,
        })
    }

    /// Whether what is written is seen at once.
    pub(super) const fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// The folder of the file.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(folder(path)),
            Self::Stream(_) => None,
        }
    }

    /// Puts the file in its place when it is on the disk.
    pub(super) fn finish(mut self) -> Result<(), OutputError> {
        self.flush()
            .and_then(|()| self.persist())
            .map_err(|error| OutputError::of(error.kind()))
    }

    fn persist(self) -> io::Result<()> {
        let Self::File {
            temporary,
            path,
            overwrite,
        } = self
        else {
            return Ok(());
        };
        temporary.as_file().sync_all()?;
        if overwrite {
            temporary.persist(&path)?;
        } else if let Err(error) = temporary.persist_noclobber(&path) {
            let exists = error.error.kind() == ErrorKind::AlreadyExists;
            if exists || fs::symlink_metadata(&path).is_ok() {
                return Err(error.into());
            }
            // Not every system of files can refuse to overwrite: there, looking must do.
            error.file.persist(&path)?;
        }
        // The name of a file is in its folder.
        sync_folder(&path)
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File { temporary, .. } => temporary.as_file_mut().write(bytes),
            Self::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File { temporary, .. } => temporary.as_file_mut().flush(),
            Self::Stream(stream) => stream.flush(),
        }
    }
}

/// Whether a path names what this process has open already, whatever that is.
fn is_descriptor(path: &Path) -> bool {
    cfg!(unix)
        && (path == Path::new("/dev/stdout")
            || path == Path::new("/dev/stderr")
            || path.starts_with("/dev/fd")
            || path.starts_with("/proc/self/fd"))
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
