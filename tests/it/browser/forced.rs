//! Every kind of page with the colours of the reader's system, and at 200 % of a laptop's screen:
//! controls keep their edge, the focus its ring, and what has a state says so in words.

use crate::browser::Place;
use crate::browser::life;
use crate::browser::logs;

/// 1,280 pixels at 200 %, and at 400 %.
const ZOOMED: [u32; 2] = [640, 320];
/// Steps of the keyboard on each page.
const TABS: usize = 25;

const PAGES: [(&str, &str); 18] = [
    ("overview", "/w/default/"),
    ("list", "/w/default/developers/keys?view=all"),
    ("key", "/w/default/developers/keys/aaaaaaaaaaaa"),
    ("key-rotating", "/w/default/developers/keys/ffffffffffff"),
    ("create", "/w/default/developers/keys/new"),
    ("edit", "/w/default/developers/keys/aaaaaaaaaaaa/edit"),
    ("revoke", "/w/default/developers/keys/bbbbbbbbbbbb/revoke"),
    ("logs", "/w/default/developers/logs"),
    ("account-logs", "/account/logs"),
    ("usage", "/w/default/developers/usage"),
    ("plan", "/account/usage"),
    ("audit", "/account/audit"),
    ("members", "/account/members"),
    ("invite", "/account/members/invite"),
    ("policy", "/w/default/settings/key-policy"),
    ("features", "/w/default/settings/features"),
    ("sign-in-rules", "/account/settings/sign-in"),
    ("credentials", "/operator/credentials"),
];

/// What lacks its edge or its words, by the tag and class of each.
const FAULTS: &str = "(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'Canvas';
    const paper = getComputedStyle(probe).color;
    probe.remove();
    const faults = [];
    const each = (css, holds, what) => {
        for (const found of document.querySelectorAll(css))
            if (found.checkVisibility() && !holds(found, getComputedStyle(found)))
                faults.push(`${what}: ${found.outerHTML.slice(0, 120)}`);
    };
    each('input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, .button',
        (_, style) => ['Top', 'Bottom', 'Left', 'Right'].every((side) =>
            style[`border${side}Style`] === 'solid' && parseFloat(style[`border${side}Width`]) >= 1
            && style[`border${side}Color`] !== paper),
        'no edge');
    each('input[type=checkbox], input[type=radio]',
        (found, style) => style.appearance !== 'none' || found.closest('label')?.innerText.trim()
            && parseFloat(style.borderTopWidth) >= 1,
        'no box');
    each('.badge', (badge, style) => badge.innerText.trim() && style.borderTopColor !== paper,
        'colour alone');
    each('.flash, .notice', (said) => said.innerText.trim() && said.querySelector('.icon'), 'no words');
    each('.limit-reached', (limit) => limit.innerText.includes('None left'), 'colour alone');
    each('td[data-column=status]', (cell) => /[0-9A-Za-z]/.test(cell.innerText), 'colour alone');
    each('svg rect[class^=chart-]:not([class*=hit])',
        (_, style) => style.fill !== paper || style.stroke !== 'none', 'no bar');
    return faults;
})()";

const RING: &str = "(() => {
    const has = document.activeElement;
    const style = getComputedStyle(has);
    // The button inside a field of a date has a ring of its own, which no script sees.
    if (has.type === 'date' && !has.matches(':focus-visible')) return '';
    const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return drawn || has === document.body ? '' : has.outerHTML.slice(0, 120);
})()";

async fn filled() -> Place {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(life::STATE);
    place.fill(logs::CALLS);
    place
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_kind_of_page_can_be_read_in_forced_colours() {
    let place = filled().await;
    let browser = &place.browser;
    browser.forced_colours().await;
    for (name, page) in PAGES {
        place.goto(page).await;
        let forced = "matchMedia('(forced-colors: active)').matches";
        assert_eq!(browser.run(forced).await, true);
        let faults = browser.run(FAULTS).await;
        assert_eq!(faults, serde_json::json!([]), "{name}");
        for _ in 0..TABS {
            browser.press(thirtyfour::Key::Tab).await;
            assert_eq!(browser.run(RING).await, "", "no ring on {name}");
        }
    }
    browser.driver.clone().quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_kind_of_page_fits_at_two_hundred_percent() {
    let place = filled().await;
    for (name, page) in PAGES {
        place.goto(page).await;
        for width in ZOOMED {
            place.browser.width(width).await;
            place.fits(name, width).await;
        }
        place.browser.width(1280).await;
    }
    place.browser.driver.clone().quit().await.unwrap();
}
