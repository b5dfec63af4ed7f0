//! Documents: list, fetch, upload, import, delete.

use actix_web::HttpResponse;
use actix_web::web;
use serde::Deserialize;
use serde_json::json;

use crate::cli::demo::sample_api::library::Library;
use crate::cli::demo::sample_api::reply;
use crate::cli::demo::sample_api::reply::Unusable;

const PAGE: usize = 20;
/// One import brings at most this many documents.
const IMPORTS_MAX: usize = 50;

#[derive(Deserialize)]
pub struct Upload {
    name: String,
}

#[derive(Deserialize)]
struct Import {
    urls: Vec<String>,
}

pub async fn list(library: web::Data<Library>) -> HttpResponse {
    library.think(18).await;
    let (documents, total) = library.latest(PAGE);
    reply::json(200, &json!({ "documents": documents, "total": total }))
}

pub async fn fetch(library: web::Data<Library>, id: web::Path<String>) -> HttpResponse {
    library.think(9).await;
    match library.find(&id) {
        Some(document) => reply::json(200, &document),
        None => reply::not_found("document"),
    }
}

pub async fn upload(
    library: web::Data<Library>,
    body: web::Bytes,
) -> Result<HttpResponse, Unusable> {
    library.think(120).await;
    let upload: Upload = reply::read(&body)?;
    if upload.name.trim().is_empty() {
        return Err(Unusable::because("name must not be empty"));
    }
    Ok(reply::imported(201, 1, &library.add(upload.name.trim())))
}

pub async fn import(
    library: web::Data<Library>,
    body: web::Bytes,
) -> Result<HttpResponse, Unusable> {
    library.think(160).await;
    let import: Import = reply::read(&body)?;
    if import.urls.is_empty() || import.urls.len() > IMPORTS_MAX {
        return Err(Unusable::because("urls must hold 1 to 50 addresses"));
    }
    let documents: Vec<String> = import
        .urls
        .iter()
        .map(|url| library.add(url.rsplit('/').next().unwrap_or(url)).id)
        .collect();
    let answer = json!({ "imported": documents.len(), "documents": documents });
    Ok(reply::imported(202, documents.len(), &answer))
}

pub async fn delete(library: web::Data<Library>, id: web::Path<String>) -> HttpResponse {
    library.think(12).await;
    if library.remove(&id) {
        HttpResponse::NoContent().finish()
    } else {
        reply::not_found("document")
    }
}
