//! A future that several wait for, and each of them moves on.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

pub(super) type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future that all who wait for it move on.
///
/// Waking is calling a stranger, who may poll at once and on the same thread. So nobody is woken
/// while a lock is held, and nobody waits for one to poll.
pub(super) struct SharedTask<T> {
    state: Mutex<State<T>>,
    is_done: AtomicBool,
    /// Whether somebody came while another was polling.
    was_missed: AtomicBool,
    waiting: Arc<Waiters>,
}

enum State<T> {
    Running(Task<T>),
    Done(T),
}

impl<T> std::fmt::Debug for SharedTask<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedTask")
    }
}

impl<T> SharedTask<T> {
    pub(super) fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }
}

impl<T: Clone> SharedTask<T> {
    pub(super) fn new(task: Task<T>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::Running(task)),
            is_done: AtomicBool::new(false),
            was_missed: AtomicBool::new(false),
            waiting: Arc::default(),
        })
    }

    pub(super) async fn outcome(&self) -> T {
        let slot = self.waiting.take_slot();
        poll_fn(|cx| {
            // First: whatever happens from here on wakes this one, too.
            slot.wake_by(cx.waker());
            self.poll()
        })
        .await
    }

    fn poll(&self) -> Poll<T> {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.was_missed.store(true, Ordering::SeqCst);
                // It may have been given back before that was seen.
                match self.state.try_lock() {
                    Ok(state) => state,
                    Err(_) => return Poll::Pending,
                }
            }
        };
        let task = match &mut *state {
            State::Done(outcome) => return Poll::Ready(outcome.clone()),
            State::Running(task) => task,
        };
        self.was_missed.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&self.waiting));
        let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
        if let Poll::Ready(outcome) = &polled {
            *state = State::Done(outcome.clone());
            self.is_done.store(true, Ordering::Release);
        }
        drop(state);
        if polled.is_ready() || self.was_missed.swap(false, Ordering::SeqCst) {
            self.waiting.wake_all();
        }
        polled
    }
}

/// The wakers of those who wait, each with the number of its slot.
#[derive(Debug, Default)]
struct Waiters {
    slots: Mutex<(u64, Vec<(u64, Waker)>)>,
}

impl Waiters {
    fn take_slot(self: &Arc<Self>) -> WakerSlot {
        let mut slots = lock(&self.slots);
        slots.0 += 1;
        WakerSlot {
            number: slots.0,
            waiting: Arc::clone(self),
        }
    }

    fn wake_all(&self) {
        let slots = lock(&self.slots);
        // Most requests have one.
        if let [(_, only)] = &slots.1[..] {
            let only = only.clone();
            drop(slots);
            return only.wake();
        }
        let wakers: Vec<Waker> = slots.1.iter().map(|(_, waker)| waker.clone()).collect();
        drop(slots);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}

/// The slot of one who waits, given up when it is dropped.
struct WakerSlot {
    number: u64,
    waiting: Arc<Waiters>,
}

impl WakerSlot {
    fn wake_by(&self, waker: &Waker) {
        let mut slots = lock(&self.waiting.slots);
        let mut taken = slots.1.iter_mut();
        match taken.find(|(number, _)| *number == self.number) {
            Some((_, kept)) => kept.clone_from(waker),
            None => slots.1.push((self.number, waker.clone())),
        }
    }
}

impl Drop for WakerSlot {
    fn drop(&mut self) {
        let mut slots = lock(&self.waiting.slots);
        slots.1.retain(|(number, _)| *number != self.number);
        drop(slots);
        // The wake-up that this one was given may have been meant for the request.
        self.waiting.wake_all();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
