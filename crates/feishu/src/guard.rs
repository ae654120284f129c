//! Where an address that we were handed may not lead: inside the company, by name, by number or by redirect. It
//! stands before media and before the long connection.
//!
//! Names are judged by what they resolve to, at the moment of connecting, so that a name cannot change its
//! mind between check and use. Behind an HTTP proxy it is the proxy that resolves; there the guard sees only
//! literal addresses, and the proxy's own address must be public or private addresses be allowed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::{Attempt, Policy};
use url::{Host, Url};

/// More hops than this is a loop.
const MAX_REDIRECTS: usize = 5;

/// Why the guard refused an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuardRefusal {
    /// The host is, or resolves to, an address that is not on the public internet.
    #[error("the host has a private address, which is refused unless feishu.allow_private_media is on")]
    PrivateAddress,
    /// From https to http.
    #[error("the host redirects from https to http, which is refused")]
    Downgrade,
    /// More than five.
    #[error("the host redirects more than 5 times")]
    TooManyRedirects,
    /// Neither http nor https.
    #[error("the host redirects to something that is not http or https")]
    NotHttp,
}

impl GuardRefusal {
    /// The guard's refusal among an error's causes.
    pub(crate) fn behind(error: &reqwest::Error) -> Option<Self> {
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            if let Some(refusal) = error.downcast_ref::<Self>() {
                return Some(*refusal);
            }
            cause = error.source();
        }
        None
    }
}

/// Judges an address before anything is sent; names are judged when they are resolved.
pub(crate) fn check(url: &Url, allow_private: bool) -> Result<(), GuardRefusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(GuardRefusal::NotHttp);
    }
    let private = match url.host() {
        Some(Host::Ipv4(address)) => !is_public_v4(address),
        Some(Host::Ipv6(address)) => !is_public_v6(address),
        Some(Host::Domain(_)) => false,
        None => true,
    };
    if private && !allow_private { Err(GuardRefusal::PrivateAddress) } else { Ok(()) }
}

/// At most five hops, each of them judged.
pub(crate) fn redirects(allow_private: bool) -> Policy {
    Policy::custom(move |attempt: Attempt<'_>| {
        match judge_hop(attempt.previous(), attempt.url(), allow_private) {
            Ok(()) => attempt.follow(),
            Err(refusal) => attempt.error(refusal),
        }
    })
}

/// `previous` begins with the first address asked and ends with the one that redirects.
fn judge_hop(previous: &[Url], next: &Url, allow_private: bool) -> Result<(), GuardRefusal> {
    if previous.len() > MAX_REDIRECTS {
        return Err(GuardRefusal::TooManyRedirects);
    }
    if next.scheme() == "http" && previous.last().is_some_and(|url| url.scheme() == "https") {
        return Err(GuardRefusal::Downgrade);
    }
    check(next, allow_private)
}

/// The system's resolver, without private answers.
pub(crate) struct GuardedNames {
    pub(crate) allow_private: bool,
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| allow_private || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(GuardRefusal::PrivateAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The complement of the IANA special-purpose registry, as far as it can name a machine nearby.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second)) // carrier-grade NAT
        || (first == 198 && (18..20).contains(&second)) // benchmarking; fake-IP proxies
        || (first == 192 && second == 0 && third == 0))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    if let Some(inside) = address.to_ipv4_mapped().or_else(|| carried_v4(address)) {
        return is_public_v4(inside);
    }
    // Only 2000::/3 is handed out; 2001:db8::/32 is for books.
    first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 0x0db8)
}

/// The IPv4 address that NAT64 (64:ff9b::/96) or 6to4 (2002::/16) leads to.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn inside_is_inside_however_it_is_written() {
        for inside in [
            "127.0.0.1",
            "127.1.2.3",
            "10.0.0.8",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "11.0.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn numbers_in_disguise_are_still_numbers() {
        for url in
            ["http://2130706433/", "http://0x7f.1/", "http://[::ffff:7f00:1]/", "http://127.1/", "http://0/"]
        {
            assert_eq!(check(&Url::parse(url).unwrap(), false), Err(GuardRefusal::PrivateAddress), "{url}");
        }
        assert_eq!(check(&Url::parse("ftp://example.com/").unwrap(), true), Err(GuardRefusal::NotHttp));
        assert_eq!(check(&Url::parse("http://127.0.0.1/").unwrap(), true), Ok(()));
    }

    #[test]
    fn hops_stay_public_encrypted_and_few() {
        let url = |text: &str| Url::parse(text).unwrap();
        let (open, sealed) = (url("http://media.example.com/"), url("https://media.example.com/"));
        let judge = |previous: &[&Url], next: &str| {
            let previous: Vec<Url> = previous.iter().copied().cloned().collect();
            judge_hop(&previous, &url(next), false)
        };
        assert_eq!(judge(&[&sealed], "https://other.example.com/"), Ok(()));
        assert_eq!(judge(&[&open], "http://other.example.com/"), Ok(()));
        assert_eq!(judge(&[&open], "https://other.example.com/"), Ok(()));
        assert_eq!(judge(&[&open, &sealed], "http://other.example.com/"), Err(GuardRefusal::Downgrade));
        assert_eq!(judge(&[&sealed], "https://10.0.0.1/"), Err(GuardRefusal::PrivateAddress));
        assert_eq!(judge(&[&sealed], "file:///etc/passwd"), Err(GuardRefusal::NotHttp));
        assert_eq!(judge(&[&sealed; 5], "https://other.example.com/"), Ok(()));
        assert_eq!(judge(&[&sealed; 6], "https://other.example.com/"), Err(GuardRefusal::TooManyRedirects));
    }

    proptest! {
        #[test]
        fn wrapping_an_address_never_makes_it_public(bits in any::<u32>()) {
            let address = Ipv4Addr::from(bits);
            let mapped = address.to_ipv6_mapped();
            prop_assert_eq!(is_public_v4(address), is_public_v6(mapped));
            if address.is_private() {
                prop_assert!(!is_public_v4(address));
            }
        }
    }
}
