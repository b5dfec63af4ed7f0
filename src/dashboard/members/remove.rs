//! `/account/members/{m}/remove`: somebody else's membership of the account ends.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;

use crate::dashboard::confirmed;
use crate::dashboard::error::PageError;
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
use crate::dashboard::members::role;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::confirmation;
use crate::db::members;
use crate::db::members::Leaving;
use crate::db::members::Member;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&person, &request, &tools).await?;
    person.require_recent(&request)?;
    if asked.member.id == person.viewer.id {
        return Ok(see_other(urls::LEAVE));
    }
    let kept = person.kept_form(&request)?;
    let page = asked.page(&person, &tools)?.filled(kept.as_ref());
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    person: SignedIn,
    posted: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&person, &request, &tools).await?;
    person.require_recent_to_send(&request, &posted)?;
    if asked.member.id == person.viewer.id {
        return Ok(see_other(urls::LEAVE));
    }
    let membership = person.membership()?;
    let name = asked.member.name.clone();
    let parting = Parting {
        name: &name,
        from: &membership.account_name,
    };
    let refused = match asked.carry_out(&person, &posted, (&tools, parting)).await? {
        Ok(answer) => return Ok(answer),
        Err(refused) => refused,
    };
    // What holds now, which may be something else than what was looked at.
    let asked = Asked::read(&person, &request, &tools).await?;
    let page = asked.page(&person, &tools)?;
    Ok(page.again(&posted, refused).respond_to(&request))
}

struct Asked {
    member: Member,
    found: Found,
}

impl Asked {
    async fn read(
        person: &SignedIn,
        request: &HttpRequest,
        (db, clock): &Tools,
    ) -> Result<Self, PageError> {
        let membership = person.membership()?;
        let leaving = Leaving {
            account: membership.account,
            workspace: None,
            user: person_in(request)?,
        };
        let now = clock.now();
        let (member, found) = db
            .run(move |conn| {
                let member = members::find(conn, (leaving.account, None), leaving.user, now)?;
                Ok((member, keys_question::find(conn, leaving, now)?))
            })
            .await?;
        if !membership.role.may_give(member.role) {
            return Err(role::above(&membership.account_name));
        }
        Ok(Self { member, found })
    }

    async fn carry_out(
        &self,
        person: &SignedIn,
        posted: &Posted,
        ((db, clock), parting): (&Tools, Parting<'_>),
    ) -> Result<Result<HttpResponse, Refused>, PageError> {
        let account = person.membership()?.account;
        let removal = match remove_page::wish(db, account, posted).await? {
            Ok(removal) => removal,
            Err(refused) => return Ok(Err(refused)),
        };
        let (actor, now, whose) = (person.actor(), clock.now(), (account, self.member.id));
        let fate = removal.fate;
        let removed = db
            .run(move |conn| members::remove(conn, &actor, now, whose, removal))
            .await;
        let removed = match removed {
            Ok(removed) => removed,
            Err(error) => return parting.refused(error).map(Err),
        };
        let confirmation = confirmation::wait_applied(db, removed.seq).await?;
        let deed = parting.deed(removed.keys, fate);
        person.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
        Ok(Ok(see_other(urls::ACCOUNT_MEMBERS)))
    }

    fn page(self, person: &SignedIn, (_, clock): &Tools) -> Result<RemovePage, PageError> {
        let (name, account) = (&self.member.name, &person.membership()?.account_name);
        let asking = Asking {
            name: Some(name),
            sees_addresses: true,
        };
        let back_url = urls::account_member(self.member.id);
        Ok(RemovePage {
            page: person.page_outside(Section::AccountMembers)?,
            errors: FormErrors::default(),
            title: format!("Remove {name} from {account}"),
            meaning: format!(
                "{name} can no longer open {account}, and every session of theirs there ends. What \
                 they did stays in the history, and invitations that they sent stay."
            ),
            barred: String::new(),
            was: self.member.role.as_str(),
            race: String::new(),
            url: format!("{back_url}/remove"),
            back_url,
            back: name.clone(),
            button: (format!("Remove {name}"), "Removing…"),
            keys: KeysQuestion::new(self.found, asking, clock.now()),
        })
    }
}
