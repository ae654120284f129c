//! Who is here as what. The configuration names administrators and auditors; everybody else is a member. While it
//! names no administrator, the one who first signs in by the link that `serve` prints is it.

use secrecy::{ExposeSecret as _, SecretString};

use super::seal::{hash_of, random_text};
use crate::audit::{self, Deed};
use crate::catalog::{Catalog, CatalogError, args};
use crate::model::{OpenId, Role};

/// Who opened the one-time link.
const FIRST_ADMINISTRATOR: &str = "first_administrator";
/// The hash of what the one-time link holds.
const FIRST_LINK: &str = "first_administrator_link";
/// The company whose people may sign in.
const TENANT: &str = "tenant_key";

/// Who is here as what. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Roster {
    catalog: Catalog,
    administrators: Vec<OpenId>,
    auditors: Vec<OpenId>,
}

impl Roster {
    /// With the people whom the configuration names.
    #[must_use]
    pub fn new(catalog: Catalog, administrators: Vec<OpenId>, auditors: Vec<OpenId>) -> Self {
        Self { catalog, administrators, auditors }
    }

    /// What this person is here as. An administrator who is named as auditor, too, is an administrator.
    pub async fn role(&self, person: &OpenId) -> Result<Role, CatalogError> {
        if self.administrators.contains(person) {
            return Ok(Role::Administrator);
        }
        if self.auditors.contains(person) {
            return Ok(Role::Auditor);
        }
        let is_first = self.administrators.is_empty()
            && self.catalog.meta(FIRST_ADMINISTRATOR).await?.is_some_and(|first| first == person.as_str());
        Ok(if is_first { Role::Administrator } else { Role::Member })
    }

    /// All who are more than members: whom the configuration names, and who came by the one-time link.
    pub async fn holders(&self) -> Result<Vec<OpenId>, CatalogError> {
        let mut holders: Vec<OpenId> = self.administrators.iter().chain(&self.auditors).cloned().collect();
        if self.administrators.is_empty()
            && let Some(first) = self.catalog.meta(FIRST_ADMINISTRATOR).await?
            && let Ok(first) = OpenId::parse(&first)
            && !holders.contains(&first)
        {
            holders.push(first);
        }
        Ok(holders)
    }

    /// Whether this is a person of the app's own company; the first person who ever comes decides which that is.
    pub async fn is_of_the_company(&self, tenant_key: Option<&str>) -> Result<bool, CatalogError> {
        let Some(tenant_key) = tenant_key.filter(|key| !key.is_empty()) else { return Ok(false) };
        Ok(self.catalog.meta_or_insert(TENANT, tenant_key).await? == tenant_key)
    }

    /// What a new one-time link has to hold; none while there is an administrator. An earlier link is void.
    pub async fn first_link(&self) -> Result<Option<SecretString>, CatalogError> {
        if !self.administrators.is_empty() || self.catalog.meta(FIRST_ADMINISTRATOR).await?.is_some() {
            return Ok(None);
        }
        let key = random_text();
        self.catalog.set_meta(FIRST_LINK, &hash_of(&key)).await?;
        Ok(Some(key.into()))
    }

    /// Makes whoever brings the key of the one-time link the administrator; false when it is void.
    pub async fn claim(&self, key: &SecretString, deed: &Deed) -> Result<bool, CatalogError> {
        if !self.administrators.is_empty() {
            return Ok(false);
        }
        let mut tx = self.catalog.db().begin().await?;
        let sql = "DELETE FROM meta WHERE key = $1 AND value = $2";
        if tx.execute(sql, args![FIRST_LINK, hash_of(key.expose_secret())]).await? == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
        if tx.execute(sql, args![FIRST_ADMINISTRATOR, &deed.actor]).await? == 0 {
            return Ok(false);
        }
        audit::record_in(&mut tx, deed).await?;
        tx.commit().await?;
        Ok(true)
    }
}
