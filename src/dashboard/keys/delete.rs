//! Deleting a key that was never used. One that was is kept with its history, and the page says
//! what can be done instead.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::html::Html;
use crate::dashboard::html::dialog_or_page;
use crate::dashboard::html::see_other;
use crate::dashboard::keys;
use crate::dashboard::keys::asked::Asked;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::keys::unmade;
use crate::dashboard::keys::unmade::Unmade;
use crate::dashboard::moment::Moment;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::domain::api_key;
use crate::domain::clock::SharedClock;

type Tools = (ThinData<Db>, ThinData<SharedClock>);

const DOING: &str = "Deleting";

pub async fn get(
    place: InWorkspace,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    let page = DeletePage::new(&place, &settings, (asked, String::new()))?;
    Ok(dialog_or_page(&request, page.as_dialog(), &page))
}

pub async fn post(
    place: InWorkspace,
    _form: Posted,
    request: HttpRequest,
    (db, clock): Tools,
    settings: ThinData<KeySettings>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    let key = (place.account, place.workspace.id, asked.key.id);
    let tools = ((*db).clone(), (*clock).clone());
    let name = asked.key.name;
    let kept = match unmade::unmake(tools, place.actor(), key).await? {
        Unmade::Done(confirmation) => {
            let deed = Deed {
                done: format!("{name} is deleted"),
                doing: format!("Deleting {name}"),
                effect: Effect::Ends,
            };
            place.flash(&confirmed::told(&deed, &confirmation, clock.now()))?;
            return Ok(see_other(&urls::keys(&place.workspace.slug)));
        }
        Unmade::Used => format!("{name} has been called meanwhile, so it is kept as it was."),
        Unmade::Changed => format!("{name} was changed meanwhile, so it is kept."),
        Unmade::Unknown(nodes) => format!(
            "It is not known whether {name} was used: {nodes} has not delivered its latest calls. \
             The key is kept as it was."
        ),
    };
    let asked = Asked::read(&place, &request, &db, (DOING, clock.now())).await?;
    let page = DeletePage::new(&place, &settings, (asked, kept))?;
    Ok(Html(StatusCode::CONFLICT, page).respond_to(&request))
}

#[derive(Template)]
#[template(path = "keys/delete.html", blocks = ["dialog"])]
struct DeletePage {
    page: PageContext,
    name: String,
    masked: String,
    /// Whether any call with it is recorded.
    was_used: bool,
    last_used: Option<Moment>,
    /// Why it was not deleted just now; may be empty.
    kept: String,
    can_disable: bool,
    can_revoke: bool,
    key_url: String,
}

impl DeletePage {
    fn new(
        place: &InWorkspace,
        settings: &KeySettings,
        (asked, kept): (Asked, String),
    ) -> Result<Self, PageError> {
        let last_used = asked.last_used();
        let key = asked.key;
        let can_revoke = key.times.revoked_at.is_none();
        Ok(Self {
            page: place.page(Section::Keys)?,
            masked: api_key::masked(settings.prefix.as_str(), key.id, key.last_four()),
            was_used: key.was_used() || asked.facts.calls > 0,
            last_used,
            kept,
            can_disable: can_revoke && key.times.disabled_at.is_none(),
            can_revoke,
            key_url: keys::url(&place.workspace.slug, key.id),
            name: key.name,
        })
    }

    fn title(&self) -> String {
        match (self.was_used, self.kept.is_empty()) {
            (true, _) => format!("{} is kept", self.name),
            (false, true) => format!("Delete {}", self.name),
            (false, false) => format!("{} was not deleted", self.name),
        }
    }

    fn submit_label(&self) -> String {
        format!("Delete {}", self.name)
    }
}
