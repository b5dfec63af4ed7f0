//! The check as it is often written by hand: per request one SELECT of the key's row by its digest
//! and one UPDATE of when it was last used, through diesel and a pool, off the worker's thread.

#![expect(
    clippy::disallowed_methods,
    reason = "it stands for programs that have no door to their database"
)]

use std::fmt::Write as _;
use std::net::TcpListener;

use actix_web::App;
use actix_web::HttpResponse;
use actix_web::HttpServer;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Json;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::ConnectionManager;
use diesel::r2d2::Pool;
use sha2::Digest;
use sha2::Sha256;

use super::bare::ANSWER;
use super::bare::Question;
use super::fault;

/// One core serves and queries; more connections than this did not make it faster.
const CONNECTIONS: u32 = 8;

type Connections = Pool<ConnectionManager<PgConnection>>;

diesel::table! {
    by_hand (id) {
        id -> BigInt,
        digest -> Binary,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
    }
}

/// Fills a table with `count` keys and writes them to `file`.
pub async fn serve(database: &str, file: &str, count: usize) -> std::io::Result<()> {
    let manager = ConnectionManager::new(database);
    let pool = Pool::builder()
        .max_size(CONNECTIONS)
        .build(manager)
        .map_err(fault)?;
    fill(&pool, file, count)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    super::edge::say(&format!("http://{}", listener.local_addr()?));
    HttpServer::new(move || {
        App::new()
            .app_data(Data::new(pool.clone()))
            .route("/v1/keys/verify", web::post().to(post))
    })
    .workers(1)
    .worker_max_blocking_threads(CONNECTIONS as usize)
    .listen(listener)?
    .run()
    .await
}

fn fill(pool: &Connections, file: &str, count: usize) -> std::io::Result<()> {
    let mut connection = pool.get().map_err(fault)?;
    connection
        .batch_execute(
            "CREATE TABLE by_hand (id bigserial PRIMARY KEY, digest bytea NOT NULL UNIQUE,
                revoked_at timestamptz, last_used_at timestamptz) WITH (fillfactor = 50)",
        )
        .map_err(fault)?;
    let mut keys = String::new();
    for number in 0..count {
        let key = format!("by_hand_{number:046}");
        diesel::insert_into(by_hand::table)
            .values(by_hand::digest.eq(digest(&key)))
            .execute(&mut connection)
            .map_err(fault)?;
        let _ = writeln!(keys, "{key}");
    }
    std::fs::write(file, keys)
}

fn digest(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

async fn post(pool: Data<Connections>, question: Json<Question>) -> HttpResponse {
    let key = question.into_inner().key;
    match web::block(move || is_valid(&pool, &key)).await {
        Ok(Ok(true)) => HttpResponse::Ok().json(ANSWER),
        Ok(Ok(false)) => HttpResponse::Unauthorized().finish(),
        Ok(Err(_)) | Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn is_valid(pool: &Connections, key: &str) -> std::io::Result<bool> {
    let mut connection = pool.get().map_err(fault)?;
    let found = by_hand::table
        .filter(by_hand::digest.eq(digest(key)))
        .filter(by_hand::revoked_at.is_null())
        .select(by_hand::id)
        .first::<i64>(&mut connection)
        .optional()
        .map_err(fault)?;
    let Some(id) = found else { return Ok(false) };
    diesel::update(by_hand::table.find(id))
        .set(by_hand::last_used_at.eq(diesel::dsl::now))
        .execute(&mut connection)
        .map_err(fault)?;
    Ok(true)
}
