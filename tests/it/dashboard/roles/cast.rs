//! One person of each role, signed in.

use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use latchkey::db::accounts::Created;
use latchkey::db::schema::users;
use latchkey::domain::person::UserId;
use latchkey::domain::role::AccountRole;
use latchkey::domain::role::StaffRole;
use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::roles::Whose;
use crate::dashboard::roles::subject::Subject;
use crate::support::callers::Caller;

pub struct Person {
    pub name: &'static str,
    domain: &'static str,
    email: String,
    pub id: Option<UserId>,
    pub account: Option<AccountRole>,
    pub workspace: Option<WorkspaceRole>,
    pub staff: Option<StaffRole>,
    /// Of the account that is asked about.
    pub at_home: bool,
    pub caller: Caller,
    pub csrf: Option<String>,
}

pub struct Cast {
    pub house: House,
    pub people: Vec<Person>,
    globex: Created,
}

impl Cast {
    pub async fn assemble() -> Self {
        let house = House::new().await;
        let account = house.acme.account;
        let globex = house.app.account("globex");
        house.execute(&format!(
            "update workspaces set slug = 'theirs' where id = {}",
            globex.workspace.0
        ));
        let mut cast = Self {
            house,
            people: Vec::new(),
            globex,
        };
        cast.add("nobody", "", "", (None, None, None)).await;
        let owner = (Some(AccountRole::Owner), Some(WorkspaceRole::Admin), None);
        cast.add("owner", "acme", "owner@acme.example", owner).await;
        let admin = cast.member("admin@acme.example", WorkspaceRole::Viewer);
        cast.set_role(admin, AccountRole::Admin);
        let admin = (Some(AccountRole::Admin), Some(WorkspaceRole::Admin), None);
        cast.add("admin", "acme", "admin@acme.example", admin).await;
        for (name, email, role) in [
            ("workspace admin", "wa@acme.example", WorkspaceRole::Admin),
            ("developer", "dev@acme.example", WorkspaceRole::Developer),
            ("viewer", "viewer@acme.example", WorkspaceRole::Viewer),
        ] {
            cast.member(email, role);
            let roles = (Some(AccountRole::Member), Some(role), None);
            cast.add(name, "acme", email, roles).await;
        }
        let staging = cast.house.app.workspace(account, "staging");
        let email = "elsewhere@acme.example";
        let app = &cast.house.app;
        app.member(account, staging, email, WorkspaceRole::Admin);
        let member = (Some(AccountRole::Member), None, None);
        cast.add("admin of another workspace", "acme", email, member)
            .await;
        for role in StaffRole::ALL {
            let email = format!("{}@ops.example", role.as_str());
            cast.house.app.staff(&email, role);
            cast.add(role.as_str(), "staff", &email, (None, None, Some(role)))
                .await;
        }
        let stranger = (Some(AccountRole::Owner), None, None);
        cast.add("stranger", "globex", "owner@globex.example", stranger)
            .await;
        cast
    }

    fn member(&self, email: &str, role: WorkspaceRole) -> UserId {
        let acme = &self.house.acme;
        self.house
            .app
            .member(acme.account, acme.workspace, email, role)
    }

    fn set_role(&self, user: UserId, role: AccountRole) {
        self.house.execute(&format!(
            "update memberships set role = '{}' where user_id = '{user}'",
            role.as_str()
        ));
    }

    async fn add(
        &mut self,
        name: &'static str,
        domain: &'static str,
        email: &str,
        (account, workspace, staff): (
            Option<AccountRole>,
            Option<WorkspaceRole>,
            Option<StaffRole>,
        ),
    ) {
        let caller = self.house.app.visitor();
        let mut person = Person {
            name,
            domain,
            email: email.to_owned(),
            id: user(&self.house, email),
            account,
            workspace,
            staff,
            at_home: domain == "acme",
            caller,
            csrf: None,
        };
        person.sign_in().await;
        self.people.push(person);
    }

    /// After a form that was sent for good: what it put away is brought back, and whoever ended
    /// their own session is signed in again.
    pub async fn recover(&mut self, index: usize) {
        self.house
            .execute("update workspaces set archived_at = null where archived_at is not null");
        let person = &mut self.people[index];
        if person.csrf.is_none() || person.token().await.is_some() {
            return;
        }
        person.sign_in().await;
    }

    /// Something for `person` to ask about; a new key each time, where a key is asked about.
    pub fn subject(&self, path: &str, whose: Whose, person: usize) -> Subject {
        let acme = &self.house.acme;
        let asker = self.people[person].id;
        let owner = match whose {
            Whose::Own => asker.unwrap_or(acme.owner),
            Whose::Colleagues if asker == Some(acme.owner) => self.people[2].id.unwrap(),
            _ => acme.owner,
        };
        let at_home = (acme.account, acme.workspace);
        let theirs = (self.globex.account, self.globex.workspace);
        let of_theirs = self.people[person].domain == "globex";
        match whose {
            Whose::Own | Whose::Colleagues => {
                let home = if of_theirs { theirs } else { at_home };
                Subject::new(&self.house, path, (at_home, owner), home)
            }
            Whose::Foreign => {
                let foreign = if of_theirs { at_home } else { theirs };
                let key = (theirs, self.globex.owner);
                Subject::new(&self.house, path, key, foreign).theirs()
            }
            Whose::Unknown => Subject::unknown(),
        }
    }
}

impl Person {
    async fn sign_in(&mut self) {
        if self.domain.is_empty() {
            return;
        }
        self.caller.sign_in(self.domain, &self.email).await;
        self.csrf = self.token().await;
    }

    /// The token of this session's forms, from a page that the person may open.
    async fn token(&self) -> Option<String> {
        let mut page = self.caller.get("/").await;
        if page.status == 303 {
            page = self.caller.get(page.location()).await;
        }
        page.values("form[action='/sign-out'] input[name=csrf]")
            .into_iter()
            .next()
    }
}

fn user(house: &House, email: &str) -> Option<UserId> {
    users::table
        .filter(users::email.eq(email))
        .select(users::id)
        .first(&mut house.conn())
        .optional()
        .unwrap()
}
