//! The key that seals tokens: from the environment, or from a file that is made at first start and that
//! only its owner may read.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::RngExt as _;
use secrecy::{ExposeSecret, SecretString};

use super::Seal;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is not 32 bytes in base64.
    #[error(
        "{from} does not hold a key: 32 bytes in base64 are needed. Make one with: openssl rand -base64 32"
    )]
    NotAKey {
        /// The variable or file that was read.
        from: String,
    },
    /// Others can read the file.
    #[error("the key file {0} can be read by others (mode {1:o}). Run: chmod 600 {0}")]
    Exposed(PathBuf, u32),
    /// The file cannot be read or made.
    #[error("the key file {path} cannot be used: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
}

/// The seal made from `given` (base64, from the environment) or else from the file, which is made with
/// mode 0600 when it is missing.
pub fn load_or_make_key(given: Option<&SecretString>, path: &Path) -> Result<Seal, KeyError> {
    if let Some(given) = given {
        return decode(given.expose_secret(), "MINUTES_VAULT_VAULT_KEY");
    }
    let fail = |why| KeyError::File { path: path.to_owned(), why };
    match std::fs::File::open(path) {
        Ok(mut file) => {
            let mode = file.metadata().map_err(fail)?.mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyError::Exposed(path.to_owned(), mode));
            }
            let mut text = String::new();
            file.read_to_string(&mut text).map_err(fail)?;
            decode(&text, &path.display().to_string())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(path).map_err(fail),
        Err(error) => Err(fail(error)),
    }
}

fn make(path: &Path) -> std::io::Result<Seal> {
    let key: [u8; 32] = rand::rng().random();
    // Written aside and renamed, so that a crash leaves either no key or a whole one.
    let aside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    writeln!(file, "{}", STANDARD.encode(key))?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(Seal::new(&key))
}

fn decode(text: &str, from: &str) -> Result<Seal, KeyError> {
    STANDARD
        .decode(text.trim())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .map(|key| Seal::new(&key))
        .ok_or_else(|| KeyError::NotAKey { from: from.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_is_private_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        let made = load_or_make_key(None, &path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(load_or_make_key(None, &path).unwrap().key_id(), made.key_id());
    }

    #[test]
    fn an_exposed_or_broken_key_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        load_or_make_key(None, &path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(load_or_make_key(None, &path), Err(KeyError::Exposed(_, 0o644))));
        let given = SecretString::from("c2hvcnQ=");
        assert!(matches!(load_or_make_key(Some(&given), &path), Err(KeyError::NotAKey { .. })));
    }
}
