//! Caps on what a key may ask, and how much of them is used.

use chrono::TimeDelta;

mod cap;

pub use crate::domain::limit::cap::CAP_MAX;
pub use crate::domain::limit::cap::parse_cap;

/// A window over which a key's requests are counted. All but `Total` roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Window {
    Total,
    Daily,
    Weekly,
    Monthly,
}

impl Window {
    pub const ALL: [Self; 4] = [Self::Total, Self::Daily, Self::Weekly, Self::Monthly];

    /// As refusals and answers call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// How far back it reaches; `None` is for ever.
    pub fn length(self) -> Option<TimeDelta> {
        match self {
            Self::Total => None,
            Self::Daily => Some(TimeDelta::hours(24)),
            Self::Weekly => Some(TimeDelta::days(7)),
            Self::Monthly => Some(TimeDelta::days(30)),
        }
    }

    /// What is counted together: such a bucket counts whole while any part of it is in the window,
    /// so that the limit is never exceeded and freed room comes at most this much late.
    pub fn bucket(self) -> Option<TimeDelta> {
        match self {
            Self::Total => None,
            Self::Daily => Some(TimeDelta::minutes(1)),
            Self::Weekly => Some(TimeDelta::minutes(10)),
            Self::Monthly => Some(TimeDelta::hours(1)),
        }
    }
}

/// The caps of one key, each independent; `None` is no cap. Never 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyLimits {
    pub total: Option<u64>,
    pub daily: Option<u64>,
    pub weekly: Option<u64>,
    pub monthly: Option<u64>,
}

impl KeyLimits {
    pub fn of(&self, window: Window) -> Option<u64> {
        match window {
            Window::Total => self.total,
            Window::Daily => self.daily,
            Window::Weekly => self.weekly,
            Window::Monthly => self.monthly,
        }
    }

    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// The windows that are capped, in the order in which they are checked and told.
    pub fn iter(&self) -> impl Iterator<Item = (Window, u64)> {
        Window::ALL
            .into_iter()
            .filter_map(|window| self.of(window).map(|cap| (window, cap)))
    }
}

/// One cap and how much of it is used, as answers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitState {
    pub window: Window,
    pub limit: u64,
    /// What the nodes have set aside and not spent counts as used; never more than the limit.
    pub used: u64,
    /// When some room frees; `None` for a total, and while nothing is used.
    pub frees_in: Option<TimeDelta>,
}

impl LimitState {
    pub fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// The states of a key's caps, none if it has none.
pub type LimitStates = [Option<LimitState>; Window::ALL.len()];
