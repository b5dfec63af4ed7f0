//! One embedded file with its compressed forms, and the handler that chooses between them.

use std::fmt::Write as _;
use std::io::Write as _;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::http::header::AcceptEncoding;
use actix_web::http::header::ContentEncoding;
use actix_web::http::header::Encoding;
use actix_web::http::header::EntityTag;
use actix_web::http::header::Header as _;
use actix_web::http::header::IfNoneMatch;
use actix_web::web;
use bytes::Bytes;
use sha2::Digest as _;
use sha2::Sha256;

use crate::http::assets::Assets;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const HASH_BYTES: usize = 8;
/// Names what follows the hash in an entity tag, since each coding is another representation.
const CODINGS: [ContentEncoding; 3] = [
    ContentEncoding::Brotli,
    ContentEncoding::Gzip,
    ContentEncoding::Identity,
];

pub(super) struct Asset {
    content_type: &'static str,
    hash: String,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

impl Asset {
    pub(super) fn new(content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            content_type,
            hash: short_hash(&body),
            gzip: gzip(&body),
            brotli: brotli(&body),
            plain: body.into(),
        }
    }

    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    fn coded(&self, coding: ContentEncoding) -> Option<&Bytes> {
        match coding {
            ContentEncoding::Brotli => self.brotli.as_ref(),
            ContentEncoding::Gzip => self.gzip.as_ref(),
            ContentEncoding::Identity => Some(&self.plain),
            _ => None,
        }
    }

    /// The smallest form that the caller takes.
    fn choose(&self, accept: Option<&AcceptEncoding>) -> (ContentEncoding, &Bytes) {
        let wanted = |coding: ContentEncoding| {
            let coding = Encoding::Known(coding);
            accept.is_some_and(|accept| {
                accept.negotiate([&coding].into_iter()) == Some(coding.clone())
            })
        };
        CODINGS
            .into_iter()
            .filter(|coding| wanted(*coding))
            .find_map(|coding| Some((coding, self.coded(coding)?)))
            .unwrap_or((ContentEncoding::Identity, &self.plain))
    }
}

fn short_hash(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    digest
        .iter()
        .take(HASH_BYTES)
        .fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// No form is kept that is not smaller than the plain one.
fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(body).ok()?;
    smaller(coder.finish().ok()?, body)
}

fn brotli(body: &[u8]) -> Option<Bytes> {
    const BUFFER: usize = 4096;
    const QUALITY: u32 = 11;
    const WINDOW: u32 = 22;
    let mut coder = brotli::CompressorWriter::new(Vec::new(), BUFFER, QUALITY, WINDOW);
    coder.write_all(body).ok()?;
    smaller(coder.into_inner(), body)
}

fn smaller(coded: Vec<u8>, body: &[u8]) -> Option<Bytes> {
    (coded.len() < body.len()).then(|| coded.into())
}

/// Adds `/static/{hash}/{name}`. The application's data must hold an [`Assets`].
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/static/{hash}/{name}")
            .route(web::get().to(serve))
            .route(web::head().to(serve)),
    );
}

async fn serve(request: HttpRequest, assets: web::ThinData<Assets>) -> HttpResponse {
    let Some(asset) = assets.find(request.path()) else {
        return HttpResponse::NotFound().body("Not found\n");
    };
    let accept = AcceptEncoding::parse(&request).ok();
    let (coding, body) = asset.choose(accept.as_ref());
    let tag = EntityTag::new_strong(format!("{}-{}", asset.hash, coding.as_str()));
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header(header::ETag(tag.clone()));
    if is_known(&request, &tag) {
        return response
            .status(actix_web::http::StatusCode::NOT_MODIFIED)
            .finish();
    }
    // Set even when it is `identity`, so that no compressing middleware starts over.
    response
        .insert_header((header::CONTENT_ENCODING, coding.as_str()))
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .body(body.clone())
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
