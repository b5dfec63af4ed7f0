use std::io::Read as _;

use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::test;

use super::*;

async fn get(path: &str, headers: &[(&str, &str)]) -> (StatusCode, header::HeaderMap, Bytes) {
    let app = App::new()
        .app_data(web::ThinData(Assets::load()))
        .configure(configure);
    let app = test::init_service(app).await;
    let mut request = test::TestRequest::get().uri(path);
    for header in headers {
        request = request.insert_header(*header);
    }
    let response = test::call_service(&app, request.to_request()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, test::read_body(response).await)
}

fn text<'a>(headers: &'a header::HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[actix_web::test]
async fn the_stylesheet_is_kept_for_ever() {
    let (status, headers, body) = get(Assets::load().style(), &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(text(&headers, "cache-control"), FOR_EVER);
    assert_eq!(text(&headers, "content-type"), "text/css; charset=utf-8");
    assert!(body.starts_with(b"@layer "));
}

#[actix_web::test]
async fn brotli_is_preferred_and_gzip_holds_the_same_bytes() {
    let assets = Assets::load();
    let (_, headers, coded) = get(assets.style(), &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(text(&headers, "content-encoding"), "br");
    let (_, headers, gzipped) = get(assets.style(), &[("accept-encoding", "gzip")]).await;
    assert_eq!(text(&headers, "content-encoding"), "gzip");
    assert_eq!(text(&headers, "vary"), "Accept-Encoding");
    let (_, _, plain) = get(assets.style(), &[]).await;
    assert!(coded.len() < gzipped.len() && gzipped.len() < plain.len());
    let mut opened = Vec::new();
    flate2::read::GzDecoder::new(&gzipped[..])
        .read_to_end(&mut opened)
        .unwrap();
    assert_eq!(opened, plain);
}

#[actix_web::test]
async fn a_refused_coding_is_not_used() {
    let (_, headers, _) = get(
        Assets::load().style(),
        &[("accept-encoding", "br;q=0, gzip")],
    )
    .await;
    assert_eq!(text(&headers, "content-encoding"), "gzip");
}

#[actix_web::test]
async fn a_known_entity_tag_is_answered_304_without_a_body() {
    let assets = Assets::load();
    let (_, headers, _) = get(assets.icons(), &[]).await;
    let tag = text(&headers, "etag").to_owned();
    assert!(tag.starts_with('"'), "a strong tag: {tag}");
    let (status, _, body) = get(assets.icons(), &[("if-none-match", &tag)]).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[actix_web::test]
async fn another_hash_or_name_is_not_found() {
    for path in [
        "/static/0000000000000000/app.css",
        "/static/0/..%2fapp.css",
        "/static/x/y",
    ] {
        assert_eq!(get(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn weights_stay_within_their_budgets() {
    let assets = Assets::load();
    for (path, most) in [
        (assets.style(), 12 * 1024),
        (assets.script(), 8 * 1024),
        (assets.icons(), 3 * 1024),
    ] {
        let (_, _, body) = get(path, &[("accept-encoding", "gzip")]).await;
        assert!(body.len() <= most, "{path}: {} bytes of gzip", body.len());
    }
}
