//! `/sign-in/{domain}/{provider}`: on to the provider.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::crypto::token;
use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::posted::VisitorPosted;
use crate::dashboard::session::providers::flow::Departure;
use crate::dashboard::session::providers::flow::depart;
use crate::dashboard::session::providers::refusal::Origin;
use crate::dashboard::urls;
use crate::dashboard::visitor::Visitor;
use crate::db::pending_sign_ins::Pending;
use crate::db::pending_sign_ins::Purpose;
use crate::domain::account;
use crate::domain::identity::Provider;

/// Whether anybody has the domain, only the way back will tell.
pub async fn post(
    visitor: Visitor,
    form: VisitorPosted,
    path: Path<(String, String)>,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    let (domain, provider) = path.into_inner();
    let domain = account::parse_label(&domain).map_err(|_| PageError::NotFound)?;
    let provider = Provider::parse(&provider).ok_or(PageError::NotFound)?;
    let next = console.site.safe_next(form.get("next"));
    let back = urls::sign_in_at(&domain, next.as_deref().unwrap_or_default(), false);
    let departure = Departure {
        pending: Pending {
            provider,
            browser: token::digest(&visitor.nonce),
            purpose: Purpose::SignIn(domain),
            next: next.unwrap_or_default(),
        },
        ip: visitor.ip,
    };
    Ok(match depart(&console, departure).await? {
        Ok(answer) => answer,
        Err(refusal) => refusal.show(&visitor, &request, (provider, Origin::SignIn(back))),
    })
}
