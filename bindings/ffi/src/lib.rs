//! The library that Kotlin, Swift and Python load: the surface of the core, exported again, and on
//! desktops the command line and the sandbox.

idcard_verification::uniffi_reexport_scaffolding!();

#[cfg(feature = "tools")]
mod tools;

#[cfg(feature = "tools")]
uniffi::setup_scaffolding!("idcard_tools");
