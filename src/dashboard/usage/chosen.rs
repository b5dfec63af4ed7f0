//! Whose use is shown: the workspace's, one category's, or one key's.

use form_urlencoded::Serializer;

use crate::domain::api_key::ApiKeyId;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Chosen {
    #[default]
    Workspace,
    Category(String),
    Key(ApiKeyId),
}

/// An address as it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageAddress {
    pub chosen: Chosen,
    /// What of it was passed over.
    pub notices: Vec<String>,
}

impl UsageAddress {
    /// A key is narrower than a category, so it wins.
    pub fn parse(query: &str) -> Self {
        let mut address = Self::default();
        let mut key = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            match (name.as_ref(), value) {
                (_, "") => {}
                ("category", value) => address.chosen = Chosen::Category(value.to_owned()),
                ("key", value) => match value.parse() {
                    Ok(id) => key = Some(Chosen::Key(id)),
                    Err(_) => address.notices.push(
                        "The address names a key by what is no key ID, so it was passed over."
                            .to_owned(),
                    ),
                },
                (other, _) => address.notices.push(format!(
                    "“{}” is no filter of this page, so it was passed over.",
                    shown(other)
                )),
            }
        }
        address.chosen = key.unwrap_or(address.chosen);
        address
    }
}

impl Chosen {
    pub fn category(&self) -> Option<&str> {
        match self {
            Self::Category(category) => Some(category),
            Self::Workspace | Self::Key(_) => None,
        }
    }

    pub fn key(&self) -> Option<ApiKeyId> {
        match self {
            Self::Key(id) => Some(*id),
            Self::Workspace | Self::Category(_) => None,
        }
    }

    /// What the address of the same at `base` is.
    pub fn url(&self, base: &str) -> String {
        let mut query = Serializer::new(String::new());
        match self {
            Self::Workspace => return base.to_owned(),
            Self::Category(category) => query.append_pair("category", category),
            Self::Key(id) => query.append_pair("key", id.as_str()),
        };
        format!("{base}?{}", query.finish())
    }
}

/// Whatever somebody wrote, short.
fn shown(text: &str) -> String {
    text.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_what_its_address_says() {
        let key = Chosen::Key("4fZk0QpL9aBc".parse().unwrap());
        for chosen in [Chosen::Workspace, Chosen::Category("a&b=ü".to_owned()), key] {
            let url = chosen.url("/usage");
            let query = url.split_once('?').map_or("", |(_, query)| query);
            let address = UsageAddress::parse(query);
            assert_eq!((address.chosen, address.notices.len()), (chosen, 0));
        }
    }

    #[test]
    fn what_means_nothing_is_named_and_passed_over() {
        let address = UsageAddress::parse("key=nothing&color=red&category=");
        assert_eq!(address.chosen, Chosen::Workspace);
        assert_eq!(address.notices.len(), 2);
        assert!(address.notices[1].contains("“color”"));
    }
}
