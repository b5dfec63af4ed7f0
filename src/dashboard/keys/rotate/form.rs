//! What the rotate form sends.

use chrono::DateTime;
use chrono::Utc;
use uuid::Uuid;

use crate::dashboard::form::FormErrors;
use crate::dashboard::posted::Fields;
use crate::db::api_keys::Dropped;
use crate::domain::api_key::ApiKey;
use crate::domain::overlap::Overlap;

/// Long enough to bring the new secret everywhere within a working day.
const DEFAULT_OVERLAP: &str = "24h";

/// What stands in the form; none of it is secret.
#[derive(Debug, Clone)]
pub struct RotateFields {
    pub overlap: String,
    pub overlap_on: String,
    pub drop: String,
    /// Of the key that was looked at.
    pub version: String,
}

pub struct ValidRotation {
    pub overlap: Overlap,
    pub dropped: Option<Dropped>,
    pub version: i32,
    pub operation: Uuid,
}

impl RotateFields {
    pub fn offered(key: &ApiKey) -> Self {
        Self {
            overlap: DEFAULT_OVERLAP.to_owned(),
            overlap_on: String::new(),
            drop: String::new(),
            version: key.version.to_string(),
        }
    }

    pub fn sent(fields: &Fields) -> Self {
        let sent = |name: &str| fields.get(name).to_owned();
        Self {
            overlap: sent("overlap"),
            overlap_on: sent("overlap_on"),
            drop: sent("drop"),
            version: sent("version"),
        }
    }
}

/// Every fault at once, in the order of the form.
pub fn check(
    fields: &Fields,
    (key, now): (&ApiKey, DateTime<Utc>),
    errors: &mut FormErrors,
) -> Option<ValidRotation> {
    let overlap = fields.parse_with("overlap", errors, |choice| {
        let within = (now, key.times.expires_at);
        Overlap::parse(choice, fields.get("overlap_on"), within)
    });
    let dropped = fields.parse_with("drop", errors, dropped);
    let operation: Option<Uuid> = fields.get("operation").parse().ok();
    let version: Option<i32> = fields.get("version").parse().ok();
    if operation.is_none() || version.is_none() {
        errors.add("", "This form was not complete. Send it again.");
    }
    Some(ValidRotation {
        overlap: overlap?,
        dropped: dropped?,
        version: version?,
        operation: operation?,
    })
}

fn dropped(choice: &str) -> Result<Option<Dropped>, &'static str> {
    match choice {
        "" => Ok(None),
        "old" => Ok(Some(Dropped::Old)),
        "current" => Ok(Some(Dropped::Current)),
        _ => Err("Choose which of the two secrets ends."),
    }
}
