//! What lies behind no door.

use crate::notice::Notice;

pub(crate) async fn not_found() -> Notice {
    Notice::NotFound
}

pub(crate) async fn wrong_method() -> Notice {
    Notice::WrongMethod
}
