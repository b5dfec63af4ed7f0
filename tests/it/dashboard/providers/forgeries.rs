//! Every token that a forger might hand out, made of honest claims.

use serde_json::Value;
use serde_json::json;

use crate::support::forger::CLIENT;
use crate::support::forger::Forger;
use crate::support::forger::SECRET;
use crate::support::forger::TENANT;
use crate::support::forger::jwt;
use crate::support::forger::jwt::OWN;
use crate::support::forger::jwt::STRANGE;

/// Honest, and not the person whom the account knows.
pub const SOMEBODY_ELSE: &str = "the same subject in another tenant";
pub const ANOTHER_TENANT: &str = "fa15d692-e9c7-4460-a743-29f29522229c";

/// A name, and the token that is made of honest claims.
pub type Forgery = (&'static str, fn(&Forger, Value) -> String);

pub fn with(mut claims: Value, field: &str, value: impl Into<Value>) -> Value {
    claims[field] = value.into();
    claims
}

fn without(mut claims: Value, field: &str) -> Value {
    claims.as_object_mut().unwrap().remove(field);
    claims
}

fn later(claims: &Value, field: &str, seconds: i64) -> i64 {
    claims[field].as_i64().unwrap() + seconds
}

/// Tokens that any provider might be made to hand out.
pub const FORGERIES: [Forgery; 25] = [
    ("no nonce", |_, claims| {
        jwt::signed(&without(claims, "nonce"))
    }),
    ("an empty nonce", |_, claims| {
        jwt::signed(&with(claims, "nonce", ""))
    }),
    ("another nonce", |_, claims| {
        jwt::signed(&with(claims, "nonce", "A".repeat(43)))
    }),
    ("another issuer", |_, claims| {
        jwt::signed(&with(claims, "iss", "https://evil.example"))
    }),
    ("the issuer with a slash", |_, claims| {
        let issuer = format!("{}/", claims["iss"].as_str().unwrap());
        jwt::signed(&with(claims, "iss", issuer))
    }),
    ("no issuer", |_, claims| {
        jwt::signed(&without(claims, "iss"))
    }),
    ("another audience", |_, claims| {
        jwt::signed(&with(claims, "aud", "somebody-else"))
    }),
    ("another audience beside us", |_, claims| {
        jwt::signed(&with(claims, "aud", json!([CLIENT, "somebody-else"])))
    }),
    ("no audience", |_, claims| {
        jwt::signed(&without(claims, "aud"))
    }),
    ("made for another client", |_, claims| {
        let both = with(claims, "aud", json!([CLIENT, "somebody-else"]));
        jwt::signed(&with(both, "azp", "somebody-else"))
    }),
    ("expired", |_, claims| {
        let then = later(&claims, "iat", -1);
        jwt::signed(&with(claims, "exp", then))
    }),
    ("expired this second", |_, claims| {
        let now = later(&claims, "iat", 0);
        jwt::signed(&with(claims, "exp", now))
    }),
    ("no end", |_, claims| jwt::signed(&without(claims, "exp"))),
    ("issued tomorrow", |_, claims| {
        let tomorrow = later(&claims, "iat", 86_400);
        let claims = with(claims, "exp", tomorrow + 300);
        jwt::signed(&with(claims, "iat", tomorrow))
    }),
    ("no subject", |_, claims| {
        jwt::signed(&without(claims, "sub"))
    }),
    ("an empty subject", |_, claims| {
        jwt::signed(&with(claims, "sub", ""))
    }),
    ("alg none", |_, claims| jwt::unsigned(&claims)),
    ("a good head and body without signature", |_, claims| {
        let token = jwt::signed(&claims);
        format!("{}.", token.rsplit_once('.').unwrap().0)
    }),
    ("HS256 with the public key", |_, claims| {
        jwt::keyed(&jwt::public_modulus(OWN), Some(OWN.0), &claims)
    }),
    ("HS256 with the published key's text", |_, claims| {
        jwt::keyed(
            jwt::published(OWN).to_string().as_bytes(),
            Some(OWN.0),
            &claims,
        )
    }),
    ("HS256 with the client's secret", |_, claims| {
        jwt::keyed(SECRET.as_bytes(), None, &claims)
    }),
    ("a key of somebody else", |_, claims| {
        jwt::signed_by(STRANGE, STRANGE.0, &claims)
    }),
    (
        "a key of somebody else under the provider's id",
        |_, claims| jwt::signed_by(STRANGE, OWN.0, &claims),
    ),
    ("another body under the signature", |_, claims| {
        let honest = jwt::signed(&with(claims.clone(), "sub", "me"));
        let forged = jwt::unsigned(&claims);
        let body = forged.split('.').nth(1).unwrap();
        let parts: Vec<&str> = honest.split('.').collect();
        format!("{}.{body}.{}", parts[0], parts[2])
    }),
    ("no token at all", |_, _| "a.b.c".to_owned()),
];

/// Tokens that only the provider of many tenants might hand out.
pub const TENANT_FORGERIES: [Forgery; 6] = [
    ("another tenant than the issuer's", |_, claims| {
        jwt::signed(&with(claims, "tid", ANOTHER_TENANT))
    }),
    ("no tenant", |_, claims| {
        jwt::signed(&without(claims, "tid"))
    }),
    ("a tenant that is no id", |forger, claims| {
        let claims = with(claims, "iss", forger.issuer_of("common"));
        jwt::signed(&with(claims, "tid", "common"))
    }),
    ("the template itself", |forger, claims| {
        let claims = with(claims, "iss", forger.issuer_of("{tenantid}"));
        jwt::signed(&with(claims, "tid", "{tenantid}"))
    }),
    ("a tenant that leads elsewhere", |_, claims| {
        let claims = with(claims, "iss", format!("https://evil.example/{TENANT}/v2.0"));
        jwt::signed(&claims)
    }),
    // Anybody may have a tenant, and any subject in it.
    (SOMEBODY_ELSE, |forger, claims| {
        let claims = with(claims, "iss", forger.issuer_of(ANOTHER_TENANT));
        jwt::signed(&with(claims, "tid", ANOTHER_TENANT))
    }),
];
