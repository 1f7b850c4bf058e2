//! What time it is, here and at the service, and how long a call may wait.

pub(crate) mod date;
pub(crate) mod deadline;
pub(crate) mod service_clock;
pub(crate) mod time_source;
