//! What a node takes in advance, so that a request is counted before it is let in and no request
//! waits for the database.

use std::fmt;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::limit::Window;
use crate::domain::plan::MeterKind;
use crate::domain::plan::RateWindow;

/// What is counted within an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    Key(ApiKeyId),
    /// Requests of the whole account.
    Rate,
    /// A meter of the account's plan, by slug.
    Meter(Box<str>),
}

const RATE: &str = "rate";
const METER: &str = "meter:";

impl Subject {
    /// As it is stored.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(METER) {
            Some(slug) => Some(Self::Meter(slug.into())),
            None if text == RATE => Some(Self::Rate),
            None => text.parse().ok().map(Self::Key),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => f.write_str(id.as_str()),
            Self::Rate => f.write_str(RATE),
            Self::Meter(slug) => write!(f, "{METER}{slug}"),
        }
    }
}

/// Over what a subject is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    Key(Window),
    Rate(RateWindow),
    Meter(MeterKind),
}

impl Span {
    const ALL: [Self; 8] = [
        Self::Key(Window::Total),
        Self::Key(Window::Daily),
        Self::Key(Window::Weekly),
        Self::Key(Window::Monthly),
        Self::Rate(RateWindow::Second),
        Self::Rate(RateWindow::Minute),
        Self::Meter(MeterKind::Period),
        Self::Meter(MeterKind::Level),
    ];

    /// How it is stored; never used again for another.
    pub fn number(self) -> i16 {
        match self {
            Self::Key(Window::Total) => 1,
            Self::Key(Window::Daily) => 2,
            Self::Key(Window::Weekly) => 3,
            Self::Key(Window::Monthly) => 4,
            Self::Rate(RateWindow::Second) => 5,
            Self::Rate(RateWindow::Minute) => 6,
            Self::Meter(MeterKind::Period) => 7,
            Self::Meter(MeterKind::Level) => 8,
        }
    }

    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.number() == number)
    }
}

/// How much of a cap is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanState {
    pub span: Span,
    /// `None` of a meter that is counted and not capped.
    pub cap: Option<u64>,
    /// With what nodes have taken and not spent. Above the cap after that was lowered.
    pub used: u64,
    /// When some room frees; `None` of a total and a level, and while nothing is used.
    pub frees_in: Option<TimeDelta>,
}

/// The most spans that one subject has: the windows of a key.
pub const SPANS_MAX: usize = Window::ALL.len();

/// The states of a subject, in the order in which its caps are checked.
pub type SpanStates = [Option<SpanState>; SPANS_MAX];

/// A wish for units of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub account: AccountId,
    pub subject: Subject,
    /// The least that is of use; nothing is granted if there is less.
    pub needed: u64,
    /// What would be welcome. With both 0 the states are all that is asked.
    pub wanted: u64,
}

/// What the database grants: counted from now on, whether it is spent or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub amount: u64,
    pub charge: Charge,
    /// For how long it may be spent, from before the question.
    pub ends_in: TimeDelta,
    /// After the grant.
    pub states: SpanStates,
}

/// In which buckets units are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// The moment whose buckets they are.
    pub bin: DateTime<Utc>,
    /// The spans that were capped, a bit for each number.
    pub spans: i32,
}

/// Units that were taken and will not be spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    pub account: AccountId,
    pub subject: Subject,
    pub charge: Charge,
    pub amount: u64,
}

/// What has happened and is counted whether there is room or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub account: AccountId,
    pub subject: Subject,
    /// Below 0 where a level falls, or where less was used than was charged.
    pub amount: i64,
    pub at: DateTime<Utc>,
}
