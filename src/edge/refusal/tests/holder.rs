//! A key whose account is answered in one profile or the other.

use std::sync::Arc;

use crate::crypto::digest::Digest;
use crate::domain::account::AccountId;
use crate::domain::account::ErrorProfile;
use crate::domain::account::WorkspaceId;
use crate::domain::grant::Permissions;
use crate::domain::grant::Resources;
use crate::domain::key_state::KeyTimes;
use crate::verify::Holder;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::KeyEntry;
use crate::verify::entry::PresetEntry;
use crate::verify::entry::SecretEntry;
use crate::verify::entry::WorkspaceEntry;

pub fn answered_in(profile: ErrorProfile) -> Holder {
    let (account, workspace) = (AccountId(1), WorkspaceId(2));
    Holder {
        key: Arc::new(KeyEntry {
            id: "aaaaaaaaaaaa".parse().unwrap(),
            account,
            workspace,
            owner: Some(uuid::Uuid::nil()),
            name: "ingest".into(),
            category: "".into(),
            preset: Arc::new(PresetEntry {
                slug: "full".into(),
                permissions: Permissions::new(["*"]),
            }),
            custom: None,
            resources: Resources::ALL,
            limits: None,
            network: None,
            times: KeyTimes::default(),
            current: SecretEntry {
                generation: 1,
                digest: Digest::from_stored(&[0; 32]).unwrap(),
                retires_at: None,
            },
            retiring: None,
        }),
        account: Arc::new(AccountEntry {
            id: account,
            public_id: "acc_1".into(),
            domain: "acme".into(),
            customer_id: "acme".into(),
            suspended: false,
            plan: "standard".into(),
            profile,
            refused_credentials: Vec::new(),
        }),
        workspace: Arc::new(WorkspaceEntry {
            id: workspace,
            public_id: "wsp_2".into(),
            slug: "default".into(),
        }),
        generation: 1,
        inherited: None,
    }
}
