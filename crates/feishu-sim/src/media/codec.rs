//! Sample entries that make the generated track say it is H.264, or AAC.
//!
//! ISO/IEC 14496-12 §12 and 14496-15 (avc1, avcC); 14496-14 and 14496-1 (mp4a, esds).

use super::mp4::boxed;

/// Constrained baseline, level 3.0, 640 × 360.
const SEQUENCE_PARAMETERS: &[u8] = &[0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x50];
const PICTURE_PARAMETERS: &[u8] = &[0x68, 0xce, 0x3c, 0x80];

pub(super) fn h264_entry() -> Vec<u8> {
    let avcc = boxed(
        *b"avcC",
        &[
            &[1, 0x42, 0xc0, 0x1e, 0xff, 0xe1],
            &length16(SEQUENCE_PARAMETERS),
            SEQUENCE_PARAMETERS,
            &[1],
            &length16(PICTURE_PARAMETERS),
            PICTURE_PARAMETERS,
        ],
    );
    boxed(
        *b"avc1",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 16],
            &640_u16.to_be_bytes(),
            &360_u16.to_be_bytes(),
            // 72 dpi each way.
            &0x0048_0000_u32.to_be_bytes(),
            &0x0048_0000_u32.to_be_bytes(),
            &[0; 4],
            &1_u16.to_be_bytes(),
            &[0; 32],
            &24_u16.to_be_bytes(),
            &0xffff_u16.to_be_bytes(),
            &avcc,
        ],
    )
}

pub(super) fn aac_entry() -> Vec<u8> {
    // AAC-LC, 48 kHz, mono.
    let specific = descriptor(0x05, &[0x11, 0x88]);
    let config = descriptor(0x04, &[&[0x40, 0x15, 0, 0, 0][..], &[0; 8], &specific].concat());
    let elementary = descriptor(0x03, &[&[0, 1, 0][..], &config, &descriptor(0x06, &[2])].concat());
    let esds = boxed(*b"esds", &[&[0; 4], &elementary]);
    boxed(
        *b"mp4a",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 8],
            &1_u16.to_be_bytes(),
            &16_u16.to_be_bytes(),
            &[0; 4],
            &(48_000_u32 << 16).to_be_bytes(),
            &esds,
        ],
    )
}

/// An MPEG-4 descriptor; all of ours are shorter than 128 bytes.
fn descriptor(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    [&[tag, length], content].concat()
}

fn length16(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes()
}
