//! Narrowing and sorting the list, and what each of that costs.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::submit;
use crate::support::html::Page;
use crate::support::queries;

const QUERIES_MAX: usize = 6;

async fn names(house: &House, query: &str) -> Vec<String> {
    let page = house.owner.get(&format!("{KEYS}?{query}")).await;
    assert_eq!(page.status, 200, "{query}");
    assert!(!page.has(".notice"), "{query}");
    page.texts("tbody th[scope=row] a")
}

fn option(page: &Page, select: &str, words: &str) -> String {
    let options = format!("select[name={select}] option");
    let found = page.texts(&options).iter().position(|one| one == words);
    page.values(&options)[found.unwrap()].clone()
}

#[tokio::test]
async fn keys_are_narrowed_by_category_and_creator() {
    let house = House::new().await;
    submit(&house.owner, &[("name", "One"), ("category", "blue team")]).await;
    submit(&house.owner, &[("name", "Two"), ("category", "")]).await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    house.execute("update users set name = 'Grace Hopper' where email = 'dev@acme.example'");
    create(&developer, "Three").await;
    let page = house.owner.get(KEYS).await;
    assert!(!page.has("details.more-filters[open]"));
    assert_eq!(
        page.texts("select[name=category] option"),
        ["Any", "blue team", "production"]
    );
    let grace = option(&page, "by", "Grace Hopper");
    assert_eq!(names(&house, "category=blue+team").await, ["One"]);
    assert_eq!(names(&house, &format!("by={grace}")).await, ["Three"]);
    assert_eq!(names(&house, "q=hopper").await, ["Three"]);
    assert_eq!(names(&house, "q=DEV%40acme").await, ["Three"]);
    let both = "category=blue+team&category=production&sort=name";
    assert_eq!(names(&house, both).await, ["One", "Three"]);

    let url = format!("{KEYS}?category=blue+team&by={grace}");
    let page = house.owner.get(&url).await;
    assert!(page.has("details.more-filters[open] option[selected]"));
    let chips = page.texts(".active-filters .chip");
    assert_eq!(
        chips,
        ["Category: blue teamRemove", "Owner: Grace HopperRemove"]
    );
    assert_eq!(page.one(".empty h2"), "No keys match 2 filters");
}

#[tokio::test]
async fn what_no_key_has_is_still_shown_as_chosen() {
    let house = House::new().await;
    house.fill(1);
    let page = house.owner.get(&format!("{KEYS}?category=gone")).await;
    assert_eq!(page.one("select[name=category] option[selected]"), "gone");
    let page = house.owner.get(&format!("{KEYS}?by=nobody")).await;
    assert!(page.one(".notice").contains("by=nobody"));
}

#[tokio::test]
async fn the_busiest_keys_come_first() {
    let house = House::new().await;
    house.fill(40);
    house.execute("update api_keys set requests_30d = substr(name, 5)::int / 2 * 100");
    let first = house.owner.get(&format!("{KEYS}?sort=-requests")).await;
    assert_eq!(first.attribute("th.number", "aria-sort"), "descending");
    let next = first.attribute(".pager a[rel=next]", "href");
    let second = house.owner.get(&next).await;
    let names: Vec<String> = [first, second]
        .iter()
        .flat_map(|page| page.texts("tbody th[scope=row] a"))
        .collect();
    let mut sorted = names.clone();
    sorted.sort_by_key(|name| std::cmp::Reverse(name[4..].parse::<u32>().unwrap() / 2));
    assert_eq!((names.len(), &names), (40, &sorted));
}

#[tokio::test]
async fn no_view_filter_sort_or_search_takes_more_than_six_queries() {
    queries::watch();
    let house = House::new().await;
    house.fill(60);
    let key = create(&house.owner, "Blog ingest").await;
    let person = house.acme.owner;
    let url = house.app.db.url();
    let mut asked: Vec<String> = ["current", "attention", "disabled", "ended", "all"]
        .map(|view| format!("view={view}"))
        .to_vec();
    for sort in ["name", "last-used", "requests", "expires", "created"] {
        asked.extend([format!("sort={sort}"), format!("sort=-{sort}")]);
    }
    for status in ["active", "rotating", "disabled", "expired", "revoked"] {
        asked.push(format!("view=all&status={status}"));
    }
    asked.extend(["7d", "30d", "never"].map(|life| format!("expires={life}")));
    asked.extend(["30d", "90d", "never"].map(|idle| format!("idle={idle}")));
    asked.push("reach=over".to_owned());
    for q in ["key", "blog+ing", "ada", key.id.as_str(), key.last_four()] {
        asked.push(format!("limit=100&q={q}"));
    }
    asked.push(format!("scope=full&category=staging&by={person}&limit=50"));
    for query in asked {
        queries::take(&url);
        let page = house.owner.get(&format!("{KEYS}?{query}")).await;
        assert_eq!((page.status, page.has(".notice")), (200, false), "{query}");
        let taken = queries::take(&url);
        assert!(
            (1..=QUERIES_MAX).contains(&taken.len()),
            "{query}: {taken:#?}"
        );
    }
}

#[tokio::test]
async fn keys_that_may_do_everything_and_do_little_want_a_look() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    create(&house.owner, "Busy").await;
    let narrow = submit(&house.owner, &[("name", "Narrow"), ("scope", "query")]).await;
    assert_eq!(narrow.status, 201);
    house.execute(
        "update api_keys set few_permissions = '{documents:read,corpus:query}' where name <> 'Busy';
         update api_keys set last_used_at = now()",
    );
    let page = house.owner.get(KEYS).await;
    let strip = page.texts(".attention a");
    assert_eq!(strip, ["1 wider than its use"]);
    assert_eq!(page.texts(".views a")[1], "Needs attention 1");
    let found = house
        .owner
        .get(&page.attribute(".attention a", "href"))
        .await;
    assert_eq!(found.texts("tbody th[scope=row] a"), ["Blog ingest"]);
    assert!(found.one(".chip").starts_with("Wider than its use"));
    let attention = house.owner.get(&format!("{KEYS}?view=attention")).await;
    assert_eq!(attention.texts("tbody th[scope=row] a"), ["Blog ingest"]);

    let shown = house.owner.get(&key.url()).await;
    let told = shown.one("[data-grant=used]");
    for words in ["documents:read", "corpus:query", "would have been enough"] {
        assert!(told.contains(words), "{told}");
    }
    let edit = format!("[data-grant=used] a[href='{}/edit']", key.url());
    assert!(shown.has(&edit));
    let narrow = house.owner.get(&NewKey::of(&narrow).url()).await;
    assert!(!narrow.has("[data-grant=used]"));
}
