//! The create form with the settings of another key: how a key is replaced by hand.

use actix_web::HttpRequest;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::keys::create_form::CreateFields;
use crate::dashboard::keys::grant_form::KEEP;
use crate::dashboard::keys::rules_form::RuleFields;
use crate::dashboard::posted::Fields;
use crate::db::catalogue::Offer;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::KEY_NAME_LENGTH_MAX;
use crate::domain::expiry::Expiry;
use crate::domain::grant::Permissions;

/// So much may lie between a choice of the form and the life that a key was given.
const SAME_LIFE: TimeDelta = TimeDelta::days(1);
const COPY: &str = " (copy)";

/// The key that `?like=` of the address names, if it names one.
pub fn key_in(request: &HttpRequest) -> Result<Option<ApiKeyId>, PageError> {
    match Fields::of_query(request)?.get("like") {
        "" => Ok(None),
        id => Ok(Some(id.parse().map_err(|_| PageError::NotFound)?)),
    }
}

impl CreateFields {
    /// As `key` is, but for its name and what cannot be given any more.
    pub fn like(key: &ApiKey, offered: Self, offer: &Offer, rights: &Permissions) -> Self {
        let mut rules = RuleFields::of(key, offer);
        if rules.scope == KEEP {
            // In the version of now, which the form shows.
            rules.scope.clone_from(&key.grant.scope);
        }
        rules
            .permissions
            .retain(|slug| offer.catalogue.permission(slug).is_some() && rights.allow(slug));
        Self {
            name: copied(&key.name),
            category: key.category.clone(),
            note: key.note.clone(),
            expires: life_of(key.created_at, key.times.expires_at)
                .map_or_else(|| offered.expires.clone(), str::to_owned),
            rules,
            ..offered
        }
    }
}

/// The choice that gives a new key the life that this one was given.
fn life_of(created_at: DateTime<Utc>, expires_at: Option<DateTime<Utc>>) -> Option<&'static str> {
    let Some(expires_at) = expires_at else {
        return Some("never");
    };
    let gap = |expiry: Expiry| Some((expiry.at(created_at)? - expires_at).abs());
    let (slug, gap) = Expiry::PRESETS
        .iter()
        .filter_map(|(slug, _, expiry)| Some((*slug, gap(*expiry)?)))
        .min_by_key(|(_, gap)| *gap)?;
    let short = expires_at - created_at < SAME_LIFE * 2;
    let most = if short {
        TimeDelta::hours(1)
    } else {
        SAME_LIFE
    };
    (gap < most).then_some(slug)
}

fn copied(name: &str) -> String {
    let room = KEY_NAME_LENGTH_MAX - COPY.chars().count();
    let kept: String = name.chars().take(room).collect();
    format!("{}{COPY}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_says_so_and_stays_a_name() {
        assert_eq!(copied("Blog ingest"), "Blog ingest (copy)");
        let long = copied(&"ü".repeat(KEY_NAME_LENGTH_MAX));
        assert_eq!(long.chars().count(), KEY_NAME_LENGTH_MAX);
        assert!(long.ends_with("ü (copy)"));
    }

    #[test]
    fn a_life_is_the_choice_that_it_came_from() {
        let made: DateTime<Utc> = "2026-11-21T09:41:07Z".parse().unwrap();
        for (slug, _, expiry) in Expiry::PRESETS {
            assert_eq!(life_of(made, expiry.at(made)), Some(slug));
        }
        assert_eq!(life_of(made, None), Some("never"));
        assert_eq!(life_of(made, Some(made + TimeDelta::days(45))), None);
        assert_eq!(life_of(made, Some(made + TimeDelta::hours(10))), None);
    }
}
