use diesel::prelude::*;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::schema::api_keys;
use crate::db::schema::key_limits;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;
use crate::domain::grant::Resources;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;

/// The columns that say what a key may do and from where.
#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys, check_for_backend(diesel::pg::Pg))]
pub(super) struct SettingsRow {
    preset: String,
    preset_version: i32,
    permissions: Vec<Option<String>>,
    resources: Vec<Option<String>>,
    allowed_ips: Vec<Option<String>>,
    allowed_origins: Vec<Option<String>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = key_limits, check_for_backend(diesel::pg::Pg))]
pub(super) struct LimitsRow {
    total: Option<i64>,
    daily: Option<i64>,
    weekly: Option<i64>,
    monthly: Option<i64>,
}

impl SettingsRow {
    pub(super) fn network(&self) -> Result<Network, DbError> {
        let ips = self.allowed_ips.iter().flatten();
        let ips: Result<Vec<IpNet>, DbError> = ips
            .map(|ip| ip.parse().map_err(|_| corrupt("allowed_ips", ip)))
            .collect();
        Ok(Network {
            ips: ips?.into(),
            origins: boxed(&self.allowed_origins).collect(),
        })
    }

    pub(super) fn grant(self) -> Grant {
        Grant {
            scope: self.preset,
            version: self.preset_version,
            permissions: Permissions::new(boxed(&self.permissions)),
            resources: Resources::new(boxed(&self.resources)),
        }
    }
}

impl LimitsRow {
    /// A cap that cannot be read would be no cap.
    pub(super) fn limits(self) -> Result<KeyLimits, DbError> {
        let cap = |cap: Option<i64>| {
            cap.map(|cap| u64::try_from(cap).map_err(|_| corrupt("limits", &cap.to_string())))
                .transpose()
        };
        Ok(KeyLimits {
            total: cap(self.total)?,
            daily: cap(self.daily)?,
            weekly: cap(self.weekly)?,
            monthly: cap(self.monthly)?,
        })
    }
}

fn boxed(stored: &[Option<String>]) -> impl Iterator<Item = Box<str>> {
    stored.iter().flatten().map(|text| text.as_str().into())
}

fn corrupt(column: &'static str, value: &str) -> DbError {
    DbError::Corrupt {
        table: "api_keys",
        column,
        value: value.to_owned(),
    }
}
