//! The store behind actix-session: one row for each session of a signed-in person, none for anybody
//! else.

use actix_session::SessionMiddleware;
use actix_session::storage::LoadError;
use actix_session::storage::SaveError;
use actix_session::storage::SessionKey;
use actix_session::storage::SessionStore;
use actix_session::storage::UpdateError;
use actix_web::cookie::Key;
use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use anyhow::Context;
use anyhow::anyhow;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::crypto::form_key::FormKey;
use crate::crypto::token;
use crate::dashboard::session;
use crate::dashboard::session::SignIn;
use crate::dashboard::session::State;
use crate::dashboard::site::Site;
use crate::db::Db;
use crate::db::sessions;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::clock::SharedClock;
use crate::domain::random::SharedRandom;

pub const COOKIE: &str = "lk_sid";

#[derive(Clone)]
pub struct Store {
    pub db: Db,
    pub clock: SharedClock,
    pub random: SharedRandom,
}

impl Store {
    pub fn middleware(self, site: &Site, key: &FormKey) -> SessionMiddleware<Self> {
        SessionMiddleware::builder(self, Key::from(&key.cookie_key()))
            .cookie_name(site.cookie_name(COOKIE))
            .cookie_secure(site.is_https())
            .cookie_http_only(true)
            .cookie_same_site(SameSite::Lax)
            .cookie_path("/".to_owned())
            .build()
    }

    /// What `Browser::renew` has asked for; `None` if this is another session.
    async fn go_on(&self, state: &State) -> anyhow::Result<Option<SessionKey>> {
        let Some(key) = state.get(session::RENEWED) else {
            return Ok(None);
        };
        let key: String = serde_json::from_str(key)?;
        let key = SessionKey::try_from(key).map_err(|error| anyhow!(error))?;
        self.keep(&key, state).await?;
        Ok(Some(key))
    }

    async fn start(&self, state: State) -> anyhow::Result<SessionKey> {
        let sign_in = state
            .get(session::SIGN_IN)
            .context("only signing in makes a session")?;
        let sign_in: SignIn = serde_json::from_str(sign_in)?;
        let key = token::generate(&*self.random)?;
        let new = sessions::NewSession {
            id: token::digest_of(&key),
            user: sign_in.user,
            account: sign_in.account,
            provider: sign_in.provider,
            client: sign_in.client,
            state: stored(&state)?,
        };
        let actor = Actor {
            kind: ActorKind::Person(sign_in.user),
            label: sign_in.email,
            ip: sign_in.ip,
            request_id: sign_in.request_id,
        };
        let now = self.clock.now();
        self.db
            .run(move |conn| sessions::start(conn, &actor, now, &new))
            .await?;
        SessionKey::try_from(key.expose_secret().to_owned()).map_err(|error| anyhow!(error))
    }

    async fn find(&self, key: &SessionKey) -> anyhow::Result<Option<State>> {
        let id = token::digest(key.as_ref());
        let now = self.clock.now();
        let live = self
            .db
            .run(move |conn| sessions::find(conn, now, &id))
            .await?;
        let Some(live) = live else {
            return Ok(None);
        };
        let mut state = State::new();
        if let Value::Object(fields) = live.state {
            state.extend(
                fields
                    .into_iter()
                    .map(|(key, value)| (key, value.to_string())),
            );
        }
        state.insert(
            session::VIEWER.to_owned(),
            serde_json::to_string(&live.viewer)?,
        );
        state.insert(session::ID.to_owned(), serde_json::to_string(&id)?);
        let confirmed_at = serde_json::to_string(&live.confirmed_at)?;
        state.insert(session::CONFIRMED.to_owned(), confirmed_at);
        let lacks_factor = live.lacks_factor.to_string();
        state.insert(session::LACKS_FACTOR.to_owned(), lacks_factor);
        Ok(Some(state))
    }

    async fn keep(&self, key: &SessionKey, state: &State) -> anyhow::Result<()> {
        let id = token::digest(key.as_ref());
        let state = stored(state)?;
        Ok(self
            .db
            .run(move |conn| sessions::save_state(conn, &id, &state))
            .await?)
    }
}

/// What the row keeps: nothing that is read with it or was only needed to make it.
fn stored(state: &State) -> anyhow::Result<Value> {
    let mut fields = serde_json::Map::new();
    for (key, value) in state {
        if !session::PASSING.contains(&key.as_str()) {
            fields.insert(key.clone(), serde_json::from_str(value)?);
        }
    }
    Ok(Value::Object(fields))
}

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        self.find(key).await.map_err(LoadError::Other)
    }

    async fn save(&self, state: State, _: &Duration) -> Result<SessionKey, SaveError> {
        if let Some(key) = self.go_on(&state).await.map_err(SaveError::Other)? {
            return Ok(key);
        }
        self.start(state).await.map_err(SaveError::Other)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.keep(&key, &state).await.map_err(UpdateError::Other)?;
        Ok(key)
    }

    /// Idleness is counted by `last_seen_at`, which `load` writes.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> anyhow::Result<()> {
        Ok(())
    }

    /// What is left of a session that was renewed; signing out has ended it already.
    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let id = token::digest(key.as_ref());
        let now = self.clock.now();
        let actor = Actor::system("session");
        Ok(self
            .db
            .run(move |conn| sessions::end(conn, &actor, now, &id))
            .await?)
    }
}
