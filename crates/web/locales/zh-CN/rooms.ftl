# 登录之后的页面

# 谁（archive::model::Role）
role-member = 成员
role-administrator = 管理员
role-auditor = 审计员

# 做了什么（archive::audit::Verb）
verb-signed-in = 登录
verb-signed-out = 退出登录
verb-viewed = 查看
verb-played = 获取音视频
verb-searched = 搜索
verb-exported = 导出
verb-changed = 更改
verb-deleted = 删除

# 导航
nav-label = 页面
nav-overview = 概览
nav-queue = 队列
nav-people = 成员
nav-coverage = 覆盖率
nav-health = 健康检查
nav-audit = 审计
nav-settings = 设置
nav-sessions = 我的账号
sign-out = 退出登录

# 刚刚做了什么
said-paused = 已暂停；已经下载的部分会保留。
said-resumed = 已继续。
said-none-ticked = 没有勾选任何一项，未作更改。
said-zip-empty = 没有可下载的内容：请勾选已有文件、且您有权打开的录制。
said-retried = 已让 { $count } 条录制优先重试。
said-session-ended = 已结束这个登录。

# 登录设备
sessions-title = 我的账号
sessions-lead = 您在这些浏览器里登录着。闲置 12 小时或登录满 7 天会自动退出。
sessions-lead-everybody = 所有人现在的登录。闲置 12 小时或登录满 7 天会自动退出。
sessions-browser = 浏览器
sessions-from = 来自
sessions-began = 登录时间
sessions-seen = 最近使用
sessions-this = 当前
sessions-end = 结束

# 概览
overview-title = 概览
overview-to-archive = 待归档
overview-archived = 已归档
overview-waiting = 等待飞书生成
overview-blocked = 等待授权或无权导出
overview-failed = 失败或丢失
overview-never = 飞书中已没有
overview-paused = 所有下载都已暂停。
overview-empty = 还没有发现任何录制。请把授权页发给大家；有人授权之后，这里就会有数据。
overview-pulse = 运行状况
overview-never-yet = 从未
overview-unknown = 未知
overview-no-event = 还没有收到过飞书的事件。请在开发者后台核对事件订阅。
overview-no-patrol = 还没有完成过巡检。要有成员授权之后才会巡检。
overview-patrol-stale = 巡检早该再次完成了。请看队列和服务的日志。
overview-no-link = 没有任何节点报告过长连接。
overview-room-unknown = 无法得知磁盘还剩多少空间。请检查归档目录是否已挂载。
overview-room-none = 磁盘已满，下载都在等待。请腾出空间或扩容。
overview-room-no-growth = 还可用 { $free }。近 30 天没有归档新文件，无法预测何时用满。
overview-room-no-forecast = 还可用 { $free }。归档不满一天，无法预测何时用满。
overview-room-days = 还可用 { $free }；按近 30 天的速度，约 { $days } 天后用满。
overview-causes = 未完成的（按原因）
overview-causes-none = 没有缺失的内容。
overview-causes-unknown = 还没有数据，无法判断。
overview-retry = 全部重试
overview-endings = 即将到期的授权
overview-more-endings = 另有 { $count } 人
days-left = { $count } 天

# 队列
queue-title = 队列
queue-all-paused = 所有下载已暂停，自：
live-stale = 与服务的连接已断开，这里的内容可能已经过时。会自动重连；若未恢复，请刷新页面。
queue-pause-all = 暂停所有下载
queue-resume-all = 继续所有下载
queue-summary = 正在下载 { $count } 条 · 速度 { $speed } · 预计还需 { $eta }
queue-nothing-moves = 现在没有正在下载的录制。
queue-transfer = { $bytes } / { $total } · { $speed } · 还需 { $eta } · { $connections } 条连接
queue-waiting = 队列中的录制
queue-empty = 队列是空的：没有录制在等待。
queue-none-of-it = 这里没有录制。
queue-not-planned = 未计划
queue-of = 查看
queue-list = 确定
queue-paused = 已暂停
queue-running = 正在进行
queue-due = 即将开始
queue-retry = 立即重试
queue-pause = 暂停
history-tries = 尝试过什么
history-no-tries = 还没有尝试过。
queue-resume = 继续
duration-seconds = { $count } 秒
duration-minutes = { $count } 分
duration-hours = { $count } 小时
duration-days = { $count } 天

# 很长的人员表
listing-name = 姓名或 open_id
listing-find = 查找
listing-found = 人数：
listing-before = 上一页
listing-behind = 下一页
listing-empty = 没有这样的人。

# 成员
people-title = 成员
people-lead = 已经授权归档的人，和因未授权而缺录制的人。请还没有授权的人打开这个地址：
people-empty = 还没有人授权。请把授权页的地址发给大家。
people-scopes = 权限（已授予 / 需要）
people-last-use = 最近使用
people-renewed = 续期：
people-patrolled = 巡检：
people-heard = 事件：
people-never = 未授权
people-never-why = 此人有 { $count } 条录制因此未能归档。
people-invited = 已邀请，{ $moment }
people-not-invited = 邀请尚未送达：{ $reason }
people-being-invited = 邀请正在发送
people-ticked = 选中的人：
people-show-asked = 只看需要邀请或提醒的人
people-show-ending = 只看授权即将到期的人
people-show-all = 查看所有人

# 覆盖率
coverage-title = 覆盖率
coverage-weeks = { $count } 周
coverage-download = 下载 Excel
coverage-empty = 还没有任何人的数据。
coverage-legend-whole = 全部已归档
coverage-legend-known = 已知的都已归档，但可能还有不知道的
coverage-legend-waiting = 还在等待
coverage-legend-open = 有缺失
coverage-legend-none = 没有录制
coverage-legend-unknown = 未知

# 健康检查
health-title = 健康检查
health-ok = 正常
health-warn = 注意
health-fail = 有问题
health-all-well = 全部正常。
health-awaited = 正在检查。平台还没有回答，结果会自动出现在这里。
health-open = 有 { $count } 项需要处理，最要紧的在前。

# 审计日志
audit-title = 审计日志
audit-lead = 谁在何时从何处做了什么。只能追加；minutes-vault audit verify 可校验它没有被改动。
audit-any = 全部
audit-actor = 谁（姓名或 open_id）
audit-subject = 对象
audit-since = 从
audit-until = 到
audit-filter = 筛选
audit-empty = 没有符合条件的记录。
audit-older = 更早的
audit-csv = 导出 CSV
audit-jsonl = 导出 JSONL
deed-in-queue = 查看队列中的历史
deed-paused = 暂停下载
deed-resumed = 继续下载
deed-retried = 重试
deed-retried-cause = 重试：{ $one }
deed-invited = 邀请授权
deed-invited-owners = 邀请所有尚未授权的所有者
deed-reminded-lapsed = 提醒所有需重新授权的人
deed-trashed = 移入回收站
deed-trashed-by-rule = 由规则 { $one } 移入回收站
deed-restored = 从回收站恢复
deed-restored-rule = 从回收站恢复规则 { $one } 移入的全部录制
deed-purged = 从回收站彻底删除
deed-member-removed = 删除成员
deed-member-removed-files = 删除成员及其文件
deed-member-purged = 删除成员及其全部信息
deed-authorised = 授权归档
deed-adopted = 认领归档文件夹
deed-mended = 重新获取损坏或缺失的文件
deed-imported = 导入旧脚本的数据
deed-removed-for-good = 彻底删除
deed-restored-backup = 从备份恢复
deed-first-administrator = 成为首位管理员
deed-hold-placed = 设置法律保留：{ $one }
deed-hold-lifted = 解除法律保留 { $one }：{ $two }
deed-rule-made = 创建规则：早于 { $one } 天；所有者 { $two ->
    [any] 不限
   *[other] { $two }
}；类型 { $three ->
    [any] 不限
    [audio] 音频
    [video] 视频
   *[other] { $three }
}
deed-rule-on = 启用规则 { $one }，已看过：会将 { $two } 条移入回收站
deed-rule-off = 关闭规则 { $one }
deed-rule = 规则 { $one }
deed-rows = { $one } 行
deed-weeks = { $one } 周，xlsx

# 设置
settings-title = 设置
settings-lead = 现在生效的配置，密钥已遮盖。要更改，请编辑配置文件或环境变量，然后重启服务。

# API tokens
nav-tokens = API 令牌
tokens-title = API 令牌
tokens-lead = 供您自己的程序通过 /api/v1 读取归档。令牌的权限不会超出您本人的权限；请像密码一样保管。接口说明：
tokens-made = 令牌已生成，只显示这一次，请立即复制保存。
tokens-made-label = 新令牌
tokens-label = 用途
tokens-scopes = 权限
tokens-days = 有效天数
tokens-make = 生成令牌
tokens-empty = 还没有令牌。
tokens-of = 所属
tokens-made-at = 创建
tokens-used = 最近使用
tokens-ends = 到期
said-token-ended = 令牌已失效。
feed-title = 我的录制（RSS）
feed-description = 您拥有或参加过的最新录制。
feed-lead = 在阅读器中填入此地址，用户名任意，密码填具有“录制列表”权限的令牌：

# What a token is good for (archive::members::ApiScope)
api-scope-recordings = 录制列表：标题、所有者、时间、大小、状态
api-scope-content = 内容：音视频、文字记录、纪要、搜索
api-scope-service = 服务：概览、成员、审计日志（限管理员、审计员）

# Invitations
people-needs-address = 尚未配置 server.public_url，机器人卡片无法给出授权地址，因此不能发送邀请。
people-invite-owners = 邀请所有未授权的录制所有者
people-remind-lapsed = 提醒所有需重新授权的人
people-remind = 邀请或提醒
said-invited = 已向 { $count } 人发送授权卡片；已有未处理卡片的人不会重复收到。

# Settings
settings-roles = 角色
settings-roles-lead = 管理员与审计员由配置文件的 company.administrators、company.auditors 指定；其他人都是成员。
settings-role = 角色
settings-messages = 消息
settings-no-messages = 机器人还没有发过消息。
settings-message = 消息
settings-message-to = 收件人
settings-message-at = 时间
message-waiting = 待发送
message-open = 已发送
message-over = 已了结
message-dropped = 已不必发送
message-failed = 未能发送
settings-template = 文件命名
settings-template-lead = 改动模板即可看到最新几条录制会放在哪里；要生效请写入配置文件并重启。已归档的文件不会移动。
template-owner = 张伟
template-title = 产品周会
settings-backups = 备份
settings-backups-lead = 备份包含目录数据库与密钥，不含录制文件。请把备份文件夹复制到别处；恢复用的完整命令写在每个备份旁边。
settings-back-up = 立即备份
settings-no-backups = 还没有备份。
settings-backup-at = 时间
settings-backup-size = 大小
settings-backup-path = 位置
settings-restore = 恢复：
settings-configuration = 配置
said-backed-up = 备份已完成。
said-not-backed-up = 备份未能完成，原因见服务日志；使用 PostgreSQL 时请用 pg_dump 备份。

sessions-zone = 我的时区
sessions-zone-set = 设定

# 首次设置：每一步由系统自己核对
first-run-title = 首次设置
first-run-lead = 请从上到下完成。每一步做好之后会自动变绿，不用刷新页面。
first-run-complete = 首次设置（已全部完成）
step-done = 完成
step-open = 待完成
step-again = 查看内容
step-unknown = 还不知道，请稍候。
copy = 复制
copied = 已复制
step-app = App ID 与 App Secret
step-scopes = 权限
step-scopes-do = 开发者后台「权限管理」→「批量导入」，粘贴下面的内容；再到「版本管理与发布」创建版本并发布，权限才会生效。第一位员工授权时会自动核对。
step-scopes-lacking = 已有人授权，但没有授予：{ $scopes }。请开通这些权限并发布新版本，再请他授权一次。
step-scopes-done = 已有 { $count } 人授予了所需的全部权限。
step-scopes-import = 批量导入的内容：
step-events = 事件订阅
step-events-webhook-do = 开发者后台「事件与回调」：订阅方式选择「将事件发送至开发者服务器」，填写下面的请求地址，并添加下面的事件。保存时飞书会立即校验这个地址，通过后这里就会变绿。
step-events-webhook-done = 飞书已经校验过请求地址。
step-events-link-do = 开发者后台「事件与回调」：订阅方式选择「使用长连接接收事件」，并添加下面的事件。长连接建立之后，这里就会变绿。
step-events-link-done = 长连接已建立。
step-events-address = 请求地址：
step-events-names = 需要添加的事件：
step-redirect = 重定向 URL
step-redirect-done = 飞书接受这个地址：您就是经由它登录的。
step-redirect-url = 须与开发者后台「安全设置」里的一字不差：
step-storage = 存储
step-event = 收到第一个事件
step-event-do = 开一个会，录制几秒钟再结束。收到飞书的任何一个事件，这里就会变绿。
step-event-done = 最近一次收到事件：{ $moment }。
step-member = 第一位员工授权
step-member-do = 请先自己打开授权页，点一次按钮；之后再把这个地址发给大家。
step-member-done = 已有 { $count } 人授权。
step-member-page = 授权页：
step-recording = 第一条录制
step-recording-do = 有人授权之后，他的录制会自动找到并归档，不用再做任何事。
step-recording-found = 已发现 { $count } 条录制，正在归档。
step-recording-done = 已归档 { $count } 条录制。

# 每项检查的名称
check-configuration = 配置
check-data-dir = 数据目录
check-archive-dir = 归档目录
check-disk = 磁盘空间
check-key = 密钥
check-credentials = 应用凭证
check-clock = 时钟
check-callback = 重定向 URL
check-events = 事件订阅
check-scopes = 权限
check-long-connection = 长连接
check-catalogue = 目录库
check-bot = 消息
check-members = 成员
check-patrol = 巡检
check-service = 服务
health-run = 重新检查
health-running = 正在检查…
health-report = 给别人看的报告
health-report-what = 请人帮忙时可以附上。其中没有姓名、标识、路径和地址。

# 我的账号
sessions-heading = 登录设备
grant-mine = 归档授权
grant-never = 还没有授权
grant-never-what = 您自己的录制要在您授权之后才会归档。
grant-until = 有效期至 { $moment }。
grant-authorise = 授权或续期
agent-feishu = 飞书
agent-wechat = 微信
settings-backups-elsewhere = 目录数据库在 PostgreSQL 服务器上：请用 pg_dump 备份，并另外复制密钥文件。
said-export-too-long = 超过 100,000 条，没有导出：请先用筛选条件缩小范围。
