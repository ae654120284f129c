//! The files that pages need, built into the program. Their names hold their hash, so that a browser may
//! keep them for ever.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

const STYLE: &str = "style.css";
const ICON: &str = "icon.svg";

/// All of them, by the names that templates use.
static ALL: LazyLock<[(&str, Asset); 15]> = LazyLock::new(|| {
    let css = |stem, body| Asset::new(stem, "css", "text/css; charset=utf-8", body);
    let script = |stem, body| Asset::new(stem, "js", "text/javascript; charset=utf-8", body);
    [
        (STYLE, css("style", include_str!("../static/style.css"))),
        ("dark.css", css("dark", include_str!("../static/dark.css"))),
        (ICON, Asset::new("icon", "svg", "image/svg+xml", include_str!("../static/icon.svg"))),
        ("live.js", script("live", include_str!("../static/live.js"))),
        ("preview.js", script("preview", include_str!("../static/preview.js"))),
        ("library.css", css("library", include_str!("../static/library.css"))),
        ("player.js", script("player", include_str!("../static/player.js"))),
        ("transcript.js", script("transcript", include_str!("../static/transcript.js"))),
        ("quote.js", script("quote", include_str!("../static/quote.js"))),
        ("keys.js", script("keys", include_str!("../static/keys.js"))),
        ("found.js", script("found", include_str!("../static/found.js"))),
        ("ticks.js", script("ticks", include_str!("../static/ticks.js"))),
        ("shortcuts.js", script("shortcuts", include_str!("../static/shortcuts.js"))),
        ("copy.js", script("copy", include_str!("../static/copy.js"))),
        ("checks.js", script("checks", include_str!("../static/checks.js"))),
    ]
});

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

/// The path of the file that templates call by this name.
pub(crate) fn path_of(name: &str) -> String {
    let known = ALL.iter().find(|(known, _)| *known == name);
    known.map(|(_, asset)| asset.path()).unwrap_or_default()
}

pub(crate) fn style() -> String {
    path_of(STYLE)
}

pub(crate) fn icon() -> String {
    path_of(ICON)
}

/// The file of that name, as a browser asks for it.
pub(crate) fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().map(|(_, asset)| asset).find(|asset| asset.name == name)
}
