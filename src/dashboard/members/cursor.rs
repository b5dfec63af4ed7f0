//! A place in a list of people, as text for an address. It holds nothing that its reader does not
//! see, and what it selects is bounded by the account like everything else.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::db::members::MemberPlace;
use crate::domain::person::PERSON_NAME_LENGTH_MAX;

pub fn encode(place: &MemberPlace) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}~{}", place.id, place.name))
}

/// `None` for what is no place.
pub fn decode(text: &str) -> Option<MemberPlace> {
    // A letter of a name may take four bytes, and base64 a third more.
    if text.len() > 8 * PERSON_NAME_LENGTH_MAX {
        return None;
    }
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (id, name) = text.split_once('~')?;
    if name.contains('\0') {
        return None;
    }
    Some(MemberPlace {
        id: id.parse().ok()?,
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
        let place = MemberPlace {
            name: "å~ b".to_owned(),
            id: uuid::Uuid::from_u128(7),
        };
        assert_eq!(decode(&encode(&place)), Some(place));
        for bad in ["", "x", "!!", &"A".repeat(4_000)] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        let nul = BASE64_URL_SAFE_NO_PAD.encode(format!("{}~a\0", uuid::Uuid::nil()));
        assert_eq!(decode(&nul), None);
    }
}
