//! Who asks: a signed-in person, alone or in one workspace of theirs.

mod place;

use std::future::Ready;
use std::future::ready;
use std::net::IpAddr;
use std::rc::Rc;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::Method;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::crypto::key_secret;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::error::SignedOut;
use crate::dashboard::flash::Flash;
use crate::dashboard::page;
use crate::dashboard::page::AccountLabel;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::page::WorkspaceLabel;
use crate::dashboard::session::Browser;
use crate::dashboard::session::store;
use crate::dashboard::support::visit::Visit;
use crate::dashboard::urls;
use crate::db::sessions::IdDigest;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::log_retention::KeptDays;
use crate::domain::viewer::Membership;
use crate::domain::viewer::Viewer;
use crate::domain::viewer::WorkspaceAccess;
use crate::http::client_ip;
use crate::http::request_id;

pub use crate::dashboard::signed_in::place::InWorkspace;
pub(super) use crate::dashboard::signed_in::place::in_workspace;

/// What is asked for again after this long: to create, rotate and export keys, to change roles and
/// policies. Never to disable or revoke: stopping a leak must not be slowed.
const RECENT_FOR: TimeDelta = TimeDelta::hours(2);
/// A page asks so much earlier, that its form can be filled in before it would be refused.
const FILLING_IN: TimeDelta = TimeDelta::minutes(20);

/// What opens for a person whose account asks for a second factor that they lack.
const OPEN_WITHOUT_FACTOR: [&str; 3] = [urls::SECOND_FACTOR, "/confirm-identity", "/sign-out"];

/// A signed-in person.
pub struct SignedIn {
    pub viewer: Viewer,
    pub session: IdDigest,
    confirmed_at: DateTime<Utc>,
    lacks_factor: bool,
    /// Of support staff, on the pages of the account that they look into.
    visit: Option<Rc<Visit>>,
    browser: Browser,
    ip: IpAddr,
    request: HttpRequest,
}

impl SignedIn {
    /// The person as their changes are recorded.
    pub fn actor(&self) -> Actor {
        let person = self.viewer.id;
        let kind = match &self.visit {
            Some(visit) => ActorKind::Support {
                person,
                because: visit.session.because(),
            },
            None => ActorKind::Person(person),
        };
        Actor {
            kind,
            label: self.viewer.email.clone(),
            ip: Some(self.ip),
            request_id: request_id::of(&self.request).map(|id| id.to_string()),
        }
    }

    /// The account the person signed in to. Staff may have none, and then there is nothing to see.
    pub fn membership(&self) -> Result<&Membership, PageError> {
        self.viewer.membership.as_ref().ok_or(PageError::NotFound)
    }

    /// For how long the calls of the account are kept.
    pub fn log_kept(&self) -> Result<KeptDays, PageError> {
        let all = Console::of(&self.request)?.parts.promises.log_kept;
        Ok(all.of_account(self.membership()?.log_days))
    }

    /// Where the plan's page is, for those who may see it.
    pub fn plan_url(&self) -> Option<String> {
        if let Some(visit) = &self.visit {
            return Some(visit.usage_url());
        }
        let membership = self.viewer.membership.as_ref();
        let role = membership.map(|membership| membership.role);
        role.filter(|role| role.may_see_plan())
            .map(|_| urls::PLAN_USAGE.to_owned())
    }

    /// That the person has proved who they are within two hours; else they are asked to, and come
    /// back to the page.
    pub fn require_recent(&self, request: &HttpRequest) -> Result<(), PageError> {
        let console = Console::of(request)?;
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let grace = if is_read {
            FILLING_IN
        } else {
            TimeDelta::zero()
        };
        if console.parts.clock.now() - self.confirmed_at < RECENT_FOR - grace {
            return Ok(());
        }
        Err(PageError::Unconfirmed(next_of(&console, request)))
    }

    /// The look into an account that the page belongs to.
    pub fn visit(&self) -> Option<&Visit> {
        self.visit.as_deref()
    }

    /// An account of theirs asks for a second factor, and they have none.
    pub fn lacks_factor(&self) -> bool {
        self.lacks_factor
    }

    /// Where the request comes from, as far as proxies can be believed.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// To be said on the next page.
    pub fn flash(&self, flash: &Flash) -> Result<(), PageError> {
        self.browser.set_flash(flash)
    }

    /// The frame of a page. It says what is to be said, and so must be shown.
    pub fn page(
        &self,
        section: Section,
        workspace: &WorkspaceAccess,
    ) -> Result<PageContext, PageError> {
        self.frame(section, Some(workspace))
    }

    /// The frame of a page outside the workspaces: it leads back to the first of them, if the
    /// person may open one.
    pub fn page_outside(&self, section: Section) -> Result<PageContext, PageError> {
        let membership = self.viewer.membership.as_ref();
        self.frame(section, membership.and_then(|one| one.workspaces.first()))
    }

    fn frame(
        &self,
        section: Section,
        workspace: Option<&WorkspaceAccess>,
    ) -> Result<PageContext, PageError> {
        let console = Console::of(&self.request)?;
        let now = console.parts.clock.now();
        let membership = self.viewer.membership.as_ref();
        let (account, labels) = self.visit.as_ref().map_or_else(
            || (account_label(membership), true),
            |visit| (visit.account_label(), false),
        );
        let label = |access: &WorkspaceAccess| WorkspaceLabel {
            slug: access.slug.clone(),
            name: access.name.clone(),
            current: workspace.is_some_and(|workspace| workspace.id == access.id),
            developers: access.developers,
            may_set: access.may_set(),
        };
        Ok(PageContext {
            assets: console.looks.assets.clone(),
            theme: console.looks.theme(&self.request),
            density: console.looks.density(&self.request),
            shortcuts: console.looks.shortcuts(&self.request),
            csrf: self.browser.csrf()?.unwrap_or_default(),
            flash: self.browser.take_flash(),
            zone: "UTC",
            request_id: request_id::of(&self.request).map_or_else(String::new, |id| id.to_string()),
            user: page::Viewer {
                name: self.viewer.name.clone(),
                email: self.viewer.email.clone(),
                staff: self.viewer.staff,
            },
            account,
            support: self.visit.as_ref().map(|visit| visit.band(now)),
            workspace: workspace.map(label).unwrap_or_default(),
            workspaces: membership
                .filter(|_| labels)
                .map(|membership| membership.workspaces.iter().map(label).collect())
                .unwrap_or_default(),
            section,
        })
    }
}

fn account_label(membership: Option<&Membership>) -> AccountLabel {
    membership.map_or_else(AccountLabel::default, |membership| AccountLabel {
        name: membership.account_name.clone(),
        domain: membership.account_domain.clone(),
        role: Some(membership.role),
    })
}

impl FromRequest for SignedIn {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(signed_in(request))
    }
}

pub(super) fn signed_in(request: &HttpRequest) -> Result<SignedIn, PageError> {
    let browser = Browser::of(request);
    let found = (browser.viewer()?, browser.id()?, browser.confirmed_at()?);
    let (Some(mut viewer), Some(session), Some(confirmed_at)) = found else {
        return Err(PageError::signed_out(request)?);
    };
    let lacks_factor = browser.lacks_factor()?;
    let opens = OPEN_WITHOUT_FACTOR
        .iter()
        .any(|path| request.path().starts_with(path));
    if lacks_factor && !opens {
        return Err(PageError::FactorMissing);
    }
    let visit = Visit::of(request);
    if let Some(visit) = &visit {
        viewer.membership = Some(visit.membership());
    }
    Ok(SignedIn {
        viewer,
        session,
        confirmed_at,
        lacks_factor,
        visit,
        browser,
        ip: client_ip::of(request).0,
        request: request.clone(),
    })
}

impl PageError {
    /// To sign-in, and from there back to the page; after a form, to the page that it was on.
    pub(super) fn signed_out(request: &HttpRequest) -> Result<Self, Self> {
        let console = Console::of(request)?;
        let next = next_of(&console, request);
        let cookie = console.site.cookie_name(store::COOKIE);
        Ok(Self::SignedOut(SignedOut {
            next,
            ended: request.cookie(&cookie).is_some(),
        }))
    }
}

/// Where to go on later: the page itself; after a form, the page that it was on.
pub(super) fn next_of(console: &Console, request: &HttpRequest) -> String {
    // A download has no page of its own to come back to.
    let is_download = request
        .path()
        .rsplit_once('.')
        .is_some_and(|(_, kind)| matches!(kind, "csv" | "jsonl"));
    match *request.method() {
        Method::GET | Method::HEAD if !is_download => request
            .uri()
            .path_and_query()
            .map(ToString::to_string)
            // Not on to another address, nor into the history of whoever signs in next.
            .filter(|next| !holds_secret(console, next))
            .unwrap_or_else(|| request.path().to_owned()),
        _ => console
            .site
            .path_of_page(request)
            .unwrap_or_else(|| "/".to_owned()),
    }
}

pub(super) fn holds_secret(console: &Console, text: &str) -> bool {
    key_secret::secret_within(&console.parts.key_prefix, text).is_some()
}
