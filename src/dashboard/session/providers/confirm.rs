//! Proving again who one is, by the provider at which one signs in.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Path;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::html::see_other;
use crate::dashboard::posted::Posted;
use crate::dashboard::session::confirm;
use crate::dashboard::session::providers;
use crate::dashboard::session::providers::Button;
use crate::dashboard::session::providers::callback::Finished;
use crate::dashboard::session::providers::flow::Departure;
use crate::dashboard::session::providers::flow::depart;
use crate::dashboard::session::providers::refusal::Origin;
use crate::dashboard::session::providers::refusal::Refusal;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::DbError;
use crate::db::identities;
use crate::db::pending_sign_ins::Pending;
use crate::db::pending_sign_ins::Purpose;
use crate::db::sign_in_rules;
use crate::domain::identity::Provider;
use crate::oidc::Proven;

/// Their clock and ours.
const SKEW_MAX: TimeDelta = TimeDelta::minutes(1);

/// One for each provider that this person has linked, and that their account lets them in by.
pub async fn buttons(console: &Console, person: &SignedIn) -> Result<Vec<Button>, PageError> {
    let (user, account) = (person.viewer.id, person.viewer.membership.as_ref());
    let account = account.map(|one| one.account);
    let db = &console.parts.db;
    let (linked, required) = db
        .run(move |conn| {
            let linked = identities::of_person(conn, user)?;
            let rules = account.map(|account| sign_in_rules::find(conn, account));
            Ok::<_, DbError>((linked, rules.transpose()?.unwrap_or_default()))
        })
        .await?;
    let required = required.required_provider;
    let mut buttons = providers::buttons(console, "/confirm-identity");
    buttons.retain(|button| {
        required.is_none_or(|required| required == button.provider)
            && linked.iter().any(|one| one.provider == button.provider)
    });
    Ok(buttons)
}

/// On to the provider, which is to ask anew.
pub async fn post(
    person: SignedIn,
    visitor: Visitor,
    (path, form): (Path<String>, Posted),
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let next = console.site.safe_next(form.get("next")).unwrap_or_default();
    let offered = buttons(&console, &person).await?;
    let wanted = Provider::parse(&path);
    let button = offered
        .into_iter()
        .find(|button| Some(button.provider) == wanted);
    let back = urls::confirm_identity(&next);
    let Some(Button { provider, .. }) = button else {
        return Ok(see_other(&back));
    };
    let departure = Departure {
        pending: Pending {
            provider,
            browser: person.session,
            purpose: Purpose::Confirm(person.viewer.id),
            next,
        },
        ip: visitor.ip,
    };
    let origin = Origin::Confirm(back);
    Ok(match depart(&console, departure).await? {
        Ok(answer) => answer,
        Err(refusal) => refusal.show(&visitor, &request, (provider, origin)),
    })
}

/// Back, with a proof that is newer than the question.
pub async fn finish(
    console: &Console,
    person: &SignedIn,
    (proven, left_at, next): (Proven, DateTime<Utc>, &str),
) -> Finished {
    // Who has a second factor proves it with that.
    if confirm::has_factor(console, person).await? {
        return Ok(Err(Refusal::Another));
    }
    let is_old = |at| at < left_at - SKEW_MAX;
    if proven.authenticated_at.is_some_and(is_old) {
        return Ok(Err(Refusal::Stale));
    }
    let provider = proven.identity.provider;
    let offered = buttons(console, person).await?;
    let now = console.parts.clock.now();
    let db = &console.parts.db;
    let known = db
        .run(move |conn| identities::recognise(conn, now, &proven.identity))
        .await?;
    let is_theirs = known.is_some_and(|known| known.id == person.viewer.id);
    if !is_theirs || offered.iter().all(|button| button.provider != provider) {
        return Ok(Err(Refusal::Another));
    }
    confirm::renew(console, person).await?;
    let next = console.site.safe_next(next);
    Ok(Ok(see_other(next.as_deref().unwrap_or("/"))))
}
