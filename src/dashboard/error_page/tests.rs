use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::middleware::from_fn;
use actix_web::test;
use actix_web::web;

use super::*;
use crate::dashboard::fault::Fault;
use crate::http::assets::Assets;

async fn answer(handler: fn() -> Result<&'static str, PageError>) -> (StatusCode, String) {
    let site = Site::new(&"https://keys.example".parse().unwrap()).unwrap();
    let looks = Looks::new(Assets::load(), &site);
    let app = App::new()
        .route("/", web::get().to(move || async move { handler() }))
        .wrap(from_fn(move |request, next| {
            finish((site.clone(), looks.clone()), request, next)
        }));
    let app = test::init_service(app).await;
    let request = test::TestRequest::get().uri("/").to_request();
    let response = match test::try_call_service(&app, request).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    assert!(response.headers().contains_key("content-security-policy"));
    assert!(response.headers().contains_key("strict-transport-security"));
    let status = response.status();
    let body = to_bytes(response.into_body()).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[actix_web::test]
async fn a_panic_is_a_page_that_keeps_its_cause_to_itself() {
    let (status, body) = answer(|| panic!("the secret cause")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body.contains("There is a problem with the service"));
    assert!(!body.contains("secret cause"));
}

#[actix_web::test]
async fn a_fault_inside_is_a_page_that_keeps_its_cause_to_itself() {
    let (status, body) = answer(|| Err(PageError::internal("the secret cause"))).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.contains("secret cause"));
}

#[actix_web::test]
async fn what_the_person_should_know_is_told() {
    let words = "You need the role Admin. Ask Ada.";
    let (status, body) = answer(|| {
        Err(PageError::Forbidden(
            "You need the role Admin. Ask Ada.".to_owned(),
        ))
    })
    .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains(words));
}

#[actix_web::test]
async fn an_answer_that_is_well_stays_as_it_is() {
    assert_eq!(
        answer(|| Ok("fine")).await,
        (StatusCode::OK, "fine".to_owned())
    );
}

#[::core::prelude::v1::test]
fn causes_are_told_in_one_line() {
    let inner = crate::db::DbError::Unavailable("no route".to_owned());
    assert_eq!(chain(&inner), "the database is not there: no route");
    assert!(
        Fault::of_status(StatusCode::IM_A_TEAPOT)
            .title
            .contains("cannot be read")
    );
}
