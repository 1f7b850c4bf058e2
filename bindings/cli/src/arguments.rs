//! Arguments of the command.

use crate::bulk::Bulk;
use crate::input::Encoding;
use crate::service::Service;
use clap::{Args, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "idcard-verify",
    version,
    about = "Verify a Chinese identity-card number against a name",
    after_help = "Exit codes: 0 match, 10 mismatch, 11 inconclusive, 3 bad input, 4 credentials, \
                  5 network, 6 error of the service, 7 unreadable answer, 64 wrong usage, 70 a \
                  fault of the program, 74 the output could not be written, 130 interrupted. Those of \
                  `bulk` are in its own help."
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
    /// Verify a file of people: a plan that is free, a run that can be stopped and resumed, a report.
    #[command(subcommand)]
    Bulk(Box<Bulk>),
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
    #[command(flatten)]
    pub(crate) service: Service,
    /// Send number and name without checking them first.
    #[arg(long)]
    pub(crate) no_local_check: bool,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }
}
