//! A message for the next page, kept in the session and shown once.

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;

const KINDS: [&str; 4] = ["success", "info", "warning", "danger"];

/// What just happened, said once on the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flash {
    /// `success`, `info`, `warning` or `danger`: the tone and the name of the icon.
    pub kind: &'static str,
    pub text: String,
    /// Address and words of a link that follows the text.
    pub link: Option<(String, String)>,
}

impl Flash {
    pub fn success(text: impl Into<String>) -> Self {
        Self {
            kind: "success",
            text: text.into(),
            link: None,
        }
    }

    pub fn info(text: impl Into<String>) -> Self {
        Self {
            kind: "info",
            ..Self::success(text)
        }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            kind: "warning",
            ..Self::success(text)
        }
    }

    #[must_use]
    pub fn with_link(self, href: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            link: Some((href.into(), words.into())),
            ..self
        }
    }
}

#[derive(Deserialize)]
struct Stored {
    kind: String,
    text: String,
    link: Option<(String, String)>,
}

/// By hand, because a derived one would want a text that lives for ever.
impl<'de> Deserialize<'de> for Flash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Stored::deserialize(deserializer).map(Self::from)
    }
}

impl From<Stored> for Flash {
    fn from(stored: Stored) -> Self {
        let kind = KINDS.into_iter().find(|known| *known == stored.kind);
        Self {
            kind: kind.unwrap_or("info"),
            text: stored.text,
            link: stored.link,
        }
    }
}
