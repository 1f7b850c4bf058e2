//! State that belongs to one process: connections, a runtime, locks, calls that are under way.
//!
//! After `fork` the child has copies of all of it, and none may be used: the sockets are the
//! parent's, the threads that moved things on are not there, and a lock that another thread held
//! stays locked for good. So such state is kept with the process it was made in. Another process
//! makes its own, and leaves what it inherited untouched: dropping that would say goodbye on the
//! parent's connections, or wait for threads that do not exist.

use std::fmt;
use std::sync::atomic::{AtomicPtr, Ordering};

pub(crate) use generation::generation;

/// How many forks lie between this process and the one that loaded the library. Asking the kernel
/// for a process id costs a call of it each time; being told of a fork costs nothing.
#[cfg(all(unix, feature = "reqwest"))]
mod generation {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    static FORKS: AtomicU32 = AtomicU32::new(0);

    extern "C" fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of this process. It is compared with others of its own line only.
    pub(crate) fn generation() -> u32 {
        // Not a lock, which a fork might catch while it is held.
        static REGISTERED: AtomicBool = AtomicBool::new(false);
        if !REGISTERED.load(Ordering::Relaxed) && !REGISTERED.swap(true, Ordering::Relaxed) {
            // SAFETY: the handler does nothing but count, which is safe in a child at any time.
            #[expect(unsafe_code, reason = "the standard library has no function for it")]
            let _ = unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        }
        FORKS.load(Ordering::Relaxed)
    }
}

/// A system without forks, or a build without anything that a fork would break.
#[cfg(not(all(unix, feature = "reqwest")))]
mod generation {
    pub(crate) const fn generation() -> u32 {
        0
    }
}

struct Made<T> {
    generation: u32,
    value: T,
}

/// A value of each process that asks for it. It has no lock, so none can be inherited.
pub(crate) struct PerProcess<T> {
    /// Null, or what one process has made: of this one, or inherited.
    made: AtomicPtr<Made<T>>,
    _owns: std::marker::PhantomData<T>,
}

impl<T> PerProcess<T> {
    /// Without a value yet.
    pub(crate) const fn new() -> Self {
        Self {
            made: AtomicPtr::new(std::ptr::null_mut()),
            _owns: std::marker::PhantomData,
        }
    }

    /// With a value for this process.
    pub(crate) fn with(value: T) -> Self {
        let this = Self::new();
        this.get_or(|| value);
        this
    }

    /// This process's value, if there is one.
    #[cfg(feature = "reqwest")]
    pub(crate) fn get(&self) -> Option<&T> {
        Self::value_of(self.made.load(Ordering::Acquire), generation())
    }

    /// This process's value, which is made if there is none. Threads that come at the same time
    /// may each make one; all get the one that was first.
    pub(crate) fn get_or(&self, make: impl FnOnce() -> T) -> &T {
        let generation = generation();
        let found = self.made.load(Ordering::Acquire);
        if let Some(value) = Self::value_of(found, generation) {
            return value;
        }
        let made = Box::into_raw(Box::new(Made {
            generation,
            value: make(),
        }));
        let put = self
            .made
            .compare_exchange(found, made, Ordering::AcqRel, Ordering::Acquire);
        let (current, lost) = match put {
            // What was inherited is neither read nor dropped.
            Ok(_) => (made, None),
            Err(current) => (current, Some(made)),
        };
        if let Some(lost) = lost {
            // SAFETY: it came from `Box::into_raw` above and nobody else has seen it.
            #[expect(unsafe_code, reason = "an atomic pointer is what has no lock")]
            drop(unsafe { Box::from_raw(lost) });
        }
        // Nobody replaces a value of this process, so this is ours.
        Self::value_of(current, generation).expect("the first of this process stays")
    }

    /// The value, if a process made it.
    fn value_of<'a>(made: *mut Made<T>, generation: u32) -> Option<&'a T> {
        // SAFETY: a pointer that is not null came from `Box::into_raw`. It is freed in `drop` alone,
        // which nobody can run while `self` is borrowed; `get_or` binds what it returns to that.
        #[expect(unsafe_code, reason = "an atomic pointer is what has no lock")]
        let made = unsafe { made.as_ref() }?;
        (made.generation == generation).then_some(&made.value)
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let made = *self.made.get_mut();
        if Self::value_of(made, generation()).is_some() {
            // SAFETY: it came from `Box::into_raw`, and `self` is not used any more.
            #[expect(unsafe_code, reason = "an atomic pointer is what has no lock")]
            drop(unsafe { Box::from_raw(made) });
        }
    }
}

// SAFETY: it hands out `&T` to any thread, and the thread that drops it drops the `T`.
#[expect(unsafe_code, reason = "an atomic pointer is what has no lock")]
unsafe impl<T: Send + Sync> Sync for PerProcess<T> {}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerProcess")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn everybody_gets_the_first() {
        let made = Arc::new(PerProcess::new());
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let made = Arc::clone(&made);
                std::thread::spawn(move || *made.get_or(|| number))
            })
            .collect();
        let first = *made.get_or(|| 99);
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), first);
        }
    }

    #[test]
    fn it_drops_its_own_and_leaves_what_it_inherited() {
        let value = Arc::new(());
        drop(PerProcess::with(Arc::clone(&value)));
        assert_eq!(Arc::strong_count(&value), 1);

        let mut inherited = PerProcess::with(Arc::clone(&value));
        #[expect(unsafe_code, reason = "plays another process")]
        // SAFETY: nobody else has it.
        unsafe {
            (**inherited.made.get_mut()).generation ^= 1;
        }
        let own = Arc::new(());
        assert!(Arc::ptr_eq(inherited.get_or(|| Arc::clone(&own)), &own));
        drop(inherited);
        assert_eq!(Arc::strong_count(&own), 1);
        // Leaked, as the state of another process shall be.
        assert_eq!(Arc::strong_count(&value), 2);
    }
}
