//! `/support?q=`: one field for whatever a customer pasted. One exact hit opens at once.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::PgConnection;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::crypto::key_secret;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::keys::search::cleaned;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::SupportPage;
use crate::dashboard::support::hits;
use crate::dashboard::support::hits::HitLine;
use crate::dashboard::support::hits::SHOWN;
use crate::dashboard::support::wanted;
use crate::dashboard::support::wanted::Understood;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::support_search;
use crate::db::support_search::AddressFacts;
use crate::db::support_search::Wanted;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::domain::clock::SharedClock;

/// One part of a search; three at most.
const TIME_BOX: Duration = Duration::from_secs(2);

const KNOWN: &str = "That was a full secret, and it works. Treat it as exposed: the customer should \
    rotate this key. It was not kept.";
const UNKNOWN: &str = "That was a full secret. It was not kept. No key has it now: it is mistyped, \
    or was rotated, or is of somewhere else.";

#[derive(Template)]
#[template(path = "support/search.html")]
struct SearchPage {
    page: PageContext,
    q: String,
    /// Whether something was looked for.
    searched: bool,
    hits: Vec<HitLine>,
    has_more: bool,
    /// What could not be searched.
    unsearched: Vec<&'static str>,
    /// Of an address: how else it is known.
    address: Vec<String>,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let query = Fields::of_query(&request)?;
    let typed = query.get("q");
    let now = clock.now();
    if let Some(id) = key_secret::secret_within(&settings.prefix, typed) {
        return exposed(&person, &db, (&settings, typed, id), now).await;
    }
    let Some(understood) = wanted::understand(&settings.prefix, typed) else {
        return show(&person, &request, (typed, None), now);
    };
    let actor = person.actor();
    let found = db
        .run(move |conn| find(conn, &actor, &understood, now))
        .await?;
    if let Some(only) = found.only() {
        return Ok(see_other(&only.url));
    }
    show(&person, &request, (typed, Some(found)), now)
}

struct Found {
    hits: Vec<HitLine>,
    unsearched: Vec<&'static str>,
    address: Option<AddressFacts>,
}

impl Found {
    /// The hit that was surely meant.
    fn only(&self) -> Option<&HitLine> {
        let mut exact = self.hits.iter().filter(|hit| hit.exact);
        let first = exact.next()?;
        let alone = exact.next().is_none() && self.unsearched.is_empty() && self.address.is_none();
        alone.then_some(first)
    }
}

/// In a transaction that changes nothing but the row that tells of the search.
fn find(
    conn: &mut PgConnection,
    actor: &Actor,
    understood: &Understood,
    now: DateTime<Utc>,
) -> Result<Found, DbError> {
    let most = i64::try_from(SHOWN + 1).unwrap_or(i64::MAX);
    let mut found = Found {
        hits: Vec::new(),
        unsearched: Vec::new(),
        address: None,
    };
    for wanted in &understood.wanted {
        match support_search::find(conn, wanted, most, TIME_BOX)? {
            Some(hits) => {
                let hits = hits.into_iter().map(|hit| HitLine::new(wanted, hit));
                found.hits.extend(hits);
            }
            None => found.unsearched.push(hits::unsearched(wanted)),
        }
        if let Wanted::Address(ip) = wanted {
            found.address = support_search::address_facts(conn, *ip, now, TIME_BOX)?;
        }
    }
    let hits = found.hits.len();
    conn.transaction(|conn| support_search::note(conn, actor, now, understood.kind, hits))?;
    Ok(found)
}

/// On to what may be shown of it. Whether it works is told by its digest, made in memory.
async fn exposed(
    person: &SignedIn,
    db: &Db,
    (settings, typed, id): (&KeySettings, &str, ApiKeyId),
    now: DateTime<Utc>,
) -> Result<HttpResponse, PageError> {
    let whole = whole_key(settings, typed).map(|key| settings.pepper.digest(key.expose_secret()));
    let known = match whole {
        None => false,
        Some(digest) => {
            db.run(move |conn| support_search::has_secret(conn, id, digest.as_bytes(), now))
                .await?
        }
    };
    person.flash(&Flash::warning(if known { KNOWN } else { UNKNOWN }))?;
    let shown = key_secret::shown_of(&settings.prefix, typed).unwrap_or_else(|| id.to_string());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &shown)
        .finish();
    Ok(see_other(&urls::with_query(urls::SUPPORT, &query)))
}

/// The key within whatever was pasted around it.
fn whole_key(settings: &KeySettings, typed: &str) -> Option<SecretString> {
    let brand = format!("{}_", settings.prefix.as_str());
    let length = key_secret::length(&settings.prefix);
    let mut places = typed.match_indices(&brand);
    places.find_map(|(at, _)| {
        let key = typed.get(at..at + length)?;
        key_secret::key_id_of(&settings.prefix, key)?;
        Some(key.to_owned().into())
    })
}

fn show(
    person: &SignedIn,
    request: &HttpRequest,
    (typed, found): (&str, Option<Found>),
    now: DateTime<Utc>,
) -> Result<HttpResponse, PageError> {
    let searched = found.is_some();
    let found = found.unwrap_or(Found {
        hits: Vec::new(),
        unsearched: Vec::new(),
        address: None,
    });
    let mut hits = found.hits;
    let has_more = hits.len() > SHOWN;
    hits.truncate(SHOWN);
    let page = SearchPage {
        page: person.page_outside(Section::Support(SupportPage::Search))?,
        q: cleaned(typed),
        searched,
        hits,
        has_more,
        unsearched: found.unsearched,
        address: found
            .address
            .map_or_else(Vec::new, |facts| known_as(facts, now)),
    };
    Ok(Unkept(StatusCode::OK, page).respond_to(request))
}

/// What is known of an address itself.
fn known_as(facts: AddressFacts, now: DateTime<Utc>) -> Vec<String> {
    let attempts = (facts.attempts > 0).then(|| {
        let calls = number::counted(facts.attempts, "call", "calls");
        format!("{calls} from there in 24 hours had a key that nobody has.")
    });
    let blocked = facts.blocked_until.map(|until| {
        let until = Moment::new(until, now).at();
        format!("Unknown keys from there are refused until {until}. Valid keys are not.")
    });
    attempts.into_iter().chain(blocked).collect()
}
