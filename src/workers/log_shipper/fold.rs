//! A batch of records, sorted out: rows to append, rows to complete, what cannot be stored.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::NaiveTime;
use chrono::Utc;

use crate::domain::request_id::RequestId;
use crate::spool::record::CompletionRecord;
use crate::spool::record::DecisionRecord;
use crate::spool::record::GapRecord;
use crate::spool::record::Record;

/// Partitions are named by four digits of a year. A later time is a broken clock's.
const YEAR_10000: NaiveDate = match NaiveDate::from_ymd_opt(10_000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

#[derive(Debug, Default)]
pub struct Folded {
    /// Completed already, where their completion came in the same batch.
    pub decisions: Vec<DecisionRecord<'static>>,
    /// Of rows that an earlier batch stored; one for each request, the last.
    pub completions: Vec<CompletionRecord>,
    pub gaps: Vec<GapRecord>,
    /// Records of days that are not kept.
    pub dropped: u64,
}

pub fn fold(records: Vec<Record<'static>>, first_kept: NaiveDate) -> Folded {
    let kept = midnight(first_kept)..midnight(YEAR_10000);
    let mut folded = Folded::default();
    let mut completions: HashMap<RequestId, CompletionRecord> = HashMap::new();
    for record in records {
        match record {
            Record::Decision(decision) if kept.contains(&decision.at) => {
                folded.decisions.push(decision);
            }
            Record::Completion(mut completion) if kept.contains(&completion.at) => {
                // The last one's outcome counts, but each has meters of its own to add.
                if let Some(earlier) = completions.remove(&completion.request_id) {
                    completion.meters.extend(earlier.meters);
                }
                completions.insert(completion.request_id, completion);
            }
            Record::Gap(gap) => folded.gaps.push(gap),
            Record::Decision(_) | Record::Completion(_) => folded.dropped += 1,
        }
    }
    if !completions.is_empty() {
        for decision in &mut folded.decisions {
            if let Some(completion) = completions.remove(&decision.request_id) {
                decision.status = Some(completion.status);
                decision.duration_us = Some(completion.duration_us);
                decision.credits = completion.credits;
                decision.meters.extend(completion.meters);
            }
        }
        folded.completions = completions.into_values().collect();
    }
    folded
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
