use super::*;
use crate::dashboard::keys::cursor;
use crate::db::api_keys::KeyChoices;
use crate::db::api_keys::KeyCursor;
use crate::db::api_keys::SortValue;

fn parse(query: &str) -> ListQuery {
    ListQuery::parse(query, &KeyPrefix::default())
}

#[test]
fn an_address_reads_back_as_it_was_written() {
    for query in [
        "",
        "view=ended",
        "view=all&q=blog+ingest&status=active&status=disabled&expires=7d&idle=90d&sort=-name&limit=50",
        "scope=full&category=blue+team&by=0b5c2f6e-0000-4000-8000-000000000001&sort=requests",
    ] {
        let list = parse(query);
        let base = if query.is_empty() { "/keys" } else { "/keys?" };
        assert_eq!(list.url("/keys", None), format!("{base}{query}"));
        assert!(list.notices.is_empty());
    }
}

#[test]
fn an_empty_field_is_not_set_and_an_unknown_one_is_named() {
    assert_eq!(parse("q=&status=&view="), ListQuery::default());
    let list = parse("colour=red&status=busy&limit=7&sort=colour");
    assert_eq!(list.notices.len(), 4, "{:?}", list.notices);
    assert!(list.notices[0].contains("colour"));
    assert_eq!(list.with(|_| ()), ListQuery::default());
}

#[test]
fn a_place_is_kept_for_its_sort_only() {
    let place = KeyCursor {
        value: SortValue::Name("blog ~ ingest".to_owned()),
        id: "4fZk0QpL9aBc".parse().unwrap(),
    };
    let text = cursor::encode(KeySort::Name, 3, &place);
    let list = parse(&format!("sort=name&after={text}"));
    assert_eq!(list.place, Place::After(place));
    assert_eq!(list.page_number, 3);

    let list = parse(&format!("sort=created&after={text}"));
    assert_eq!(list.place, Place::Start);
    assert_eq!(list.notices.len(), 1);
    assert_eq!(parse("after=nonsense").notices.len(), 1);
}

#[test]
fn each_filter_can_be_taken_away_alone() {
    let list = parse("q=blog&status=active&status=expired&idle=never");
    let urls: Vec<String> = list
        .active_filters(&KeyChoices::default())
        .iter()
        .map(|(_, without)| without.url("", None))
        .collect();
    assert_eq!(
        urls,
        [
            "?status=active&status=expired&idle=never",
            "?q=blog&status=expired&idle=never",
            "?q=blog&status=active&idle=never",
            "?q=blog&status=active&status=expired",
        ]
    );
}

#[test]
fn a_pasted_secret_becomes_what_pages_show_of_it_at_once() {
    let secret = "a".repeat(38);
    for q in [
        format!("lk_4fZk0QpL9aBc_{secret}"),
        format!("Bearer+lk_4fZk0QpL9aBc_{secret}%0A"),
        format!("{}lk_4fZk0QpL9aBc_{secret}", "+".repeat(180)),
    ] {
        let list = parse(&format!("view=all&q={q}"));
        assert!(list.exposed.is_some(), "{q}");
        let masked = "?view=all&q=lk_4fZk0QpL9aBc_%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2aaaa";
        assert_eq!(list.url("", None), masked);
    }
    assert_eq!(parse("q=lk_4fZk0QpL9aBc").exposed, None);
}
