//! The address that a request came from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use crate::site::Site;

/// As text: the other end of the connection, or whom our own proxy names. What came before the last entry of
/// `X-Forwarded-For` the sender may have written.
pub(crate) fn whence(parts: &Parts, site: &Site) -> String {
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let named = forwarded
        .filter(|_| site.trust_proxy)
        .and_then(|value| address(value.to_str().ok()?.rsplit(',').next()?));
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    named.or(peer).map_or_else(|| "?".to_owned(), |address| address.to_canonical().to_string())
}

/// Some proxies name the port, too, and put brackets around addresses of IPv6: a port is of one connection, and no limit
/// may count by it.
fn address(named: &str) -> Option<IpAddr> {
    let named = named.trim();
    let bare = || named.strip_prefix('[')?.strip_suffix(']');
    let with_port = || Some(named.parse::<SocketAddr>().ok()?.ip());
    named.parse().ok().or_else(with_port).or_else(|| bare()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_the_same_with_and_without_its_port() {
        let told = |named| address(named).map(|address| address.to_canonical().to_string());
        for named in ["203.0.113.9", " 203.0.113.9:51234", "::ffff:203.0.113.9", "[::ffff:203.0.113.9]:1"] {
            assert_eq!(told(named).as_deref(), Some("203.0.113.9"), "{named}");
        }
        for named in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"] {
            assert_eq!(told(named).as_deref(), Some("2001:db8::1"), "{named}");
        }
        for named in ["", "unknown", "_hidden", "203.0.113", "[203.0.113.9", "<script>"] {
            assert_eq!(told(named), None, "{named}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_named_is_an_address_or_none(named in any::<String>()) {
            let _ = address(&named);
        }
    }
}
