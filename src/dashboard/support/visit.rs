//! One request of support staff within a look that is open: what it may see, and the row that it
//! leaves in the account's own log.

use std::rc::Rc;

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::AccountLabel;
use crate::dashboard::signed_in;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::support::pages;
use crate::dashboard::urls;
use crate::db::DbError;
use crate::db::accounts;
use crate::db::accounts::OperatedAccount;
use crate::db::support_sessions;
use crate::db::support_sessions::OVER;
use crate::db::support_sessions::SessionState;
use crate::db::support_sessions::SupportSession;
use crate::db::support_sessions::Viewed;
use crate::db::tenant;
use crate::db::workspaces;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::right::Right;
use crate::domain::role::AccountRole;
use crate::domain::role::StaffRole;
use crate::domain::support::Sight;
use crate::domain::viewer::Membership;
use crate::domain::viewer::WorkspaceAccess;

/// Longest id of an account that is looked for.
const ID_BYTES_MAX: usize = 64;

#[derive(Debug, Clone)]
pub struct Visit {
    pub account: AccountId,
    /// As addresses name it.
    pub account_id: String,
    pub account_name: String,
    pub account_domain: String,
    pub session: SupportSession,
    /// For how long its calls are kept, if not as long as the installation's are.
    log_days: Option<u16>,
    /// The one that the address names, in the lowest of roles.
    pub workspace: Option<WorkspaceAccess>,
    staff: StaffRole,
}

/// What stands above every page of the look.
#[derive(Clone, Debug)]
pub struct Band {
    pub account: String,
    pub url: String,
    pub workspace_root: Option<String>,
    pub ticket: String,
    pub ends: Moment,
    pub addresses_shown: bool,
}

impl Band {
    /// "24 minutes left"
    pub fn left(&self) -> String {
        let words = self.ends.relative();
        words.strip_prefix("in ").unwrap_or("no time").to_owned() + " left"
    }

    /// "10:12"
    pub fn clock(&self) -> String {
        let at = self.ends.at();
        at.rsplit(' ').next().unwrap_or_default().to_owned()
    }
}

/// The account of the address. `NotFound` for what cannot name one.
pub fn account_in(request: &HttpRequest) -> Result<String, PageError> {
    let id = request.match_info().query("a");
    if id.len() > ID_BYTES_MAX || !id.is_ascii() || id.contains('\0') {
        return Err(PageError::NotFound);
    }
    Ok(id.to_owned())
}

/// Lets somebody of support in whose look is open; else they are to say why they look.
pub async fn enter(request: &HttpRequest) -> Result<Rc<Visit>, PageError> {
    let person = signed_in::signed_in(request)?;
    let staff = person.viewer.staff.ok_or(PageError::NotFound)?;
    let console = Console::of(request)?;
    let (user, now) = (person.viewer.id, console.parts.clock.now());
    let id = account_in(request)?;
    let slug = request.match_info().query("w").to_owned();
    let (account, session, workspace) = console
        .parts
        .db
        .run(move |conn| {
            let account = accounts::find(conn, &id)?;
            let of = AccountId(account.id);
            let session = support_sessions::live(conn, (of, user), now)?;
            let open = session.filter(|session| session.state(now) == SessionState::Open);
            let workspace = match slug.as_str() {
                "" => None,
                slug if open.is_some() => Some(workspaces::find_by_slug(conn, of, slug)?),
                _ => None,
            };
            Ok((account, open, workspace))
        })
        .await?;
    let Some(session) = session else {
        let next = signed_in::next_of(&console, request);
        let url = urls::support_open(&account.public_id, &next);
        return Err(PageError::NoVisit(url));
    };
    let visit = Rc::new(Visit::new(account, session, (workspace, staff)));
    request.extensions_mut().insert(Rc::clone(&visit));
    Ok(visit)
}

/// Reads as the role that can change nothing; what is posted goes the way of every change. No page
/// leaves before its row is written.
pub async fn look<B: MessageBody + 'static>(
    visit: &Rc<Visit>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return tenant::scope(Some(visit.account), next.call(request)).await;
    }
    let mut response = tenant::looking(visit.account, next.call(request)).await?;
    let shows =
        response.status().is_success() || response.status() == StatusCode::UNPROCESSABLE_ENTITY;
    if shows {
        visit.note_view(response.request()).await?;
        let uncached = HeaderValue::from_static("no-store, private");
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, uncached);
    }
    Ok(response)
}

impl Visit {
    fn new(
        account: OperatedAccount,
        session: SupportSession,
        (workspace, staff): (Option<WorkspaceAccess>, StaffRole),
    ) -> Self {
        Self {
            account: AccountId(account.id),
            account_id: account.public_id,
            account_name: account.name,
            account_domain: account.domain,
            session,
            log_days: account
                .log_retention_days
                .and_then(|days| days.try_into().ok()),
            workspace,
            staff,
        }
    }

    /// The one that the page of `request` belongs to.
    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    pub fn url(&self) -> String {
        urls::support_account(&self.account_id)
    }

    /// Where another look begins, and from there on to `next`.
    pub fn open_url(&self, next: &str) -> String {
        urls::support_open(&self.account_id, next)
    }

    pub fn logs_url(&self) -> String {
        format!("{}/logs", self.url())
    }

    pub fn usage_url(&self) -> String {
        format!("{}/usage", self.url())
    }

    pub fn workspace_root(&self, slug: &str) -> String {
        format!("{}/w/{slug}", self.url())
    }

    /// How much of callers' addresses is shown.
    pub fn sight(&self) -> Sight {
        match self.session.addresses_shown_at {
            Some(_) => Sight::Whole,
            None => Sight::Masked,
        }
    }

    /// Whether this person may disable a key in an emergency.
    pub fn may_disable(&self) -> bool {
        self.staff.may(Right::DisableInEmergency)
    }

    /// For the handlers of members: one who belongs there and may do nothing.
    pub fn membership(&self) -> Membership {
        Membership {
            account: self.account,
            account_domain: self.account_domain.clone(),
            account_name: self.account_name.clone(),
            role: AccountRole::Member,
            log_days: self.log_days,
            workspaces: Vec::new(),
        }
    }

    pub fn account_label(&self) -> AccountLabel {
        AccountLabel {
            name: self.account_name.clone(),
            domain: self.account_domain.clone(),
            role: None,
        }
    }

    pub fn band(&self, now: DateTime<Utc>) -> Band {
        let workspace = self.workspace.as_ref();
        Band {
            account: self.account_name.clone(),
            url: self.url(),
            workspace_root: workspace.map(|workspace| self.workspace_root(&workspace.slug)),
            ticket: self.session.ticket.clone(),
            ends: Moment::new(self.session.ends_at.unwrap_or(now), now),
            addresses_shown: self.session.addresses_shown_at.is_some(),
        }
    }

    /// What the page is about, by its address.
    fn viewed(&self, request: &HttpRequest) -> Viewed {
        let Some(workspace) = &self.workspace else {
            return Viewed::Account;
        };
        let named = |name| request.match_info().get(name);
        if let Some(key) = named("k").and_then(|key| key.parse().ok()) {
            Viewed::Key(workspace.id, key)
        } else if let Some(id) = named("r") {
            Viewed::Request(workspace.id, id.to_owned())
        } else {
            Viewed::Workspace(workspace.id, workspace.slug.clone(), workspace.name.clone())
        }
    }

    async fn note_view(&self, request: &HttpRequest) -> Result<(), PageError> {
        let console = Console::of(request)?;
        let actor: Actor = signed_in::signed_in(request)?.actor();
        let (session, now) = (self.session.clone(), console.parts.clock.now());
        let viewed = self.viewed(request);
        let page = pages::name_of(request.match_pattern().as_deref().unwrap_or_default());
        let noted = console
            .parts
            .db
            .run(move |conn| {
                support_sessions::note_view(conn, &actor, now, &session, (page, &viewed))
            })
            .await;
        match noted {
            Err(error) if error.is_conflict_on(OVER) => {
                let next = signed_in::next_of(&console, request);
                Err(PageError::NoVisit(self.open_url(&next)))
            }
            // The key was deleted while its page was made.
            Err(DbError::NotFound) => Err(PageError::NotFound),
            noted => Ok(noted?),
        }
    }
}

/// Somebody of support as their changes are recorded, with the reason in words.
pub fn actor(person: &SignedIn, because: String) -> Actor {
    Actor {
        kind: ActorKind::Support {
            person: person.viewer.id,
            because,
        },
        ..person.actor()
    }
}
