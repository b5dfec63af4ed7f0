//! The support desk: what is found, how an account opens, what its owners see of it.

mod emergency;
mod explained;
mod owners;
mod pages;
mod read_only;
mod search;
mod sessions;
mod usage;

use latchkey::domain::role::StaffRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::operator::staff;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows::text;

/// An account with a key that was called, and somebody of support.
struct Desk {
    house: House,
    key: NewKey,
    /// Of the refused call.
    request: String,
    account: String,
    support: Caller,
}

const ADDRESS: &str = "203.0.113.77";

impl Desk {
    async fn new() -> Self {
        Self::with(StaffRole::Support).await
    }

    async fn with(role: StaffRole) -> Self {
        let house = House::new().await;
        let key = create(&house.owner, "Blog ingest").await;
        house.log(
            key.id,
            &[
                (60, "POST /v1/documents", 401, ADDRESS),
                (120, "GET /v1/documents", 200, ADDRESS),
            ],
        );
        house.execute(&format!(
            "update api_keys set first_used_at = '2026-11-21 09:39', last_used_at =
                 '2026-11-21 09:40', last_used_ip = '{ADDRESS}'"
        ));
        let db = &house.app.db;
        let request = "select request_id as line from request_log where status = 401";
        let request = text(db, request);
        let account = "select public_id as line from accounts where domain = 'acme'";
        let account = text(db, account);
        let support = staff(&house.app, role).await;
        Self {
            house,
            key,
            request,
            account,
            support,
        }
    }

    fn url(&self) -> String {
        format!("/support/accounts/{}", self.account)
    }

    fn key_url(&self) -> String {
        format!("{}/w/default/developers/keys/{}", self.url(), self.key.id)
    }

    fn request_url(&self) -> String {
        let url = self.url();
        format!("{url}/w/default/developers/logs/{}", self.request)
    }

    /// Every page of the account.
    fn pages(&self) -> Vec<String> {
        let (url, key) = (self.url(), self.key_url());
        let developers = format!("{url}/w/default/developers");
        vec![
            url.clone(),
            format!("{url}/logs?range=24h"),
            format!("{url}/usage"),
            format!("{developers}/usage"),
            format!("{developers}/keys"),
            format!("{developers}/logs?range=24h"),
            format!("{key}/explain?method=GET&path=%2Fv1%2Fdocuments"),
            self.request_url(),
            key,
        ]
    }

    async fn find(&self, typed: &str) -> Page {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("q", typed)
            .finish();
        self.support.get(&format!("/support?{query}")).await
    }

    /// With a ticket and a reason, as the form has them.
    async fn open(&self) -> Page {
        let path = format!("{}/open", self.url());
        let fields = [("ticket", "4521"), ("reason", "refusals"), ("note", "")];
        self.support.submit(&path, &fields).await
    }

    /// A form of the band.
    async fn press(&self, action: &str) -> Page {
        let page = self.support.get(&self.url()).await;
        let action = format!("{}/{action}", self.url());
        let csrf = page.attribute(".support-band input[name=csrf]", "value");
        self.support.post(&action, &[("csrf", &csrf)]).await
    }

    /// How many rows of these actions the account's log has.
    fn noted(&self, action: &str) -> i64 {
        self.house.number(&format!(
            "select count(*) from audit_log l join accounts a on a.id = l.account_id
             where a.domain = 'acme' and l.action = '{action}' and l.actor_kind = 'support'
                 and l.reason like 'Ticket 4521: Calls are refused%'"
        ))
    }
}
