//! The handle that pages have.

use tokio::sync::mpsc;

use crate::config::MailConfig;
use crate::mail::BadSmtpUrl;
use crate::mail::Letter;
use crate::mail::MailWorker;
use crate::mail::transport::Transport;

/// Letters that wait for the worker. More than a console sends in a day.
const QUEUE_CAPACITY: usize = 1_000;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mailer {
    queue: mpsc::Sender<Letter>,
    sends: bool,
}

/// So many letters wait that this one was not taken. It is in the log, without its link.
#[derive(Debug, thiserror::Error)]
#[error("too many letters wait to be sent")]
pub struct MailQueueFull;

impl Mailer {
    /// The handle, and the worker that must run for letters to go out.
    pub fn new(config: &MailConfig) -> Result<(Self, MailWorker), BadSmtpUrl> {
        let (queue, letters) = mpsc::channel(QUEUE_CAPACITY);
        let transport = Transport::new(config)?;
        let mailer = Self {
            queue,
            sends: config.smtp.is_some(),
        };
        Ok((mailer, MailWorker::new(letters, transport)))
    }

    /// Whether letters go out. If not, a page must show its link to whoever asked for the letter,
    /// or say that nothing was sent.
    pub fn sends(&self) -> bool {
        self.sends
    }

    /// Hands a letter over to be sent, which takes no time. An accepted letter may still be dropped
    /// after many attempts, so no page says that it has arrived.
    pub fn send(&self, letter: Letter) -> Result<(), MailQueueFull> {
        self.queue.try_send(letter).map_err(|refused| {
            tracing::error!(letter = ?refused.into_inner(), "a letter was dropped: {MailQueueFull}");
            MailQueueFull
        })
    }
}
