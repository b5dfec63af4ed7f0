//! What a node has heard of keys that ended, kept beside the database. So a database that was
//! restored from an older copy, or lost its last commits, brings no key back: before the node
//! decides by it, everything that had ended since ends again.
//!
//! A change is in the file before the node says that it has applied it. So what a page has
//! confirmed is in the file of every node that was named.

mod file;
mod survey;

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use crate::db::mirror::Mark;
use crate::domain::api_key::ApiKeyId;
use crate::workers::mirror_sync::apply::News;
use crate::workers::mirror_sync::endings::file::KeyEnd;
use crate::workers::mirror_sync::endings::file::Known;
use crate::workers::mirror_sync::endings::file::State;
use crate::workers::mirror_sync::endings::file::credential_line;
use crate::workers::mirror_sync::endings::file::key_line;
use crate::workers::mirror_sync::endings::file::mark_line;
use crate::workers::mirror_sync::endings::survey::end_of;

pub use crate::workers::mirror_sync::endings::file::EndingsFile;
pub use crate::workers::mirror_sync::endings::survey::Survey;

/// A disk that takes longer must not hold up what the node hears.
const DISK_TIMEOUT: Duration = Duration::from_millis(500);
/// Lines that wait for a disk.
const WAITING_BYTES_MAX: usize = 4 << 20;

#[derive(Default)]
pub struct Endings {
    /// Without one only this process remembers the mark.
    file: Option<EndingsFile>,
    /// The last change that was heard of.
    mark: Option<Mark>,
    /// Keys that the file has as disabled: when one is live again, that is said.
    off: HashSet<ApiKeyId>,
    /// Lines that are not in the file yet.
    waiting: String,
    failing: bool,
}

impl Endings {
    pub fn in_file(file: EndingsFile) -> Self {
        Self {
            file: Some(file),
            ..Self::default()
        }
    }

    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// To be read where blocking is allowed.
    pub fn source(&self) -> Source {
        Source {
            file: self.file.clone(),
            mark: self.mark,
        }
    }

    /// From here on the database is followed as it is.
    pub async fn accept(&mut self, mark: Option<Mark>) {
        self.mark = mark;
        if let Some(mark) = mark {
            mark_line(&mut self.waiting, mark);
        }
        self.flush().await;
    }

    /// After everything was read.
    pub async fn keep(&mut self, survey: Survey, mark: Option<Mark>) {
        self.mark = mark;
        let known = Known {
            mark,
            ..survey.into_known()
        };
        let off = known.keys.iter();
        let off = off.filter(|(_, end)| end.state == State::Disabled);
        self.off = off.map(|(id, _)| *id).collect();
        if let Some(file) = self.file.clone() {
            self.waiting.clear();
            let written = tokio::task::spawn_blocking(move || file.write(&known)).await;
            self.tell(&written.map_err(io::Error::other).flatten());
        }
    }

    /// Before the node says that it has applied the news.
    pub async fn note(&mut self, news: &News) {
        self.mark = news.last.or(self.mark);
        if self.file.is_none() {
            return;
        }
        for key in &news.keys {
            if let Ok(id) = key.id().parse() {
                self.note_key(id, end_of(key));
            }
        }
        let gone = KeyEnd {
            state: State::Revoked,
            generation: 1,
        };
        for id in news.deleted.iter().filter_map(|id| id.parse().ok()) {
            self.note_key(id, gone);
        }
        let revoked = news.credentials.iter();
        let revoked = revoked.filter(|row| row.revoked_at.is_some());
        for id in revoked.filter_map(|row| row.id.parse().ok()) {
            credential_line(&mut self.waiting, id);
        }
        if let Some(mark) = news.last {
            mark_line(&mut self.waiting, mark);
        }
        self.flush().await;
    }

    fn note_key(&mut self, id: ApiKeyId, end: KeyEnd) {
        let was_off = match end.state {
            State::Disabled => !self.off.insert(id),
            State::Live | State::Revoked => self.off.remove(&id),
        };
        if was_off || !end.is_plain() {
            key_line(&mut self.waiting, id, end);
        }
    }

    async fn flush(&mut self) {
        let Some(file) = self.file.clone().filter(|_| !self.waiting.is_empty()) else {
            return;
        };
        let lines = self.waiting.clone();
        let append = tokio::task::spawn_blocking(move || file.append(&lines));
        let appended = match tokio::time::timeout(DISK_TIMEOUT, append).await {
            Ok(appended) => appended.map_err(io::Error::other).flatten(),
            Err(late) => Err(io::Error::other(late)),
        };
        if appended.is_ok() || self.waiting.len() > WAITING_BYTES_MAX {
            self.waiting.clear();
        }
        self.tell(&appended);
    }

    fn tell(&mut self, written: &io::Result<()>) {
        if let Err(error) = written
            && !self.failing
        {
            tracing::error!(%error, "keys that end cannot be noted beside the database");
        }
        self.failing = written.is_err();
    }
}

/// What was heard of so far.
pub struct Source {
    file: Option<EndingsFile>,
    mark: Option<Mark>,
}

impl Source {
    /// A file that cannot be read is told and protects from nothing.
    pub fn read(&self) -> Known {
        let read = self.file.as_ref().map(EndingsFile::read).transpose();
        let known = read.unwrap_or_else(|error| {
            tracing::error!(%error, "it cannot be read which keys had ended");
            None
        });
        let known = known.unwrap_or_default();
        Known {
            mark: self.mark.or(known.mark),
            ..known
        }
    }
}
