use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::web;
use latchkey::cli::demo::kept::Kept;
use latchkey::cli::demo::traffic;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::random::OsRandom;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

const CALLS: usize = 12;
const PATIENCE: Duration = Duration::from_mins(1);

/// The credentials of the calls so far, without the scheme.
type Seen = Arc<Mutex<Vec<String>>>;

async fn note(request: HttpRequest, seen: web::Data<Seen>) -> HttpResponse {
    let credential = ["authorization", "x-api-key"]
        .into_iter()
        .find_map(|name| request.headers().get(name));
    let credential = credential.unwrap().to_str().unwrap();
    let key = credential.rsplit(' ').next().unwrap();
    seen.lock().push(key.to_owned());
    HttpResponse::Ok().finish()
}

fn listen(seen: &Seen) -> SocketAddr {
    let seen = web::Data::new(Arc::clone(seen));
    let app = move || {
        App::new()
            .app_data(seen.clone())
            .default_service(web::to(note))
    };
    let server = HttpServer::new(app).workers(1).disable_signals();
    let server = server.bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    address
}

#[actix_web::test]
async fn it_calls_with_the_demos_own_keys_until_it_is_stopped() {
    let seen = Seen::default();
    let kept = Kept::make(&KeyPrefix::default(), &OsRandom).unwrap();
    let slugs = [
        "backend",
        "widget",
        "zapier",
        "quickstart",
        "vendor",
        "migration",
    ];
    let known: HashSet<String> = slugs
        .into_iter()
        .map(|slug| kept.key(slug).unwrap().to_owned())
        .collect();
    let stop = CancellationToken::new();
    let gateway = format!("http://{}", listen(&seen));
    let calls = tokio::spawn(traffic::run(gateway, kept, 1, stop.clone()));
    tokio::time::timeout(PATIENCE, async {
        while seen.lock().len() < CALLS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    stop.cancel();
    calls.await.unwrap();
    let keys: HashSet<String> = seen.lock().iter().cloned().collect();
    assert!(keys.is_subset(&known), "{keys:?}");
    assert!(keys.len() > 1, "more than one program calls");
}
