use std::collections::HashSet;

use chrono::TimeDelta;
use latchkey::db::api_keys;
use latchkey::db::api_keys::IdleFilter;
use latchkey::db::api_keys::KeyFilter;
use latchkey::db::api_keys::KeyList;
use latchkey::db::api_keys::KeyPage;
use latchkey::db::api_keys::KeySearch;
use latchkey::db::api_keys::KeySort;
use latchkey::db::api_keys::KeyView;
use latchkey::db::api_keys::LifeFilter;
use latchkey::db::api_keys::Place;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::key_state::KeyState;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;

fn list(fixture: &Fixture, filter: KeyFilter) -> KeyList {
    KeyList {
        account_id: fixture.account,
        workspace_id: fixture.workspace,
        filter,
        sort: KeySort::Name,
        descending: false,
        place: Place::Start,
        limit: 100,
    }
}

fn page(fixture: &mut Fixture, list: &KeyList) -> KeyPage {
    api_keys::list_for(&mut fixture.conn, list, now()).unwrap()
}

fn names(fixture: &mut Fixture, filter: KeyFilter) -> Vec<String> {
    let list = list(fixture, filter);
    let page = page(fixture, &list);
    page.keys.into_iter().map(|key| key.name).collect()
}

/// 3,000 keys with equal and missing values in every sorted column.
fn three_thousand(fixture: &mut Fixture) {
    let (account, workspace, person) = (fixture.account.0, fixture.workspace.0, fixture.person);
    fixture.execute(&format!(
        "insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
             preset_version, created_by, created_at, expires_at, last_used_at, requests_30d,
             operation)
         select {account}, substr(md5(n::text), 1, 12), {workspace}, 'key ' || n, 'key ' || n,
             'production', 'full', 1, '{person}',
             '2026-01-01'::timestamptz + (n / 7) * interval '1 hour',
             case when n % 3 > 0 then '2027-01-01'::timestamptz + (n / 5) * interval '1 hour' end,
             case when n % 4 > 0 then '2026-06-01'::timestamptz + (n / 5) * interval '1 hour' end,
             n % 11 * 1000, gen_random_uuid()
         from generate_series(1, 3000) n"
    ));
    fixture.execute(
        "insert into key_secrets (account_id, key_id, generation, digest, pepper_version,
             last_four, created_at)
         select account_id, id, 1, sha256(id::bytea), 1, substr(id, 9), created_at from api_keys",
    );
}

#[test]
fn every_sort_walks_3000_keys_both_ways_without_gap_or_repeat() {
    let mut fixture = Fixture::new();
    three_thousand(&mut fixture);
    for sort in KeySort::ALL {
        for descending in [false, true] {
            let mut list = list(&fixture, KeyFilter::default());
            (list.sort, list.descending) = (sort, descending);
            let forward = walk(&mut fixture, list.clone(), true);
            let distinct: HashSet<&ApiKeyId> = forward.iter().collect();
            assert_eq!((forward.len(), distinct.len()), (3000, 3000), "{sort:?}");

            list.descending = !descending;
            let mut other_way = walk(&mut fixture, list, true);
            other_way.reverse();
            assert!(forward == other_way, "{sort:?}: the other way differs");
        }
    }
}

#[test]
fn going_back_shows_the_pages_that_were_seen() {
    let mut fixture = Fixture::new();
    three_thousand(&mut fixture);
    for sort in KeySort::ALL {
        let mut list = list(&fixture, KeyFilter::default());
        (list.sort, list.descending) = (sort, sort.is_descending_at_first());
        let forward = walk(&mut fixture, list.clone(), true);
        let whole = page(
            &mut fixture,
            &KeyList {
                limit: 3000,
                ..list.clone()
            },
        );
        list.place = Place::Before(whole.keys[2999].cursor(sort));
        let mut back = walk(&mut fixture, list, false);
        back.reverse();
        // All but the one it began at.
        assert!(forward[..2999] == back, "{sort:?}");
    }
}

fn walk(fixture: &mut Fixture, mut list: KeyList, forward: bool) -> Vec<ApiKeyId> {
    let mut seen = Vec::new();
    loop {
        let page = page(fixture, &list);
        let mut ids: Vec<ApiKeyId> = page.keys.iter().map(|key| key.id).collect();
        if !forward {
            ids.reverse();
        }
        seen.extend(ids);
        let (more, edge) = if forward {
            (page.has_next, page.keys.last())
        } else {
            (page.has_previous, page.keys.first())
        };
        let Some(edge) = edge.filter(|_| more) else {
            return seen;
        };
        let cursor = edge.cursor(list.sort);
        list.place = if forward {
            Place::After(cursor)
        } else {
            Place::Before(cursor)
        };
    }
}

/// Keys in every state, named by it.
fn one_of_each(fixture: &mut Fixture) {
    for name in ["active", "disabled", "expired", "revoked", "soon", "idle"] {
        fixture.key(name);
    }
    fixture.execute(
        "update api_keys set last_used_at = '2026-11-21', expires_at = '2027-11-21';
         update api_keys set disabled_at = now() where name = 'disabled';
         update api_keys set expires_at = '2026-11-21 09:41:07.112Z' where name = 'expired';
         update api_keys set revoked_at = now() where name = 'revoked';
         update api_keys set expires_at = '2026-11-24' where name = 'soon';
         update api_keys set last_used_at = '2026-05-01' where name = 'idle';",
    );
}

/// Filters, and the keys of `one_of_each` that they find.
fn cases() -> Vec<(KeyFilter, &'static str)> {
    let view = |view| KeyFilter {
        view,
        ..KeyFilter::default()
    };
    let state = |state| KeyFilter {
        states: vec![state],
        ..view(KeyView::All)
    };
    let life = |life| KeyFilter {
        life: Some(life),
        ..KeyFilter::default()
    };
    let idle = |idle| KeyFilter {
        idle: Some(idle),
        ..KeyFilter::default()
    };
    vec![
        (view(KeyView::Current), "active disabled idle soon"),
        (view(KeyView::Attention), "idle soon"),
        (view(KeyView::Disabled), "disabled"),
        (view(KeyView::Ended), "expired revoked"),
        (
            view(KeyView::All),
            "active disabled expired idle revoked soon",
        ),
        (state(KeyState::Active), "active idle soon"),
        (state(KeyState::Disabled), "disabled"),
        (state(KeyState::Expired), "expired"),
        (state(KeyState::Revoked), "revoked"),
        (life(LifeFilter::WithinSevenDays), "soon"),
        (life(LifeFilter::WithinThirtyDays), "soon"),
        (life(LifeFilter::Never), ""),
        (idle(IdleFilter::ThirtyDays), "idle"),
        (idle(IdleFilter::NinetyDays), "idle"),
        (idle(IdleFilter::NeverUsed), ""),
    ]
}

#[test]
fn views_and_filters_show_what_their_counts_say() {
    let mut fixture = Fixture::new();
    one_of_each(&mut fixture);
    for (filter, expected) in cases() {
        let found = names(&mut fixture, filter.clone());
        assert_eq!(found.join(" "), expected, "{filter:?}");
        let (account, workspace) = (fixture.account, fixture.workspace);
        let counts = api_keys::count(&mut fixture.conn, account, workspace, &filter, now());
        let counts = counts.unwrap();
        assert_eq!(
            counts.matching,
            i64::try_from(found.len()).unwrap(),
            "{filter:?}"
        );
        let views = (
            counts.current,
            counts.attention,
            counts.disabled,
            counts.ended,
            counts.all,
        );
        assert_eq!(views, (4, 2, 1, 2, 6));
        assert_eq!((counts.expiring, counts.idle), (1, 1));
    }
}

#[test]
fn a_key_is_found_by_part_of_its_name_its_id_and_its_last_four() {
    let mut fixture = Fixture::new();
    let (new, plain) = fixture.draft("Blog_Import 100%");
    fixture.insert(&new).unwrap();
    fixture.key("Widget");
    let search = |folded: &str, id: Option<ApiKeyId>, last_four: Option<&str>| KeyFilter {
        search: Some(KeySearch {
            folded: folded.to_owned(),
            id,
            last_four: last_four.map(str::to_owned),
        }),
        ..KeyFilter::default()
    };
    let found = ["Blog_Import 100%"];
    assert_eq!(names(&mut fixture, search("g_imp", None, None)), found);
    assert_eq!(names(&mut fixture, search("100%", None, None)), found);
    let none: [&str; 0] = [];
    assert_eq!(names(&mut fixture, search("g%imp", None, None)), none);
    assert_eq!(names(&mut fixture, search("?", Some(new.id), None)), found);
    let four = plain.last_four();
    assert_eq!(names(&mut fixture, search("?", None, Some(&four))), found);
}

#[test]
fn a_row_carries_the_requests_of_30_days_and_no_more() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let (account, workspace) = (fixture.account.0, fixture.workspace.0);
    for (day, requests) in [("2026-11-21", 5), ("2026-10-23", 3), ("2026-10-22", 100)] {
        fixture.execute(&format!(
            "insert into usage_daily values ({account}, {workspace}, '{id}', '{day}', {requests}, 1, 0)"
        ));
    }
    let list = list(&fixture, KeyFilter::default());
    let key = page(&mut fixture, &list).keys.remove(0);
    assert_eq!(key.requests, 8);
    let days: Vec<i64> = key.daily.iter().map(|(_, requests)| *requests).collect();
    assert_eq!(days, [3, 5]);
    assert_eq!(key.daily[1].0 - key.daily[0].0, TimeDelta::days(29));
}

#[test]
fn keys_of_another_workspace_are_not_listed() {
    let mut fixture = Fixture::new();
    let (mut elsewhere, _) = fixture.draft("elsewhere");
    elsewhere.workspace_id = fixture.other_workspace;
    fixture.insert(&elsewhere).unwrap();
    let none: [&str; 0] = [];
    assert_eq!(names(&mut fixture, KeyFilter::default()), none);
}
