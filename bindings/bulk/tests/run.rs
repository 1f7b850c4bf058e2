//! Runs against the sandbox: who is asked, who is not, what it costs, and why a run ends.

mod common;

use common::{
    NAME, Place, account, charged, client, client_with, identity, number, place, run, sandbox, set,
    write_people,
};
use idcard_bulk::journal::{Durability, Journal, JournalError, Outcome, Record};
use idcard_bulk::output::{Output, OutputOptions};
use idcard_bulk::{Bulk, BulkError, Control, End, Reader};
use idcard_sandbox::{SECRET_KEY, Sandbox};
use idcard_verification::{Client, ClientConfig, Credentials, Site};
use std::time::Duration;

#[tokio::test]
async fn everybody_is_asked_once_and_a_resumed_run_asks_nobody() {
    for durability in [Durability::Process, Durability::Power] {
        let sandbox = sandbox().await;
        let account = account("once");
        let people = (0..300).map(|row| number(row % 250));
        let mut place = place(people);
        place.options.durability = durability;
        let client = client(&sandbox.url(), &account);
        let bulk = place.begin();
        assert_eq!(bulk.survey().duplicates, 50);
        let ended = run(&bulk, &client).await;
        assert_eq!(ended.end, End::Complete);
        assert_eq!((ended.progress.asked, ended.progress.done), (250, 300));
        let report = bulk.report(None).expect("a report");
        assert_eq!((report.matches, report.duplicates), (250, 50));
        assert_eq!((report.charges.charged, report.charges.unknown), (250, 0));
        drop(bulk);
        let ended = run(&place.resume(), &client).await;
        assert_eq!((ended.end, ended.progress.asked), (End::Complete, 0));
        for person in 0..250 {
            assert_eq!(charged(&sandbox, &account, &number(person)), 1);
        }
        // The report is made of input and journal alone.
        let reader = Reader::open(place.open(), &place.options).expect("both");
        assert_eq!(reader.report(None).expect("a report"), report);
        sandbox.stop().await;
    }
}

fn output(place: &Place, reader: &Reader) -> Vec<Vec<String>> {
    let path = place.input.with_extension("out.csv");
    let mut output = Output::create(&path, &OutputOptions::default(), &[], true).expect("new");
    reader.report(Some(&mut output)).expect("a report");
    output.finish().expect("written");
    let mut rows = csv::Reader::from_path(&path).expect("CSV");
    let rows = rows.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn each_row_says_what_came_of_it_in_the_order_of_the_input() {
    let sandbox = sandbox().await;
    let account = account("rows");
    let place = place([
        identity("result:0"),
        identity("result:-1"),
        identity("result:-5"),
        "4.40305E+17".to_owned(),
        "nobody".to_owned(),
        identity("result:0"),
        identity("error:InternalError"),
        identity("error:RequestLimitExceeded"),
        identity("result:-7"),
    ]);
    let client = client(&sandbox.url(), &account);
    let bulk = place.begin();
    let ended = run(&bulk, &client).await;
    assert_eq!(ended.end, End::Complete);
    assert!(ended.resume_after.is_some());
    drop(bulk);
    let reader = Reader::open(place.open(), &place.options).expect("both");
    let rows = output(&place, &reader);
    let columns = |row: &[String]| [2, 3, 4, 5, 8].map(|column| row[column].clone());
    let said: Vec<String> = rows.iter().map(|row| columns(row).join(" ")).collect();
    assert_eq!(
        said,
        [
            "answered match 0 charged ",
            "answered mismatch -1 charged ",
            "answered inconclusive -5 not-charged ",
            "damaged   not-charged ",
            "malformed   not-charged ",
            "duplicate match 0 not-charged 1",
            "unknown   unknown ",
            "failed   not-charged ",
            "parked inconclusive -7 not-charged "
        ]
    );
    assert_eq!(rows[1][1], "A2");
    let text = format!("{rows:?}");
    assert!(!text.contains(NAME) && !text.contains(&identity("result:0")));
    let report = reader.report(None).expect("a report");
    assert_eq!((report.charges.charged, report.charges.unknown), (2, 1));
    let unknown = reader.unknown().expect("a list");
    assert_eq!((unknown.len(), unknown[0].row), (1, 7));
    assert!(unknown[0].request_id.is_some());
    sandbox.stop().await;
}

#[tokio::test]
async fn what_is_of_unknown_charge_waits_for_a_word() {
    let sandbox = sandbox().await;
    let account = account("unknown");
    let mut place = place([
        identity("fault:reset"),
        number(1),
        identity("fault:garbage"),
    ]);
    let client = client(&sandbox.url(), &account);
    run(&place.begin(), &client).await;
    assert_eq!(charged(&sandbox, &account, &identity("fault:reset")), 1);
    // By itself nothing is asked again.
    let ended = run(&place.resume(), &client).await;
    assert_eq!(ended.progress.asked, 0);
    let reader = Reader::open(place.open(), &place.options).expect("both");
    let unknown = reader.unknown().expect("a list");
    assert_eq!(unknown.len(), 2);
    // The bill has the first one; of the second one it is said that it was free.
    let said = format!(
        "row,key,charged\n1,{},yes\n3,{},no\n",
        unknown[0].key, unknown[1].key
    );
    let bulk = place.resume();
    assert!(
        bulk.settle("key,charged\nnobody,yes\n".as_bytes())
            .await
            .is_err()
    );
    assert_eq!(bulk.settle(said.as_bytes()).await.expect("settled"), 2);
    let report = bulk.report(None).expect("a report");
    assert_eq!((report.settled, report.not_asked), (1, 1));
    assert_eq!((report.charges.charged, report.charges.unknown), (2, 0));
    drop(bulk);
    // The free one is asked again, and is of unknown charge again.
    let ended = run(&place.resume(), &client).await;
    assert_eq!(ended.progress.asked, 1);
    place.options.retry_unknown = true;
    let bulk = place.resume();
    let ended = run(&bulk, &client).await;
    assert_eq!(ended.progress.asked, 1);
    let report = bulk.report(None).expect("a report");
    // What was dared is not forgotten.
    assert_eq!((report.charges.charged, report.charges.unknown), (2, 2));
    assert_eq!(charged(&sandbox, &account, &identity("fault:reset")), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn no_more_is_charged_than_the_limit_says() {
    let sandbox = sandbox().await;
    let account = account("limit");
    let mut place = place((0..40).map(number).chain([identity("fault:reset")]));
    place.options.max_charges = Some(15);
    let client = client(&sandbox.url(), &account);
    let ended = run(&place.begin(), &client).await;
    assert_eq!(ended.end, End::MaxCharges { limit: 15 });
    let charges = || sandbox.ledger().report(Some(&account)).sums.charged;
    assert_eq!(charges(), 15);
    let ended = run(&place.resume(), &client).await;
    assert_eq!((ended.end, charges()), (End::MaxCharges { limit: 15 }, 15));
    place.options.max_charges = Some(41);
    let ended = run(&place.resume(), &client).await;
    assert_eq!((ended.end, charges()), (End::Complete, 41));
    sandbox.stop().await;
}

#[tokio::test]
async fn what_concerns_every_row_ends_the_run_at_once() {
    let sandbox = sandbox().await;
    for error in [
        "UnauthorizedOperation.Arrears",
        "AuthFailure.UnauthorizedOperation",
        "AuthFailure.SecretIdNotFound",
    ] {
        let account = account(&format!("stop-{}", error.len()));
        let place = place(
            (0..500)
                .map(number)
                .chain([identity(&format!("error:{error}"))]),
        );
        let settings = format!(r#"{{"requests_per_second":0,"next":["error:{error}"]}}"#);
        set(&sandbox.url(), &account, settings).await;
        let client = client(&sandbox.url(), &account);
        let bulk = place.begin();
        let ended = run(&bulk, &client).await;
        assert!(
            matches!(&ended.end, End::Refused { error: text } if text.contains(error)),
            "{:?}",
            ended.end
        );
        assert!(ended.progress.asked < 300, "{}", ended.progress.asked);
    }
    // Keys that nobody knows.
    let place = place((0..500).map(number));
    let wrong = Credentials::new(account("keys"), "not the key").expect("keys");
    let config = ClientConfig::new(Site::International, wrong).with_endpoint(sandbox.url());
    let client = Client::new(config).expect("a client");
    let bulk = place.begin();
    let ended = run(&bulk, &client).await;
    assert!(matches!(ended.end, End::Refused { .. }), "{:?}", ended.end);
    let report = bulk.report(None).expect("a report");
    assert_eq!((report.charges.charged, report.charges.unknown), (0, 0));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected_and_does_not_end_the_run() {
    let sandbox = sandbox().await;
    let account = account("clock");
    let settings = r#"{"requests_per_second":0,"clock_offset_seconds":4000}"#.to_owned();
    set(&sandbox.url(), &account, settings).await;
    let place = place((0..50).map(number));
    let ended = run(&place.begin(), &client(&sandbox.url(), &account)).await;
    assert_eq!(ended.end, End::Complete);
    sandbox.stop().await;
}

#[tokio::test]
async fn too_many_errors_end_the_run() {
    let sandbox = sandbox().await;
    let account = account("errors");
    let mut place = place((0..200).map(number));
    place.options.max_errors = 5;
    place.options.concurrency = 4;
    let settings =
        r#"{"requests_per_second":0,"chaos":{"seed":1,"percent":100,"menu":["fault:reset"]}}"#;
    set(&sandbox.url(), &account, settings.to_owned()).await;
    let bulk = place.begin();
    let ended = run(&bulk, &client(&sandbox.url(), &account)).await;
    assert!(matches!(ended.end, End::MaxErrors { limit: 5, .. }));
    let report = bulk.report(None).expect("a report");
    assert!((5..=9).contains(&report.unknown), "{}", report.unknown);
    sandbox.stop().await;
}

#[tokio::test]
async fn what_fails_for_free_is_asked_again() {
    let sandbox = sandbox().await;
    let account = account("again");
    let settings = r#"{"requests_per_second":0,"chaos":{"seed":7,"percent":30,"menu":["error:RequestLimitExceeded","result:-4"]}}"#;
    set(&sandbox.url(), &account, settings.to_owned()).await;
    let place = place((0..300).map(number));
    let bulk = place.begin();
    let client = client_with(&sandbox.url(), &account, |config| {
        config.with_retry(idcard_verification::RetryPolicy::default().with_max_attempts(1))
    });
    let ended = run(&bulk, &client).await;
    assert_eq!(ended.end, End::Complete);
    let report = bulk.report(None).expect("a report");
    assert!(report.matches > 270, "three passes: {report:?}");
    assert_eq!(report.matches + report.failed, 300);
    sandbox.stop().await;
}

/// Stops a run when it has asked for some people.
async fn stopped(
    sandbox: &Sandbox,
    account: &str,
    stop: fn(&Control),
) -> (Place, idcard_bulk::Run) {
    let settings =
        r#"{"requests_per_second":0,"chaos":{"seed":1,"percent":100,"menu":["fault:slow"]}}"#;
    set(&sandbox.url(), account, settings.to_owned()).await;
    let mut place = place((0..100).map(number));
    place.options.concurrency = 10;
    place.options.progress_interval = Duration::from_millis(5);
    let bulk = place.begin();
    let control = Control::default();
    let told = control.clone();
    let client = client(&sandbox.url(), account);
    let ended = bulk
        .run(&client, &control, move |progress| {
            if progress.asked >= 10 && progress.totals.open >= 5 {
                stop(&told);
            }
        })
        .await
        .expect("it runs");
    drop(bulk);
    (place, ended)
}

#[tokio::test]
async fn an_interrupted_run_drains_at_first_and_gives_up_when_told_again() {
    let sandbox = sandbox().await;
    let drained = account("drained");
    let (place, ended) = stopped(&sandbox, &drained, Control::drain).await;
    assert_eq!(ended.end, End::Interrupted { aborted: false });
    let report = place.resume().report(None).expect("a report");
    assert_eq!(report.charges.unknown, 0);
    assert!(report.matches >= 20, "those under way ended: {report:?}");

    let aborted = account("aborted");
    let (place, ended) = stopped(&sandbox, &aborted, Control::abort).await;
    assert_eq!(ended.end, End::Interrupted { aborted: true });
    let report = place.resume().report(None).expect("a report");
    assert!((1..=10).contains(&report.unknown), "{report:?}");
    let charges = sandbox.ledger().report(Some(&aborted)).sums.charged;
    let said = report.charges;
    assert!((said.charged..=said.charged + said.unknown).contains(&charges));
    sandbox.stop().await;
}

#[tokio::test]
async fn whom_an_earlier_run_has_is_not_asked_again() {
    let sandbox = sandbox().await;
    let account = account("known");
    let client = client(&sandbox.url(), &account);
    let first = place((0..30).map(number).chain([identity("fault:reset")]));
    run(&first.begin(), &client).await;
    let mut second = place((20..50).map(number).chain([identity("fault:reset")]));
    second.options.known = vec![first.options.journal.clone()];
    let plan = Bulk::plan(&second.open(), &second.options).expect("a plan");
    assert_eq!((plan.to_ask, plan.remembered), (20, 11));
    let bulk = second.begin();
    let ended = run(&bulk, &client).await;
    assert_eq!((ended.end, ended.progress.asked), (End::Complete, 20));
    let report = bulk.report(None).expect("a report");
    assert_eq!((report.matches, report.elsewhere), (30, 1));
    assert_eq!(report.charges.charged, 20);
    for person in 0..50 {
        assert_eq!(charged(&sandbox, &account, &number(person)), 1);
    }
    assert_eq!(charged(&sandbox, &account, &identity("fault:reset")), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_plan_is_free_and_needs_nothing() {
    let mut place = place(
        (0..250)
            .chain([3, 4])
            .map(number)
            .chain(["4.40305E+17".to_owned(), "1".to_owned()]),
    );
    let plan = Bulk::plan(&place.open(), &place.options).expect("a plan");
    assert_eq!((plan.survey.rows, plan.survey.duplicates), (254, 2));
    assert_eq!((plan.survey.damaged, plan.survey.malformed), (1, 1));
    assert_eq!(
        (plan.to_ask, plan.most_charges, plan.answered),
        (250, 250, 0)
    );
    assert_eq!(plan.least_time, Duration::from_secs(3));
    assert!(!place.options.journal.exists() && !place.options.key.exists());
    place.options.max_charges = Some(7);
    let plan = Bulk::plan(&place.open(), &place.options).expect("a plan");
    assert_eq!(plan.most_charges, 7);
}

/// Three in a thousand may end in zeros by chance; many of them were rounded.
#[tokio::test]
async fn rounded_numbers_are_refused_when_there_are_many() {
    let zeros = |count: usize| {
        let all = (0..100_000).map(number);
        let zeros = all.filter(|number| number.ends_with("000"));
        zeros.take(count).collect::<Vec<_>>()
    };
    for (count, refused) in [(3_u32, 0), (4, 4)] {
        let mut place = place(zeros(count as usize).into_iter().chain([number(1)]));
        let plan = Bulk::plan(&place.open(), &place.options).expect("a plan");
        assert_eq!(plan.survey.damaged, refused, "{count} {:?}", plan.survey);
        assert_eq!(plan.to_ask, u64::from(count) + 1 - refused);
        place.options.allow_rounded = true;
        let plan = Bulk::plan(&place.open(), &place.options).expect("a plan");
        assert_eq!(plan.survey.damaged, 0);
    }
    // One that was surely rounded makes all others doubtful.
    let place = place(
        zeros(1)
            .into_iter()
            .chain(["440305199505133000".to_owned()]),
    );
    let plan = Bulk::plan(&place.open(), &place.options).expect("a plan");
    assert_eq!((plan.survey.damaged, plan.to_ask), (2, 0));
}

#[tokio::test]
async fn another_input_site_account_or_option_is_refused_with_the_difference() {
    let sandbox = sandbox().await;
    let mut place = place((0..3).map(number));
    place.options.account = Some("AKIDone".into());
    run(&place.begin(), &client(&sandbox.url(), &account("other"))).await;
    let refused = |place: &Place| match place.try_resume() {
        Err(BulkError::Journal(JournalError::OtherRun(what))) => what.join(", "),
        other => panic!("{other:?}"),
    };
    let mut other = place;
    other.options.site = Site::Mainland;
    assert_eq!(refused(&other), "site was international and is mainland");
    other.options.site = Site::International;
    other.options.account = Some("AKIDother".into());
    assert_eq!(refused(&other), "the account is another");
    other.options.account = None;
    other.try_resume().expect("nobody says who pays");
    other.options.allow_rounded = true;
    let options = "options was csv utf-8 and is csv utf-8 allow-rounded";
    assert_eq!(refused(&other), options);
    other.options.allow_rounded = false;
    write_people(&other.input, (0..4).map(number));
    assert_eq!(refused(&other), "the input has changed");
    sandbox.stop().await;
}

#[tokio::test]
async fn one_process_runs_a_journal_and_others_may_read() {
    let sandbox = sandbox().await;
    let place = place((0..3).map(number));
    let bulk = place.begin();
    run(&bulk, &client(&sandbox.url(), &account("two"))).await;
    let second = place.try_resume();
    assert!(matches!(
        second,
        Err(BulkError::Journal(JournalError::InUse))
    ));
    let again = Bulk::begin(place.open(), place.options.clone());
    assert!(matches!(
        again,
        Err(BulkError::Journal(JournalError::Exists(_)))
    ));
    let reader = Reader::open(place.open(), &place.options).expect("both");
    assert_eq!(reader.report(None).expect("a report").matches, 3);
    drop(bulk);
    place.resume();
    sandbox.stop().await;
}

#[tokio::test]
async fn a_clock_behind_the_journal_is_told() {
    let sandbox = sandbox().await;
    let mut place = place((0..3).map(number));
    run(&place.begin(), &client(&sandbox.url(), &account("behind"))).await;
    // The last line is of a day later than this machine thinks.
    let later = std::time::SystemTime::now() + Duration::from_secs(86_400 + 7_200);
    let later = later.duration_since(std::time::UNIX_EPOCH).expect("now");
    append_outcome(&place, u64::try_from(later.as_millis()).expect("small"));
    let error = place.try_resume().expect_err("behind").to_string();
    assert!(
        error.contains("1 d 1 h behind") || error.contains("1 d 2 h behind"),
        "{error}"
    );
    place.options.accept_clock = true;
    place.resume();
    sandbox.stop().await;
}

fn append_outcome(place: &Place, time: u64) {
    append_outcome_of(place, time, |_| true);
}

/// Says the last outcome of a kind again, at another time.
fn append_outcome_of(place: &Place, time: u64, which: fn(&Outcome) -> bool) {
    let mut last = None;
    let mut journal = Journal::open(&place.options.journal, Durability::Process, |_, record| {
        if let Record::Outcome(outcome) = record
            && which(&outcome)
        {
            last = Some(outcome);
        }
    })
    .expect("a journal");
    let last = last.expect("an outcome");
    let record = Record::Outcome(Outcome { time, ..last });
    journal.append(&[record]).expect("written");
}

#[tokio::test]
async fn without_its_key_a_journal_is_nobodys() {
    let sandbox = sandbox().await;
    let place = place((0..3).map(number));
    run(&place.begin(), &client(&sandbox.url(), &account("purged"))).await;
    let journal = std::fs::read_to_string(&place.options.journal).expect("readable");
    assert!(!journal.contains(NAME) && !journal.contains(&number(0)));
    assert!(!journal.contains(SECRET_KEY) && !journal.contains(&account("purged")));
    idcard_bulk::journal::JobKey::destroy(&place.options.key).expect("destroyed");
    assert!(!place.options.key.exists());
    assert!(matches!(place.try_resume(), Err(BulkError::Key(_))));
    sandbox.stop().await;
}

#[tokio::test]
async fn whose_attempts_are_used_up_is_asked_again_on_another_day_in_beijing() {
    let sandbox = sandbox().await;
    let account = account("parked");
    let mut place = place([identity("result:-7"), number(1)]);
    let client = client(&sandbox.url(), &account);
    let ended = run(&place.begin(), &client).await;
    let midnight = ended.resume_after.expect("a time");
    assert_eq!((midnight + 8 * 3_600) % 86_400, 0, "midnight in Beijing");
    let ended = run(&place.resume(), &client).await;
    assert_eq!((ended.progress.asked, ended.progress.parked), (0, 1));
    // It waits, if it is told to, and can be stopped meanwhile.
    place.options.wait = true;
    let control = Control::default();
    let told = control.clone();
    let bulk = place.resume();
    let waited = bulk.run(&client, &control, move |progress| {
        if progress.waits {
            told.drain();
        }
    });
    let ended = waited.await.expect("it runs");
    assert_eq!(ended.end, End::Interrupted { aborted: false });
    drop(bulk);
    place.options.wait = false;
    // What was said yesterday holds no more.
    let yesterday = now_ms() - 86_400_000;
    append_outcome_of(&place, yesterday, |outcome| {
        outcome.result.as_deref() == Some("-7")
    });
    let ended = run(&place.resume(), &client).await;
    assert_eq!((ended.progress.asked, ended.progress.parked), (1, 1));
    sandbox.stop().await;
}

fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(since.expect("now").as_millis()).expect("small")
}

#[tokio::test]
async fn a_journal_is_a_ledger_for_any_client() {
    use idcard_bulk::JournalLedger;
    use idcard_verification::{
        AnswerOrigin, Charge, Error, LedgerConfig, LedgerProblem, VerifyRequest,
    };
    const KEY: &[u8] = b"an invented key of a ledger";
    let sandbox = sandbox().await;
    let account = account("ledger");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("calls.journal");
    let usual = client(&sandbox.url(), &account);
    let with = |durability| {
        let ledger = JournalLedger::open(&path, KEY, durability).expect("a journal");
        let config = LedgerConfig::new(ledger, KEY);
        usual.with_ledger(&config).expect("a client")
    };
    let (known, lost) = (number(1), identity("fault:reset"));
    for (round, durability) in [Durability::Process, Durability::Power, Durability::Process]
        .into_iter()
        .enumerate()
    {
        let client = with(durability);
        let answer = client.verify(VerifyRequest::new(&known, NAME)).await;
        let answer = answer.expect("an answer");
        let (charge, origin) = match round {
            0 => (Charge::Charged, AnswerOrigin::Service),
            _ => (Charge::NotCharged, AnswerOrigin::Remembered),
        };
        assert_eq!((answer.charge, answer.origin), (charge, origin));
        let error = client.verify(VerifyRequest::new(&lost, NAME)).await;
        match error.expect_err("its answer is lost") {
            Error::Network { .. } => assert_eq!(round, 0),
            Error::Ledger { problem, .. } => assert_eq!(problem, LedgerProblem::OpenClaim),
            other => panic!("{other}"),
        }
        // Many at a time write in groups, and each is asked once.
        let calls = (0..64).map(|person| {
            let client = client.clone();
            async move {
                client
                    .verify(VerifyRequest::new(number(person), NAME))
                    .await
            }
        });
        for answer in futures_util::future::join_all(calls).await {
            answer.expect("an answer");
        }
        drop(client);
    }
    for person in 0..64 {
        assert_eq!(charged(&sandbox, &account, &number(person)), 1);
    }
    assert_eq!(charged(&sandbox, &account, &lost), 1);
    let other = JournalLedger::open(&path, b"another key of a ledger", Durability::Process);
    assert!(matches!(other, Err(JournalError::OtherKey)));
    sandbox.stop().await;
}
