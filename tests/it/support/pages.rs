//! Pages of `docs` that are made from the code.

/// That the page is what the code says; `LATCHKEY_WRITE_DOCS=1 cargo test FILTER` writes it anew.
#[track_caller]
pub fn assert_page(filter: &str, page: &str, text: &str) {
    let path = crate::tidy::root().join(page);
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "{page} is not what the code says: run `LATCHKEY_WRITE_DOCS=1 cargo test {filter}`"
    );
}
