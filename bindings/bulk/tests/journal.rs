//! What the journal survives, and what it refuses.

use idcard_bulk::journal::{
    Durability, Header, Intent, Journal, JournalError, Key, Outcome, Record, Settled, read_header,
};
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn header() -> Header {
    Header::new("abc", "international", "d0", "csv")
}

fn key(number: u8) -> Key {
    Key([number; 16])
}

fn intent(number: u8) -> Record {
    Record::Intent(Intent {
        key: key(number),
        row: u64::from(number),
        time: 1_800_000_000_000,
    })
}

fn outcome(number: u8) -> Record {
    Record::Outcome(Outcome {
        key: key(number),
        row: u64::from(number),
        result: Some("0".into()),
        error: None,
        charge: "charged".into(),
        request_id: Some("id \"quoted\"\n".into()),
        attempts: 1,
        uncertain_attempts: 0,
        time: 1_800_000_000_012,
    })
}

struct Place {
    _folder: TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("run.journal");
    Place {
        _folder: folder,
        path,
    }
}

fn open(place: &Place) -> Result<Vec<Record>, JournalError> {
    let mut seen = Vec::new();
    Journal::open(&place.path, Durability::Process, |_, record| {
        seen.push(record)
    })?;
    assert_eq!(seen.remove(0), Record::Header(header()));
    Ok(seen)
}

#[test]
fn what_was_written_is_read() {
    let place = place();
    let records = [
        intent(1),
        intent(2),
        outcome(1),
        Record::Unknown(key(2)),
        Record::Settled(Settled {
            key: key(2),
            charged: true,
        }),
    ];
    let mut journal = Journal::create(&place.path, &header(), Durability::Power).expect("new");
    journal.append(&records[..2]).expect("written");
    journal.append(&records[2..]).expect("written");
    drop(journal);
    assert_eq!(open(&place).expect("whole"), records);
}

#[test]
fn a_journal_that_is_cut_at_any_byte_has_what_was_whole() {
    let place = place();
    let records = [intent(1), outcome(1), intent(2), intent(3), outcome(2)];
    let mut journal = Journal::create(&place.path, &header(), Durability::Process).expect("new");
    let mut ends = vec![fs::metadata(&place.path).expect("there").len()];
    for record in &records {
        journal
            .append(std::slice::from_ref(record))
            .expect("written");
        ends.push(fs::metadata(&place.path).expect("there").len());
    }
    drop(journal);
    let whole = fs::read(&place.path).expect("readable");
    for cut in ends[0]..=whole.len() as u64 {
        let cut = usize::try_from(cut).expect("small");
        fs::write(&place.path, &whole[..cut]).expect("writable");
        let count = ends.iter().filter(|end| **end <= cut as u64).count() - 1;
        assert_eq!(open(&place).expect("recovers"), records[..count], "{cut}");
        // What comes next is not lost with the torn line.
        let mut journal =
            Journal::open(&place.path, Durability::Process, |_, _| {}).expect("recovers");
        journal.append(&[intent(9)]).expect("written");
        drop(journal);
        assert_eq!(
            open(&place).expect("whole").last(),
            Some(&intent(9)),
            "{cut}"
        );
    }
    // Without a whole header it is no journal.
    fs::write(&place.path, &whole[..10]).expect("writable");
    assert!(matches!(open(&place), Err(JournalError::NotAJournal)));
    fs::write(&place.path, b"").expect("writable");
    assert!(matches!(open(&place), Err(JournalError::NotAJournal)));
}

#[test]
fn a_line_that_was_changed_in_the_middle_is_an_error() {
    let place = place();
    let mut journal = Journal::create(&place.path, &header(), Durability::Process).expect("new");
    for record in [intent(1), outcome(1), intent(2)] {
        journal.append(&[record]).expect("written");
    }
    drop(journal);
    let whole = fs::read_to_string(&place.path).expect("readable");
    fs::write(&place.path, whole.replacen("charged", "chargee", 1)).expect("writable");
    assert!(matches!(open(&place), Err(JournalError::Damaged(3))));
}

/// Of a group that was not synced when the machine ended, any part may be there.
#[test]
fn a_group_that_was_lost_with_the_machine_is_cut_off() {
    let place = place();
    let mut journal = Journal::create(&place.path, &header(), Durability::Process).expect("new");
    journal.append(&[intent(1), outcome(1)]).expect("written");
    let synced = fs::metadata(&place.path).expect("there").len();
    let group: Vec<Record> = (2..=40).map(intent).collect();
    journal.append(&group).expect("written");
    drop(journal);
    let whole = fs::read(&place.path).expect("readable");
    let from = usize::try_from(synced).expect("small");
    // Each line of the group that can be the first to be lost: with zeros in its place, as a page has.
    let mut begin = from;
    while begin < whole.len() {
        let mut torn = whole.clone();
        let end = (begin + 200).min(whole.len() - 1);
        torn[begin..end].fill(0);
        fs::write(&place.path, &torn).expect("writable");
        let found = open(&place).expect("recovers");
        assert!(found.len() >= 2, "what was synced is there");
        assert_eq!(found[..2], [intent(1), outcome(1)]);
        let length = fs::metadata(&place.path).expect("there").len();
        assert!(length <= begin as u64, "{length} {begin}");
        begin += whole[begin..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(whole.len(), |end| end + 1);
    }
}

#[test]
fn one_process_writes() {
    let place = place();
    let journal = Journal::create(&place.path, &header(), Durability::Process).expect("new");
    assert!(matches!(open(&place), Err(JournalError::InUse)));
    drop(journal);
    assert_eq!(open(&place).expect("free"), []);
    let again = Journal::create(&place.path, &header(), Durability::Process);
    assert!(matches!(again, Err(JournalError::Exists(_))));
}

#[test]
fn what_differs_is_said() {
    let place = place();
    drop(Journal::create(&place.path, &header(), Durability::Process).expect("new"));
    let mut other = header();
    other.site = "mainland".into();
    other.input = "def".into();
    assert_eq!(
        header().differences(&other),
        [
            "the input has changed",
            "site was international and is mainland"
        ]
    );
    assert!(header().differences(&header()).is_empty());
    assert_eq!(read_header(&place.path).expect("a header"), header());
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = place();
    drop(Journal::create(&place.path, &header(), Durability::Process).expect("new"));
    let mode = fs::metadata(&place.path)
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

proptest! {
    #[test]
    fn whatever_is_in_the_file_is_read_without_a_panic(content in any::<Vec<u8>>(), whole in any::<bool>()) {
        let place = place();
        drop(Journal::create(&place.path, &header(), Durability::Process).expect("new"));
        if whole {
            let mut file = fs::read(&place.path).expect("readable");
            file.extend(&content);
            fs::write(&place.path, file).expect("writable");
        } else {
            fs::write(&place.path, content).expect("writable");
        }
        let _ = open(&place);
    }
}
