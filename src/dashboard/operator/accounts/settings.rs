//! What the operator chooses for one account: plan, words of refusals, headers for keys.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::web::ThinData;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::confirmed;
use crate::dashboard::confirmed::Deed;
use crate::dashboard::confirmed::Effect;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::FormErrors;
use crate::dashboard::html::Html;
use crate::dashboard::html::see_other;
use crate::dashboard::operator::OperatorArea;
use crate::dashboard::operator::OperatorPage;
use crate::dashboard::operator::accounts;
use crate::dashboard::page::PageContext;
use crate::dashboard::plan::card::PlanCard;
use crate::dashboard::posted::Posted;
use crate::db::Db;
use crate::db::DbError;
use crate::db::accounts as stored;
use crate::db::accounts::AccountSettings;
use crate::db::accounts::OperatedAccount;
use crate::db::confirmation;
use crate::db::plan_usage;
use crate::domain::account::AccountId;
use crate::domain::account::CredentialKind;
use crate::domain::account::ErrorProfile;
use crate::domain::clock::SharedClock;

#[derive(Template)]
#[template(path = "operator/account.html")]
struct AccountPage {
    page: PageContext,
    url: String,
    account: OperatedAccount,
    /// Slug and name.
    plans: Vec<(String, String)>,
    plan: String,
    profile: String,
    accepted: Vec<String>,
    /// What it uses of its plan, where anything is counted.
    used: Option<PlanCard>,
    errors: FormErrors,
}

/// What the page shows beside the account.
struct Around {
    /// Slug and name.
    plans: Vec<(String, String)>,
    used: Option<PlanCard>,
}

impl AccountPage {
    /// As it is stored.
    fn new(
        area: &OperatorArea,
        account: OperatedAccount,
        around: Around,
    ) -> Result<Self, PageError> {
        let refused: Vec<&str> = account
            .refused_credentials
            .iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let accepted = CredentialKind::ALL.map(CredentialKind::as_str);
        let accepted = accepted.into_iter().filter(|kind| !refused.contains(kind));
        Ok(Self {
            page: area.page(OperatorPage::Accounts)?,
            url: accounts::url(&account.public_id),
            plan: account.plan.clone(),
            profile: account.error_profile.clone(),
            accepted: accepted.map(str::to_owned).collect(),
            account,
            plans: around.plans,
            used: around.used,
            errors: FormErrors::default(),
        })
    }

    fn accepts(&self, kind: &str) -> bool {
        self.accepted.iter().any(|accepted| accepted == kind)
    }
}

pub async fn get(
    area: OperatorArea,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let account = accounts::asked(&area, &request, &db).await?;
    let around = around(&db, &account, clock.now()).await?;
    let page = AccountPage::new(&area, account, around)?;
    Ok(Html(StatusCode::OK, page).respond_to(&request))
}

pub async fn post(
    area: OperatorArea,
    form: Posted,
    request: HttpRequest,
    (db, clock): (ThinData<Db>, ThinData<SharedClock>),
) -> Result<HttpResponse, PageError> {
    let account = accounts::asked(&area, &request, &db).await?;
    let around = around(&db, &account, clock.now()).await?;
    let (id, name) = (account.public_id.clone(), account.name.clone());
    let chosen = match chosen(&form, &around.plans) {
        Ok(chosen) => chosen,
        Err(errors) => {
            let mut page = AccountPage::new(&area, account, around)?;
            form.get("plan").clone_into(&mut page.plan);
            form.get("profile").clone_into(&mut page.profile);
            page.accepted = form.all("accept").map(str::to_owned).collect();
            page.errors = errors;
            return Ok(Html(StatusCode::UNPROCESSABLE_ENTITY, page).respond_to(&request));
        }
    };
    let (actor, now, url) = (area.actor(), clock.now(), accounts::url(&id));
    let changed = db
        .run(move |conn| stored::change(conn, &actor, now, &id, &chosen))
        .await?;
    let told = match changed {
        None => Flash::success(format!("Nothing changed for {name}.")),
        Some(seq) => {
            let confirmation = confirmation::wait_applied(&db, seq).await?;
            let deed = Deed {
                done: format!("{name} has new settings"),
                doing: format!("Changing the settings of {name}"),
                effect: Effect::Changes,
            };
            confirmed::told(&deed, &confirmation, clock.now())
        }
    };
    area.flash(&told)?;
    Ok(see_other(&url))
}

async fn around(
    db: &Db,
    account: &OperatedAccount,
    now: DateTime<Utc>,
) -> Result<Around, PageError> {
    let (id, own) = (AccountId(account.id), account.plan.clone());
    let (plans, used) = db
        .run(move |conn| {
            let plans = stored::plans(conn, &own)?;
            Ok::<_, DbError>((plans, plan_usage::of_account(conn, id, now)?))
        })
        .await?;
    let used = PlanCard::new(used, &account.name, None, now);
    Ok(Around { plans, used })
}

fn chosen(form: &Posted, plans: &[(String, String)]) -> Result<AccountSettings, FormErrors> {
    let mut errors = FormErrors::default();
    let plan = form.get("plan").to_owned();
    if plans.iter().all(|(slug, _)| *slug != plan) {
        errors.add("plan", "Choose a plan of the list.");
    }
    let profile = ErrorProfile::parse(form.get("profile"));
    if profile.is_none() {
        errors.add("profile", "Choose one of the two.");
    }
    let accepted: Vec<&str> = form.all("accept").collect();
    let refused: Vec<CredentialKind> = CredentialKind::ALL
        .into_iter()
        .filter(|kind| !accepted.contains(&kind.as_str()))
        .collect();
    if refused.len() == CredentialKind::ALL.len() {
        errors.add("accept", "Choose at least one, or no key could be sent.");
    }
    match profile {
        Some(profile) if errors.is_empty() => Ok(AccountSettings {
            plan,
            profile,
            refused,
        }),
        _ => Err(errors),
    }
}
