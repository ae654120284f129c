//! A person's standing with the app.

use std::collections::BTreeSet;

use crate::scenario::Person;

pub(crate) struct PersonRow {
    pub(crate) person: Person,
    /// Everything they ever granted: grants are cumulative.
    pub(crate) granted: BTreeSet<String>,
    /// Resigned or frozen: tokens answer 20066.
    pub(crate) suspended: bool,
    /// Subscribed to `minutes.minute.generated_v1`.
    pub(crate) subscribed: bool,
}

impl From<Person> for PersonRow {
    fn from(person: Person) -> Self {
        Self { person, granted: BTreeSet::new(), suspended: false, subscribed: false }
    }
}
