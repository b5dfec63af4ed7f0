//! What the demo's people did in the app itself, beside the calls: through the function that counts
//! what `POST /v1/usage` brings.

use anyhow::bail;
use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;
use chrono::Weekday;
use diesel::PgConnection;

use crate::cli::demo::cast::DOMAIN;
use crate::db::usage;
use crate::verify::app_usage::AppUsage;
use crate::verify::app_usage::AppUsageAnswer;
use crate::workers::app_usage;

/// Meter, and how much of it a working day takes: at least, and so much more by chance.
const DAILY: [(&str, i64, i64); 3] = [("imports", 6, 14), ("uploads", 9, 30), ("chats", 40, 90)];
/// Documents that were there before, and what a day adds or takes away.
const STORED_AT_FIRST: i64 = 1_840_000_000;
const STORED_DAILY: [i64; 5] = [31_000_000, 12_400_000, -8_200_000, 44_000_000, -19_500_000];

/// Thirty days of it, up to `now`.
pub fn write(conn: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut events = Vec::new();
    let first = usage::first_day(now);
    for (number, day) in (0_i64..).zip(first.iter_days().take_while(|day| *day <= now.date_naive()))
    {
        let at = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(11);
        if at > now {
            break;
        }
        let rests = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        for (place, (meter, least, more)) in (1_i64..).zip(DAILY) {
            let chance = (number * 7_919 + place * 104_729) % (more + 1);
            let amount = if rests { chance / 6 } else { least + chance };
            events.push(event(meter, amount, at));
        }
        let stored = match number {
            0 => STORED_AT_FIRST,
            _ if rests => 0,
            _ => STORED_DAILY[usize::try_from(number).unwrap_or(0) % STORED_DAILY.len()],
        };
        events.push(event("storage", stored, at));
    }
    match app_usage::count(conn, &events, now)? {
        AppUsageAnswer::Taken { unknown, .. } if unknown.is_empty() => Ok(()),
        other => bail!("the demo's app usage was not counted: {other:?}"),
    }
}

fn event(meter: &str, amount: i64, at: DateTime<Utc>) -> AppUsage {
    AppUsage {
        event_id: format!("demo-{meter}-{}", at.date_naive()),
        account: DOMAIN.to_owned(),
        workspace: Some("default".to_owned()),
        meter: meter.to_owned(),
        amount,
        at,
    }
}
