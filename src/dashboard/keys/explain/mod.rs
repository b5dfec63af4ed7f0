//! Would this key be allowed a call now? Each step of the decision with its result. Nothing is
//! charged, and nothing is logged as a request.

mod asked;
mod names;
mod room;
mod walk;
mod words;

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::explain::asked::Asked;
pub use crate::dashboard::keys::explain::asked::AskedFields;
pub use crate::dashboard::keys::explain::names::steps;
use crate::dashboard::keys::explain::walk::Line;
pub use crate::dashboard::keys::explain::walk::Mark;
use crate::dashboard::keys::explain::walk::Place;
use crate::dashboard::keys::explain::walk::States;
use crate::dashboard::keys::explain::walk::Walk;
use crate::dashboard::keys::key_in;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::support::summary;
use crate::dashboard::support::summary::OfCall;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::db::Db;
use crate::db::DbError;
use crate::db::accounts;
use crate::db::accounts::AccountGate;
use crate::db::api_keys;
use crate::db::catalogue::Offer;
use crate::db::catalogue::Offers;
use crate::db::limits;
use crate::domain::account::AccountId;
use crate::domain::account::ErrorProfile;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::clock::SharedClock;
use crate::domain::lease::Subject;

const EXPOSED: &str = "That held a full secret. It was not kept. Treat it as exposed: create a new \
    key, move your program to it, then revoke this one.";

#[derive(Template)]
#[template(path = "keys/explain.html")]
struct ExplainPage {
    page: PageContext,
    errors: FormErrors,
    fields: AskedFields,
    name: String,
    key_url: String,
    /// None while nothing, or nothing sound, is asked.
    answer: Option<Answer>,
    /// What support staff put into a ticket.
    summary: Option<Summary>,
}

struct Answer {
    /// "GET /v1/corpora/7"
    call: String,
    lines: Vec<Line>,
    refused: Option<Refused>,
}

/// What a caller would get.
struct Refused {
    code: &'static str,
    status: u16,
    in_words: &'static str,
    message: String,
    remedy: String,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    db: ThinData<Db>,
    clock: ThinData<SharedClock>,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (key_in(&request)?, clock.now());
    let key_url = keys::url_in(&place.root(), id);
    let fields = Fields::of_query(&request)?;
    if asked::holds_secret(&fields, &settings.prefix) {
        place.flash(&Flash::warning(EXPOSED))?;
        return Ok(see_other(&format!("{key_url}/explain")));
    }
    let (asked, errors) = match asked::parse(&fields) {
        Ok(asked) => (asked, FormErrors::default()),
        Err(errors) => (None, errors),
    };
    let (offers, at) = (settings.offers.clone(), (place.account, place.workspace.id));
    let found = db
        .run(move |conn| read(conn, (at, id), &offers, asked))
        .await?;
    let membership = place.person.membership()?;
    let answer = found.judged.as_ref().map(|judged| {
        let masked = api_key::masked(settings.prefix.as_str(), id, found.key.last_four());
        let walk = Walk {
            key: &found.key,
            offer: &found.offer,
            gate: &judged.gate,
            states: &judged.states,
            asked: &judged.asked,
            place: Place {
                account: &membership.account_name,
                workspace: &place.workspace.name,
                masked: &masked,
                may_see_plan: membership.role.may_see_plan() || place.person.visit().is_some(),
            },
            now,
        };
        Answer::of(&walk)
    });
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let visit = place.person.visit();
    let summary = visit.map(|visit| summarised(visit, &found.key.name, (answer.as_ref(), now)));
    let page = ExplainPage {
        page: place.page(Section::Keys)?,
        summary,
        errors,
        fields: AskedFields::of(&fields),
        name: found.key.name,
        key_url,
        answer,
    };
    Ok(Html(status, page).respond_to(&request))
}

struct Found {
    key: ApiKey,
    offer: Arc<Offer>,
    judged: Option<Judged>,
}

/// What only an answer needs.
struct Judged {
    asked: Asked,
    gate: AccountGate,
    states: States,
}

fn read(
    conn: &mut PgConnection,
    ((account, workspace), id): ((AccountId, WorkspaceId), ApiKeyId),
    offers: &Offers,
    asked: Option<Asked>,
) -> Result<Found, DbError> {
    let key = api_keys::find(conn, account, workspace, id)?;
    let offer = offers.at(conn, key.offer_version)?;
    let judged = asked.map(|asked| {
        let cost = walk::cost(&offer, &asked);
        let subjects = room::subjects(Subject::Key(id), &cost);
        Ok::<_, DbError>(Judged {
            gate: accounts::gate(conn, account)?,
            states: limits::states(conn, account, &subjects, None)?,
            asked,
        })
    });
    Ok(Found {
        judged: judged.transpose()?,
        key,
        offer,
    })
}

/// The key alone, while nothing is asked.
fn summarised(
    visit: &Visit,
    key: &str,
    (answer, now): (Option<&Answer>, DateTime<Utc>),
) -> Summary {
    let refused = answer.and_then(|answer| answer.refused.as_ref());
    let verdict = match (answer, refused) {
        (None, _) => String::new(),
        (_, None) => "Allowed".to_owned(),
        (_, Some(refused)) => {
            let Refused {
                status,
                code,
                in_words,
                ..
            } = refused;
            format!("Refused with {status} {code}: {in_words}")
        }
    };
    let lines = answer.map_or(&[][..], |answer| &answer.lines);
    let steps: Vec<(String, String)> = lines
        .iter()
        .map(|line| {
            let step = format!("{}: {}", line.label, line.mark.words());
            (step, line.words.clone())
        })
        .collect();
    let of = OfCall {
        key,
        call: answer.map_or("", |answer| &answer.call),
        verdict: &verdict,
        remedy: refused.map_or("", |refused| &refused.remedy),
        steps: &steps,
    };
    summary::of_call(visit, &of, now)
}

impl Answer {
    fn of(walk: &Walk<'_>) -> Self {
        let lines = walk.lines();
        let first = lines.iter().find(|line| line.mark == Mark::Refuses);
        Self {
            call: format!("{} {}", walk.asked.method.as_str(), walk.asked.path),
            refused: first.and_then(|line| Refused::of(line, walk.gate.profile)),
            lines,
        }
    }

    fn code(&self) -> &'static str {
        self.refused
            .as_ref()
            .map_or("VALID", |refused| refused.code)
    }
}

impl Refused {
    fn of(line: &Line, profile: ErrorProfile) -> Option<Self> {
        let refusal = line.refusal.as_ref()?;
        Some(Self {
            code: refusal.reason.code(),
            status: refusal.reason.status_in(profile),
            in_words: refusal.reason.in_words(),
            message: refusal.message().into_owned(),
            remedy: line.remedy.clone(),
        })
    }
}
