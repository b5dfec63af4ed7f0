//! Who belongs to the account and its workspaces, and as what.

mod accept;
mod account;
mod add;
mod cursor;
mod invite;
mod invited;
mod keys_question;
mod leave;
mod person;
mod person_here;
mod remove;
mod remove_here;
mod remove_page;
mod rights;
mod role;
mod role_here;
mod role_page;
mod roster;
mod words;
mod workspace;

use actix_web::HttpRequest;

use crate::dashboard::door::Door::Account;
use crate::dashboard::door::Door::Anybody;
use crate::dashboard::door::Door::Workspace;
use crate::dashboard::error::PageError;
use crate::dashboard::session::providers::join;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::dashboard::urls;
use crate::domain::person::UserId;
use crate::domain::right::Right::LeaveAccount;
use crate::domain::right::Right::ManageMembers;
use crate::domain::right::Right::SeeWorkspaceMembers;
use crate::domain::right::Right::SetWorkspaceRoles;

pub(super) fn routes(table: &mut UrlTable<'_>) {
    let (manages, gives) = (Account(ManageMembers), Workspace(SetWorkspaceRoles));
    table
        .add(at("/account/members").get(manages, account::get))
        .add(
            at("/account/members/invite")
                .get(manages, invite::get)
                .post(manages, invite::post),
        )
        .add(at("/account/members/invitations/{i}/resend").post(manages, invited::resend))
        .add(at("/account/members/invitations/{i}/withdraw").post(manages, invited::withdraw))
        .add(
            at("/invitation")
                .get(Anybody, accept::get)
                .post(Anybody, accept::post),
        )
        .add(at("/invitation/join").post(Anybody, accept::join_signed_in))
        .add(at("/invitation/with/{provider}").post(Anybody, join::post))
        .add(at("/invitation/join/{provider}").post(Anybody, join::post_signed_in))
        .add(at("/account/members/{m}").get(manages, person::get))
        .add(
            at("/account/members/{m}/role")
                .get(manages, role::get)
                .post(manages, role::post),
        )
        .add(
            at("/account/members/{m}/remove")
                .get(manages, remove::get)
                .post(manages, remove::post),
        )
        .add(
            at(urls::LEAVE)
                .get(Account(LeaveAccount), leave::get)
                .post(Account(LeaveAccount), leave::post),
        )
        .add(at("/w/{w}/members").get(Workspace(SeeWorkspaceMembers), workspace::get))
        .add(at("/w/{w}/members/add").get(gives, add::get))
        .add(at("/w/{w}/members/{m}").get(gives, person_here::get))
        .add(
            at("/w/{w}/members/{m}/role")
                .get(gives, role_here::get)
                .post(gives, role_here::post),
        )
        .add(
            at("/w/{w}/members/{m}/remove")
                .get(gives, remove_here::get)
                .post(gives, remove_here::post),
        );
}

/// Whose page it is, by `{m}` of the address. Ids have one spelling.
fn person_in(request: &HttpRequest) -> Result<UserId, PageError> {
    let text = request.match_info().query("m");
    let id: UserId = text.parse().map_err(|_| PageError::NotFound)?;
    if id.to_string() == text {
        Ok(id)
    } else {
        Err(PageError::NotFound)
    }
}
