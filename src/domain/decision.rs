//! Why a request is refused: the codes, their statuses and the exact words callers read.

/// One refusal. Refusals that need more (limits, plans, grants) join when they are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DenyReason {
    /// Not a key at all: wrong letters, length or checksum.
    Malformed,
    /// Nobody has this key, or its secret is another.
    NotFound,
    Disabled,
    Revoked,
    Expired,
    /// The account is suspended by the operator.
    AccountSuspended,
    CustomerMismatch,
    TwoCredentials,
    /// A key in the query string.
    KeyInUrl,
    AmbiguousPath,
}

impl DenyReason {
    const ALL: [Self; 10] = [
        Self::Malformed,
        Self::NotFound,
        Self::Disabled,
        Self::Revoked,
        Self::Expired,
        Self::AccountSuspended,
        Self::CustomerMismatch,
        Self::TwoCredentials,
        Self::KeyInUrl,
        Self::AmbiguousPath,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "MALFORMED",
            Self::NotFound => "NOT_FOUND",
            Self::Disabled => "DISABLED",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
            Self::AccountSuspended => "ACCOUNT_SUSPENDED",
            Self::CustomerMismatch => "CUSTOMER_MISMATCH",
            Self::TwoCredentials => "TWO_CREDENTIALS",
            Self::KeyInUrl => "KEY_IN_URL",
            Self::AmbiguousPath => "AMBIGUOUS_PATH",
        }
    }

    /// The HTTP status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed
            | Self::NotFound
            | Self::Disabled
            | Self::Revoked
            | Self::Expired
            | Self::AccountSuspended => 401,
            Self::CustomerMismatch => 403,
            Self::TwoCredentials | Self::KeyInUrl | Self::AmbiguousPath => 400,
        }
    }

    /// The words of the `documented` profile, to the letter.
    pub fn message(self) -> &'static str {
        match self {
            Self::Malformed | Self::NotFound => "Invalid API Key",
            Self::Disabled | Self::Revoked | Self::AccountSuspended => "Inactive API Key",
            Self::Expired => "Expired API Key",
            Self::CustomerMismatch => "The customer-id is not the one of this API key",
            Self::TwoCredentials => "Send one API key in one header",
            Self::KeyInUrl => "Send the API key in a header, not in the URL",
            Self::AmbiguousPath => "The path can be read in more than one way",
        }
    }

    /// What the console says of a refused request.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Malformed => "malformed key",
            Self::NotFound => "unknown key",
            Self::Disabled => "key disabled",
            Self::Revoked => "key revoked",
            Self::Expired => "key expired",
            Self::AccountSuspended => "account suspended",
            Self::CustomerMismatch => "wrong customer-id",
            Self::TwoCredentials => "two credentials",
            Self::KeyInUrl => "key in the URL",
            Self::AmbiguousPath => "ambiguous path",
        }
    }

    /// How the log stores it; 0 is "allowed". Numbers are never used again for another reason.
    pub fn number(self) -> u8 {
        match self {
            Self::Malformed => 1,
            Self::NotFound => 2,
            Self::Disabled => 3,
            Self::Revoked => 4,
            Self::Expired => 5,
            Self::AccountSuspended => 6,
            Self::CustomerMismatch => 7,
            Self::TwoCredentials => 8,
            Self::KeyInUrl => 9,
            Self::AmbiguousPath => 10,
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_number_of_its_own() {
        for reason in DenyReason::ALL {
            assert_eq!(DenyReason::from_number(reason.number()), Some(reason));
            assert_eq!(DenyReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(DenyReason::from_number(0), None);
    }
}
