//! One page of a list of people.

use actix_web::HttpRequest;

use crate::dashboard::error::PageError;
use crate::dashboard::members::cursor;
use crate::dashboard::number;
use crate::dashboard::posted::Fields;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::members;
use crate::db::members::ListedMember;
use crate::db::members::MemberFilter;
use crate::db::members::MemberPlace;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;

const PAGE_LENGTH: usize = 50;
/// Longer searches are cut: no name is longer.
const SEARCH_LENGTH_MAX: usize = 200;

/// What was asked for.
pub struct Asked {
    pub searched: String,
    after: Option<MemberPlace>,
}

impl Asked {
    pub fn of(request: &HttpRequest) -> Result<Self, PageError> {
        let query = Fields::of_query(request)?;
        let typed = query.get("q").chars().filter(|letter| !letter.is_control());
        let typed: String = typed.take(SEARCH_LENGTH_MAX).collect();
        Ok(Self {
            searched: typed.trim().to_owned(),
            after: cursor::decode(query.get("after")),
        })
    }
}

/// People by name, with the way to the others.
pub struct Roster {
    pub searched: String,
    /// Where the search is sent.
    pub url: String,
    pub people: Vec<ListedMember>,
    pub total: i64,
    pub first: Option<String>,
    pub next: Option<String>,
}

impl Roster {
    /// Of the account, or of one workspace. Only those who may see addresses search them.
    pub async fn read(
        db: &Db,
        asked: Asked,
        (account, workspace): (AccountId, Option<WorkspaceId>),
        (url, by_address): (String, bool),
    ) -> Result<Self, PageError> {
        let filter = MemberFilter {
            account,
            workspace,
            search: asked.searched.clone(),
            by_address,
        };
        let after = asked.after.clone();
        let most = i64::try_from(PAGE_LENGTH + 1).unwrap_or(i64::MAX);
        let (mut people, total) = db
            .run(move |conn| {
                let people = members::list(conn, &filter, after.as_ref(), most)?;
                Ok((people, members::count(conn, &filter)?))
            })
            .await?;
        let more = people.len() > PAGE_LENGTH;
        people.truncate(PAGE_LENGTH);
        let at = |after: Option<MemberPlace>| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            if !asked.searched.is_empty() {
                query.append_pair("q", &asked.searched);
            }
            if let Some(place) = after {
                query.append_pair("after", &cursor::encode(&place));
            }
            urls::with_query(&url, &query.finish())
        };
        let last = people.last().filter(|_| more).map(|last| MemberPlace {
            name: last.sort.clone(),
            id: last.id,
        });
        Ok(Self {
            first: asked.after.is_some().then(|| at(None)),
            next: last.map(|place| at(Some(place))),
            url: url.clone(),
            searched: asked.searched,
            people,
            total,
        })
    }

    /// "1,204 people"
    pub fn counted(&self) -> String {
        number::counted(self.total, "person", "people")
    }

    /// Whether there is nobody but who looks.
    pub fn is_alone(&self) -> bool {
        self.total == 1 && self.searched.is_empty()
    }
}
