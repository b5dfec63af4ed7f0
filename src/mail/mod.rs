//! Letters to people: values until the worker has sent them.
//!
//! A page hands a `Letter` to the `Mailer` and goes on; the `MailWorker` sends it by SMTP, again
//! where that may help, or writes it to the log where no SMTP is set. Nothing of a letter is kept
//! on disk: a link in it opens something, and the database knows only its digest.

mod letter;
mod mailer;
mod transport;
mod worker;

pub use crate::mail::letter::Letter;
pub use crate::mail::mailer::MailQueueFull;
pub use crate::mail::mailer::Mailer;
pub use crate::mail::transport::BadSmtpUrl;
pub use crate::mail::worker::MailWorker;
