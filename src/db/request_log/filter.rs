//! What narrows a log beside its time, and how the database is asked for it.

use ipnet::IpNet;

use crate::db::binds::Bind;
use crate::db::binds::Binds;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::person::UserId;
use crate::domain::request_id::RequestId;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Allowed,
    /// For whatever reason.
    Refused,
    /// Refused, or answered with status 400 or above.
    Failed,
    /// For this reason, or another of the same code.
    Denied(DenyReason),
    /// 2 for 2xx, and so on.
    Class(u16),
    Status(u16),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Any of them; all where there is none.
    pub keys: Vec<ApiKeyId>,
    /// That the keys have now.
    pub categories: Vec<String>,
    /// Whose the keys are.
    pub owner: Option<UserId>,
    pub outcome: Option<Outcome>,
    pub method: Option<Method>,
    /// What the path begins with.
    pub path: Option<String>,
    /// The address of the caller is in it.
    pub network: Option<IpNet>,
    /// Took at least so many microseconds.
    pub slow_us: Option<i32>,
    /// Cost at least so many.
    pub credits: Option<i32>,
    pub request: Option<RequestId>,
}

/// The paths that a filter means, as far as they were looked up.
pub enum Paths {
    /// Their numbers.
    Ids(Vec<i32>),
    /// Too many to name: those of which the text is like this.
    Like(String),
}

impl LogFilter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an index finds the rows, so that nothing else is read on the way to them.
    pub(super) fn is_indexed(&self) -> bool {
        let keys = self.keys.get(..1).unwrap_or_default().to_vec();
        let request = self.request;
        request.is_some()
            || *self
                == Self {
                    keys,
                    ..Self::default()
                }
    }

    /// The conditions on a row `l`, of the account that is bound at `$1`.
    pub(super) fn conditions(&self, paths: Option<&Paths>, binds: &mut Binds) -> Vec<String> {
        let mut all = self.of_keys(binds);
        all.extend(self.outcome.map(|outcome| condition(outcome, binds)));
        if let Some(method) = self.method {
            let number = Bind::Small(i16::from(method.number()));
            all.push(format!("l.method = {}", binds.place(number)));
        }
        match paths {
            Some(Paths::Ids(ids)) => {
                let ids = binds.place(Bind::Numbers(ids.clone()));
                all.push(format!("l.path_id = any({ids})"));
            }
            Some(Paths::Like(pattern)) => {
                let pattern = binds.place(Bind::Text(pattern.clone()));
                all.push(format!(
                    "exists (select from log_texts t where t.id = l.path_id and t.value like {pattern})"
                ));
            }
            None => {}
        }
        if let Some(network) = self.network {
            all.push(format!("l.ip <<= {}", binds.place(Bind::Network(network))));
        }
        if let Some(slow_us) = self.slow_us {
            let least = binds.place(Bind::Number(slow_us));
            all.push(format!("l.duration_us >= {least}"));
        }
        if let Some(credits) = self.credits {
            all.push(format!(
                "l.credits >= {}",
                binds.place(Bind::Number(credits))
            ));
        }
        if let Some(request) = self.request {
            let id = binds.place(Bind::Text(request.to_string()));
            all.push(format!("l.request_id = {id}"));
        }
        all
    }

    fn of_keys(&self, binds: &mut Binds) -> Vec<String> {
        let mut all = Vec::new();
        match self.keys.as_slice() {
            [] => {}
            [key] => {
                let key = binds.place(Bind::Text(key.to_string()));
                all.push(format!("l.key_id = {key}"));
            }
            keys => {
                let keys = keys.iter().map(ToString::to_string).collect();
                all.push(format!(
                    "l.key_id = any({})",
                    binds.place(Bind::Texts(keys))
                ));
            }
        }
        // `is true` keeps these from becoming joins: the keys are found once and each row is looked
        // up among them, on the way along the index of times.
        if !self.categories.is_empty() {
            let categories = binds.place(Bind::Texts(self.categories.clone()));
            all.push(format!(
                "(l.key_id in (select k.id from api_keys k where k.account_id = $1
                     and k.category = any({categories}))) is true"
            ));
        }
        if let Some(owner) = self.owner {
            let owner = binds.place(Bind::Person(owner));
            all.push(format!(
                "(l.key_id in (select k.id from api_keys k where k.account_id = $1
                     and k.owner_id = {owner})) is true"
            ));
        }
        all
    }
}

fn condition(outcome: Outcome, binds: &mut Binds) -> String {
    match outcome {
        Outcome::Allowed => "l.code = 0".to_owned(),
        Outcome::Refused => "l.code <> 0".to_owned(),
        Outcome::Failed => "(l.code <> 0 or l.status >= 400)".to_owned(),
        Outcome::Denied(reason) => {
            let alike = DenyReason::ALL.into_iter();
            let alike = alike.filter(|other| other.code() == reason.code());
            let numbers = alike.map(|reason| i16::from(reason.number())).collect();
            format!("l.code = any({})", binds.place(Bind::Smalls(numbers)))
        }
        Outcome::Class(class) => {
            let first = stored(class * 100);
            let (first, last) = (Bind::Small(first), Bind::Small(first + 99));
            let (first, last) = (binds.place(first), binds.place(last));
            format!("l.status between {first} and {last}")
        }
        Outcome::Status(status) => {
            let status = binds.place(Bind::Small(stored(status)));
            format!("l.status = {status}")
        }
    }
}

/// A status as the table stores it.
fn stored(status: u16) -> i16 {
    i16::try_from(status).unwrap_or(i16::MAX)
}
