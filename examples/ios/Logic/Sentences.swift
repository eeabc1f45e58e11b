// What the app itself says: `key | English | 中文`, one on each line. Written by hand, beside the codes of the engine.

extension Words {
    static let sentences = #"""
        screen.yes | yes | 是
        screen.no | no | 否
        screen.unknown | unknown | 不明
        screen.me | you | 我
        screen.nothing | Nothing to do here. | 这里没有待办。
        screen.newer | Some of this needs a newer version of the app. | 部分内容需要更新版本的应用才能显示。
        screen.newer_at_once | Update the app now: it cannot read something that protects people. | 请立即更新应用：有保护居民的内容无法读取。
        screen.contested | contested | 有争议
        screen.lapsed | lapsed | 超时未办
        screen.stale | still needed? | 是否仍需要？
        screen.overdue | overdue | 已逾期
        screen.held_by | held by {holder} | {holder} 负责
        screen.conflicts | {count} conflicting edits | {count} 处不同说法
        screen.review | {count} to look at | {count} 处待查
        screen.room | Building {building}, {room} | {building} 号楼 {room}
        screen.building | Building {building} | {building} 号楼
        screen.needed_by | needed by {when} | {when} 前需要
        screen.contact | contact: {contact} | 联系人：{contact}
        screen.contact_masked | The full number is shown to whoever holds the order. | 完整号码仅负责人可见。
        screen.history_line | {when}  {who} {what} | {when}  {who}{what}
        screen.does_not_count | does not count: {why} | 不计入：{why}
        screen.lot | {product}: {qty} {unit}, until {expiry} | {product}：{qty} {unit}，有效期 {expiry}
        screen.uncertain | uncertain, count again | 数量不确定，请盘点
        screen.low | {count} products run low | {count} 种药品不足
        screen.boxes | Medicine boxes | 共享药箱
        screen.shortfall | {qty} missing | 短缺 {qty}
        screen.not_offered | not offered: {why} | 不提供：{why}
        screen.recalled | {count} lots are recalled: keep them back | {count} 个批次已召回：请勿发放
        screen.fresh | in touch within a day | 一天内联系过
        screen.over_a_day | nobody was met for more than a day | 超过一天没有联系
        screen.over_three_days | nobody was met for more than three days | 超过三天没有联系
        screen.never | nobody was met yet | 尚未联系过任何人
        act.claim | I take it | 我来
        act.release | I give it up | 放弃
        act.take_over | I take it over | 接手
        act.delivered | Delivered | 已送达
        act.left_at_door | Left at the door | 已放门口
        act.nobody | Nobody answered | 无人应门
        act.cancel | Cancel | 取消
        act.reopen | Open again | 重新打开
        act.still_needed | Still needed | 仍需要
        act.call | Call | 拨打
        act.take | Take | 取用
        act.anyway | It happened all the same | 确实如此
        join.scan | Scan the code on the other phone | 扫描对方手机上的码
        join.confirm | Join this community? | 要加入这个小区吗？
        join.reaching | Looking for the other phone … | 正在联系对方手机…
        join.compare | Is this on the other screen too? {digits} | 对方屏幕上也是 {digits} 吗？
        join.wait | Waiting for the yes of the person who invites you … | 等待邀请人确认…
        join.joined | You belong to the community. The board is on its way. | 已加入小区，正在接收看板。
        join.ready | All is here. | 已全部收到。
        join.not_an_invitation | This is not an invitation of Linli. | 这不是邻里的邀请码。
        join.no_camera | Without the camera: let them send you the text of the code, and paste it. | 不能用相机时：请对方发送邀请文字，粘贴在这里。
        local.explain | Phones of your community find each other over Wi-Fi, without the internet. iOS will ask whether Linli may look for devices on the local network. | 本小区的手机可通过 Wi-Fi 互相联系，无需互联网。系统会询问是否允许邻里查找本地网络上的设备。
        local.asking | Answer the question of iOS. | 请回答系统的提问。
        local.denied | iOS keeps Linli off the local network. Switch it on in Settings, or use a code, a relay, or a file. | 系统未允许访问本地网络。请在“设置”中打开，或改用扫码、中继或文件。
        local.no_network | There is no Wi-Fi here. | 这里没有 Wi-Fi。
        act.settings | Settings | 设置
        act.again | Try again | 再试一次
        act.show_contact | Show the number | 显示号码
        scope.open | to do | 待办
        scope.mine | mine | 我的
        scope.free | free | 待认领
        scope.review | to look at | 待查
        join.failed.not_open | No invitation is open there any more: it was used, or its time is up. Ask for a new one. | 对方没有有效的邀请：已使用或已过期。请对方重新邀请。
        join.failed.wrong_proof | That is an older invitation. Scan the one on the other screen now. | 这是旧的邀请码，请扫描对方屏幕上现在的邀请码。
        join.failed.shown_to_two | Another phone used the same code: it is over for both. Ask for a new one where nobody looks on. | 另一部手机使用了同一邀请码，均已作废。请在无旁人处重新索取。
        join.failed.refused | The person at the other phone said no. | 对方拒绝了。
        join.failed.not_admitted | The community cannot admit this phone. | 小区无法接纳本机。
        join.failed.garbled | The other phone answered something strange. | 对方手机的答复无法理解。
        join.failed.other_community | That was the welcome to another community. | 那是另一个小区的欢迎信息。
        join.failed.timed_out | Nobody said yes in time. Ask for a new invitation. | 对方未及时确认，请重新索取邀请。
        join.failed.broken | The connection broke before there was an answer. Ask for a new invitation. | 得到答复之前连接断开，请重新索取邀请。
        join.failed.failed | The admission could not be kept on this phone. | 本机无法保存接纳信息。
        invitation.expired | Ten minutes are over: make a new invitation. | 十分钟已过，请重新邀请。
        invitation.guessed | Somebody tried wrong codes: make a new invitation where nobody looks on. | 有人用错误的码尝试，请在无旁人处重新邀请。
        invitation.shown_to_two | Two phones used this code: it is over for both. | 有两部手机使用了同一邀请码，均已作废。
        invitation.refused | Refused. Nobody was let in. | 已拒绝，没有人加入。
        invitation.cancelled | The invitation was taken back. | 邀请已取消。
        invitation.broken | The other phone went away before you said yes. | 确认之前对方手机断开了。
        invitation.not_admitted | The community cannot admit that phone. | 无法接纳该手机。
        error.not_allowed | Your role does not let you do this; it needs any of: {needs}. | 你的角色不能这样做，需要以下之一：{needs}。
        error.not_a_member | This phone is no member yet: join, and meet a phone that knows of your admission. | 这部手机还不是成员：请加入，并与知道你已被接纳的手机同步。
        error.withdrawn | This phone was withdrawn from the community. | 本机已被停用。
        error.already_a_member | This phone belongs to a community already. | 这部手机已属于一个小区。
        error.not_found | There is no such {of} here. | 没有这个{of}。
        error.contact_hidden | The full number is for whoever holds the order, and for: {needs}. | 完整号码仅供负责人以及：{needs}。
        error.care_hidden | The care register is closed to this phone; it needs: {needs}. | 本机不能查看关爱登记，需要：{needs}。
        error.command_id_reused | This was done before, with something else. | 此操作编号已用于别的操作。
        error.too_large | That is too much at once: {detail} | 一次太多：{detail}
        error.invalid_input | {field}: {reason} | 「{field}」：{reason}
        error.home_in_use | Linli is open elsewhere on this phone. | 邻里已在本机别处打开。
        error.disk_full | The phone is full. Nothing was written. | 手机存储已满，什么都没有写入。
        error.damaged | The database is damaged. It was left as it is: {detail} | 数据库已损坏，未作改动：{detail}
        error.database_lost | The keys are here and the database is gone, as after the app was installed anew. All comes back from other phones but what was not sent. | 密钥仍在，数据库却不见了（例如重装应用后）。除未发出的内容外，均可从其他手机恢复。
        error.newer_home | A newer version of the app wrote this database: update the app. | 此数据库由更新版本写入，请更新应用。
        error.foreign_home | The database is none of this app. It was left as it is. | 这不是本应用的数据库，未作改动。
        error.secrets_unavailable | The keys cannot be read now. Unlock the phone and try again. ({reason}) | 现在无法读取密钥，请解锁手机后再试。（{reason}）
        error.key_lost | The keys of this phone are gone, as after a restore from a backup. Join anew. | 本机密钥已丢失（例如从备份恢复），请重新加入。
        error.storage | The phone refused to store: {detail} | 手机存储出错：{detail}
        error.internal | Linli is at fault. Please report: {detail} | 程序内部错误，请报告：{detail}
        error.file | The file cannot be read or written: {detail} | 无法读写文件：{detail}
        error.not_a_bundle | That is no file of Linli. | 这不是邻里的文件。
        error.newer_version | A newer version of the app made this: update the app. | 由更新版本生成，请更新应用。
        error.other_community | This is of another community. | 这属于别的小区。
        error.wrong_digits | Those are not the digits of the phone that asks. | 这不是请求加入的手机上的数字。
        error.invitation_over | The invitation is over. Make a new one. | 邀请已结束，请重新邀请。
        error.not_heard | Nothing was heard of the community yet. Meet a member's phone first. | 尚未得知小区近况，请先与成员手机同步。
        error.cannot_listen | Linli cannot listen at {address}. | 无法在 {address} 等待连接。
        error.peer_not_welcome | The other phone is no member as far as this one knows. | 对方不是本机所知的成员。
        error.not_welcome | The other phone does not let this one in: it does not know of its admission yet. | 对方还不知道本机已被接纳。
        error.connection | The phones could not talk: {reason} | 无法与对方同步：{reason}
        error.cancelled | Cancelled. | 已取消。
        error.suspended | Linli sleeps. | 邻里已休眠。
        error.closed | Closed. | 已关闭。
        error.broken | Linli has to open again after a fault. | 出现故障，需要重新打开。
        error.unexpected | Unexpected: {detail} | 意外错误：{detail}
        alarm.alert_louder | Nobody has answered a call for help. | 有人求助，仍无人应答。
        alarm.needed_by | Something that you took on is needed now. | 你认领的需求已到时间。
        alarm.lease_ends | You took something on: say how it goes. | 你认领的需求尚无进展，请更新。
        """#
}
