//! `/operator/accounts`: the customers, and what the operator chooses for each.

pub mod create;
pub mod list;
pub mod settings;
pub mod suspend;

use actix_web::HttpRequest;

use crate::dashboard::error::PageError;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::db::Db;
use crate::db::accounts;
use crate::db::accounts::OperatedAccount;

/// Longest id that is looked for.
const ID_BYTES_MAX: usize = 64;

pub fn url(public_id: &str) -> String {
    format!("{}/{public_id}", OperatorPage::Accounts.url())
}

/// The account that the address names, for an operator.
async fn asked(
    area: &OperatorArea,
    request: &HttpRequest,
    db: &Db,
) -> Result<OperatedAccount, PageError> {
    area.check(OperatorPage::Accounts)?;
    let id = request.match_info().query("account");
    if id.len() > ID_BYTES_MAX || !id.is_ascii() || id.contains('\0') {
        return Err(PageError::NotFound);
    }
    let id = id.to_owned();
    Ok(db.run(move |conn| accounts::find(conn, &id)).await?)
}
