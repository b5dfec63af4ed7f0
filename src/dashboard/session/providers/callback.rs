//! `/oidc/{provider}/callback`: back from the provider, with a code that proves who it is.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::Path;
use chrono::DateTime;
use chrono::Utc;

use crate::crypto::token;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::see_other;
use crate::dashboard::posted::Fields;
use crate::dashboard::session::Browser;
use crate::dashboard::session::credentials;
use crate::dashboard::session::credentials::Known;
use crate::dashboard::session::password::let_in;
use crate::dashboard::session::providers::confirm;
use crate::dashboard::session::providers::flow::arrive;
use crate::dashboard::session::providers::flow::refusal_of;
use crate::dashboard::session::providers::flow::secrets_of;
use crate::dashboard::session::providers::join;
use crate::dashboard::session::providers::letters;
use crate::dashboard::session::providers::refusal::Origin;
use crate::dashboard::session::providers::refusal::Refusal;
use crate::dashboard::signed_in;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::identities;
use crate::db::identities::Linking;
use crate::db::pending_sign_ins::Pending;
use crate::db::pending_sign_ins::Purpose;
use crate::db::sign_in_rules;
use crate::domain::identity::Identity;
use crate::domain::identity::Provider;
use crate::oidc::Answer;
use crate::oidc::Proven;

/// What a provider says when the person does not want to.
const DENIED: &str = "access_denied";

pub async fn get(
    visitor: Visitor,
    path: Path<String>,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let provider = Provider::parse(&path).ok_or(PageError::NotFound)?;
    // A state is good once, and a HEAD is nobody's way back.
    if request.method() == Method::HEAD || console.parts.providers.get(provider).is_none() {
        return Err(PageError::NotFound);
    }
    let query = Fields::of_query(&request)?;
    let pending = match single(&query, "state") {
        Some(state) => arrive(&console, state).await?,
        None => None,
    };
    // A redirect address for each issuer: an answer that comes by another one's is not its own.
    let ours = pending.filter(|(pending, _)| pending.provider == provider);
    let Some((pending, left_at)) = ours else {
        let origin = Origin::SignIn("/sign-in".to_owned());
        return Ok(Refusal::Over.show(&visitor, &request, (provider, origin)));
    };
    let back = (&pending, left_at);
    match finish(&visitor, &request, &console, back, &query).await? {
        Ok(answer) => Ok(answer),
        Err(refusal) => {
            let origin = match &pending.purpose {
                Purpose::SignIn(domain) => {
                    Origin::SignIn(urls::sign_in_at(domain, &pending.next, false))
                }
                Purpose::Link(_) => Origin::Security(urls::MY_SIGN_INS.to_owned()),
                Purpose::Confirm(_) => Origin::Confirm(urls::confirm_identity(&pending.next)),
                Purpose::Join(_) => Origin::Invitation,
            };
            Ok(refusal.show(&visitor, &request, (provider, origin)))
        }
    }
}

pub(super) type Finished = Result<Result<HttpResponse, Refusal>, PageError>;

/// Whether the browser that comes back is the one that left.
fn is_same(visitor: &Visitor, request: &HttpRequest, pending: &Pending) -> Result<bool, PageError> {
    let visitor = Some(token::digest(&visitor.nonce));
    let session = Browser::of(request).id()?;
    let left = Some(pending.browser);
    Ok(match &pending.purpose {
        Purpose::SignIn(_) => visitor == left,
        Purpose::Link(_) | Purpose::Confirm(_) => session == left,
        // By somebody without a session, or in theirs.
        Purpose::Join(_) => visitor == left || session == left,
    })
}

async fn finish(
    visitor: &Visitor,
    request: &HttpRequest,
    console: &Console,
    (pending, left_at): (&Pending, DateTime<Utc>),
    query: &Fields,
) -> Finished {
    if !is_same(visitor, request, pending)? {
        return Ok(Err(Refusal::Over));
    }
    if !query.get("error").is_empty() {
        let refusal = if query.get("error") == DENIED {
            Refusal::Cancelled
        } else {
            Refusal::Unproven
        };
        return Ok(Err(refusal));
    }
    let proven = match identify(console, pending.provider, query).await? {
        Ok(proven) => proven,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match &pending.purpose {
        Purpose::SignIn(domain) => {
            sign_in(
                console,
                visitor,
                (request, &pending.next),
                (domain, proven.identity),
            )
            .await
        }
        Purpose::Confirm(user) => {
            let person = signed_in::signed_in(request)?;
            if person.viewer.id != *user {
                return Ok(Err(Refusal::Over));
            }
            let back = (proven, left_at, pending.next.as_str());
            confirm::finish(console, &person, back).await
        }
        Purpose::Join(invitation) => {
            join::finish(console, visitor, request, (*invitation, proven)).await
        }
        Purpose::Link(user) => {
            let person = signed_in::signed_in(request)?;
            if person.viewer.id != *user {
                return Ok(Err(Refusal::Over));
            }
            link(console, &person, proven.identity).await.map(Ok)
        }
    }
}

async fn identify(
    console: &Console,
    provider: Provider,
    query: &Fields,
) -> Result<Result<Proven, Refusal>, PageError> {
    let client = console.parts.providers.get(provider);
    let client = client.ok_or(PageError::NotFound)?;
    let (Some(code), Some(state)) = (single(query, "code"), single(query, "state")) else {
        return Ok(Err(Refusal::Unproven));
    };
    let answer = Answer {
        code,
        issuer: query.get("iss"),
    };
    let identified = client.identify(&answer, &secrets_of(console, state)).await;
    Ok(identified.map_err(|fault| refusal_of(provider, &fault)))
}

/// A parameter that came exactly once, with something in it.
fn single<'a>(query: &'a Fields, name: &str) -> Option<&'a str> {
    let mut values = query.all(name);
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Some(value),
        _ => None,
    }
}

/// The identity decides, and nothing else: no address links anybody, verified or not.
async fn sign_in(
    console: &Console,
    visitor: &Visitor,
    place: (&HttpRequest, &str),
    (domain, identity): (&str, Identity),
) -> Finished {
    let (at, now) = (domain.to_owned(), console.parts.clock.now());
    let provider = identity.provider;
    let db = &console.parts.db;
    let known = db
        .run(move |conn| {
            let Some(candidate) = identities::recognise(conn, now, &identity)? else {
                return Ok(None);
            };
            // A session by another provider than the required one would be over at once.
            let required = sign_in_rules::provider_required_at(conn, &at)?;
            if required.is_some_and(|required| required != provider) {
                return Ok(None);
            }
            let door = credentials::door_for(conn, candidate.id, &at)?;
            Ok(door.map(|door| Known {
                user: candidate.id,
                email: candidate.email,
                account: door.account(),
                provider: Some(provider),
            }))
        })
        .await?;
    let Some(known) = known else {
        return Ok(Err(Refusal::Unknown));
    };
    let_in(console, visitor, place, (domain.to_owned(), known))
        .await
        .map(Ok)
}

async fn link(
    console: &Console,
    person: &SignedIn,
    identity: Identity,
) -> Result<HttpResponse, PageError> {
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let membership = person.viewer.membership.as_ref();
    let whose = (person.viewer.id, membership.map(|one| one.account));
    let (random, provider) = (console.random.clone(), identity.provider);
    let db = &console.parts.db;
    let linking = db
        .run(move |conn| identities::link(conn, &actor, now, &*random, (whose, &identity)))
        .await?;
    if linking == Linking::Linked {
        letters::linked(console, person, provider);
    }
    let provider = provider.name();
    person.flash(&match linking {
        Linking::Linked => Flash::success(format!("You can sign in with {provider} now.")),
        Linking::Known => Flash::info(format!("That {provider} account was linked already.")),
        Linking::Taken => Flash::warning(format!(
            "That {provider} account is linked to somebody else here. Nothing was changed."
        )),
        Linking::TooMany => Flash::warning(format!(
            "At most {} sign-ins can be linked. Remove one first.",
            identities::LINKED_MAX
        )),
    })?;
    Ok(see_other(urls::MY_SIGN_INS))
}
