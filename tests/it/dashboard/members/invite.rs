//! Inviting somebody, and what becomes of it.

use std::time::Duration;

use latchkey::domain::role::WorkspaceRole;

use super::ACCOUNT;
use super::House;
use crate::support::app::PASSWORD;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows::every_row;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::rows::number;

pub const INVITE: &str = "/account/members/invite";
const DAY: Duration = Duration::from_hours(24);

pub async fn invite(caller: &Caller, email: &str, more: &[(&str, &str)]) -> Page {
    let mut fields = vec![("email", email), ("role", "member")];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
    fields.extend(more);
    caller.submit(INVITE, &fields).await
}

/// The path of the link that the page shows.
pub fn link(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    let link = page.attribute("#link", "value");
    link[link.find("/invitation").unwrap()..].to_owned()
}

/// As somebody new.
async fn join(caller: &Caller, link: &str) -> Page {
    caller
        .submit(link, &[("name", "Grace Hopper"), ("password", PASSWORD)])
        .await
}

/// Presses a button of the row of `email` in the list of invitations.
async fn press(house: &House, email: &str, action: &str) -> Page {
    let page = house.owner.get(ACCOUNT).await;
    let rows = page.texts("#invitations .cell-name");
    let row = 1 + rows.iter().position(|row| row == email).unwrap();
    let form = format!("#invitations tbody tr:nth-child({row}) form[action$={action}]");
    let csrf = page.attribute(&format!("{form} input"), "value");
    house
        .owner
        .post(&page.attribute(&form, "action"), &[("csrf", &csrf)])
        .await
}

#[tokio::test]
async fn somebody_new_joins_with_the_roles_they_were_invited_to() {
    let house = House::new().await;
    let roles = [
        ("workspace-default", "developer"),
        ("account_id", "9"),
        ("invited_by", "x"),
    ];
    let page = invite(&house.owner, "Grace@acme.example", &roles).await;
    assert_eq!(page.header("cache-control"), "no-store, private");
    let link = link(&page);
    let token = link.split('=').nth(1).unwrap();
    assert!(!every_row(&mut house.app.db.connection()).contains(token));
    // Invited is not yet anything.
    assert_eq!(number(&house.app.db, "select count(*) from users"), 1);
    let list = house.owner.get(ACCOUNT).await;
    assert_eq!(
        list.texts("#invitations .cell-name"),
        ["Grace@acme.example"]
    );
    assert!(
        list.one("#invitations td[data-column=expires]")
            .contains("28 Nov 2026, 09:41")
    );

    let grace = house.app.visitor();
    let asked = grace.get(&link).await;
    assert_eq!(asked.one("h1"), "Join acme Ltd");
    let weak = grace
        .submit(&link, &[("name", ""), ("password", "short")])
        .await;
    assert_eq!((weak.status, weak.texts("#errors a").len()), (422, 2));
    let before = last_noted(&house.app.db);
    let joined = join(&grace, &link).await;
    assert_eq!(
        noted_after(&house.app.db, before),
        "invitation.accepted member.added person.created"
    );
    assert_eq!(
        (joined.status, joined.location()),
        (303, "/sign-in/acme?joined=1")
    );
    assert!(
        grace
            .get(joined.location())
            .await
            .one("main")
            .contains("You belong to this company")
    );
    grace.sign_in("acme", "grace@acme.example").await;
    assert_eq!(
        grace.get("/w/default/developers/keys/new").await.status,
        200
    );
    assert_eq!(grace.get(ACCOUNT).await.status, 403);
    // Only once.
    assert_eq!(house.app.visitor().get(&link).await.status, 404);
    let rows = every_row(&mut house.app.db.connection());
    assert!(rows.contains("invitation.sent") && rows.contains("invitation.accepted"));
}

#[tokio::test]
async fn by_mail_the_link_is_in_the_letter_and_nowhere_else() {
    let sink = crate::support::smtp::SmtpSink::open();
    let app = crate::support::app::TestApp::spawn_with(None, &sink.config());
    app.account("acme");
    let owner = app.visitor();
    owner.sign_in("acme", "owner@acme.example").await;
    let sent = invite(&owner, "grace@acme.example", &[]).await;
    assert_eq!((sent.status, sent.location()), (303, ACCOUNT));
    let said = owner.get(ACCOUNT).await.one(".flash");
    assert_eq!(
        said,
        "The invitation for grace@acme.example was sent by mail."
    );
    let letter = sink.letter().await;
    assert_eq!(letter.to, ["grace@acme.example"]);
    assert_eq!(letter.subject, "Join acme Ltd on Latchkey");
    assert_eq!(join(&app.visitor(), &letter.path()).await.status, 303);
}

#[tokio::test]
async fn an_invitation_expires_is_sent_again_and_is_withdrawn() {
    let house = House::new().await;
    let first = link(&invite(&house.owner, "grace@acme.example", &[]).await);
    let soon = press(&house, "grace@acme.example", "resend").await;
    assert_eq!(soon.location(), ACCOUNT);
    assert!(
        house
            .owner
            .get(ACCOUNT)
            .await
            .one(".flash")
            .contains("less than 10 minutes ago")
    );
    house.app.clock.advance(Duration::from_mins(11));
    let second = link(&press(&house, "grace@acme.example", "resend").await);
    assert_eq!(
        house.app.visitor().get(&first).await.status,
        404,
        "the old one is dead"
    );
    assert_eq!(house.app.visitor().get(&second).await.status, 200);
    house.app.clock.advance(7 * DAY);
    assert_eq!(house.app.visitor().get(&second).await.status, 404);
    assert_eq!(
        house.app.visitor().get("/invitation?token=x").await.status,
        404
    );
    house.owner.sign_in("acme", "owner@acme.example").await;
    assert_eq!(
        house.owner.get(ACCOUNT).await.one("#invitations .badge"),
        "Expired"
    );
    let third = link(&press(&house, "grace@acme.example", "resend").await);
    assert_eq!(
        press(&house, "grace@acme.example", "withdraw").await.status,
        303
    );
    assert_eq!(house.app.visitor().get(&third).await.status, 404);
    assert!(!house.owner.get(ACCOUNT).await.has("#invitations"));
    let rows = every_row(&mut house.app.db.connection());
    assert!(rows.contains("invitation.resent") && rows.contains("invitation.withdrawn"));
    link(&invite(&house.owner, "grace@acme.example", &[]).await);
}

#[tokio::test]
async fn an_invitation_is_for_its_address_only() {
    let house = House::new().await;
    house.app.account("other");
    let link = link(&invite(&house.owner, "owner@other.example", &[]).await);
    let (_, somebody) = house
        .person("grace@acme.example", WorkspaceRole::Viewer)
        .await;
    let page = somebody.get(&link).await;
    assert_eq!(page.status, 403);
    assert!(
        page.one("#not-yours")
            .contains("You are signed in as grace@acme.example")
    );
    let csrf = page.attribute("input[name=csrf]", "value");
    let path = link.replacen("/invitation", "/invitation/join", 1);
    assert_eq!(somebody.post(&path, &[("csrf", &csrf)]).await.status, 403);
    // Nor does a new name and password make it somebody's who has the address.
    let visitor = house.app.visitor();
    let page = visitor.get(&link).await;
    let csrf = page.attribute("main form input[name=csrf]", "value");
    let wrong = [
        ("csrf", &*csrf),
        ("name", "Somebody"),
        ("password", "a wrong one, long enough"),
    ];
    let wrong = visitor.post(&link, &wrong).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.one("#password-error").contains("cannot be used"));
    let right = [("csrf", &*csrf), ("password", PASSWORD)];
    assert_eq!(
        visitor.post(&link, &right).await.location(),
        "/sign-in/acme?joined=1"
    );
    visitor.sign_in("acme", "owner@other.example").await;
    assert_eq!(visitor.get(ACCOUNT).await.status, 403);
}

#[tokio::test]
async fn whoever_is_signed_in_elsewhere_joins_and_signs_in_anew() {
    let house = House::new().await;
    let known = house.app.owner("other").await;
    let path = link(&invite(&house.owner, "OWNER@other.example", &[("role", "admin")]).await);
    let before = last_noted(&house.app.db);
    let done = known.submit(&path, &[]).await;
    assert_eq!(
        noted_after(&house.app.db, before),
        "invitation.accepted member.added session.ended"
    );
    assert_eq!(
        (done.status, done.location()),
        (303, "/sign-in/acme?joined=1")
    );
    assert_eq!(known.get(ACCOUNT).await.status, 303, "signed out");
    known.sign_in("acme", "owner@other.example").await;
    assert_eq!(
        known.get(ACCOUNT).await.texts("#members .cell-name").len(),
        2
    );
}
