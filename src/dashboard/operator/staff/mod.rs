//! `/operator/staff`: who runs the installation, and who reads it for support.

pub mod create;
pub mod list;
pub mod remove;

use crate::dashboard::operator::OperatorPage;
use crate::domain::person::UserId;
use crate::domain::role::StaffRole;

pub fn remove_url(id: UserId) -> String {
    format!("{}/{id}/remove", OperatorPage::Staff.url())
}

/// A role as pages call it.
pub fn in_words(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Operator => "Operator",
        StaffRole::SupportLead => "Support lead",
        StaffRole::Support => "Support",
    }
}
