//! `/v1/keys/self`.

use latchkey::domain::actor::ActorKind;
use latchkey::domain::endpoint::Method;
use latchkey::domain::endpoint::Surface;
use latchkey::verify::own_key::OwnRevocationAnswer;
use serde_json::Value;
use serde_json::json;

use crate::support::edge::TestEdge;
use crate::support::edge::plain_key;

#[tokio::test]
async fn a_key_reads_itself_by_each_of_the_three_headers() {
    let edge = TestEdge::start();
    let key = edge.key();
    for (name, value) in [
        ("authorization", format!("Bearer {}", key.expose())),
        ("authorization", format!("apikey {}", key.expose())),
        ("x-api-key", key.expose().to_owned()),
    ] {
        let response = edge
            .client
            .get(edge.url("/v1/keys/self"))
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let id = response.headers()["x-request-id"].clone();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(
            answer,
            json!({
                "request_id": id.to_str().unwrap(),
                "key": {"id": key.id().as_str(), "name": "blog ingest", "category": "production", "expires_at": null},
                "account": {"id": "acc_7", "domain": "acme"},
                "workspace": {"id": "wsp_8", "slug": "default"},
                "scope": "full",
                "permissions": ["*"],
                "limits": []
            })
        );
    }
    let rows = edge.decided();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].surface, Surface::OwnKey);
    assert_eq!(rows[0].method, Some(Method::Get));
    assert_eq!(rows[0].path, "/v1/keys/self");
    assert_eq!(rows[0].status, Some(200));
    assert!(rows[0].duration_us.is_some());
}

#[tokio::test]
async fn an_unknown_key_is_refused_and_leaves_no_row() {
    let edge = TestEdge::start();
    let response = edge
        .client
        .delete(edge.url("/v1/keys/self"))
        .bearer_auth(plain_key().expose())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(
        response.headers()["www-authenticate"],
        r#"Bearer realm="latchkey", ApiKey realm="latchkey""#
    );
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"error":"Invalid API Key"}"#
    );
    assert!(edge.decided().is_empty());
}

#[tokio::test]
async fn a_key_revokes_itself_and_hears_what_came_of_it() {
    let mut edge = TestEdge::start();
    let key = edge.key();
    for (answer, status) in [
        (OwnRevocationAnswer::Revoked, 200),
        (OwnRevocationAnswer::Pending, 202),
        (OwnRevocationAnswer::AlreadyRevoked, 409),
        (OwnRevocationAnswer::Failed, 503),
    ] {
        let request = edge
            .client
            .delete(edge.url("/v1/keys/self"))
            .header("x-api-key", key.expose());
        let call = tokio::spawn(request.send());
        let revocation = edge.revocations.recv().await.unwrap();
        assert_eq!(revocation.key, key.id());
        assert_eq!(revocation.actor.kind, ActorKind::Key(key.id()));
        assert_eq!(revocation.actor.ip, "127.0.0.1".parse().ok());
        revocation.answer.send(answer).unwrap();
        let response = call.await.unwrap().unwrap();
        assert_eq!(response.status(), status);
        if status < 300 {
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["revoked"], true);
            assert_eq!(body["pending"], status == 202);
        }
    }
    let statuses: Vec<_> = edge.completed().iter().map(|row| row.status).collect();
    assert_eq!(statuses, [200, 202, 409, 503]);
    assert_eq!(edge.decided().len(), 4);
}
