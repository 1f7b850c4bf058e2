//! Runs a call for callers without an async runtime.

use crate::Error;
use std::future::Future;

#[cfg(feature = "reqwest")]
pub(crate) use with_runtime::Executor;
#[cfg(not(feature = "reqwest"))]
pub(crate) use without_runtime::Executor;

#[cfg(feature = "reqwest")]
mod with_runtime {
    use super::{Error, Future};
    use std::sync::OnceLock;
    use tokio::runtime::{Builder, Handle, Runtime};

    /// A runtime of one thread, the caller's; it is made when it is first needed.
    #[derive(Debug, Default)]
    pub(crate) struct Executor {
        runtime: OnceLock<Result<Runtime, String>>,
    }

    impl Executor {
        pub(crate) fn run<F: Future>(&self, future: F) -> Result<F::Output, Error> {
            if Handle::try_current().is_ok() {
                return Err(Error::Configuration {
                    detail: "a blocking call was made inside an async runtime; await the async one"
                        .to_owned(),
                });
            }
            let runtime = self.runtime.get_or_init(|| {
                Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|error| error.to_string())
            });
            match runtime {
                Ok(runtime) => Ok(runtime.block_on(future)),
                Err(error) => Err(Error::Configuration {
                    detail: format!("no runtime can be made: {error}"),
                }),
            }
        }
    }
}

#[cfg(not(feature = "reqwest"))]
mod without_runtime {
    use super::{Error, Future};

    /// The host's transport brings its own threads; the caller's only waits.
    #[derive(Debug, Default)]
    pub(crate) struct Executor {}

    impl Executor {
        #[expect(clippy::unnecessary_wraps, reason = "the other executor can fail")]
        #[expect(clippy::unused_self, reason = "the other executor has state")]
        pub(crate) fn run<F: Future>(&self, future: F) -> Result<F::Output, Error> {
            Ok(pollster::block_on(future))
        }
    }
}
