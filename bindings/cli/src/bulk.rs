//! `bulk`: a file of people, in steps that can be repeated.

mod arguments;
mod command;
mod end;
mod journal;
mod outlet;
mod plan;
mod progress;
mod report;
mod run;
mod screen;
mod setup;
mod signals;
mod units;

pub(crate) use arguments::Bulk;

/// Does what is asked, prints it, and gives back the exit code.
pub(crate) fn run(arguments: &Bulk) -> u8 {
    let json = arguments.is_json();
    let done = match arguments {
        Bulk::Plan(plan) => plan::run(plan),
        Bulk::Run(run) => run::begin(run),
        Bulk::Resume(resume) => run::resume(resume),
        Bulk::Report(report) => report::run(report),
        Bulk::Status(status) => journal::status(status),
        Bulk::Unknown(unknown) => journal::unknown(unknown),
        Bulk::Purge(purge) => journal::purge(purge),
    };
    done.unwrap_or_else(|failure| failure.output(json)).print()
}
