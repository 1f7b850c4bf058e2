//! Waits for a call on the caller's own thread: to its end, or piece by piece for languages that
//! see signals and interrupts between two pieces only.

use crate::Error;
use crate::client::Inner;
use std::future::Future;
use std::sync::Arc;

#[cfg(feature = "reqwest")]
pub(crate) use crate::runtime::{Executor, Place};
#[cfg(not(feature = "reqwest"))]
pub(crate) use without_runtime::{Executor, Place};

impl Inner {
    /// Waits for a future of this client.
    pub(crate) fn run<F: Future>(self: &Arc<Self>, future: F) -> Result<F::Output, Error> {
        let place = self.blocking.place()?;
        let output = place.block_on(future);
        self.leave(place);
        Ok(output)
    }

    /// Puts a place back for the next call. Where others wait for a request that was begun there,
    /// it works on for them first.
    #[cfg(feature = "reqwest")]
    fn leave(self: &Arc<Self>, place: Place) {
        let Place::Own(runtime) = place else { return };
        let id = runtime.handle().id();
        let needs = move |inner: &Self| inner.flights.as_ref().is_some_and(|all| all.needs(id));
        if !needs(self) {
            return self.blocking.store(runtime);
        }
        let inner = Arc::clone(self);
        let work_on = move || {
            runtime.block_on(async {
                while needs(&inner) {
                    tokio::time::sleep(crate::runtime::LOOK_AGAIN).await;
                }
            });
            inner.blocking.store(runtime);
        };
        // Without a thread the request breaks off, and those who wait are told so.
        let _ = std::thread::Builder::new()
            .name("idcard-verify-shared".to_owned())
            .spawn(work_on);
    }

    #[cfg(not(feature = "reqwest"))]
    #[expect(clippy::unused_self, reason = "the other one puts it back")]
    const fn leave(self: &Arc<Self>, _: Place) {}
}

#[cfg(feature = "uniffi")]
pub(crate) use pieces::{ParkedCall, Running};

#[cfg(feature = "uniffi")]
mod pieces {
    use super::{Arc, Error, Future, Inner, Place};
    use crate::process::generation;
    use crate::stop::{self, Cancels, End};
    use std::any::Any;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    /// A call that is waited for piece by piece. Dropping it drops the call.
    pub(crate) struct Running<T> {
        generation: u32,
        inner: Arc<Inner>,
        place: Option<Place>,
        call: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    }

    impl<T> Running<T> {
        pub(crate) fn begin(
            inner: &Arc<Inner>,
            call: impl Future<Output = T> + Send + 'static,
        ) -> Result<Self, Error> {
            Ok(Self {
                generation: generation(),
                inner: Arc::clone(inner),
                place: Some(inner.blocking.place()?),
                call: Some(Box::pin(call)),
            })
        }

        /// Waits for some time; gives itself back when that is over.
        pub(crate) fn wait(mut self, time: Duration) -> Result<T, Self> {
            let (Some(place), Some(call)) = (&self.place, &mut self.call) else {
                unreachable!("they are taken when it is dropped")
            };
            let timeline = &*self.inner.timeline;
            let end = End::At(timeline.elapsed().saturating_add(time));
            let waited = stop::until(timeline, call.as_mut(), end, Cancels::default());
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
                crate::runtime::turn().await;
            });
            self.inner.leave(place);
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

#[cfg(not(feature = "reqwest"))]
mod without_runtime {
    use super::{Error, Future};

    /// The host's transport brings its own threads; the caller's only waits.
    #[derive(Debug, Default)]
    pub(crate) struct Executor {}

    impl Executor {
        #[expect(clippy::unnecessary_wraps, reason = "the other executor can fail")]
        #[expect(clippy::unused_self, reason = "the other executor has state")]
        pub(crate) const fn place(&self) -> Result<Place, Error> {
            Ok(Place)
        }
    }

    #[derive(Debug)]
    pub(crate) struct Place;

    impl Place {
        #[expect(clippy::unused_self, reason = "the other place has a runtime")]
        pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
            pollster::block_on(future)
        }
    }
}
