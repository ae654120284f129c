# 录制整体处于哪一步（archive::model::RecordingState）
state-found = 已发现
state-archived = 已归档
state-waiting = 等待平台生成
state-denied = 无权导出
state-no-grant = 等待授权
state-gone = 源头已删除
state-lost = 已丢失
state-no-media = 没有媒体文件
state-failed = 暂时失败

# 录制的每一部分（archive::model::ArtifactKind）
artifact-media = 音视频
artifact-transcript-txt = 文字记录
artifact-transcript-srt = 字幕
artifact-summary = AI 纪要
artifact-sidecar = 说明文件

# 每一部分处于哪一步（archive::model::ArtifactState）
artifact-state-pending = 待获取
artifact-state-done = 已保存
artifact-state-waiting = 等待平台生成
artifact-state-denied = 无权导出
artifact-state-absent = 平台没有
artifact-state-failed = 暂时失败

# 成员的授权（archive::model::MemberState）
member-state-active = 授权有效
member-state-must-authorise = 需要重新授权
member-state-departed = 账号不可用

# 怎样得知这条录制（archive::model::Track）
track-recording-ready = 事件：录制完成
track-meeting-ended = 事件：会议结束
track-minute-generated = 事件：妙记生成
track-patrol = 巡检
track-import = 旧程序的下载记录

# 该谁行动（archive::model::Mover）
mover-nobody = 无需处理，系统会自行继续
mover-employee = 需要员工本人处理
mover-administrator = 需要管理员处理

# 队列里的工作（archive::queue::TaskKind）
task-meeting = 查询会议录制
task-patrol = 巡检
task-archive = 归档录制
