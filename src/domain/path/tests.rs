use proptest::prelude::*;

use super::*;

#[test]
fn plain_paths_have_one_reading() {
    for path in [
        "/",
        "/v1/documents",
        "/v1/documents/",
        "/v1/documents/42",
        "/a.b/c",
        "/a..b",
        "/.well-known/x",
        "/...a",
        "/%20",
        "/a%20b",
        "/%C3%A9",
        "/%e2%82%ac/x",
        "/a%3Fb",
        "/a%23b",
        "/a%3Ab:c",
        "/~user",
        "/a,b;".trim_end_matches(';'),
        "/a@b!$&'()*+=",
        "/a%2Bb",
    ] {
        assert!(!is_ambiguous(path), "{path}");
    }
}

#[test]
fn every_second_reading_is_refused() {
    let dots = [
        "/.", "/..", "/./a", "/../a", "/a/..", "/a/./b", "/a/../b", "/.../", "/a.",
    ];
    let encoded_dots = [
        "/%2e",
        "/%2e%2e/a",
        "/%2E%2e/a",
        "/.%2e/a",
        "/%2e./a",
        "/a/%2e%2e",
        "/a%2e",
        "/a%2Eb",
    ];
    let slashes = [
        "//", "//a", "/a//b", "/a//", "/a%2fb", "/a%2Fb", "/%2f", "/a\\b", "/a%5cb", "/%5C",
    ];
    let others = [
        "/a;b", "/a;", "/;/a", "/a%3bb", "/a%3B", "/a#b", "/a?b", "/%00", "/a%00b",
    ];
    let controls = [
        "/a b", "/a\tb", "/a\rb", "/a\nb", "/a\0b", "/a\x7fb", "/%0a", "/%0d%0a", "/%7f", "/%1F",
    ];
    let twice = ["/%25", "/%252e", "/%252f", "/a%25b", "/%2525"];
    let letters = ["/%61dmin", "/%41", "/a%2db", "/a%5fb", "/%7euser", "/%30"];
    let broken = [
        "/%", "/%2", "/a%", "/%zz", "/%g0", "/%0", "/%é0", "/% 2", "/%+2", "/%u002e",
    ];
    let no_utf8 = [
        "/%ff",
        "/%c0%ae",
        "/%c0%af",
        "/%e0%80%af",
        "/%c3",
        "/%c3/%a9",
        "/%ed%a0%80",
        "/%80",
    ];
    let not_ascii = [
        "/é",
        "/\u{ff0f}",
        "/\u{202e}",
        "/\u{2215}",
        "/%c2%80",
        "/%c2%85",
    ];
    let no_path = ["", "*", "a", "a/b", ".", "http://host/a", "http:/a"];
    let all = [
        dots.as_slice(),
        &encoded_dots,
        &slashes,
        &others,
        &controls,
        &twice,
        &letters,
        &broken,
        &no_utf8,
        &not_ascii,
        &no_path,
    ];
    for path in all.into_iter().flatten() {
        assert!(is_ambiguous(path), "{path:?}");
        // Nor does it help to hide it in the middle.
        if path.starts_with('/') {
            assert!(is_ambiguous(&format!("/v1{path}")), "/v1{path:?}");
        }
    }
}

proptest! {
    /// What is let through reads the same when it is decoded, cut at its slashes, and cleaned.
    #[test]
    fn what_passes_decodes_and_cleans_to_itself(path in "/([a-z./%;2fF5cCeE0\\\\ é]|%[0-9a-f]{2}){0,12}") {
        if !is_ambiguous(&path) {
            let decoded = percent_encoding::percent_decode_str(&path).decode_utf8().unwrap();
            prop_assert_eq!(decoded.matches('/').count(), path.matches('/').count());
            prop_assert!(!decoded.contains(['\\', ';', '%', '\0']));
            prop_assert!(decoded.split('/').all(|segment| segment != "." && segment != ".."));
            prop_assert!(!decoded.contains("//"));
        }
    }

    #[test]
    fn no_text_makes_it_panic(path in ".{0,60}") {
        is_ambiguous(&path);
    }
}
