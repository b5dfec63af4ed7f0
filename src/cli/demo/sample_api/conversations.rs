//! Queries, chats and threads, from programs and from the widget of a web page.

use actix_web::HttpResponse;
use actix_web::web;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::cli::demo::sample_api::library;
use crate::cli::demo::sample_api::library::FIRST_THREAD;
use crate::cli::demo::sample_api::library::Library;
use crate::cli::demo::sample_api::library::THREADS;
use crate::cli::demo::sample_api::reply;
use crate::cli::demo::sample_api::reply::Unusable;

const SOURCES: usize = 3;
const THREADS_SHOWN: u32 = 10;

#[derive(Deserialize)]
struct Query {
    /// A question, or a list of queries that each hold one.
    query: Value,
}

impl Query {
    fn question(&self) -> Option<&str> {
        let first = match &self.query {
            Value::Array(queries) => queries.first()?.get("query")?,
            question => question,
        };
        first
            .as_str()
            .filter(|question| !question.trim().is_empty())
    }
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

#[derive(Deserialize)]
struct Archive {
    thread: String,
}

pub async fn query(
    library: web::Data<Library>,
    body: web::Bytes,
) -> Result<HttpResponse, Unusable> {
    library.think(70).await;
    let query: Query = reply::read(&body)?;
    let Some(question) = query.question() else {
        return Err(Unusable::because("query must hold a question"));
    };
    let sources = sources(&library);
    let answer = json!({ "query": question, "results": sources, "total": SOURCES });
    Ok(reply::charged(200, 1, &answer))
}

pub async fn open_chat(
    library: web::Data<Library>,
    body: web::Bytes,
) -> Result<HttpResponse, Unusable> {
    library.think(240).await;
    let message: Message = reply::read(&body)?;
    if message.message.trim().is_empty() {
        return Err(Unusable::because("message must not be empty"));
    }
    let answer = json!({
        "thread": thread(&library),
        "answer": "The notice period is three months; see the first source.",
        "sources": sources(&library),
    });
    Ok(reply::charged(200, 2, &answer))
}

pub async fn threads(library: web::Data<Library>) -> HttpResponse {
    library.think(14).await;
    let threads: Vec<Value> = (FIRST_THREAD..FIRST_THREAD + THREADS_SHOWN)
        .map(|number| json!({ "id": format!("thr_{number}"), "archived": false }))
        .collect();
    reply::json(200, &json!({ "threads": threads, "total": THREADS }))
}

pub async fn archive(library: web::Data<Library>, id: web::Path<String>) -> HttpResponse {
    archived(&library, &id).await
}

pub async fn archive_widget(
    library: web::Data<Library>,
    body: web::Bytes,
) -> Result<HttpResponse, Unusable> {
    let archive: Archive = reply::read(&body)?;
    Ok(archived(&library, &archive.thread).await)
}

async fn archived(library: &Library, id: &str) -> HttpResponse {
    library.think(16).await;
    if library::is_thread(id) {
        let thread = json!({ "id": id, "archived": true, "archived_at": library.now() });
        reply::json(200, &json!({ "thread": thread }))
    } else {
        reply::not_found("thread")
    }
}

pub async fn widget_history(library: web::Data<Library>) -> HttpResponse {
    library.think(11).await;
    let messages = json!([
        { "from": "visitor", "text": "How long is the notice period?" },
        { "from": "assistant", "text": "Three months." },
    ]);
    let answer = json!({ "thread": thread(&library), "messages": messages });
    reply::json(200, &answer)
}

fn thread(library: &Library) -> String {
    format!("thr_{}", FIRST_THREAD + library.pick(THREADS))
}

fn sources(library: &Library) -> Vec<Value> {
    let (documents, _) = library.latest(SOURCES);
    documents
        .into_iter()
        .map(|document| {
            let page = 1 + library.pick(document.pages.max(1));
            json!({ "document": document.id, "name": document.name, "page": page })
        })
        .collect()
}
