//! Sends what the queue holds, one letter after another, and again later what did not go out.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::mail::Letter;
use crate::mail::transport::Failure;
use crate::mail::transport::Transport;

/// Over some six minutes; the shortest-lived link works for half an hour.
const ATTEMPTS_MAX: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Each pause is so many times the one before: 1, 4, 16, 64, 256 seconds.
const PAUSE_FACTOR: u32 = 4;
/// Letters that wait for another attempt. Beyond them the queue fills, and then pages are told.
const WAITING_MAX: usize = 1_000;
/// What is left when Latchkey stops gets one more attempt within this.
const FAREWELL: Duration = Duration::from_secs(4);
const NO_TIME: &str = "there was no time left";

pub struct MailWorker {
    letters: mpsc::Receiver<Letter>,
    transport: Transport,
    /// By when they are due; the number tells apart what is due at once.
    waiting: BTreeMap<(Instant, u64), Waiting>,
    taken: u64,
}

struct Waiting {
    letter: Letter,
    attempts: u32,
}

impl MailWorker {
    pub(super) fn new(letters: mpsc::Receiver<Letter>, transport: Transport) -> Self {
        Self {
            letters,
            transport,
            waiting: BTreeMap::new(),
            taken: 0,
        }
    }

    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let due = self.waiting.keys().next().map(|(due, _)| *due);
            let room = self.waiting.len() < WAITING_MAX;
            tokio::select! {
                () = stop.cancelled() => break,
                () = until(due) => {
                    if let Some((_, waiting)) = self.waiting.pop_first() {
                        self.attempt(waiting, &stop).await;
                    }
                }
                letter = self.letters.recv(), if room => {
                    let Some(letter) = letter else {
                        // The console is gone, so Latchkey stops.
                        stop.cancelled().await;
                        break;
                    };
                    self.attempt(Waiting { letter, attempts: 0 }, &stop).await;
                }
            }
        }
        self.say_farewell().await;
    }

    async fn attempt(&mut self, mut waiting: Waiting, stop: &CancellationToken) {
        let outcome = self.outcome(&waiting.letter, stop).await;
        let letter = &waiting.letter;
        waiting.attempts += 1;
        match outcome {
            Ok(()) => tracing::debug!(?letter, attempts = waiting.attempts, "a letter went out"),
            Err(Failure::Passing(cause)) if waiting.attempts < ATTEMPTS_MAX => {
                let pause = FIRST_PAUSE * PAUSE_FACTOR.saturating_pow(waiting.attempts - 1);
                tracing::warn!(?letter, cause, ?pause, "a letter did not go out yet");
                self.put_off(waiting, pause);
            }
            Err(Failure::Passing(cause) | Failure::Lasting(cause)) => {
                tracing::error!(
                    ?letter,
                    cause,
                    attempts = waiting.attempts,
                    "a letter was dropped"
                );
            }
        }
    }

    /// An attempt that runs when Latchkey stops goes on for a while. It is not begun anew: the
    /// server may have taken the letter already.
    async fn outcome(&self, letter: &Letter, stop: &CancellationToken) -> Result<(), Failure> {
        let attempt = self.transport.attempt(letter);
        tokio::pin!(attempt);
        tokio::select! {
            outcome = &mut attempt => outcome,
            () = stop.cancelled() => tokio::time::timeout(FAREWELL, attempt)
                .await
                .unwrap_or_else(|_| Err(Failure::Lasting(NO_TIME.to_owned()))),
        }
    }

    fn put_off(&mut self, waiting: Waiting, pause: Duration) {
        self.taken += 1;
        let due = Instant::now() + pause;
        self.waiting.insert((due, self.taken), waiting);
    }

    async fn say_farewell(mut self) {
        let mut left: Vec<Letter> = std::mem::take(&mut self.waiting)
            .into_values()
            .map(|waiting| waiting.letter)
            .collect();
        while let Ok(letter) = self.letters.try_recv() {
            left.push(letter);
        }
        let deadline = Instant::now() + FAREWELL;
        for letter in &left {
            let attempt = self.transport.attempt(letter);
            let cause = match tokio::time::timeout_at(deadline, attempt).await {
                Ok(Ok(())) => continue,
                Ok(Err(Failure::Passing(cause) | Failure::Lasting(cause))) => cause,
                Err(_) => NO_TIME.to_owned(),
            };
            tracing::error!(
                ?letter,
                cause,
                "a letter was dropped, because Latchkey stops"
            );
        }
    }
}

/// For ever where nothing is due.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
