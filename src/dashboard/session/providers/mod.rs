//! Sign-in with Google and Microsoft: the buttons, the way there and the way back. By the same way
//! people prove again who they are, and accept invitations.

pub mod callback;
pub mod confirm;
mod flow;
pub mod join;
pub mod letters;
mod refusal;
pub mod start;

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::dashboard::console::Console;
use crate::domain::identity::Provider;
use crate::http::security_headers;

pub(in crate::dashboard) use crate::dashboard::session::providers::flow::Departure;
pub(in crate::dashboard) use crate::dashboard::session::providers::flow::depart;
pub(in crate::dashboard) use crate::dashboard::session::providers::refusal::Origin;

/// A button that leads to a provider.
#[derive(Debug, Clone)]
pub struct Button {
    pub action: String,
    pub provider: Provider,
}

impl Button {
    pub fn name(&self) -> &'static str {
        self.provider.name()
    }
}

/// One for each provider that is set up; they post to `base` and the provider's name.
pub fn buttons(console: &Console, base: &str) -> Vec<Button> {
    let button = |provider: Provider| Button {
        action: format!("{base}/{}", provider.as_str()),
        provider,
    };
    let providers = &console.parts.providers;
    providers
        .iter()
        .map(|client| button(client.provider()))
        .collect()
}

/// Lets the forms of this page lead on to the providers, which browsers count as sent there.
pub fn let_forms_lead_on(console: &Console, answer: &mut HttpResponse) {
    let origins = console.parts.providers.origins();
    if !origins.is_empty()
        && let Ok(policy) = security_headers::with_forms_to(&origins)
    {
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}
