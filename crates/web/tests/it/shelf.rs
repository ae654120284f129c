//! A house with recordings in it, put there as the archive's work would have left them.

use archive::catalog::{FinishedFile, MetadataFacts, RecordingUpdate, Sighting};
use archive::discover::sight;
use archive::library::Indexer;
use archive::model::{ArtifactKind, Clock as _, MinuteToken, OpenId, RecordingState, Track};
use archive::store::Store;
use tokio_util::sync::CancellationToken;

use crate::house::House;

pub(crate) const SRT: &str = "1\n00:00:01,000 --> 00:00:04,000\n王芳: 大家好，今天讨论数据库\n\n2\n00:00:05,000 --> 00:00:09,000\n李雷: 中文GPT5模型的预算\n";
pub(crate) const NOTES: &str = "# x\n\n## 摘要 Summary\n\n定了**预算**\n\n## 章节 Chapters\n\n### 00:00:05 预算\n\n## 待办 To-dos\n\n- [ ] 写报告（王芳）\n";

pub(crate) fn token(number: usize) -> MinuteToken {
    MinuteToken::parse(&format!("obcn{number:020}")).expect("a token")
}

/// The bytes of every media file here.
pub(crate) fn media() -> Vec<u8> {
    (0..100_000_u32).map(|number| number.to_le_bytes()[0] ^ number.to_le_bytes()[1]).collect()
}

impl House {
    /// A recording with all its parts, owned by somebody of the stand-in's company.
    pub(crate) async fn keep(&self, number: usize, owner: &str, title: &str) -> String {
        self.keep_with(number, owner, title, SRT, NOTES).await
    }

    pub(crate) async fn keep_with(
        &self,
        number: usize,
        owner: &str,
        title: &str,
        srt: &str,
        notes: &str,
    ) -> String {
        let (token, now_ms) = (token(number), self.clock.now_ms());
        let owner = OpenId::parse(self.person(owner)).expect("an open_id");
        let mut tx = self.catalog.db().begin().await.expect("a transaction");
        let sighting = Sighting {
            minute_token: token.clone(),
            track: Track::Patrol,
            member: Some(owner.clone()),
            owner: Some(owner),
            meeting_id: None,
            title: Some(title.to_owned()),
        };
        sight(&mut tx, &sighting, now_ms).await.expect("sighted");
        tx.commit().await.expect("committed");
        let facts = MetadataFacts {
            created_ms: Some(now_ms),
            duration_ms: Some(600_000),
            raw: "{}".to_owned(),
            ..MetadataFacts::default()
        };
        self.catalog.set_metadata(&token, &facts).await.expect("noted");
        self.catalog.fix_place(&token, "f", &number.to_string()).await.expect("a place");
        let store = Store::open(self.folder.path().join("downloads")).await.expect("the archive");
        for (kind, name, content) in [
            (ArtifactKind::Media, format!("{number} 周会.mp4"), media()),
            (ArtifactKind::TranscriptSrt, format!("{number}.srt"), srt.as_bytes().to_vec()),
            (ArtifactKind::Summary, format!("{number}.summary.md"), notes.as_bytes().to_vec()),
        ] {
            let kept = store.put_small("f".as_ref(), &name, &content).await.expect("kept");
            let file = FinishedFile::new(name, kept.bytes, kept.sha256);
            self.catalog.artifact_done(&token, kind, &file, now_ms).await.expect("noted");
        }
        let update = RecordingUpdate { state: RecordingState::Archived, reason: None, detail: None };
        self.catalog.set_recording_state(&token, update, now_ms).await.expect("noted");
        let mut indexer = Indexer::new(self.catalog.clone(), store, CancellationToken::new());
        while indexer.index_some().await.expect("indexed") > 0 {}
        format!("/recordings/{token}")
    }
}
