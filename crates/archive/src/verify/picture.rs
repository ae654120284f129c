//! Which kind of picture some bytes are, whatever they are called. Only kinds that cannot bring scripts.

/// How a file of these bytes is to end; none when they are no picture.
#[must_use]
pub fn picture_extension(content: &[u8]) -> Option<&'static str> {
    match content {
        // PNG (RFC 2083 §3.1), GIF89a §17, ITU T.81 §B.1.1.3, the WebP container.
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("gif"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

/// What a file of the archive that ends so is served as.
#[must_use]
pub fn picture_type(file_name: &str) -> Option<&'static str> {
    match file_name.rsplit_once('.')?.1 {
        "png" => Some("image/png"),
        "gif" => Some("image/gif"),
        "jpg" => Some("image/jpeg"),
        "webp" => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_bytes_and_served_as_what_it_is() {
        let png = b"\x89PNG\r\n\x1a\n....";
        for (bytes, mime) in [
            (&png[..], "image/png"),
            (b"GIF89a..", "image/gif"),
            (b"\xff\xd8\xff\xe0..", "image/jpeg"),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp"),
        ] {
            let name = format!("周会.cover.{}", picture_extension(bytes).unwrap());
            assert_eq!(picture_type(&name), Some(mime));
        }
        for other in
            [&b""[..], b"<svg xmlns=", b"<!doctype html>", b"\x89PNG", b"RIFF....AVI ", b"{\"code\":1}"]
        {
            assert_eq!(picture_extension(other), None);
        }
        assert_eq!(picture_type("周会.mp4"), None);
    }
}
