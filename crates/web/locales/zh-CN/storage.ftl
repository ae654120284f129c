# 存储与保留
nav-storage = 存储
storage-title = 存储与保留
storage-kept = 归档文件
storage-in-trash = 回收站
storage-free = 磁盘空闲
storage-usable = 还可用
storage-floor = 保留 { $size } 不用
storage-people = 按人占用
storage-others = 其余 { $count } 人
storage-nothing = 还没有归档任何文件。
storage-months = 按录制月份占用
storage-month = 月份
storage-earlier = 更早

# 规则
storage-rules = 保留规则
storage-rules-lead = 没有规则就不会自动删除任何内容。新规则是关闭的：先看它会涉及哪些录制，再启用。启用后每小时执行一次，录制先进回收站。处于法律保留的，以及有人从回收站恢复的，规则不会再动。
storage-no-rules = 没有规则：不会自动删除任何内容。
storage-rule = 规则
storage-rule-title = 保留规则：试算
storage-rule-age = 早于 { $days } 天
storage-rule-owner = 所有者：{ $name }
storage-rule-is-on = 已启用
storage-rule-is-off = 已关闭
storage-would-take = 会移入回收站
storage-rule-sum = 现在会移入回收站：{ $count } 条录制，共 { $size }。
storage-rule-takes-nothing = 现在没有符合这条规则的录制。
storage-rule-days = 早于（天）
storage-rule-person = 所有者（姓名或 open_id，可不填）
storage-rule-make = 创建规则（先不启用）
storage-rule-on = 启用：把这 { $count } 条录制移入回收站
storage-rule-off = 关闭
storage-rule-forget = 删除规则
storage-trash-this = 移入回收站

# 法律保留
storage-holds = 法律保留
storage-holds-lead = 被保留的录制不会被规则、手工操作或清空回收站删除，也不能随成员一起清除。同一条录制可以有多个保留；对人的保留涵盖其拥有的全部录制，包括今后的。
storage-no-holds = 没有法律保留。
storage-hold-on = 对象
storage-hold-person = 某人的全部录制
storage-hold-placed = 设置
storage-hold-what = 录制（妙记标识或地址）或人（姓名或 open_id）
storage-hold-reason = 原因
storage-hold-place = 设置保留
storage-hold-lift = 解除
storage-hold-why = 解除原因（可不填）
storage-hold-was-lifted = 解除
storage-holds-lifted = 已解除的保留

# 回收站
storage-trash = 回收站
storage-trash-lead = 移入回收站 30 天后彻底删除；在此之前可以原样恢复。
storage-trash-size = 共 { $count } 条录制，{ $size }。
storage-no-trash = 回收站是空的。
storage-trashed = 移入
storage-left = 剩余
storage-held = 法律保留
storage-by-rule = { $name }（规则）
storage-restore = 恢复
storage-restore-all = 恢复它移入的全部 { $count } 条
storage-moving = 正在移动

# 复读与隔离
storage-scrub = 文件的重新读取
storage-read-again = 近 30 天重新读取过 / 全部文件
storage-last-read = 最近一次重新读取
storage-oldest-read = 最久未重新读取的文件
storage-faults = 损坏或缺失，尚未补回
storage-first-rows = 这里只列出其中一部分，可能还有更多。
storage-quarantine = 隔离区
storage-no-quarantine = 隔离区是空的。

# 播放页
player-trash = 移入回收站…
player-trash-what = 移入后，任何人都不能再查看或搜索到这条录制，也不会再次获取。可以马上撤销；30 天内管理员也可以原样恢复，之后彻底删除。
player-trash-do = 移入回收站

# 刚刚做了什么
said-trashed = 已移入回收站；30 天内管理员可以恢复。
library-undo = 撤销
said-restored = 已恢复。
said-restoring = 正在恢复 { $count } 条录制，一分钟内开始移动文件。
said-rule-made = 规则已创建，还没有启用。请先看它会涉及哪些录制。
said-rule-on = 规则已启用，每小时执行一次。
said-rule-more = 没有启用：现在会涉及 { $count } 条录制，比您看到的多。请再看一遍。
said-rule-off = 规则已关闭。
said-rule-forgotten = 规则已删除。
said-hold-placed = 已设置法律保留。
said-hold-lifted = 已解除。
said-unknown-person = 什么都没有改变：没有这个人，或有多人同名。请填 open_id。
said-unknown-subject = 什么都没有改变：没有这条录制或这个人，或有多人同名。请填妙记标识或 open_id。

# 不能移动
notice-held-title = 这条录制处于法律保留中
notice-held-what = 它不能删除，什么都没有改变。
notice-held-do = 如有疑问，请联系管理员或审计员。
notice-at-work-title = 这条录制正在处理中
notice-at-work-what = 它正在被获取或移动，什么都没有改变。
notice-at-work-do = 请稍后再试。
