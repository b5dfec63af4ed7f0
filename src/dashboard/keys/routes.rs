//! The addresses of the key pages.

use crate::dashboard::door::Door::Workspace;
use crate::dashboard::keys;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::domain::right::Right::CreateKeys;
use crate::domain::right::Right::ExportKeys;
use crate::domain::right::Right::ManageKeys;
use crate::domain::right::Right::SeeKeys;

pub(in crate::dashboard) fn routes(table: &mut UrlTable<'_>) {
    let (see, manage) = (Workspace(SeeKeys), Workspace(ManageKeys));
    table
        .add(at("/w/{w}/developers/keys").get(see, keys::list::get))
        .add(at("/w/{w}/developers/keys.csv").get(Workspace(ExportKeys), keys::export::get))
        .add(
            // A page of its own: "new" is no key id.
            at("/w/{w}/developers/keys/new")
                .get(Workspace(CreateKeys), keys::create::get)
                .post(Workspace(CreateKeys), keys::create::post),
        )
        .add(
            // Nor are these: several keys at once.
            at("/w/{w}/developers/keys/{action:disable|revoke}")
                .get(manage, keys::bulk::get)
                .post(manage, keys::bulk::post),
        )
        .add(at("/w/{w}/developers/keys/{k}").get(see, keys::show::get))
        .add(at("/w/{w}/developers/keys/{k}/explain").get(see, keys::explain::get))
        .add(at("/w/{w}/developers/keys/{k}/first-request").get(see, keys::first_request::get));
    actions(table);
}

/// What can be done with one key.
fn actions(table: &mut UrlTable<'_>) {
    let manage = Workspace(ManageKeys);
    table
        .add(
            at("/w/{w}/developers/keys/{k}/disable")
                .get(manage, keys::disable::get)
                .post(manage, keys::disable::post),
        )
        .add(at("/w/{w}/developers/keys/{k}/enable").post(manage, keys::enable::post))
        .add(
            at("/w/{w}/developers/keys/{k}/edit")
                .get(manage, keys::edit::get)
                .post(manage, keys::edit::post),
        )
        .add(
            at("/w/{w}/developers/keys/{k}/preset")
                .get(manage, keys::preset_update::get)
                .post(manage, keys::preset_update::post),
        )
        .add(
            at("/w/{w}/developers/keys/{k}/revoke")
                .get(manage, keys::revoke::get)
                .post(manage, keys::revoke::post),
        )
        .add(
            at("/w/{w}/developers/keys/{k}/delete")
                .get(manage, keys::delete::get)
                .post(manage, keys::delete::post),
        )
        .add(
            at("/w/{w}/developers/keys/{k}/rotate")
                .get(manage, keys::rotate::get)
                .post(manage, keys::rotate::post),
        )
        .add(at("/w/{w}/developers/keys/{k}/end-overlap").post(manage, keys::overlap::end))
        .add(at("/w/{w}/developers/keys/{k}/extend-overlap").post(manage, keys::overlap::extend));
}
