//! What an invitation does not tell, and where it is refused.

use latchkey::domain::role::WorkspaceRole;

use super::House;
use super::invite::INVITE;
use super::invite::invite;
use super::invite::link;
use crate::support::html::Page;

#[tokio::test]
async fn the_inviter_learns_nothing_about_an_address() {
    let house = House::new().await;
    house.app.account("other");
    let [known, unknown] = ["owner@other.example", "nobody@other.example"].map(|email| {
        let house = &house;
        async move {
            let page = invite(&house.owner, email, &[]).await;
            let path = link(&page);
            let opened = house.app.visitor().get(&path).await;
            let token = path.split('=').nth(1).unwrap();
            let csrf = opened.attribute("input[name=csrf]", "value");
            let plain = |page: &Page| {
                let text = page.without_reference().replace(email, "ADDRESS");
                text.replace(token, "TOKEN").replace(&csrf, "CSRF")
            };
            (plain(&page), plain(&opened))
        }
    });
    let (known, unknown) = (known.await, unknown.await);
    assert_eq!(known.0, unknown.0);
    assert_eq!(known.1, unknown.1);
}

/// What somebody with the link is told who tries passwords, without what differs by chance.
async fn refusals(email: &str) -> Vec<(u16, String, String)> {
    let house = House::new().await;
    house.app.account("other");
    let path = link(&invite(&house.owner, email, &[]).await);
    let token = path.split('=').nth(1).unwrap();
    let visitor = house.app.visitor();
    let csrf = visitor
        .get(&path)
        .await
        .attribute("input[name=csrf]", "value");
    let tries = [
        ("Mallory", ""),
        ("", "not the password"),
        ("Mallory", "short"),
        ("Mallory", "passwordpassword"),
        ("", "a good one, long enough"),
        ("Mallory", "short"),
        ("Mallory", "a good one, long enough"),
    ];
    let mut told = Vec::new();
    for (name, password) in tries {
        let fields = [
            ("csrf", csrf.as_str()),
            ("name", name),
            ("password", password),
        ];
        let page = visitor.post(&path, &fields).await;
        let text = page.without_reference().replace(email, "ADDRESS");
        let text = text.replace(token, "TOKEN").replace(&csrf, "CSRF");
        told.push((page.status, page.header("retry-after").to_owned(), text));
    }
    told
}

#[tokio::test]
async fn who_has_the_link_learns_nothing_about_the_address_by_trying() {
    let known = refusals("owner@other.example").await;
    let unknown = refusals("nobody@other.example").await;
    let statuses: Vec<u16> = known.iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [422, 422, 422, 422, 422, 422, 429]);
    for (known, unknown) in known.iter().zip(&unknown) {
        assert_eq!(known, unknown);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_words() {
    let house = House::new().await;
    let (anna, admin) = house
        .person("anna@acme.example", WorkspaceRole::Viewer)
        .await;
    house.app.db.execute(&format!(
        "update memberships set role = 'admin' where user_id = '{anna}'"
    ));
    let said = |page: &Page| {
        assert_eq!(page.status, 422, "{}", page.text);
        page.one("#errors")
    };
    assert!(
        said(&invite(&house.owner, "no address", &[]).await).contains("Enter an e-mail address")
    );
    assert!(
        said(&invite(&house.owner, "ANNA@acme.example", &[]).await)
            .contains("a member of acme Ltd already")
    );
    assert!(
        said(&invite(&house.owner, "x@acme.example", &[("role", "king")]).await)
            .contains("Choose a role")
    );
    link(&invite(&admin, "x@acme.example", &[("role", "admin")]).await);
    assert!(
        said(&invite(&house.owner, "X@acme.example", &[]).await).contains("is invited already")
    );
    assert!(!admin.get(INVITE).await.has("#role-owner"));
    assert_eq!(
        invite(&admin, "y@acme.example", &[("role", "owner")])
            .await
            .status,
        403
    );

    // Whoever loses the role can no longer give it, not even by a letter that is on its way.
    let path = link(&invite(&admin, "z@acme.example", &[]).await);
    house.app.db.execute(&format!(
        "update memberships set role = 'member' where user_id = '{anna}'"
    ));
    assert_eq!(house.app.visitor().get(&path).await.status, 404);

    house.app.db.execute(
        "insert into invitations select account_id, gen_random_uuid(), 'n@' || n, 'n@' || n, role,
             sha256(n::text::bytea), invited_by, created_at, sent_at, expires_at
         from invitations, generate_series(1, 48) n where email = 'x@acme.example'",
    );
    assert!(
        said(&invite(&house.owner, "p@acme.example", &[]).await)
            .contains("50 invitations in an hour")
    );
    house.app.db.execute(
        "update invitations set created_at = created_at - interval '2 hours';
         insert into invitations select account_id, gen_random_uuid(), 'm@' || n, 'm@' || n, role,
             sha256(('m' || n)::bytea), invited_by, created_at, sent_at, expires_at
         from invitations, generate_series(1, 50) n where email = 'x@acme.example'",
    );
    assert!(
        said(&invite(&house.owner, "q@acme.example", &[]).await).contains("100 open invitations")
    );
    // What has expired opens nothing and does not count.
    house
        .app
        .db
        .execute("update invitations set expires_at = now() - interval '1 year'");
    let page = invite(&house.owner, "q@acme.example", &[]).await;
    assert_eq!(page.status, 200, "{}", page.text);
}
