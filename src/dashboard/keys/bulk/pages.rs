use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::keys;
use crate::dashboard::keys::bulk::Bulk;
use crate::dashboard::keys::bulk::carry_out::Outcome;
use crate::dashboard::keys::bulk::choice::Choice;
use crate::dashboard::keys::bulk::choice::Passed;
use crate::dashboard::keys::revoke::REASONS;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::api_keys::ChosenKey;
use crate::domain::api_key;
use crate::domain::api_key::ApiKeyId;

/// A key that would be stopped.
struct Line {
    id: ApiKeyId,
    name: String,
    masked: String,
    url: String,
    last_used: Option<Moment>,
    /// Grouped.
    requests: String,
}

#[derive(Template)]
#[template(path = "keys/bulk.html")]
pub struct AskPage {
    page: PageContext,
    errors: FormErrors,
    bulk: Bulk,
    keys: Vec<Line>,
    /// What they did lately, all together.
    traffic: String,
    passed: Vec<(String, Passed)>,
    reason: String,
    /// How soon every node has stopped taking them, in words.
    bound: String,
    action: String,
    back: String,
    back_url: String,
}

impl AskPage {
    pub fn new(
        place: &InWorkspace,
        settings: &KeySettings,
        choice: Choice,
    ) -> Result<Self, PageError> {
        let (slug, now) = (&place.workspace.slug, choice.now);
        let line = |key: ChosenKey| Line {
            id: key.id,
            masked: api_key::masked(settings.prefix.as_str(), key.id, &key.last_four),
            url: keys::url(slug, key.id),
            last_used: key.last_used_at.map(|at| Moment::new(at, now)),
            requests: number::grouped(key.requests),
            name: key.name,
        };
        let traffic = traffic(&choice.stoppable);
        Ok(Self {
            page: place.page(Section::Keys)?,
            errors: FormErrors::default(),
            bulk: choice.bulk,
            keys: choice.stoppable.into_iter().map(line).collect(),
            traffic,
            passed: choice.passed,
            reason: String::new(),
            bound: settings.revoked_within_words(),
            action: format!("{}/{}", urls::keys(slug), choice.bulk.slug()),
            back: choice.back,
            back_url: choice.back_url,
        })
    }

    /// The form as it was sent, with what is wrong with it.
    #[must_use]
    pub fn again(self, errors: FormErrors, reason: &str) -> Self {
        Self {
            errors,
            reason: reason.to_owned(),
            ..self
        }
    }

    fn title(&self) -> String {
        format!("{} {}", self.bulk.verb(), keys_counted(self.keys.len()))
    }

    fn is_for_ever(&self) -> bool {
        self.bulk == Bulk::Revoke
    }

    fn confirm_label(&self) -> String {
        format!("Enter {} to confirm", self.keys.len())
    }
}

fn traffic(keys: &[ChosenKey]) -> String {
    let busy = keys.iter().filter(|key| key.requests > 0).count();
    let requests: i64 = keys.iter().map(|key| key.requests).sum();
    if busy == 0 {
        return "No requests in the last 24 hours.".to_owned();
    }
    format!(
        "{} in the last 24 hours, with {} of these keys.",
        number::counted(requests, "request", "requests"),
        number::grouped(whole(busy))
    )
}

#[derive(Template)]
#[template(path = "keys/bulk_done.html")]
pub struct ResultPage {
    page: PageContext,
    title: String,
    told: Option<Flash>,
    /// Name, where it is a key of here its address, and what became of it.
    results: Vec<(String, String, String)>,
    back_url: String,
}

impl ResultPage {
    pub fn new(
        place: &InWorkspace,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        let slug = &place.workspace.slug;
        let (bulk, count) = (outcome.bulk, outcome.done.len());
        let are = if count == 1 { "is" } else { "are" };
        let title = format!("{} {are} {}", keys_counted(count), bulk.done());
        let deed = Deed {
            done: title.clone(),
            doing: format!("{} {}", bulk.doing(), keys_counted(count)),
            effect: Effect::EndsAll,
        };
        let told = outcome
            .confirmation
            .map(|confirmation| confirmed::told(&deed, &confirmation, now));
        let word = match bulk {
            Bulk::Disable => "Disabled",
            Bulk::Revoke => "Revoked",
        };
        let done = outcome.done.into_iter().map(|key| {
            let url = keys::url(slug, key.id);
            (key.name, url, word.to_owned())
        });
        let passed = outcome.passed.into_iter();
        let passed = passed.map(|(name, why)| (name, String::new(), why.words().to_owned()));
        Ok(Self {
            page: place.page(Section::Keys)?,
            title: if count == 0 {
                format!("No key is {}", bulk.done())
            } else {
                title
            },
            told,
            results: done.chain(passed).collect(),
            back_url: outcome.back_url,
        })
    }
}

fn keys_counted(count: usize) -> String {
    number::counted(whole(count), "key", "keys")
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
