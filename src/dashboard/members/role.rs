//! `/account/members/{m}/role`: another role in the account.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::members::person_in;
use crate::dashboard::members::rights;
use crate::dashboard::members::role_page;
use crate::dashboard::members::role_page::RolePage;
use crate::dashboard::members::words;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Fields;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::confirmation;
use crate::db::members;
use crate::db::members::ABOVE_THEIRS;
use crate::db::members::LAST_OWNER;
use crate::db::members::Member;
use crate::db::members::ROLE_CHANGED_MEANWHILE;
use crate::db::members::RoleChange;
use crate::domain::clock::SharedClock;
use crate::domain::role::AccountRole;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let member = read(&person, &request, (&db, &clock)).await?;
    person.require_recent(&request)?;
    let asked = match person.kept_form(&request)? {
        Some(kept) => kept,
        None => Fields::of_query(&request)?,
    };
    let wanted = asked.get("role").parse();
    let Some(after) = wanted.ok().filter(|after| *after != member.role) else {
        return Ok(see_other(&urls::account_member(member.id)));
    };
    require_above(&person, &[member.role, after])?;
    let page = page(&person, &member, after)?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    person: SignedIn,
    posted: Posted,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let member = read(&person, &request, (&db, &clock)).await?;
    person.require_recent_to_send(&request, &posted)?;
    let (was, role) = (posted.get("was").parse(), posted.get("role").parse());
    let (Ok(before), Ok(after)) = (was, role) else {
        person.flash(&Flash::info("Choose a role first."))?;
        return Ok(see_other(&urls::account_member(member.id)));
    };
    let change = RoleChange { before, after };
    let (actor, now) = (person.actor(), clock.now());
    let whose = (person.membership()?.account, member.id);
    let outcome = db
        .run(move |conn| members::change_role(conn, &actor, now, whose, change))
        .await;
    let url = urls::account_member(member.id);
    let role = words::an(change.after.as_str());
    let account = &person.membership()?.account_name;
    match outcome {
        Ok(Some(seq)) => {
            let confirmation = confirmation::wait_applied(&db, seq).await?;
            let deed = Deed {
                done: format!("{} is now {role} of {account}", member.name),
                doing: format!("Making {} {role} of {account}", member.name),
                effect: Effect::Changes,
            };
            person.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
            let stays = member.id != person.viewer.id || change.after.everywhere().is_some();
            Ok(see_other(if stays { &url } else { "/" }))
        }
        Ok(None) => {
            let said = format!("{} is {role} of {account} already.", member.name);
            person.flash(&Flash::info(said))?;
            Ok(see_other(&url))
        }
        Err(error) if error.is_conflict_on(ABOVE_THEIRS) => Err(above(account)),
        Err(error) if error.is_conflict_on(LAST_OWNER) => {
            let mut page = page(&person, &member, change.after)?;
            page.errors.add("", last_owner(&member.name, account));
            Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request))
        }
        Err(error) if error.is_conflict_on(ROLE_CHANGED_MEANWHILE) => {
            let member = read(&person, &request, (&db, &clock)).await?;
            let page = RolePage {
                race: format!(
                    "Somebody made {} {} of {account} meanwhile. Nothing of yours was saved.",
                    member.name,
                    words::an(member.role.as_str())
                ),
                ..page(&person, &member, change.after)?
            };
            Ok(Html(StatusCode::CONFLICT, page).respond_to(&request))
        }
        Err(error) => Err(error.into()),
    }
}

pub fn last_owner(name: &str, account: &str) -> String {
    format!(
        "{name} is the only owner of {account}, and an account has one owner at least. Make \
         somebody else an owner first."
    )
}

async fn read(
    person: &SignedIn,
    request: &HttpRequest,
    (db, clock): (&Db, &SharedClock),
) -> Result<Member, PageError> {
    let place = (person.membership()?.account, None);
    let (id, now) = (person_in(request)?, clock.now());
    let member = db.run(move |conn| members::find(conn, place, id, now));
    Ok(member.await?)
}

fn require_above(person: &SignedIn, roles: &[AccountRole]) -> Result<(), PageError> {
    let membership = person.membership()?;
    if roles.iter().all(|role| membership.role.may_give(*role)) {
        return Ok(());
    }
    Err(above(&membership.account_name))
}

pub fn above(account: &str) -> PageError {
    PageError::Forbidden(format!(
        "Only an owner of {account} can make somebody an owner, or change or remove one. Ask an \
         owner."
    ))
}

fn page(person: &SignedIn, member: &Member, after: AccountRole) -> Result<RolePage, PageError> {
    let (name, account) = (&member.name, &person.membership()?.account_name);
    let mut notes = Vec::from_iter(role_page::inheriting(member.inheriting, name));
    if member.id == person.viewer.id && !after.may_give(member.role) {
        notes.push("This is you, and you will not be able to take it back yourself.".to_owned());
    }
    Ok(RolePage {
        page: person.page_outside(Section::AccountMembers)?,
        errors: FormErrors::default(),
        title: format!("Make {name} {} of {account}", words::an(after.as_str())),
        name: name.clone(),
        was: (member.role.as_str(), words::in_account(member.role)),
        will: (after.as_str(), words::in_account(after)),
        rights: rights::in_account(member.role, after),
        notes,
        race: String::new(),
        url: urls::account_member(member.id),
    })
}
