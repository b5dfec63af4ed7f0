//! `/sign-in`: the company's domain.

/// Remembers the domain, so that the next visit begins at the password.
pub const DOMAIN_COOKIE: &str = "lk_domain";
