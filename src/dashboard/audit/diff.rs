//! What a change changed: each fact before and after.

use serde_json::Map;
use serde_json::Value;

/// A fact by its name. Empty where there was none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    pub before: String,
    pub after: String,
}

impl Fact {
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// In the order of their names.
pub fn facts(before: Option<&Value>, after: Option<&Value>) -> Vec<Fact> {
    let (before, after) = (map(before), map(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let fact = |name: &String| Fact {
        name: name.replace(['_', '-'], " "),
        before: before.get(name).map(words).unwrap_or_default(),
        after: after.get(name).map(words).unwrap_or_default(),
    };
    names.into_iter().map(fact).collect()
}

/// What is no object has one fact without a name.
fn map(value: Option<&Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map.clone(),
        None | Some(Value::Null) => Map::new(),
        Some(other) => [("value".to_owned(), other.clone())].into_iter().collect(),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| format!("{}: {}", name.replace(['_', '-'], " "), words(value)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_fact_stands_beside_what_it_was() {
        let before = json!({"name": "Blog", "expires_at": null, "limits": []});
        let after = json!({"name": "Blog", "expires_at": "2027-01-01", "limits": ["daily", 5]});
        let found = facts(Some(&before), Some(&after));
        let fact = |name: &str, before: &str, after: &str| Fact {
            name: name.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        let expected = [
            fact("expires at", "none", "2027-01-01"),
            fact("limits", "none", "daily, 5"),
            fact("name", "Blog", "Blog"),
        ];
        assert_eq!(found, expected);
        assert_eq!(facts(None, None), []);
    }
}
