//! Numbers as people read them.

/// 18402 as "18,402".
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 request", "18,402 requests".
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// 812 as "812 B", 12400 as "12.4 kB".
pub fn bytes(number: i64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| number >= *unit) {
        Some((unit, name)) => {
            let tenths = number / (unit / 10);
            format!("{}.{} {name}", grouped(tenths / 10), tenths % 10)
        }
        None => format!("{number} B"),
    }
}

/// How long to wait: "1 second", "15 minutes".
pub fn wait(seconds: i64) -> String {
    if seconds < 60 {
        counted(seconds, "second", "seconds")
    } else {
        counted((seconds + 59) / 60, "minute", "minutes")
    }
}

/// A share with one decimal; never "0%" or "100%" when it is not quite that.
pub fn percent(part: i64, whole: i64) -> String {
    if part <= 0 || whole <= 0 {
        return "0%".to_owned();
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    let tenths = (part * 1000 + whole / 2) / whole;
    match tenths {
        0 => "under 0.1%".to_owned(),
        1000.. if part < whole => "over 99.9%".to_owned(),
        tenths if tenths % 10 == 0 => format!("{}%", tenths / 10),
        tenths => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
            (-1000, "-1,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "request", "requests"), "1 request");
    }

    #[test]
    fn bytes_have_a_unit_that_suits_them() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (12_449, "12.4 kB"),
            (1_000_000, "1.0 MB"),
            (4_294_967_296, "4.2 GB"),
        ] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn a_small_share_is_not_called_nothing() {
        for (part, whole, text) in [
            (0, 10, "0%"),
            (1, 1_000_000, "under 0.1%"),
            (12, 1000, "1.2%"),
            (1, 4, "25%"),
            (999_999, 1_000_000, "over 99.9%"),
            (7, 7, "100%"),
            (0, 0, "0%"),
        ] {
            assert_eq!(percent(part, whole), text, "{part} of {whole}");
        }
    }
}
