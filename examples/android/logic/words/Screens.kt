package org.linli.sample.words

/** What screens say of their own: buttons, marks, titles. */
internal const val SCREEN = """
screen.unknown | unknown | 不明
screen.yes | yes | 是
screen.no | no | 否
screen.somebody | somebody | 某人
screen.contested | several hold it | 多人认领
screen.contested_with_you | several hold it, you among them: agree on one | 多人认领，包括你：请商量由谁负责
screen.overdue | past the time | 已过需要时间
screen.lapsed | nobody has got on with it for long | 久无进展
screen.stale | is it still needed? | 是否仍然需要？
screen.look | there is something to look at | 有待查看
screen.empty | Nothing here. | 暂无内容。
screen.newer | Some of this needs a newer version of the app. | 部分内容需要更新版本的应用才能显示。
screen.newer_at_once | Update the app now: it cannot read something that protects people. | 请立即更新应用：有保护居民的内容无法读取。
screen.open | Open | 待办
screen.mine | Mine | 我的
screen.closed | Closed | 已结束
screen.compare | Do both phones show these digits? | 两部手机上的数字是否一致？
screen.reaching | Reaching the other phone … | 正在连接对方手机……
screen.first_sync | Admitted. Fetching what the community knows … | 已加入，正在获取小区信息……
screen.joined | You belong to the community. | 你已加入小区。
screen.admitted | Admitted. Their phone is fetching what the community knows. | 已接纳，对方手机正在获取小区信息。
screen.scan | Scan the invitation on the other phone | 请扫描对方手机上的邀请码
screen.not_an_invitation | This is no invitation. | 这不是邀请码。
screen.missing | {missing} missing | 缺 {missing}
screen.kept_back | Kept back: {why} | 未提供：{why}
screen.good_until | good until {day} | 有效期至 {day}
screen.reachable | Reachable for neighbours | 邻居可以联系到你
screen.reachable_why | Keeps the connection for orders and calls for help. | 保持连接，以便收到需求和求助。
screen.again | Try again | 再试一次
screen.all_the_same | All the same | 仍然如此
screen.not_now | No | 不了
screen.take | Take | 取用
reminder.alert_louder | A call for help is still unanswered. | 求助仍无人应答。
reminder.needed_by | An order of yours is needed now. | 你负责的一单到了需要的时间。
reminder.lease_ends | You took an order on some time ago: how is it going? | 你认领的一单已久无进展，情况如何？
channel.presence | Reachable | 保持可联系
channel.reminders | Calls for help and reminders | 求助与提醒
button.claimed | I take it on | 我来认领
button.released | I give it up | 我放弃
button.taken_over | I take it over | 由我接手
button.delivered | It is delivered | 已送达
button.confirmed | I asked: it arrived | 已回访确认
button.reopened | Open it again | 重新打开
button.still_needed | Still needed | 仍然需要
button.resolved | This one shall hold it | 由此人负责
button.cancelled | Cancel it | 取消
kind.grocery | groceries | 买菜
kind.medicine | medicine | 药品
kind.escort | way to a doctor | 陪诊
kind.errand | an errand | 跑腿
kind.visit | a visit | 探访
kind.other | something else | 其他
"""
