//! A key whose account is answered in one profile or the other.

use std::num::NonZero;
use std::sync::Arc;

use crate::crypto::digest::Digest;
use crate::domain::account::AccountId;
use crate::domain::account::ErrorProfile;
use crate::domain::account::WorkspaceId;
use crate::domain::grant::Permissions;
use crate::verify::Holder;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::KeyEnds;
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
            resources: None,
            limits: None,
            network: None,
            ends: KeyEnds::default(),
            current: Some(SecretEntry {
                generation: NonZero::new(1).unwrap(),
                digest: Digest::from_stored(&[0; 32]).unwrap(),
                retires_at: None,
            }),
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
