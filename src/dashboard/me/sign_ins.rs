//! `/me/security/sign-ins`: a person's own sign-ins at Google and Microsoft, linked and removed.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::session::providers;
use crate::dashboard::session::providers::Button;
use crate::dashboard::session::providers::Departure;
use crate::dashboard::session::providers::Origin;
use crate::dashboard::session::providers::depart;
use crate::dashboard::session::providers::letters;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::identities;
use crate::db::identities::Linked;
use crate::db::identities::Unlinking;
use crate::db::pending_sign_ins::Pending;
use crate::db::pending_sign_ins::Purpose;
use crate::domain::identity::Provider;

#[derive(Template)]
#[template(path = "me/sign_ins.html")]
struct SignInsPage {
    page: PageContext,
    linked: Vec<Row>,
    buttons: Vec<Button>,
    /// Of the forms that lead to a provider.
    next: &'static str,
}

struct Row {
    provider: &'static str,
    email: String,
    issuer: String,
    linked_at: Moment,
    last_used: Option<Moment>,
    unlink_url: String,
}

impl Row {
    fn new(linked: Linked, now: DateTime<Utc>) -> Self {
        Self {
            provider: linked.provider.name(),
            email: linked.email.unwrap_or_default(),
            issuer: linked.issuer,
            linked_at: Moment::new(linked.linked_at, now),
            last_used: linked.last_used_at.map(|at| Moment::new(at, now)),
            unlink_url: format!("{}/{}/unlink", urls::MY_SIGN_INS, linked.id),
        }
    }
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let (now, user) = (console.parts.clock.now(), person.viewer.id);
    let db = &console.parts.db;
    let linked = db
        .run(move |conn| identities::of_person(conn, user))
        .await?;
    let page = SignInsPage {
        page: person.page_outside(Section::Elsewhere)?,
        linked: linked.into_iter().map(|one| Row::new(one, now)).collect(),
        buttons: providers::buttons(&console, &format!("{}/link", urls::MY_SIGN_INS)),
        next: "",
    };
    let mut answer = Html(StatusCode::OK, page).respond_to(&request);
    providers::let_forms_lead_on(&console, &mut answer);
    Ok(answer)
}

/// On to the provider. What comes back is linked to this person, in this session and no other.
pub async fn link(
    person: SignedIn,
    visitor: Visitor,
    (path, _form): (Path<String>, Posted),
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let provider =
        Provider::parse(&path).filter(|provider| console.parts.providers.get(*provider).is_some());
    let Some(provider) = provider else {
        person.flash(&Flash::info("That provider is not set up here."))?;
        return Ok(see_other(urls::MY_SIGN_INS));
    };
    person.require_recent(&request)?;
    let departure = Departure {
        pending: Pending {
            provider,
            browser: person.session,
            purpose: Purpose::Link(person.viewer.id),
            next: String::new(),
        },
        ip: visitor.ip,
    };
    let origin = Origin::Security(urls::MY_SIGN_INS.to_owned());
    Ok(match depart(&console, departure).await? {
        Ok(answer) => answer,
        Err(refusal) => refusal.show(&visitor, &request, (provider, origin)),
    })
}

pub async fn unlink(
    person: SignedIn,
    (path, _form): (Path<String>, Posted),
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let account = person.viewer.membership.as_ref().map(|one| one.account);
    let (whose, current) = ((person.viewer.id, account), person.session);
    let unlinking = match path.parse() {
        Ok(id) => {
            let db = &console.parts.db;
            db.run(move |conn| identities::unlink(conn, &actor, now, (whose, &current), id))
                .await?
        }
        Err(_) => Unlinking::Unknown,
    };
    if let Unlinking::Unlinked(provider) = unlinking {
        letters::unlinked(&console, &person, provider);
    }
    person.flash(&match unlinking {
        Unlinking::Unlinked(provider) => Flash::success(format!(
            "The {} account is no longer linked. Other sessions that began there have ended.",
            provider.name()
        )),
        Unlinking::LastWay => Flash::warning(
            "It is your only way to sign in. Set a password or link another sign-in first.",
        ),
        Unlinking::Unknown => Flash::info("That sign-in is not linked to you any more."),
    })?;
    Ok(see_other(urls::MY_SIGN_INS))
}
