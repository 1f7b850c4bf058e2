//! Arguments of the command.

use crate::input::Encoding;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use idcard_verification::{Language, Site};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Parser)]
#[command(
    name = "idcard-verify",
    version,
    about = "Verify a Chinese identity-card number against a name",
    after_help = "Exit codes: 0 match, 10 mismatch, 11 inconclusive, 3 bad input, 4 credentials, \
                  5 network, 6 error of the service, 7 unreadable answer, 64 wrong usage, 70 a \
                  fault of the program, 74 the output could not be written, 130 interrupted."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask the service whether a number and a name belong together. The account may be charged.
    Verify(Verify),
    /// Check a number and a name, or many in CSV, on this machine. Nothing is sent.
    Check(Check),
    /// Serve the sandbox until Ctrl-C or SIGTERM.
    Sandbox(Sandbox),
    /// List result codes, error codes and what each costs.
    Codes(Codes),
    /// Print every stage of a signature, for comparison. The body is read from standard input.
    Sign(Sign),
    /// Print a script of completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// A number and a name, from where others cannot read them if need be.
#[derive(Debug, Args)]
pub(crate) struct Person {
    /// Identity-card number. Other users of the machine can see arguments: prefer the
    /// environment or standard input.
    #[arg(env = "IDCARD_NUMBER", hide_env_values = true)]
    pub(crate) number: Option<String>,
    /// Name.
    #[arg(env = "IDCARD_NAME", hide_env_values = true)]
    pub(crate) name: Option<String>,
    /// Read the number and the name from two lines of standard input.
    #[arg(long)]
    pub(crate) stdin: bool,
    /// Encoding of standard input. A byte order mark is skipped.
    #[arg(long, value_enum, value_name = "ENCODING", ignore_case = true)]
    pub(crate) encoding: Option<Encoding>,
    /// Mend what keyboards, copying and spreadsheets do to a number and a name, and say what was mended.
    #[arg(long)]
    pub(crate) normalize: bool,
    /// Print a line of JSON, also for an error.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) person: Person,
    /// Use a sandbox inside this command: no account, no charge.
    #[arg(long, conflicts_with_all = ["site", "endpoint"])]
    pub(crate) sandbox: bool,
    /// Site of the account.
    #[arg(long, env = "IDCARD_SITE", required_unless_present = "sandbox",
          value_parser = names(Site::ALL, Site::as_str))]
    pub(crate) site: Option<Site>,
    /// Send requests elsewhere: https://host[:port], or http:// on this machine.
    #[arg(long, env = "IDCARD_ENDPOINT")]
    pub(crate) endpoint: Option<String>,
    /// Proxy for https, in place of the one that HTTPS_PROXY names: http://[user:password@]host:port.
    #[arg(long, env = "IDCARD_PROXY", hide_env_values = true)]
    pub(crate) proxy: Option<String>,
    /// File with certificates (PEM) that are trusted beside those of the system.
    #[arg(long, env = "IDCARD_EXTRA_ROOTS", value_name = "FILE")]
    pub(crate) extra_roots: Option<PathBuf>,
    /// Send number and name without checking them first.
    #[arg(long)]
    pub(crate) no_local_check: bool,
    /// Seconds that the call may take altogether.
    #[arg(long, default_value = "10", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) timeout: Duration,
    /// Language of the service's texts.
    #[arg(long, value_parser = names(Language::ALL, Language::as_str))]
    pub(crate) language: Option<Language>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all is well-formed, 3 something is malformed or no text, 64 wrong usage."
)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) person: Person,
    /// Check many: CSV from standard input, a number and a name in each line, or under such headings. Says per
    /// line what is wrong, and what --normalize would do.
    #[arg(long, conflicts_with_all = ["stdin", "number", "name"])]
    pub(crate) csv: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Port on the loopback address; 0 for a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Requests per second of one account; 0 for no limit. Default: the limit of the service.
    #[arg(long)]
    pub(crate) rate: Option<u32>,
    /// Print the test identities and end.
    #[arg(long)]
    pub(crate) identities: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Codes {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// Host that the request goes to, with a port that is not the default one.
    #[arg(long)]
    pub(crate) host: String,
    /// Name of the action.
    #[arg(long, default_value = "IdCardVerification")]
    pub(crate) action: String,
    /// Unix time in seconds; now when it is left out.
    #[arg(long)]
    pub(crate) timestamp: Option<u64>,
}

/// A parser of the names that the spec has.
fn names<T: Clone + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(&T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let one = move |given: String| all.iter().find(|one| name(one) == given).cloned();
    PossibleValuesParser::new(all.iter().map(name))
        .try_map(move |given| one(given).ok_or("there is no such name"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| {
            (Duration::from_millis(1)..=Duration::from_secs(3600)).contains(duration)
        })
        .ok_or_else(|| "not between 0.001 and 3600".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }
}
