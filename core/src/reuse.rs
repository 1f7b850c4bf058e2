//! Answering without asking: identical calls share a request, charged answers are kept as long as the caller
//! allows, and a daily limit is remembered. [`crate::call`] decides when; here is how.

pub(crate) mod cache;
pub(crate) mod daily_limits;
pub(crate) mod fingerprint;
mod shared_task;
pub(crate) mod single_flight;
