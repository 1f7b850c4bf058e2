//! After a client is gone, this process holds no copy of its SecretKey: its memory is read to see.
//! A token is sent with every request, and what was sent may stay in buffers of the network.

#![cfg(target_os = "linux")]

use idcard_sandbox::{BlockingSandbox, Options};
use idcard_verification::credentials::FILE_VARIABLE;
use idcard_verification::{Client, ClientConfig, Credentials, Site, VerifyRequest};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::Command;

/// Key of an account that does not exist. It is kept changed, so that the test itself holds no
/// copy; the service refuses it, which needs a signature first.
const CHANGED_KEY: [u8; 32] = changed(*b"canary-of-a-secret-key-in-memory");
const CHANGE: u8 = 0x5a;

const fn changed(mut bytes: [u8; 32]) -> [u8; 32] {
    let mut place = 0;
    while place < bytes.len() {
        bytes[place] ^= CHANGE;
        place += 1;
    }
    bytes
}

/// The key, in memory that whoever takes it answers for.
fn key() -> String {
    let bytes = CHANGED_KEY.iter().map(|byte| char::from(byte ^ CHANGE));
    bytes.collect()
}

/// How often the key stands in the memory that this process can write to.
fn copies() -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("a map");
    let memory = File::open("/proc/self/mem").expect("memory");
    let mut count = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let range = line
            .split(' ')
            .next()
            .and_then(|range| range.split_once('-'));
        let (from, to) = range.expect("a range");
        let at = |text| u64::from_str_radix(text, 16).expect("an address");
        let mut bytes = vec![0; usize::try_from(at(to) - at(from)).expect("a size")];
        // Some, such as the kernel's own, cannot be read.
        if memory.read_exact_at(&mut bytes, at(from)).is_ok() {
            count += bytes
                .windows(CHANGED_KEY.len())
                .filter(|window| {
                    window
                        .iter()
                        .zip(CHANGED_KEY)
                        .all(|(a, b)| *a == b ^ CHANGE)
                })
                .count();
        }
        // What was read is no copy of its own.
        bytes.fill(0);
        std::hint::black_box(&bytes);
    }
    count
}

/// Makes some calls, with other copies of the client beside it; then all of them are gone.
fn use_and_drop(credentials: Credentials, sandbox: &BlockingSandbox) {
    let mut config = ClientConfig::new(Site::International, credentials);
    config.endpoint = Some(sandbox.url().to_owned());
    let client = Client::new(config.clone()).expect("a client");
    for _ in 0..3 {
        let request = VerifyRequest::new("440305199505132561", "Liu Yang");
        let error = client.clone().verify_blocking(request);
        let error = error.expect_err("no such account");
        assert!(error.to_string().contains("AuthFailure"), "{error}");
    }
    // As long as it lives it has the key, which shows that a copy would be found.
    assert!(copies() > 0);
}

/// One test, because another one beside it would hold a key of its own.
#[test]
fn a_dropped_client_leaves_no_key_in_memory() {
    let sandbox = BlockingSandbox::start(Options::default()).expect("a sandbox");
    assert_eq!(copies(), 0);
    if std::env::var_os(FILE_VARIABLE).is_some() {
        let found = Credentials::from_profile("default");
        use_and_drop(found.expect("credentials"), &sandbox);
        assert_eq!(copies(), 0, "copies of a key from a file");
        return;
    }
    let given = Credentials::new("AKIDcanary", key());
    use_and_drop(given.expect("credentials"), &sandbox);
    assert_eq!(copies(), 0, "copies of a given key");
    with_a_profile();
}

/// The same in a child, because the file is named by the environment of a process.
fn with_a_profile() {
    let file = std::env::temp_dir().join(format!("idcard-zeroize-{}", std::process::id()));
    let profile = format!(
        "[default]\nsecret_id = AKIDcanary\nsecret_key = {}\n",
        key()
    );
    std::fs::write(&file, profile).expect("a file");
    let child = Command::new(std::env::current_exe().expect("a program"))
        .args(["--exact", "a_dropped_client_leaves_no_key_in_memory"])
        .env(FILE_VARIABLE, &file)
        .output()
        .expect("a child");
    std::fs::remove_file(&file).expect("the file was there");
    let text = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
