//! What stands in the place of rows.

use crate::dashboard::logs::block::LogBlock;
use crate::dashboard::logs::block::Outcome;

/// Shown instead of rows.
pub struct LogMessage {
    pub title: String,
    pub text: String,
    pub curl: Option<String>,
    pub clear: bool,
}

impl LogBlock {
    /// What to say where there are no rows.
    pub fn message(&self) -> Option<LogMessage> {
        let message = |title: &str, text: &str, clear| LogMessage {
            title: title.to_owned(),
            text: text.to_owned(),
            curl: None,
            clear,
        };
        let narrow = self.address.is_narrow();
        match &self.outcome {
            Outcome::Failed => Some(message(
                "Not available right now",
                "The log could not be read. Try again in a moment.",
                false,
            )),
            Outcome::Stopped(None) => Some(message(
                "Search stopped after 2 s",
                "Narrow the dates.",
                narrow,
            )),
            _ if !self.rows.is_empty() => None,
            Outcome::Stopped(Some(at)) => Some(message(
                &format!("Nothing back to {}", at.at()),
                "The search stopped there after 2 s, before the end of the range.",
                narrow,
            )),
            Outcome::Found if narrow => {
                let filters = self.active().into_iter().map(|(words, _)| words);
                let filters = filters.collect::<Vec<_>>().join(", ");
                let text = format!("Nothing in this range has {filters}.");
                Some(message("No calls match", &text, true))
            }
            Outcome::Found if self.curl.is_some() => Some(LogMessage {
                curl: self.curl.clone(),
                ..message("No calls yet", "Nobody has called the API here.", false)
            }),
            Outcome::Found => Some(message(
                "No calls in this range",
                "Choose a longer range.",
                self.address.is_custom(),
            )),
        }
    }
}
