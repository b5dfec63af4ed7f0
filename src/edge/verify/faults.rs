//! What is wrong with the body of a verify request, in words that name the field and repeat
//! nothing of what was sent: it may be a key.

use std::net::IpAddr;

use serde_json::Value;
use serde_json::error::Category;

use crate::edge::error::EdgeError;

/// The fields and what each must be.
const FIELDS: [(&str, Kind, &str); 10] = [
    ("key", Kind::Text, "“key” must be a text"),
    ("method", Kind::Text, METHOD),
    ("path", Kind::Text, "“path” must be a text"),
    ("ip", Kind::Address, "“ip” must be an IPv4 or IPv6 address"),
    ("origin", Kind::Text, "“origin” must be a text"),
    ("permission", Kind::Text, "“permission” must be a text"),
    ("resource", Kind::Text, "“resource” must be a text"),
    ("customer_id", Kind::Text, "“customer_id” must be a text"),
    ("credits", Kind::Count, "“credits” must be 0 to 1000000"),
    ("request_id", Kind::Text, "“request_id” must be a text"),
];

/// Longest unknown field that is named.
const NAME_BYTES_SHOWN: usize = 32;

const METHOD: &str = "“method” must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Address,
    Count,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Address => value
                .as_str()
                .is_some_and(|text| text.parse::<IpAddr>().is_ok()),
            Self::Count => value.as_u64().is_some_and(|n| u32::try_from(n).is_ok()),
        }
    }
}

pub fn at(field: &'static str, message: &'static str) -> EdgeError {
    EdgeError::MalformedBody {
        field: Some(field.into()),
        message: message.into(),
    }
}

pub fn method() -> EdgeError {
    at("method", METHOD)
}

pub fn name_taken() -> EdgeError {
    at(
        "request_id",
        "“request_id” was used for another request in the last 10 minutes",
    )
}

/// Why `body` did not parse. Reads it a second time, which only a client in the wrong pays for.
pub fn explain(body: &[u8], error: &serde_json::Error) -> EdgeError {
    let whole = |message: String| EdgeError::MalformedBody {
        field: None,
        message: message.into(),
    };
    if error.classify() != Category::Data {
        let (line, column) = (error.line(), error.column());
        return whole(format!(
            "The body is not JSON: see line {line}, column {column}"
        ));
    }
    let Ok(Value::Object(sent)) = serde_json::from_slice(body) else {
        return whole("The body must be a JSON object".to_owned());
    };
    for (field, kind, message) in FIELDS {
        match sent.get(field) {
            None | Some(Value::Null) if field == "key" => return at("key", "“key” is missing"),
            None | Some(Value::Null) => {}
            Some(value) if kind.fits(value) => {}
            Some(_) => return at(field, message),
        }
    }
    if let Some(name) = sent.keys().find(|name| is_unknown(name)) {
        return unknown(name);
    }
    // Nothing is wrong with any of them, so one came twice.
    whole("Each field may come only once".to_owned())
}

fn is_unknown(name: &str) -> bool {
    FIELDS.iter().all(|(field, _, _)| *field != name)
}

/// Named only if it can be no secret: a word, shorter than any key.
fn unknown(name: &str) -> EdgeError {
    let word = name.len() <= NAME_BYTES_SHOWN
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'-');
    let known: Vec<&str> = FIELDS.iter().map(|(field, _, _)| *field).collect();
    let known = known.join(", ");
    EdgeError::MalformedBody {
        field: word.then(|| name.to_owned().into()),
        message: if word {
            format!("“{name}” is no field; there are {known}")
        } else {
            format!("There is a field that is none of {known}")
        }
        .into(),
    }
}
