//! `Latchkey-Usage: credits=2, imports=3`: what the upstream says a request cost.

use http::HeaderMap;

/// No request costs more.
const CREDITS_MAX: u32 = 1_000_000;

/// The credits; `None` if the upstream names none, or nothing that is a number.
pub fn credits(headers: &HeaderMap) -> Option<u32> {
    headers
        .get_all("latchkey-usage")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|part| part.split_once('='))
        .find(|(meter, _)| meter.trim().eq_ignore_ascii_case("credits"))
        .and_then(|(_, amount)| amount.trim().parse().ok())
        .filter(|amount| *amount <= CREDITS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&'static str]) -> Option<u32> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("latchkey-usage", http::HeaderValue::from_static(line));
        }
        credits(&headers)
    }

    #[test]
    fn credits_are_read_among_other_meters() {
        assert_eq!(told(&["credits=2, imports=3"]), Some(2));
        assert_eq!(told(&["imports=3,Credits = 0"]), Some(0));
        assert_eq!(told(&["imports=3", "credits=7"]), Some(7));
    }

    #[test]
    fn what_is_no_number_of_credits_is_not_believed() {
        for line in [
            "",
            "credits",
            "credits=",
            "credits=-1",
            "credits=1e3",
            "credits=1000001",
        ] {
            assert_eq!(told(&[line]), None, "{line}");
        }
    }
}
