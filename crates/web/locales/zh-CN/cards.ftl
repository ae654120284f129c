# 机器人发给个人的卡片（archive::notify::Matter）；open：需要注意，over：已经结束。

card-you = 您
card-button = 打开授权页

card-invitation-open-title = 请授权归档您的会议录制
card-invitation-open-text = 公司用 minutes-vault 长期保存飞书会议录制（妙记）。打开授权页并点一次「授权」，您的录制就会自动归档（其中 {$count} 条正在等待）；您随时可以在飞书里撤回授权。
card-invitation-over-title = 授权已完成，谢谢
card-invitation-over-text = 已归档 {$count} 条录制，今后的会自动归档。

card-ending-open-title = 请重新授权归档会议录制
card-ending-open-text = {$name}，您的授权 {$until} 到期（剩余 {$days} 天）。飞书规定最长 365 天。请打开授权页再点一次「授权」，归档就不会中断。
card-ending-over-title = 重新授权已完成，谢谢
card-ending-over-text = 又补上了 {$count} 条录制，归档照常进行。

card-ended-open-title = 请重新授权归档会议录制
card-ended-open-text = {$name}，您对归档会议录制的授权已经失效，或缺少现在需要的权限。如果仍要归档，请打开授权页再点一次「授权」。
card-ended-over-title = 重新授权已完成，谢谢
card-ended-over-text = 又补上了 {$count} 条录制，归档照常进行。

card-unreachable-open-title = 有人的录制无法再获取
card-unreachable-open-text = {$name} 的授权已经结束。已归档的内容保留；还有 {$count} 条录制没有归档，只能由其他看得到它们的成员授权获取。详情：minutes-vault recordings list --owner。
card-unreachable-over-title = 已重新授权
card-unreachable-over-text = {$name} 重新授权了，归档继续进行。

card-standstill-open-title = 归档停住了
card-standstill-open-text = {$what}
card-standstill-over-title = 归档已恢复
card-standstill-over-text = 下面的问题已经解决：{$what}

card-summary-open-title = 会议录制归档：一周小结
card-summary-open-text = 详情请运行 minutes-vault status。
card-summary-over-title = 会议录制归档：一周小结
card-summary-over-text = 已结束。
card-summary-archived = 上周归档：{$count} 条
card-summary-kept = 已归档总数：{$count} 条
card-summary-open = 还没有归档：{$count} 条
card-summary-denied = 无权导出：{$count} 条
card-summary-active = 授权有效的成员：{$count} 位
card-summary-inactive = 需要处理的成员：{$count} 位

# 什么会让归档停住（archive::notify::Standstill）
standstill-disk = 归档所在的磁盘已满、未挂载或无法写入。
standstill-disk-fix = 请清出空间，检查磁盘是否已挂载、目录权限是否正确；之后会自动继续。
standstill-credentials = 飞书不接受应用的凭证，或应用被停用。
standstill-credentials-fix = 请核对 App ID 与 App Secret，并在开发者后台检查应用状态；运行 minutes-vault doctor 可以查明原因。
standstill-silence = 很久没有收到事件，但巡检发现了新的录制。
standstill-silence-fix = 录制仍由巡检获取，只是较慢。请检查开发者后台「事件与回调」的请求地址，以及反向代理。
standstill-queue = 有到期的工作，却很久没有任何进展。
standstill-queue-fix = 请查看服务的日志，并运行 minutes-vault status。
