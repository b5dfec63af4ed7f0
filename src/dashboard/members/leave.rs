//! `/account/leave`: somebody ends their own membership of the account.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;

use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::members::keys_question;
use crate::dashboard::members::keys_question::Asking;
use crate::dashboard::members::keys_question::KeysQuestion;
use crate::dashboard::members::remove_page;
use crate::dashboard::members::remove_page::Parting;
use crate::dashboard::members::remove_page::Refused;
use crate::dashboard::members::remove_page::RemovePage;
use crate::dashboard::members::role;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::session::sign_out;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::confirmation;
use crate::db::members;
use crate::db::members::Leaving;
use crate::domain::clock::SharedClock;
use crate::domain::role::AccountRole;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let kept = person.kept_form(&request)?;
    let page = page(&person, &tools).await?.filled(kept.as_ref());
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    person: SignedIn,
    posted: Posted,
    request: HttpRequest,
    tools: Tools,
) -> Result<HttpResponse, PageError> {
    person.require_recent_to_send(&request, &posted)?;
    let refused = match carry_out(&person, &posted, &tools).await? {
        Ok(answer) => return Ok(answer),
        Err(refused) => refused,
    };
    let page = page(&person, &tools).await?;
    Ok(page.again(&posted, refused).respond_to(&request))
}

async fn carry_out(
    person: &SignedIn,
    posted: &Posted,
    (db, clock): &Tools,
) -> Result<Result<HttpResponse, Refused>, PageError> {
    let membership = person.membership()?;
    let account = membership.account;
    let removal = match remove_page::wish(db, account, posted).await? {
        Ok(removal) => removal,
        Err(refused) => return Ok(Err(refused)),
    };
    let (actor, now, whose) = (person.actor(), clock.now(), (account, person.viewer.id));
    let left = db
        .run(move |conn| members::remove(conn, &actor, now, whose, removal))
        .await;
    let parting = Parting {
        name: &person.viewer.name,
        from: &membership.account_name,
    };
    let left = match left {
        Ok(left) => left,
        Err(error) => return parting.refused(error).map(Err),
    };
    // Nobody is left to be told of a node that lags; keys are not called stopped.
    confirmation::wait_applied(db, left.seq).await?;
    person.browser().end();
    let sign_in = format!("/sign-in/{}?left=1", membership.account_domain);
    Ok(Ok(sign_out::gone_to(&sign_in)))
}

async fn page(person: &SignedIn, (db, clock): &Tools) -> Result<RemovePage, PageError> {
    let membership = person.membership()?;
    let leaving = Leaving {
        account: membership.account,
        workspace: None,
        user: person.viewer.id,
    };
    let (now, role) = (clock.now(), membership.role);
    let (found, stays) = db
        .run(move |conn| {
            let is_last = role == AccountRole::Owner
                && !members::has_other_owner(conn, leaving.account, leaving.user)?;
            Ok::<_, DbError>((keys_question::find(conn, leaving, now)?, is_last))
        })
        .await?;
    let account = &membership.account_name;
    let asking = Asking {
        name: None,
        sees_addresses: membership.may_manage_members(),
    };
    Ok(RemovePage {
        page: person.page_outside(Section::Elsewhere)?,
        errors: FormErrors::default(),
        title: format!("Leave {account}"),
        meaning: format!(
            "You can no longer open {account}, and every session of yours there ends. What you did \
             stays in its history. To come back you need an invitation."
        ),
        barred: if stays {
            role::last_owner(&person.viewer.name, account)
        } else {
            String::new()
        },
        was: role.as_str(),
        race: String::new(),
        url: urls::LEAVE.to_owned(),
        back_url: urls::PROFILE.to_owned(),
        back: "Your profile".to_owned(),
        button: (format!("Leave {account}"), "Leaving…"),
        keys: KeysQuestion::new(found, asking, now),
    })
}
