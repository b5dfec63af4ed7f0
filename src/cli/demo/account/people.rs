//! The account, its workspaces and its people.

use std::net::IpAddr;
use std::net::Ipv4Addr;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;
use secrecy::SecretString;

use crate::cli::demo::account::Making;
use crate::cli::demo::account::plan;
use crate::cli::demo::cast::COMPANY;
use crate::cli::demo::cast::DOMAIN;
use crate::cli::demo::cast::Person;
use crate::cli::demo::cast::STAGING;
use crate::db::accounts;
use crate::db::accounts::NewAccount;
use crate::db::memberships;
use crate::db::users;
use crate::db::users::NewPerson;
use crate::db::workspaces;
use crate::db::workspaces::NewWorkspace;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::StaffRole;
use crate::domain::role::WorkspaceRole;

pub struct People {
    pub account: AccountId,
    pub default: WorkspaceId,
    pub staging: WorkspaceId,
    pub owner: UserId,
    pub admin: UserId,
}

pub fn create(
    conn: &mut PgConnection,
    making: &Making<'_>,
    at: DateTime<Utc>,
) -> anyhow::Result<People> {
    let actor = Actor::system("demo");
    let random = making.random;
    plan::create(conn, &actor, making)?;
    let new = NewAccount {
        domain: DOMAIN.parse()?,
        name: COMPANY.to_owned(),
        customer_id: None,
        plan: Some(plan::PLAN.to_owned()),
        owner: person(making, Person::Owner)?,
    };
    let made = accounts::create(conn, &actor, at, random, &new)?;
    let account = made.account;
    let later = at + TimeDelta::days(2);
    let staging = NewWorkspace {
        account,
        slug: STAGING.to_owned(),
        name: "Staging".to_owned(),
    };
    let staging = workspaces::create(conn, &actor, later, random, &staging)?;
    let admin = person(making, Person::Admin)?;
    let admin = users::find_or_create(conn, &actor, later, random, &admin)?.id;
    memberships::add(conn, &actor, later, (account, admin), AccountRole::Member)?;
    for workspace in [made.workspace, staging] {
        let place = (account, workspace, admin);
        memberships::add_to_workspace(conn, &actor, later, place, WorkspaceRole::Admin)?;
    }
    let support = person(making, Person::Support)?;
    users::create_staff(conn, &actor, at, random, (&support, StaffRole::Support))?;
    Ok(People {
        account,
        default: made.workspace,
        staging,
        owner: made.owner,
        admin,
    })
}

fn person(making: &Making<'_>, person: Person) -> anyhow::Result<NewPerson> {
    let password = SecretString::from(making.kept.password(person));
    Ok(NewPerson {
        email: person.email().parse()?,
        name: person.name().to_owned(),
        password_hash: Some(making.passwords.hash_blocking(&password)?),
    })
}

/// Where they sit, in a network that is kept for documentation.
pub fn address(person: Person) -> IpAddr {
    let host = match person {
        Person::Owner => 21,
        Person::Admin => 22,
        Person::Support => 23,
    };
    Ipv4Addr::new(192, 0, 2, host).into()
}
