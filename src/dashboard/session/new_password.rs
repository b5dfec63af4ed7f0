//! A password being chosen.

use crate::crypto::password::PasswordError;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::form::FormErrors;
use crate::dashboard::posted::Fields;
use crate::domain::password;

/// When all places in the hasher's queue are taken.
const BUSY_SECONDS: i64 = 2;

/// The new password in the field `password`; `about` names fields whose content everybody knows.
pub fn parse(form: &Fields, errors: &mut FormErrors, about: &[&str]) -> Option<String> {
    let about: Vec<&str> = about.iter().map(|field| form.get(field)).collect();
    form.parse_with("password", errors, |input| {
        password::parse_new(input, &about)
    })
}

pub async fn hash(console: &Console, password: String) -> Result<String, PageError> {
    match console.parts.passwords.hash(password.into()).await {
        Err(PasswordError::Busy) => Err(PageError::Busy {
            seconds: BUSY_SECONDS,
        }),
        other => other.map_err(PageError::internal),
    }
}
