//! What a key may do: chosen in the forms, told on its page.

use latchkey::db::catalogue;
use latchkey::db::catalogue::Applied;
use latchkey::domain::actor::Actor;
use latchkey::domain::catalogue::BUILT_IN;
use latchkey::domain::grant;
use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NEW;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::edit::changes;
use crate::dashboard::keys::edit::edit;
use crate::dashboard::keys::submit;
use crate::support::callers::Caller;

impl House {
    /// The built-in catalogue with one piece of it in other words.
    pub fn offer_instead(&self, from: &str, to: &str) {
        assert!(BUILT_IN.contains(from), "{from}");
        self.offer(&BUILT_IN.replace(from, to));
    }

    pub fn offer(&self, text: &str) {
        let actor = Actor::system("the operator");
        let applied = catalogue::apply(&mut self.conn(), &actor, self.now(), text).unwrap();
        assert!(matches!(applied, Ok(Applied::New { .. })), "{applied:?}");
    }

    /// From now on developers may only chat.
    fn narrow_developers(&self) {
        self.offer_instead("developer = [\"*\"]", "developer = [\"chats:*\"]");
    }
}

/// A key whose permissions were chosen one by one.
pub async fn custom(caller: &Caller, name: &str, permissions: &[&str]) -> NewKey {
    let mut fields = vec![("name", name), ("scope", "custom")];
    fields.extend(permissions.iter().map(|slug| ("permission", *slug)));
    let page = submit(caller, &fields).await;
    assert_eq!(page.status, 201, "{}", page.text);
    NewKey::of(&page)
}

#[tokio::test]
async fn presets_say_what_they_can_and_cannot_do_and_how_much_they_risk() {
    let house = House::new().await;
    let page = house.owner.get(NEW).await;
    let offered = page.values("input[name=scope]");
    let built_in = ["full", "widget", "routine", "query", "index"];
    assert_eq!(offered[..5], built_in);
    assert_eq!(offered[5..], ["custom", "inherit"]);
    let hint = page.one("#scope-widget-hint");
    assert!(hint.contains("The web widget: chat, history and archive."));
    assert!(hint.contains("It cannot: Read or change documents"));
    assert_eq!(page.one("#scope-widget-hint .hazard"), "Low risk");
    assert_eq!(page.one("#scope-index-hint .hazard"), "Medium risk");
    assert_eq!(page.one("#scope-full-hint .hazard"), "High risk");
    assert!(!page.has("#scope-withheld"));
}

#[tokio::test]
async fn permissions_are_offered_by_what_they_are_about_and_never_the_console() {
    let house = House::new().await;
    let page = house.owner.get(NEW).await;
    let families = page.texts("#permission .family legend");
    assert_eq!(families[..3], ["Documents", "Queries", "Chats"]);
    let delete = "#may-documents\\:delete";
    assert_eq!(page.attribute(delete, "value"), "documents:delete");
    let hint = page.one(&format!("{delete}-hint"));
    assert_eq!(hint, "High risk Remove documents for ever.");
    assert_eq!(
        page.one("label[for='may-documents:delete']"),
        "Delete documents"
    );
    assert!(!page.has("#permission input[value^=console]"));
    assert!(!page.has("#permission input[checked]"), "nothing is chosen");
}

#[tokio::test]
async fn chosen_permissions_become_the_grant_and_the_page_says_it_in_words() {
    let house = House::new().await;
    let chosen = ["documents:read", "documents:delete", "documents:read"];
    let key = custom(&house.owner, "Reader", &chosen).await;
    let stored = house.stored(&key);
    assert_eq!(stored.grant.scope, grant::CUSTOM);
    let kept: Vec<&str> = stored.permissions().iter().collect();
    assert_eq!(kept, ["documents:read", "documents:delete"]);

    let page = house.owner.get(&key.url()).await;
    assert_eq!(page.texts(".granted dt"), ["Documents"]);
    assert_eq!(
        page.texts(".granted li"),
        [
            "Read documents documents:read",
            "Delete documents documents:delete High risk"
        ]
    );
    let list = house.owner.get(KEYS).await;
    assert_eq!(list.one("td[data-label=Scope]"), "Custom 2 permissions");
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused_at_the_field_and_the_rest_stays_chosen() {
    let house = House::new().await;
    for (bad, said) in [
        ("console:keys", "No key can manage people"),
        ("console", "No key can manage people"),
        ("*", "“*” is no permission"),
        ("documents:*", "“documents:*” is no permission"),
        ("documents:fly", "“documents:fly” is no permission"),
        ("", "“” is no permission"),
    ] {
        let fields = [
            ("scope", "custom"),
            ("permission", "chats:read"),
            ("permission", bad),
        ];
        let page = submit(&house.owner, &fields).await;
        assert_eq!(page.status, 422, "{bad}");
        let error = page.one("#permission-error");
        assert!(error.contains(said), "{bad}: {error}");
        assert!(page.has(".error-summary a[href='#permission']"));
        assert!(page.has("#scope-custom[checked]"));
        assert_eq!(page.values("#permission input[checked]"), ["chats:read"]);
    }
    let page = submit(&house.owner, &[("scope", "custom")]).await;
    assert!(
        page.one("#permission-error")
            .contains("Choose at least one permission.")
    );
    // What was checked counts for the custom scope only.
    let both = [("scope", "widget"), ("permission", "console:keys")];
    let page = submit(&house.owner, &both).await;
    let stored = house.stored(&NewKey::of(&page));
    assert!(stored.grant.permissions.is_empty());
}

#[tokio::test]
async fn nobody_gives_a_key_more_than_their_own_role_may_do() {
    let house = House::new().await;
    house.narrow_developers();
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let page = developer.get(NEW).await;
    assert_eq!(page.values("input[name=scope]"), ["custom", "inherit"]);
    assert_eq!(page.texts("#permission legend")[1..], ["Chats"]);
    let withheld = page.one("#scope-withheld");
    assert!(withheld.contains("Full access") && withheld.contains("Delete documents"));

    let wide = [
        ("scope", vec![("scope", "full")]),
        (
            "permission",
            vec![("scope", "custom"), ("permission", "documents:read")],
        ),
    ];
    for (field, fields) in wide {
        let page = submit(&developer, &fields).await;
        assert_eq!(page.status, 422);
        let said = page.one(&format!("#{field}-error"));
        assert!(said.contains("more than your role here may do"), "{said}");
    }
    custom(&developer, "Chatter", &["chats:read"]).await;
    custom(&house.owner, "Reader", &["documents:read"]).await;
}

#[tokio::test]
async fn a_wider_grant_from_before_is_kept_and_not_widened() {
    let house = House::new().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let key = custom(&developer, "Old", &["documents:read", "chats:read"]).await;
    house.narrow_developers();
    let kept = edit(&developer, &key, &[("note", "Kept")]).await;
    assert_eq!(kept.status, 303, "{}", kept.text);
    assert!(house.stored(&key).permissions().allow("documents:read"));

    let wider = [
        ("permission", "documents:read"),
        ("permission", "documents:write"),
    ];
    let page = edit(&developer, &key, &wider).await;
    assert_eq!(page.status, 422);
    assert!(page.has("#permission-error"));
    let page = edit(&developer, &key, &[("scope", "full")]).await;
    assert!(page.has("#scope-error"));
}

#[tokio::test]
async fn a_grant_is_changed_with_its_audit_row_and_an_untouched_one_is_not() {
    let house = House::new().await;
    let key = custom(&house.owner, "Reader", &["documents:read", "chats:read"]).await;
    assert_eq!(edit(&house.owner, &key, &[]).await.status, 303);
    assert!(changes(&house).is_empty());

    let less = [("permission", "chats:read")];
    assert_eq!(edit(&house.owner, &key, &less).await.status, 303);
    let page = house.owner.get(&key.url()).await;
    let flash = page.one(".flash");
    assert!(flash.contains("Every node has gone by it"), "{flash}");
    let written = changes(&house).remove(0);
    let (before, after) = (written.before.unwrap(), written.after.unwrap());
    assert_eq!(before["grant"]["permissions"][0], "documents:read");
    assert_eq!(after["grant"]["permissions"][0], "chats:read");
}

#[tokio::test]
async fn an_inheriting_key_says_whose_rights_it_has_now_and_when_it_has_none() {
    let house = House::new().await;
    house.narrow_developers();
    let email = "dev@acme.example";
    let developer = house.member(email, WorkspaceRole::Developer).await;
    let key = NewKey::of(&submit(&developer, &[("scope", "inherit")]).await);
    let page = house.owner.get(&key.url()).await;
    let said = page.one("[data-grant=summary]");
    assert!(said.contains("now a developer here"), "{said}");
    assert_eq!(page.texts(".granted dt"), ["Chats"]);

    house.execute(&format!(
        "update workspace_memberships set role = 'admin'
         where user_id = (select id from users where email = '{email}')"
    ));
    let page = house.owner.get(&key.url()).await;
    let said = page.one("[data-grant=summary]");
    assert!(said.contains("everything the API offers"), "{said}");
    house.execute(&format!(
        "update users set disabled_at = now() where email = '{email}'"
    ));
    let page = house.owner.get(&key.url()).await;
    let said = page.one(".notice");
    assert!(
        said.contains("every call with this key is refused"),
        "{said}"
    );
}
