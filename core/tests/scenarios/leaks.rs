//! What is logged at the loudest level shows no key and nobody.

use idcard_conformance::find_leak;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::filter::LevelFilter;

/// Everything that this process logs, of every library.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn install() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    /// How many lines there are; what one of them shows.
    pub(crate) fn check(&self, canaries: &[String]) -> Result<usize, String> {
        let bytes = self.0.lock().expect("the log").clone();
        let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        for line in text.lines() {
            if let Some(leak) = find_leak(line, canaries) {
                return Err(format!("{leak}, in the log: {line}"));
            }
        }
        match text.lines().count() {
            0 => Err("nothing was logged: this proves nothing".to_owned()),
            count => Ok(count),
        }
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
