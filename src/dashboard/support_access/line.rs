//! One look into an account, as lists tell it.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::support_sessions::SessionState;
use crate::db::support_sessions::SupportSession;
use crate::domain::support::Reason;

pub struct SessionLine {
    pub public_id: String,
    pub staff_name: String,
    pub staff_email: String,
    pub ticket: String,
    pub reason: String,
    pub note: String,
    pub requested: Moment,
    pub state: SessionState,
    /// Until when it is open.
    pub ends: Option<Moment>,
    /// "12 minutes"; empty for what was never open.
    pub lasted: String,
    pub decided_by: String,
    pub addresses_shown: bool,
    pub disabled: String,
}

impl SessionLine {
    pub fn new(session: SupportSession, now: DateTime<Utc>) -> Self {
        let state = session.state(now);
        let stopped = session.stopped_at().filter(|_| state == SessionState::Over);
        let lasted = session.opened_at.map(|from| {
            let minutes = (stopped.unwrap_or(now) - from).num_minutes();
            number::counted(minutes.max(1), "minute", "minutes")
        });
        let reason = Reason::parse(&session.reason).map_or_else(
            || session.reason.clone(),
            |reason| reason.words().to_owned(),
        );
        let disabled = match (session.keys_disabled, session.disabled_key_name) {
            (0, _) | (_, None) => String::new(),
            (1, Some(name)) => format!("Disabled the key {name}"),
            (keys, Some(name)) => format!("Disabled {keys} keys, the last of them {name}"),
        };
        Self {
            public_id: session.public_id,
            staff_name: session.staff_name,
            staff_email: session.staff_email,
            ticket: session.ticket,
            reason,
            note: session.note,
            requested: Moment::new(session.requested_at, now),
            state,
            ends: session
                .ends_at
                .filter(|_| state == SessionState::Open)
                .map(|at| Moment::new(at, now)),
            lasted: lasted.unwrap_or_default(),
            decided_by: session.decided_by.unwrap_or_default(),
            addresses_shown: session.addresses_shown_at.is_some(),
            disabled,
        }
    }

    pub fn waits(&self) -> bool {
        self.state == SessionState::Waiting
    }

    /// The badge: its kind, and its words.
    pub fn badge(&self) -> (&'static str, &'static str) {
        match self.state {
            SessionState::Waiting => ("expiring", "Waiting for an owner"),
            SessionState::Declined => ("revoked", "Declined"),
            SessionState::Lapsed => ("expired", "Not answered"),
            SessionState::Open => ("active", "Open"),
            SessionState::Over => ("disabled", "Over"),
        }
    }
}
