//! The two secrets of a key that rotates, and whether the old one is still needed.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::dashboard::flash::Flash;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::api_keys::Callers;
use crate::db::api_keys::SecretUse;
use crate::domain::api_key;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::KeySecret;
use crate::domain::overlap;
use crate::domain::support::Sight;

/// Calls may always be this late; more is said.
const LATE: TimeDelta = TimeDelta::minutes(1);

pub struct SecretsBlock {
    pub lines: Vec<SecretLine>,
    /// What to do about the old one.
    pub advice: Flash,
    /// Whether the old one is safe to end.
    pub is_quiet: bool,
    /// Until when it would work if it were extended; that is done once.
    pub extended_end: Option<Moment>,
    pub was_extended: bool,
}

pub struct SecretLine {
    pub label: &'static str,
    pub masked: String,
    /// When it stops by itself.
    pub ends: Option<Moment>,
    pub last_used: Option<Moment>,
    /// Since the rotation.
    pub requests: String,
    /// Empty for who may not see addresses.
    pub callers: String,
}

/// Who looks, and when.
#[derive(Clone, Copy)]
pub struct SecretsLook<'a> {
    pub prefix: &'a str,
    pub sight: Sight,
    pub now: DateTime<Utc>,
}

impl SecretsBlock {
    /// `None` unless two secrets work. `used` is `None` if it could not be read.
    pub fn of(key: &ApiKey, used: Option<&SecretUse>, look: SecretsLook<'_>) -> Option<Self> {
        let now = look.now;
        if key.times.state(now).is_ended() {
            return None;
        }
        let (old, current) = (key.retiring(now)?, key.secrets.last()?);
        let ends_at = old.retires_at?;
        let rotated_at = current.created_at;
        let quiet_since = old.last_used_at.map_or(rotated_at, |at| at.max(rotated_at));
        let behind = used.map_or(Some(rotated_at), |used| used.behind_since);
        let is_known = behind.is_none_or(|behind| now - behind <= LATE);
        let is_quiet = is_known && now - quiet_since >= overlap::QUIET;
        let callers = |secret: &KeySecret| match used {
            _ if !look.sight.shows_anything() => String::new(),
            None => "Not available right now".to_owned(),
            Some(used) => used
                .callers
                .get(&secret.generation)
                .map(|callers| callers_words(callers, look.sight))
                .unwrap_or_default(),
        };
        let line = |label, secret: &KeySecret| SecretLine {
            label,
            masked: api_key::masked(look.prefix, key.id, &secret.last_four),
            ends: secret.retires_at.map(|at| Moment::new(at, now)),
            last_used: secret.last_used_at.map(|at| Moment::new(at, now)),
            requests: number::grouped(secret.requests_since()),
            callers: callers(secret),
        };
        let was_extended = old.extended_at.is_some();
        let extended = overlap::extended(ends_at, key.times.expires_at);
        let called_since = old.last_used_at.is_some_and(|at| at >= rotated_at);
        let advice = if !is_known {
            Flash::info(
                "Not every node has delivered its latest calls, so it is not known whether the \
                 old secret is still used.",
            )
        } else if is_quiet {
            Flash::success("No calls on the old secret for 60 minutes. Safe to end.")
        } else {
            let quiet = Moment::new(quiet_since, now).relative();
            advice(called_since, &quiet, Moment::new(ends_at, now))
        };
        Some(Self {
            lines: vec![line("Current", current), line("Old", old)],
            advice,
            is_quiet,
            extended_end: extended
                .filter(|_| !was_extended)
                .map(|at| Moment::new(at, now)),
            was_extended,
        })
    }
}

fn advice(called_since: bool, when: &str, ends: Moment) -> Flash {
    if called_since {
        let ends = ends.at();
        Flash::warning(format!(
            "The old secret was used {when}. Calls with it fail from {ends}."
        ))
    } else {
        Flash::info(format!(
            "No calls on the old secret since the rotation {when}. After 60 minutes without any \
             it is safe to end."
        ))
    }
}

/// "203.0.113.9, 203.0.113.10 and 3 more".
fn callers_words(callers: &Callers, sight: Sight) -> String {
    let latest = callers.latest.iter();
    let named: Vec<String> = latest.filter_map(|ip| sight.shown(*ip)).collect();
    let shown = i64::try_from(named.len()).unwrap_or(i64::MAX);
    match callers.addresses - shown {
        more if more > 0 => format!("{} and {} more", named.join(", "), number::grouped(more)),
        _ => named.join(", "),
    }
}
