//! One attempt to send one letter.

use std::time::Duration;

use lettre::AsyncSmtpTransport;
use lettre::AsyncTransport;
use lettre::Message;
use lettre::Tokio1Executor;
use lettre::message::Mailbox;
use lettre::message::MultiPart;
use lettre::transport::smtp;
use secrecy::ExposeSecret;

use crate::config::MailConfig;
use crate::mail::Letter;

/// A server that takes longer for one step is not there.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
/// A whole attempt, from connection to the server's last word.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// `LATCHKEY_SMTP_URL` leads nowhere; the configuration has checked it before.
#[derive(Debug, thiserror::Error)]
#[error("LATCHKEY_SMTP_URL cannot be used")]
pub struct BadSmtpUrl;

pub(super) enum Transport {
    /// No SMTP is set.
    Log,
    Smtp(Box<Smtp>),
}

pub(super) struct Smtp {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a letter did not go out.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another attempt may do better.
    Passing(String),
    /// No attempt will.
    Lasting(String),
}

impl Transport {
    pub fn new(config: &MailConfig) -> Result<Self, BadSmtpUrl> {
        let Some(smtp) = &config.smtp else {
            return Ok(Self::Log);
        };
        let url = smtp.url.expose_secret();
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| BadSmtpUrl)?;
        Ok(Self::Smtp(Box::new(Smtp {
            server: server.timeout(Some(STEP_TIMEOUT)).build(),
            from: smtp.from.clone(),
        })))
    }

    pub async fn attempt(&self, letter: &Letter) -> Result<(), Failure> {
        match self {
            Self::Log => write_to_log(letter),
            Self::Smtp(smtp) => {
                let message = smtp.message(letter)?;
                match tokio::time::timeout(ATTEMPT_TIMEOUT, smtp.server.send(message)).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => Err(judged(&error)),
                    Err(_) => Err(Failure::Passing("the server took too long".to_owned())),
                }
            }
        }
    }
}

impl Smtp {
    fn message(&self, letter: &Letter) -> Result<Message, Failure> {
        let lasting = |cause: &dyn std::fmt::Display| Failure::Lasting(cause.to_string());
        let to = letter.to().as_str();
        let to = Mailbox::new(None, to.parse().map_err(|error| lasting(&error))?);
        let text = letter.text().map_err(|error| lasting(&error))?;
        let html = letter.html().map_err(|error| lasting(&error))?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject())
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| lasting(&error))
    }
}

/// The only place where a link is printed: without SMTP nobody could get it otherwise.
fn write_to_log(letter: &Letter) -> Result<(), Failure> {
    let text = letter.text();
    let text = text.map_err(|error| Failure::Lasting(error.to_string()))?;
    tracing::warn!(
        to = letter.to().as_str(),
        subject = letter.subject(),
        "not sent, because LATCHKEY_SMTP_URL is not set; the letter:\n{text}"
    );
    Ok(())
}

fn judged(error: &smtp::Error) -> Failure {
    let cause = without_links(&chain(error));
    // "client" is an internal fault of ours, such as an address that the server's dialect lacks.
    if error.is_permanent() || error.is_client() {
        Failure::Lasting(cause)
    } else {
        Failure::Passing(cause)
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A server that refuses a letter may repeat the address it did not like.
fn without_links(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        if word.contains("://") || word.contains("token=") {
            "(a link)"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_repeats_no_link() {
        let answer = "550 5.7.1 spam: <https://keys.example/x?token=abc> refused";
        assert_eq!(without_links(answer), "550 5.7.1 spam: (a link) refused");
    }
}
