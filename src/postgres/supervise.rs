//! Keeps a server running: the thread that spawned it watches it and starts it anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::postgres::Installation;
use crate::postgres::error::ClusterError;
use crate::postgres::error::During;
use crate::postgres::server::Server;

const POLL: Duration = Duration::from_millis(50);
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// A server that lived this long did not fail because of how it was started.
const STEADY: Duration = Duration::from_secs(10);

pub(super) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl Supervisor {
    /// Returns when the server is ready.
    pub fn start(installation: Installation) -> Result<Supervisor, ClusterError> {
        let shared = Arc::new(Shared::default());
        let (started, outcome) = mpsc::channel();
        let root = installation.layout.root.clone();
        let watch = Watch {
            installation,
            shared: Arc::clone(&shared),
            pause: PAUSE_FIRST,
        };
        let thread = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || watch.run(&started))
            .during("start a thread for", &root)?;
        let supervisor = Supervisor {
            shared,
            thread: Some(thread),
        };
        match outcome.recv() {
            Ok(result) => result.map(|()| supervisor),
            Err(_) => Err(ClusterError::ProgramFailed {
                program: "postgres".to_owned(),
                reason: "its thread ended".to_owned(),
            }),
        }
    }

    /// Why the last restart failed, until one succeeds.
    pub fn failure(&self) -> Option<String> {
        self.shared.failure.lock().clone()
    }

    pub fn stop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It panics nowhere; and if it did, the kernel stopped the server with it.
            thread.join().ok();
        }
    }
}

struct Watch {
    installation: Installation,
    shared: Arc<Shared>,
    pause: Duration,
}

impl Watch {
    fn run(mut self, started: &Sender<Result<(), ClusterError>>) {
        let first = Server::start(&self.installation, &self.shared.stopping);
        let (mut server, told) = match first {
            Ok(server) => (server, started.send(Ok(()))),
            Err(error) => {
                started.send(Err(error)).ok();
                return;
            }
        };
        if told.is_err() {
            server.stop();
            return;
        }
        loop {
            let since = Instant::now();
            let Some(end) = self.watch(&mut server) else {
                server.stop();
                return;
            };
            tracing::error!("PostgreSQL ended by itself ({end}); starting it again");
            if since.elapsed() > STEADY {
                self.pause = PAUSE_FIRST;
            } else if !self.rest() {
                return;
            }
            match self.restart() {
                Some(restarted) => server = restarted,
                None => return,
            }
        }
    }

    /// Gives how the server ended, or `None` when it is to be stopped.
    fn watch(&self, server: &mut Server) -> Option<String> {
        while !self.stopping() {
            match server.exited() {
                Ok(None) => thread::park_timeout(POLL),
                Ok(Some(status)) => return Some(status.to_string()),
                Err(error) => return Some(error.to_string()),
            }
        }
        None
    }

    fn restart(&mut self) -> Option<Server> {
        loop {
            match Server::start(&self.installation, &self.shared.stopping) {
                Ok(server) => {
                    tracing::info!("PostgreSQL runs again");
                    *self.shared.failure.lock() = None;
                    return Some(server);
                }
                Err(error) => {
                    tracing::error!("cannot start PostgreSQL again: {error}");
                    *self.shared.failure.lock() = Some(error.to_string());
                }
            }
            if !self.rest() {
                return None;
            }
        }
    }

    /// Waits, longer each time; `false` when the cluster is to be stopped.
    fn rest(&mut self) -> bool {
        let begun = Instant::now();
        while !self.stopping() && begun.elapsed() < self.pause {
            thread::park_timeout(self.pause.saturating_sub(begun.elapsed()));
        }
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        !self.stopping()
    }

    fn stopping(&self) -> bool {
        self.shared.stopping.load(Ordering::Acquire)
    }
}
