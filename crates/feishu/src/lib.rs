//! feishu
