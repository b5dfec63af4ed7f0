//! Switching a key on again: nothing is asked, because nothing is lost by it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::ThinData;

use crate::dashboard::error::PageError;
use crate::dashboard::keys::switch;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys::Switch;
use crate::domain::clock::SharedClock;

pub async fn post(
    place: InWorkspace,
    _form: Posted,
    request: HttpRequest,
    tools: (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    switch::post(&place, &request, tools, Switch::On).await
}
