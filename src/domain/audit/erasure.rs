//! What was erased in the audit log, and what has to be there if it was erased rightly.
//!
//! An erased part of a row cannot be hashed any more; its digest stands for it. So it must read as
//! all erased parts do, and an event in some chain must tell of the erasure, with a digest over
//! all that was erased then.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Who is nobody any more is called so in the audit log. The database has the same word.
pub const WORD: &str = "erased person";

/// The event's fact that holds the digest over what was erased.
pub const DIGEST_FACT: &str = "audit_digest";

/// What a row shows of erasures.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// A part that was erased reads otherwise than erased parts do.
    pub misread: bool,
    /// Who must have been erased: whoever was erased when a part was, and whom the part was about.
    /// Empty text where nothing tells.
    pub needs: Vec<String>,
    /// Whose erasure the row tells of, and the digest over what was erased then.
    pub tells: Option<(String, String)>,
}

/// The traces of rows that were read, by chain.
#[derive(Debug, Default)]
pub struct Erasures {
    told: BTreeMap<String, BTreeSet<String>>,
    needed: BTreeMap<(i32, String), i64>,
}

impl Erasures {
    pub fn see(&mut self, (chain, seq): (i32, i64), traces: &Traces) {
        if let Some((erased, digest)) = &traces.tells {
            let digests = self.told.entry(erased.clone()).or_default();
            digests.insert(digest.clone());
        }
        for needed in &traces.needs {
            let first = self.needed.entry((chain, needed.clone()));
            first.or_insert(seq);
        }
    }

    /// Adds those of another chain, which is as it was written.
    pub fn absorb(&mut self, other: Self) {
        for (erased, digests) in other.told {
            self.told.entry(erased).or_default().extend(digests);
        }
        self.needed.extend(other.needed);
    }

    /// The first row of each chain that nothing in any chain explains.
    pub fn unexplained(&self) -> BTreeMap<i32, i64> {
        let mut firsts = BTreeMap::new();
        for ((chain, needed), seq) in &self.needed {
            if !self.told.contains_key(needed) {
                let first = firsts.entry(*chain).or_insert(*seq);
                *first = (*first).min(*seq);
            }
        }
        firsts
    }

    /// Whose erasure touched other rows than the log tells, or none at all; `noted` has the digests
    /// over what was erased.
    pub fn differing<'a>(&'a self, noted: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
        let told = self.told.iter().filter(|(erased, digests)| {
            let noted = noted.get(*erased).map_or("", String::as_str);
            digests.iter().any(|digest| digest != noted)
        });
        let untold = noted
            .keys()
            .filter(|erased| !self.told.contains_key(*erased));
        let told = told.map(|(erased, _)| erased);
        told.chain(untold).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(erased: &str, digest: &str) -> Traces {
        Traces {
            tells: Some((erased.to_owned(), digest.to_owned())),
            ..Traces::default()
        }
    }

    fn needs(erased: &[&str]) -> Traces {
        Traces {
            needs: erased.iter().map(|erased| (*erased).to_owned()).collect(),
            ..Traces::default()
        }
    }

    #[test]
    fn an_emptied_row_is_explained_by_an_event_in_any_chain() {
        let mut all = Erasures::default();
        all.see((0, 4), &tells("grace", "d1"));
        let mut other = Erasures::default();
        other.see((7, 2), &needs(&["grace"]));
        other.see((7, 3), &needs(&["ada", "grace"]));
        other.see((7, 5), &needs(&["ada", ""]));
        all.absorb(other);
        assert_eq!(all.unexplained(), BTreeMap::from([(7, 3)]));
    }

    #[test]
    fn an_erasure_is_of_the_rows_that_its_event_tells_of() {
        let noted = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            pairs.collect::<BTreeMap<_, _>>()
        };
        let mut all = Erasures::default();
        all.see((0, 1), &tells("grace", "d1"));
        all.see((0, 2), &tells("ada", ""));
        assert!(all.differing(&noted(&[("grace", "d1")])).is_empty());
        let other = noted(&[("ada", "d3"), ("grace", "d2"), ("joan", "d4")]);
        let differing = all.differing(&other);
        assert_eq!(differing, BTreeSet::from(["ada", "grace", "joan"]));
        all.see((0, 3), &tells("grace", "d9"));
        assert!(!all.differing(&noted(&[("grace", "d1")])).is_empty());
    }
}
