use super::*;
use crate::domain::random::OsRandom;

fn hasher() -> PasswordHasher {
    PasswordHasher::new(OsRandom::shared()).unwrap()
}

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

#[tokio::test]
async fn the_right_password_is_right_and_another_is_not() {
    let hasher = hasher();
    let stored = hasher.hash(secret("correct horse")).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let verify = |text: &str| hasher.verify(secret(text), Some(stored.clone()));
    assert_eq!(verify("correct horse").await.unwrap(), Verdict::Right);
    assert_eq!(verify("correct hors").await.unwrap(), Verdict::Wrong);
}

#[tokio::test]
async fn nobody_has_no_password() {
    let hasher = hasher();
    for text in ["", "nobody has this password"] {
        assert_eq!(
            hasher.verify(secret(text), None).await.unwrap(),
            Verdict::Wrong
        );
    }
}

#[tokio::test]
async fn a_weaker_hash_is_replaced_when_its_password_is_shown() {
    let weak = Params::new(8 * 1024, 1, 1, None).unwrap();
    let old = PasswordHasher::with_params(OsRandom::shared(), weak).unwrap();
    let stored = old.hash(secret("correct horse")).await.unwrap();
    let hasher = hasher();
    let verdict = hasher
        .verify(secret("correct horse"), Some(stored.clone()))
        .await
        .unwrap();
    let Verdict::RightAndRehashed(new) = verdict else {
        panic!("{verdict:?}");
    };
    assert_ne!(new, stored);
    assert_eq!(
        hasher
            .verify(secret("correct horse"), Some(new))
            .await
            .unwrap(),
        Verdict::Right
    );
}

#[tokio::test]
async fn one_more_than_the_queue_holds_is_sent_away() {
    let hasher = hasher();
    let held: Vec<_> = (0..hasher.0.turns_max + QUEUE_CAPACITY)
        .map(|_| Place::take(&hasher.0).unwrap())
        .collect();
    let refused = hasher.verify(secret("x"), None).await;
    assert!(matches!(refused, Err(PasswordError::Busy)));
    drop(held);
    assert!(hasher.verify(secret("x"), None).await.is_ok());
}
