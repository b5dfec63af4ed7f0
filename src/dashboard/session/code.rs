//! Judges a code: of a person's authenticator app, or one of their recovery codes.

use std::net::IpAddr;

use diesel::PgConnection;

use crate::crypto::second_factor;
use crate::crypto::second_factor::FactorSecret;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::session::credentials;
use crate::dashboard::session::credentials::Refusal;
use crate::db::DbError;
use crate::db::second_factors;
use crate::db::sign_in_failures;
use crate::db::sign_in_failures::Attempt;
use crate::domain::actor::Actor;
use crate::domain::person::UserId;
use crate::mail::Letter;

/// Longer than any code, however it is spaced.
const CODE_LENGTH_MAX: usize = 40;

/// By what somebody has proved that it is them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    App,
    /// So many codes are left.
    Recovery(i64),
}

/// A code as it was typed, if it can be one at all.
pub fn entered(input: &str) -> Result<String, &'static str> {
    let code = input.trim();
    if code.is_empty() {
        Err("Fill this in.")
    } else if code.chars().count() > CODE_LENGTH_MAX {
        Err("This is too long for a code.")
    } else {
        Ok(code.to_owned())
    }
}

/// The attempt counts before the code is looked at, per person and per network, apart from
/// passwords. A recovery code that was used is told to its person by letter.
pub async fn check(
    console: &Console,
    (actor, ip): (&Actor, IpAddr),
    user: UserId,
    code: String,
) -> Result<Result<Proof, Refusal>, PageError> {
    let attempt = Attempt {
        email: format!("factor:{user}"),
        address: format!("factor:{}", credentials::network_of(ip)),
    };
    let (by, now, console_too) = (actor.clone(), console.parts.clock.now(), console.clone());
    let judged = console
        .parts
        .db
        .run(move |conn| {
            if let Err(wait) = sign_in_failures::begin(conn, now, &attempt)? {
                return Ok(Err(Refusal::Wait(wait.num_seconds() + 1)));
            }
            let Some(proof) = judge(conn, &console_too, &by, (user, &code))? else {
                return Ok(Err(Refusal::Wrong));
            };
            sign_in_failures::forgive(conn, &attempt)?;
            Ok(Ok(proof))
        })
        .await?;
    if let Ok(Proof::Recovery(left)) = judged {
        tell(console, actor, left);
    }
    Ok(judged)
}

fn judge(
    conn: &mut PgConnection,
    console: &Console,
    actor: &Actor,
    (user, code): (UserId, &str),
) -> Result<Option<Proof>, DbError> {
    let Some(factor) = second_factors::find(conn, user)? else {
        return Ok(None);
    };
    let now = console.parts.clock.now();
    let secret = open(console, user, &factor.sealed_secret);
    if let Some(step) = secret.and_then(|secret| secret.step_of(code, now)) {
        let taken = second_factors::use_step(conn, user, step)?;
        return Ok(taken.then_some(Proof::App));
    }
    let digest = second_factor::recovery_digest(&console.parts.pepper, user, code);
    let left = second_factors::use_code(conn, actor, now, (user, &digest))?;
    Ok(left.map(Proof::Recovery))
}

/// For what a person's secret is sealed.
pub(in crate::dashboard) fn purpose(user: UserId) -> String {
    format!("second factor of {user}")
}

/// Logged where it does not open: then the installation's secret key is another one.
fn open(console: &Console, user: UserId, sealed: &[u8]) -> Option<FactorSecret> {
    let key = console.form_key.seal_key();
    let bytes = key.open(&purpose(user), sealed);
    if bytes.is_none() {
        tracing::error!(%user, "a second factor does not open under LATCHKEY_SECRET_KEY");
    }
    FactorSecret::from_bytes(&bytes?)
}

fn tell(console: &Console, actor: &Actor, left: i64) {
    let Ok(to) = actor.label.parse() else {
        return;
    };
    let letter = Letter::new(to, "A recovery code for Latchkey was used")
        .says("Somebody signed in as you, or confirmed that they are you, with one of your recovery codes.")
        .says(format!("Recovery codes that are left: {left}."))
        .says("If this was not you, set a new password from the sign-in page, make new recovery codes, and tell an admin of your company.");
    // What could not be taken is in the log.
    let _ = console.parts.mailer.send(letter);
}
