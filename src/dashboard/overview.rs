//! `/w/{w}/`: what is true of the workspace now.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::chart;
use crate::dashboard::chart::Size;
use crate::dashboard::chart::UsageChart;
use crate::dashboard::console::Addresses;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::support_access::notice;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::KeyCounts;
use crate::db::api_keys::KeyFilter;
use crate::db::audit_log;
use crate::db::audit_log::Change;
use crate::db::usage;
use crate::db::usage::DayUsage;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::audit::Action;
use crate::domain::clock::SharedClock;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::right::Right;

const CHANGES_SHOWN: i64 = 8;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    page: PageContext,
    counts: KeyCounts,
    usage: Option<UsageChart>,
    /// `None` for those who may not see who did what.
    changes: Option<Vec<ChangeLine>>,
    /// Somebody who came for its Developers pages is told why there are none.
    developers_off: bool,
    may_create: bool,
    curl: String,
    api: String,
    /// To owners, what support does or wants.
    support: Vec<String>,
}

impl OverviewPage {
    fn keys_url(&self) -> String {
        urls::keys(&self.page.workspace.slug)
    }

    /// Counts by state, each with the list that it counts.
    fn states(&self) -> Vec<(String, String)> {
        let link = |view: &str, text| (format!("{}?view={view}", self.keys_url()), text);
        let counts = &self.counts;
        [
            ("current", counts.current, "current key", "current keys"),
            ("disabled", counts.disabled, "disabled", "disabled"),
            ("ended", counts.ended, "ended", "ended"),
        ]
        .into_iter()
        .filter(|(view, count, ..)| *count > 0 || *view == "current")
        .map(|(view, count, one, many)| link(view, number::counted(count, one, many)))
        .collect()
    }

    /// What somebody should look at, each with the list that it counts.
    fn attention(&self) -> Vec<(String, String)> {
        let counts = &self.counts;
        [
            (
                "expires=7d",
                counts.expiring,
                "key expires within 7 days",
                "keys expire within 7 days",
            ),
            (
                "idle=never",
                counts.never_used,
                "was never used",
                "were never used",
            ),
            (
                "idle=90d",
                counts.idle,
                "was idle for 90 days or more",
                "were idle for 90 days or more",
            ),
            (
                "expires=never",
                counts.never_expires,
                "never expires",
                "never expire",
            ),
        ]
        .into_iter()
        .filter(|(_, count, ..)| *count > 0)
        .map(|(query, count, one, many)| {
            (
                format!("{}?{query}", self.keys_url()),
                number::counted(count, one, many),
            )
        })
        .collect()
    }
}

/// A row of the audit log: who, did what, to what.
struct ChangeLine {
    at: Moment,
    actor: String,
    words: &'static str,
    target: String,
    /// Empty for what has no page.
    url: String,
}

impl ChangeLine {
    fn new(change: Change, workspace: &str, now: DateTime<Utc>) -> Self {
        let url = match change.target_kind.as_str() {
            "key" => format!("{}/{}", urls::keys(workspace), change.target_id),
            _ => String::new(),
        };
        Self {
            at: Moment::new(change.at, now),
            actor: change.actor,
            words: change.action.map_or("changed", Action::words),
            target: change.target,
            url,
        }
    }
}

/// What not everybody may.
#[derive(Clone, Copy)]
struct MaySee {
    audit: bool,
    support: bool,
}

struct Found {
    counts: KeyCounts,
    usage: Option<Vec<DayUsage>>,
    changes: Option<Vec<Change>>,
    support: Vec<String>,
}

pub async fn get(
    here: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    console: Console,
) -> Result<Html<impl Template>, PageError> {
    let developers_off =
        !here.workspace.developers && Fields::of_query(&request)?.get("developers") == "off";
    let (account, workspace, now) = (here.account, here.workspace.id, clock.now());
    let may_see = MaySee {
        audit: here.workspace.role.may_see_audit(),
        support: here.person.membership()?.role.may(Right::OverseeSupport),
    };
    let found = db
        .run(move |conn| read(conn, (account, workspace), may_see, now))
        .await?;
    let slug = here.workspace.slug.clone();
    let line = |change| ChangeLine::new(change, &slug, now);
    Ok(Html(
        StatusCode::OK,
        OverviewPage {
            page: here.page(Section::Overview)?,
            counts: found.counts,
            usage: found.usage.map(|days| usage_chart(&days, now)),
            changes: found
                .changes
                .map(|changes| changes.into_iter().map(line).collect()),
            developers_off,
            may_create: here.workspace.may_create_keys(),
            curl: curl(&console.parts.addresses, &console.parts.key_prefix),
            api: console.parts.addresses.api.clone(),
            support: found.support,
        },
    ))
}

/// Without the slash at the end it is the same place, told to those who may open it.
pub async fn redirect(here: InWorkspace) -> HttpResponse {
    see_other(&urls::workspace(&here.workspace.slug))
}

/// The counts are what the page is for; the rest may fail and say so.
fn read(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
    may_see: MaySee,
    now: DateTime<Utc>,
) -> Result<Found, DbError> {
    let changes = if may_see.audit {
        Some(audit_log::latest_in(
            conn,
            account,
            workspace,
            CHANGES_SHOWN,
        )?)
    } else {
        None
    };
    Ok(Found {
        counts: api_keys::count(conn, account, workspace, &KeyFilter::default(), now)?,
        usage: usage::of_workspace(conn, account, workspace, now).ok(),
        changes,
        support: if may_see.support {
            notice::read(conn, account, now)?
        } else {
            Vec::new()
        },
    })
}

fn usage_chart(days: &[DayUsage], now: DateTime<Utc>) -> UsageChart {
    let days: Vec<_> = days.iter().map(chart::DayUsage::from).collect();
    UsageChart::new(&days, now.date_naive(), Size::Full, |_| String::new())
}

/// Through the gateway where there is one, else to the API that asks us.
fn curl(addresses: &Addresses, prefix: &KeyPrefix) -> String {
    let (base, path) = match &addresses.gateway {
        Some(gateway) => (gateway.as_str(), "/"),
        None => ("https://api.example.com", "/v1/documents"),
    };
    format!(
        "curl -H 'Authorization: Bearer {}_…' {}{path}",
        prefix.as_str(),
        base.trim_end_matches('/'),
    )
}
