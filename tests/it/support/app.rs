//! The console as it runs, on port 0, on a database of its own, at a time that the test sets.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use latchkey::config::MailConfig;
use latchkey::config::OidcConfig;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::password::PasswordHasher;
use latchkey::dashboard::console::Addresses;
use latchkey::dashboard::console::Console;
use latchkey::dashboard::console::Parts;
use latchkey::dashboard::console::Promises;
use latchkey::db::accounts;
use latchkey::db::accounts::Created;
use latchkey::db::accounts::NewAccount;
use latchkey::db::memberships;
use latchkey::db::one_time_links;
use latchkey::db::one_time_links::Purpose;
use latchkey::db::users;
use latchkey::db::users::NewPerson;
use latchkey::db::workspaces;
use latchkey::db::workspaces::NewWorkspace;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::actor::Actor;
use latchkey::domain::clock::Clock;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::log_retention::KeptDays;
use latchkey::domain::person::UserId;
use latchkey::domain::random::OsRandom;
use latchkey::domain::role::AccountRole;
use latchkey::domain::role::StaffRole;
use latchkey::domain::role::WorkspaceRole;
use latchkey::http::client_ip::TrustedProxies;
use latchkey::mail::Mailer;
use latchkey::oidc::Providers;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use crate::support::callers::Caller;
use crate::support::clock::TestClock;
use crate::support::db::TestDb;

/// Everybody's.
pub const PASSWORD: &str = "a horse in the correct battery";

pub struct TestApp {
    pub address: SocketAddr,
    pub clock: TestClock,
    pub db: TestDb,
    passwords: PasswordHasher,
    server: ServerHandle,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The order is given at once; nobody needs to wait for its end.
        drop(self.server.stop(false));
    }
}

impl TestApp {
    /// Over plain http, as on the machine of a developer.
    pub fn spawn() -> Self {
        Self::spawn_at(None)
    }

    /// Behind a proxy that speaks https for `public_url`.
    pub fn spawn_at(public_url: Option<&str>) -> Self {
        Self::spawn_with(public_url, &MailConfig::default())
    }

    /// With letters that go where `mail` says, as `SmtpSink::config`.
    pub fn spawn_with(public_url: Option<&str>, mail: &MailConfig) -> Self {
        Self::spawn_as(public_url, (mail, &OidcConfig::default()))
    }

    /// With sign-ins at other companies.
    pub fn spawn_with_providers(oidc: &OidcConfig) -> Self {
        Self::spawn_as(None, (&MailConfig::default(), oidc))
    }

    fn spawn_as(public_url: Option<&str>, (mail, oidc): (&MailConfig, &OidcConfig)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let public_url = public_url.map_or_else(|| format!("http://{address}"), str::to_owned);
        let clock = TestClock::at("2026-11-21T09:41:00Z");
        let db = TestDb::new();
        let random = OsRandom::shared();
        let passwords = PasswordHasher::new(Arc::clone(&random)).unwrap();
        let (mailer, mail_worker) = Mailer::new(mail).unwrap();
        tokio::spawn(mail_worker.run(CancellationToken::new()));
        let console = Console::new(Parts {
            mailer,
            db: db.db(),
            clock: Arc::new(clock.clone()),
            random,
            passwords: passwords.clone(),
            pepper: Pepper::new(&[7; 32]).unwrap(),
            key_prefix: KeyPrefix::default(),
            providers: Providers::new(
                oidc,
                &public_url.parse().unwrap(),
                &(Arc::new(clock.clone()) as SharedClock),
            )
            .unwrap(),
            public_url: public_url.parse().unwrap(),
            secret_key: "a secret key of a test, long enough".to_owned().into(),
            trusted_proxies: TrustedProxies::new(vec!["127.0.0.1/32".parse().unwrap()]),
            addresses: Addresses {
                api: "http://127.0.0.1:8081".to_owned(),
                gateway: Some("http://127.0.0.1:8082".to_owned()),
            },
            promises: Promises {
                revoked_within: Duration::from_secs(2),
                log_kept: KeptDays::of_installation(90),
            },
        })
        .unwrap();
        let server = HttpServer::new(move || console.app())
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            address,
            clock,
            db,
            passwords,
            server: handle,
        }
    }

    /// Somebody with an empty browser.
    pub fn visitor(&self) -> Caller {
        Caller::new(self.address)
    }

    /// The owner of `domain`, whose account is made for it, in a browser of theirs.
    pub async fn owner(&self, domain: &str) -> Caller {
        self.account(domain);
        let caller = self.visitor();
        caller.sign_in(domain, &owner_of(domain)).await;
        caller
    }

    /// An account with its Default workspace and `owner@domain.example`.
    pub fn account(&self, domain: &str) -> Created {
        let new = NewAccount {
            domain: domain.parse().unwrap(),
            name: format!("{domain} Ltd"),
            customer_id: None,
            plan: None,
            owner: self.person(&owner_of(domain)),
        };
        let mut conn = self.db.connection();
        accounts::create(&mut conn, &actor(), self.clock.now(), &OsRandom, &new).unwrap()
    }

    pub fn workspace(&self, account: AccountId, slug: &str) -> WorkspaceId {
        let new = NewWorkspace {
            account,
            slug: slug.to_owned(),
            name: slug.to_owned(),
        };
        let mut conn = self.db.connection();
        workspaces::create(&mut conn, &actor(), self.clock.now(), &OsRandom, &new).unwrap()
    }

    /// A member with a role in one workspace and none elsewhere.
    pub fn member(
        &self,
        account: AccountId,
        workspace: WorkspaceId,
        email: &str,
        role: WorkspaceRole,
    ) -> UserId {
        let (mut conn, now) = (self.db.connection(), self.clock.now());
        let new = self.person(email);
        let user = users::find_or_create(&mut conn, &actor(), now, &OsRandom, &new)
            .unwrap()
            .id;
        let member = (account, user);
        memberships::add(&mut conn, &actor(), now, member, AccountRole::Member).unwrap();
        let member = (account, workspace, user);
        memberships::add_to_workspace(&mut conn, &actor(), now, member, role).unwrap();
        user
    }

    pub fn staff(&self, email: &str, role: StaffRole) -> UserId {
        let mut conn = self.db.connection();
        let new = self.person(email);
        let now = self.clock.now();
        users::create_staff(&mut conn, &actor(), now, &OsRandom, (&new, role)).unwrap()
    }

    /// The token of a new link.
    pub fn link(&self, purpose: Purpose) -> String {
        let mut conn = self.db.connection();
        let now = self.clock.now();
        one_time_links::create(&mut conn, &actor(), now, &OsRandom, purpose)
            .unwrap()
            .expose_secret()
            .to_owned()
    }

    fn person(&self, email: &str) -> NewPerson {
        let password = PASSWORD.to_owned().into();
        NewPerson {
            email: email.parse().unwrap(),
            name: "Ada Byron".to_owned(),
            password_hash: Some(self.passwords.hash_blocking(&password).unwrap()),
        }
    }
}

pub fn owner_of(domain: &str) -> String {
    format!("owner@{domain}.example")
}

fn actor() -> Actor {
    Actor::system("test")
}
