//! `/invitation?token=`: whoever was asked to join answers. The page looks the same whether the
//! address is known or not, and so do its refusals.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;

use crate::crypto::token;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::see_other;
use crate::dashboard::members::words;
use crate::dashboard::page::PlainContext;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::Browser;
use crate::dashboard::session::credentials;
use crate::dashboard::session::credentials::ANYWHERE;
use crate::dashboard::session::credentials::Refusal;
use crate::dashboard::session::new_password;
use crate::dashboard::session::providers;
use crate::dashboard::session::providers::Button;
use crate::dashboard::session::providers::join;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::invitations;
use crate::db::invitations::Asked;
use crate::db::invitations::Joining;
use crate::db::sessions;
use crate::db::users;
use crate::db::users::NewPerson;
use crate::domain::actor::Actor;
use crate::domain::identity::Provider;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;
use crate::domain::text;

#[derive(Template)]
#[template(path = "members/invitation.html")]
struct InvitationPage {
    page: PlainContext,
    errors: FormErrors,
    account: String,
    role: String,
    email: String,
    name: String,
    action: String,
    sign_in_url: String,
    /// Who is signed in here.
    viewer: Option<String>,
    /// Whether the invitation is theirs.
    fits: bool,
    /// At whom the address can be proven; of an account that requires a provider, only there.
    buttons: Vec<Button>,
    required: Option<Provider>,
}

impl InvitationPage {
    async fn new(
        console: &Console,
        mut page: PlainContext,
        (asked, token): (&Asked, &str),
    ) -> Result<Self, PageError> {
        page.flash = None;
        let action = urls::invitation(token);
        let (buttons, required) = join::buttons(console, asked, "").await?;
        Ok(Self {
            errors: FormErrors::default(),
            account: asked.account_name.clone(),
            role: words::an(asked.role.as_str()),
            email: asked.email.as_str().to_owned(),
            name: String::new(),
            sign_in_url: urls::sign_in_to_continue(&action, false),
            action,
            viewer: None,
            fits: false,
            buttons,
            required,
            page,
        })
    }

    /// Where the button of a provider leads: another address for who is signed in.
    fn button_url(&self, button: &Button) -> String {
        let place = match self.viewer {
            Some(_) => "join",
            None => "with",
        };
        let path = format!("/invitation/{place}/{}", button.provider.as_str());
        self.action.replacen("/invitation", &path, 1)
    }

    fn required_words(&self) -> String {
        let words = |provider: Provider| {
            let name = provider.name();
            format!(
                "{} signs in with {name} only, at the address {}.",
                self.account, self.email
            )
        };
        self.required.map_or_else(String::new, words)
    }

    fn join_url(&self) -> String {
        self.action.replacen("/invitation", "/invitation/join", 1)
    }
}

pub async fn get(
    visitor: Visitor,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let token = token_of(&request)?;
    let asked = find(&console, &token).await?;
    let browser = Browser::of(&request);
    let mut page = InvitationPage::new(&console, visitor.page.clone(), (&asked, &token)).await?;
    if let (Some(viewer), Some(csrf)) = (browser.viewer()?, browser.csrf()?) {
        page.page.csrf = csrf;
        page.fits = text::folded(&viewer.email) == asked.email.folded();
        page.viewer = Some(viewer.email);
    }
    let status = if page.viewer.is_some() && !page.fits {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    let mut answer = visitor.show_with(&request, status, page);
    providers::let_forms_lead_on(&console, &mut answer);
    Ok(answer)
}

/// By somebody without a session: a new person, or one who proves to be a known one.
pub async fn post(
    visitor: Visitor,
    form: VisitorPosted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let token = token_of(&request)?;
    let asked = find(&console, &token).await?;
    let mut errors = FormErrors::default();
    let mut page = InvitationPage::new(&console, visitor.page.clone(), (&asked, &token)).await?;
    let joining = if page.required.is_some() {
        errors.add("", page.required_words());
        Err(Refusal::Unfit)
    } else {
        who(&console, &visitor, (&form, &asked), &mut errors).await?
    };
    let refusal = match joining {
        Err(refusal) => refusal,
        Ok(joining) => {
            let is_new = matches!(joining, Joining::New(_));
            let actor = visitor.unknown_actor(asked.email.as_str());
            if let Some(answer) = join(&console, actor, (token.clone(), joining)).await? {
                if is_new {
                    credentials::forgive(&console, &visitor, &asked.email).await?;
                }
                return Ok(answer);
            }
            errors.add("password", NOT_THEIRS);
            Refusal::Wrong
        }
    };
    page.errors = errors;
    form.get("name").clone_into(&mut page.name);
    let mut answer = visitor.show_with(&request, refusal.status(), page);
    if let Some(seconds) = refusal.retry_after() {
        let headers = answer.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    providers::let_forms_lead_on(&console, &mut answer);
    Ok(answer)
}

const NOT_THEIRS: &str = "This password cannot be used for this address. If you have one at \
                          Latchkey already, enter that one.";

/// By who is signed in, in whatever account. Their session there is over, because the next one is
/// for the account that they join.
pub async fn join_signed_in(
    person: SignedIn,
    _form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let token = token_of(&request)?;
    let asked = find(&console, &token).await?;
    if text::folded(&person.viewer.email) != asked.email.folded() {
        return Err(PageError::Forbidden(format!(
            "The invitation is for {}. You are signed in as {}.",
            asked.email, person.viewer.email
        )));
    }
    let (joining, actor) = (Joining::Known(person.viewer.id), person.actor());
    let answer = join(&console, actor.clone(), (token, joining)).await?;
    let answer = answer.ok_or(PageError::LinkOver)?;
    let (session, now) = (person.session, console.parts.clock.now());
    let db = &console.parts.db;
    db.run(move |conn| sessions::end(conn, &actor, now, &session))
        .await?;
    person.browser().end();
    Ok(answer)
}

/// `None` if somebody new has an address that is known.
async fn join(
    console: &Console,
    actor: Actor,
    (token, joining): (String, Joining),
) -> Result<Option<HttpResponse>, PageError> {
    let (now, random) = (console.parts.clock.now(), console.random.clone());
    let token = token::digest(&token);
    let db = &console.parts.db;
    let joined = db
        .run(move |conn| invitations::accept(conn, &actor, now, (&*random, &token), &joining))
        .await;
    match joined {
        Ok(Some((asked, _))) => {
            let domain = asked.account_domain;
            Ok(Some(see_other(&format!("/sign-in/{domain}?joined=1"))))
        }
        Ok(None) => Err(PageError::LinkOver),
        Err(error) if error.is_conflict_on(users::EMAIL_TAKEN) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Somebody whose password it is, or else somebody new, who chooses it. Whether the address is known
/// is told by nothing but the right password: everybody is asked the same, in the same words, as
/// often, and is slowed down alike.
async fn who(
    console: &Console,
    visitor: &Visitor,
    (form, asked): (&Fields, &Asked),
    errors: &mut FormErrors,
) -> Result<Result<Joining, Refusal>, PageError> {
    let mut faults = FormErrors::default();
    let name = form.parse_with("name", &mut faults, |input| {
        text::line(input, PERSON_NAME_LENGTH_MAX)
    });
    let chosen = new_password::parse(form, &mut faults, &["name", "email"]);
    let whom = (ANYWHERE, &asked.email);
    if let Ok(password) = credentials::entered(form.get("password")) {
        match credentials::check(console, visitor, whom, password).await? {
            Ok(known) => return Ok(Ok(Joining::Known(known.user))),
            Err(Refusal::Wrong) => {}
            Err(refusal) => {
                refusal.say(errors, ("password", NOT_THEIRS));
                return Ok(Err(refusal));
            }
        }
    }
    let (Some(name), Some(password)) = (name, chosen) else {
        *errors = faults;
        return Ok(Err(Refusal::Unfit));
    };
    Ok(Ok(Joining::New(NewPerson {
        email: asked.email.clone(),
        name,
        password_hash: Some(new_password::hash(console, password).await?),
    })))
}

async fn find(console: &Console, token: &str) -> Result<Asked, PageError> {
    let (now, token) = (console.parts.clock.now(), token::digest(token));
    let db = &console.parts.db;
    db.run(move |conn| invitations::find(conn, now, &token))
        .await?
        .ok_or(PageError::LinkOver)
}

fn token_of(request: &HttpRequest) -> Result<String, PageError> {
    Ok(Fields::of_query(request)?.get("token").to_owned())
}
