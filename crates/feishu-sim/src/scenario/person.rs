//! A person of the tenant.

use serde::{Deserialize, Serialize};

/// A person of the tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// `ou_…`; derived from the name when empty.
    pub open_id: String,
    /// `on_…`; derived when empty.
    pub union_id: String,
    /// The tenant's own id; derived when empty. Shown only with `contact:user.employee_id:readonly`.
    pub user_id: String,
    /// As colleagues know them.
    pub name: String,
    /// The name in English.
    pub en_name: String,
    /// Shown only with `contact:user.email:readonly`.
    pub email: Option<String>,
    /// Department, for `meeting_list`.
    pub department: String,
    /// False: would press 拒绝 on the authorize page. A word to whoever drives the page, not a rule of it.
    pub authorises: bool,
    /// Has the admin console's meeting-management right, which `meeting_list` needs.
    pub meeting_admin: bool,
    /// In the app's availability range; outside it messages answer 230013 and tokens 20010.
    pub available: bool,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            open_id: String::new(),
            union_id: String::new(),
            user_id: String::new(),
            name: String::new(),
            en_name: String::new(),
            email: None,
            department: String::new(),
            authorises: true,
            meeting_admin: false,
            available: true,
        }
    }
}
