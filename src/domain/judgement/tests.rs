use proptest::prelude::*;

use super::*;
use crate::domain::key_state::KeyState;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

fn moment() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    proptest::option::of((0..4_i64).prop_map(at))
}

proptest! {
    /// The steps come in the order in which a key's states go before one another.
    #[test]
    fn the_first_step_that_refuses_is_the_state_of_the_key(
        revoked_at in moment(),
        disabled_at in moment(),
        expires_at in moment(),
        retires_at in moment(),
        now in (0..4_i64).prop_map(at),
    ) {
        let times = KeyTimes { revoked_at, disabled_at, expires_at, retires_at };
        let known = Known {
            suspended: false,
            customer_id: "acme-1",
            refused_credentials: &[],
            times: &times,
            secret_ended: false,
            network: None,
            now,
        };
        let sent = Sent {
            credential: None,
            customer_id: None,
            fault: None,
            ip: None,
            origin: Origin::NotTold,
        };
        let expected = match times.state(now) {
            KeyState::Revoked => Some(DenyReason::Revoked),
            KeyState::Expired => Some(DenyReason::Expired),
            KeyState::Disabled => Some(DenyReason::Disabled),
            KeyState::Rotating | KeyState::Active => None,
        };
        let refused = refusal(&known, &sent).map(|refusal| refusal.reason);
        prop_assert_eq!(refused, expected);
    }
}
