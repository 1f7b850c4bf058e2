//! The command that goes on with a run, as a shell takes it.

use super::arguments::{Durability, Job, Progress, Read, Where, Written};
use super::setup::is_stream;
use clap::ValueEnum;
use std::ffi::OsStr;
use std::path::Path;

/// Words of a command.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn word(&mut self, word: &str) {
        self.0.push(quoted(word));
    }

    fn path(&mut self, path: &Path) {
        self.word(&path.to_string_lossy());
    }

    fn flag(&mut self, name: &str, is_set: bool) {
        if is_set {
            self.word(name);
        }
    }

    fn option(&mut self, name: &str, value: Option<impl AsRef<OsStr>>) {
        if let Some(value) = value {
            let value = value.as_ref().to_string_lossy();
            // A value that begins with a hyphen would be taken for an option.
            if value.starts_with('-') && value != "-" {
                self.word(&format!("{name}={value}"));
            } else {
                self.word(name);
                self.word(&value);
            }
        }
    }

    fn choice(&mut self, name: &str, value: Option<impl ValueEnum>) {
        let value = value.and_then(|value| value.to_possible_value());
        self.option(name, value.map(|value| value.get_name().to_owned()));
    }
}

/// As a shell takes it for one word, whatever is in it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What a command of the same file and journal begins with.
fn begin(command: &str, read: &Read, place: &Where, sandbox: bool) -> Words {
    let mut words = Words::default();
    for word in ["idcard-verify", "bulk", command] {
        words.word(word);
    }
    let input = &read.input;
    if input.to_string_lossy().starts_with('-') && !is_stream(input) {
        words.path(&Path::new(".").join(input));
    } else {
        words.path(input);
    }
    words.choice("--format", read.format);
    words.choice("--encoding", read.encoding);
    words.option("--delimiter", read.delimiter.as_ref());
    words.option("--number-column", read.number_column.as_ref());
    words.option("--name-column", read.name_column.as_ref());
    words.option("--id-column", read.id_column.as_ref());
    words.option("--sheet", read.sheet.as_ref());
    words.flag("--normalize", read.normalize);
    words.flag("--allow-rounded", read.allow_rounded);
    words.option("--journal", place.journal.as_ref());
    words.option("--key-file", place.key_file.as_ref());
    words.flag("--sandbox", sandbox);
    words
}

/// Lists the rows of unknown charge.
pub(super) fn unknown(read: &Read, place: &Where, sandbox: bool) -> String {
    let mut words = begin("unknown", read, place, sandbox);
    words.option("-o", Some("unknown.csv"));
    words.0.join(" ")
}

/// Takes what the bill says.
pub(super) fn settle(read: &Read, place: &Where, sandbox: bool, file: Option<&Path>) -> String {
    let mut words = begin("resume", read, place, sandbox);
    words.option("--settle", Some(file.unwrap_or(Path::new("unknown.csv"))));
    words.0.join(" ")
}

/// Goes on with a run. What was decided for this run alone is not said again: to ask rows of unknown charge once more,
/// and what the bill says.
pub(super) fn resume(job: &Job, max_charges: Option<u64>, wrote: bool) -> String {
    let mut words = begin("resume", &job.read, &job.place, job.service.sandbox);
    output(&mut words, &job.written, wrote);
    let (service, limits) = (&job.service, &job.limits);
    if !service.sandbox {
        words.option("--site", service.site.as_ref().map(|site| site.as_str()));
        words.option("--endpoint", service.endpoint.as_ref());
    }
    // One with a password is nothing for a screen or a log.
    let proxy = service.proxy.as_ref();
    words.option("--proxy", proxy.filter(|proxy| !proxy.contains('@')));
    words.option("--extra-roots", service.extra_roots.as_ref());
    let timeout = service.timeout.as_secs_f64();
    let differs = (timeout - 10.0).abs() > f64::EPSILON;
    words.option("--timeout", differs.then(|| timeout.to_string()));
    words.option(
        "--language",
        service.language.as_ref().map(|language| language.as_str()),
    );
    words.option("--max-charges", max_charges.map(|most| most.to_string()));
    let number = |number: u64, usual: u64| (number != usual).then(|| number.to_string());
    words.option("--max-errors", number(limits.max_errors, 100));
    words.option("--concurrency", number(limits.concurrency.into(), 100));
    let rate = limits.requests_per_second.map(|rate| rate.to_string());
    words.option("--requests-per-second", rate);
    words.flag("--wait", limits.wait);
    words.flag("--accept-clock", limits.accept_clock);
    for known in &limits.known {
        words.option("--known", Some(known));
    }
    let durability = Some(limits.durability).filter(|own| *own != Durability::Power);
    words.choice("--durability", durability);
    words.option("--price", job.price.map(|price| price.as_given()));
    words.choice(
        "--progress",
        Some(job.progress).filter(|own| *own != Progress::Auto),
    );
    words.flag("--yes", job.yes);
    words.flag("--json", job.json);
    let mut command = words.0.join(" ");
    if proxy.is_some_and(|proxy| proxy.contains('@')) {
        command.push_str("  # with the --proxy of this run");
    } else if is_stream(&job.read.input) {
        command.push_str("  # with the same standard input");
    }
    command
}

fn output(words: &mut Words, written: &Written, wrote: bool) {
    words.option("-o", written.output.as_ref());
    words.choice("--output-format", written.output_format);
    words.flag("--keep-columns", written.keep_columns);
    words.flag("--bom", written.bom);
    words.flag("--force", written.force || wrote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_each_word_for_one() {
        assert_eq!(quoted("a/b-c_1.csv"), "a/b-c_1.csv");
        assert_eq!(quoted("it's 名单.csv"), r"'it'\''s 名单.csv'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("$(x);*"), "'$(x);*'");
    }
}
