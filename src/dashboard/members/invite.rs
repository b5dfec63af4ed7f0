//! `/account/members/invite`: asking somebody to join.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::members::invited;
use crate::dashboard::members::invited::Sent;
use crate::dashboard::members::role;
use crate::dashboard::members::words;
use crate::dashboard::members::words::RoleChoice;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::db::DbError;
use crate::db::invitations;
use crate::db::invitations::NewInvitation;
use crate::db::members::ABOVE_THEIRS;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;
use crate::domain::viewer::Membership;
use crate::domain::viewer::WorkspaceAccess;

/// More workspaces are opened on their own pages.
const WORKSPACES_MAX: usize = 50;

#[derive(Template)]
#[template(path = "members/invite.html")]
struct InvitePage {
    page: PageContext,
    errors: FormErrors,
    email: String,
    role: String,
    choices: Vec<RoleChoice>,
    workspaces: Vec<WorkspaceChoice>,
    /// Whether a letter goes out, or the link is shown.
    sends: bool,
}

struct WorkspaceChoice {
    field: String,
    name: String,
    chosen: String,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let fields = person.kept_form(&request)?.unwrap_or_default();
    let page = InvitePage::new(&person, &console, &fields, FormErrors::default())?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    person: SignedIn,
    posted: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent_to_send(&request, &posted)?;
    let membership = person.membership()?;
    let mut errors = FormErrors::default();
    let Some(new) = parse(membership, &posted, &mut errors) else {
        return again(&person, &request, (&console, &posted), errors);
    };
    let (actor, now) = (person.actor(), console.parts.clock.now());
    let (random, asked) = (console.random.clone(), new.clone());
    let db = &console.parts.db;
    let outcome = db
        .run(move |conn| invitations::insert(conn, &actor, now, &*random, &asked))
        .await;
    let token = match outcome {
        Ok(token) => token,
        Err(error) if error.is_conflict_on(ABOVE_THEIRS) => {
            return Err(role::above(&membership.account_name));
        }
        Err(error) => {
            let Some((field, said)) = refusal(&error, &new, &membership.account_name) else {
                return Err(error.into());
            };
            errors.add(field, said);
            return again(&person, &request, (&console, &posted), errors);
        }
    };
    let sent = Sent {
        email: new.email,
        role: new.role,
        token,
        again: false,
    };
    invited::tell(&person, &request, &console, sent)
}

fn parse(membership: &Membership, form: &Fields, errors: &mut FormErrors) -> Option<NewInvitation> {
    let email = form.parse_as("email", errors);
    let role: Option<AccountRole> = form.get("role").parse().ok();
    if role.is_none() {
        errors.add("role", "Choose a role.");
    }
    let role = role?;
    let mut opened = Vec::new();
    for workspace in membership.workspaces.iter().take(WORKSPACES_MAX) {
        let chosen: Option<WorkspaceRole> = form.get(&field_of(workspace)).parse().ok();
        if role == AccountRole::Member
            && let Some(chosen) = chosen
        {
            opened.push((workspace.id, chosen));
        }
    }
    Some(NewInvitation {
        account: membership.account,
        email: email?,
        role,
        workspaces: opened,
    })
}

fn refusal(error: &DbError, new: &NewInvitation, account: &str) -> Option<(&'static str, String)> {
    let email = &new.email;
    let told = [
        (
            invitations::MEMBER_ALREADY,
            "email",
            format!("{email} is a member of {account} already."),
        ),
        (
            invitations::OPEN_ALREADY,
            "email",
            format!("{email} is invited already. Send that invitation again, or withdraw it."),
        ),
        (
            invitations::TOO_MANY_OPEN,
            "",
            format!(
                "{account} has {} open invitations, which is the most. Withdraw some first.",
                invitations::OPEN_MAX
            ),
        ),
        (
            invitations::TOO_MANY_SENT,
            "",
            format!(
                "{account} sent {} invitations in an hour, which is the most. Try again later.",
                invitations::HOURLY_MAX
            ),
        ),
    ];
    told.into_iter()
        .find(|(constraint, ..)| error.is_conflict_on(constraint))
        .map(|(_, field, said)| (field, said))
}

fn field_of(workspace: &WorkspaceAccess) -> String {
    format!("workspace-{}", workspace.slug)
}

fn again(
    person: &SignedIn,
    request: &HttpRequest,
    (console, form): (&Console, &Fields),
    errors: FormErrors,
) -> Result<HttpResponse, PageError> {
    let page = InvitePage::new(person, console, form, errors)?;
    Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(request))
}

impl InvitePage {
    fn new(
        person: &SignedIn,
        console: &Console,
        form: &Fields,
        errors: FormErrors,
    ) -> Result<Self, PageError> {
        let membership = person.membership()?;
        let offered = AccountRole::ALL.into_iter().rev();
        let workspaces = membership.workspaces.iter().take(WORKSPACES_MAX);
        Ok(Self {
            page: person.page_outside(Section::AccountMembers)?,
            errors,
            email: form.get("email").to_owned(),
            role: match form.get("role") {
                "" => AccountRole::Member.as_str().to_owned(),
                role => role.to_owned(),
            },
            choices: offered
                .filter(|role| membership.role.may_give(*role))
                .map(words::account_choice)
                .collect(),
            workspaces: workspaces
                .map(|workspace| WorkspaceChoice {
                    field: field_of(workspace),
                    name: workspace.name.clone(),
                    chosen: form.get(&field_of(workspace)).to_owned(),
                })
                .collect(),
            sends: console.parts.mailer.sends(),
        })
    }

    fn roles() -> [(&'static str, &'static str); 3] {
        WorkspaceRole::ALL.map(|role| (role.as_str(), words::in_workspace(role)))
    }
}
