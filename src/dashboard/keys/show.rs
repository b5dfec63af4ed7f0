//! One key: its facts, its use, its requests.

mod facts;
mod last_errors;
mod read;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::chart;
use crate::dashboard::chart::Size;
use crate::dashboard::chart::UsageChart;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::keys::change_line;
use crate::dashboard::keys::change_line::ChangeLine;
use crate::dashboard::keys::explain::AskedFields;
use crate::dashboard::keys::grant_words::GrantWords;
use crate::dashboard::keys::key_in;
use crate::dashboard::keys::limit_rows;
use crate::dashboard::keys::limit_rows::LimitRow;
use crate::dashboard::keys::secrets::SecretsBlock;
use crate::dashboard::keys::secrets::SecretsLook;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::show::last_errors::LastErrors;
use crate::dashboard::keys::show::read::Found;
use crate::dashboard::keys::show::read::Wanted;
use crate::dashboard::keys::status::StatusBadge;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::base;
use crate::dashboard::logs::base::Base;
use crate::dashboard::logs::base::Takes;
use crate::dashboard::logs::block::LogBlock;
use crate::dashboard::logs::scope::PAGE_ROWS;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::support::life;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::OfKey;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::usage::DayUsage;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::clock::SharedClock;
use crate::domain::support::Sight;

pub use crate::dashboard::keys::show::last_errors::ErrorLine;

#[derive(Template)]
#[template(path = "keys/show.html")]
struct ShowPage {
    page: PageContext,
    key: ApiKey,
    /// The brand part of the key.
    prefix: String,
    now: DateTime<Utc>,
    status: StatusBadge,
    list_url: String,
    key_url: String,
    /// Whether this person may stop the key.
    may_manage: bool,
    may_create: bool,
    /// How much is shown of the addresses of callers.
    sight: Sight,
    /// For support that may, in an emergency.
    may_disable: bool,
    /// What support staff put into a ticket.
    summary: Option<Summary>,
    grant: GrantWords,
    /// While two work.
    secrets: Option<SecretsBlock>,
    limits: Vec<LimitRow>,
    usage: Option<UsageChart>,
    /// For support staff.
    last_errors: Option<LastErrors>,
    log: LogBlock,
    log_kept_days: u16,
    /// None if they could not be read.
    changes: Option<Vec<ChangeLine>>,
    /// All of them; empty for those who may not see them together.
    changes_url: String,
    /// Of the form that leads to the explanation of a call.
    fields: AskedFields,
    errors: FormErrors,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
    settings: ThinData<KeySettings>,
) -> Result<Html<impl Template>, PageError> {
    let now = clock.now();
    let id = key_in(&request)?;
    let scope = Scope::of_workspace(&place)?;
    let takes = Takes {
        keys: false,
        ..scope.takes()
    };
    let address = LogAddress::parse(request.query_string(), takes, now);
    let mut log_query = scope.query(&address, PAGE_ROWS, now);
    log_query.filter.keys = vec![id];
    let wanted = Wanted {
        workspace: place.workspace.id,
        key: id,
        explained_since: place.person.visit().map(|_| scope.kept.since(now)),
    };
    let offers = settings.offers.clone();
    let found = db
        .run(move |conn| read::read(conn, &wanted, &offers, &log_query, now))
        .await?;
    let page = ShowPage::new((&place, &settings), found, (address, &scope), now)?;
    Ok(Html(StatusCode::OK, page))
}

impl ShowPage {
    fn new(
        (place, settings): (&InWorkspace, &KeySettings),
        found: Found,
        (address, scope): (LogAddress, &Scope),
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        let id = found.key.id;
        let key_url = super::url_in(&place.root(), id);
        let own = found.key.is_of(place.person.viewer.id);
        let role = place.workspace.role;
        let visit = place.person.visit();
        let sight = visit.map_or_else(
            || Sight::of_right(role.may_see_addresses(own)),
            Visit::sight,
        );
        let unused = found.key.first_used_at.is_none();
        let log = LogBlock::new((address, Base::of_key(&key_url)), found.log, scope, now)
            .of_key(sight)
            .with_failures(found.failures, now)
            .with_curl(unused.then(|| settings.curl()));
        let look = SecretsLook {
            prefix: settings.prefix.as_str(),
            sight,
            now,
        };
        let (states, days, changes) = match found.beside {
            Some(beside) => (Some(beside.limits), Some(beside.days), Some(beside.changes)),
            None => (None, None, None),
        };
        let reached = limit_rows::reached(states.as_deref().unwrap_or_default());
        let mut page = Self {
            page: place.page(Section::Keys)?,
            status: StatusBadge::of(&found.key.times, reached, now),
            limits: limit_rows::rows(&found.key.limits, states.as_deref(), now),
            grant: GrantWords::of(&found.key, &found.offer, &place.workspace.name),
            secrets: SecretsBlock::of(&found.key, found.secret_use.as_ref(), look),
            changes: changes.map(|rows| match visit {
                Some(_) => life::of(&found.key, rows, now),
                None => change_line::all(rows, now),
            }),
            key: found.key,
            prefix: settings.prefix.as_str().to_owned(),
            now,
            list_url: urls::keys_in(&place.root()),
            sight,
            summary: None,
            usage: days.map(|days| usage_chart(&days, &key_url, now)),
            last_errors: found
                .last_errors
                .map(|errors| LastErrors::new(errors, &place.root(), now)),
            key_url,
            may_manage: role.may_manage_key(own),
            may_disable: visit.is_some_and(Visit::may_disable),
            may_create: place.workspace.may_create_keys(),
            log,
            log_kept_days: scope.kept.days(),
            changes_url: changes_url(place, id),
            fields: AskedFields::default(),
            errors: FormErrors::default(),
        };
        page.summary = visit.map(|visit| page.summarised(visit));
        Ok(page)
    }
}

fn usage_chart(days: &[DayUsage], key_url: &str, now: DateTime<Utc>) -> UsageChart {
    let days: Vec<chart::DayUsage> = days.iter().map(chart::DayUsage::from).collect();
    UsageChart::new(&days, now.date_naive(), Size::Full, |day| {
        base::day_url(key_url, day)
    })
}

impl ShowPage {
    fn summarised(&self, visit: &Visit) -> Summary {
        let of = OfKey {
            key: &self.key,
            masked: &self.masked(),
            status: &self.status.text,
            limits: &self.limits,
            life: self.changes.as_deref().unwrap_or_default(),
            failures: self.log.chips.as_ref(),
            usage: self.usage.as_ref(),
            errors: self.last_errors.as_ref().map_or(&[], LastErrors::lines),
        };
        summary::of_key(visit, &of, self.now)
    }
}

fn changes_url(place: &InWorkspace, key: ApiKeyId) -> String {
    if place.workspace.role.may_see_audit() {
        let query = format!("target={}", key.as_str());
        urls::with_query(&urls::audit(&place.workspace.slug), &query)
    } else {
        String::new()
    }
}
