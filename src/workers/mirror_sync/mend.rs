//! Reading everything, and ending what an older copy of the database brought back.

use diesel::PgConnection;

use crate::db::mirror;
use crate::db::mirror::Mark;
use crate::db::restored;
use crate::db::restored::Mended;
use crate::verify::mirror::Tables;
use crate::workers::mirror_sync::LOAD_TIMEOUT;
use crate::workers::mirror_sync::MirrorSync;
use crate::workers::mirror_sync::SyncError;
use crate::workers::mirror_sync::endings::Survey;
use crate::workers::mirror_sync::load;

/// Keys that are ended in one question.
const KEYS_MAX: usize = 500;

impl MirrorSync {
    /// Everything, the last change that it holds, and how it lies to what was heard of before.
    pub(super) async fn read_all(&mut self) -> Result<(Tables, Option<Mark>, Survey), SyncError> {
        let (ledger, source) = (self.mirror.ledger().clone(), self.endings.source());
        let read = move |conn: &mut PgConnection| {
            let known = source.read();
            let restored = match known.mark {
                Some(mark) => !mirror::holds(conn, mark)?,
                None => false,
            };
            let mut survey = Survey::new(known, restored);
            let (tables, last) = load::load(conn, ledger, &mut survey)?;
            Ok((tables, last, survey))
        };
        self.link.ask(LOAD_TIMEOUT, read).await
    }

    /// Ends again what had ended, through the same doors as people. Other nodes may be at it too.
    pub(super) async fn mend(
        &mut self,
        survey: &Survey,
        last: Option<Mark>,
    ) -> Result<(), SyncError> {
        let now = self.clock.now();
        tracing::warn!(
            "an older copy of the database was restored: what had ended since ends again"
        );
        let mut mended = Mended::default();
        for keys in survey.to_end().chunks(KEYS_MAX) {
            let keys = keys.to_vec();
            let end = move |conn: &mut PgConnection| restored::end_keys(conn, now, &keys);
            let some = self.link.ask(LOAD_TIMEOUT, end).await?;
            mended.revoked += some.revoked;
            mended.disabled += some.disabled;
        }
        let credentials = survey.credentials_to_end();
        let finish =
            move |conn: &mut PgConnection| restored::finish(conn, now, &credentials, mended);
        let mended = self.link.ask(LOAD_TIMEOUT, finish).await?;
        tracing::warn!(?mended, "what had ended has ended again");
        // As it was read: changes since then are seen as any others.
        self.endings.accept(last).await;
        Ok(())
    }
}
