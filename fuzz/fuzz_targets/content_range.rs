#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| feishu::fuzzing::content_range(input));
