//! The address that a request came from.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use crate::site::Site;

/// Of what a proxy writes, in bytes; no address is longer.
const LONGEST: usize = 64;

/// As text: the other end of the connection, or whom our own proxy names. What came before the last entry of
/// `X-Forwarded-For` the sender may have written.
pub(crate) fn whence(parts: &Parts, site: &Site) -> String {
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let named = forwarded
        .filter(|_| site.trust_proxy)
        .and_then(|value| value.to_str().ok()?.rsplit(',').next())
        .map(str::trim)
        .filter(|named| !named.is_empty() && named.len() <= LONGEST);
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    match (named, peer) {
        (Some(named), _) => named.to_owned(),
        (None, Some(ConnectInfo(peer))) => peer.ip().to_canonical().to_string(),
        (None, None) => "?".to_owned(),
    }
}
