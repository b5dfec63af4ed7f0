//! What actix-web costs by itself: the same JSON parsed, as many bytes answered.

use std::borrow::Cow;
use std::net::TcpListener;

use actix_web::App;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::web;
use actix_web::web::Bytes;
use serde::Deserialize;

#[derive(Deserialize)]
struct Question<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    method: Option<Cow<'a, str>>,
    path: Option<Cow<'a, str>>,
    ip: Option<std::net::IpAddr>,
}

pub async fn serve(bytes: usize) -> std::io::Result<()> {
    let answer = Bytes::from(vec![b'x'; bytes]);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    super::edge::say(&format!("http://{}", listener.local_addr()?));
    HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(answer.clone()))
            .route("/v1/keys/verify", web::post().to(post))
    })
    .workers(1)
    .listen(listener)?
    .run()
    .await
}

async fn post(body: Bytes, answer: web::Data<Bytes>) -> HttpResponse {
    match serde_json::from_slice::<Question<'_>>(&body) {
        Ok(question) => {
            std::hint::black_box((question.key, question.method, question.path, question.ip));
            HttpResponse::Ok()
                .content_type("application/json")
                .body(Bytes::clone(&answer))
        }
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}
