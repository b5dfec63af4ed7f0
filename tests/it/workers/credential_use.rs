use std::time::Duration;

use latchkey::db::Db;
use latchkey::verify::credential_use::CredentialUse;
use latchkey::workers::credential_use::CredentialUseFlush;

use super::LogPath;

const ADD: &str = "insert into service_credentials (id, name, digest, created_at) values
    ('4fZk0QpL9aBc', 'Billing', sha256('a'), now()), ('4fZk0QpL9aBd', 'Idle', sha256('b'), now())";
const USED: &str = "select string_agg(name || ' ' || coalesce(to_char(last_used_at, 'HH24:MI:SS'),
    'never'), ', ' order by name) from service_credentials";

#[tokio::test]
async fn the_last_use_comes_in_batches_never_goes_back_and_is_no_news_for_the_mirror() {
    let path = LogPath::new();
    path.test_db.execute(ADD);
    let news = "select count(*) from key_changes where kind = 'service_credential'";
    let before = path.number(news);
    let used = CredentialUse::default();
    let id = "4fZk0QpL9aBc".parse().unwrap();
    let flush = CredentialUseFlush::new(path.test_db.db(), used.clone());
    assert_eq!(flush.run_once().await.unwrap(), 0);
    let now = path.now();
    for seconds in [1, 5, 3] {
        let at = now + Duration::from_secs(seconds);
        used.note(id, at.timestamp_micros());
    }
    let nowhere = Db::new("postgres://nobody@/nothing?host=/nonexistent", 1);
    let lost = CredentialUseFlush::new(nowhere, used.clone());
    assert!(lost.run_once().await.is_err());
    assert_eq!(
        flush.run_once().await.unwrap(),
        1,
        "kept while the database was away"
    );
    let told = path.text(USED);
    assert!(
        told.starts_with("Billing ") && told.ends_with(", Idle never"),
        "{told}"
    );
    used.note(id, now.timestamp_micros());
    flush.run_once().await.unwrap();
    assert_eq!(path.text(USED), told, "another node knew of a later one");
    assert_eq!(path.number(news), before);
}
