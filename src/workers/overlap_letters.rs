//! Writes to whose key it is when the old secret of a rotation ends soon and is still used.

use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::StillUsed;
use crate::domain::api_key;
use crate::domain::api_key::ApiKeyId;
use crate::domain::clock::SharedClock;
use crate::domain::key_prefix::KeyPrefix;
use crate::mail::Letter;
use crate::mail::Mailer;

const INTERVAL: Duration = Duration::from_mins(1);
/// Secrets of a round; the next minute takes more. Their letters leave room for all others.
const ROUND_MAX: u16 = 10;

/// The address of a key's page, by the slug of its workspace.
pub type KeyLink = Box<dyn Fn(&str, ApiKeyId) -> String + Send + Sync>;

pub struct OverlapLetters {
    pub db: Db,
    pub clock: SharedClock,
    pub mailer: Mailer,
    pub prefix: KeyPrefix,
    pub link: KeyLink,
}

impl OverlapLetters {
    /// Runs at once and then every minute, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let written = tokio::select! {
                () = stop.cancelled() => break,
                written = self.run_once() => written,
            };
            if let Err(error) = written {
                tracing::warn!(%error, "nobody is told which old secrets are still used");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    /// How many letters were handed over.
    pub async fn run_once(&self) -> Result<usize, DbError> {
        let now = self.clock.now();
        let taken = self
            .db
            .run(move |conn| api_keys::take_still_used(conn, now, ROUND_MAX))
            .await?;
        let letters = taken.iter().filter_map(|secret| self.letter(secret));
        // What is not taken is noted where it is dropped, and the key's page says the same.
        Ok(letters
            .filter_map(|letter| self.mailer.send(letter).ok())
            .count())
    }

    fn letter(&self, secret: &StillUsed) -> Option<Letter> {
        let masked = api_key::masked(self.prefix.as_str(), secret.key, &secret.last_four);
        let (key, ends) = (&secret.key_name, time(secret.ends_at));
        let from = secret.ip.map(|ip| format!(" from {ip}"));
        let by = secret.agent.as_ref().map(|agent| format!(" by {agent}"));
        let letter = Letter::new(
            secret.email.parse().ok()?,
            format!("The old secret of {key} is still used, and ends soon"),
        );
        Some(
            letter
                .greets(&secret.person_name)
                .says(format!(
                    "{key} of {}, {}, was rotated. Its old secret {masked} ends on {ends}: calls \
                     with it fail from then on.",
                    secret.account_name, secret.workspace_name
                ))
                .says(format!(
                    "It was last used on {}{}{}. Give that caller the new secret before the end.",
                    time(secret.last_used_at),
                    from.unwrap_or_default(),
                    by.unwrap_or_default()
                ))
                .links(
                    "See both secrets",
                    (self.link)(&secret.workspace, secret.key),
                )
                .says("If you need more time, the end can be put off there by a day, once."),
        )
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}
