//! Is this folder the archive that the catalogue knows? Asked before anything is done with the two together.

use std::path::Path;

use crate::catalog::{Catalog, CatalogError};
use crate::store::{Mark, Store, StoreError};

/// So many of its files are looked for in a folder without a mark.
const SAMPLE: i64 = 20;

/// Why a folder is not worked with.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No mark, and none of the files that should be there.
    #[error("none of the archived files are in {0}: its disk is probably not mounted")]
    NotMounted(String),
    /// The mark of another installation.
    #[error("{0} is the archive of another installation")]
    Others(String),
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The archive's disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store, if `root` is this catalogue's archive; from then on it writes only where the mark is. A folder from
/// before there were marks gets one if a file of the archive is really there, an archive without files in any case.
pub async fn recognise(catalog: &Catalog, root: &Path) -> Result<Store, IdentityError> {
    let id = id_of(catalog).await?;
    let shown = || root.display().to_string();
    // Opening makes the folder: not where files are missed.
    if !root.exists() && !catalog.files_after("", "", 1).await?.is_empty() {
        return Err(IdentityError::NotMounted(shown()));
    }
    let store = Store::open(root.to_owned()).await?;
    match store.mark(&id).await? {
        Mark::Ours => {}
        Mark::Others => return Err(IdentityError::Others(shown())),
        Mark::None if holds_what_it_should(catalog, &store).await? => store.leave_mark(&id).await?,
        Mark::None => return Err(IdentityError::NotMounted(shown())),
    }
    Ok(store.only_with_mark(&id))
}

/// Somebody says that this folder is the archive, whatever its mark.
pub async fn adopt(catalog: &Catalog, store: &Store) -> Result<(), IdentityError> {
    Ok(store.leave_mark(&id_of(catalog).await?).await?)
}

async fn id_of(catalog: &Catalog) -> Result<String, CatalogError> {
    catalog.meta_or_insert("archive_id", &format!("{:032x}", rand::random::<u128>())).await
}

async fn holds_what_it_should(catalog: &Catalog, store: &Store) -> Result<bool, IdentityError> {
    let sample = catalog.files_after("", "", SAMPLE).await?;
    for file in &sample {
        if store.exists(&Path::new(&file.dir).join(&file.file_name)).await? {
            return Ok(true);
        }
    }
    Ok(sample.is_empty())
}
