//! The audit log as a chain: each link hashes its row together with the link before it.

use std::fmt;

use sha2::Digest;
use sha2::Sha256;

use crate::domain::audit::erasure::Traces;

/// The chain of what belongs to no account. Any other has its account's number.
pub const OPERATOR: i32 = 0;

/// SHA-256 over the hash before, which the first link has not, and the row's text.
pub type Hash = [u8; 32];

/// How far a chain goes, and the hash of its last link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: Hash,
}

/// A link as it is stored.
#[derive(Debug, Clone)]
pub struct Link {
    pub seq: i64,
    pub hash: Vec<u8>,
    /// The row's text, if the row is there.
    pub entry: Option<String>,
    pub traces: Traces,
}

/// Where a chain is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Neither link nor row.
    NoLink { seq: i64 },
    /// The link is there, and its row is not.
    NoRow { seq: i64 },
    /// The row, its link or the one before it was changed or moved.
    Changed { seq: i64 },
    /// Part of the row was emptied, and by no erasure that the log tells of.
    Emptied { seq: i64 },
    /// It ends before what was seen of it.
    CutOff { seq: i64, seen: i64 },
    /// It was written anew: this link is not the one that was seen.
    Rewritten { seq: i64 },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLink { seq } => write!(f, "row {seq} is missing, and its link too"),
            Self::NoRow { seq } => write!(f, "row {seq} is missing"),
            Self::Changed { seq } => write!(f, "row {seq} was changed or moved"),
            Self::Emptied { seq } => {
                write!(
                    f,
                    "row {seq} was emptied, and by no erasure that the log tells of"
                )
            }
            Self::CutOff { seq, seen } => {
                write!(f, "it ends at row {seq}, and this machine has seen {seen}")
            }
            Self::Rewritten { seq } => {
                write!(f, "up to row {seq} it is not what this machine has seen")
            }
        }
    }
}

/// Goes along one chain from its first link.
#[derive(Debug)]
pub struct Walk {
    seen: Option<Head>,
    at: Option<Head>,
}

impl Walk {
    /// `seen`: what is known of the chain from elsewhere.
    pub fn new(seen: Option<Head>) -> Self {
        Self { seen, at: None }
    }

    /// The links that were good so far.
    pub fn seq(&self) -> i64 {
        self.at.map_or(0, |head| head.seq)
    }

    /// The next link, in the order of `seq`.
    pub fn step(&mut self, link: &Link) -> Result<(), Fault> {
        let seq = self.seq() + 1;
        if link.seq != seq {
            return Err(Fault::NoLink { seq });
        }
        let Some(entry) = &link.entry else {
            return Err(Fault::NoRow { seq });
        };
        let hash = hash(self.at.map(|head| head.hash), entry);
        if link.hash != hash || link.traces.misread {
            return Err(Fault::Changed { seq });
        }
        let head = Head { seq, hash };
        if self
            .seen
            .is_some_and(|seen| seen.seq == seq && seen != head)
        {
            return Err(Fault::Rewritten { seq });
        }
        self.at = Some(head);
        Ok(())
    }

    /// There are no more links. How many there were.
    pub fn end(&self) -> Result<i64, Fault> {
        let seq = self.seq();
        match self.seen {
            Some(seen) if seen.seq > seq => Err(Fault::CutOff {
                seq,
                seen: seen.seq,
            }),
            _ => Ok(seq),
        }
    }
}

fn hash(previous: Option<Hash>, entry: &str) -> Hash {
    let previous = previous.as_ref().map_or(&[][..], |hash| hash.as_slice());
    Sha256::new()
        .chain_update(previous)
        .chain_update(entry.as_bytes())
        .finalize()
        .into()
}
