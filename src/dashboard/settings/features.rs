//! `/w/{w}/settings/features`: whether the Developers pages are shown in this workspace.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::audit_log;
use crate::db::workspaces;
use crate::domain::audit::Action;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

#[derive(Template)]
#[template(path = "settings/features.html")]
struct FeaturesPage {
    page: PageContext,
    /// Who switched it last, and when.
    switched: Option<(String, Moment)>,
}

const SWITCHES: [Action; 2] = [Action::DevelopersSwitchedOn, Action::DevelopersSwitchedOff];

pub async fn get(place: InWorkspace, (db, clock): Tools) -> Result<Html<impl Template>, PageError> {
    let (account, workspace) = (place.account, place.workspace.id);
    let last: Option<(String, DateTime<Utc>)> = db
        .run(move |conn| audit_log::last_of(conn, (account, workspace), &SWITCHES))
        .await?;
    let page = FeaturesPage {
        page: place.page(Section::Features)?,
        switched: last.map(|(who, at)| (who, Moment::new(at, clock.now()))),
    };
    Ok(Html(StatusCode::OK, page))
}

pub async fn post(
    place: InWorkspace,
    form: Posted,
    (db, clock): Tools,
) -> Result<HttpResponse, PageError> {
    let on = match form.get("developers") {
        "on" => true,
        "off" => false,
        // Not our form's: as it is.
        _ => place.workspace.developers,
    };
    let (actor, now) = (place.actor(), clock.now());
    let here = (place.account, place.workspace.id);
    let changed = db
        .run(move |conn| workspaces::switch_developers(conn, &actor, now, here, on))
        .await?;
    let name = &place.workspace.name;
    place.flash(&match (changed, on) {
        (true, true) => Flash::success(format!("Developers is on for {name}."))
            .with_link(urls::keys(&place.workspace.slug), "API keys"),
        (true, false) => Flash::success(format!(
            "Developers is off for {name}. Its keys keep working."
        )),
        (false, _) => Flash::info("Nothing was different."),
    })?;
    Ok(see_other(&urls::features(&place.workspace.slug)))
}
