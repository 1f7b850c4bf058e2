//! What belongs to the process, and begins anew in a child of it: the library's own runtimes.
//! Nobody but the HTTP stack, the timers and the waiting of blocking calls knows them.

pub(crate) mod executor;
#[cfg(feature = "reqwest")]
pub(crate) mod library;
pub(crate) mod per_process;
