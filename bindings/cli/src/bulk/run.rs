//! `bulk run` and `bulk resume`.

use super::arguments::{Job, Resume, Run as Arguments};
use super::outlet::Outlet;
use super::progress::Teller;
use super::report::{self, Told};
use super::setup::{self, is_stream};
use super::signals::Signals;
use super::units::{counted, number};
use super::{command, end, plan};
use crate::failure::Failure;
use crate::output::Output;
use idcard_bulk::{Bulk, BulkError, BulkOptions, Control, End, Plan, Progress, Report, Run};
use idcard_sandbox::BlockingSandbox;
use idcard_verification::{Client, Error};
use std::fs::File;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// Charges that are not confirmed.
const FEW: u64 = 1_000;

/// What a run needs beside its file.
struct Setting<'a> {
    job: &'a Job,
    options: BulkOptions,
    teller: Teller,
    outlet: Outlet,
}

impl<'a> Setting<'a> {
    fn new(job: &'a Job) -> Result<(Self, idcard_bulk::input::Input), Failure> {
        let options = setup::job(job)?;
        let input = setup::input(&job.read, job.written.keep_columns)?;
        let needed = [job.read.input.as_path(), &options.journal, &options.key];
        let outlet = Outlet::new(&job.written, &input, &needed);
        let outlet = outlet.map_err(|error| Failure::from_bulk(&error, Some(&job.read.input)))?;
        let teller = Teller::new(job.progress, job.price);
        let setting = Self {
            job,
            options,
            teller,
            outlet,
        };
        Ok((setting, input))
    }

    fn failure(&self, error: &BulkError) -> Failure {
        Failure::from_bulk(error, Some(&self.job.read.input))
    }

    /// Tells what the run may come to, and makes sure that this is wanted.
    fn confirm(&self, plan: &Plan) -> Result<(), Failure> {
        let value = serde_json::json!({"plan": plan::as_json(plan, self.job.price)});
        let words = plan::in_words(plan, self.job.price);
        self.teller.event("plan", &value, &words);
        self.outlet
            .check(plan.survey.rows)
            .map_err(|error| self.failure(&error))?;
        let job = self.job;
        let is_small = plan.most_charges <= FEW || job.limits.max_charges.is_some();
        if is_small || job.service.sandbox || job.yes {
            return Ok(());
        }
        let most = counted(plan.most_charges, "charge");
        let cost = job.price.map(|price| price.shown(plan.most_charges));
        let cost = cost.map_or_else(String::new, |cost| format!(", cost {cost}"));
        let is_watched = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !is_watched || is_stream(&job.read.input) {
            return Err(Failure::usage(format!(
                "this run may come to {most}{cost}: limit it by --max-charges N, or allow it by --yes"
            )));
        }
        let mut stderr = std::io::stderr();
        let _ = write!(stderr, "This run may come to {most}{cost}. Go on? [y/N] ");
        let _ = stderr.flush();
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        let answer = answer.trim().to_ascii_lowercase();
        if read.is_ok() && matches!(answer.as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Failure::usage("nothing was asked".to_owned()))
    }

    /// The client, and the sandbox that has to stay as long.
    fn client(&self) -> Result<(Client, Option<BlockingSandbox>), Failure> {
        let mut service = self.job.service.clone();
        if !service.sandbox {
            service.site = service
                .site
                .or_else(|| setup::site_of(&self.options.journal));
        }
        service.check()?;
        let made = service.config().and_then(|(mut config, sandbox)| {
            config.requests_per_second = self.job.limits.requests_per_second;
            Ok((Client::new(config)?, sandbox))
        });
        made.map_err(|error| Failure::from(&error))
    }
}

/// Begins a run.
pub(super) fn begin(arguments: &Arguments) -> Result<Output, Failure> {
    let job = &arguments.job;
    let journal = setup::job(job)?.journal;
    if journal.exists() {
        let resume = command::resume(job, job.limits.max_charges, false);
        let path = journal.display();
        return Err(Failure::usage(format!(
            "there is a journal {path} already: go on with that run by\n  {resume}\nor begin another one \
             by --journal FILE"
        )));
    }
    let (setting, input) = Setting::new(job)?;
    // What is wrong with the settings is found before there is a journal of them.
    let client = setting.client()?;
    let plan = Bulk::plan(&input, &setting.options).map_err(|error| setting.failure(&error))?;
    setting.confirm(&plan)?;
    let bulk = Bulk::begin(input, setting.options.clone());
    let bulk = bulk.map_err(|error| setting.failure(&error))?;
    run(&setting, &bulk, Some(client))
}

/// Goes on with a run.
pub(super) fn resume(arguments: &Resume) -> Result<Output, Failure> {
    let job = &arguments.job;
    let journal = setup::job(job)?.journal;
    setup::require(&journal, Some(&job.read.input))?;
    let (setting, input) = Setting::new(job)?;
    let bulk = Bulk::resume(input, setting.options.clone());
    let bulk = bulk.map_err(|error| setting.failure(&error))?;
    setting
        .teller
        .note(&format!("goes on with {}", journal.display()));
    if let Some(file) = &arguments.settle {
        let charges = File::open(file).map_err(|error| {
            let why = error.kind();
            Failure::input(
                crate::exit::BAD_INPUT,
                format!("{} cannot be read: {why}", file.display()),
            )
        })?;
        let settled = runtime()?.block_on(bulk.settle(charges));
        let settled = settled.map_err(|error| setting.failure(&error))?;
        setting.teller.note(&format!(
            "settled {} by {}",
            counted(settled, "row"),
            file.display()
        ));
    }
    let plan = bulk.outlook();
    setting.confirm(&plan)?;
    if plan.to_ask == 0 {
        setting.teller.note("there is nobody to ask");
        return run(&setting, &bulk, None);
    }
    let client = setting.client()?;
    run(&setting, &bulk, Some(client))
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| cannot("no runtime can be made", &error))
}

fn cannot(what: &str, error: &std::io::Error) -> Failure {
    let detail = format!("{what}: {}", error.kind());
    Failure::from(&Error::Configuration { detail })
}

/// Asks for everybody who has no answer, and tells what came of it.
fn run(
    setting: &Setting<'_>,
    bulk: &Bulk,
    client: Option<(Client, Option<BlockingSandbox>)>,
) -> Result<Output, Failure> {
    let (control, teller) = (Control::default(), &setting.teller);
    let signals = Signals::listen(&control, teller)
        .map_err(|error| cannot("signals cannot be listened for", &error))?;
    let before = bulk.outlook();
    let run = match &client {
        Some((client, _)) if before.to_ask > 0 => {
            let told = teller.in_a_thread();
            let tell = |progress: &Progress| told.progress(progress);
            let ended = runtime()?.block_on(bulk.run(client, &control, tell));
            Some(ended)
        }
        _ => None,
    };
    signals.run_is_over();
    let run = match run.transpose() {
        Ok(run) => run,
        Err(error) => {
            teller.ended(&Progress::default());
            let resume = command::resume(setting.job, setting.job.limits.max_charges, false);
            let hint = format!("\nwhat was asked is in the journal; go on by\n  {resume}");
            return Err(setting.failure(&error).with_hint(&hint));
        }
    };
    if let Some(run) = &run {
        teller.ended(&run.progress);
    }
    let reported = setting.outlet.write(|output| bulk.report(output));
    match reported {
        Ok(report) => Ok(tell(setting, bulk, run.as_ref(), &report)),
        Err(error) => {
            let failure = setting.failure(&error);
            let Some(run) = &run else {
                return Err(failure);
            };
            let resume = command::resume(setting.job, setting.job.limits.max_charges, false);
            teller.note(&report::without_report(run, setting.job.price));
            tell_resume(setting, &resume);
            Err(failure.with_exit(report::code_without_report(run)))
        }
    }
}

/// What came of it, and how to go on.
fn tell(setting: &Setting<'_>, bulk: &Bulk, run: Option<&Run>, report: &Report) -> Output {
    let (job, teller) = (setting.job, &setting.teller);
    let end = run.map(|run| &run.end);
    if let Some(run) = run
        && run.end == (End::Interrupted { aborted: true })
    {
        let unknown = counted(run.progress.totals.unknown, "row");
        teller.note(&format!(
            "calls were given up: now {unknown} of unknown charge"
        ));
    }
    let is_file = setting.outlet.path().is_some_and(|path| !is_stream(path));
    let mut most = job.limits.max_charges;
    if let Some(End::MaxCharges { .. }) = end {
        let charges = report.charges;
        let mut left = bulk.outlook();
        left.most_charges = left.to_ask;
        most = Some(charges.charged + charges.unknown + left.most_charges);
    }
    let can_go_on =
        end.is_some_and(|end| *end != End::Complete) || report.failed + report.parked > 0;
    let resume =
        (can_go_on && end != Some(&End::InputChanged)).then(|| command::resume(job, most, is_file));
    let told = Told {
        report,
        run,
        price: job.price,
        output: setting.outlet.path(),
        journal: &setting.options.journal,
        resume: resume.as_deref(),
        exit: end::code(end, report),
    };
    // The report first: what is to be done stands below it.
    let exit = told.print(job.json).print();
    if end == Some(&End::InputChanged) {
        teller.note(
            "put the input back as it was, and resume; or begin another run with --known JOURNAL",
        );
    }
    if report.unknown > 0 {
        let unknown = command::unknown(&job.read, &job.place, job.service.sandbox);
        let words = format!(
            "{} of unknown charge; list them by\n  {unknown}",
            counted(report.unknown, "row")
        );
        teller.event("unknown", &serde_json::json!({"command": unknown}), &words);
    }
    if let Some(resume) = &resume {
        if let Some(End::MaxCharges { .. }) = end {
            let limit = most.map_or_else(String::new, number);
            teller.note(&format!(
                "for everybody who is left, the limit would be {limit} charges"
            ));
        }
        tell_resume(setting, resume);
    }
    Output::new(exit, String::new())
}

fn tell_resume(setting: &Setting<'_>, resume: &str) {
    let value = serde_json::json!({"command": resume});
    setting
        .teller
        .event("resume", &value, &format!("go on by\n  {resume}"));
}
