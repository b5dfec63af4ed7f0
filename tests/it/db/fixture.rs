//! An account with two workspaces and a person, and keys made in it by the query under test.

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Integer;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::db::DbError;
use latchkey::db::api_keys;
use latchkey::db::api_keys::NewApiKey;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::actor::Actor;
use latchkey::domain::actor::ActorKind;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::grant::Grant;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::limit::KeyLimits;
use latchkey::domain::network::Network;
use latchkey::domain::random::OsRandom;
use uuid::Uuid;

use crate::support::db::TestDb;
use crate::support::rows::every_row;
use crate::support::rows::number;

pub struct Fixture {
    pub conn: PgConnection,
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub other_workspace: WorkspaceId,
    pub person: Uuid,
    pub db: TestDb,
}

#[derive(diesel::QueryableByName)]
struct Id {
    #[diesel(sql_type = Integer)]
    id: i32,
}

pub fn now() -> DateTime<Utc> {
    "2026-11-21T09:41:07.112Z".parse().unwrap()
}

pub fn pepper() -> Pepper {
    Pepper::new(&[7; 32]).unwrap()
}

impl Fixture {
    pub fn new() -> Self {
        let db = TestDb::new();
        let mut conn = db.connection();
        let person = Uuid::new_v4();
        let mut fixture_id = |sql: &str| {
            diesel::sql_query(sql)
                .get_result::<Id>(&mut conn)
                .unwrap()
                .id
        };
        let account = fixture_id(
            "insert into accounts (public_id, domain, customer_id, name, plan, created_at)
             values ('a', 'acme', 'acme', 'Acme', 'standard', now()) returning id",
        );
        let mut workspace = |slug: &str| {
            fixture_id(&format!(
                "insert into workspaces (account_id, public_id, slug, name, created_at)
                 values ({account}, '{slug}', '{slug}', '{slug}', now()) returning id"
            ))
        };
        let (first, second) = (workspace("default"), workspace("staging"));
        diesel::sql_query(format!(
            "insert into users (id, email, email_folded, name, created_at)
             values ('{person}', 'ada@acme.example', 'ada@acme.example', 'Ada', now())"
        ))
        .execute(&mut conn)
        .unwrap();
        diesel::sql_query(format!(
            "insert into memberships (account_id, user_id, role, created_at)
             values ({account}, '{person}', 'owner', now())"
        ))
        .execute(&mut conn)
        .unwrap();
        Self {
            conn,
            account: AccountId(account),
            workspace: WorkspaceId(first),
            other_workspace: WorkspaceId(second),
            person,
            db,
        }
    }

    pub fn actor(&self) -> Actor {
        Actor {
            kind: ActorKind::Person(self.person),
            label: "ada@acme.example".to_owned(),
            ip: None,
            request_id: None,
        }
    }

    /// A key that is not in the database yet, and its secret.
    pub fn draft(&self, name: &str) -> (NewApiKey, PlainKey) {
        let prefix = KeyPrefix::parse("lk").unwrap();
        let id = ApiKeyId::generate(&OsRandom).unwrap();
        let plain = PlainKey::generate(&prefix, id, &OsRandom).unwrap();
        let new = NewApiKey {
            account_id: self.account,
            workspace_id: self.workspace,
            id,
            name: name.parse().unwrap(),
            category: "production".to_owned(),
            note: String::new(),
            grant: Grant::preset("full", 1),
            limits: KeyLimits::default(),
            network: Network::default(),
            created_by: self.person,
            expires_at: None,
            operation: Uuid::new_v4(),
            digest: pepper().digest(plain.expose()),
            last_four: plain.last_four(),
        };
        (new, plain)
    }

    pub fn insert(&mut self, new: &NewApiKey) -> Result<(), DbError> {
        let actor = self.actor();
        api_keys::insert(&mut self.conn, &actor, now(), new).map(|_seq| ())
    }

    /// A key in the database.
    pub fn key(&mut self, name: &str) -> ApiKeyId {
        let (new, _) = self.draft(name);
        self.insert(&new).unwrap();
        new.id
    }

    pub fn url(&self) -> String {
        self.db.url()
    }

    pub fn connect(&self) -> PgConnection {
        self.db.connection()
    }

    pub fn execute(&mut self, sql: &str) {
        self.conn.batch_execute(sql).unwrap();
    }

    pub fn number(&self, sql: &str) -> i64 {
        number(&self.db, sql)
    }

    pub fn dump(&mut self) -> String {
        every_row(&mut self.conn)
    }
}
