//! The list as a file: exactly what its filter finds, batch by batch, so that it takes the same
//! memory however many keys there are.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use actix_web::web::ThinData;
use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;
use diesel::PgConnection;
use futures_util::Stream;
use futures_util::stream;

use crate::dashboard::csv;
use crate::dashboard::error::PageError;
use crate::dashboard::keys::choices::STATES;
use crate::dashboard::keys::choices::label_of;
use crate::dashboard::keys::list::exposed;
use crate::dashboard::keys::list_query::ListQuery;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::number;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::KeyExport;
use crate::db::api_keys::KeyList;
use crate::db::api_keys::KeyPage;
use crate::db::api_keys::KeySort;
use crate::db::api_keys::ListedKey;
use crate::db::api_keys::ListedOwner;
use crate::db::api_keys::Place;
use crate::domain::clock::SharedClock;
use crate::domain::person::UserId;
use crate::domain::role::WorkspaceRole;

/// More is asked to be narrowed, so that no file is cut off unsaid.
pub const EXPORT_ROWS_MAX: u32 = 100_000;
const BATCH_ROWS: u16 = 500;

const COLUMNS: [&str; 13] = [
    "key_id",
    "name",
    "last_four",
    "status",
    "scope",
    "category",
    "created_by",
    "created_at",
    "expires_at",
    "last_used_at",
    "last_used_address",
    "requests_30_days",
    "owner",
];

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let role = place.workspace.role;
    place.require_recent(&request)?;
    let now = clock.now();
    let mut query = ListQuery::parse(request.query_string(), &settings.prefix);
    if let Some(id) = query.exposed {
        return exposed::answer(&place, &db, (&query, id), now).await;
    }
    let person = place.person.viewer.id;
    if !role.may_manage_key(false) {
        own_only(&mut query, person);
    }
    let list = list_of(&place, &query);
    let (actor, words) = (place.actor(), query.url("", None));
    let first = list.clone();
    let begun = db
        .run(move |conn| {
            let export = KeyExport {
                filter: words.trim_start_matches('?'),
                rows_max: EXPORT_ROWS_MAX,
            };
            api_keys::begin_export(conn, &actor, now, &first, &export)?
                .map(|_| batch(conn, &first, now))
                .transpose()
        })
        .await?;
    let Some(first) = begun else {
        return Err(PageError::Conflict(format!(
            "More than {} keys are not exported at once. Narrow the list by a filter first.",
            number::grouped(i64::from(EXPORT_ROWS_MAX))
        )));
    };
    let slug = &place.workspace.slug;
    let name = format!("keys-{slug}-{}.csv", now.format("%Y-%m-%d"));
    let export = Export {
        db: db.of(place.account),
        list,
        reader: (role, person),
        now,
        next: Next::First(first),
    };
    Ok(csv::download(&name, lines(export)))
}

/// A developer's file holds their own keys, whosever else the filter names.
fn own_only(query: &mut ListQuery, person: UserId) {
    let owners = &mut query.filter.owners;
    if owners.is_empty() || owners.contains(&person) {
        *owners = vec![person];
    } else {
        // Nobody's keys.
        *owners = vec![UserId::nil()];
    }
}

/// Along the one sort that nothing changes meanwhile, so that no key is doubled or left out.
fn list_of(place: &InWorkspace, query: &ListQuery) -> KeyList {
    KeyList {
        account_id: place.account,
        workspace_id: place.workspace.id,
        filter: query.filter.clone(),
        sort: KeySort::Created,
        descending: false,
        place: Place::Start,
        limit: BATCH_ROWS,
    }
}

fn batch(conn: &mut PgConnection, list: &KeyList, now: DateTime<Utc>) -> Result<KeyPage, DbError> {
    api_keys::list_for(conn, list, now)
}

struct Export {
    db: Db,
    list: KeyList,
    reader: (WorkspaceRole, UserId),
    now: DateTime<Utc>,
    next: Next,
}

enum Next {
    First(KeyPage),
    /// From the place of `list` on.
    More,
    Nothing,
}

fn lines(export: Export) -> impl Stream<Item = Result<Bytes, Box<dyn std::error::Error>>> {
    stream::try_unfold(export, |mut export| async move {
        let begins = matches!(export.next, Next::First(_));
        let page = match std::mem::replace(&mut export.next, Next::Nothing) {
            Next::First(page) => page,
            Next::More => export.read().await?,
            Next::Nothing => return Ok(None),
        };
        let mut lines = csv::Lines::new();
        if begins {
            lines.add(COLUMNS)?;
        }
        for key in &page.keys {
            export.add(key, &mut lines)?;
        }
        if let Some(last) = page.keys.last().filter(|_| page.has_next) {
            export.list.place = Place::After(last.cursor(export.list.sort));
            export.next = Next::More;
        }
        Ok(Some((lines.into_bytes()?, export)))
    })
}

impl Export {
    /// A file that breaks off is noticed by whoever loads it; here only why.
    async fn read(&self) -> Result<KeyPage, DbError> {
        let (list, now) = (self.list.clone(), self.now);
        let page = self.db.run(move |conn| batch(conn, &list, now)).await;
        if let Err(error) = &page {
            tracing::error!(%error, "an export of keys broke off");
        }
        page
    }

    fn add(
        &self,
        key: &ListedKey,
        lines: &mut csv::Lines,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let (role, person) = self.reader;
        let sees_addresses = role.may_see_addresses(key.owner.is(person));
        let address = key.last_used_ip.filter(|_| sees_addresses);
        let status = label_of(&STATES, &key.times.state(self.now));
        lines.add([
            key.id.as_str(),
            &key.name,
            &key.last_four,
            status,
            &key.scope,
            &key.category,
            &key.creator_email,
            &instant(Some(key.created_at)),
            &instant(key.times.expires_at),
            &instant(key.last_used_at),
            &address.map(|ip| ip.to_string()).unwrap_or_default(),
            &key.requests.to_string(),
            owner(key),
        ])?;
        Ok(())
    }
}

/// Empty for a service key.
fn owner(key: &ListedKey) -> &str {
    match &key.owner {
        ListedOwner::Creator(_) => &key.creator_email,
        ListedOwner::Other { email, .. } => email,
        ListedOwner::Nobody => "",
    }
}

/// UTC; empty for what has not been and will not be.
fn instant(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}
