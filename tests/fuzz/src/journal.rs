//! Journals of bulk runs, as a crash or somebody else has left them.

use idcard_bulk::journal::{
    Durability, Header, Intent, Journal, Key, Outcome, Record, Settled, totals,
};

pub(crate) fn run(data: &[u8]) -> bool {
    let Ok(whole) = totals(data) else {
        return false;
    };
    // What a crash cuts off was not said: nothing is charged that was not before, and what is open is known to be.
    let cut = data.len() / 2;
    if let Ok(part) = totals(&data[..cut]) {
        assert!(part.charged <= whole.charged, "{part:?} {whole:?}");
    }
    true
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let Ok(folder) = tempfile::tempdir() else {
        return Vec::new();
    };
    let path = folder.path().join("journal");
    let header = Header::new("00", "international", "", "csv utf-8");
    let Ok(mut journal) = Journal::create(&path, &header, Durability::Process) else {
        return Vec::new();
    };
    let key = |number| Key([number; 16]);
    let intent = |number: u8| {
        Record::Intent(Intent {
            key: key(number),
            row: number.into(),
            time: 1_800_000_000_000,
        })
    };
    let outcome = |number: u8, result: Option<&str>, charge: &str| {
        Record::Outcome(Outcome {
            key: key(number),
            row: number.into(),
            result: result.map(str::to_owned),
            error: result.is_none().then(|| "network timeout".to_owned()),
            charge: charge.to_owned(),
            request_id: Some("id".to_owned()),
            attempts: 1,
            uncertain_attempts: 0,
            time: 1_800_000_000_100,
        })
    };
    let groups = [
        vec![intent(1), intent(2), intent(3)],
        vec![
            outcome(1, Some("0"), "charged"),
            outcome(2, None, "unknown"),
        ],
        vec![
            Record::Unknown(key(3)),
            intent(4),
            outcome(4, Some("-7"), "not-charged"),
        ],
        vec![Record::Settled(Settled {
            key: key(2),
            charged: true,
        })],
    ];
    let mut seeds = Vec::new();
    for group in groups {
        if journal.append(&group).is_err() {
            return seeds;
        }
        seeds.insert(0, std::fs::read(&path).unwrap_or_default());
    }
    seeds.push(Vec::new());
    seeds
}
