//! What the nodes said of a change, in words: for revoking a key, and for every change that a page
//! calls done only when it is.
//!
//! ```ignore
//! let confirmation = confirmation::wait_applied(&db, seq).await?;
//! place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
//! ```

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::flash::Flash;
use crate::dashboard::number;
use crate::db::confirmation::Confirmation;

/// More nodes are counted, not named.
const NAMED_MAX: usize = 5;

/// What was done to a key, or to several.
pub struct Deed {
    /// "Blog ingest is revoked"
    pub done: String,
    /// "Revoking Blog ingest"
    pub doing: String,
    pub effect: Effect,
}

/// What a node that has applied the change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It refuses the key: revoked, disabled.
    Ends,
    /// It refuses each of several keys.
    EndsAll,
    /// It accepts the key: enabled.
    Begins,
    /// It holds the key to other rules: limits, grant, addresses.
    Changes,
}

impl Effect {
    fn confirmed(self) -> &'static str {
        match self {
            Self::Ends => "No node has accepted it since",
            Self::EndsAll => "No node has accepted any of them since",
            Self::Begins => "Every node has accepted it since",
            Self::Changes => "Every node has gone by it since",
        }
    }

    fn unconfirmed(self) -> &'static str {
        match self {
            Self::Ends => "may still accept the key",
            Self::EndsAll => "may still accept the keys",
            Self::Begins => "may still refuse the key",
            Self::Changes => "may still go by what was before",
        }
    }
}

/// The message for the next page. `now` is when the waiting ended.
pub fn told(deed: &Deed, confirmation: &Confirmation, now: DateTime<Utc>) -> Flash {
    let took = milliseconds(confirmation);
    let mut text = if confirmation.is_complete() {
        let (done, confirmed) = (&deed.done, deed.effect.confirmed());
        let since = now.format("%H:%M:%S%.3f");
        let by = match confirmation.applied.len() {
            0 if confirmation.fenced.is_empty() => "no node is running".to_owned(),
            0 => took,
            nodes => format!("{}, {took}", counted(nodes)),
        };
        format!("{done}. {confirmed} {since} ({by}).")
    } else {
        let (doing, unconfirmed) = (&deed.doing, deed.effect.unconfirmed());
        let pending = &confirmation.pending;
        let pronouns = match pending.len() {
            1 => ["it", "it has the news or its lease ends"],
            _ => ["they", "they have the news or their leases end"],
        };
        format!(
            "{doing} is stored, and after {took} still pending on {}: {} {unconfirmed} until {}.",
            named(pending),
            pronouns[0],
            pronouns[1]
        )
    };
    text.push_str(&fenced(&confirmation.fenced));
    if confirmation.is_complete() {
        Flash::success(text)
    } else {
        Flash::warning(text)
    }
}

/// A sentence about the nodes that are cut off, empty if there are none.
fn fenced(nodes: &[String]) -> String {
    let does = match nodes.len() {
        0 => return String::new(),
        1 => "hears nothing from the database and refuses every key until it does",
        _ => "hear nothing from the database and refuse every key until they do",
    };
    let mut who = named(nodes);
    who.replace_range(..1, "N");
    format!(" {who} {does}.")
}

/// "node a", "nodes a, b and c", "nodes a, b, c, d, e and 2 more".
fn named(nodes: &[String]) -> String {
    let (first, more) = nodes.split_at(nodes.len().min(NAMED_MAX));
    let mut names: Vec<String> = first.to_vec();
    if !more.is_empty() {
        names.push(format!("{} more", more.len()));
    }
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => format!("node {only}"),
        Some((last, first)) => format!("nodes {} and {last}", first.join(", ")),
    }
}

fn counted(nodes: usize) -> String {
    number::counted(i64::try_from(nodes).unwrap_or(i64::MAX), "node", "nodes")
}

fn milliseconds(confirmation: &Confirmation) -> String {
    let took = i64::try_from(confirmation.took.as_millis()).unwrap_or(i64::MAX);
    format!("{} ms", number::grouped(took))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn said(effect: Effect, [applied, fenced, pending]: [&[&str]; 3], took: u64) -> Flash {
        let names = |nodes: &[&str]| nodes.iter().map(ToString::to_string).collect();
        let confirmation = Confirmation {
            applied: names(applied),
            fenced: names(fenced),
            pending: names(pending),
            took: Duration::from_millis(took),
        };
        let (done, doing) = match effect {
            Effect::Ends => ("Blog is revoked", "Revoking Blog"),
            Effect::EndsAll => ("2 keys are revoked", "Revoking 2 keys"),
            Effect::Begins => ("Blog is enabled", "Enabling Blog"),
            Effect::Changes => ("Blog has new limits", "Changing the limits of Blog"),
        };
        let deed = Deed {
            done: done.to_owned(),
            doing: doing.to_owned(),
            effect,
        };
        let now = DateTime::from_timestamp_millis(1_795_254_067_112).unwrap();
        told(&deed, &confirmation, now)
    }

    #[test]
    fn what_every_node_has_applied_is_said_with_time_nodes_and_duration() {
        let flash = said(Effect::Ends, [&["a", "b", "c"], &[], &[]], 40);
        assert_eq!(flash.kind, "success");
        assert_eq!(
            flash.text,
            "Blog is revoked. No node has accepted it since 09:41:07.112 (3 nodes, 40 ms)."
        );
        assert_eq!(
            said(Effect::Begins, [&["a"], &[], &[]], 4).text,
            "Blog is enabled. Every node has accepted it since 09:41:07.112 (1 node, 4 ms)."
        );
        assert_eq!(
            said(Effect::Changes, [&["a"], &[], &[]], 4).text,
            "Blog has new limits. Every node has gone by it since 09:41:07.112 (1 node, 4 ms)."
        );
    }

    #[test]
    fn with_no_node_running_that_is_said() {
        assert_eq!(
            said(Effect::Ends, [&[], &[], &[]], 1).text,
            "Blog is revoked. No node has accepted it since 09:41:07.112 (no node is running)."
        );
    }

    #[test]
    fn nodes_that_are_cut_off_are_named() {
        assert_eq!(
            said(Effect::Ends, [&["a", "b"], &["c"], &[]], 2_310).text,
            "Blog is revoked. No node has accepted it since 09:41:07.112 (2 nodes, 2,310 ms). \
             Node c hears nothing from the database and refuses every key until it does."
        );
        let seven = ["a", "b", "c", "d", "e", "f", "g"];
        assert_eq!(
            said(Effect::Ends, [&[], &seven, &[]], 9).text,
            "Blog is revoked. No node has accepted it since 09:41:07.112 (9 ms). \
             Nodes a, b, c, d, e and 2 more hear nothing from the database and refuse every key \
             until they do."
        );
    }

    #[test]
    fn what_is_pending_is_never_called_done() {
        let flash = said(Effect::Ends, [&["a"], &[], &["slow"]], 2_810);
        assert_eq!(flash.kind, "warning");
        assert_eq!(
            flash.text,
            "Revoking Blog is stored, and after 2,810 ms still pending on node slow: it may still \
             accept the key until it has the news or its lease ends."
        );
        assert_eq!(
            said(Effect::Changes, [&[], &["c"], &["a", "b"]], 2_810).text,
            "Changing the limits of Blog is stored, and after 2,810 ms still pending on nodes a \
             and b: they may still go by what was before until they have the news or their leases \
             end. Node c hears nothing from the database and refuses every key until it does."
        );
    }
}
