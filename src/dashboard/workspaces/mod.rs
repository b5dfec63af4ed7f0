//! The workspaces of an account: switching between them, and looking after them.

mod archive;
mod create;
mod edit;
mod list;
mod switcher;

use actix_web::HttpRequest;
use actix_web::web::ThinData;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::door::Door::Account;
use crate::dashboard::error::PageError;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::DbError;
use crate::db::workspaces;
use crate::db::workspaces::ListedWorkspace;
use crate::domain::account::WORKSPACE_NAME_LENGTH_MAX;
use crate::domain::clock::SharedClock;
use crate::domain::right::Right::ManageWorkspaces;
use crate::domain::right::Right::SwitchWorkspace;
use crate::domain::text;
use crate::domain::text::TextFault;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

pub(super) fn routes(table: &mut UrlTable<'_>) {
    let manage = Account(ManageWorkspaces);
    table
        .add(at("/workspaces").get(Account(SwitchWorkspace), switcher::get))
        .add(at("/account/workspaces").get(manage, list::get))
        .add(
            at("/account/workspaces/new")
                .get(manage, create::get)
                .post(manage, create::post),
        )
        .add(
            at("/account/workspaces/{workspace}")
                .get(manage, edit::get)
                .post(manage, edit::post),
        )
        .add(
            at("/account/workspaces/{workspace}/archive")
                .get(manage, archive::get)
                .post(manage, archive::post),
        )
        .add(at("/account/workspaces/{workspace}/restore").post(manage, archive::restore));
}

/// Where one is looked after.
fn url(slug: &str) -> String {
    format!("{}/{slug}", urls::ACCOUNT_WORKSPACES)
}

fn name(input: &str) -> Result<String, TextFault> {
    text::line(input, WORKSPACE_NAME_LENGTH_MAX)
}

const NAME_TAKEN: &str = "Another workspace has this name. Choose one that tells them apart.";

async fn all(
    person: &SignedIn,
    db: &Db,
    now: DateTime<Utc>,
) -> Result<Vec<ListedWorkspace>, PageError> {
    let account = person.membership()?.account;
    Ok(db
        .run(move |conn| workspaces::list(conn, account, now))
        .await?)
}

/// The one that the address names, archived or not.
async fn asked(
    person: &SignedIn,
    request: &HttpRequest,
    (db, clock): &Tools,
) -> Result<ListedWorkspace, PageError> {
    let slug = request.match_info().query("workspace");
    let mut all = all(person, db, clock.now()).await?.into_iter();
    all.find(|one| one.slug == slug).ok_or(PageError::NotFound)
}

/// The name is another's; anything else goes on as it is.
fn taken(error: DbError) -> Result<&'static str, PageError> {
    if error.is_conflict_on(workspaces::NAME_TAKEN) {
        return Ok(NAME_TAKEN);
    }
    Err(error.into())
}
