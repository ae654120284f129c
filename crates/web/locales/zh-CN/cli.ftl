# 命令行上的文字。

# --help。键名就是命令或参数所在的位置。
help = 保存公司在飞书（Lark）上的会议录制（妙记）：发现它们，用所有者本人的授权下载，校验并长期保存。
help-examples = 示例：
    {"  "}minutes-vault config init                 生成 minutes-vault.toml，再填写它
    {"  "}minutes-vault doctor                      有哪里没配好？
    {"  "}minutes-vault serve                       运行服务
    {"  "}minutes-vault recordings show 链接        这一条到底怎么了？
    {"  "}minutes-vault demo                        不需要任何账号，先看看效果

    退出码：
    {"  "}0  完成，一切正常
    {"  "}1  发现了问题，或没有找到（verify、doctor、demo、recordings、members）
    {"  "}2  命令行或配置有误
    {"  "}3  现在做不了：有什么连不上，或被另一个进程占用
help-config = 配置文件（.toml 或 .json）；不指定则用当前目录的 minutes-vault.toml，再没有就用 config.json
help-lang = 显示的语言
help-verbose = 输出更多日志；写两次输出全部
help-json = 以 JSON 输出，供程序读取
help-help = 显示帮助
help-version = 显示版本
help-serve = 运行服务：接收事件、授权页面、巡检、下载
help-serve-examples = 收到 SIGTERM 后以 0 退出；没做完的工作下次启动时继续。
help-demo = 在本进程里模拟一家公司，并归档它的录制
help-demo-examples = 示例：
    {"  "}minutes-vault demo
    {"  "}minutes-vault demo --exit-when-done --json
help-demo-listen = 监听地址；端口写 0 则自动选一个空闲端口
help-demo-data-dir = 所有内容放在哪里；对同一目录再次运行，不会重复下载
help-demo-exit-when-done = 全部处理完就退出；能归档的都归档并校验过才返回 0
help-doctor = 检查配置、凭证、时钟、目录、地址和权限，并说明怎样修好
help-doctor-examples = 示例：
    {"  "}minutes-vault doctor
    {"  "}minutes-vault doctor --json | jq '.checks[] | select(.mark != "ok")'
help-status = 一切正常吗？有什么在等？为什么？该谁处理？
help-members = 谁授权了
help-members-list = 全部成员：授权了什么，还能用多久
help-members-show = 一位成员的全部信息
help-members-show-id = 成员的 open_id（ou_…）
help-members-remove = 删除一位成员和他的授权；他的录制保留
help-members-remove-id = 成员的 open_id（ou_…）
help-members-remove-yes = 不再询问
help-recordings = 有哪些录制
help-recordings-list = 录制列表，最新发现的在前
help-recordings-list-examples = 示例：
    {"  "}minutes-vault recordings list --state failed
    {"  "}minutes-vault recordings list --owner ou_… --limit 1000 --json
help-recordings-list-state = 只看这种状态：found、archived、waiting、denied、no_grant、gone、lost、no_media、failed、trashed、purged
help-recordings-list-owner = 只看这位所有者的（open_id）
help-recordings-list-limit = 最多显示多少条
help-recordings-show = 一条录制的全部信息：状态、原因、文件、谁看到过、下次何时尝试
help-recordings-show-examples = 示例：
    {"  "}minutes-vault recordings show obcn37dxcftoc3656rgyejm7
    {"  "}minutes-vault recordings show https://example.feishu.cn/minutes/obcn37dxcftoc3656rgyejm7
help-recordings-show-token = minute_token，或妙记页面的链接
help-recordings-refetch = 重新下载；在新文件完整之前，原有文件保留
help-recordings-refetch-examples = 示例：
    {"  "}minutes-vault recordings refetch obcn37dxcftoc3656rgyejm7
help-recordings-refetch-tokens = 一个或多个 minute_token，或妙记页面的链接
help-invite = 请员工授权：机器人给每个人发一张卡片，授权后自动更新
help-invite-examples = 示例：
    {"  "}minutes-vault invite ou_… ou_…
    {"  "}minutes-vault invite --file 名单.txt            每行一个 open_id
    {"  "}minutes-vault invite --department od-…          部门的直属成员；应用需要 contact:contact.base:readonly
    {"  "}minutes-vault invite --unauthorised-owners      有录制没归档、又没有授权的人
help-invite-people = 一个或多个 open_id（ou_…）
help-invite-file = 名单文件，每行一个 open_id；# 开头的行忽略
help-invite-department = 部门的 open_department_id（od-…；0 为全公司的直属成员）
help-invite-unauthorised-owners = 所有拥有未归档录制、又没有有效授权的人
help-members-removed = 删除过什么：谁的、何时、由谁、哪些文件
help-members-remove-purge = 连同目录库里关于他的一切一起删除，并留下删除记录
help-members-remove-files = 还删除他拥有的录制的全部文件（不可恢复）；不再重新获取
help-pause = 暂停所有下载，或只暂停指定的录制；已下载的部分保留
help-pause-examples = 示例：
    {"  "}minutes-vault pause                           全部暂停；事件照常接收
    {"  "}minutes-vault pause obcn37dxcftoc3656rgyejm7  只暂停一条录制
help-pause-tokens = 一个或多个 minute_token，或妙记页面的链接；不填则全部暂停
help-resume = 继续已暂停的下载，从停下的地方接着来
help-resume-examples = 示例：
    {"  "}minutes-vault resume
    {"  "}minutes-vault resume obcn37dxcftoc3656rgyejm7
help-resume-tokens = 一个或多个 minute_token，或妙记页面的链接；不填则恢复全部下载（单独暂停的录制除外）
help-coverage = 按人按周：录制了多少，归档、等待、缺失各多少，以及这些数字以什么为准
help-coverage-examples = 例：
    {"  "}minutes-vault coverage --since 2026-09-01
    {"  "}minutes-vault coverage --xlsx coverage.xlsx    写成工作簿
    {"  "}minutes-vault coverage --csv > coverage.csv    供表格软件打开
help-coverage-since = 从哪一天所在的周开始（2026-09-01），或多久以前（30d、12w）
help-coverage-member = 只看此人（open_id）
help-coverage-csv = 以 CSV 输出，供表格软件打开
help-coverage-xlsx = 写成 Excel 工作簿
help-reconcile = 读取全公司会议明细：谁录了什么，是否已归档，没有归档是为什么
help-reconcile-examples = 需要一位管理员的授权：先填写 company.administrators，再打开 /auth/start?for=company-record。
    退出码：0 全部录制已归档（或已不可能归档），1 有未归档的，3 无法读取明细。
help-reconcile-since = 从哪一天开始（2026-09-01），或多久以前（30d、12w）
help-why = 这一条为什么在（不在）？一段话说清：谁看到过、试过什么、该谁行动
help-why-examples = 例：
    {"  "}minutes-vault why https://example.feishu.cn/minutes/obcn37dxcftoc3656rgyejm7
    {"  "}minutes-vault why "123 456 789"     按九位会议号查会议
help-why-what = 妙记页面地址、minute_token、九位会议号，或会议的长 ID
help-verify = 检查归档的每个文件是否都在、是否完整，有没有来历不明的文件
help-verify-examples = 示例：
    {"  "}minutes-vault verify                      是否存在、大小、结构：很快
    {"  "}minutes-vault verify --all --limit 50MB/s 每个字节，限速读取
    {"  "}minutes-vault verify --all --resume       从上次中断的地方继续
    {"  "}minutes-vault verify --all --mend         把损坏的移入隔离区，并重新下载
    {"  "}minutes-vault verify --csv > report.csv   可用 Excel 打开
help-verify-all = 重新读取每个字节，核对 SHA-256
help-verify-resume = 从上次中断的地方继续
help-verify-limit = 读取速度上限，例如 20MB/s
help-verify-mend = 把损坏或丢失的文件移入隔离区，并重新下载
help-verify-adopt = 确认这个文件夹就是本系统的归档（搬迁或恢复之后），即使缺少标记
help-verify-purge-quarantine = 永久删除隔离区里的文件
help-verify-csv = 输出 CSV，可用 Excel 打开
help-audit = 审计日志：谁在何时从何处看了、下载了、改了什么
help-audit-verify = 校验审计日志：有没有被改动、删除或调换的行
help-audit-export = 输出审计日志，最早的在前
help-audit-export-since = 从哪一天起，如 2026-11-01，或多久以前，如 30d、12w
help-audit-export-until = 到哪一天之前，写法同上
help-audit-export-csv = 以 CSV 输出，供表格软件打开
help-audit-export-jsonl = 每行一个 JSON（默认）
help-import-legacy = 接管旧 Python 脚本留下的成员、下载记录和文件
help-import-legacy-examples = 可以反复运行；会逐行说明做了什么。请先停止 serve。
    {"  "}minutes-vault import-legacy /opt/old-script
help-import-legacy-dir = 放着 user_tokens.json 和 download_history.json 的目录
help-config-init = 生成带说明的 minutes-vault.toml，只有您自己可读
help-config-init-force = 覆盖已有的文件
help-config-check = 显示当前生效的每个值及其来源；有误则返回 2

# serve
serve-ready = 正在监听 {$address}
serve-authorise = 员工授权页：{$url}
serve-callback = 重定向 URL（填到飞书开发者后台的「安全设置」）：{$url}
serve-first-administrator = 还没有管理员。请打开这个一次性链接登录，登录的人就是管理员：{$url}
serve-webhook = 事件请求地址：{$url}
serve-long-connection = 事件经由本服务主动建立的长连接到达

# demo
demo-open = 打开看看：{$url}
demo-files = 录制保存在 {$dir}
demo-goes-on = 全部处理完毕。服务继续运行，按 Ctrl-C 结束。
demo-found = 发现
demo-archived = 已归档
demo-verified = 逐字节校验通过
demo-waiting = 等待中
demo-denied = 无权导出
demo-gone = 飞书中已删除
demo-no-media = 没有媒体文件
demo-failed = 失败
demo-grants = 有效授权
demo-bytes = 磁盘占用
demo-received = 本次下载
demo-seconds = 用时（秒）
demo-complete = 能归档的全部已归档，并校验通过。
demo-incomplete = 有不对的地方，见标有 ! 的行。

# 为什么做不了
error-no-catalog = 还没有目录库（{$file}）。serve 第一次启动时会建立它；或者您在别的目录里运行（data_dir）？
error-locked = 另一个 minutes-vault（进程 {$pid}）正在使用数据目录 {$dir}。请先结束它，或另设 data_dir。
error-not-mounted = 在 {$dir} 里找不到任何已归档的文件：磁盘很可能没有挂载。没有下载任何东西。请挂载后再启动；如果是有意搬迁或恢复了这个文件夹，请运行 minutes-vault verify --adopt。
error-others-archive = {$dir} 是另一套 minutes-vault 的归档。请检查 archive.dir 与 data_dir；如果确实要由本系统接管，请运行 minutes-vault verify --adopt。

# 配置：哪里不对，应该怎样写
config-is-bad = 配置有误：
config-is-good = 配置没有问题。
config-column-key = 键
config-column-value = 值
config-column-source = 来源
config-source-default = 默认
config-init-exists = {$file} 已经存在，没有改动它。要覆盖请加 --force。
config-init-done = 已生成 {$file}。请填写开头的五行，然后运行：minutes-vault doctor
config-required = 没有设置。请写进配置文件，或设置环境变量 {$variable}。
config-unknown = 不是本程序的键。请删掉它；minutes-vault config init 会生成包含全部键的文件。
config-unknown-closest = 不是本程序的键。您是不是要写 {$closest}？
config-not-a-value = 这里要一个值，却写成了列表或表。
config-not-one-of = 不是可用的词。请从中选一个：{$choices}。
config-not-an-address = 不是可以监听的地址。请写成 IP:端口，例如 0.0.0.0:29090。
config-not-a-url = 不是可用的地址。请写成 http(s)://主机，不带参数、锚点和密码，例如 https://vault.example.com。
config-not-a-duration = 不是 {$least} 到 {$most} 之间的时长。请写成整数加 s、m、h 或 d，例如 5m。
config-not-waits = 不是首次与最长的等待时间。请写成 5s/1h：整数加 s、m、h 或 d，在 1s 到 7d 之间，前者不大于后者。
config-not-a-number = 不是 {$least} 到 {$most} 之间的整数。
config-not-a-factor = 不是 {$least} 到 {$most} 之间的数。
config-not-a-share = 不是 1% 到 100% 之间的份额。请写成整数百分比，例如 80%。
config-not-room = 不是可以预留的空间。请写成 5%/10GiB（取两者中较小的）、5%、10GiB，或 0 表示不预留。
config-not-a-bandwidth = 不是带宽。请写成 20MB/s（最慢 16KiB/s），或 unlimited 表示不限速。
config-not-hours = 不是限速时段。请写成 Mon-Fri 09:00-18:00 20MB/s，多段之间用分号隔开。
config-not-a-template = 不能使用：{$why}。
config-not-quiet-hours = 不是免打扰时段。请写成 20:00-09:00，或 never 表示不限。
config-not-a-webhook = 不是可以发送消息的地址。请写成 http(s)://主机/路径，可以带查询参数。
config-not-a-zone = 不是时区。请写 IANA 名称，例如 Asia/Shanghai。
config-not-a-since = 不是可以回溯到的时间。请写 all、某一天（如 2024-01-01）或多久以前（如 90d）。
config-not-a-database = 不是 PostgreSQL 的地址。请写成 postgres://用户:密码@主机/库名，或留空以使用 SQLite。
config-not-a-key = 不是密钥：需要 32 字节的 base64。可以这样生成：openssl rand -base64 32
config-not-plain = 含有空格或控制字符。请重新复制，不要带换行。
config-not-people = 不是 open_id。请写成 ["ou_…", "ou_…"]，或用逗号、空格分隔。
config-twice = 与 {$other} 同时设置了。请只留一个。
config-unreadable = 读不了：{$why}。
config-syntax = 看不懂：{$why}。
config-not-a-format = 从扩展名看不出格式。请命名为 .toml 或 .json。

config-warn-unused-keys = {$file}：本程序用不到 {$keys}，已忽略；如果本想写我们的键，请检查拼写。
config-warn-second-file = 已有 minutes-vault.toml，所以没有读取 {$file}。请移走它，或用 --config 指定它。
config-warn-retired = {$key} 已不再使用，已忽略；请改看 {$successor}。
config-warn-readable = {$file} 含有密钥，却能被其他用户读取。请执行：chmod 600 {$file}
config-warn-plain-http = {$key} 以 http:// 开头，密钥会在网络上明文传输。请改用 https://。
config-warn-odd-app-id = feishu.app_id 不像 App ID（应以 cli_ 开头）。请与开发者后台核对。
config-warn-audits-themselves = {$id} 既在 company.administrators 又在 company.auditors 里：按管理员处理，不能查看所有人的内容。请换一位审计员。
config-warn-no-public-url = 没有设置 server.public_url：只能从每次请求猜测授权地址，而平台只接受列表里登记过的。请设为员工使用的地址，并在开发者后台的重定向 URL 中加上它再接 /auth/callback。
config-warn-no-event-secrets = events.encrypt_key 与 events.verification_token 都没有设置，无法分辨事件真伪，因此拒收一切事件，只靠巡检发现录制。请从开发者后台「事件与回调」复制这两项。
config-warn-no-webhook-secret = 没有设置 notify.webhook_secret：发往 notify.webhook_url 的消息不带签名，接收方无法辨别真伪。
config-warn-no-encrypt-key = 没有设置 events.encrypt_key：事件既不加密也不签名，只凭 token 辨认。请在开发者后台和这里都设置 Encrypt Key。

# 列名与标签
column-name = 姓名
column-open-id = open_id
column-state = 状态
column-reason = 原因
column-fix = 怎么办
column-mover = 该谁处理
column-detail = 详情
column-days-left = 剩余天数
column-missing-scopes = 缺少的权限
column-archived-of-owned = 已归档/拥有
column-patrolled = 上次巡检
column-subscribed = 订阅事件自
column-backfill = 历史
column-recordings = 录制
column-members = 成员
column-token = minute_token
column-owner = 所有者
column-created = 创建时间
column-title = 标题
column-duration = 时长
column-found = 发现时间
column-archived = 归档时间
column-url = 页面
column-folder = 目录
column-file = 文件
column-size = 大小
column-sha256 = SHA-256
column-via = 用谁的授权
column-attempts = 失败次数
column-verified = 最近一次重新读取
column-next-attempt = 下次尝试
column-last-error = 上次错误
column-seen-by = 发现途径
column-first = 首次
column-last = 最近
column-times = 次数

# 时间
moment-now = 刚刚
moment-minutes-ago = {$count} 分钟前
moment-hours-ago = {$count} 小时前
moment-days-ago = {$count} 天前
moment-minutes-ahead = {$count} 分钟后
moment-hours-ahead = {$count} 小时后
moment-days-ahead = {$count} 天后
period-seconds = {$count} 秒
period-minutes = {$count} 分钟
period-hours = {$count} 小时

# status
status-service = 服务
status-running = 运行中（进程 {$pid}）
status-not-running = 没有运行
status-paused = 已暂停
status-paused-since = 所有下载，自 {$since}；继续请运行 minutes-vault resume
status-paused-recordings = 单独暂停的录制：{$count} 条
status-recordings = 录制
status-indent = {"  "}
status-bytes = 磁盘占用
status-members = 成员
status-last-event = 上次事件
status-long-connection = 长连接
status-link-since = 自 {$moment}
status-link-retry = 下次尝试 {$moment}
status-last-patrol = 上次巡检
status-patrol-plan = {$members} {$need}：每 {$every}看一次
status-patrol-unseen = 最久未看的一位：{$moment}
status-patrol-never = 还没有看过：{$count}
status-patrol-stretched = 巡检可用的搜索份额不够每 3 小时看到每个人。请调高 patrol.share；若飞书已为你们提高上限，可调高 feishu.rate_factor；或请管理员开放全公司会议明细（company.administrators）。
status-backfill = 历史补录
status-backfill-members = 已查完 {$done}/{$members} 位成员的历史
status-backfill-counts = 找到 {$found} 条，其中已归档 {$archived} 条
backfill-reached = 已查到 {$day}
backfill-done = 已完成
backfill-open = 待下载 {$count} 条，约 {$bytes}
backfill-unknown = 未知
status-events-waiting = 待处理事件
status-events-put-off = 其中 {$count} 条处理出错，稍后自动重试，原因见日志
status-tasks = 待办工作
status-notices = 消息
status-notices-waiting = {$count} 条等待发送
status-notices-open = {$count} 条已发出，等待处理
status-notices-unsent = {$count} 条发不出去：{$reason}
status-bot = 机器人
status-nothing-open = 没有待处理的事项。

# pause, resume
pause-everything = 所有下载已暂停。继续请运行：minutes-vault resume
pause-recordings = 单独暂停的录制：{$count} 条。继续请运行：minutes-vault resume TOKEN
pause-none = 没有暂停任何下载。
pause-nothing-to-do = {$token}：没有这条录制，或它没有被暂停；未作任何更改。

# members
members-none = 还没有人授权。请把授权页地址发给大家：server.public_url 加 /auth/start。
members-unknown = 没有成员 {$id}。请看：minutes-vault members list
members-authorised = 授权时间
members-reason-since = 自
members-until = 最长有效至
members-refreshed = 上次续期
members-refresh-ends = 可续期至
members-failures = 续期失败次数
members-patrolled = 上次巡检
members-patrol-error = 巡检受阻
members-subscribed = 订阅事件自
members-subscription-asked = 上次请求订阅
members-subscription-error = 订阅被拒
members-heard = 上次收到事件
members-backfill = 历史
members-attended = 参加过的会议
members-backfill-counts = 已查 {$windows} 个时间段，找到 {$found} 条，其中已归档 {$archived} 条
members-scope = 权限
members-missing-scopes-fix = 请在开发者后台为应用开通缺少的权限并发布新版本，然后请该成员重新授权。
members-remove-question = 要删除 {$name}（{$id}）和他的授权吗？录制会保留。
members-remove-needs-yes = 现在没有人可以回答。确实要删除请加 --yes。
members-purge-question = 要永久删除 {$name}（{$id}）、他的授权，以及目录库中关于他的记录吗？文件：{$files} 个。此操作不可恢复。
members-purged = 已删除 {$name}（{$id}）；文件 {$files} 个，{$size}。删除记录：minutes-vault members removed
members-removed-none = 没有删除过任何人。
members-removed-by = {$by} 删除
members-purge-busy = 还有录制正在下载，等不到它们停下；没有删除任何文件。请稍后再试。
members-remove-left = 没有做任何改动。
members-removed = 已删除 {$name}（{$id}）和他的授权。录制保留；飞书一侧的授权要由他本人撤回。
members-unsubscribed = 飞书不再为该成员推送事件。
members-unsubscribed-no-token = 该成员的令牌都已失效，无法请求飞书停止推送其事件；这些事件在此不起作用。
members-unsubscribed-refused = 无法请求飞书停止推送该成员的事件：{$why}

# invite
invite-needs-url = 没有设置 server.public_url：卡片上的按钮需要员工打得开的授权页地址。
invite-invited = 将发送邀请
invite-already = 已经邀请过，还没有授权
invite-authorised = 已经授权，不用邀请
invite-blocked = 应用设置拿不到长期授权，再次点击也没有用；请先按 doctor 的提示修改应用设置，没有邀请
invite-departed = 账号不可用，没有邀请
invite-unreadable = 不是 open_id，已跳过：{$line}
invite-nobody = 没有需要邀请的人。
invite-not-running = 服务没有运行：启动后（minutes-vault serve）才会发送。

# recordings
recordings-none = 没有录制。
recordings-more = 这是最新的 {$limit} 条；要看更多请用 --limit。
recordings-unknown = {$token}：目录库里没有这条录制。所有者授权之后，或有事件通知时，才会发现它。
recordings-plays = 文件自身为 {$plays}，平台标注为 {$said}
recordings-at-work = 正在处理
refetch-called = {$token}：将重新下载。
refetch-removed = {$token}：已按要求删除，不再获取。
refetch-not-running = 服务没有运行：启动后（minutes-vault serve）才会开始下载。

# coverage
coverage-rests-on-record = 以下数字以全公司会议明细为准（自 {$since} 起）：没有遗漏任何一场录制过的会议。不是会议的录制（上传、录音）只能通过成员看到。
coverage-rests-on-part = 全公司会议明细只读到 {$since} 之后；更早的部分只含已授权成员可见的录制。
coverage-rests-on-members = 以下数字只含已授权成员可见的录制：其他人的录制可能没有算进来（以 ? 和 ≥ 表示）。全公司会议明细：{$why}。{$fix}
coverage-written = 已写入 {$file}
coverage-all-weeks = 全部
coverage-company = 全公司
coverage-sheet = 覆盖率
coverage-owner-unknown = （所有者未知）
coverage-never-authorised = 从未授权
coverage-complete = 完整
coverage-incomplete = 仅已知部分
coverage-unknown = 未知
column-authorisation = 授权
column-week = 周
column-recorded = 已录制
column-waiting = 等待中
column-no-media = 无媒体文件
column-denied = 无权导出
column-not-authorised = 未授权
column-deleted = 飞书中已删除
column-failed = 失败
column-removed = 按要求删除
column-unknown = 未知
column-last-event = 最近事件
column-complete = 完整性
column-began = 开始时间
column-number = 会议号
column-row = 行号
column-moment = 时间
column-actor = 谁
column-verb = 做了什么
column-subject = 对象
column-from = 来自
column-hash = 哈希

# reconcile
reconcile-head = 按全公司会议明细，自 {$since} 起共有 {$recorded} 场会议录制过，其中 {$archived} 场的录制已归档。
reconcile-closed = 全公司会议明细不可用：{$why}。{$fix}{$detail}

# why
why-between = {""}
why-and = ；
why-recording = 《{$title}》（{$token}），所有者 {$owner}，{$made} 录制。
why-seen = 得知途径：{$list}。
why-seen-by = {$track}（{$when}，通过 {$who}，{$times} 次）
why-seen-by-nobody = {$track}（{$when}，{$times} 次）
why-tried = 获取音视频的经过：{$list}。
why-not-tried = 还没有尝试获取音视频。
why-tried-with = {$when} 使用 {$who} 的授权：{$came}
why-tried-with-nobody = {$when}：{$came}
why-tried-often = {$first} 至 {$last} 共 {$times} 次
why-with-detail = {$what}［{$detail}］
why-stands = 现在：{$state}。
why-stands-because = 现在：{$state}（{$why}）。
why-lacks = 还缺：{$list}。
why-lacks-one = {$what}：{$state}
why-paused = 下载已暂停；继续请运行 minutes-vault resume 或 minutes-vault resume {$token}。
why-at-work = 正在处理。
why-next = 下次尝试：{$when}。
why-archived = 无需处理；文件位置见 minutes-vault recordings show {$token}。
why-authorise = 下一步：请 {$owner} 或能打开它的同事在 {$url} 授权一次，其余自动完成。
why-move = 该谁行动：{$mover}。{$fix}立即重试：minutes-vault recordings refetch {$token}。
why-by-itself = 无需任何人处理，系统会自行继续。
why-meeting = 会议《{$topic}》（会议号 {$number}），组织者 {$owner}，{$began} 开始。
why-meeting-recorded = 按全公司会议明细，它录制过。
why-meeting-not-recorded = 按全公司会议明细，它没有录制，因此没有可归档的内容。
why-meeting-recorded-unknown = 是否录制过尚不清楚：全公司会议明细没有提到它。
why-meeting-asked = 查询过 {$times} 次录制，最近一次 {$when}：{$came}。
why-meeting-not-asked = 还没有查询过它的录制。
why-meeting-refused-fix = 该管理员行动：为应用开通 vc:record:readonly 并发布版本，或请会议组织者授权；然后运行 minutes-vault reconcile。
why-meeting-none-fix = 录制可能已被删除，或保存在妙记以外的地方，请询问组织者。再次查询：minutes-vault reconcile。
why-unknown-recording = 这里没有妙记 {$what} 的任何信息：没有事件提到它，巡检也没有看到它。
why-unknown-meeting = 这里没有会议 {$what} 的任何信息：没有事件或明细提到它。
why-unknown-looked = 系统只能看到 {$members} 位授权有效的成员可见的内容（最近巡检 {$patrol}，最近事件 {$event}）；其他人的妙记无从得知，连所有者是谁也不知道。
why-unknown-record = 全公司会议明细：{$standing}。{$fix}
why-unknown-recording-fix = 查找办法：在飞书中打开这条妙记，看它的所有者是谁。如果此人不在 minutes-vault members list 中，请其在 {$url} 授权；如果在，则它早于历史补录的范围（archive.backfill_since），或已被删除。
why-unknown-meeting-fix = 查找办法：minutes-vault reconcile --since 日期，会读取该日起的全公司会议明细。

# verify
verify-missing = 文件不见了。
verify-size = 大小是 {$found} 字节，应为 {$expected} 字节。
verify-hash = 内容与归档时不一致（SHA-256 不同）。
verify-structure = 不是完整的录制：{$why}。
verify-unreadable = 读不了：{$why}。
verify-stranger = ? {$path}：目录库里没有这个文件。没有改动它。
verify-quarantine = 隔离区里有 {$files} 个文件，共 {$size}（归档目录下的 .quarantine）。确认不再需要后：verify --purge-quarantine。
verify-mending = 已安排重新下载 {$files} 个文件；服务运行时会自动进行。
verify-sum = 存在、大小、结构：完好 {$good}，损坏 {$damaged}，缺失 {$missing}，未登记 {$strangers}，共 {$size}。要检查每个字节：verify --all。
verify-sum-all = 已读取每个字节：完好 {$good}，损坏 {$damaged}，缺失 {$missing}，未登记 {$strangers}，共 {$size}。

# import-legacy
import-nothing = {$dir} 里既没有 user_tokens.json，也没有 download_history.json。请指定旧脚本所在的目录。
import-member-admitted = {$name}（{$id}）：旧令牌还能用，会用到它失效为止（几小时内）；之后请本人授权一次。
import-member-must-authorise = {$name}（{$id}）：需要本人授权一次（{$why}）。
import-member-known = {$name}（{$id}）：已经认识，没有改动。
import-member-skipped = {$name}：没有接管：{$why}。
import-recording-adopted = {$token}：已收编 {$from}（{$size}），存为 {$path}；原文件保留。
import-recording-held = {$token}：已记为旧脚本下载过；没有找到文件，也不会自动重新下载。
import-recording-known = {$token}：已经认识，没有改动。
import-file-refused = {$token}：没有收编 {$path}：{$why}。
import-folder-skipped = {$path}：无法查找：{$why}。
import-history-skipped = download_history.json：已忽略，其中没有妙记：{$entry}
import-sum = 成员 {$members} 位，收编录制 {$adopted} 条，记为已有但没有文件 {$held} 条。

# doctor：发现了什么，该怎么办
doctor-configuration = 配置可用。
doctor-folder = {$key}：{$dir} 可以写入。
doctor-folder-to-be = {$key}：{$dir} 会在第一次启动时建立。
doctor-folder-closed = {$key}：{$dir} 不能写入：{$why}。
doctor-folder-closed-fix = 请用 chown 把目录交给运行服务的用户，并检查 systemd 单元里的 ReadWritePaths=。
doctor-room = {$dir}：剩余 {$size}。
doctor-room-little = {$dir}：只剩 {$size}。
doctor-room-little-fix = 一小时会议大约占 200 到 500 MiB，请尽快腾出空间。
doctor-room-none = {$dir}：只剩 {$size}。
doctor-room-none-fix = 请腾出空间，或把 archive.dir 指向更大的磁盘；之后工作会自动继续。
doctor-key-set = 加密令牌的密钥来自配置。
doctor-key-file = 密钥文件 {$file} 只有所有者可读。请备份它，并与目录库分开存放。
doctor-key-to-be = 密钥文件 {$file} 会在第一次启动时生成。
doctor-key-exposed = 密钥文件 {$file} 能被其他用户读取。
doctor-key-exposed-fix = 请执行：chmod 600 {$file}
doctor-key-bad = 密钥不能使用：{$why}。
doctor-key-bad-fix = 请从备份恢复密钥文件。如果已丢失，删除它即可，但所有人需要重新授权。
doctor-key-other = 现在的密钥不是当初加密本目录库令牌的那一个。
doctor-key-other-fix = 请放回这个数据目录原来的 vault.key，或恢复原来的 vault.key 设置。
doctor-credentials = 平台认得应用 {$id} 和它的密钥。
doctor-credentials-wrong = 平台不接受 App ID 与 App Secret：{$why}。
doctor-credentials-wrong-fix = 请从开发者后台「凭证与基础信息」重新复制到 feishu.app_id 与 feishu.app_secret。
doctor-platform-away = 无法询问平台：{$why}。
doctor-platform-away-fix = 请检查网络、DNS 和代理（HTTPS_PROXY），以及 feishu.brand 或 feishu.open_base_url。
doctor-clock = 时钟与平台一致。
doctor-clock-off = 时钟与平台相差 {$seconds} 秒（正数表示偏快）。
doctor-clock-off-fix = 请校准时钟：timedatectl set-ntp true
doctor-callback = 请在开发者后台「安全设置」登记这个重定向 URL，一字不差：{$url}
doctor-events = 事件请求地址（「事件与回调」）：{$url} 需要添加的事件：{$events}
doctor-events-by-long-connection = 事件经由长连接到达：请在本服务运行时，到开发者后台「事件与回调」把订阅方式设为「使用长连接接收事件」。需要添加的事件：{$events}
doctor-link-possible = 平台允许这个应用建立长连接，主机为 {$host}。
doctor-link-away = 现在无法向平台请求长连接：{$why}。
doctor-link-away-fix = 如果一直如此，请检查网络、DNS 和代理（HTTPS_PROXY）；服务会自动再试。
doctor-link-open = 正在运行的服务已建立长连接。
doctor-link-down = 正在运行的服务现在没有长连接，会自动重连：{$why}
doctor-link-down-fix = 如果一直如此，请检查防火墙或代理是否切断 WebSocket。
doctor-console-scopes = 需要在开发者后台开通的权限。应用身份：{$app} 用户身份：{$user}
doctor-catalogue = 目录库可以打开，完好无损。
doctor-catalogue-to-be = 目录库会在第一次启动时建立。
doctor-catalogue-closed = 目录库打不开：{$why}
doctor-catalogue-closed-fix = 请检查 data_dir 或 database.url，以及当前用户的权限。
doctor-catalogue-damaged = 目录库已损坏：{$why}。
doctor-catalogue-damaged-fix = 请停止服务并从备份恢复 data_dir；录制文件本身不受影响。
doctor-members-none = 没有任何成员的授权可用。
doctor-members-none-fix = 请把授权页地址发给大家：server.public_url 加 /auth/start。
doctor-scopes = {$count} 位有效成员都授予了所需的全部权限。
doctor-scopes-missing = {$name}（{$id}）没有授予：{$scopes}
doctor-scopes-missing-fix = 请在开发者后台为应用开通这些权限并发布新版本，然后请该成员重新授权。
doctor-bot-unavailable = 机器人发不出消息：{$why}。
doctor-bot-unavailable-fix = 请在开发者后台开启机器人能力，开通 im:message:send_as_bot 权限，并发布新版本。其他工作不受影响。
doctor-bot = 给管理员的消息发给 {$count} 人。
doctor-bot-nobody = 没有设置 company.administrators 或 notify.webhook_url：归档停住时没有人会知道。
doctor-bot-nobody-fix = 请把管理员的 open_id 写进 company.administrators。
doctor-patrol = 巡检至少每 {$every}看到 {$count} 位成员中的每一位。
doctor-patrol-stretched = 巡检每 {$every}才能看到 {$count} 位成员中的每一位：飞书允许的搜索中 patrol.share 这一份额不够每 3 小时一次。
doctor-patrol-stretched-fix = 请调高 patrol.share；若飞书已为你们提高上限，可调高 feishu.rate_factor；或请管理员开放全公司会议明细（company.administrators），这样每个录制过的会议几分钟内就能得知。
doctor-service = serve 正在运行（进程 {$pid}），并在 {$address} 应答。
doctor-service-somewhere = serve 正在运行（进程 {$pid}），端口由它自己选择。
doctor-service-silent = serve 正在运行（进程 {$pid}），但 {$address} 没有应答。
doctor-service-silent-fix = 请查看它的日志；启动之后改过 server.listen 吗？请重启它。
doctor-service-other = {$address} 有应答，但没有 serve 在使用这个数据目录。
doctor-service-other-fix = 是另一套安装吗？请另设 server.listen 或 data_dir。
doctor-service-off = serve 没有运行。
doctor-service-off-fix = 请启动它：minutes-vault serve，或 systemctl start minutes-vault

# 审计日志
audit-rows = 共 {$rows} 行；另有 {$dropped} 行因超过保留期已删去。
audit-whole = 审计日志完整。最后一行的哈希：{$hash}（另行记下它，以后可证明日志没有被整体重写）
audit-changed = 第 {$number} 行与写入时不同：它或它之前的行被改动过。
audit-missing = 第 {$number} 行不见了。
audit-too-many = 从第 {$number} 行起是不该有的行。
audit-broken-fix = 有人绕过本程序动过目录库。请保留现状，与备份中的 data_dir 对照，并查明谁能访问它。

# backup, restore
help-backup = 备份目录数据库与密钥（录制文件本身请用文件备份工具）
help-backup-folder = 备份放到哪个文件夹，默认 data_dir/backups
help-backup-json = 以 JSON 输出
help-restore = 用备份替换目录数据库与密钥；原有的会被移到一旁，不会删除
help-restore-from = 备份的文件夹
help-restore-yes = 确认替换
help-restore-json = 以 JSON 输出
backup-made = 已备份到 { $path }（{ $size }）。
backup-holds-key = 其中含有解开令牌的密钥，请像密码一样保管这个文件夹。
backup-lacks-key = 密钥来自环境变量，不在备份里；请另行保管，否则恢复后所有人都要重新授权。
restore-on-server = 目录数据库在 PostgreSQL 服务器上：请用 pg_restore 恢复，本命令不适用。
restore-needs-yes = 恢复会替换现有的目录数据库与密钥（原有的移到一旁）。请先停止服务，再加上 --yes 运行。
restore-cut-off = 上一次恢复没有完成（{ $path } 还没有就位）。请重新运行 restore 命令。
restore-done = 已恢复。
restore-aside = 原有的文件在 { $path }，确认无误后可自行删除。
restore-not-noted = 已恢复，但没能写入审计日志：{ $why }
restore-next = 接下来：启动服务，运行 verify 核对文件；备份之后更新过令牌的人需要重新授权（members list 可见），备份之后的录制会由巡检重新发现。
# 回收站、法律保留、保留规则
help-recordings-trash = 把录制移入回收站：不再显示给任何人，也不再获取；30 天内可以恢复
help-recordings-trash-tokens = minute_token，或妙记页面的地址
help-recordings-restore = 把回收站里的录制原样恢复
help-recordings-restore-tokens = minute_token，或妙记页面的地址
help-holds = 法律保留：哪些内容不得删除
help-holds-list = 所有法律保留：对象、原因、由谁设置
help-holds-list-all = 也列出已解除的
help-retention = 旧录制移入回收站的规则
help-retention-list = 所有规则，以及各自现在会涉及多少
help-retention-dry-run = 某条规则现在会涉及哪些录制；不做任何改动
help-retention-dry-run-rule = 规则编号，见 retention list
column-hold = 保留编号
column-placed = 设置
column-lifted = 解除
column-rule = 规则
column-age = 早于
column-kind = 类型
column-on = 启用时间
column-would-take = 会涉及
trash-put = {$token}：已移入回收站。30 天内恢复：minutes-vault recordings restore {$token}
trash-restored = {$token}：已原样恢复。
trash-unknown = {$token}：那里没有这条录制；没有做任何改动。
trash-held = {$token}：处于法律保留中；没有做任何改动。查看：minutes-vault holds list
trash-busy = {$token}：正在获取或移动；没有做任何改动。请稍后再试。
holds-none = 没有法律保留。
retention-none = 没有规则：不会自动删除任何内容。规则在“存储”页面上创建。
retention-unknown = 没有规则 {$rule}；所有规则：minutes-vault retention list
retention-days = {$days} 天
retention-would-take = 这条规则会涉及 {$count} 条录制，共 {$size}。没有做任何改动。
members-purge-held = 不能连同文件删除 {$name}（{$id}）：本人或其录制处于法律保留中。没有删除任何内容。请先在“存储”页面解除这些保留：
