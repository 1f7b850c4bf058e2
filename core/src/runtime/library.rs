//! The tokio runtimes of the library's own HTTP stack, and whose they are. Called by the transport, by requests for
//! temporary keys, and by the timers.
//!
//! - A caller inside a tokio runtime keeps to it: connections and timers live there.
//! - A blocking call runs on its own thread, by a runtime that is taken from the client's store
//!   and put back, with the connections it keeps: no other thread is woken, none waits its turn.
//! - Everybody else, such as the event loop of a foreign language, is served by one thread of the
//!   process that always runs.
//!
//! All of it belongs to the process that made it; see [`crate::runtime::per_process`].

use crate::Error;
use crate::runtime::per_process::PerProcess;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, RuntimeFlavor};

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

pub(super) fn no_runtime(error: &dyn std::fmt::Display) -> Error {
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

/// Runs a future inside a runtime.
pub(super) const fn inside_of<F: Future>(runtime: Handle, future: F) -> Inside<F> {
    Inside {
        runtime: Some(runtime),
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
pub(crate) fn sleep(time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
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
