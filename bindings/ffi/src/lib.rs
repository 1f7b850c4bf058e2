//! The library that Kotlin, Swift and Python load: the surface of the core, exported again.

idcard_verification::uniffi_reexport_scaffolding!();

#[cfg(feature = "command")]
mod command;
#[cfg(feature = "testing")]
mod testing;

#[cfg(any(feature = "command", feature = "testing"))]
uniffi::setup_scaffolding!("idcard_command");
