//! The library that Kotlin, Swift and Python load: the surface of the core, exported again.

idcard_verification::uniffi_reexport_scaffolding!();

#[cfg(feature = "bulk")]
idcard_bulk::uniffi_reexport_scaffolding!();
