//! One binary message, as the platform's protobuf definition (proto2) has it.

use prost::Message;

pub(super) const CONTROL: i32 = 0;
pub(super) const DATA: i32 = 1;

#[derive(Clone, PartialEq, Message)]
pub(super) struct Frame {
    #[prost(uint64, required, tag = "1")]
    pub(super) seq_id: u64,
    #[prost(uint64, required, tag = "2")]
    pub(super) log_id: u64,
    #[prost(int32, required, tag = "3")]
    pub(super) service: i32,
    #[prost(int32, required, tag = "4")]
    pub(super) method: i32,
    #[prost(message, repeated, tag = "5")]
    headers: Vec<Header>,
    #[prost(string, optional, tag = "6")]
    payload_encoding: Option<String>,
    #[prost(string, optional, tag = "7")]
    payload_type: Option<String>,
    #[prost(bytes = "vec", optional, tag = "8")]
    pub(super) payload: Option<Vec<u8>>,
    #[prost(string, optional, tag = "9")]
    log_id_new: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(string, required, tag = "1")]
    key: String,
    #[prost(string, required, tag = "2")]
    value: String,
}

impl Frame {
    pub(super) fn new(method: i32, service: i32, headers: &[(&str, String)], payload: Vec<u8>) -> Self {
        let header = |(key, value): &(&str, String)| Header { key: (*key).to_owned(), value: value.clone() };
        let headers = headers.iter().map(header).collect();
        Self { method, service, headers, payload: Some(payload), ..Self::default() }
    }

    pub(super) fn header(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.key == key).map(|header| header.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../tests/data/long_connection.json");

    /// Bytes that other code made, and that both official SDKs read.
    #[test]
    fn the_vectors_are_read_and_written_byte_for_byte() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        for vector in vectors["frames"].as_array().unwrap() {
            let bytes = hex::decode(vector["hex"].as_str().unwrap()).unwrap();
            let frame = Frame::decode(bytes.as_slice()).unwrap();
            assert_eq!(frame.encode_to_vec(), bytes, "{}", vector["name"]);
            for header in vector["headers"].as_array().unwrap() {
                assert_eq!(frame.header(header[0].as_str().unwrap()), header[1].as_str());
            }
        }
    }

    #[test]
    fn a_pong_is_the_vectors_pong() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let vector =
            vectors["frames"].as_array().unwrap().iter().find(|it| it["name"] == "server_pong_with_config");
        let vector = vector.unwrap();
        let payload = vector["payload_utf8"].as_str().unwrap().as_bytes().to_vec();
        let pong = Frame::new(CONTROL, 33_554_678, &[("type", "pong".to_owned())], payload);
        assert_eq!(hex::encode(pong.encode_to_vec()), vector["hex"].as_str().unwrap());
    }
}
