//! Sending a browser to a provider, and knowing it again when it comes back.

use std::net::IpAddr;

use actix_web::HttpResponse;
use chrono::DateTime;
use chrono::Utc;
use secrecy::ExposeSecret;

use crate::crypto::token;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::html::see_other;
use crate::dashboard::session::credentials;
use crate::dashboard::session::providers::refusal::Refusal;
use crate::db::pending_sign_ins;
use crate::db::pending_sign_ins::Pending;
use crate::db::pending_sign_ins::Purpose;
use crate::domain::identity::Provider;
use crate::oidc::Fault;
use crate::oidc::FlowSecrets;

/// Letters of a fault that are worth a line in the log.
const FAULT_LENGTH_MAX: usize = 300;

/// A browser that is to be sent away.
pub struct Departure {
    pub pending: Pending,
    pub ip: IpAddr,
}

/// To the provider, unless it cannot be asked now. What ties its answer to this browser is kept.
pub async fn depart(
    console: &Console,
    departure: Departure,
) -> Result<Result<HttpResponse, Refusal>, PageError> {
    let Departure { pending, ip } = departure;
    let provider = pending.provider;
    let client = console.parts.providers.get(provider);
    let client = client.ok_or(PageError::NotFound)?;
    let state = token::generate(&*console.random).map_err(PageError::internal)?;
    let digest = token::digest_of(&state);
    let secrets = secrets_of(console, state.expose_secret());
    let anew = matches!(pending.purpose, Purpose::Confirm(_));
    let question = match client.question(&secrets, anew).await {
        Ok(question) => question,
        Err(fault) => return Ok(Err(refusal_of(provider, &fault))),
    };
    let (now, address) = (console.parts.clock.now(), credentials::network_of(ip));
    let db = &console.parts.db;
    let kept = db
        .run(move |conn| pending_sign_ins::insert(conn, now, (&digest, &address), &pending))
        .await?;
    Ok(if kept {
        Ok(see_other(question.as_str()))
    } else {
        Err(Refusal::TooMany)
    })
}

/// What belongs to the state that a browser brings back, and when it left: once, and never again.
pub async fn arrive(
    console: &Console,
    state: &str,
) -> Result<Option<(Pending, DateTime<Utc>)>, PageError> {
    let (now, digest) = (console.parts.clock.now(), token::digest(state));
    let db = &console.parts.db;
    Ok(db
        .run(move |conn| pending_sign_ins::take(conn, now, &digest))
        .await?)
}

/// Nonce and verifier follow from the state and a key of ours, so they need not be kept.
pub fn secrets_of(console: &Console, state: &str) -> FlowSecrets {
    FlowSecrets {
        nonce: console.form_key.sign_in_nonce(state),
        verifier: console.form_key.sign_in_verifier(state),
        state: state.to_owned(),
    }
}

/// What the page says; the log says why.
pub fn refusal_of(provider: Provider, fault: &Fault) -> Refusal {
    let cause: String = fault
        .to_string()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(FAULT_LENGTH_MAX)
        .collect();
    tracing::warn!(provider = provider.as_str(), cause, "nobody was identified");
    match fault {
        Fault::Unavailable(_) => Refusal::Unavailable,
        Fault::Refused(_) => Refusal::Unproven,
    }
}
