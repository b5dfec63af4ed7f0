//! Who makes a change; every write takes one and every audit row names it.

use std::net::IpAddr;

use uuid::Uuid;

use crate::domain::api_key::ApiKeyId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActorKind {
    Person(Uuid),
    /// A key acting on itself.
    Key(ApiKeyId),
    /// Latchkey itself, or the operator on the command line.
    System,
    /// Somebody of support who looks into a customer's account, with ticket and reason in words.
    Support {
        person: Uuid,
        because: String,
    },
}

#[derive(Debug, Clone)]
pub struct Actor {
    pub kind: ActorKind,
    /// How people know it: an e-mail address, a key's name, "command line".
    pub label: String,
    pub ip: Option<IpAddr>,
    /// The request that asked for the change, where there was one.
    pub request_id: Option<String>,
}

impl Actor {
    pub fn system(label: &str) -> Self {
        Self {
            kind: ActorKind::System,
            label: label.to_owned(),
            ip: None,
            request_id: None,
        }
    }

    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            ActorKind::Person(_) => "person",
            ActorKind::Key(_) => "key",
            ActorKind::System => "system",
            ActorKind::Support { .. } => "support",
        }
    }

    pub fn id(&self) -> String {
        match &self.kind {
            ActorKind::Person(id) | ActorKind::Support { person: id, .. } => id.to_string(),
            ActorKind::Key(id) => id.to_string(),
            ActorKind::System => "system".to_owned(),
        }
    }

    /// Why they act at all, where that has to be said.
    pub fn because(&self) -> Option<&str> {
        match &self.kind {
            ActorKind::Support { because, .. } => Some(because),
            ActorKind::Person(_) | ActorKind::Key(_) | ActorKind::System => None,
        }
    }
}
