//! What is marked is read, and its words turned into segments of the index, beside the storing of those before. One
//! thread does all that takes time; each that worked at it would hold memory of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::mpsc::{self, Receiver, Sender};
use tracing::error;

use super::IndexError;
use crate::catalog::{Catalog, CatalogError};
use crate::library::postings::{Page, invert};
use crate::library::words::Words;
use crate::library::{Document, Opened};
use crate::model::MinuteToken;
use crate::store::Store;

/// Recordings whose words make one segment of the index.
const IN_BATCH: usize = 64;
/// Recordings that are read ahead, and batches.
const READ_AHEAD: usize = 8;
const BATCHES_AHEAD: usize = 1;

/// A recording as it was read for the index.
struct Read {
    token: MinuteToken,
    /// How often it had been marked by then.
    changes: i64,
    found: Found,
}

/// What was found of a recording.
enum Found {
    /// Nothing that may be searched any more.
    Gone,
    /// A text at which our own code breaks down; what is indexed of it stays.
    Unreadable,
    /// When it was made, unix ms, and what is written about it.
    Text(i64, Document),
}

/// What is to be stored at once.
#[derive(Default)]
pub(super) struct Batch {
    /// All that this is about, in their order, each with how often it had been marked when it was read.
    pub(super) marks: Vec<(MinuteToken, i64)>,
    /// What is not to be found any more.
    pub(super) gone: Vec<MinuteToken>,
    /// What has the slots of the segment, with the time at which it was made, unix ms.
    pub(super) made: Vec<(MinuteToken, i64)>,
    /// The segment.
    pub(super) pages: Vec<Page>,
}

/// The batches of these recordings, in this order, no further ahead than there is room for.
pub(super) fn batches(
    catalog: Catalog,
    store: Store,
    marked: Vec<(MinuteToken, i64)>,
) -> Receiver<Result<Batch, IndexError>> {
    let (to_words, reads) = mpsc::channel(READ_AHEAD);
    let (to_store, batches) = mpsc::channel(BATCHES_AHEAD);
    tokio::spawn(async move {
        for (token, changes) in marked {
            let read = read(catalog.clone(), store.clone(), token, changes).await;
            if to_words.send(read).await.is_err() {
                return;
            }
        }
    });
    tokio::task::spawn_blocking(move || turn_round(reads, &to_store));
    batches
}

/// Goes on with the next recording when its code breaks down at one.
async fn read(catalog: Catalog, store: Store, token: MinuteToken, changes: i64) -> Result<Read, IndexError> {
    let this = token.clone();
    let found = match tokio::spawn(async move { find(&catalog, &store, &this).await }).await {
        Ok(found) => found?,
        Err(panic) => {
            error!(recording = %token, %panic, "what is written about a recording cannot be indexed");
            Found::Unreadable
        }
    };
    Ok(Read { token, changes, found })
}

async fn find(catalog: &Catalog, store: &Store, token: &MinuteToken) -> Result<Found, IndexError> {
    let opened = catalog.everything_of(token).await?;
    let Some(opened) = opened.filter(|opened| !opened.recording.state.is_removed()) else {
        return Ok(Found::Gone);
    };
    let made_ms = opened.recording.created_ms.unwrap_or(opened.recording.found_at);
    Ok(Found::Text(made_ms, Document::read(store, &opened).await?))
}

impl Catalog {
    /// All that is known of a recording, for nobody in particular: never for an answer to anybody.
    async fn everything_of(&self, token: &MinuteToken) -> Result<Option<Opened>, CatalogError> {
        let Some(recording) = self.recording(token).await? else { return Ok(None) };
        let (artifacts, people) = (self.artifacts(token).await?, self.people_of(token).await?);
        Ok(Some(Opened { recording, artifacts, people }))
    }
}

/// Until there is nothing more, or nobody who wants it.
fn turn_round(mut reads: Receiver<Result<Read, IndexError>>, to_store: &Sender<Result<Batch, IndexError>>) {
    let (mut batch, mut texts) = (Batch::default(), Vec::new());
    while let Some(read) = reads.blocking_recv() {
        let sent = match read {
            Ok(read) => {
                take(read, &mut batch, &mut texts);
                if batch.marks.len() < IN_BATCH {
                    continue;
                }
                to_store.blocking_send(Ok(finished(&mut batch, &mut texts)))
            }
            Err(error) => to_store.blocking_send(Err(error)),
        };
        if sent.is_err() {
            return;
        }
    }
    if !batch.marks.is_empty() {
        let _ = to_store.blocking_send(Ok(finished(&mut batch, &mut texts)));
    }
}

fn finished(batch: &mut Batch, texts: &mut Vec<Words>) -> Batch {
    batch.pages = invert(&std::mem::take(texts));
    std::mem::take(batch)
}

fn take(read: Read, batch: &mut Batch, texts: &mut Vec<Words>) {
    let Read { token, changes, found } = read;
    match found {
        Found::Text(made_ms, document) => {
            if let Ok(words) = catch_unwind(AssertUnwindSafe(|| document.words())) {
                batch.made.push((token.clone(), made_ms));
                texts.push(words);
            } else {
                error!(recording = %token, "the words of a recording cannot be told apart");
            }
        }
        Found::Gone => batch.gone.push(token.clone()),
        Found::Unreadable => {}
    }
    batch.marks.push((token, changes));
}
