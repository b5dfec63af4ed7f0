//! Setting up an authenticator app: its secret travels sealed in the form until one code has proved
//! that the app has it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::crypto::second_factor::FactorSecret;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Unkept;
use crate::dashboard::html::see_other;
use crate::dashboard::me::second_factor::make_codes;
use crate::dashboard::me::second_factor::qr::Qr;
use crate::dashboard::me::second_factor::reveal;
use crate::dashboard::me::second_factor::tell;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::session::code;
use crate::dashboard::session::confirm;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::second_factors;
use crate::db::second_factors::NewFactor;
use crate::db::sessions;
use crate::domain::person::UserId;

const WRONG: &str = "This is not the code that the app shows for this secret. Check its clock.";

#[derive(Template)]
#[template(path = "me/second_factor_set_up.html")]
pub(super) struct SetUpPage {
    page: PageContext,
    qr: Qr,
    /// The secret to type, in groups of four.
    typed: SecretString,
    /// The secret for us.
    sealed: String,
    /// An account of theirs asks for it, and nothing else opens before.
    required: bool,
    errors: FormErrors,
}

impl SetUpPage {
    pub fn fresh(console: &Console, person: &SignedIn) -> Result<Self, PageError> {
        let secret = FactorSecret::generate(&*console.random).map_err(PageError::internal)?;
        Self::of(console, person, &secret, FormErrors::default())
    }

    fn of(
        console: &Console,
        person: &SignedIn,
        secret: &FactorSecret,
        errors: FormErrors,
    ) -> Result<Self, PageError> {
        let sealed = seal(console, &purpose(person.viewer.id), secret)?;
        Ok(Self {
            page: person.page_outside(Section::Elsewhere)?,
            qr: Qr::of(&secret.url(&person.viewer.email)).map_err(PageError::internal)?,
            typed: secret.typed(),
            sealed: BASE64_URL_SAFE_NO_PAD.encode(sealed),
            required: person.lacks_factor(),
            errors,
        })
    }
}

/// Another than the one at rest: what a form carries is no second factor yet.
fn purpose(user: UserId) -> String {
    format!("second factor being set up by {user}")
}

fn seal(console: &Console, purpose: &str, secret: &FactorSecret) -> Result<Vec<u8>, PageError> {
    let key = console.form_key.seal_key();
    key.seal(&*console.random, purpose, secret.bytes())
        .map_err(PageError::internal)
}

fn opened(console: &Console, user: UserId, sealed: &str) -> Option<FactorSecret> {
    let sealed = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?);
    let key = console.form_key.seal_key();
    FactorSecret::from_bytes(&key.open(&purpose(user), &sealed)?)
}

pub async fn add(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let (user, now) = (person.viewer.id, console.parts.clock.now());
    let Some(secret) = opened(&console, user, form.get("sealed")) else {
        return Ok(see_other(urls::SECOND_FACTOR));
    };
    let mut errors = FormErrors::default();
    let step = form.parse_with("code", &mut errors, |input| {
        let entered = code::entered(input)?;
        secret.step_of(&entered, now).ok_or(WRONG)
    });
    let Some(step) = step else {
        let page = SetUpPage::of(&console, &person, &secret, errors)?;
        return Ok(Unkept(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
    };
    let (codes, digests) = make_codes(&console, user)?;
    let new = NewFactor {
        sealed_secret: seal(&console, &code::purpose(user), &secret)?,
        step,
        codes: digests,
    };
    let (actor, session) = (person.actor(), person.session);
    let db = &console.parts.db;
    let added = db
        .run(move |conn| {
            let added = second_factors::add(conn, &actor, now, user, &new)?;
            if added {
                sessions::end_others(conn, &actor, now, (user, &session))?;
            }
            Ok(added)
        })
        .await?;
    // Set up in another tab meanwhile.
    if !added {
        return Ok(see_other(urls::SECOND_FACTOR));
    }
    confirm::renew(&console, &person).await?;
    tell(
        &console,
        &person,
        "A second factor was added to your sign-in to Latchkey",
    );
    reveal(
        &person,
        &request,
        (
            codes,
            "The second factor is on. Every other session of yours has ended.",
        ),
    )
}
