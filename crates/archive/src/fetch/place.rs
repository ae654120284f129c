//! Where a recording's files go. Fixed at first use: a later change of title or name moves nothing.

use std::path::PathBuf;

use crate::Archive;
use crate::catalog::CatalogError;
use crate::model::{MinuteToken, Recording};
use crate::store::{Fields, owner_folder};

/// Folder below the archive root and the common stem of the files.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) dir: PathBuf,
    pub(crate) stem: String,
}

impl Archive {
    pub(crate) async fn place_of(
        &self,
        token: &MinuteToken,
        recording: &Recording,
    ) -> Result<Place, CatalogError> {
        if let (Some(dir), Some(stem)) = (&recording.dir, &recording.stem) {
            return Ok(Place { dir: dir.into(), stem: stem.clone() });
        }
        let owner_id = recording.owner_id.as_deref().unwrap_or_default();
        let owner = self.folder_of(recording).await?;
        let stem = self.template.render(
            &Fields {
                owner: &owner,
                owner_id,
                token: token.as_ref(),
                title: recording.title.as_deref().unwrap_or_default(),
                created_ms: recording.created_ms,
            },
            &self.zone,
        );
        let (dir, stem) = self.catalog.fix_place(token, &stem.dir.to_string_lossy(), &stem.file_stem).await?;
        Ok(Place { dir: dir.into(), stem })
    }

    /// The owner's folder: their name as it was when their first recording came, with the end of their id
    /// when somebody else of that name was first.
    async fn folder_of(&self, recording: &Recording) -> Result<String, CatalogError> {
        let Some(owner) = recording.owner() else { return Ok(String::new()) };
        if let Some(folder) = self.catalog.folder(owner.as_ref()).await? {
            return Ok(folder);
        }
        let name = self.catalog.member(&owner).await?.map(|member| member.name).unwrap_or_default();
        let wanted = owner_folder(&name, owner.as_ref(), |_| false);
        let with_id = owner_folder(&name, owner.as_ref(), |folder| folder == wanted);
        self.catalog.claim_folder(owner.as_ref(), &wanted, &with_id).await
    }
}
