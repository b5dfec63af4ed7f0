//! `/account/settings/logs`: for how long the calls of an account are kept, set by its owners.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::page::PageContext;
use crate::dashboard::page::Section;
use crate::dashboard::posted::Posted;
use crate::dashboard::signed_in::SignedIn;
use crate::dashboard::urls;
use crate::db::log_retention;
use crate::domain::log_retention::KeptDays;

#[derive(Template)]
#[template(path = "settings/log_retention.html")]
struct LogRetentionPage {
    page: PageContext,
    /// As typed; empty for as long as the installation keeps them.
    days: String,
    /// As the installation keeps them.
    days_max: u16,
    kept: KeptDays,
    now: DateTime<Utc>,
    errors: FormErrors,
}

pub async fn get(
    person: SignedIn,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let days = person.membership()?.log_days;
    let days = days.map(|days| days.to_string()).unwrap_or_default();
    let page = page(&person, &console, days, FormErrors::default())?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

fn page(
    person: &SignedIn,
    console: &Console,
    days: String,
    errors: FormErrors,
) -> Result<LogRetentionPage, PageError> {
    Ok(LogRetentionPage {
        page: person.page_outside(Section::AccountLogs)?,
        days,
        days_max: console.parts.promises.log_kept.days(),
        kept: person.log_kept()?,
        now: console.parts.clock.now(),
        errors,
    })
}

pub async fn post(
    person: SignedIn,
    form: Posted,
    request: HttpRequest,
    console: Console,
) -> Result<HttpResponse, PageError> {
    person.require_recent(&request)?;
    let (all, now) = (console.parts.promises.log_kept, console.parts.clock.now());
    let mut errors = FormErrors::default();
    let wanted = form.parse_with("days", &mut errors, |text| parse(text, all.days()));
    if let Some(wanted) = wanted {
        let since = all.of_account(wanted).since(now);
        if since > person.log_kept()?.since(now) && form.get("confirmed") != "yes" {
            let day = Moment::new(since, now).day();
            let message = format!(
                "Tick this to go on: calls from before {day} will be deleted and cannot be \
                 brought back."
            );
            errors.add("confirmed", message);
        }
    }
    let Some(wanted) = wanted.filter(|_| errors.is_empty()) else {
        let typed = form.get("days").to_owned();
        let page = page(&person, &console, typed, errors)?;
        return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
    };
    let (actor, account) = (person.actor(), person.membership()?.account);
    let db = &console.parts.db;
    let changed = db
        .run(move |conn| log_retention::set(conn, &actor, now, account, wanted))
        .await?;
    let days = number::counted(all.of_account(wanted).days().into(), "day", "days");
    person.flash(&if changed {
        Flash::success(format!("Calls are kept for {days}."))
    } else {
        Flash::info(format!("Nothing was different. Calls are kept for {days}."))
    })?;
    Ok(see_other(urls::LOG_RETENTION))
}

/// Whole days; nothing for as long as the installation keeps them.
fn parse(text: &str, most: u16) -> Result<Option<u16>, String> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<u16>() {
            Ok(days) if (1..=most).contains(&days) => Ok(Some(days)),
            _ => Err(format!("Enter a whole number of days, from 1 to {most}.")),
        },
    }
}

impl LogRetentionPage {
    fn first_day(&self) -> String {
        Moment::new(self.kept.since(self.now), self.now).day()
    }

    fn days_in_words(&self) -> String {
        number::counted(self.days_max.into(), "day", "days")
    }

    fn hint(&self) -> String {
        let most = self.days_max;
        format!("From 1 to {most}. Leave it empty to keep them as long as this installation does.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_within_what_the_installation_keeps() {
        assert_eq!(parse("", 90), Ok(None));
        assert_eq!(parse(" 30 ", 90), Ok(Some(30)));
        for wrong in ["0", "91", "-1", "1.5", "x", "99999"] {
            assert!(parse(wrong, 90).is_err(), "{wrong}");
        }
    }
}
