//! Accepting an invitation by a provider that vouches for the invited address. The address alone
//! links nobody: whoever is known here already signs in first.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Path;
use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::PgConnection;

use crate::crypto::token;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::html::see_other;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::Browser;
use crate::dashboard::session::credentials::Known;
use crate::dashboard::session::password::let_in;
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
use crate::db::identities::Linking;
use crate::db::invitations;
use crate::db::invitations::Asked;
use crate::db::invitations::Joining;
use crate::db::invitations::TokenDigest;
use crate::db::pending_sign_ins::Pending;
use crate::db::pending_sign_ins::Purpose;
use crate::db::sign_in_rules;
use crate::db::users;
use crate::db::users::NewPerson;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::identity::Identity;
use crate::domain::identity::Provider;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;
use crate::domain::person::UserId;
use crate::domain::random::SharedRandom;
use crate::domain::text;
use crate::oidc::Proven;

/// `DbError::Conflict` with this: the identity is somebody else's, or the person has too many.
const NOT_LINKED: &str = "identities_not_linked";

/// One for each provider by which the invitation may be accepted; of an account that requires one,
/// only that. Tells whether one is required.
pub async fn buttons(
    console: &Console,
    asked: &Asked,
    base: &str,
) -> Result<(Vec<Button>, Option<Provider>), PageError> {
    let account = asked.account;
    let db = &console.parts.db;
    let rules = db
        .run(move |conn| sign_in_rules::find(conn, account))
        .await?;
    let required = rules.required_provider;
    let mut buttons = providers::buttons(console, base);
    buttons.retain(|button| required.is_none_or(|required| required == button.provider));
    Ok((buttons, required))
}

/// By somebody without a session.
pub async fn post(
    visitor: Visitor,
    _form: VisitorPosted,
    path: Path<String>,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let browser = token::digest(&visitor.nonce);
    leave(&console, &visitor, &request, (&path, browser)).await
}

/// By who is signed in, and has to link a sign-in to get into an account that requires it.
pub async fn post_signed_in(
    person: SignedIn,
    visitor: Visitor,
    (path, _form): (Path<String>, Posted),
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    leave(&console, &visitor, &request, (&path, person.session)).await
}

async fn leave(
    console: &Console,
    visitor: &Visitor,
    request: &HttpRequest,
    (provider, browser): (&str, [u8; 32]),
) -> Result<HttpResponse, PageError> {
    let provider = Provider::parse(provider).ok_or(PageError::NotFound)?;
    let token = Fields::of_query(request)?.get("token").to_owned();
    let (digest, now) = (token::digest(&token), console.parts.clock.now());
    let db = &console.parts.db;
    let asked = db
        .run(move |conn| invitations::find(conn, now, &digest))
        .await?
        .ok_or(PageError::LinkOver)?;
    let (offered, _) = buttons(console, &asked, "").await?;
    if offered.iter().all(|button| button.provider != provider) {
        return Ok(see_other(&urls::invitation(&token)));
    }
    let departure = Departure {
        pending: Pending {
            provider,
            browser,
            purpose: Purpose::Join(digest),
            next: String::new(),
        },
        ip: visitor.ip,
    };
    Ok(match depart(console, departure).await? {
        Ok(answer) => answer,
        Err(refusal) => refusal.show(visitor, request, (provider, Origin::Invitation)),
    })
}

/// Back, with somebody whose address it may be.
pub async fn finish(
    console: &Console,
    visitor: &Visitor,
    request: &HttpRequest,
    (invitation, proven): (TokenDigest, Proven),
) -> Finished {
    let viewer = Browser::of(request).viewer()?;
    let arrival = Arrival {
        invitation,
        provider: proven.identity.provider,
        proven,
        signed_in: viewer.map(|viewer| (viewer.id, viewer.email)),
        actor: visitor.unknown_actor("invitation"),
        random: console.random.clone(),
    };
    let (now, provider) = (console.parts.clock.now(), arrival.provider);
    let db = &console.parts.db;
    let joined = db
        .run(move |conn| conn.transaction(|conn| arrival.join(conn, now)))
        .await;
    let (asked, user, is_new) = match joined {
        Ok(Ok(joined)) => joined,
        Ok(Err(Some(refusal))) => return Ok(Err(refusal)),
        Ok(Err(None)) => return Err(PageError::LinkOver),
        Err(error) if error.is_conflict_on(users::EMAIL_TAKEN) => {
            return Ok(Err(Refusal::KnownHere));
        }
        Err(error) if error.is_conflict_on(NOT_LINKED) => return Ok(Err(Refusal::KnownHere)),
        Err(error) => return Err(error.into()),
    };
    let known = Known {
        user,
        email: asked.email.as_str().to_owned(),
        account: Some(asked.account),
        provider: Some(provider),
    };
    let place = (asked.account_domain, known);
    let next = if is_new { urls::NEW_PROFILE } else { "/" };
    let_in(console, visitor, (request, next), place)
        .await
        .map(Ok)
}

/// Somebody who came back from a provider with an invitation in hand.
struct Arrival {
    invitation: TokenDigest,
    provider: Provider,
    proven: Proven,
    /// Who is signed in in this browser.
    signed_in: Option<(UserId, String)>,
    actor: Actor,
    random: SharedRandom,
}

/// Into what, who it is, and whether they are new here; else why not, `None` where the link opens
/// nothing.
type Joined = Result<(Asked, UserId, bool), Option<Refusal>>;

impl Arrival {
    fn join(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Joined, DbError> {
        let Some(asked) = invitations::find(conn, now, &self.invitation)? else {
            return Ok(Err(None));
        };
        let rules = sign_in_rules::find(conn, asked.account)?;
        if rules
            .required_provider
            .is_some_and(|required| required != self.provider)
        {
            return Ok(Err(Some(Refusal::Unknown)));
        }
        let vouched = self.proven.verified_email.as_ref();
        if vouched.is_none_or(|email| email.folded() != asked.email.folded()) {
            return Ok(Err(Some(Refusal::NotInvited)));
        }
        let identity = &self.proven.identity;
        let is_invited = |email: &str| text::folded(email) == asked.email.folded();
        let known = match identities::recognise(conn, now, identity)? {
            // Linked to somebody of another address here: the invitation is not theirs.
            Some(known) if !is_invited(&known.email) => return Ok(Err(Some(Refusal::NotInvited))),
            Some(known) => Some(known.id),
            None => {
                let viewer = self.signed_in.as_ref();
                viewer
                    .filter(|(_, email)| is_invited(email))
                    .map(|(id, _)| *id)
            }
        };
        let joining = match known {
            Some(user) => Joining::Known(user),
            None => Joining::New(NewPerson {
                email: asked.email.clone(),
                name: self.name_for(&asked),
                password_hash: None,
            }),
        };
        let by = (&*self.random, &self.invitation);
        let Some((asked, user)) = invitations::accept(conn, &self.actor, now, by, &joining)? else {
            return Ok(Err(None));
        };
        self.link(conn, now, (&asked, user), identity)?;
        Ok(Ok((asked, user, known.is_none())))
    }

    /// Until they say themselves what they are called, on the next page.
    fn name_for(&self, asked: &Asked) -> String {
        let said = self.proven.name.as_deref();
        said.and_then(|name| text::line(name, PERSON_NAME_LENGTH_MAX).ok())
            .unwrap_or_else(|| asked.email.as_str().to_owned())
    }

    /// A new person's first way to sign in, or one more of theirs.
    fn link(
        &self,
        conn: &mut PgConnection,
        now: DateTime<Utc>,
        (asked, user): (&Asked, UserId),
        identity: &Identity,
    ) -> Result<(), DbError> {
        let actor = Actor {
            kind: ActorKind::Person(user),
            label: asked.email.as_str().to_owned(),
            ..self.actor.clone()
        };
        let whose = ((user, Some(asked.account)), identity);
        match identities::link(conn, &actor, now, &*self.random, whose)? {
            Linking::Linked | Linking::Known => Ok(()),
            Linking::Taken | Linking::TooMany => Err(DbError::Conflict(NOT_LINKED.to_owned())),
        }
    }
}
