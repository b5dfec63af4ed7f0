//! The forms and pages of grants as a browser shows them, without scripts.

use crate::browser::Place;
use crate::browser::sound::looks;

const KEYS: &str = "/w/default/developers/keys";

/// Keys with every kind of grant, one with a name of 200 letters and all limits, and a newer
/// version of the preset that one of them has.
const STATE: &str = "
insert into presets (slug, version, label, summary, cannot, permissions, position)
values ('widget', 2, 'Widget only', 'The web widget: chat and history.', 'Do anything else.',
        '{widget:chat,widget:history,documents:delete}', 1);
insert into catalogue_versions (version, document, applied_at, applied_by)
select version + 1, document, now(), 'test' from catalogue_versions order by version desc limit 1;
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                      preset_version, permissions, resources, created_by, created_at, operation)
select w.account_id, k.id, w.id, k.name, lower(k.name), 'production', k.preset, 1, k.permissions,
       k.resources, u.id, now(), gen_random_uuid()
  from workspaces w, users u, (values
    ('aaaaaaaaaaaa', left(repeat('Interminable backend of the north ', 6), 199) || 'x', 'custom',
     '{documents:read,documents:delete,chats:*,agents:run,gone:thing}'::text[],
     (select array_agg('corpus-' || n) from generate_series(1, 40) n)),
    ('bbbbbbbbbbbb', 'Support widget', 'widget', '{}', '{*}'),
    ('cccccccccccc', 'Notebook of Ada', 'inherit', '{}', '{eu-*,7}')
  ) as k (id, name, preset, permissions, resources);
insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at)
select account_id, id, 1, sha256(id::bytea), 1, 'c91d', now() from api_keys;
insert into key_limits (account_id, key_id, total, daily, weekly, monthly)
select account_id, id, 9007199254740991, 1, 2000000, 40 from api_keys where id = 'aaaaaaaaaaaa';
";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn grants_are_chosen_and_told_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(STATE);
    let browser = &place.browser;
    browser.without_scripts().await;
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        for (name, path) in [
            ("create", "/new"),
            ("create-custom", "/new"),
            ("similar", "/new?like=aaaaaaaaaaaa"),
            ("long", "/aaaaaaaaaaaa"),
            ("long-edit", "/aaaaaaaaaaaa/edit"),
            ("widget", "/bbbbbbbbbbbb"),
            ("update", "/bbbbbbbbbbbb/preset"),
            ("widget-edit", "/bbbbbbbbbbbb/edit"),
            ("inherit", "/cccccccccccc"),
            ("list", ""),
        ] {
            place.goto(&format!("{KEYS}{path}")).await;
            if name == "create" {
                assert!(
                    !is_visible(&place).await,
                    "permissions wait to be asked for"
                );
            } else if name == "create-custom" {
                // Nothing lies over it: the buttons stay at the end of a window that is tall.
                browser.size(look.width, 4_000).await;
                browser.click("#scope-custom").await;
                assert!(is_visible(&place).await, "permissions are in sight");
            }
            place.sound(name, look).await;
        }
    }
    browser.driver.clone().quit().await.unwrap();
}

async fn is_visible(place: &Place) -> bool {
    let shown = "document.querySelector('#permission').checkVisibility()";
    place.browser.run(shown).await == true
}
