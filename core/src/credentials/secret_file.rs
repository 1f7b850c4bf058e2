//! Small files that hold a secret: regular ones, read within bounds. A pipe would be waited for, and a
//! device has no end.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// Largest file that is read.
const MAX_BYTES: u64 = 64 * 1024;

/// The text of a file, or what is wrong with it.
pub(crate) fn read(file: &Path) -> Result<Zeroizing<String>, String> {
    let kind = |error: std::io::Error| error.kind().to_string();
    // Before it is opened, which a pipe would block.
    if !std::fs::metadata(file).map_err(kind)?.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let opened = File::open(file).map_err(kind)?;
    let metadata = opened.metadata().map_err(kind)?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    if others_can_write(&metadata) {
        return Err("everybody can write it; take that away with chmod o-w".to_owned());
    }
    // In one piece, so that no part of it is left behind when it grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES as usize + 1));
    opened
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(kind)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("it is larger than 64 KiB".to_owned());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| not_utf8(&bytes).to_owned())?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// What bytes seem to be that are not UTF-8. Editors on Windows save UTF-16 with a byte order mark.
fn not_utf8(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16; save it as UTF-8",
        _ => "it is not UTF-8",
    }
}

/// The same from a thread of its own: a file may lie on a disk that does not answer, and whoever waits
/// has a deadline.
#[cfg(feature = "reqwest")]
pub(crate) async fn read_on_thread(file: std::path::PathBuf) -> Result<Zeroizing<String>, String> {
    let (told, waits) = tokio::sync::oneshot::channel();
    let reads = move || {
        let _ = told.send(read(&file));
    };
    std::thread::Builder::new()
        .name("idcard-verify-file".to_owned())
        .spawn(reads)
        .map_err(|error| error.kind().to_string())?;
    waits
        .await
        .unwrap_or_else(|_| Err("it could not be read".to_owned()))
}

#[cfg(unix)]
fn others_can_write(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS_WRITE: u32 = 0o002;
    metadata.permissions().mode() & OTHERS_WRITE != 0
}

#[cfg(not(unix))]
const fn others_can_write(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    #[test]
    fn what_is_no_small_file_of_ones_own_is_refused() {
        let folder = std::env::temp_dir().join(format!("idcard-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let at = |name: &str| folder.join(name);
        let is_made = Command::new("mkfifo").arg(at("pipe")).status();
        assert!(is_made.is_ok_and(|status| status.success()));
        std::fs::write(at("large"), vec![b'a'; 64 * 1024 + 1]).expect("a file");
        std::fs::write(at("binary"), [0xff]).expect("a file");
        std::fs::write(at("wide"), b"\xff\xfea\0").expect("a file");
        std::fs::write(at("open"), "secret").expect("a file");
        let mode = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(at("open"), mode).expect("a mode");
        std::fs::write(at("good"), "secret").expect("a file");
        for (name, why) in [
            ("pipe", "not a regular file"),
            ("large", "larger than 64 KiB"),
            ("binary", "not UTF-8"),
            ("wide", "it is UTF-16; save it as UTF-8"),
            ("open", "everybody can write it"),
            ("none", "not found"),
            (".", "not a regular file"),
            ("/dev/zero", "not a regular file"),
        ] {
            let error = read(&at(name)).expect_err(name);
            assert!(error.contains(why), "{name}: {error}");
        }
        assert_eq!(
            read(&at("good")).as_deref().map(String::as_str),
            Ok("secret")
        );
        std::fs::remove_dir_all(folder).expect("it goes");
    }
}
