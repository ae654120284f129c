//! The recordings, their parts, and who attended.

use std::path::Path;

use archive::catalog::{Arg, Catalog, Tx};
use archive::model::{Reason, RecordingState};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::Size;
use crate::filled::{DAY_MS, HOUR_MS, YEAR_MS, open_id, token, whole};
use crate::language::Language;
use crate::people::owner_without_grant;
use crate::trouble::{QUEUED, Trouble, note_missing_texts};

const TWO_YEARS_MS: i64 = 2 * YEAR_MS;
/// Of a meeting.
const ATTENDED_BY: usize = 6;
const FOLDERS: usize = 100;
const IN_TRANSACTION: usize = 20_000;
/// After thirty days it is no longer asked whether it is ready.
const OLDEST_WAITING_MS: i64 = 28 * DAY_MS;

const RECORDING: &str = "INSERT INTO recordings (minute_token, state, owner_id, title, dir, reason, reason_detail,
        meeting_id, created_ms, duration_ms, found_at, state_at, archived_at, stem, metadata)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $2 = 'archived' THEN $12 END, 'x', '{}')";
const ATTENDED: &str = "INSERT INTO sightings (minute_token, track, open_id, first_at, last_at)
     VALUES ($1, 'attended', $2, $8, $8), ($1, 'attended', $3, $8, $8), ($1, 'attended', $4, $8, $8),
        ($1, 'attended', $5, $8, $8), ($1, 'attended', $6, $8, $8), ($1, 'attended', $7, $8, $8)
     ON CONFLICT DO NOTHING";
const DONE: &str =
    "INSERT INTO artifacts (minute_token, kind, state, file_name, sha256, bytes, done_at, verified_at)
     VALUES ($1, $2, 'done', $3, $4, $5, $6, $7)";

struct Recording {
    number: usize,
    token: String,
    owner: String,
    attended_by: [String; ATTENDED_BY],
    made_ms: i64,
    length_ms: i64,
    /// When the archive came to know it: what is older than that by back-fill.
    found_ms: i64,
    /// Since when it stands as it does.
    since_ms: i64,
    trouble: Option<&'static Trouble>,
}

impl Recording {
    fn thrown(dice: &mut StdRng, number: usize, size: Size, now_ms: i64) -> Self {
        // One of a hundred recordings belongs to the one who reads.
        let owner = if number.is_multiple_of(100) { 0 } else { dice.random_range(0..size.people) };
        let age_ms = dice.random_range(0..TWO_YEARS_MS);
        let length_ms = dice.random_range(300_000..7_200_000_i64);
        let attended_by = std::array::from_fn(|_| open_id(dice.random_range(0..size.people)));
        let trouble = Trouble::of(number, size);
        let stands = |state| trouble.is_some_and(|it| it.state == state);
        let age_ms = if stands(RecordingState::Waiting) {
            age_ms / (TWO_YEARS_MS / OLDEST_WAITING_MS)
        } else {
            age_ms
        };
        let made_ms = now_ms - HOUR_MS - age_ms;
        let found_ms = made_ms.max(now_ms - YEAR_MS);
        let owner = if stands(RecordingState::NoGrant) {
            // The history of those who never authorised has not been looked through.
            let is_member = number % 32 < 16 || found_ms > made_ms;
            owner_without_grant(owner, is_member, size)
        } else {
            open_id(owner)
        };
        let since_ms = found_ms + HOUR_MS / 6;
        Self {
            number,
            token: token(number),
            owner,
            attended_by,
            made_ms,
            length_ms,
            found_ms,
            since_ms,
            trouble,
        }
    }

    fn folder(&self) -> String {
        format!("f{}", self.number % FOLDERS)
    }

    async fn note(&self, tx: &mut Tx, language: &Language) {
        let state = self.trouble.map_or(RecordingState::Archived, |it| it.state);
        // Events tell of meetings, back-fills do not.
        let meeting = (self.found_ms == self.made_ms).then(|| format!("69{:017}", self.number));
        let (title, folder) = (language.title(self.number), self.folder());
        let text = [self.token.as_str(), state.as_str(), &self.owner, &title, &folder];
        let mut values = Vec::from(text.map(Arg::from));
        values.push(Arg::from(self.trouble.map(|it| it.reason.as_str())));
        values.push(Arg::from(self.trouble.and_then(|it| it.detail)));
        values.push(Arg::from(meeting));
        values.extend([self.made_ms, self.length_ms, self.found_ms, self.since_ms].map(Arg::from));
        tx.execute(RECORDING, values).await.expect("a recording");
        // Where no grant reaches it, nobody with one has attended.
        if self.trouble.is_none_or(|it| it.reason != Reason::NoGrant) {
            let mut values = vec![Arg::from(&self.token)];
            values.extend(self.attended_by.iter().map(Arg::from));
            values.push(Arg::from(self.found_ms));
            tx.execute(ATTENDED, values).await.expect("sightings");
        }
    }

    async fn note_done(&self, tx: &mut Tx, kind: &str, name: &str, bytes: usize, now_ms: i64) {
        // Each file was read again within the last weeks.
        let verified_ms = self.since_ms.max(now_ms - whole(self.number % 25) * DAY_MS);
        let mut values = Vec::from([self.token.as_str(), kind, name, &"00".repeat(32)].map(Arg::from));
        values.extend([whole(bytes), self.since_ms, verified_ms].map(Arg::from));
        tx.execute(DONE, values).await.expect("an artifact");
    }
}

pub(crate) async fn fill(catalog: &Catalog, downloads: &Path, language: &Language, size: Size, now_ms: i64) {
    for number in 0..FOLDERS {
        std::fs::create_dir_all(downloads.join(format!("f{number}"))).expect("a folder");
    }
    let mut dice = StdRng::seed_from_u64(3);
    let mut tx = catalog.db().begin().await.expect("a transaction");
    for number in 0..size.recordings {
        let it = Recording::thrown(&mut dice, number, size, now_ms);
        it.note(&mut tx, language).await;
        if let Some(trouble) = it.trouble {
            trouble.note(&mut tx, &it.token, number, it.since_ms, now_ms).await;
        } else {
            let media = if number % 8 == 0 { "x.m4a" } else { "x.mp4" };
            it.note_done(&mut tx, "media", media, 300_000_000, now_ms).await;
            if number < size.transcripts {
                let name = format!("{number}.srt");
                let srt = language.transcript(number);
                std::fs::write(downloads.join(it.folder()).join(&name), &srt).expect("written");
                it.note_done(&mut tx, "transcript_srt", &name, srt.len(), now_ms).await;
            } else {
                note_missing_texts(&mut tx, &it.token, number, it.since_ms).await;
            }
        }
        if number % IN_TRANSACTION == IN_TRANSACTION - 1 {
            tx.commit().await.expect("committed");
            tx = catalog.db().begin().await.expect("a transaction");
        }
    }
    for sql in [QUEUED, "INSERT INTO unindexed (minute_token) SELECT minute_token FROM recordings"] {
        tx.execute(sql, Vec::new()).await.expect("work");
    }
    tx.commit().await.expect("committed");
}
