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
            Ok(json) => Self::new(exit, ascii_where_invisible(&json) + "\n"),
            Err(error) => Self::failure(exit, format!("error: {error}\n")),
        }
    }

    /// A line each.
    pub(crate) fn json_lines(exit: u8, values: &[impl serde::Serialize]) -> Self {
        let lines = values.iter().map(|value| Self::json(exit, value));
        let joined = |whole: Self, line: Self| Self {
            stdout: whole.stdout + &line.stdout,
            stderr: whole.stderr + &line.stderr,
            ..whole
        };
        lines.fold(Self::new(exit, String::new()), joined)
    }

    pub(crate) fn note(mut self, note: &str) -> Self {
        self.stderr.push_str(note);
        self
    }

    /// The same, where standard output is for something else.
    pub(crate) fn on_stderr(self) -> Self {
        Self {
            exit: self.exit,
            stdout: String::new(),
            stderr: self.stderr + &self.stdout,
        }
    }

    /// Prints, without colours where they would not be seen, and without a fuss when nobody
    /// listens any more.
    pub(crate) fn print(self) -> u8 {
        let _ = anstream::stderr().write_all(self.stderr.as_bytes());
        let mut stdout = anstream::stdout();
        let written = stdout
            .write_all(self.stdout.as_bytes())
            .and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let why = error.kind();
                let text = format!("error: standard output cannot be written: {why}\n");
                let _ = anstream::stderr().write_all(text.as_bytes());
                crate::exit::OUTPUT
            }
            _ => self.exit,
        }
    }
}

/// A text of the service, a file or the caller as it may be shown: what a terminal would obey, and what
/// nobody would see, is escaped.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_visible(character) || character == '\n' {
            shown.push(character);
        } else {
            shown.extend(character.escape_unicode());
        }
    }
    shown
}

/// The same of JSON, in which only a string can have such a character.
fn ascii_where_invisible(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if is_visible(character) {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

/// Whether Rust would print it in a quoted text as it is, or it is a quote or a mark of a letter.
fn is_visible(character: char) -> bool {
    matches!(character, '\'' | '"' | '\\')
        || character.escape_debug().len() == 1
        || (!character.is_control() && character.is_alphanumeric())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        let evil = "\u{1b}]0;title\u{7}\u{1b}[2Jmatch\r\u{202e}\u{200b}\u{9b}31m";
        let text = shown(evil);
        assert!(text.chars().all(|c| c.is_ascii_graphic()), "{text}");
        assert_eq!(shown("林·𠮷 a'\"\\\n"), "林·𠮷 a'\"\\\n");
        let json = serde_json::json!({"name": format!("林{evil}")}).to_string();
        let ascii = ascii_where_invisible(&json);
        assert!(
            !ascii.contains(['\u{202e}', '\u{200b}', '\u{9b}']),
            "{ascii}"
        );
        let back: serde_json::Value = serde_json::from_str(&ascii).expect("JSON");
        assert_eq!(back["name"], format!("林{evil}"));
    }
}
