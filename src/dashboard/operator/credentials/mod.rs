//! `/operator/credentials`: what the operator's back ends send to Latchkey's own API.

pub mod create;
pub mod list;
pub mod revoke;

use crate::dashboard::operator::OperatorPage;

pub fn revoke_url(id: &str) -> String {
    format!("{}/{id}/revoke", OperatorPage::Credentials.url())
}
