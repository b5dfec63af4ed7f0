//! Reads the `Cookie` header byte by byte, before anything else does.
//!
//! A sibling host may plant cookies whose names a lenient reader takes for ours: percent-encoded,
//! with Unicode spaces, or simply a second one of the same name. So only byte-exact names get
//! through, and a name that comes twice does not get through at all. The rest is dropped, and with
//! it every byte that could make the reader behind us give up on the whole header.

use actix_web::http::header::COOKIE;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderValue;

/// Keeps the cookies called `names` and nothing else.
pub fn keep_only(names: &[String], headers: &mut HeaderMap) {
    let kept: Vec<Vec<u8>> = {
        let pairs: Vec<(&[u8], &[u8])> = headers
            .get_all(COOKIE)
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .filter_map(pair)
            .collect();
        names
            .iter()
            .filter_map(|name| only(name.as_bytes(), &pairs))
            .collect()
    };
    headers.remove(COOKIE);
    if let Ok(value) = HeaderValue::from_bytes(&kept.join(&b"; "[..]))
        && !kept.is_empty()
    {
        headers.insert(COOKIE, value);
    }
}

/// The one cookie of this name, written out again. Two are none: which is ours cannot be told.
fn only(name: &[u8], pairs: &[(&[u8], &[u8])]) -> Option<Vec<u8>> {
    let mut found = pairs.iter().filter(|(known, _)| *known == name);
    let (_, value) = found.next()?;
    if found.next().is_some() || !value.iter().all(|byte| is_cookie_octet(*byte)) {
        return None;
    }
    Some([name, b"=", value].concat())
}

/// Name and value around the first `=`, without the spaces and tabs around them.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    Some((trim(&text[..at]), trim(&text[at + 1..])))
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// RFC 6265, section 4.1.1.
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(lines: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        keep_only(
            &["__Host-lk_sid".to_owned(), "lk_theme".to_owned()],
            &mut headers,
        );
        headers
            .get(COOKIE)
            .map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn known_names_stay_and_others_go() {
        assert_eq!(
            kept(&[b"a=b; lk_theme=dark;__Host-lk_sid=x%3D"]).as_deref(),
            Some("__Host-lk_sid=x%3D; lk_theme=dark")
        );
        assert_eq!(kept(&[b"a=b"]), None);
        assert_eq!(kept(&[]), None);
    }

    #[test]
    fn what_only_looks_like_our_name_goes() {
        for planted in [
            &b"%5F%5FHost-lk_sid=evil"[..],
            b"__host-lk_sid=evil",
            b"\xe2\x80\x80__Host-lk_sid=evil",
            b"\xc2\xa0__Host-lk_sid=evil",
            b"\xc2\x85__Host-lk_sid=evil",
            b"__Host-lk_sid\xe2\x80\x80=evil",
            b"\"__Host-lk_sid\"=evil",
            b"__Host-lk_sid",
            b"=__Host-lk_sid=evil",
        ] {
            assert_eq!(kept(&[planted]), None, "{}", planted.escape_ascii());
            let beside = [planted, b"; __Host-lk_sid=mine"].concat();
            assert_eq!(
                kept(&[&beside]).as_deref(),
                Some("__Host-lk_sid=mine"),
                "{}",
                planted.escape_ascii()
            );
        }
    }

    #[test]
    fn two_of_one_name_are_none() {
        assert_eq!(kept(&[b"__Host-lk_sid=a; __Host-lk_sid=b"]), None);
        assert_eq!(kept(&[b"__Host-lk_sid=a", b"__Host-lk_sid=a"]), None);
        assert_eq!(
            kept(&[b"__Host-lk_sid=a; __Host-lk_sid=b; lk_theme=dark"]).as_deref(),
            Some("lk_theme=dark")
        );
    }

    #[test]
    fn a_byte_that_is_no_utf8_breaks_only_its_own_cookie() {
        assert_eq!(
            kept(&[b"x=\xff; __Host-lk_sid=mine; lk_theme=\xff"]).as_deref(),
            Some("__Host-lk_sid=mine")
        );
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic_or_lets_a_strange_byte_through(
            bytes in proptest::collection::vec(prop_oneof![32_u8..=255, Just(b';'), Just(b'=')], 0..120)
        ) {
            if let Ok(value) = HeaderValue::from_bytes(&[&b"lk_theme="[..], &bytes].concat()) {
                let mut headers = HeaderMap::new();
                headers.append(COOKIE, value);
                keep_only(&["lk_theme".to_owned()], &mut headers);
                let line = headers.get(COOKIE).map(|line| line.to_str().unwrap().to_owned());
                prop_assert!(line.is_none_or(|line| line.starts_with("lk_theme=") && !line.contains(';')));
            }
        }
    }
}
