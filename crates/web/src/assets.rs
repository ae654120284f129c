//! The files that pages need, built into the program. Their names hold their hash, so that a browser may
//! keep them for ever.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("style", "css", "text/css; charset=utf-8", include_str!("../static/style.css"))
});
static LIVE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("live", "js", "text/javascript; charset=utf-8", include_str!("../static/live.js"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("../static/icon.svg")));

/// One file.
pub(crate) struct Asset {
    name: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, body: &'static str) -> Self {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(body));
        let name = format!("{stem}.{}.{extension}", hash.get(..12).unwrap_or_default());
        Self { name, content_type, body }
    }

    pub(crate) fn path(&self) -> String {
        format!("/static/{}", self.name)
    }
}

pub(crate) fn style() -> &'static Asset {
    &STYLE
}

pub(crate) fn icon() -> &'static Asset {
    &ICON
}

/// Keeps what moves on a page moving.
pub(crate) fn live() -> &'static Asset {
    &LIVE
}

/// The file of that name.
pub(crate) fn find(name: &str) -> Option<&'static Asset> {
    [style(), icon(), live()].into_iter().find(|asset| asset.name == name)
}
