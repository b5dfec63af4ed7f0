//! What an account has bought: rates, and meters that all its workspaces share.

/// A window over which an account's requests are counted, for all its keys together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateWindow {
    Second,
    Minute,
}

impl RateWindow {
    pub const ALL: [Self; 2] = [Self::Second, Self::Minute];

    /// As refusals call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "per-second",
            Self::Minute => "per-minute",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MeterKind {
    /// Counted anew each calendar month, UTC.
    Period,
    /// Rises and falls, like storage.
    Level,
}

impl MeterKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::Level => "level",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Period, Self::Level]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Something that plans cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The word that refusals use: `imports`.
    pub slug: String,
    pub label: String,
    pub kind: MeterKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub slug: String,
    pub name: String,
    /// Requests of the whole account; `None` is without a limit.
    pub per_second: Option<u64>,
    pub per_minute: Option<u64>,
    /// Meters that are capped, by slug.
    pub meters: Vec<(String, u64)>,
}

impl Plan {
    pub fn rate(&self, window: RateWindow) -> Option<u64> {
        match window {
            RateWindow::Second => self.per_second,
            RateWindow::Minute => self.per_minute,
        }
    }
}
