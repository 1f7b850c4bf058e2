//! Arguments of `bulk`.

use super::units::Price;
use crate::input::Encoding;
use crate::service::{Service, names};
use clap::{Args, Subcommand, ValueEnum};
use idcard_verification::Site;
use std::path::PathBuf;

/// What the codes mean, and which one counts when two would do.
const EXITS: &str = "\
Exit codes of run, resume and report; of two that fit, the one that is higher in this list:
  130  stopped by Ctrl-C or SIGTERM
   74  the output or the journal cannot be written
   13  the account, its keys or a setting was refused
    3  bad input: an unreadable file, its columns or its encoding
   11  stopped by a limit: --max-charges, --max-errors, the day's attempts for somebody
   12  there are rows of unknown charge: see `bulk unknown`
   10  done, but some rows have no answer: malformed, damaged, failed, not asked
    0  every row has an answer, and every charge is known
   64  nothing was begun: wrong usage, another run's journal, an existing file
plan, status, unknown and purge: 0, or 3, 64 or 74.

Example:
  idcard-verify bulk plan people.csv
  idcard-verify bulk run people.csv --sandbox -o out.csv
  idcard-verify bulk run people.csv --site mainland -o out.csv";

/// A file of people.
#[derive(Debug, Subcommand)]
#[command(after_help = EXITS)]
pub(crate) enum Bulk {
    /// Say what a run would cost and take. Free; needs no keys, sends and writes nothing.
    Plan(Plan),
    /// Begin to verify a file. The account is charged.
    Run(Run),
    /// Go on with a run, however it ended. Nobody is asked twice.
    Resume(Resume),
    /// Make the output and the report again, at any time, also while a run writes. Free.
    Report(Report),
    /// Say from the journal alone how far a run is. Free, and quick.
    Status(Status),
    /// List the rows of unknown charge, to look for them in the bill.
    Unknown(Unknown),
    /// Destroy the key of a journal: nobody can tell any more whom it is about.
    Purge(Purge),
}

impl Bulk {
    /// Whether what is printed is for machines.
    pub(crate) const fn is_json(&self) -> bool {
        match self {
            Self::Plan(plan) => plan.json,
            Self::Run(run) => run.job.json,
            Self::Resume(resume) => resume.job.json,
            Self::Report(report) => report.json,
            Self::Status(status) => status.json,
            Self::Unknown(_) | Self::Purge(_) => false,
        }
    }
}

/// The file, and how it is read.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct Read {
    /// The file of people: CSV, TSV, JSON lines or .xlsx; - for standard input, with --journal.
    #[arg(value_name = "INPUT", help_heading = None::<&str>)]
    pub(crate) input: PathBuf,
    /// What kind of file it is. Default: found out.
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Encoding of a text. Default: found out, or asked for if two are possible.
    #[arg(long, value_enum, value_name = "ENCODING", ignore_case = true)]
    pub(crate) encoding: Option<Encoding>,
    /// What separates the cells of CSV: one character, or `tab`. Default: found out.
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<String>,
    /// Column of numbers: its heading, or its place from 1. Default: found by its heading.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) number_column: Option<String>,
    /// Column of names, likewise.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) name_column: Option<String>,
    /// Column of your own key of a row, which the output repeats. Default: found by its heading.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id_column: Option<String>,
    /// Sheet of a workbook. Default: the first one that is visible.
    #[arg(long)]
    pub(crate) sheet: Option<String>,
    /// Mend what keyboards, copying and spreadsheets do to numbers and names.
    #[arg(long)]
    pub(crate) normalize: bool,
    /// Ask for numbers that end in 000, although more do than chance brings. Default: a spreadsheet
    /// has probably rounded them, and they are not asked.
    #[arg(long)]
    pub(crate) allow_rounded: bool,
}

/// The journal and its key.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Journal")]
pub(crate) struct Where {
    /// Journal of the run. Default: INPUT.journal, with --sandbox INPUT.sandbox.journal.
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Key of the journal. Default: the journal's name with .key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// What is written.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Written {
    /// Write a row for each row of the input: .csv, .jsonl or .xlsx; - for standard output.
    /// Default: the report alone.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Format of the output. Default: by its extension, else csv.
    #[arg(long, value_enum)]
    pub(crate) output_format: Option<OutputFormat>,
    /// Repeat all columns of the input in the output, numbers and names too.
    #[arg(long)]
    pub(crate) keep_columns: bool,
    /// Write CSV as Excel reads it, with a byte order mark.
    #[arg(long)]
    pub(crate) bom: bool,
    /// Overwrite an existing output.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Limits and pace.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct Limits {
    /// Stop before more than N charges, with those of all resumptions and of unknown charge.
    /// Default: none, but more than 1,000 have to be confirmed.
    #[arg(long, value_name = "N")]
    pub(crate) max_charges: Option<u64>,
    /// Stop after N rows that failed or are of unknown charge; 0 for never.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) max_errors: u64,
    /// Calls at a time.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) concurrency: u32,
    /// Requests per second; 0 for no limit. Default: 100, the quota of an account.
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_second: Option<u32>,
    /// Ask rows of unknown charge again. They may be paid twice.
    #[arg(long)]
    pub(crate) retry_unknown: bool,
    /// When the day's attempts for somebody are used up, wait for midnight in Beijing. Default: end.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Begin although the journal's last line is later than this machine's clock.
    #[arg(long)]
    pub(crate) accept_clock: bool,
    /// Take answers from the journal of an earlier run, and do not ask for those people. May be repeated.
    #[arg(long, value_name = "JOURNAL")]
    pub(crate) known: Vec<PathBuf>,
    /// What the journal survives: the end of the process, or a loss of power.
    #[arg(long, value_enum, default_value_t = Durability::Power)]
    pub(crate) durability: Durability,
}

/// What `run` and `resume` have in common.
#[derive(Clone, Debug, Args)]
pub(crate) struct Job {
    #[command(flatten)]
    pub(crate) read: Read,
    #[command(flatten)]
    pub(crate) written: Written,
    #[command(flatten)]
    pub(crate) place: Where,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten, next_help_heading = "Service")]
    pub(crate) service: Service,
    /// Price of a charge, in your currency, such as 0.55. Default: no cost is shown.
    #[arg(long, help_heading = "Report")]
    pub(crate) price: Option<Price>,
    /// Do not ask before a run that may charge more than 1,000.
    #[arg(long, help_heading = "Limits")]
    pub(crate) yes: bool,
    /// How progress is told on standard error: auto is a bar on a terminal, else a line each 10 s; json is
    /// an object a second.
    #[arg(long, value_enum, default_value_t = Progress::Auto, help_heading = "Report")]
    pub(crate) progress: Progress,
    /// Print the report as JSON.
    #[arg(long, help_heading = "Report")]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  idcard-verify bulk plan people.csv --price 0.55")]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) read: Read,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Site of the account, by which a journal is told from another's. Default: the journal's.
    #[arg(long, env = "IDCARD_SITE", value_parser = names(Site::ALL, Site::as_str))]
    pub(crate) site: Option<Site>,
    /// Plan for the journal of a run with --sandbox.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Count whom the journal of an earlier run has an answer for. May be repeated.
    #[arg(long, value_name = "JOURNAL")]
    pub(crate) known: Vec<PathBuf>,
    /// Most charges that a run may come to. Default: no limit.
    #[arg(long, value_name = "N")]
    pub(crate) max_charges: Option<u64>,
    /// Plan to ask rows of unknown charge again.
    #[arg(long)]
    pub(crate) retry_unknown: bool,
    /// Price of a charge, in your currency, such as 0.55. Default: no cost is shown.
    #[arg(long)]
    pub(crate) price: Option<Price>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example, first without an account and then with one:
  idcard-verify bulk run people.csv --sandbox -o try.csv
  idcard-verify bulk run people.csv --site mainland --max-charges 500 -o out.xlsx")]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) job: Job,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  idcard-verify bulk resume people.csv -o out.xlsx
  idcard-verify bulk resume people.csv -o out.xlsx --settle unknown.csv")]
pub(crate) struct Resume {
    #[command(flatten)]
    pub(crate) job: Job,
    /// First take what the bill says of rows of unknown charge: the CSV of `bulk unknown`, with yes or no
    /// under `charged`.
    #[arg(long, value_name = "FILE")]
    pub(crate) settle: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  idcard-verify bulk report people.csv -o out.xlsx --keep-columns"
)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) read: Read,
    #[command(flatten)]
    pub(crate) written: Written,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Of a run with --sandbox.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Price of a charge, in your currency, such as 0.55. Default: no cost is shown.
    #[arg(long)]
    pub(crate) price: Option<Price>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  idcard-verify bulk status people.csv")]
pub(crate) struct Status {
    /// The file of people, beside which the journal is.
    #[arg(required_unless_present = "journal")]
    pub(crate) input: Option<PathBuf>,
    /// The journal. Default: INPUT.journal.
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Of a run with --sandbox.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Price of a charge, in your currency, such as 0.55. Default: no cost is shown.
    #[arg(long)]
    pub(crate) price: Option<Price>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  idcard-verify bulk unknown people.csv -o unknown.csv
  idcard-verify bulk resume people.csv --settle unknown.csv")]
pub(crate) struct Unknown {
    #[command(flatten)]
    pub(crate) read: Read,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Of a run with --sandbox.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Write to a file. Default: standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite an existing file.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  idcard-verify bulk purge people.csv")]
pub(crate) struct Purge {
    /// The file of people, beside which the journal is.
    #[arg(required_unless_present = "journal")]
    pub(crate) input: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Of a run with --sandbox.
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Csv,
    Tsv,
    Jsonl,
    Xlsx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    Csv,
    Jsonl,
    Xlsx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Durability {
    Process,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    Auto,
    Bar,
    Lines,
    Json,
    None,
}
