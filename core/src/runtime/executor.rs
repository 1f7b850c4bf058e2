//! The runtimes in which blocking calls run. Called by [`crate::call`].

#[cfg(feature = "reqwest")]
pub(crate) use with_library::{BlockingRuntime, Executor};
#[cfg(not(feature = "reqwest"))]
pub(crate) use without_runtime::{BlockingRuntime, Executor};

#[cfg(feature = "reqwest")]
mod with_library {
    use crate::Error;
    use crate::runtime::library::{background, inside_of, no_runtime};
    use std::future::Future;
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::time::{Duration, Instant};
    use tokio::runtime::{Builder, Handle, Runtime};

    /// Runtimes that a client keeps for its next blocking calls. More are made when more threads
    /// call at once, and dropped after.
    const MAX_STORED: usize = 32;

    /// A runtime that was not needed for so long goes, with the connections it keeps open.
    const MAX_UNUSED: Duration = Duration::from_secs(60);

    /// The runtimes of a client's blocking calls.
    #[derive(Debug, Default)]
    pub(crate) struct Executor {
        /// With when each was put back; the last one is taken first.
        stored: Mutex<Vec<(Instant, Runtime)>>,
    }

    /// Where a blocking call runs.
    #[derive(Debug)]
    pub(crate) enum BlockingRuntime {
        /// On the caller's thread.
        Own(Runtime),
        /// With the runtime that always runs. A thread that belongs to a runtime cannot run another.
        Background(&'static Handle),
    }

    impl Executor {
        /// A place for one call. The last one that was put back comes first, with its connection.
        pub(crate) fn take(&self) -> Result<BlockingRuntime, Error> {
            if Handle::try_current().is_ok() {
                return Ok(BlockingRuntime::Background(background()?));
            }
            if let Some((_, runtime)) = self.lock().pop() {
                return Ok(BlockingRuntime::Own(runtime));
            }
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime
                .map(BlockingRuntime::Own)
                .map_err(|error| no_runtime(&error))
        }

        pub(crate) fn store(&self, runtime: Runtime) {
            let now = Instant::now();
            let mut stored = self.lock();
            stored.push((now, runtime));
            let is_unused = |since: &Instant| now.duration_since(*since) > MAX_UNUSED;
            let goes =
                stored.len() > MAX_STORED || stored.first().is_some_and(|(t, _)| is_unused(t));
            let gone = goes.then(|| stored.remove(0));
            drop(stored);
            if let Some((_, runtime)) = gone {
                runtime.shutdown_background();
            }
        }

        fn lock(&self) -> MutexGuard<'_, Vec<(Instant, Runtime)>> {
            self.stored.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Drop for Executor {
        fn drop(&mut self) {
            // Whoever drops the last clone of a client may be inside a runtime, where no other may be
            // waited for.
            for (_, runtime) in self.lock().drain(..) {
                runtime.shutdown_background();
            }
        }
    }

    impl BlockingRuntime {
        pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
            match self {
                Self::Own(runtime) => runtime.block_on(future),
                Self::Background(runtime) => {
                    let inside = inside_of((*runtime).clone(), future);
                    pollster::block_on(inside).unwrap_or_else(|_| unreachable!("it has a runtime"))
                }
            }
        }
    }
}

#[cfg(not(feature = "reqwest"))]
mod without_runtime {
    use crate::Error;
    use std::future::Future;

    /// The host's transport brings its own threads; the caller's only waits.
    #[derive(Debug, Default)]
    pub(crate) struct Executor {}

    impl Executor {
        #[expect(clippy::unnecessary_wraps, reason = "the other executor can fail")]
        #[expect(clippy::unused_self, reason = "the other executor has state")]
        pub(crate) const fn take(&self) -> Result<BlockingRuntime, Error> {
            Ok(BlockingRuntime)
        }
    }

    #[derive(Debug)]
    pub(crate) struct BlockingRuntime;

    impl BlockingRuntime {
        #[expect(clippy::unused_self, reason = "the other place has a runtime")]
        pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
            pollster::block_on(future)
        }
    }
}
