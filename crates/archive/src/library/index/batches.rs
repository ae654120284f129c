//! What is marked is read, and its words turned into segments of the index, beside the storing of those before.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use futures_util::StreamExt as _;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tracing::error;

use super::IndexError;
use crate::catalog::{Catalog, CatalogError};
use crate::library::postings::{IndexPage, Inverted};
use crate::library::{Document, Opened};
use crate::model::MinuteToken;
use crate::store::Store;

/// Recordings whose words make one segment of the index, unless these are unusually many.
const IN_BATCH: usize = 64;
/// Recordings that are read at the same time, that wait to be turned round, and batches that wait to be stored.
const READ_AT_ONCE: usize = 4;
const READ_AHEAD: usize = 8;
const BATCHES_AHEAD: usize = 1;

/// A recording as it was read for the index.
struct Read {
    token: MinuteToken,
    /// How often it had been marked by then.
    changes: i64,
    content: Content,
}

/// What was found of a recording.
enum Content {
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
    pub(super) pages: Vec<IndexPage>,
}

/// The thread that turns words round, one for all batches: memory that a thread once took is kept for its next need, so
/// that each of several would hold as much.
pub(super) struct Turner(std::sync::mpsc::Sender<Round>);

struct Round {
    reads: Receiver<Result<Read, IndexError>>,
    to_store: Sender<Result<Batch, IndexError>>,
}

impl Turner {
    /// It ends when this is dropped.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, rounds) = std::sync::mpsc::channel();
        thread::Builder::new().name("index".to_owned()).spawn(move || {
            for Round { reads, to_store } in rounds {
                turn_round(reads, &to_store);
            }
        })?;
        Ok(Self(sender))
    }

    /// The batches of these recordings, in this order, no further ahead than there is room for; none come when the
    /// thread has broken down.
    pub(super) fn batches(
        &self,
        catalog: Catalog,
        store: Store,
        marked: Vec<(MinuteToken, i64)>,
    ) -> Receiver<Result<Batch, IndexError>> {
        let (to_words, reads) = mpsc::channel(READ_AHEAD);
        let (to_store, batches) = mpsc::channel(BATCHES_AHEAD);
        let _ = self.0.send(Round { reads, to_store });
        tokio::spawn(async move {
            let reads = futures_util::stream::iter(marked)
                .map(|(token, changes)| read(catalog.clone(), store.clone(), token, changes))
                .buffered(READ_AT_ONCE);
            let mut reads = std::pin::pin!(reads);
            while let Some(read) = reads.next().await {
                if to_words.send(read).await.is_err() {
                    return;
                }
            }
        });
        batches
    }
}

/// Goes on with the next recording when its code breaks down at one.
async fn read(catalog: Catalog, store: Store, token: MinuteToken, changes: i64) -> Result<Read, IndexError> {
    let this = token.clone();
    let content = match tokio::spawn(async move { find(&catalog, &store, &this).await }).await {
        Ok(content) => content?,
        Err(panic) => {
            error!(recording = %token, %panic, "what is written about a recording cannot be indexed");
            Content::Unreadable
        }
    };
    Ok(Read { token, changes, content })
}

async fn find(catalog: &Catalog, store: &Store, token: &MinuteToken) -> Result<Content, IndexError> {
    let opened = catalog.everything_of(token).await?;
    let Some(opened) = opened.filter(|opened| !opened.recording.state.is_removed()) else {
        return Ok(Content::Gone);
    };
    let made_ms = opened.recording.created_ms.unwrap_or(opened.recording.found_at);
    Ok(Content::Text(made_ms, Document::read(store, &opened).await?))
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
    let (mut batch, mut inverted) = (Batch::default(), Inverted::default());
    let mut trouble = None;
    while let Some(read) = reads.blocking_recv() {
        match read {
            Ok(read) => take(read, &mut batch, &mut inverted),
            Err(error) => {
                trouble = Some(error);
                break;
            }
        }
        if (batch.marks.len() >= IN_BATCH || inverted.is_full())
            && to_store.blocking_send(Ok(finished(&mut batch, &mut inverted))).is_err()
        {
            return;
        }
    }
    // What was read before some trouble is stored all the same.
    if !batch.marks.is_empty() {
        let _ = to_store.blocking_send(Ok(finished(&mut batch, &mut inverted)));
    }
    if let Some(error) = trouble {
        let _ = to_store.blocking_send(Err(error));
    }
}

fn finished(batch: &mut Batch, inverted: &mut Inverted) -> Batch {
    batch.pages = std::mem::take(inverted).pages();
    std::mem::take(batch)
}

fn take(read: Read, batch: &mut Batch, inverted: &mut Inverted) {
    let Read { token, changes, content } = read;
    match content {
        Content::Text(made_ms, document) => {
            if let Ok(words) = catch_unwind(AssertUnwindSafe(|| document.words())) {
                inverted.take(&words);
                batch.made.push((token.clone(), made_ms));
            } else {
                error!(recording = %token, "the words of a recording cannot be told apart");
            }
        }
        Content::Gone => batch.gone.push(token.clone()),
        Content::Unreadable => {}
    }
    batch.marks.push((token, changes));
}
