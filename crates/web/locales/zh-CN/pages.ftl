# 每一页都有的
site-name = 会议录制归档
site-skip = 跳到正文
site-switch-language = English
site-footer = 由公司自己的服务器运行，录制只保存在公司内部。
request-id = 请求编号：{ $id }

# 授权页
start-title = 让您的会议录制自动归档
start-lead = 授权一次，此后您的每一条妙记都会自动保存到公司的归档里：音视频、文字记录和纪要。以后不用再做任何事。
start-lead-company-record = 供管理员使用：有了这项授权，归档还能读取全公司的会议明细，从而知道所有人的录制有没有遗漏。需要飞书管理后台的“视频会议-会议管理”权限。
start-lead-company = 授权一次，此后您的每一条妙记都会自动保存到{ $company }的归档里：音视频、文字记录和纪要。以后不用再做任何事。
start-grants = 您将授权这些权限
start-promises = 您可以放心
start-promise-own = 只归档您拥有的录制；只有当所有者本人还没有授权时，才会用您的授权获取您本来就能看到的录制。
start-promise-inside = 录制只保存在公司自己的服务器上，不会发送给第三方。
start-promise-read-only = 只读取，不会修改或删除您在飞书里的任何内容。
start-promise-withdraw = 随时可以撤回：在飞书「设置」的授权管理中取消对本应用的授权，或告诉管理员。撤回后不再获取新的录制。
start-button = 去飞书授权
start-button-hint = 将打开飞书的授权页，由您确认；我们看不到您的密码。
start-done-before = 已经授权过？

# 每项权限：用来做什么
scope-offline-access = 在您不在线时继续工作，这样只需授权一次
scope-minutes-minutes-basic-read = 查看妙记的标题、时间、时长等基本信息
scope-minutes-minutes-search-read = 查找您的妙记，一条都不遗漏
scope-minutes-minutes-media-export = 下载妙记的音视频文件
scope-minutes-minutes-transcript-export = 下载妙记的文字记录和字幕
scope-vc-rooms-room-detailinfo-read = 仅管理员：读取全公司会议明细及每场会议是否录制
scope-minutes-minutes-artifacts-read = 读取妙记的 AI 纪要：总结、章节、待办

# 每项权限：缺少它会怎样
scope-offline-access-missing = 授权大约两小时后就会失效，之后的录制不会被归档。
scope-minutes-minutes-basic-read-missing = 无法得知录制的标题和所有者，录制可能无法归档。
scope-minutes-minutes-search-read-missing = 巡检找不到您的录制，只能依靠飞书的事件通知，可能有遗漏。
scope-minutes-minutes-media-export-missing = 无法下载您的音视频。
scope-minutes-minutes-transcript-export-missing = 无法保存文字记录和字幕；音视频不受影响。
scope-vc-rooms-room-detailinfo-read-missing = 无法读取全公司会议明细，覆盖率只含成员可见的部分。
scope-minutes-minutes-artifacts-read-missing = 无法保存 AI 纪要；音视频不受影响。

# 授权完成
welcome-title = { $name }，授权已完成
welcome-what = 您的会议录制会自动归档，现在可以关闭这个页面。
welcome-next = 接下来
welcome-next-find = 系统正在查找您近期的妙记；找到的和以后新增的都会自动归档。
welcome-next-ready = 会议刚结束时，飞书需要一些时间生成录制，归档会自动等待。
welcome-next-year = 授权最长有效 365 天，到期后需要再授权一次。
welcome-look = 登录后可以查看自己的录制
welcome-part-title = { $name }，授权已收到，但还不完整
welcome-part-what = 能做的已经开始做了，但还缺少下面的内容。
welcome-missing = 缺少的权限
welcome-missing-fix = 请把这一页转给管理员：在飞书开发者后台为应用开通上述权限，并发布新版本。之后请您再授权一次。
welcome-short-title = 这次授权大约两小时后失效
welcome-short = 飞书没有给出长期授权。请管理员为应用开通 offline_access 权限，在安全设置中打开「刷新 user_access_token」，并发布新版本；之后请您再授权一次。

# 没有授权成：发生了什么、怎么办
notice-start-again = 重新开始
notice-detail = 给管理员的信息
notice-declined-title = 您没有同意授权
notice-declined-what = 您在飞书的页面上选择了拒绝，没有保存任何信息。
notice-declined-do = 如果是误点，可以重新开始。如果不想授权，关闭页面即可；您的录制不会被归档。
notice-platform-title = 飞书没有完成这一步
notice-platform-what = 飞书返回了一个错误，没有保存任何信息。
notice-platform-do = 请重新开始。如果再次出现，请把下面的信息转给管理员：通常是应用没有开通所需权限，或重定向地址没有登记。
notice-not-yours-title = 这个链接已用过，或不能在这里使用
notice-not-yours-what = 授权链接只能用一次，而且要在开始授权的那个浏览器里打开。如果您刚才已经看到「授权已完成」，那就已经好了，不用再做什么。
notice-not-yours-do = 如果还没有完成，请在这个浏览器里重新开始；请允许浏览器保存 Cookie。
notice-stale-title = 这个页面放得太久了
notice-stale-what = 从打开页面到现在已超过一小时。为了安全，这次操作不再有效，没有保存任何信息。
notice-stale-do = 请重新开始，只需一分钟。
notice-no-code-title = 飞书的答复不完整
notice-no-code-what = 飞书把您送了回来，但没有带来授权码，没有保存任何信息。
notice-no-code-do = 请重新开始。如果再次出现，请告诉管理员。
notice-code-refused-title = 授权码已失效
notice-code-refused-what = 飞书的一次性授权码已经用过，或超过了五分钟。如果您刚才已经看到「授权已完成」，那就已经好了，不用再做什么。
notice-code-refused-do = 如果还没有完成，请重新开始，并在飞书的页面上及时确认。
notice-administrator-title = 应用的设置有问题，需要管理员处理
notice-administrator-what = 您做的都没有错：飞书因为应用的设置拒绝了这次授权，没有保存任何信息。
notice-administrator-do = 请把下面的信息转给管理员，并在处理好之后重新开始。管理员可以运行 minutes-vault doctor 查明原因。
notice-not-allowed-title = 您的账号还不能使用这个应用
notice-not-allowed-what = 飞书说您的账号不可用，或不在应用的可用范围内，没有保存任何信息。
notice-not-allowed-do = 请管理员把您加入应用的可用范围，然后重新开始。
notice-try-later-title = 飞书暂时没有回应
notice-try-later-what = 飞书或网络暂时有问题，这一步没能完成，没有保存任何信息。
notice-try-later-do = 请过几分钟重新开始。如果一直如此，请告诉管理员。
notice-not-stored-title = 暂时无法保存您的授权
notice-not-stored-what = 飞书同意了，但这里的数据库暂时不可用，授权没有保存下来。
notice-not-stored-do = 请告诉管理员，过几分钟再重新开始。原因在服务的日志里。
notice-bad-host-title = 访问的地址无法识别
notice-bad-host-what = 浏览器给出的服务器地址不是有效的域名，无法生成授权的返回地址。
notice-bad-host-do = 请从公司给您的链接重新打开。管理员可以在配置中设置 server.public_url。
notice-not-found-title = 没有这个页面
notice-not-found-what = 这里没有您要找的内容，地址可能有误。
notice-not-found-do = 请核对地址。如果是别人发来的录制链接：只有录制的所有者和参会者能看到它。
notice-wrong-method-title = 这个地址不是给浏览器打开的
notice-wrong-method-what = 它由飞书或监控系统调用，直接打开没有内容。
notice-wrong-method-do = 如果想授权归档您的录制，请从这里开始。
notice-broken-title = 这里出了点问题
notice-broken-what = 服务遇到了没有预料到的错误。已经归档的内容不受影响。
notice-broken-do = 请稍后再试。如果再次出现，请把下面的请求编号告诉管理员。
notice-sign-in-again = 去登录
notice-home = 回到首页
notice-other-company-title = 这里只对本公司的人开放
notice-other-company-what = 您登录飞书所用的账号属于另一家公司，没有保存任何信息。
notice-other-company-do = 请在飞书里切换到本公司的账号，再登录一次。
notice-link-void-title = 这个一次性链接已经失效
notice-link-void-what = 首位管理员的链接只能用一次，而且服务每次启动都会换一个新的。
notice-link-void-do = 请使用服务最近一次启动时打印的链接；如果已经有管理员，请他在 company.administrators 中加上您的 open_id。
notice-too-many-title = 登录太频繁
notice-too-many-what = 从您的网络地址来的登录尝试太多，暂时不再受理。
notice-too-many-do = 请过一分钟再试。如果一直如此，请告诉管理员。
notice-too-fast-title = 请求太频繁
notice-too-fast-what = 一分钟内的请求超过了每次登录或每个令牌的上限。
notice-too-fast-do = 请过一分钟再慢慢继续。如果是您的程序发出的，请让它遵守 Retry-After。
notice-administrators-only-title = 这一页只给管理员看
notice-administrators-only-what = 您已登录，但您的账号不是这里的管理员。
notice-administrators-only-do = 如果您需要它，请现有的管理员把下面的 open_id 写进配置 company.administrators 并重启服务。
notice-overseers-only-title = 这一页只给管理员和审计员看
notice-overseers-only-what = 您已登录，但您的账号既不是管理员，也不是审计员。
notice-overseers-only-do = 如果您需要它，请管理员把下面的 open_id 写进配置 company.auditors 或 company.administrators 并重启服务。
notice-bad-form-title = 这个操作没有执行
notice-bad-form-what = 表单不完整，或不是从这里的页面发出的。为了安全，什么都没有改变。
notice-bad-form-do = 请回到原来的页面，刷新后再试一次。
notice-not-now-title = 现在无法读取
notice-not-now-what = 这里的数据库暂时不可用。已经归档的内容不受影响。
notice-not-now-do = 请过一会儿再试。如果一直如此，请告诉管理员；原因在服务的日志里。

# 登录
sign-in-title = 登录录制归档
sign-in-lead = 用您的飞书账号登录，查看公司归档里您可以看的录制。
sign-in-first = 这是首位管理员的一次性链接：用它登录的人就是这里的管理员。
sign-in-callback = 登录前，飞书开发者后台的「安全设置」里必须有这个重定向 URL：
sign-in-promise-identity = 只会得知您是谁（姓名和 open_id），不会获得其他任何权限。
sign-in-promise-own = 您能看到的是自己拥有或参加过的录制。
sign-in-promise-logged = 登录、查看、播放和下载都会记入审计日志。
sign-in-button = 用飞书登录
sign-in-hint = 将打开飞书的页面，由您确认。还没有授权归档？
sign-in-authorise = 去授权

notice-bad-token-title = 需要令牌
notice-bad-token-what = 请求没有带有效的令牌，或令牌已到期、已被撤销。
notice-bad-token-do = 请在“API 令牌”页生成令牌，并以 Authorization: Bearer 发送。
notice-lacks-scope-title = 令牌权限不足
notice-lacks-scope-what = 此令牌没有该接口所需的权限。
notice-lacks-scope-do = 请在“API 令牌”页生成含所需权限的令牌。
notice-bad-query-title = 参数有误
notice-bad-query-what = 有参数不符合接口说明。
notice-bad-query-do = 请对照 /api/v1/openapi.json 检查参数。
# 外观
theme-label = 外观
theme-system = 跟随系统
theme-light = 浅色
theme-dark = 深色

notice-sign-in-declined-title = 您没有登录
notice-sign-in-declined-what = 您在飞书的页面上选择了拒绝，没有登录，也没有保存任何信息。
notice-sign-in-declined-do = 如果是误点，可以重新登录。已有的归档授权不受影响。
notice-sign-in-not-stored-title = 暂时无法登录
notice-sign-in-not-stored-what = 飞书确认了您的身份，但这里的数据库暂时不可用，无法登录。
notice-sign-in-not-stored-do = 请过几分钟再试，并告诉管理员。原因在服务的日志里。已有的归档授权不受影响。
