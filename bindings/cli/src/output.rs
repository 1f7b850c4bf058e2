//! What a command prints, and its exit code.

use std::io::Write;

/// What is printed where, and the exit code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    exit: u8,
    stdout: String,
    stderr: String,
}

impl Output {
    pub(crate) const fn new(exit: u8, stdout: String) -> Self {
        Self {
            exit,
            stdout,
            stderr: String::new(),
        }
    }

    pub(crate) const fn text(stdout: String) -> Self {
        Self::new(crate::exit::OK, stdout)
    }

    pub(crate) const fn failure(exit: u8, stderr: String) -> Self {
        Self {
            exit,
            stdout: String::new(),
            stderr,
        }
    }

    pub(crate) fn json(exit: u8, value: &impl serde::Serialize) -> Self {
        match serde_json::to_string(value) {
            Ok(json) => Self::new(exit, json + "\n"),
            Err(error) => Self::failure(exit, format!("error: {error}\n")),
        }
    }

    pub(crate) fn note(mut self, note: &str) -> Self {
        self.stderr.push_str(note);
        self
    }

    /// Prints, without colours where they would not be seen, and without a fuss when nobody
    /// listens any more.
    pub(crate) fn print(self) -> u8 {
        let _ = anstream::stderr().write_all(self.stderr.as_bytes());
        let mut stdout = anstream::stdout();
        let _ = stdout.write_all(self.stdout.as_bytes());
        let _ = stdout.flush();
        self.exit
    }
}

/// Lines of `label  value`, the values in one column.
pub(crate) fn columns<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    rows.iter()
        .map(|(label, value)| format!("  {label:width$}  {value}\n"))
        .collect()
}

/// A text in a style.
pub(crate) fn styled(text: &str, style: anstyle::Style) -> String {
    format!("{style}{text}{style:#}")
}
