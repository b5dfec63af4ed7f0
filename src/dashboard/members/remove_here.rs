//! `/w/{w}/members/{m}/remove`: the workspace closes to somebody who stays in the account.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;

use crate::dashboard::confirmed;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::members::keys_question;
use crate::dashboard::members::keys_question::Asking;
use crate::dashboard::members::keys_question::Found;
use crate::dashboard::members::keys_question::KeysQuestion;
use crate::dashboard::members::person_in;
use crate::dashboard::members::remove_page;
use crate::dashboard::members::remove_page::Parting;
use crate::dashboard::members::remove_page::Refused;
use crate::dashboard::members::remove_page::RemovePage;
use crate::dashboard::members::role_here;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::confirmation;
use crate::db::members;
use crate::db::members::Leaving;
use crate::db::members::Member;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &tools).await?;
    place.require_recent(&request)?;
    role_here::require_from_here(&place, &asked.member)?;
    if asked.member.workspace_role.is_none() {
        return nothing_to_end(&place, &asked.member);
    }
    let kept = place.kept_form(&request)?;
    let page = asked.page(&place, &tools)?.filled(kept.as_ref());
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    place: InWorkspace,
    posted: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &tools).await?;
    place.require_recent_to_send(&request, &posted)?;
    role_here::require_from_here(&place, &asked.member)?;
    if asked.member.workspace_role.is_none() {
        return nothing_to_end(&place, &asked.member);
    }
    let refused = match asked.carry_out(&place, &posted, &tools).await? {
        Ok(answer) => return Ok(answer),
        Err(refused) => refused,
    };
    // What holds now, which may be something else than what was looked at.
    let asked = Asked::read(&place, &request, &tools).await?;
    let page = asked.page(&place, &tools)?;
    Ok(page.again(&posted, refused).respond_to(&request))
}

fn nothing_to_end(place: &InWorkspace, member: &Member) -> Result<HttpResponse, PageError> {
    let (name, workspace) = (&member.name, &place.workspace);
    let said = format!("{} is not open to {name}.", workspace.name);
    place.flash(&Flash::info(said))?;
    Ok(see_other(&urls::member(&workspace.slug, member.id)))
}

struct Asked {
    member: Member,
    found: Found,
}

impl Asked {
    async fn read(
        place: &InWorkspace,
        request: &HttpRequest,
        (db, clock): &Tools,
    ) -> Result<Self, PageError> {
        let leaving = Leaving {
            account: place.account,
            workspace: Some(place.workspace.id),
            user: person_in(request)?,
        };
        let (here, now) = ((leaving.account, leaving.workspace), clock.now());
        let (member, found) = db
            .run(move |conn| {
                let member = members::find(conn, here, leaving.user, now)?;
                Ok((member, keys_question::find(conn, leaving, now)?))
            })
            .await?;
        Ok(Self { member, found })
    }

    async fn carry_out(
        &self,
        place: &InWorkspace,
        posted: &Posted,
        (db, clock): &Tools,
    ) -> Result<Result<HttpResponse, Refused>, PageError> {
        let removal = match remove_page::wish(db, place.account, posted).await? {
            Ok(removal) => removal,
            Err(refused) => return Ok(Err(refused)),
        };
        let (actor, now) = (place.actor(), clock.now());
        let whose = (place.account, place.workspace.id, self.member.id);
        let fate = removal.fate;
        let removed = db
            .run(move |conn| members::remove_from_workspace(conn, &actor, now, whose, removal))
            .await;
        let parting = Parting {
            name: &self.member.name,
            from: &place.workspace.name,
        };
        let removed = match removed {
            Ok(removed) => removed,
            Err(error) => return parting.refused(error).map(Err),
        };
        let confirmation = confirmation::wait_applied(db, removed.seq).await?;
        let deed = parting.deed(removed.keys, fate);
        place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
        let list = urls::members(&place.workspace.slug);
        let stays = self.member.id != place.person.viewer.id;
        Ok(Ok(see_other(if stays { &list } else { "/" })))
    }

    fn page(self, place: &InWorkspace, (_, clock): &Tools) -> Result<RemovePage, PageError> {
        let (name, workspace) = (&self.member.name, &place.workspace.name);
        let account = &place.person.membership()?.account_name;
        let asking = Asking {
            name: Some(name),
            sees_addresses: true,
        };
        let back_url = urls::member(&place.workspace.slug, self.member.id);
        Ok(RemovePage {
            page: place.page(Section::Members)?,
            errors: FormErrors::default(),
            title: format!("Remove {name} from {workspace}"),
            meaning: format!(
                "{name} can no longer open {workspace}. They stay a member of {account}, with the \
                 other workspaces that are open to them."
            ),
            barred: String::new(),
            was: self.member.workspace_role.map_or("", |role| role.as_str()),
            race: String::new(),
            url: format!("{back_url}/remove"),
            back_url,
            back: name.clone(),
            button: (format!("Remove {name}"), "Removing…"),
            keys: KeysQuestion::new(self.found, asking, clock.now()),
        })
    }
}
