//! What a page says, as plain text for a ticket. It holds no secret, and of addresses only what the
//! page shows.

mod usage;

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::chart::UsageChart;
use crate::dashboard::keys::change_line::ChangeLine;
use crate::dashboard::keys::limit_rows::LimitRow;
use crate::dashboard::keys::show::ErrorLine;
use crate::dashboard::logs::block::LogBlock;
use crate::dashboard::logs::chips::Chips;
use crate::dashboard::logs::steps::StepLine;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::support::account::WorkspaceLine;
use crate::dashboard::support::visit::Visit;
use crate::db::accounts::OperatedAccount;
use crate::db::plan_usage::PlanUsage;
use crate::domain::api_key::ApiKey;

pub use crate::dashboard::support::summary::usage::OfPlan;
pub use crate::dashboard::support::summary::usage::OfUsage;
pub use crate::dashboard::support::summary::usage::of_plan;
pub use crate::dashboard::support::summary::usage::of_usage;

/// More of a list stays on the page.
const LINES_MAX: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub text: String,
}

/// Lines, and about whom they are.
struct Draft<'a> {
    visit: &'a Visit,
    now: DateTime<Utc>,
    lines: Vec<String>,
}

impl<'a> Draft<'a> {
    fn new(visit: &'a Visit, now: DateTime<Utc>, title: String) -> Self {
        let (name, domain) = (&visit.account_name, &visit.account_domain);
        let workspace = visit.workspace.as_ref();
        let workspace = workspace.map(|workspace| format!(", workspace {}", workspace.name));
        let place = format!(
            "Account: {name} ({domain}){}",
            workspace.unwrap_or_default()
        );
        Self {
            visit,
            now,
            lines: vec![title, place],
        }
    }

    fn fact(mut self, label: &str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref();
        if !value.is_empty() {
            self.lines.push(format!("{label}: {value}"));
        }
        self
    }

    fn list(mut self, label: &str, lines: impl IntoIterator<Item = String>) -> Self {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_some() {
            self.lines.push(format!("{label}:"));
            let lines = lines.take(LINES_MAX);
            self.lines.extend(lines.map(|line| format!("- {line}")));
        }
        self
    }

    fn time(&self, at: Option<DateTime<Utc>>, otherwise: &str) -> String {
        at.map_or_else(
            || otherwise.to_owned(),
            |at| format!("{} UTC", Moment::new(at, self.now).at()),
        )
    }

    fn end(self) -> Summary {
        let ticket = self.visit.session.ticket.clone();
        let seen = self.time(Some(self.now), "");
        let done = self.fact("Ticket", ticket).fact("Seen", seen);
        Summary {
            text: done.lines.join("\n"),
        }
    }
}

/// A key, as its page has it.
pub struct OfKey<'a> {
    pub key: &'a ApiKey,
    pub masked: &'a str,
    pub status: &'a str,
    pub limits: &'a [LimitRow],
    pub life: &'a [ChangeLine],
    pub failures: Option<&'a Chips>,
    pub usage: Option<&'a UsageChart>,
    pub errors: &'a [ErrorLine],
}

pub fn of_key(visit: &Visit, of: &OfKey<'_>, now: DateTime<Utc>) -> Summary {
    let key = of.key;
    let draft = Draft::new(visit, now, format!("Key: {} ({})", key.name, of.masked));
    let created = format!(
        "{} by {}",
        draft.time(Some(key.created_at), ""),
        key.creator_name
    );
    let used = draft.time(key.last_used_at, "Never");
    let ends = draft.time(key.times.expires_at, "Never");
    let limits = of.limits.iter().map(|limit| {
        let parts = [&limit.used, &limit.left, &limit.frees];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let words = parts.map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("{}: {words}", limit.label)
    });
    let no_limits = if of.limits.is_empty() {
        "None of its own"
    } else {
        ""
    };
    let usage = of.usage.map(UsageChart::sentence).unwrap_or_default();
    let errors = of.errors.iter().map(ErrorLine::told);
    let failures = of.failures.into_iter().flat_map(|chips| &chips.chips);
    let life = of.life.iter().map(|line| {
        let ChangeLine {
            at,
            actor,
            words,
            because,
        } = line;
        format!("{} UTC: {actor} {words}{because}", at.at())
    });
    draft
        .fact("State", of.status)
        .fact("Scope", &key.scope)
        .fact("Created", created)
        .fact("Last used", used)
        .fact("Expires", ends)
        .fact("Last 30 days", usage)
        .fact("Limits", no_limits)
        .list("Limits", limits)
        .list("Failures", failures.map(|chip| chip.words.clone()))
        .list("Last errors, newest first", errors)
        .list("Life, newest first", life)
        .end()
}

/// A request, as its page has it.
pub struct OfRequest<'a> {
    pub id: &'a str,
    pub at: DateTime<Utc>,
    pub endpoint: &'a str,
    /// "401 daily limit reached"
    pub answer: &'a str,
    pub key: &'a str,
    pub state: &'a str,
    pub caller: &'a str,
    pub steps: &'a [StepLine],
    pub remedy: &'a str,
}

pub fn of_request(visit: &Visit, of: &OfRequest<'_>, now: DateTime<Utc>) -> Summary {
    let steps = of.steps.iter().map(|line| {
        let words = match line.words.as_str() {
            "" => String::new(),
            words => format!(". {words}"),
        };
        format!("{}: {}{words}", line.label, line.result())
    });
    let at = format!("{} UTC", Moment::new(of.at, now).exact());
    Draft::new(visit, now, format!("Request: {} at {at}", of.id))
        .fact("Called", of.endpoint)
        .fact("Answer", of.answer)
        .fact("Key", of.key)
        .fact("State of the key", of.state)
        .fact("Caller", of.caller)
        .list("How it was decided", steps)
        .fact("What would have made it pass", of.remedy)
        .end()
}

/// What would come of a call, step by step.
pub struct OfCall<'a> {
    pub key: &'a str,
    /// "GET /v1/documents"
    pub call: &'a str,
    /// "Allowed", or why not.
    pub verdict: &'a str,
    pub remedy: &'a str,
    /// Each step with its result and its words.
    pub steps: &'a [(String, String)],
}

pub fn of_call(visit: &Visit, of: &OfCall<'_>, now: DateTime<Utc>) -> Summary {
    let steps = of.steps.iter();
    Draft::new(visit, now, format!("A call with the key {}", of.key))
        .fact("Call", of.call)
        .fact("Now", of.verdict)
        .list(
            "Each step",
            steps.map(|(step, words)| format!("{step}. {words}")),
        )
        .fact("What would make it pass", of.remedy)
        .end()
}

/// A log with its filters.
pub fn of_log(visit: &Visit, whose: &str, log: &LogBlock, now: DateTime<Utc>) -> Summary {
    let filters: Vec<String> = log.active().into_iter().map(|(words, _)| words).collect();
    let chips = log.chips.iter().flat_map(|chips| &chips.chips);
    let rows = log.rows.iter().map(|row| {
        let status = row.status.map(|status| status.to_string());
        let parts = [
            row.at.exact(),
            format!("{} {}", row.method, row.path),
            format!("{} {}", status.unwrap_or_default(), row.words),
            row.key.clone(),
            row.request_id.clone(),
        ];
        let parts = parts.iter().map(|part| part.trim());
        let parts = parts.filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    });
    Draft::new(visit, now, format!("Calls of {whose}"))
        .fact("Range", log.caption())
        .fact("Filters", filters.join(", "))
        .list("Failures", chips.map(|chip| chip.words.clone()))
        .list("Newest calls", rows)
        .end()
}

/// Keys as a list shows them: name and masked key, state, when it was used last.
pub fn of_keys(
    visit: &Visit,
    rows: impl IntoIterator<Item = (String, String, Option<Moment>)>,
    now: DateTime<Utc>,
) -> Summary {
    let lines = rows.into_iter().map(|(key, status, used)| {
        let used = used.map_or_else(
            || "never used".to_owned(),
            |used| format!("last used {} UTC", used.at()),
        );
        format!("{key}: {status}, {used}")
    });
    Draft::new(visit, now, "Keys".to_owned())
        .list("Keys on this page", lines)
        .end()
}

pub fn of_account(
    visit: &Visit,
    (account, plan): (&OperatedAccount, &PlanUsage),
    workspaces: &[WorkspaceLine],
    now: DateTime<Utc>,
) -> Summary {
    let state = match account.suspended_at {
        Some(at) => format!("Suspended since {} UTC", Moment::new(at, now).at()),
        None => "Active".to_owned(),
    };
    let meters = plan.meters.iter().map(|meter| {
        let used = number::grouped(meter.used);
        match meter.cap {
            Some(cap) => format!("{}: {used} of {}", meter.label, number::grouped(cap)),
            None => format!("{}: {used}", meter.label),
        }
    });
    let workspaces = workspaces
        .iter()
        .map(|workspace| format!("{}: {}", workspace.name, workspace.keys));
    Draft::new(visit, now, format!("Account {}", account.name))
        .fact("State", state)
        .fact("Customer ID", &account.customer_id)
        .fact("Plan", &plan.name)
        .list("Used of the plan", meters)
        .list("Workspaces", workspaces)
        .end()
}
