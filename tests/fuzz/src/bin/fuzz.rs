//! The program that libFuzzer drives.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static TARGET: std::sync::OnceLock<&idcard_fuzz::Target> = std::sync::OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("IDCARD_FUZZ_TARGET").expect("IDCARD_FUZZ_TARGET names a target");
        idcard_fuzz::target(&name).expect("IDCARD_FUZZ_TARGET names a target")
    });
    let _ = (target.run)(data);
});

#[cfg(not(fuzzing))]
fn main() {}
