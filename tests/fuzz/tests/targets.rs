//! Every target over its seeds, over what was once found, and over random changes of both.

use idcard_fuzz::{TARGETS, Target};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use std::path::Path;

/// What libFuzzer once found for a target: `findings/TARGET/*`.
fn findings(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("findings")
        .join(target.name);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().flat_map(std::fs::read).collect()
}

/// Some bytes of a seed are replaced, removed or repeated.
fn changed(seed: &[u8], changes: &[(Index, Index, u8)]) -> Vec<u8> {
    let mut data = seed.to_vec();
    for (from, to, byte) in changes {
        if data.is_empty() {
            data.push(*byte);
            continue;
        }
        let (from, to) = (from.index(data.len()), to.index(data.len()));
        let range = from.min(to)..from.max(to).min(from.min(to) + 16);
        match byte % 3 {
            0 => data[from] = *byte,
            1 => drop(data.drain(range)),
            _ => {
                let part = data[range].to_vec();
                data.splice(to..to, part);
            }
        }
    }
    data
}

#[test]
fn the_first_seed_of_each_target_gets_as_far_as_good_input_does() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        let first = seeds.first().expect("a seed");
        assert!(
            (target.run)(first),
            "{}: its first seed is refused",
            target.name
        );
        assert!(
            !(target.run)(b"=\n/nowhere"),
            "{}: this is not good",
            target.name
        );
    }
}

#[test]
fn seeds_and_findings_hold() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        for data in seeds.iter().chain(&findings(target)) {
            (target.run)(data);
        }
    }
}

#[test]
fn random_changes_of_seeds_hold() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        let cases = if target.name == "spec" { 64 } else { 256 };
        let mut runner = TestRunner::new(Config {
            failure_persistence: None,
            ..Config::with_cases(cases)
        });
        let change = (any::<Index>(), any::<Index>(), any::<u8>());
        let plan = (any::<Index>(), prop::collection::vec(change, 1..8));
        let outcome = runner.run(&plan, |(seed, changes)| {
            (target.run)(&changed(&seeds[seed.index(seeds.len())], &changes));
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{}: {error}", target.name);
        }
    }
}
