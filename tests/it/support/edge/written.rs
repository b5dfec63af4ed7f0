//! What the edge has written to its spool.

use latchkey::spool::Cursor;
use latchkey::spool::record::CompletionRecord;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;

use crate::support::edge::TestEdge;

impl TestEdge {
    fn records(&self) -> Vec<Record<'static>> {
        self.spool.sync();
        let batch = self.spool.reader().read(Cursor::START, 100_000).unwrap();
        assert!(!batch.more);
        batch.records
    }

    /// What is in the log, as it lies on the disk.
    pub fn decided(&self) -> Vec<DecisionRecord<'static>> {
        self.records()
            .into_iter()
            .filter_map(|record| match record {
                Record::Decision(decision) => Some(decision),
                _ => None,
            })
            .collect()
    }

    pub fn completed(&self) -> Vec<CompletionRecord> {
        self.records()
            .into_iter()
            .filter_map(|record| match record {
                Record::Completion(completion) => Some(completion),
                _ => None,
            })
            .collect()
    }
}
