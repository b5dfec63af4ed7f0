//! Disabling a customer's key in an emergency: a right of its own, a reason of its own, and a
//! notice to the owners. The customer enables it again.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::Connection;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::impact;
use crate::dashboard::keys::key_in;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::support::letters;
use crate::dashboard::support::open::without_secret;
use crate::dashboard::support::visit;
use crate::dashboard::support::visit::Visit;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::LiveFacts;
use crate::db::api_keys::NOTHING_TO_SWITCH;
use crate::db::api_keys::Switch;
use crate::db::confirmation;
use crate::db::support_sessions;
use crate::db::support_sessions::OVER;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_state::KeyState;
use crate::domain::text;

const REASON_LENGTH_MAX: usize = 500;

#[derive(Template)]
#[template(path = "support/disable.html")]
struct DisablePage {
    page: PageContext,
    errors: FormErrors,
    account: String,
    name: String,
    used: String,
    traffic: String,
    key_url: String,
    because: String,
    /// Whether the owners get a letter, beside the notice on their overview.
    sends: bool,
}

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &console).await?;
    let form = (StatusCode::OK, String::new(), FormErrors::default());
    asked.show(&place, &request, &console, form)
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let visit = place.person.visit().ok_or(PageError::NotFound)?;
    let mut errors = FormErrors::default();
    let because = form.parse_with("because", &mut errors, |typed| {
        without_secret(&console.parts.key_prefix, typed)?;
        text::line(typed, REASON_LENGTH_MAX).map_err(|fault| match fault {
            text::TextFault::Empty => "Say what the emergency is.".to_owned(),
            fault => fault.to_string(),
        })
    });
    let Some(because) = because else {
        let asked = Asked::read(&place, &request, &console).await?;
        let secret = without_secret(&console.parts.key_prefix, form.get("because"));
        let typed = secret.map_or_else(|_| String::new(), |()| form.get("because").to_owned());
        let form = (StatusCode::UNPROCESSABLE_ENTITY, typed, errors);
        return asked.show(&place, &request, &console, form);
    };
    let id = key_in(&request)?;
    let because = format!("{}. In an emergency: {because}", visit.session.because());
    let key_url = keys::url_in(&place.root(), id);
    let (name, seq) = match disable(&place, visit, (&console, &because), id).await {
        Err(error) if error.is_conflict_on(NOTHING_TO_SWITCH) => {
            let said = "The key is disabled already, or has ended. Its page says which.";
            return Err(PageError::Conflict(said.to_owned()));
        }
        Err(error) if error.is_conflict_on(OVER) => {
            return Err(PageError::NoVisit(visit.open_url(&key_url)));
        }
        done => done?,
    };
    tell_owners(&console, visit, &name, &because).await?;
    let db = &console.parts.db;
    let confirmation = confirmation::wait_applied(db, seq).await?;
    let deed = Deed {
        done: format!("{name} is disabled, and the owners are told"),
        doing: format!("Disabling {name}"),
        effect: Effect::Ends,
    };
    let now = console.parts.clock.now();
    place.flash(&confirmed::told(&deed, &confirmation, now))?;
    Ok(see_other(&key_url))
}

/// As its people would; the look keeps that it was done. The key's name and the number of the
/// change.
async fn disable(
    place: &InWorkspace,
    visit: &Visit,
    (console, because): (&Console, &str),
    id: ApiKeyId,
) -> Result<(String, i64), DbError> {
    let actor = visit::actor(&place.person, because.to_owned());
    let (session, now) = (visit.session.clone(), console.parts.clock.now());
    let key = (place.account, place.workspace.id, id);
    let db = &console.parts.db;
    db.run(move |conn| {
        conn.transaction(|conn| {
            let name = api_keys::find(conn, key.0, key.1, id)?.name;
            support_sessions::note_disabled(conn, now, &session, (id, &name))?;
            let seq = api_keys::switch(conn, &actor, now, key, Switch::Off)?;
            Ok((name, seq))
        })
    })
    .await
}

async fn tell_owners(
    console: &Console,
    visit: &Visit,
    key: &str,
    because: &str,
) -> Result<(), PageError> {
    let account = visit.account;
    let db = &console.parts.db;
    let owners = db
        .run(move |conn| support_sessions::owners(conn, account, letters::OWNERS_MAX))
        .await?;
    let about = (visit.account_name.as_str(), key);
    letters::disabled(console, about, because, owners);
    Ok(())
}

/// The key, and what it did lately.
struct Asked {
    key: ApiKey,
    facts: LiveFacts,
}

impl Asked {
    async fn read(
        place: &InWorkspace,
        request: &HttpRequest,
        console: &Console,
    ) -> Result<Self, PageError> {
        let id = key_in(request)?;
        let (account, workspace) = (place.account, place.workspace.id);
        let now = console.parts.clock.now();
        let db = &console.parts.db;
        Ok(db
            .run(move |conn| {
                Ok(Self {
                    key: api_keys::find(conn, account, workspace, id)?,
                    facts: api_keys::live_facts(conn, account, id, now)?,
                })
            })
            .await?)
    }

    fn show(
        self,
        place: &InWorkspace,
        request: &HttpRequest,
        console: &Console,
        (status, because, errors): (StatusCode, String, FormErrors),
    ) -> Result<HttpResponse, PageError> {
        let now = console.parts.clock.now();
        let key_url = keys::url_in(&place.root(), self.key.id);
        let state = self.key.times.state(now);
        if !matches!(state, KeyState::Active | KeyState::Rotating) {
            return Ok(see_other(&key_url));
        }
        let last = self.key.last_used_at.max(self.facts.last_call_at);
        let last = last.map(|at| Moment::new(at, now));
        let page = DisablePage {
            page: place.page(Section::Keys)?,
            errors,
            account: place.person.membership()?.account_name.clone(),
            name: self.key.name,
            used: impact::used(last.as_ref(), &self.facts),
            traffic: impact::traffic(&self.facts),
            key_url,
            because,
            sends: console.parts.mailer.sends(),
        };
        Ok(Unkept(status, page).respond_to(request))
    }
}
