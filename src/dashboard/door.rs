//! Who gets through to an address: judged before its handler, by the right that the URL table
//! names (`dashboard::url_table`).

use std::rc::Rc;

use actix_web::HttpRequest;
use actix_web::http::Method;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::signed_in;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::visit;
use crate::dashboard::support::visit::Visit;
use crate::db::memberships;
use crate::domain::account::AccountId;
use crate::domain::right::Right;

/// People named to whom one may turn; more are no help.
const NAMED_MAX: i64 = 3;

/// What it takes to open an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Nothing.
    Anybody,
    /// A session.
    SignedIn,
    /// The right, in the workspace of the address. A developer's may reach to own keys only, which
    /// the handler judges when it has the key.
    Workspace(Right),
    /// The right, in the account that the person signed in to.
    Account(Right),
    /// The right, at the operator's.
    Staff(Right),
    /// The right, at the operator's, and a look into the account of the address that is open.
    Support(Right),
}

/// Where somebody is who got through.
pub(super) enum Entered {
    Anywhere,
    Account(AccountId),
    Visit(Rc<Visit>),
}

impl Door {
    pub(super) async fn check(self, request: &HttpRequest) -> Result<Entered, PageError> {
        match self {
            Self::Anybody => Ok(Entered::Anywhere),
            Self::SignedIn => signed_in::signed_in(request).map(|_| Entered::Anywhere),
            Self::Workspace(right) => in_workspace(request, right).await.map(Entered::Account),
            Self::Account(right) => in_account(request, right).await.map(Entered::Account),
            Self::Staff(right) => at_operator(request, right).map(|()| Entered::Anywhere),
            Self::Support(right) => {
                at_operator(request, right)?;
                visit::enter(request).await.map(Entered::Visit)
            }
        }
    }
}

async fn in_workspace(request: &HttpRequest, right: Right) -> Result<AccountId, PageError> {
    let place = signed_in::in_workspace(request)?;
    let workspace = &place.workspace;
    if right.is_developers() && !workspace.developers {
        return Err(developers_off(request, &place).await?);
    }
    if workspace.role.may(right) {
        return Ok(place.account);
    }
    Err(PageError::Forbidden(format!(
        "{} in {} takes the role {} there. {}",
        right.doing(),
        workspace.name,
        right.roles(),
        whom_to_ask(request, &place.person).await?
    )))
}

/// Its keys work all the same; those who can switch it on are shown where.
async fn developers_off(
    request: &HttpRequest,
    place: &InWorkspace,
) -> Result<PageError, PageError> {
    let name = &place.workspace.name;
    let whom = if place.workspace.may_set() {
        "You can switch it on under Settings, Features.".to_owned()
    } else {
        whom_to_ask(request, &place.person).await?
    };
    Ok(PageError::Forbidden(format!(
        "Developers is off for {name}. Its keys keep working. {whom}"
    )))
}

async fn in_account(request: &HttpRequest, right: Right) -> Result<AccountId, PageError> {
    let person = signed_in::signed_in(request)?;
    let membership = person.membership()?;
    if membership.role.may(right) {
        return Ok(membership.account);
    }
    Err(PageError::Forbidden(format!(
        "{} takes the role {} of {}. {}",
        right.doing(),
        right.roles(),
        membership.account_name,
        whom_to_ask(request, &person).await?
    )))
}

/// Those who are no staff find nothing here, and staff only what they may read.
fn at_operator(request: &HttpRequest, right: Right) -> Result<(), PageError> {
    let person = signed_in::signed_in(request)?;
    let role = person.viewer.staff.ok_or(PageError::NotFound)?;
    if role.may(right) {
        return Ok(());
    }
    match *request.method() {
        Method::GET | Method::HEAD => Err(PageError::NotFound),
        _ => Err(PageError::Forbidden(format!(
            "Support staff read; this takes the role {}.",
            right.roles()
        ))),
    }
}

/// Who can give a role: the owners and admins of the account, by name.
async fn whom_to_ask(request: &HttpRequest, person: &SignedIn) -> Result<String, PageError> {
    let account = person.membership()?.account;
    let db = Console::of(request)?.parts.db.clone();
    let managers = db
        .run(move |conn| memberships::managers(conn, account, NAMED_MAX))
        .await?;
    let names: Vec<String> = managers
        .iter()
        .map(|(name, email)| format!("{name} ({email})"))
        .collect();
    Ok(format!("Ask {}.", names.join(" or ")))
}
