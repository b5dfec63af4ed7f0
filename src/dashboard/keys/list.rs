//! The keys of a workspace.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;
use futures_util::future::try_join;

use crate::dashboard::chart;
use crate::dashboard::chart::Size;
use crate::dashboard::chart::UsageChart;
use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::keys::choices::LIMITS;
use crate::dashboard::keys::limit_rows;
use crate::dashboard::keys::list_query::ListQuery;
use crate::dashboard::keys::row::KeyRow;
use crate::dashboard::keys::row::Look;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::plan::card::PlanCard;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::COUNT_MAX;
use crate::db::api_keys::KeyChoices;
use crate::db::api_keys::KeyCounts;
use crate::db::api_keys::KeyList;
use crate::db::api_keys::KeyPage;
use crate::db::api_keys::KeyView;
use crate::db::limits;
use crate::db::plan_usage;
use crate::db::plan_usage::PlanUsage;
use crate::db::usage;
use crate::db::usage::DayUsage;
use crate::domain::account::AccountId;
use crate::domain::clock::SharedClock;
use crate::domain::lease::Subject;
use crate::domain::limit::Window;
use crate::domain::role::WorkspaceRole;

pub(super) mod exposed;
mod links;
mod selects;

#[derive(Template)]
#[template(path = "keys/list.html")]
struct ListPage {
    page: PageContext,
    /// The list's address without its query.
    base: String,
    query: ListQuery,
    counts: KeyCounts,
    rows: Vec<KeyRow>,
    choices: KeyChoices,
    previous: Option<String>,
    next: Option<String>,
    /// None when it could not be read; the list is worth showing without.
    usage: Option<UsageChart>,
    /// None also where nothing is counted.
    plan: Option<PlanCard>,
    role: WorkspaceRole,
    may_create: bool,
    curl: String,
    /// What support staff put into a ticket.
    summary: Option<Summary>,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let now = clock.now();
    let base = urls::keys_in(&place.root());
    let query = ListQuery::parse(request.query_string(), &settings.prefix);
    if let Some(id) = query.exposed {
        return exposed::answer(&place, &db, (&query, id), now).await;
    }
    let list = list_of(&place, &query);
    let membership = place.person.membership()?;
    let plan_url = place.person.plan_url();
    let account = membership.account_name.clone();
    let (place_id, filter) = ((list.account_id, list.workspace_id), list.filter.clone());
    // Counting reads every key, so it goes on beside the rest.
    let ((counts, choices), found) = try_join(
        db.run(move |conn| api_keys::survey(conn, place_id, &filter, now)),
        db.run(move |conn| read(conn, &list, now)),
    )
    .await?;
    let look = Look {
        person: place.person.viewer.id,
        root: &place.root(),
        role: place.workspace.role,
        visited: place.person.visit().map(Visit::sight),
        prefix: &settings.prefix,
        now,
    };
    let (previous, next) = links::neighbours(&query, &base, &found.keys);
    let rows: Vec<KeyRow> = found
        .keys
        .keys
        .into_iter()
        .map(|key| {
            let limited = found.limited.get(&Subject::Key(key.id)).copied();
            KeyRow::new(key, limited, look)
        })
        .collect();
    let visit = place.person.visit();
    let page = ListPage {
        page: place.page(Section::Keys)?,
        summary: visit.map(|visit| summary::of_keys(visit, rows.iter().map(told), now)),
        rows,
        previous,
        next,
        usage: found.usage.map(|days| usage_chart(&days, now)),
        plan: found
            .plan
            .and_then(|plan| PlanCard::new(plan, &account, plan_url, now)),
        counts,
        choices,
        role: place.workspace.role,
        may_create: place.workspace.may_create_keys(),
        curl: settings.curl(),
        base,
        query,
    };
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

/// A key for the summary: name and masked key, state, last use.
fn told(row: &KeyRow) -> (String, String, Option<Moment>) {
    let key = format!("{} ({})", row.name, row.masked);
    (key, row.status.text.clone(), row.last_used)
}

fn list_of(place: &InWorkspace, query: &ListQuery) -> KeyList {
    KeyList {
        account_id: place.account,
        workspace_id: place.workspace.id,
        filter: query.filter.clone(),
        sort: query.sort,
        descending: query.descending,
        place: query.place.clone(),
        limit: query.limit,
    }
}

struct Found {
    keys: KeyPage,
    usage: Option<Vec<DayUsage>>,
    /// The limit that a key has reached, of keys that have reached one.
    limited: BTreeMap<Subject, Window>,
    plan: Option<PlanUsage>,
}

fn read(conn: &mut PgConnection, list: &KeyList, now: DateTime<Utc>) -> Result<Found, DbError> {
    let (account, workspace) = (list.account_id, list.workspace_id);
    let keys = api_keys::list_for(conn, list, now)?;
    Ok(Found {
        limited: limited(conn, account, &keys),
        keys,
        usage: usage::of_workspace(conn, account, workspace, now).ok(),
        plan: plan_usage::of_account(conn, account, now).ok(),
    })
}

/// In one query; where it fails, the badges say the rest.
fn limited(
    conn: &mut PgConnection,
    account: AccountId,
    page: &KeyPage,
) -> BTreeMap<Subject, Window> {
    let keys: Vec<Subject> = page.keys.iter().map(|key| Subject::Key(key.id)).collect();
    let states = limits::states(conn, account, &keys, None).unwrap_or_default();
    states
        .into_iter()
        .filter_map(|(key, states)| Some((key, limit_rows::reached(&states)?)))
        .collect()
}

fn usage_chart(days: &[DayUsage], now: DateTime<Utc>) -> UsageChart {
    let days: Vec<chart::DayUsage> = days.iter().map(chart::DayUsage::from).collect();
    UsageChart::new(&days, now.date_naive(), Size::Compact, |_| String::new())
}

impl ListPage {
    fn title(&self) -> String {
        match self.query.page_number {
            1 => "API keys".to_owned(),
            page => format!("API keys, page {page}"),
        }
    }

    fn create_url(&self) -> String {
        format!("{}/new", self.base)
    }

    fn who_can_create(&self) -> String {
        format!("an owner or admin of {}", self.page.account.name)
    }

    fn is_first_use(&self) -> bool {
        self.counts.all == 0
    }

    /// A view's count: where not all keys were counted, "at least".
    fn counted(&self, count: i64) -> String {
        let plus = if self.counts.all > COUNT_MAX { "+" } else { "" };
        format!("{}{plus}", number::grouped(count.min(COUNT_MAX)))
    }

    fn empty_title(&self) -> String {
        match (self.filters().len(), self.query.filter.view) {
            (0, KeyView::Attention) => "No key needs attention".to_owned(),
            (0, KeyView::Disabled) => "No key is disabled".to_owned(),
            (0, KeyView::Ended) => "No key has ended".to_owned(),
            (0, _) => "No key is in use".to_owned(),
            (filters, _) => {
                format!(
                    "No keys match {}",
                    number::counted(filters_shown(filters), "filter", "filters")
                )
            }
        }
    }

    fn empty_hint(&self) -> &'static str {
        match self.query.filter.view {
            KeyView::All => "Look in another workspace, or for part of the name only.",
            _ => "Revoked and expired keys are under Ended; every key is under All.",
        }
    }

    fn caption(&self) -> String {
        format!("API keys of {}", self.page.workspace.name)
    }

    /// Whether the shortest page would not hold them all.
    fn has_pages(&self) -> bool {
        self.counts.matching > i64::from(LIMITS[0])
    }

    fn count_words(&self) -> String {
        let count = self.counts.matching;
        if count > COUNT_MAX {
            format!("{}+ keys", number::grouped(COUNT_MAX))
        } else {
            number::counted(count, "key", "keys")
        }
    }
}

fn filters_shown(filters: usize) -> i64 {
    i64::try_from(filters).unwrap_or(i64::MAX)
}
