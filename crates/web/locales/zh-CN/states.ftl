# 录制整体处于哪一步（archive::model::RecordingState）
state-found = 已发现
state-archived = 已归档
state-waiting = 等待飞书生成
state-denied = 无权导出
state-no-grant = 等待授权
state-gone = 飞书中已删除
state-lost = 已丢失
state-no-media = 没有媒体文件
state-failed = 未成功
state-trashed = 在回收站
state-purged = 已按要求删除

# 录制的每一部分（archive::model::ArtifactKind）
artifact-media = 音视频
artifact-transcript-txt = 文字记录
artifact-transcript-srt = 字幕
artifact-summary = AI 纪要
artifact-cover = 封面图
artifact-sidecar = 说明文件

# 每一部分处于哪一步（archive::model::ArtifactState）
artifact-state-pending = 待获取
artifact-state-done = 已保存
artifact-state-waiting = 等待飞书生成
artifact-state-denied = 无权导出
artifact-state-absent = 飞书没有
artifact-state-failed = 未成功

# 成员的授权（archive::members::Footing）
member-state-active = 授权有效
member-state-expiring = 即将失效
member-state-blocked = 被公司设置阻止
member-state-must-authorise = 需要重新授权
member-state-departed = 账号不可用

# 怎样得知这条录制（archive::model::Track）
track-recording-ready = 事件：录制完成
track-meeting-ended = 事件：会议结束
track-minute-generated = 事件：妙记生成
track-patrol = 巡检
track-backfill = 历史补录
track-attended = 参加过的会议
track-company-record = 全公司会议明细
track-import = 旧程序的下载记录

# 该谁行动（archive::model::Mover）
mover-nobody = 无需处理，系统会自行继续
mover-employee = 需要员工本人处理
mover-administrator = 需要管理员处理

# 队列里的工作（archive::queue::TaskKind）
task-meeting = 查询会议录制
task-patrol = 巡检
task-backfill = 查找成员的历史
task-attended = 查找成员参加过的会议
task-subscription = 维持成员的事件订阅
task-archive = 归档录制
task-reconcile = 读取全公司会议明细
task-notice = 发送消息

# 与平台的长连接（archive::model::LinkState、LinkTrouble）
link-connecting = 正在连接
link-connected = 已连接
link-waiting = 已断开，会自动重连
link-refused = 被拒绝，需要处理
link-closed = 已关闭（服务已停止）
link-trouble-credentials = 飞书不接受用于长连接的 App ID 与 App Secret。
link-trouble-credentials-fix = 请从开发者后台「凭证与基础信息」重新复制到 feishu.app_id 与 feishu.app_secret，并重启服务。
link-trouble-forbidden = 飞书不允许这个应用用长连接接收事件。
link-trouble-forbidden-fix = 请在开发者后台「事件与回调」把订阅方式设为「使用长连接接收事件」（仅限企业自建应用）并发布版本；或把 events.mode 设为 webhook。
link-trouble-too-many-connections = 这个应用的 50 条长连接都已被占用。
link-trouble-too-many-connections-fix = 请停掉其他使用这个应用长连接的程序；之后每隔几分钟会自动再试。
link-trouble-address-refused = 长连接地址指向内网或不安全的地方，因此没有访问。
link-trouble-address-refused-fix = 请检查 DNS 和代理。如果公司代理确实这样解析平台域名，请打开 feishu.allow_private_media。
link-trouble-unknown-code = 飞书拒绝了长连接，错误码是本版本不认识的。
link-trouble-unknown-code-fix = 请在飞书文档中查这个错误码，或用 log id 询问飞书支持；之后每隔几分钟会自动再试。

# 向会议查询录制的结果（archive::model::MeetingOutcome）
meeting-outcome-going-on = 仍在进行
meeting-outcome-asking = 仍在查询
meeting-outcome-recorded = 已得知录制
meeting-outcome-never-recorded = 平台上没有它的录制
meeting-outcome-never-ready = 录制一直没有生成
meeting-outcome-refused = 平台拒绝查询

# 全公司会议明细是否可用（archive::catalog::RecordStanding）
record-available = 可用
record-available-fix = 无需处理。
record-nobody-named = 没有指定管理员
record-nobody-named-fix = 在 company.administrators 中填写管理员的 open_id，重启服务，再请管理员打开 /auth/start?for=company-record 授权。
record-not-authorised = 指定的管理员都还没有授权
record-not-authorised-fix = 请 company.administrators 中的一位管理员打开 /auth/start?for=company-record 授权。
record-scope-missing = 管理员没有授予 vc:rooms.room.detailinfo:read
record-scope-missing-fix = 在开发者后台为应用开通该权限并发布版本，再请管理员打开 /auth/start?for=company-record 重新授权。
record-refused = 平台拒绝这位管理员读取
record-refused-fix = 在飞书管理后台授予该管理员“视频会议-会议管理”权限。
record-trouble = 上次读取失败
record-trouble-fix = 暂时无需处理，系统会重试；如果一直这样，请查看日志。
record-stale = 已有一个多小时没有读取
record-stale-fix = 服务在运行吗？minutes-vault status

# What a member needs of the patrol (archive::discover::Need)
need-untold = 位成员的事件不可依赖
need-active = 位成员近几小时开过会
need-quiet = 位其他成员

# 磁盘和目录库的故障
trouble-disk-full = 磁盘已满（或配额已用完），无法写入 { $path }。请腾出空间或扩容。
trouble-no-room = 归档磁盘放不下还需要的 { $wanted }：剩余 { $free }，其中 { $floor } 要保持空闲（archive.keep_free）。请腾出空间或扩容。
trouble-file-busy = { $path } 正由另一个进程写入。请稍后再试。
trouble-not-writable = 没有权限访问 { $path }。请把这个目录交给运行服务的用户。
trouble-read-only = { $path } 所在的文件系统是只读的，常见于磁盘出错之后。请检查磁盘并重新挂载。
trouble-archive-gone = 归档目录 { $path } 不见了。请检查它的磁盘是否已挂载。
trouble-file-missing = { $path } 不存在。
trouble-file-outside = { $path } 不是归档目录里的普通路径（不跟随符号链接），没有动它。
trouble-io = 无法读写 { $path }：{ $why }。
trouble-catalogue-busy = 目录库正被另一个程序占用。请稍后再试。
trouble-catalogue-full = 目录库所在的磁盘已满。请腾出空间，之后会自动继续。
trouble-catalogue-unavailable = 目录库（{ $what }）打不开：{ $why }。请检查它是否存在、能否连上、当前用户能否写入。
trouble-catalogue-schema = 目录库的结构无法升级到这个版本：{ $why }。
trouble-catalogue-other = 目录库报错：{ $why }。
trouble-template-empty = 模板是空的；默认为 {$what}
trouble-template-absolute = 模板以「/」开头；它必须相对于 archive.dir
trouble-template-empty-part = 模板里有空的文件夹名或文件名；请去掉多余的「/」
trouble-template-dots = 模板里有名为「{$what}」的文件夹；路径不能离开 archive.dir
trouble-template-unknown-field = 没有 {$what} 这个字段；可用的有 {$fields}
trouble-template-brace = 模板里的花括号不成对；字段写作 {$what}
trouble-template-character = 模板里有 {$what}，并非所有文件系统都允许它出现在文件名里
trouble-template-no-token = 模板的最后一段必须含有 {$what}，这样同名的录制才会存成不同的文件
trouble-template-too-long = 「{$what}」太长：文件名最多 255 字节
