//! The thread that syncs: 20 ms after a first write, all that was written by then.

use std::io;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::thread::Thread;
use std::time::Duration;

use crate::spool::core::Core;

const SYNC_INTERVAL: Duration = Duration::from_millis(20);

/// Whether the thread has something to do; it sleeps while it has not.
#[derive(Default)]
pub struct Work {
    waiting: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Work {
    /// Tells the thread that there is, or soon will be, something to write or sync.
    pub fn expect(&self) {
        if !self.waiting.load(Ordering::Relaxed)
            && !self.waiting.swap(true, Ordering::AcqRel)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }
}

pub struct Flusher {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    pub fn start(core: &Arc<Core>) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let shared = Arc::clone(core);
        let thread = thread::Builder::new()
            .name("spool-flusher".to_owned())
            .spawn(move || run(&shared, &stopped))?;
        let _ = core.work.thread.set(thread.thread().clone());
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn run(core: &Core, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        // A disk that fails is work until it recovers.
        if core.work.waiting.load(Ordering::Acquire) || core.writer.is_failing() {
            // What comes in the meantime shares the sync.
            thread::park_timeout(SYNC_INTERVAL);
            core.work.waiting.store(false, Ordering::Release);
            core.flush();
        } else {
            thread::park();
        }
    }
    core.flush();
}
