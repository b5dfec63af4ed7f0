use proptest::prelude::*;

use super::*;

#[test]
fn a_key_takes_no_more_room_than_is_told() {
    // With the two counts of its `Arc`; `benches/README.md` says what a key takes in all.
    assert!(size_of::<KeyEntry>() + 16 <= 200);
}

proptest! {
    #[test]
    fn a_stamp_is_its_moment_to_the_microsecond(
        micros in prop_oneof![
            any::<i64>(),
            Just(0),
            Just(DateTime::<Utc>::MIN_UTC.timestamp_micros()),
            Just(DateTime::<Utc>::MAX_UTC.timestamp_micros()),
        ],
    ) {
        if let Some(at) = DateTime::from_timestamp_micros(micros) {
            prop_assert_eq!(Stamp::from(at).at(), at);
        }
    }

    #[test]
    fn secrets_in_any_order_leave_the_newest_and_the_longest_of_the_others(
        (sorted, mixed) in secrets(),
    ) {
        let mut key = key();
        for (generation, retires_at) in mixed {
            key.add_secret(secret(generation, retires_at));
        }
        let (newest, others) = sorted.split_last().unwrap();
        let end = |retires_at: Option<i64>| retires_at.unwrap_or(i64::MAX);
        let longest = others.iter().max_by_key(|(generation, at)| (end(*at), *generation));
        let found = |secret: &SecretEntry| {
            let retires_at = secret.retires_at.map(|end| end.at().timestamp());
            (secret.generation.get(), retires_at)
        };
        prop_assert_eq!(key.current.as_ref().map(found), Some(*newest));
        prop_assert_eq!(key.retiring.as_deref().map(found), longest.copied());
    }
}

type Secrets = Vec<(i16, Option<i64>)>;

/// By generation, and mixed up.
fn secrets() -> impl Strategy<Value = (Secrets, Secrets)> {
    let ends = prop::collection::vec(prop::option::of(0..4_i64), 1..6);
    let sorted = ends.prop_map(|ends| (1_i16..).zip(ends).collect::<Secrets>());
    sorted.prop_flat_map(|sorted| (Just(sorted.clone()), Just(sorted).prop_shuffle()))
}

fn secret(generation: i16, retires_at: Option<i64>) -> SecretEntry {
    let end = |at| Stamp::from(DateTime::from_timestamp(at, 0).unwrap());
    SecretEntry {
        generation: NonZero::new(generation).unwrap(),
        digest: Digest::from_stored(&[7; 32]).unwrap(),
        retires_at: retires_at.map(end),
    }
}

fn key() -> KeyEntry {
    KeyEntry {
        id: "aaaaaaaaaaaa".parse().unwrap(),
        account: AccountId(1),
        workspace: WorkspaceId(1),
        owner: None,
        name: "".into(),
        category: "".into(),
        preset: Arc::new(PresetEntry {
            slug: String::new(),
            permissions: Permissions::default(),
        }),
        resources: None,
        limits: None,
        network: None,
        ends: KeyEnds::default(),
        current: None,
        retiring: None,
    }
}
