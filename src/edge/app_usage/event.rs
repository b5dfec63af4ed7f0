//! Events from JSON, every fault of every one named. What was sent is not repeated: it may be
//! anything.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;

use crate::domain::meter;
use crate::domain::meter::AMOUNT_MAX;
use crate::domain::meter::EVENT_LATE_MAX;
use crate::edge::app_usage::EVENTS_MAX;
use crate::edge::error::EdgeError;
use crate::verify::app_usage::AppUsage;
use crate::verify::app_usage::ItemFault;

/// Longest name of an event, an account or a workspace, in bytes.
const NAME_LENGTH_MAX: usize = 100;
/// Clocks differ.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(1);

const FIELDS: [&str; 6] = ["event_id", "account", "workspace", "meter", "amount", "at"];

const NAME: &str = "must be a text of 1 to 100 bytes without control characters";
const AMOUNT: &str = "must be a whole number, at most 1000000000000 either way";
const AT: &str =
    "must be a time like 2026-11-21T09:41:00Z, not in the future and at most 35 days ago";
const METER: &str = "must be the name of a meter";

pub fn array(body: &[u8]) -> Result<Vec<Value>, EdgeError> {
    let events: Vec<Value> = serde_json::from_slice(body).map_err(|error| {
        whole(format!(
            "The body must be an array of {{event_id, account, workspace, meter, amount, at}}: see \
             line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    if events.len() > EVENTS_MAX {
        return Err(whole(format!("Send at most {EVENTS_MAX} events")));
    }
    Ok(events)
}

fn whole(message: String) -> EdgeError {
    EdgeError::MalformedBody {
        field: None,
        message: message.into(),
    }
}

/// All events, or what is wrong with them.
pub fn parse(events: &[Value], now: DateTime<Utc>) -> Result<Vec<AppUsage>, Vec<ItemFault>> {
    let mut usage = Vec::with_capacity(events.len());
    let mut faults = Vec::new();
    for (item, event) in events.iter().enumerate() {
        let mut reader = Reader {
            item,
            faults: &mut faults,
        };
        match event {
            Value::Object(fields) => usage.extend(reader.event(fields, now)),
            _ => reader.fault("", "must be a JSON object"),
        }
    }
    if faults.is_empty() {
        Ok(usage)
    } else {
        Err(faults)
    }
}

struct Reader<'a> {
    item: usize,
    faults: &'a mut Vec<ItemFault>,
}

impl Reader<'_> {
    fn fault(&mut self, field: &'static str, rule: &'static str) {
        let item = self.item;
        self.faults.push(ItemFault { item, field, rule });
    }

    fn event(&mut self, fields: &Map<String, Value>, now: DateTime<Utc>) -> Option<AppUsage> {
        if fields.keys().any(|name| !FIELDS.contains(&name.as_str())) {
            self.fault(
                "",
                "has a field that is none of event_id, account, workspace, meter, amount, at",
            );
        }
        let event_id = self.name(fields, "event_id", NAME, is_name);
        let account = self.name(fields, "account", NAME, is_name);
        let workspace = match fields.get("workspace") {
            None | Some(Value::Null) => Some(None),
            Some(_) => self.name(fields, "workspace", NAME, is_name).map(Some),
        };
        let meter = self.name(fields, "meter", METER, meter::is_slug);
        let amount = fields.get("amount").and_then(Value::as_i64);
        let amount = amount.filter(|amount| amount.unsigned_abs() <= AMOUNT_MAX.unsigned_abs());
        if amount.is_none() {
            self.fault("amount", AMOUNT);
        }
        let at = time(fields.get("at"), now);
        if at.is_none() {
            self.fault("at", AT);
        }
        Some(AppUsage {
            event_id: event_id?,
            account: account?,
            workspace: workspace?,
            meter: meter?,
            amount: amount?,
            at: at?,
        })
    }

    fn name(
        &mut self,
        fields: &Map<String, Value>,
        field: &'static str,
        rule: &'static str,
        fits: fn(&str) -> bool,
    ) -> Option<String> {
        let text = fields.get(field).and_then(Value::as_str);
        let text = text.filter(|text| fits(text));
        if text.is_none() {
            self.fault(field, rule);
        }
        text.map(str::to_owned)
    }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_LENGTH_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Now, where none is told.
fn time(told: Option<&Value>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = match told {
        None | Some(Value::Null) => return Some(now),
        Some(told) => DateTime::parse_from_rfc3339(told.as_str()?).ok()?,
    };
    let at = at.with_timezone(&Utc);
    (now - EVENT_LATE_MAX..=now + AHEAD_MAX)
        .contains(&at)
        .then_some(at)
}
