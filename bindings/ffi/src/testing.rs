//! What only tests need.

/// Panics, so that a test can see what a caller sees of a panic.
#[uniffi::export]
#[expect(clippy::panic, reason = "that is its purpose")]
fn panic_on_purpose() {
    panic!("a panic on purpose");
}
