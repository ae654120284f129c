# 录制列表
nav-library = 录制
nav-search = 搜索
library-heading = 录制
library-untitled = （无标题）
library-shelves = 哪些录制
library-shelf-open = 我的和我参加的
library-shelf-mine = 我的
library-shelf-shared = 我参加的
library-shelf-all = 所有人的
library-sort-made = 日期
library-sort-length = 时长
library-sort-title = 标题
library-view-table = 表格
library-view-cards = 卡片
library-filters = 筛选
library-person = 所有者姓名
library-from = 从
library-until = 到
library-shortest = 至少（分钟）
library-longest = 至多（分钟）
library-kind = 类型
library-any = 不限
library-video = 视频
library-audio = 音频
library-with-transcript = 有文字记录
library-apply = 显示
library-clear = 清除筛选
library-everybody = 不限所有者
library-count = { $count ->
    [0] 没有录制
   *[other] { $count } 条录制
}
library-count-many = { $count } 条或更多录制
library-empty = 这里还没有内容。您拥有或参加过的会议录制，归档后会自动出现；如果设了筛选条件，请放宽一些再试。
library-authorise = 去授权归档
library-locked = 没有链接的录制，您只能看到它的信息，不能打开它的内容。
library-title = 标题
library-owner = 所有者
library-made = 日期
library-length = 时长
library-size = 大小
library-what = 已有内容
library-state = 状态
library-transcript = 文字记录
library-summary = 纪要
library-only-here = 飞书中已删除，此处有存
library-tick = 选中
library-tick-all = 选中本页所有行
library-ticked = 选中的录制：
library-zip = 下载文件（ZIP）
library-next = 下一页

# 导出的表格
sheet-minutes = 分钟
sheet-bytes = 字节
sheet-token = 妙记标识
sheet-address = 地址
sheet-yes = 有
sheet-no = 无

# 播放页
player-source = 在飞书中查看
player-people = 参与者：
player-kept-only-here = 源文件已在飞书中删除，此处仍有保存。
player-source-unasked = 归档后还没有再向飞书查询过源文件。
player-source-there = 飞书中的源文件：{ $moment } 查询时仍在。
player-source-gone = 飞书中的源文件：{ $moment } 起已被删除，此处仍有保存。
player-source-lost = 飞书中的源文件：{ $moment } 起已被删除，此处也没有保存下来。
player-source-unknown = 飞书中的源文件：{ $moment } 查询时无法得知是否仍在。
player-without-media = 没有可播放的内容：
player-captions = 字幕
player-chapters = 章节
player-download = 下载
player-other-files = 文字记录等文件
player-speed = 速度
player-copy-link = 复制此刻的链接
player-copy-quote = 复制引文
player-copied = 已复制
player-summary = 总结
player-todos = 待办
player-transcript = 文字记录
player-covers = 文字记录只覆盖了 { $all } 分钟中的 { $covered } 分钟。飞书只给出了这些，可能是因为免费版只转写开头几分钟。
player-no-transcript = 这里没有文字记录。
player-follow = 跟随播放
player-notes = AI 纪要
player-panels = 显示文字记录或纪要
player-next-found = 下一条搜到的录制
player-proof = 文件与证明
player-proof-what = 每个文件在获取时都计算了哈希，之后会不时重新读取并比对。持有文件的人可以将其 SHA-256 与这里的比对。
player-sources = 这条录制是怎样发现的
proof-file = 文件
proof-state = 状态
proof-size = 大小
proof-plays = 播放时长
proof-fetched = 获取时间
proof-read-again = 最近一次重新读取

# 快捷键
keys-title = 快捷键
keys-play = 播放或暂停
keys-five = 后退或前进五秒
keys-ten = 后退或前进十秒
keys-speed = 减速或加速
keys-mute = 静音或恢复声音
keys-captions = 显示或隐藏字幕
keys-full = 全屏
keys-hits = 下一处或上一处搜索结果
keys-link = 复制此刻的链接
keys-quote = 复制选中或当前的句子及出处
keys-search = 搜索
keys-play-hit = 播放选中的一处
keys-this = 显示本列表
keys-close = 关闭

# 搜索
search-heading = 搜索
search-label = 搜索录制
search-hint = 词语、姓名、拼音首字母（zh）、“短语”
search-go = 搜索
search-how = 可搜索标题、人员、文字记录和纪要。多个词须同时出现；用“引号”把词连在一起；姓名和标题也可用拼音首字母搜索。快捷键：n 和 p 在各处之间移动，回车播放。
search-count = { $count ->
    [0] 没有找到
   *[other] 在 { $count } 条录制中找到
}
search-count-many = 在 1,000 条或更多录制中找到
search-people = 人员：
search-notes = 纪要
search-more = 还有 { $count } 处
search-waiting = 部分录制仍在建立索引，可能暂时搜不到。

# 谁试过
verb-refused = 试图打开无权查看或不存在的内容

# In a ZIP file
zip-left-out-name = 未包含的文件.txt
zip-left-out = 以下文件没有包含在这个 ZIP 中：
zip-not-theirs = 您无权打开
zip-gone = 已不在这里
