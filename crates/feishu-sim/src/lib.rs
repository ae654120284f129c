//! feishu-sim
