//! Which issuer's tokens a provider may hand out.

use uuid::Uuid;

use crate::domain::identity::Provider;

/// What stands for the tenant in the metadata that all of Microsoft's tenants share.
const TENANT: &str = "{tenantid}";
/// The addresses of that metadata have one of these in its place.
const SHARED: [&str; 2] = ["common", "organizations"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerRule {
    /// This one, letter by letter.
    Exact(String),
    /// Any tenant's: the text with the tenant's id in place of `{tenantid}`.
    AnyTenant(String),
}

impl IssuerRule {
    /// The rule for an issuer that is set up as `configured` and whose metadata says `found`;
    /// `None` if they do not belong together.
    pub fn of(provider: Provider, configured: &str, found: &str) -> Option<Self> {
        if found.contains(TENANT) {
            let belongs = provider == Provider::Microsoft
                && SHARED.iter().any(|shared| {
                    let shared = format!("/{shared}/");
                    let template = configured.replacen(&shared, &format!("/{TENANT}/"), 1);
                    configured.contains(&shared) && template == found
                });
            return belongs.then(|| Self::AnyTenant(found.to_owned()));
        }
        (found == configured).then(|| Self::Exact(found.to_owned()))
    }

    /// Whether a token of `issuer`, with `tenant` as its `tid`, may come from here.
    pub fn admits(&self, issuer: &str, tenant: Option<&str>) -> bool {
        match self {
            Self::Exact(own) => own == issuer,
            Self::AnyTenant(template) => tenant
                .filter(|tenant| is_tenant_id(tenant))
                .is_some_and(|tenant| template.replacen(TENANT, tenant, 1) == issuer),
        }
    }

    /// Whether an answer may name `issuer` as the one it comes from (RFC 9207).
    pub fn admits_answer_of(&self, issuer: &str) -> bool {
        match self {
            Self::Exact(own) => own == issuer,
            Self::AnyTenant(template) => {
                self.is_template(issuer) || self.admits(issuer, tenant_within(template, issuer))
            }
        }
    }

    /// Whether this names every tenant at once, as metadata does.
    pub fn is_template(&self, issuer: &str) -> bool {
        matches!(self, Self::AnyTenant(template) if template == issuer)
    }

    /// Whether a key that is published for `key_issuer` may sign tokens of `issuer`.
    pub fn admits_key(key_issuer: &str, issuer: &str, tenant: Option<&str>) -> bool {
        match tenant {
            Some(tenant) => key_issuer.replacen(TENANT, tenant, 1) == issuer,
            None => key_issuer == issuer,
        }
    }
}

/// As Microsoft writes them: 36 lower-case letters.
fn is_tenant_id(text: &str) -> bool {
    Uuid::try_parse(text).is_ok_and(|id| id.hyphenated().to_string() == text)
}

fn tenant_within<'a>(template: &str, issuer: &'a str) -> Option<&'a str> {
    let (before, after) = template.split_once(TENANT)?;
    issuer.strip_prefix(before)?.strip_suffix(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED_METADATA: &str = "https://login.example/common/v2.0";
    const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";
    const ACME: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
    const OTHER: &str = "fa15d692-e9c7-4460-a743-29f29522229c";

    fn of_tenant(tenant: &str) -> String {
        TEMPLATE.replace(TENANT, tenant)
    }

    #[test]
    fn metadata_must_name_the_issuer_that_was_asked_for() {
        let google = |found| IssuerRule::of(Provider::Google, "https://id.example", found);
        assert!(google("https://id.example").is_some());
        for found in ["https://id.example/", "https://evil.example", "", TEMPLATE] {
            assert_eq!(google(found), None, "{found}");
        }
    }

    #[test]
    fn only_microsofts_shared_metadata_may_name_a_template() {
        let rule = IssuerRule::of(Provider::Microsoft, SHARED_METADATA, TEMPLATE);
        assert_eq!(rule, Some(IssuerRule::AnyTenant(TEMPLATE.to_owned())));
        for (provider, configured) in [
            (Provider::Google, SHARED_METADATA),
            (Provider::Microsoft, "https://login.example/acme/v2.0"),
            (Provider::Microsoft, "https://evil.example/common/v2.0"),
            (Provider::Microsoft, TEMPLATE),
        ] {
            assert_eq!(IssuerRule::of(provider, configured, TEMPLATE), None);
        }
    }

    #[test]
    fn a_tenants_token_names_its_tenant_twice() {
        let rule = IssuerRule::AnyTenant(TEMPLATE.to_owned());
        assert!(rule.admits(&of_tenant(ACME), Some(ACME)));
        for (issuer, tenant) in [
            (of_tenant(ACME), Some(OTHER)),
            (of_tenant(ACME), None),
            (TEMPLATE.to_owned(), Some(TENANT)),
            (of_tenant("common"), Some("common")),
            (of_tenant(&ACME.to_uppercase()), Some(ACME)),
            (of_tenant(""), Some("")),
            (
                "https://evil.example/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0".to_owned(),
                Some(ACME),
            ),
        ] {
            assert!(!rule.admits(&issuer, tenant), "{issuer} {tenant:?}");
        }
    }

    #[test]
    fn an_answer_may_name_a_tenant_but_nobody_else() {
        let rule = IssuerRule::AnyTenant(TEMPLATE.to_owned());
        assert!(rule.admits_answer_of(&of_tenant(ACME)));
        assert!(!rule.admits_answer_of("https://evil.example"));
        assert!(!rule.admits_answer_of(&of_tenant("acme")));
    }

    #[test]
    fn a_key_of_one_tenant_signs_for_no_other() {
        let signs =
            |key: &str, tenant| IssuerRule::admits_key(key, &of_tenant(tenant), Some(tenant));
        assert!(signs(TEMPLATE, ACME));
        assert!(signs(&of_tenant(ACME), ACME));
        assert!(!signs(&of_tenant(OTHER), ACME));
    }
}
