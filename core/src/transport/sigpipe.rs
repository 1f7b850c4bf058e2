//! A write to a connection that the peer has closed must be an error, not the end of the process.
//!
//! Rust's runtime ignores `SIGPIPE` in programs that are written in Rust. A library inside a Swift
//! program on Linux has no such runtime, and a gathered write has no flag that keeps the signal
//! away. Apple's systems guard each socket, and the JVM and Python ignore the signal themselves.

/// Ignores `SIGPIPE` for the process if nobody has decided about it. Making a client with the
/// `reqwest` transport calls this.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(unsafe_code, reason = "the standard library has no function for it")]
pub fn ignore_broken_pipes() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: `signal` may be called at any time; ignoring installs no handler of ours, and
        // a disposition that somebody has set is put back.
        unsafe {
            let previous = libc::signal(libc::SIGPIPE, libc::SIG_IGN);
            if previous != libc::SIG_DFL {
                libc::signal(libc::SIGPIPE, previous);
            }
        }
    });
}

/// Nothing to do on this system.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn ignore_broken_pipes() {}
