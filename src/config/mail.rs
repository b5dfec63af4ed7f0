//! Outgoing mail.

use lettre::AsyncSmtpTransport;
use lettre::Tokio1Executor;
use lettre::message::Mailbox;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use url::Host;
use url::Url;

use crate::config::Source;

const SMTP_URL: &str = "LATCHKEY_SMTP_URL";
const MAIL_FROM: &str = "LATCHKEY_MAIL_FROM";

#[derive(Debug, Clone, Default)]
pub struct MailConfig {
    /// Unset: letters are written to the log and not sent.
    pub smtp: Option<SmtpConfig>,
}

#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// `LATCHKEY_SMTP_URL`: `smtps://user:password@host`, `smtp://host?tls=required` (STARTTLS), or
    /// `smtp://host` without encryption. It may hold a password.
    pub url: SecretString,
    /// `LATCHKEY_MAIL_FROM`: an address, alone or as `Name <address>`.
    pub from: Mailbox,
}

impl MailConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let from: Option<Mailbox> = source.optional(MAIL_FROM);
        let Some(url) = source.secret(SMTP_URL) else {
            return Self::default();
        };
        // The address itself is not repeated: it may hold a password.
        if let Err(fault) = judge(url.expose_secret()) {
            source.fault(format!("{SMTP_URL}: {fault}"));
        }
        if from.is_none() && source.text(MAIL_FROM).is_none() {
            source.fault(format!("{MAIL_FROM}: must be set, because {SMTP_URL} is"));
        }
        Self {
            smtp: from.map(|from| SmtpConfig { url, from }),
        }
    }
}

fn judge(url: &str) -> Result<(), &'static str> {
    const FORMS: &str =
        "use smtps://user:password@host, smtp://user:password@host?tls=required or smtp://host";
    let parsed = Url::parse(url).map_err(|_| FORMS)?;
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| FORMS)?;
    let is_clear = parsed.scheme() == "smtp" && parsed.query_pairs().all(|(key, _)| key != "tls");
    if is_clear && parsed.password().is_some() && !is_loopback(&parsed) {
        return Err("would send its password in the clear; use smtps:// or add ?tls=required");
    }
    Ok(())
}

/// `smtp` is no scheme that hosts are parsed for, so an address may come as a name.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    }
}
