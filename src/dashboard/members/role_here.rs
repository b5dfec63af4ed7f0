//! `/w/{w}/members/{m}/role`: another role in the workspace, or the first one.

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
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::confirmation;
use crate::db::members;
use crate::db::members::Member;
use crate::db::members::ROLE_CHANGED_MEANWHILE;
use crate::db::members::RoleChange;
use crate::domain::clock::SharedClock;
use crate::domain::role::WorkspaceRole;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

/// The name in the form of having no role.
const NONE: &str = "none";

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let member = read(&place, &request, (&db, &clock)).await?;
    place.require_recent(&request)?;
    let asked = match place.kept_form(&request)? {
        Some(kept) => kept,
        None => Fields::of_query(&request)?,
    };
    let wanted: Option<WorkspaceRole> = asked.get("role").parse().ok();
    let Some(after) = wanted.filter(|after| Some(*after) != member.role_here()) else {
        return Ok(see_other(&urls::member(&place.workspace.slug, member.id)));
    };
    require_from_here(&place, &member)?;
    let page = page(&place, &member, after)?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    place: InWorkspace,
    posted: Posted,
    request: HttpRequest,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let member = read(&place, &request, (&db, &clock)).await?;
    place.require_recent_to_send(&request, &posted)?;
    let was: Option<WorkspaceRole> = posted.get("was").parse().ok();
    let is_known = was.is_some() || posted.get("was") == NONE;
    let Some(after) = posted.get("role").parse().ok().filter(|_| is_known) else {
        place.flash(&Flash::info("Choose a role first."))?;
        return Ok(see_other(&urls::member(&place.workspace.slug, member.id)));
    };
    require_from_here(&place, &member)?;
    let (actor, now) = (place.actor(), clock.now());
    let whose = (place.account, place.workspace.id, member.id);
    let change = RoleChange {
        before: was,
        after: Some(after),
    };
    let outcome = db
        .run(move |conn| members::change_workspace_role(conn, &actor, now, whose, change))
        .await;
    let (slug, workspace) = (&place.workspace.slug, &place.workspace.name);
    let (url, role) = (urls::member(slug, member.id), words::an(after.as_str()));
    match outcome {
        Ok(Some(seq)) => {
            let confirmation = confirmation::wait_applied(&db, seq).await?;
            let deed = Deed {
                done: format!("{} is now {role} of {workspace}", member.name),
                doing: format!("Making {} {role} of {workspace}", member.name),
                effect: Effect::Changes,
            };
            place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
            let stays = member.id != place.person.viewer.id || after == WorkspaceRole::Admin;
            let list = urls::members(slug);
            Ok(see_other(if stays { &url } else { &list }))
        }
        Ok(None) => {
            let said = format!("{} is {role} of {workspace} already.", member.name);
            place.flash(&Flash::info(said))?;
            Ok(see_other(&url))
        }
        Err(error) if error.is_conflict_on(ROLE_CHANGED_MEANWHILE) => {
            let member = read(&place, &request, (&db, &clock)).await?;
            let page = RolePage {
                race: format!(
                    "Somebody changed the role of {} meanwhile. Nothing of yours was saved.",
                    member.name
                ),
                ..page(&place, &member, after)?
            };
            Ok(Html(StatusCode::CONFLICT, page).respond_to(&request))
        }
        Err(error) => Err(error.into()),
    }
}

async fn read(
    place: &InWorkspace,
    request: &HttpRequest,
    (db, clock): (&Db, &SharedClock),
) -> Result<Member, PageError> {
    let here = (place.account, Some(place.workspace.id));
    let (id, now) = (person_in(request)?, clock.now());
    let member = db.run(move |conn| members::find(conn, here, id, now));
    Ok(member.await?)
}

/// What a role in the account brings is not taken in a workspace.
pub fn require_from_here(place: &InWorkspace, member: &Member) -> Result<(), PageError> {
    if member.role.everywhere().is_none() {
        return Ok(());
    }
    let account = &place.person.membership()?.account_name;
    Err(PageError::Conflict(format!(
        "{} is an admin of every workspace, as {} of {account}. That role is changed by the owners \
         and admins of {account}.",
        member.name,
        member.role.as_str()
    )))
}

fn page(place: &InWorkspace, member: &Member, after: WorkspaceRole) -> Result<RolePage, PageError> {
    let (name, workspace) = (&member.name, &place.workspace.name);
    let before = member.workspace_role;
    let mut notes = Vec::from_iter(role_page::inheriting(member.inheriting, name));
    if member.id == place.person.viewer.id {
        notes.push("This is you, and you will not be able to take it back yourself.".to_owned());
    }
    Ok(RolePage {
        page: place.page(Section::Members)?,
        errors: FormErrors::default(),
        title: format!("Make {name} {} of {workspace}", words::an(after.as_str())),
        name: name.clone(),
        was: before.map_or((NONE, "None"), |role| {
            (role.as_str(), words::in_workspace(role))
        }),
        will: (after.as_str(), words::in_workspace(after)),
        rights: rights::in_workspace(before, Some(after)),
        notes,
        race: String::new(),
        url: urls::member(&place.workspace.slug, member.id),
    })
}
