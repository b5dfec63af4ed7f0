//! `/support/accounts/{a}/open`: why somebody looks into an account, asked before anything of it is
//! shown. Where the owners want to be asked first, it opens when one of them says so.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::crypto::key_secret;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::SupportPage;
use crate::dashboard::support::letters;
use crate::dashboard::support::visit;
use crate::dashboard::urls;
use crate::db::accounts;
use crate::db::accounts::OperatedAccount;
use crate::db::support_sessions;
use crate::db::support_sessions::NewSession;
use crate::db::support_sessions::SessionState;
use crate::db::support_sessions::SupportSession;
use crate::domain::account::AccountId;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::support;
use crate::domain::support::NOTE_LENGTH_MAX;
use crate::domain::support::Reason;
use crate::domain::text;

const HELD_SECRET: &str = "That held a full secret. It was not kept. Write what was asked without \
    it, and have the key rotated.";
const SAY_WHAT: &str = "Say in a few words what it is for.";

#[derive(Template)]
#[template(path = "support/open.html")]
struct OpenPage {
    page: PageContext,
    errors: FormErrors,
    account: String,
    url: String,
    next: String,
    ticket: String,
    reason: String,
    note: String,
    asks: bool,
    /// Since when an owner has been asked.
    waiting: Option<Moment>,
}

impl OpenPage {
    fn reasons(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        Reason::ALL.into_iter().map(|reason| {
            let slug = reason.as_str();
            (slug, reason.words(), slug == self.reason)
        })
    }
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&person, &request, &console).await?;
    let fields = Fields::of_query(&request)?;
    let next = asked.next(&console, &fields);
    if asked.is_open(&console) {
        return Ok(see_other(&next));
    }
    let form = (&fields, FormErrors::default());
    asked.show(&person, &request, (&console, StatusCode::OK), form)
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&person, &request, &console).await?;
    let mut errors = FormErrors::default();
    let Some(new) = asked.parse(&person, &form, (&console, &mut errors)) else {
        let again = (&console, StatusCode::UNPROCESSABLE_ENTITY);
        return asked.show(&person, &request, again, (&form, errors));
    };
    let (random, now) = (console.random.clone(), console.parts.clock.now());
    let because = support::in_words(&new.ticket, new.reason.as_str(), &new.note);
    let actor = visit::actor(&person, because);
    let account = new.account;
    let (session, owners) = console
        .parts
        .db
        .run(move |conn| {
            let session = support_sessions::open(conn, &actor, now, &*random, &new)?;
            let waits = session.state(now) == SessionState::Waiting;
            let owners = if waits {
                support_sessions::owners(conn, account, letters::OWNERS_MAX)?
            } else {
                Vec::new()
            };
            Ok((session, owners))
        })
        .await?;
    let next = asked.next(&console, &form);
    if session.state(now) == SessionState::Open {
        return Ok(see_other(&next));
    }
    let waits_already = asked.session.is_some();
    if !waits_already {
        letters::ask(&console, &asked.account.name, &session, owners);
    }
    Ok(see_other(&urls::support_open(
        &asked.account.public_id,
        &next,
    )))
}

/// The account that is asked for, and what this person has of it.
struct Asked {
    account: OperatedAccount,
    asks: bool,
    /// Open, or waiting for an answer.
    session: Option<SupportSession>,
}

impl Asked {
    async fn read(
        person: &SignedIn,
        request: &HttpRequest,
        console: &Console,
    ) -> Result<Self, PageError> {
        let id = visit::account_in(request)?;
        let (user, now) = (person.viewer.id, console.parts.clock.now());
        let db = &console.parts.db;
        Ok(db
            .run(move |conn| {
                let account = accounts::find(conn, &id)?;
                let of = AccountId(account.id);
                Ok(Self {
                    asks: support_sessions::asks(conn, of)?,
                    session: support_sessions::live(conn, (of, user), now)?,
                    account,
                })
            })
            .await?)
    }

    fn is_open(&self, console: &Console) -> bool {
        let now = console.parts.clock.now();
        let session = self.session.as_ref();
        session.is_some_and(|session| session.state(now) == SessionState::Open)
    }

    fn url(&self) -> String {
        urls::support_account(&self.account.public_id)
    }

    /// Where the person wanted to go, if that is a page of this account.
    fn next(&self, console: &Console, fields: &Fields) -> String {
        let url = self.url();
        let below = format!("{url}/");
        let next = console.site.safe_next(fields.get("next"));
        next.filter(|next| next.starts_with(&below) && !next.starts_with(&format!("{url}/open")))
            .unwrap_or(url)
    }

    fn parse(
        &self,
        person: &SignedIn,
        form: &Fields,
        (console, errors): (&Console, &mut FormErrors),
    ) -> Option<NewSession> {
        let prefix = &console.parts.key_prefix;
        let reason = Reason::parse(form.get("reason"));
        let ticket = form.parse_with("ticket", errors, |typed| {
            without_secret(prefix, typed)?;
            support::parse_ticket(typed).map_err(|fault| fault.to_string())
        });
        if reason.is_none() {
            errors.add("reason", "Choose a reason.");
        }
        let note = form.parse_with("note", errors, |typed| {
            without_secret(prefix, typed)?;
            let note = text::lines(typed, NOTE_LENGTH_MAX).map_err(|fault| fault.to_string())?;
            if note.is_empty() && reason == Some(Reason::Other) {
                return Err(SAY_WHAT.to_owned());
            }
            Ok(note)
        });
        Some(NewSession {
            account: AccountId(self.account.id),
            person: person.viewer.id,
            name: person.viewer.name.clone(),
            email: person.viewer.email.clone(),
            ticket: ticket?,
            reason: reason?,
            note: note?,
        })
    }

    fn show(
        self,
        person: &SignedIn,
        request: &HttpRequest,
        (console, status): (&Console, StatusCode),
        (form, errors): (&Fields, FormErrors),
    ) -> Result<HttpResponse, PageError> {
        let prefix = &console.parts.key_prefix;
        let now = console.parts.clock.now();
        let kept = |name: &str| match without_secret(prefix, form.get(name)) {
            Ok(()) => form.get(name).to_owned(),
            Err(_) => String::new(),
        };
        let waiting = self.session.as_ref();
        let page = OpenPage {
            page: person.page_outside(Section::Support(SupportPage::Search))?,
            errors,
            next: self.next(console, form),
            url: self.url(),
            account: self.account.name,
            ticket: kept("ticket"),
            reason: kept("reason"),
            note: kept("note"),
            asks: self.asks,
            waiting: waiting.map(|session| Moment::new(session.requested_at, now)),
        };
        Ok(Unkept(status, page).respond_to(request))
    }
}

/// What is pasted into a reason by mistake stays out of every log.
pub(super) fn without_secret(prefix: &KeyPrefix, typed: &str) -> Result<(), String> {
    match key_secret::secret_within(prefix, typed) {
        Some(_) => Err(HELD_SECRET.to_owned()),
        None => Ok(()),
    }
}
