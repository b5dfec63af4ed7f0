//! What the key list can be narrowed to and sorted by: its name in an address, its words, its
//! meaning.

use crate::db::api_keys::IdleFilter;
use crate::db::api_keys::KeySort;
use crate::db::api_keys::KeyView;
use crate::db::api_keys::LifeFilter;
use crate::db::api_keys::ReachFilter;
use crate::domain::key_state::KeyState;

pub const LIMITS: [u16; 3] = [25, 50, 100];

pub const VIEWS: [(&str, &str, KeyView); 5] = [
    ("current", "Current", KeyView::Current),
    ("attention", "Needs attention", KeyView::Attention),
    ("disabled", "Disabled", KeyView::Disabled),
    ("ended", "Ended", KeyView::Ended),
    ("all", "All", KeyView::All),
];

pub const STATES: [(&str, &str, KeyState); 5] = [
    ("active", "Active", KeyState::Active),
    ("rotating", "Rotating", KeyState::Rotating),
    ("disabled", "Disabled", KeyState::Disabled),
    ("expired", "Expired", KeyState::Expired),
    ("revoked", "Revoked", KeyState::Revoked),
];

pub const SORTS: [(&str, KeySort); 5] = [
    ("name", KeySort::Name),
    ("last-used", KeySort::LastUsed),
    ("requests", KeySort::Requests),
    ("expires", KeySort::Expires),
    ("created", KeySort::Created),
];

pub const LIVES: [(&str, &str, LifeFilter); 3] = [
    ("7d", "Expires within 7 days", LifeFilter::WithinSevenDays),
    (
        "30d",
        "Expires within 30 days",
        LifeFilter::WithinThirtyDays,
    ),
    ("never", "Never expires", LifeFilter::Never),
];

pub const IDLES: [(&str, &str, IdleFilter); 3] = [
    ("never", "Never used", IdleFilter::NeverUsed),
    ("30d", "Idle 30+ days", IdleFilter::ThirtyDays),
    ("90d", "Idle 90+ days", IdleFilter::NinetyDays),
];

pub const REACHES: [(&str, &str, ReachFilter); 1] =
    [("over", "Wider than its use", ReachFilter::OverWide)];

pub fn named<T: Copy>(table: &[(&str, &str, T)], slug: &str) -> Option<T> {
    table
        .iter()
        .find(|(name, _, _)| *name == slug)
        .map(|(_, _, value)| *value)
}

pub fn slug_of<T: PartialEq>(table: &[(&'static str, &str, T)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(_, _, known)| known == value)
        .map_or("", |(slug, _, _)| slug)
}

pub fn label_of<T: PartialEq>(table: &[(&str, &'static str, T)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(_, _, known)| known == value)
        .map_or("", |(_, label, _)| label)
}
