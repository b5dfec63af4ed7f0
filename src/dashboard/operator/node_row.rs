//! One node as a line of the table, in words.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::nodes::NodeState;

/// Of the random id, enough to tell nodes of one name apart.
const ID_LENGTH: usize = 8;

/// Whether a node decides, judged by its last heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Deciding,
    Loading,
    /// Silent for longer than its lease: it answers 503.
    Fenced,
}

pub struct NodeLine {
    pub name: String,
    pub id: String,
    pub version: String,
    pub started: Moment,
    /// "1.6 s" for a node that decides; since when it is silent for one that does not.
    pub lease: String,
    pub applied: String,
    /// Empty for a node that has applied everything.
    pub lag: String,
    /// "0 B" or "12.4 kB, up to 2 seconds old".
    pub backlog: String,
    pub keys: String,
    /// "2 unreadable", empty for none.
    pub unreadable: String,
    pub heartbeat: String,
    standing: Standing,
}

impl NodeLine {
    /// `newest` is the number of the newest change.
    pub fn new(node: &NodeState, newest: i64, now: DateTime<Utc>) -> Self {
        let silent = (node.database_now - node.heartbeat_at).max(TimeDelta::zero());
        let left = TimeDelta::milliseconds(node.lease_ms.into()) - silent;
        let standing = if left <= TimeDelta::zero() {
            Standing::Fenced
        } else if node.loading {
            Standing::Loading
        } else {
            Standing::Deciding
        };
        let lag = newest - node.applied_seq;
        Self {
            name: node.name.clone(),
            id: node.id.simple().to_string()[..ID_LENGTH].to_owned(),
            version: node.version.clone(),
            started: Moment::new(node.started_at, now),
            lease: match standing {
                Standing::Deciding => format!("{} s left", tenths(left)),
                Standing::Loading => "Reads every key first".to_owned(),
                Standing::Fenced => "Answers 503".to_owned(),
            },
            applied: number::grouped(node.applied_seq),
            lag: if lag > 0 {
                format!("{} behind", number::counted(lag, "change", "changes"))
            } else {
                String::new()
            },
            backlog: backlog(node, now),
            keys: number::grouped(node.keys),
            unreadable: match node.unreadable {
                0 => String::new(),
                keys => format!("{} unreadable", number::grouped(keys)),
            },
            heartbeat: ago(silent),
            standing,
        }
    }

    pub fn is_fenced(&self) -> bool {
        self.standing == Standing::Fenced
    }

    /// Kind and words of the badge.
    pub fn badge(&self) -> (&'static str, &'static str) {
        match self.standing {
            Standing::Deciding => ("active", "Deciding"),
            Standing::Loading => ("rotating", "Loading"),
            Standing::Fenced => ("limited", "Fenced"),
        }
    }
}

fn backlog(node: &NodeState, now: DateTime<Utc>) -> String {
    let bytes = number::bytes(node.spool_bytes);
    match node.spool_since {
        Some(since) if node.spool_bytes > 0 => {
            let seconds = (now - since).num_seconds().max(0) + 1;
            format!("{bytes}, up to {} old", number::wait(seconds))
        }
        _ => bytes,
    }
}

/// "0.3 s ago", "4 minutes ago".
fn ago(silent: TimeDelta) -> String {
    if silent < TimeDelta::minutes(1) {
        return format!("{} s ago", tenths(silent));
    }
    let epoch = DateTime::UNIX_EPOCH;
    Moment::new(epoch, epoch + silent).relative()
}

/// Seconds with one decimal.
fn tenths(span: TimeDelta) -> String {
    let tenths = span.num_milliseconds() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
