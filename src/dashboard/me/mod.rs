//! What belongs to a person and to no account: their name, their password, their sessions, their
//! sign-ins elsewhere.

mod client;
mod display;
mod password;
mod profile;
mod second_factor;
mod security;
mod sessions;
mod sign_ins;

use crate::dashboard::door::Door::SignedIn;
use crate::dashboard::url_table::UrlTable;
use crate::dashboard::url_table::at;
use crate::dashboard::urls;

pub(super) fn routes(table: &mut UrlTable<'_>) {
    table
        .add(
            at(urls::PROFILE)
                .get(SignedIn, profile::get)
                .post(SignedIn, profile::post),
        )
        .add(
            at(urls::DISPLAY)
                .get(SignedIn, display::get)
                .post(SignedIn, display::post),
        )
        .add(at(urls::SECURITY).get(SignedIn, security::get))
        .add(
            at("/me/security/password")
                .get(SignedIn, security::redirect)
                .post(SignedIn, password::post),
        )
        .add(
            at(urls::SECOND_FACTOR)
                .get(SignedIn, second_factor::get)
                .post(SignedIn, second_factor::add),
        )
        .add(at("/me/security/second-factor/codes").post(SignedIn, second_factor::new_codes))
        .add(at("/me/security/second-factor/remove").post(SignedIn, second_factor::remove))
        .add(at("/me/security/end-sessions").post(SignedIn, sessions::end_others))
        .add(at("/me/security/sessions/{session}/end").post(SignedIn, sessions::end))
        .add(at(urls::MY_SIGN_INS).get(SignedIn, sign_ins::get))
        .add(at("/me/security/sign-ins/link/{provider}").post(SignedIn, sign_ins::link))
        .add(at("/me/security/sign-ins/{identity}/unlink").post(SignedIn, sign_ins::unlink));
}
