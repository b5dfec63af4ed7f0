//! What the sample API remembers: documents, threads, and how long it takes to think.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use parking_lot::Mutex;
use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde::Serialize;

use crate::domain::clock::SharedClock;

/// Documents that are there from the start: `doc_1001` and on.
pub const FIRST_DOCUMENT: u32 = 1_001;
pub const DOCUMENTS: u32 = 180;
/// Threads that can be archived: `thr_5001` and on.
pub const FIRST_THREAD: u32 = 5_001;
pub const THREADS: u32 = 240;
/// Beyond this the oldest upload goes, so that live traffic fills no memory.
const DOCUMENTS_MAX: usize = 400;

const SUBJECTS: [&str; 12] = [
    "Supply agreement",
    "Quarterly report",
    "Onboarding guide",
    "Data processing agreement",
    "Product sheet",
    "Price list",
    "Minutes of the board",
    "Security questionnaire",
    "Travel policy",
    "Support handbook",
    "Invoice",
    "Research notes",
];

#[derive(Debug, Clone, Serialize)]
pub struct Document {
    pub id: String,
    pub name: String,
    pub pages: u32,
    pub created_at: DateTime<Utc>,
}

pub struct Library {
    clock: SharedClock,
    shelf: Mutex<Shelf>,
}

struct Shelf {
    documents: BTreeMap<u32, Document>,
    next: u32,
    random: SmallRng,
}

impl Library {
    pub fn new(clock: SharedClock) -> Self {
        let now = clock.now();
        let mut random = SmallRng::seed_from_u64(1);
        let documents = (0..DOCUMENTS)
            .map(|place| {
                let number = FIRST_DOCUMENT + place;
                let age = TimeDelta::hours(i64::from((DOCUMENTS - place) * 31));
                let subject = SUBJECTS[random.random_range(0..SUBJECTS.len())];
                let document = Document {
                    id: id_of(number),
                    name: format!("{subject} {number}.pdf"),
                    pages: random.random_range(1..60),
                    created_at: now - age,
                };
                (number, document)
            })
            .collect();
        let shelf = Shelf {
            documents,
            next: FIRST_DOCUMENT + DOCUMENTS,
            random,
        };
        Self {
            clock,
            shelf: Mutex::new(shelf),
        }
    }

    /// Waits as long as an answer of this kind takes: about `typical_ms`, at times much longer.
    pub async fn think(&self, typical_ms: u64) {
        let wait_ms = {
            let random = &mut self.shelf.lock().random;
            let slow = if random.random_bool(0.03) { 4 } else { 1 };
            random.random_range(typical_ms / 2..=typical_ms * 3 / 2) * slow
        };
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A number below `end`, which is not 0.
    pub fn pick(&self, end: u32) -> u32 {
        self.shelf.lock().random.random_range(0..end)
    }

    /// The newest documents, and how many there are.
    pub fn latest(&self, limit: usize) -> (Vec<Document>, usize) {
        let kept = self.shelf.lock();
        let latest = kept.documents.values().rev().take(limit);
        (latest.cloned().collect(), kept.documents.len())
    }

    pub fn find(&self, id: &str) -> Option<Document> {
        let number = number_of(id, "doc_")?;
        self.shelf.lock().documents.get(&number).cloned()
    }

    pub fn add(&self, name: &str) -> Document {
        let now = self.clock.now();
        let mut kept = self.shelf.lock();
        let number = kept.next;
        kept.next += 1;
        let document = Document {
            id: id_of(number),
            name: name.to_owned(),
            pages: kept.random.random_range(1..60),
            created_at: now,
        };
        kept.documents.insert(number, document.clone());
        if kept.documents.len() > DOCUMENTS_MAX {
            let uploads = FIRST_DOCUMENT + DOCUMENTS..;
            let oldest = kept.documents.range(uploads).next();
            if let Some(oldest) = oldest.map(|(number, _)| *number) {
                kept.documents.remove(&oldest);
            }
        }
        document
    }

    /// Whether there was such a document.
    pub fn remove(&self, id: &str) -> bool {
        let number = number_of(id, "doc_");
        let mut kept = self.shelf.lock();
        number.is_some_and(|number| kept.documents.remove(&number).is_some())
    }
}

pub fn is_thread(id: &str) -> bool {
    let known = FIRST_THREAD..FIRST_THREAD + THREADS;
    number_of(id, "thr_").is_some_and(|number| known.contains(&number))
}

fn id_of(number: u32) -> String {
    format!("doc_{number}")
}

fn number_of(id: &str, prefix: &str) -> Option<u32> {
    id.strip_prefix(prefix)?.parse().ok()
}
