//! `Latchkey-Usage: credits=2, imports=3`: what the upstream says a request cost.

use http::HeaderMap;

use crate::domain::meter;
use crate::domain::meter::AMOUNT_MAX;
use crate::domain::meter::CREDITS;
use crate::domain::meter::REQUESTS;
use crate::edge::told::MeterAmounts;
use crate::edge::told::Used;

/// No request costs more.
const CREDITS_MAX: u32 = 1_000_000;

/// What was used: of what the upstream names what it says, else what the decision `charged`. What
/// is no meter, or no whole number, is passed over.
pub fn of(headers: &HeaderMap, credits: u32, mut charged: MeterAmounts) -> Used {
    let mut used = Used {
        credits,
        meters: Vec::new(),
    };
    let mut told = MeterAmounts::default();
    for (meter, amount) in named(headers) {
        if meter.eq_ignore_ascii_case(CREDITS) {
            if let Some(credits) = amount.parse().ok().filter(|amount| *amount <= CREDITS_MAX) {
                used.credits = credits;
            }
            continue;
        }
        let meter = meter.to_ascii_lowercase();
        let amount = amount.parse().ok();
        let amount =
            amount.filter(|amount: &i64| amount.unsigned_abs() <= AMOUNT_MAX.unsigned_abs());
        if let Some(amount) = amount.filter(|_| meter != REQUESTS && meter::is_slug(&meter)) {
            told.set(&meter, amount);
        }
    }
    used.meters = charged.change_to(&told);
    used
}

fn named(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all("latchkey-usage")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|part| part.split_once('='))
        .map(|(meter, amount)| (meter.trim(), amount.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&'static str]) -> Used {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("latchkey-usage", http::HeaderValue::from_static(line));
        }
        let mut charged = MeterAmounts::default();
        charged.set("imports", 1);
        of(&headers, 9, charged)
    }

    fn imports(used: &Used) -> i64 {
        let imports = used.meters.iter().find(|one| one.meter == "imports");
        imports.map_or(0, |one| one.used)
    }

    #[test]
    fn credits_and_meters_are_read_in_any_order() {
        for (lines, credits, more) in [
            (vec!["credits=2, imports=3"], 2, 2),
            (vec!["imports=3,Credits = 0"], 0, 2),
            (vec!["Imports=0", "credits=7"], 7, -1),
            (vec!["imports=1"], 9, 0),
            (vec![], 9, 0),
        ] {
            let used = told(&lines);
            assert_eq!((used.credits, imports(&used)), (credits, more), "{lines:?}");
        }
        assert_eq!(told(&["storage=-700"]).meters[0].used, -700);
    }

    #[test]
    fn what_is_no_number_is_not_believed() {
        for line in [
            "",
            "credits",
            "credits=",
            "credits=-1",
            "credits=1e3",
            "credits=1000001",
            "imports=many",
            "imports=1000000000001",
            "requests=5",
            "im ports=5",
        ] {
            let used = told(&[line]);
            assert_eq!((used.credits, used.meters.len()), (9, 0), "{line}");
        }
    }
}
