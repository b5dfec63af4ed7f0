//! A request as a command that makes it again, with whatever key is in the environment.

use crate::db::request_log::LogRow;
use crate::domain::endpoint::Method;

/// Stands for an API behind no gateway of ours.
const UNKNOWN_API: &str = "https://api.example.com";
const HEADER: &str = "-H \"Authorization: Bearer $LATCHKEY_API_KEY\"";

/// `None` where it is not known what was called. The query and the body are in no log.
pub fn of(row: &LogRow, gateway: Option<&str>) -> Option<String> {
    let method = row.method?;
    if !row.path.starts_with('/') {
        return None;
    }
    let host = gateway.unwrap_or(UNKNOWN_API).trim_end_matches('/');
    let url = quoted(&format!("{host}{}", row.path));
    let method = match method {
        Method::Get => String::new(),
        Method::Head => "--head ".to_owned(),
        other => format!("-X {} ", other.as_str()),
    };
    Some(format!("curl {method}{url} \\\n  {HEADER}"))
}

/// One word for a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_one_word() {
        assert_eq!(quoted("/a b"), "'/a b'");
        assert_eq!(quoted("/'$(reboot)'"), "'/'\\''$(reboot)'\\'''");
    }
}
