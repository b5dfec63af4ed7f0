//! Many keys: pages, sorts, and the price of a page.

use std::collections::HashSet;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::support::queries;

/// Follows the links named `rel` from `path` on and gathers the names.
async fn walk(house: &House, path: &str, rel: &str) -> (Vec<String>, String) {
    let (mut names, mut path) = (Vec::new(), path.to_owned());
    loop {
        let page = house.owner.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        names.push(page.texts("tbody th[scope=row] a"));
        let next = format!(".pager a[rel={rel}]");
        if !page.has(&next) {
            if rel == "prev" {
                names.reverse();
            }
            return (names.concat(), path);
        }
        path = page.attribute(&next, "href");
    }
}

#[tokio::test]
async fn every_sort_pages_through_all_keys_and_back_the_same_way() {
    let house = House::new().await;
    house.fill(260);
    for sort in ["name", "-last-used", "-requests", "-created", "expires"] {
        let first = format!("{KEYS}?sort={sort}");
        let (names, last) = walk(&house, &first, "next").await;
        let distinct: HashSet<&String> = names.iter().collect();
        assert_eq!((names.len(), distinct.len()), (260, 260), "{sort}");
        let (back, _) = walk(&house, &last, "prev").await;
        assert!(back == names, "{sort}: back is another way");
    }
}

#[tokio::test]
async fn headers_sort_and_say_so() {
    let house = House::new().await;
    house.fill(30);
    let page = house.owner.get(KEYS).await;
    assert_eq!(page.texts("th[aria-sort]"), ["Last used"]);
    assert_eq!(page.attribute("th[aria-sort]", "aria-sort"), "descending");
    let by_name = page.attribute("thead th:nth-child(2) a", "href");
    assert_eq!(by_name, format!("{KEYS}?sort=name"));
    let page = house.owner.get(&by_name).await;
    assert_eq!(page.texts("tbody th[scope=row] a")[0], "key 0001");
    let flipped = page.attribute("thead th:nth-child(2) a", "href");
    let page = house.owner.get(&flipped).await;
    assert_eq!(page.texts("tbody th[scope=row] a")[0], "key 0030");
    assert_eq!(page.attribute("th[aria-sort]", "aria-sort"), "descending");
}

#[tokio::test]
async fn a_page_tells_its_number_and_how_many_keys_there_are() {
    let house = House::new().await;
    house.fill(60);
    let page = house.owner.get(&format!("{KEYS}?sort=name")).await;
    assert_eq!(page.texts("tbody th[scope=row] a").len(), 25);
    assert_eq!(page.one(".pager > span:first-child"), "60 keys");
    assert!(!page.has(".pager a[rel=prev]"));
    let next = page.attribute(".pager a[rel=next]", "href");
    let page = house.owner.get(&next).await;
    assert!(page.one("title").starts_with("API keys, page 2"));
    assert_eq!(page.texts("tbody th[scope=row] a")[0], "key 0026");
    let previous = page.attribute(".pager a[rel=prev]", "href");
    let page = house.owner.get(&previous).await;
    assert_eq!(page.texts("tbody th[scope=row] a")[0], "key 0001");
    assert!(page.one("title").starts_with("API keys ·"), "page 1 again");
}

#[tokio::test]
async fn a_huge_workspace_is_counted_to_ten_thousand() {
    let house = House::new().await;
    house.fill(10_001);
    let page = house.owner.get(KEYS).await;
    assert_eq!(page.texts("tbody th[scope=row]").len(), 25);
    assert_eq!(page.one(".pager > span:first-child"), "10,000+ keys");
    assert_eq!(page.texts(".views a")[4], "All 10,000+");
}

#[tokio::test]
async fn a_page_takes_as_many_queries_for_a_hundred_keys_as_for_one() {
    queries::watch();
    let house = House::new().await;
    let url = house.app.db.url();
    let mut taken = Vec::new();
    let pages = [
        ((1, 1), KEYS.to_owned()),
        ((2, 300), format!("{KEYS}?limit=100&q=key")),
    ];
    for ((first, last), path) in pages {
        house.fill_from(first, last);
        queries::take(&url);
        assert_eq!(house.owner.get(&path).await.status, 200);
        taken.push(queries::take(&url));
    }
    assert_eq!(taken[0].len(), taken[1].len(), "{taken:#?}");
    assert!((1..=6).contains(&taken[0].len()), "{taken:#?}");
    let key = house
        .owner
        .get(KEYS)
        .await
        .attribute("tbody th[scope=row] a", "href");
    // The catalogue is read once for each version of it, not for each page.
    assert_eq!(house.owner.get(&key).await.status, 200);
    for path in [
        key.clone(),
        format!("{key}/edit"),
        format!("{key}/revoke"),
        format!("{KEYS}/new"),
        format!("{KEYS}/new?like={}", key.rsplit('/').next().unwrap()),
    ] {
        queries::take(&url);
        assert_eq!(house.owner.get(&path).await.status, 200);
        let taken = queries::take(&url);
        assert!((1..=6).contains(&taken.len()), "{path}: {taken:#?}");
    }
}
