// What the app itself says: `key | English | 中文`, one on each line. Written by hand, beside the codes of the engine.

extension Words {
    static let sentences = #"""
        screen.yes | yes | 是
        screen.no | no | 否
        screen.unknown | unknown | 不明
        screen.me | you | 我
        screen.nothing | Nothing to do here. | 这里没有待办。
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
        alarm.title | Somebody needs help | 有人求助
        """#
}
