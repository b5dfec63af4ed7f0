//! Where the list leads: its views, filters, sorts, page lengths and neighbours.

use crate::dashboard::keys::choices::LIMITS;
use crate::dashboard::keys::choices::SORTS;
use crate::dashboard::keys::choices::VIEWS;
use crate::dashboard::keys::cursor;
use crate::dashboard::keys::list::ListPage;
use crate::dashboard::keys::list_query::ListQuery;
use crate::db::api_keys::IdleFilter;
use crate::db::api_keys::KeyPage;
use crate::db::api_keys::KeyView;
use crate::db::api_keys::LifeFilter;
use crate::db::api_keys::ReachFilter;

/// A view above the table.
pub struct ViewLink {
    pub url: String,
    pub label: &'static str,
    pub count: String,
    pub current: bool,
}

impl ListPage {
    pub(super) fn views(&self) -> Vec<ViewLink> {
        let link = |(_, label, view)| {
            let target = self.query.with(|query| query.filter.view = view);
            ViewLink {
                url: target.url(&self.base, None),
                label,
                count: self.counted(match view {
                    KeyView::Current => self.counts.current,
                    KeyView::Attention => self.counts.attention,
                    KeyView::Disabled => self.counts.disabled,
                    KeyView::Ended => self.counts.ended,
                    KeyView::All => self.counts.all,
                }),
                current: self.query.filter.view == view,
            }
        };
        VIEWS.into_iter().map(link).collect()
    }

    /// Links to what may want a look, each with its count.
    pub(super) fn attention(&self) -> Vec<(String, String)> {
        let life = |life| move |query: &mut ListQuery| query.filter.life = Some(life);
        let idle = |idle| move |query: &mut ListQuery| query.filter.idle = Some(idle);
        let plain = ListQuery::default();
        let (soon, never) = (LifeFilter::WithinSevenDays, LifeFilter::Never);
        let (unused, quiet) = (IdleFilter::NeverUsed, IdleFilter::NinetyDays);
        let strip = [
            (
                self.counts.expiring,
                "expires within 7 days",
                "expire within 7 days",
                plain.with(life(soon)),
            ),
            (
                self.counts.never_used,
                "never used",
                "never used",
                plain.with(idle(unused)),
            ),
            (
                self.counts.idle,
                "idle 90+ days",
                "idle 90+ days",
                plain.with(idle(quiet)),
            ),
            (
                self.counts.never_expires,
                "never expires",
                "never expire",
                plain.with(life(never)),
            ),
            (
                self.counts.over_wide,
                "wider than its use",
                "wider than their use",
                plain.with(|query| query.filter.reach = Some(ReachFilter::OverWide)),
            ),
        ];
        strip
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many, query)| {
                let words = if count == 1 { one } else { many };
                (
                    query.url(&self.base, None),
                    format!("{} {words}", self.counted(count)),
                )
            })
            .collect()
    }

    /// What narrows the list, each with the list's address without it.
    pub(super) fn filters(&self) -> Vec<(String, String)> {
        self.query
            .active_filters(&self.choices)
            .into_iter()
            .map(|(words, without)| (words, without.url(&self.base, None)))
            .collect()
    }

    pub(super) fn clear_url(&self) -> String {
        self.query.unfiltered().url(&self.base, None)
    }

    /// Whether there is a row that this person may stop.
    pub(super) fn may_choose(&self) -> bool {
        self.rows.iter().any(|row| row.may_stop)
    }

    /// This list's query, for the way back to it.
    pub(super) fn back(&self) -> String {
        let url = self.query.with(|_| ()).url("", None);
        url.trim_start_matches('?').to_owned()
    }

    /// The list as a file, for who may have one; its words say whose keys are in it.
    pub(super) fn export(&self) -> Option<(String, &'static str)> {
        let words = match self.role {
            role if !role.may_export_keys() => return None,
            role if role.may_manage_key(false) => "Export CSV",
            _ => "Export your own keys as CSV",
        };
        let url = self
            .query
            .with(|_| ())
            .url(&format!("{}.csv", self.base), None);
        Some((url, words))
    }

    pub(super) fn sort_url(&self, slug: &str) -> String {
        let Some((_, sort)) = SORTS.into_iter().find(|(known, _)| *known == slug) else {
            return self.base.clone();
        };
        let flipped =
            self.query.sort == sort && self.query.descending == sort.is_descending_at_first();
        let sorted = self.query.with(|query| {
            query.sort = sort;
            query.descending = sort.is_descending_at_first() != flipped;
        });
        sorted.url(&self.base, None)
    }

    /// As `aria-sort` says it; empty for a column that the list is not sorted by.
    pub(super) fn sort_direction(&self, slug: &str) -> &'static str {
        let sorted = SORTS
            .into_iter()
            .any(|(known, sort)| known == slug && sort == self.query.sort);
        match (sorted, self.query.descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    pub(super) fn limits(&self) -> Vec<(u16, String, bool)> {
        LIMITS
            .into_iter()
            .map(|limit| {
                let url = self
                    .query
                    .with(|query| query.limit = limit)
                    .url(&self.base, None);
                (limit, url, limit == self.query.limit)
            })
            .collect()
    }
}

/// The addresses of the pages beside this one.
pub fn neighbours(
    query: &ListQuery,
    base: &str,
    page: &KeyPage,
) -> (Option<String>, Option<String>) {
    let (first, last) = (page.keys.first(), page.keys.last());
    let previous = first.filter(|_| page.has_previous).map(|key| {
        let place = key.cursor(query.sort);
        let text = cursor::encode(query.sort, query.page_number.saturating_sub(1), &place);
        query.url(base, Some(("before", &text)))
    });
    let next = last.filter(|_| page.has_next).map(|key| {
        let place = key.cursor(query.sort);
        let text = cursor::encode(query.sort, query.page_number.saturating_add(1), &place);
        query.url(base, Some(("after", &text)))
    });
    (previous, next)
}
