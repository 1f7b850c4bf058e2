//! Time and jitter, in one place, so that a test can replace them and take no real time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A wait that is under way.
pub(crate) type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The clocks of the machine, and its source of random numbers.
pub(crate) trait TimeSource: Send + Sync + fmt::Debug {
    /// Unix time of the machine's clock, in seconds. It may be wrong, and it may jump.
    fn unix(&self) -> u64;

    /// Time since some moment. It never jumps.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, time: Duration) -> Sleep;

    /// Waits for a deadline, which others are expected to come before.
    fn deadline(&self, time: Duration) -> Sleep {
        self.sleep(time)
    }

    /// A number from 0 to below 1, each as likely as the next.
    fn jitter(&self) -> f64;
}

/// The machine's own.
#[derive(Debug)]
pub(crate) struct MachineTime {
    begun: Instant,
}

impl MachineTime {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
        })
    }
}

impl TimeSource for MachineTime {
    fn unix(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn sleep(&self, time: Duration) -> Sleep {
        #[cfg(feature = "reqwest")]
        return crate::runtime::library::sleep(time);
        #[cfg(not(feature = "reqwest"))]
        Box::pin(futures_timer::Delay::new(time))
    }

    fn jitter(&self) -> f64 {
        let mut bytes = [0; 4];
        // Without entropy every client would wait alike, which is no reason to fail a call.
        let _ = getrandom::fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
pub(crate) mod fake {
    //! A time source that moves when it is told to, and at once when somebody sleeps.

    use super::{Sleep, TimeSource};
    use std::future::poll_fn;
    use std::sync::{Arc, Mutex, MutexGuard, Weak};
    use std::task::Poll;
    use std::time::Duration;

    #[derive(Debug)]
    pub(crate) struct Fake {
        own: Weak<Fake>,
        state: Mutex<State>,
    }

    #[derive(Debug)]
    struct State {
        unix: u64,
        elapsed: Duration,
        slept: Vec<Duration>,
        jitter: f64,
    }

    impl Fake {
        pub(crate) fn new(unix: u64) -> Arc<Self> {
            let state = State {
                unix,
                elapsed: Duration::ZERO,
                slept: Vec::new(),
                jitter: 0.5,
            };
            Arc::new_cyclic(|own| Self {
                own: Weak::clone(own),
                state: Mutex::new(state),
            })
        }

        /// Lets time pass.
        pub(crate) fn pass(&self, time: Duration) {
            let mut state = self.lock();
            state.elapsed += time;
            state.unix += time.as_secs();
        }

        /// Sets the machine's clock, as a user or the network does.
        pub(crate) fn jump_to(&self, unix: u64) {
            self.lock().unix = unix;
        }

        pub(crate) fn set_jitter(&self, jitter: f64) {
            self.lock().jitter = jitter;
        }

        /// How long everybody slept, in order.
        pub(crate) fn slept(&self) -> Vec<Duration> {
            self.lock().slept.clone()
        }

        fn lock(&self) -> MutexGuard<'_, State> {
            self.state.lock().expect("no test panics with it")
        }
    }

    impl TimeSource for Fake {
        fn unix(&self) -> u64 {
            self.lock().unix
        }

        fn elapsed(&self) -> Duration {
            self.lock().elapsed
        }

        fn sleep(&self, time: Duration) -> Sleep {
            self.lock().slept.push(time);
            self.pass(time);
            Box::pin(std::future::ready(()))
        }

        /// It passes when somebody else lets the time pass; whoever waits is to be polled then.
        fn deadline(&self, time: Duration) -> Sleep {
            let (own, at) = (Weak::clone(&self.own), self.elapsed().saturating_add(time));
            Box::pin(poll_fn(move |_| {
                match own.upgrade().is_none_or(|own| own.elapsed() >= at) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            }))
        }

        fn jitter(&self) -> f64 {
            self.lock().jitter
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_in_its_range_and_varies() {
        let machine = MachineTime::new();
        let drawn: Vec<f64> = (0..100).map(|_| machine.jitter()).collect();
        assert!(drawn.iter().all(|jitter| (0.0..1.0).contains(jitter)));
        assert!(drawn.iter().any(|jitter| *jitter != drawn[0]));
    }
}
