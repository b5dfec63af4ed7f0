//! Keys that nobody has, counted per address and minute. The table has a limit, so that a flood
//! from many addresses costs neither memory nor disk.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use ipnet::IpNet;
use parking_lot::Mutex;

const ENTRIES_MAX: usize = 100_000;

/// What one caller is usually given of the IPv6 space.
const V6_PREFIX: u8 = 64;
const V4_PREFIX: u8 = 32;

/// Minute since 1970, address (an IPv6 one stands for its /64), attempts.
pub type Count = (i64, IpNet, u64);

/// A cheap handle.
#[derive(Clone, Default)]
pub struct FailedAttempts {
    // In order of time, so that the oldest is at hand when there is no more room.
    counts: Arc<Mutex<BTreeMap<(i64, IpNet), u64>>>,
}

impl FailedAttempts {
    pub fn note(&self, ip: IpAddr, now: DateTime<Utc>) {
        let minute = now.timestamp().div_euclid(60);
        add(&mut self.counts.lock(), (minute, network_of(ip), 1));
    }

    /// Takes everything that was counted so far.
    pub fn drain(&self) -> Vec<Count> {
        std::mem::take(&mut *self.counts.lock())
            .into_iter()
            .map(|((minute, address), count)| (minute, address, count))
            .collect()
    }

    /// What was drained could not be stored.
    pub fn put_back(&self, drained: Vec<Count>) {
        let mut counts = self.counts.lock();
        for count in drained {
            add(&mut counts, count);
        }
    }
}

fn add(counts: &mut BTreeMap<(i64, IpNet), u64>, (minute, address, count): Count) {
    *counts.entry((minute, address)).or_default() += count;
    if counts.len() > ENTRIES_MAX {
        counts.pop_first();
    }
}

/// What is counted together, and blocked together.
pub(super) fn network_of(ip: IpAddr) -> IpNet {
    let ip = ip.to_canonical();
    let prefix = if ip.is_ipv4() { V4_PREFIX } else { V6_PREFIX };
    IpNet::new_assert(ip, prefix).trunc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn attempts_of_one_address_and_minute_are_one_count() {
        let attempts = FailedAttempts::default();
        attempts.note("203.0.113.9".parse().unwrap(), at(60));
        attempts.note("::ffff:203.0.113.9".parse().unwrap(), at(119));
        attempts.note("203.0.113.9".parse().unwrap(), at(120));
        let address = "203.0.113.9/32".parse().unwrap();
        assert_eq!(attempts.drain(), [(1, address, 2), (2, address, 1)]);
        assert!(attempts.drain().is_empty());
    }

    #[test]
    fn neighbours_in_a_slash_64_are_one_address() {
        let attempts = FailedAttempts::default();
        attempts.note("2001:db8::1".parse().unwrap(), at(0));
        attempts.note("2001:db8::2".parse().unwrap(), at(0));
        attempts.note("2001:db8:0:1::1".parse().unwrap(), at(0));
        let counts: Vec<u64> = attempts.drain().iter().map(|(.., count)| *count).collect();
        assert_eq!(counts, [2, 1]);
    }

    #[test]
    fn beyond_the_limit_the_oldest_goes() {
        let attempts = FailedAttempts::default();
        let many = (0..=u32::try_from(ENTRIES_MAX).unwrap()).map(|bits| IpAddr::V4(bits.into()));
        attempts.note("198.51.100.1".parse().unwrap(), at(0));
        for ip in many {
            attempts.note(ip, at(600));
        }
        let counts = attempts.drain();
        assert_eq!(counts.len(), ENTRIES_MAX);
        assert!(counts.iter().all(|(minute, ..)| *minute == 10));
    }

    #[test]
    fn what_is_put_back_is_counted_on() {
        let attempts = FailedAttempts::default();
        let ip: IpAddr = "203.0.113.9".parse().unwrap();
        attempts.note(ip, at(0));
        let drained = attempts.drain();
        attempts.note(ip, at(1));
        attempts.put_back(drained);
        assert_eq!(attempts.drain(), [(0, IpNet::from(ip), 2)]);
    }
}
