//! The tokio runtimes of the library's own HTTP stack, and whose they are.
//!
//! - A caller inside a tokio runtime keeps to it: connections and timers live there.
//! - A blocking call runs on its own thread, by a runtime that is taken from the client's store
//!   and put back, with the connections it keeps: no other thread is woken, none waits its turn.
//! - Everybody else, such as the event loop of a foreign language, is served by one thread of the
//!   process that always runs.
//!
//! All of it belongs to the process that made it; see [`crate::process`].

use crate::Error;
use crate::process::PerProcess;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

/// Runtimes that a client keeps for its next blocking calls. More are made when more threads
/// call at once, and dropped after.
const MAX_STORED: usize = 32;

/// A runtime that was not needed for so long goes, with the connections it keeps open.
const MAX_UNUSED: Duration = Duration::from_secs(60);

/// How often a runtime that works on for others looks whether they still wait.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(20);

static BACKGROUND: PerProcess<Result<Handle, String>> = PerProcess::new();

/// The runtime that always runs, for callers without one.
pub(crate) fn background() -> Result<&'static Handle, Error> {
    let started = BACKGROUND.get_or(|| start().map_err(|error| error.to_string()));
    started.as_ref().map_err(|error| no_runtime(error))
}

fn start() -> std::io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("idcard-verify".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

fn no_runtime(error: &dyn std::fmt::Display) -> Error {
    Error::configuration(&format!("no runtime can be made: {error}"))
}

/// Runs a future inside the caller's runtime, or inside the one that always runs; an error when
/// there is none.
pub(crate) const fn inside<F: Future>(future: F) -> Inside<F> {
    Inside {
        runtime: None,
        future: Some(future),
    }
}

pin_project_lite::pin_project! {
    /// A future that is polled and dropped inside one runtime, whoever does it: those who share a
    /// request take turns, and some have another runtime or none. What it holds spawns tasks when it
    /// is polled, and some of it when it is dropped.
    pub(crate) struct Inside<F> {
        runtime: Option<Handle>,
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Inside<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.runtime.as_ref().map(Handle::enter);
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for Inside<F> {
    type Output = Result<F::Output, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let current = Handle::try_current();
        let runtime = match (&mut *this.runtime, &current) {
            (Some(runtime), _) => runtime,
            (none, Ok(current)) => none.insert(current.clone()),
            (none, Err(_)) => match background() {
                Ok(runtime) => none.insert(runtime.clone()),
                Err(error) => return Poll::Ready(Err(error)),
            },
        };
        let is_inside = current.is_ok_and(|current| current.id() == runtime.id());
        let _entered = (!is_inside).then(|| runtime.enter());
        let future = this.future.as_pin_mut();
        let future = future.expect("it is not polled after its end");
        future.poll(cx).map(Ok)
    }
}

/// Whether a runtime may run only while somebody calls it.
pub(crate) fn may_have_stood_still(runtime: &Handle) -> bool {
    runtime.runtime_flavor() == RuntimeFlavor::CurrentThread
        && !BACKGROUND.get().is_some_and(|always_runs| {
            always_runs
                .as_ref()
                .is_ok_and(|always| always.id() == runtime.id())
        })
}

/// Lets a runtime that runs only while it is called see what has happened since: that a server
/// closed a connection, or sent what nobody had asked for. The pause has the driver look; a
/// connection that is told something reads before it writes, and hands an unsent request back.
pub(crate) async fn turn() {
    tokio::task::yield_now().await;
}

/// A wait, by the timers of the caller's runtime or of the one that always runs.
pub(crate) fn sleep(time: Duration) -> crate::timeline::Sleep {
    if Handle::try_current().is_ok() {
        return Box::pin(tokio::time::sleep(time));
    }
    match background() {
        Ok(runtime) => {
            let _inside = runtime.enter();
            Box::pin(tokio::time::sleep(time))
        }
        // A thread could not be had; this one needs none of ours.
        Err(_) => Box::pin(futures_timer::Delay::new(time)),
    }
}

/// The runtimes of a client's blocking calls.
#[derive(Debug, Default)]
pub(crate) struct Executor {
    /// With when each was put back; the last one is taken first.
    stored: Mutex<Vec<(Instant, Runtime)>>,
}

/// Where a blocking call runs.
#[derive(Debug)]
pub(crate) enum Place {
    /// On the caller's thread.
    Own(Runtime),
    /// With the runtime that always runs. A thread that belongs to a runtime cannot run another.
    Background(&'static Handle),
}

impl Executor {
    /// A place for one call. The last one that was put back comes first, with its connection.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        if Handle::try_current().is_ok() {
            return Ok(Place::Background(background()?));
        }
        if let Some((_, runtime)) = self.lock().pop() {
            return Ok(Place::Own(runtime));
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.map(Place::Own).map_err(|error| no_runtime(&error))
    }

    pub(crate) fn store(&self, runtime: Runtime) {
        let now = Instant::now();
        let mut stored = self.lock();
        stored.push((now, runtime));
        let is_unused = |since: &Instant| now.duration_since(*since) > MAX_UNUSED;
        let goes = stored.len() > MAX_STORED || stored.first().is_some_and(|(t, _)| is_unused(t));
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

impl Place {
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Own(runtime) => runtime.block_on(future),
            Self::Background(runtime) => {
                let inside = Inside {
                    runtime: Some((*runtime).clone()),
                    future: Some(future),
                };
                pollster::block_on(inside).unwrap_or_else(|_| unreachable!("it has a runtime"))
            }
        }
    }
}
