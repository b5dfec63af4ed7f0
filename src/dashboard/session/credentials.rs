//! Judges an e-mail address and a password at one domain, and slows down those who guess.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use diesel::PgConnection;
use ipnet::IpNet;
use secrecy::SecretString;

use crate::crypto::password::PasswordError;
use crate::crypto::password::Verdict;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::number;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::visitor::Visitor;
use crate::db::DbError;
use crate::db::memberships;
use crate::db::sign_in_failures;
use crate::db::sign_in_failures::Attempt;
use crate::db::staff_grants;
use crate::db::users;
use crate::db::users::Candidate;
use crate::domain::account::AccountId;
use crate::domain::account::STAFF_DOMAIN;
use crate::domain::identity::Provider;
use crate::domain::password;
use crate::domain::password::PASSWORD_LENGTH_MAX;
use crate::domain::password::PasswordFault;
use crate::domain::person::Email;
use crate::domain::person::UserId;
use crate::domain::text;

/// When all places in the hasher's queue are taken.
const BUSY_SECONDS: i64 = 2;
/// An IPv6 customer has a whole network.
const PREFIX_V6: u8 = 64;

/// Instead of a domain: whose password it is, wherever they belong. It opens no session.
pub const ANYWHERE: &str = "";

/// Who it is.
pub struct Known {
    pub user: UserId,
    pub email: String,
    /// `None` where staff sign in.
    pub account: Option<AccountId>,
    /// Who said so; `None` is the person's password.
    pub provider: Option<Provider>,
}

/// Why nobody was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A field says what is wrong.
    Unfit,
    /// Says no more than that: not which of the two, not whether the domain exists.
    Wrong,
    Wait(i64),
}

impl Refusal {
    pub fn status(self) -> StatusCode {
        match self {
            Self::Unfit | Self::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    pub fn retry_after(self) -> Option<i64> {
        match self {
            Self::Wait(seconds) => Some(seconds),
            Self::Unfit | Self::Wrong => None,
        }
    }

    /// Says it where the form says what is wrong; `wrong` is the field and the words of a password
    /// that is not right.
    pub fn say(self, errors: &mut FormErrors, wrong: (&'static str, &str)) {
        match self {
            Self::Wrong => errors.add(wrong.0, wrong.1),
            Self::Unfit | Self::Wait(_) => {
                if let Some(words) = self.words() {
                    errors.add("", words);
                }
            }
        }
    }

    pub fn words(self) -> Option<String> {
        match self {
            Self::Unfit => None,
            Self::Wrong => Some("Email or password is wrong.".to_owned()),
            Self::Wait(seconds) => Some(format!(
                "Too many attempts. Try again in {}.",
                number::wait(seconds)
            )),
        }
    }
}

/// A password as it was typed, if it can be one at all.
pub fn entered(input: &str) -> Result<SecretString, PasswordFault> {
    if input.is_empty() {
        return Err(PasswordFault::Empty);
    }
    if input.chars().count() > PASSWORD_LENGTH_MAX {
        return Err(PasswordFault::TooLong);
    }
    Ok(password::normalised(input).into())
}

/// The attempt counts before the password is looked at, and is forgiven if it was right.
pub async fn check(
    console: &Console,
    visitor: &Visitor,
    (domain, email): (&str, &Email),
    password: SecretString,
) -> Result<Result<Known, Refusal>, PageError> {
    let attempt = Attempt {
        email: email.folded().to_owned(),
        address: network_of(visitor.ip),
    };
    let begun = {
        let (attempt, email, domain) = (attempt.clone(), email.clone(), domain.to_owned());
        let now = console.parts.clock.now();
        let db = &console.parts.db;
        db.run(move |conn| {
            sign_in_failures::begin(conn, now, &attempt)?.map_or_else(
                |wait| Ok(Err(wait)),
                |()| find(conn, &domain, &email).map(Ok),
            )
        })
        .await?
    };
    let member = match begun {
        Ok(member) => member,
        Err(wait) => return Ok(Err(Refusal::Wait(wait.num_seconds() + 1))),
    };
    let stored = member
        .as_ref()
        .and_then(|(candidate, _)| candidate.password_hash.clone());
    let verdict = match console.parts.passwords.verify(password, stored).await {
        Ok(verdict) => verdict,
        Err(PasswordError::Busy) => return Ok(Err(Refusal::Wait(BUSY_SECONDS))),
        Err(error) => return Err(PageError::internal(error)),
    };
    match (member, verdict) {
        (Some((candidate, account)), Verdict::Right) => {
            let_in(console, attempt, (candidate, account), None).await
        }
        (Some((candidate, account)), Verdict::RightAndRehashed(hash)) => {
            let_in(console, attempt, (candidate, account), Some(hash)).await
        }
        _ => Ok(Err(Refusal::Wrong)),
    }
}

/// The attempt of somebody who turned out to be new, and has no password that could be guessed.
pub async fn forgive(console: &Console, visitor: &Visitor, email: &Email) -> Result<(), PageError> {
    let attempt = Attempt {
        email: email.folded().to_owned(),
        address: network_of(visitor.ip),
    };
    let db = &console.parts.db;
    Ok(db
        .run(move |conn| sign_in_failures::forgive(conn, &attempt))
        .await?)
}

/// Whether the password is that of a signed-in person. Counts as an attempt to sign in.
pub async fn check_own(
    console: &Console,
    person: &SignedIn,
    password: SecretString,
) -> Result<Result<(), Refusal>, PageError> {
    let attempt = Attempt {
        email: text::folded(&person.viewer.email),
        address: network_of(person.ip()),
    };
    let (now, user) = (console.parts.clock.now(), person.viewer.id);
    let db = &console.parts.db;
    let begun = {
        let attempt = attempt.clone();
        db.run(move |conn| {
            sign_in_failures::begin(conn, now, &attempt)?.map_or_else(
                |wait| Ok(Err(wait)),
                |()| users::password_hash_of(conn, user).map(Ok),
            )
        })
        .await?
    };
    let stored = match begun {
        Ok(stored) => stored,
        Err(wait) => return Ok(Err(Refusal::Wait(wait.num_seconds() + 1))),
    };
    match console.parts.passwords.verify(password, stored).await {
        Ok(Verdict::Wrong) => Ok(Err(Refusal::Wrong)),
        // A weaker hash is made anew at the next sign-in.
        Ok(Verdict::Right | Verdict::RightAndRehashed(_)) => {
            db.run(move |conn| sign_in_failures::forgive(conn, &attempt))
                .await?;
            Ok(Ok(()))
        }
        Err(PasswordError::Busy) => Ok(Err(Refusal::Wait(BUSY_SECONDS))),
        Err(error) => Err(PageError::internal(error)),
    }
}

/// The person with this address, if they may sign in at this domain.
fn find(
    conn: &mut PgConnection,
    domain: &str,
    email: &Email,
) -> Result<Option<(Candidate, Option<AccountId>)>, DbError> {
    let Some(candidate) = users::find_candidate(conn, email)? else {
        return Ok(None);
    };
    if domain == ANYWHERE {
        return Ok(Some((candidate, None)));
    }
    let place = door_for(conn, candidate.id, domain)?;
    Ok(place.map(|door| (candidate, door.account())))
}

/// What a domain leads to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door {
    Account(AccountId),
    Staff,
}

impl Door {
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(account),
            Self::Staff => None,
        }
    }
}

/// Where a person signs in at this domain, if they may.
pub(super) fn door_for(
    conn: &mut PgConnection,
    user: UserId,
    domain: &str,
) -> Result<Option<Door>, DbError> {
    if domain == STAFF_DOMAIN {
        return Ok(staff_grants::find(conn, user)?.map(|_| Door::Staff));
    }
    Ok(memberships::account_of(conn, user, domain)?.map(Door::Account))
}

async fn let_in(
    console: &Console,
    attempt: Attempt,
    (candidate, account): (Candidate, Option<AccountId>),
    rehashed: Option<String>,
) -> Result<Result<Known, Refusal>, PageError> {
    let known = Known {
        user: candidate.id,
        email: candidate.email,
        account,
        provider: None,
    };
    let (user, old_hash) = (candidate.id, candidate.password_hash);
    let db = &console.parts.db;
    db.run(move |conn| {
        sign_in_failures::forgive(conn, &attempt)?;
        match (old_hash, rehashed) {
            (Some(old), Some(new)) => users::rehash_password(conn, user, (&old, &new)),
            _ => Ok(()),
        }
    })
    .await?;
    Ok(Ok(known))
}

/// What counts as one address.
pub(super) fn network_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => IpNet::new(ip.into(), PREFIX_V6)
            .map_or_else(|_| ip.to_string(), |net| net.trunc().to_string()),
    }
}
