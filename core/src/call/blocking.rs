//! Waits for a call on the caller's own thread: to its end, or piece by piece for languages that
//! see signals and interrupts between two pieces only.

use super::engine::Engine;
use crate::Error;
use crate::runtime::executor::BlockingRuntime;
use std::future::Future;
use std::sync::Arc;

impl Engine {
    /// Waits for a future of this client.
    pub(crate) fn run<F: Future>(self: &Arc<Self>, future: F) -> Result<F::Output, Error> {
        let place = self.blocking.take()?;
        let output = place.block_on(future);
        self.leave(place);
        Ok(output)
    }

    /// Puts a place back for the next call. Where others wait for a request that was begun there,
    /// it works on for them first.
    #[cfg(feature = "reqwest")]
    fn leave(self: &Arc<Self>, place: BlockingRuntime) {
        let BlockingRuntime::Own(runtime) = place else {
            return;
        };
        let id = runtime.handle().id();
        let needs = move |engine: &Self| {
            engine
                .shared_calls
                .as_ref()
                .is_some_and(|all| all.needs(id))
        };
        if !needs(self) {
            return self.blocking.store(runtime);
        }
        let engine = Arc::clone(self);
        let work_on = move || {
            runtime.block_on(async {
                while needs(&engine) {
                    tokio::time::sleep(crate::runtime::library::LOOK_AGAIN).await;
                }
            });
            engine.blocking.store(runtime);
        };
        // Without a thread the request breaks off, and those who wait are told so.
        let _ = std::thread::Builder::new()
            .name("idcard-verify-shared".to_owned())
            .spawn(work_on);
    }

    #[cfg(not(feature = "reqwest"))]
    #[expect(clippy::unused_self, reason = "the other one puts it back")]
    const fn leave(self: &Arc<Self>, _: BlockingRuntime) {}
}

#[cfg(feature = "uniffi")]
pub(crate) use pieces::{ParkedCall, Running};

#[cfg(feature = "uniffi")]
mod pieces {
    use super::{Arc, BlockingRuntime, Engine, Error, Future};
    use crate::runtime::per_process::generation;
    use crate::time::deadline::{CancelHandles, End, run_until};
    use std::any::Any;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    /// A call that is waited for piece by piece. Dropping it drops the call.
    pub(crate) struct Running<T> {
        generation: u32,
        engine: Arc<Engine>,
        place: Option<BlockingRuntime>,
        call: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    }

    impl<T> Running<T> {
        pub(crate) fn begin(
            engine: &Arc<Engine>,
            call: impl Future<Output = T> + Send + 'static,
        ) -> Result<Self, Error> {
            Ok(Self {
                generation: generation(),
                engine: Arc::clone(engine),
                place: Some(engine.blocking.take()?),
                call: Some(Box::pin(call)),
            })
        }

        /// Waits for some time; gives itself back when that is over.
        pub(crate) fn wait(mut self, time: Duration) -> Result<T, Self> {
            let (Some(place), Some(call)) = (&self.place, &mut self.call) else {
                unreachable!("they are taken when it is dropped")
            };
            let time_source = &*self.engine.time_source;
            let end = End::At(time_source.elapsed().saturating_add(time));
            let waited = run_until(time_source, call.as_mut(), end, CancelHandles::default());
            let waited = place.block_on(waited);
            waited.map_err(|_| self)
        }
    }

    impl<T> Drop for Running<T> {
        fn drop(&mut self) {
            let (Some(place), call) = (self.place.take(), self.call.take()) else {
                return;
            };
            if self.generation != generation() {
                // Begun before a fork: its connection is the parent's.
                std::mem::forget((place, call));
                return;
            }
            place.block_on(async {
                drop(call);
                // So that the connection is closed now, and not when somebody calls again.
                #[cfg(feature = "reqwest")]
                crate::runtime::library::turn().await;
            });
            self.engine.leave(place);
        }
    }

    /// Holds a blocking call between two pieces of waiting. Dropping it drops the call.
    #[derive(Debug, Default, uniffi::Object)]
    pub struct ParkedCall {
        parked: Mutex<Option<Box<dyn Any + Send>>>,
        begun: AtomicU64,
    }

    #[uniffi::export]
    impl ParkedCall {
        /// Makes one, for one call at a time.
        #[uniffi::constructor]
        pub fn new() -> Arc<Self> {
            Arc::default()
        }

        /// How many calls have begun here, so that one that was stopped before it began is told from
        /// one that had ended.
        pub fn begun(&self) -> u64 {
            self.begun.load(Ordering::Relaxed)
        }

        /// Drops the call, if one is under way.
        pub fn stop(&self) {
            let parked = self.lock().take();
            drop(parked);
        }
    }

    impl ParkedCall {
        fn lock(&self) -> MutexGuard<'_, Option<Box<dyn Any + Send>>> {
            self.parked.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// Takes the call that is under way, if there is one.
        pub(crate) fn take<T: 'static>(&self) -> Result<Option<Running<T>>, Error> {
            let Some(parked) = self.lock().take() else {
                return Ok(None);
            };
            match parked.downcast::<Running<T>>() {
                Ok(running) if running.generation == generation() => Ok(Some(*running)),
                Ok(_) => Err(Error::configuration(
                    "the call was begun in another process; make it here",
                )),
                Err(other) => {
                    *self.lock() = Some(other);
                    Err(Error::configuration("another call is parked here"))
                }
            }
        }

        /// A call begins.
        pub(crate) fn begins(&self) {
            self.begun.fetch_add(1, Ordering::Relaxed);
        }

        pub(crate) fn park<T: Send + 'static>(&self, running: Running<T>) {
            *self.lock() = Some(Box::new(running));
        }
    }
}
