//! Routines: work that a key starts and that goes on by itself.

use actix_web::HttpResponse;
use actix_web::web;
use serde_json::json;

use crate::cli::demo::sample_api::library::Library;
use crate::cli::demo::sample_api::reply;

const ROUTINES: [(&str, &str); 3] = [
    ("nightly-digest", "Nightly digest"),
    ("contract-review", "Contract review"),
    ("invoice-check", "Invoice check"),
];

pub async fn list(library: web::Data<Library>) -> HttpResponse {
    library.think(8).await;
    let routines: Vec<_> = ROUTINES
        .iter()
        .map(|(id, name)| json!({ "id": id, "name": name }))
        .collect();
    reply::json(200, &json!({ "routines": routines }))
}

pub async fn trigger(library: web::Data<Library>, id: web::Path<String>) -> HttpResponse {
    library.think(45).await;
    if !ROUTINES.iter().any(|(known, _)| *known == id.as_str()) {
        return reply::not_found("routine");
    }
    let run = format!("run_{:06}", library.pick(1_000_000));
    let answer = json!({ "run": run, "routine": id.as_str(), "state": "queued" });
    reply::charged(202, 5, &answer)
}
