package org.linli.sample.words

/** `error.CODE`: why something was not done; `ended`, `asked`, `net`: why people or phones did not come together. */
internal const val ERRORS = """
error.refused | {reason} | {reason}
error.not_allowed | Your role does not let you do this; it needs any of: {needs}. | 你的角色不能这样做，需要以下之一：{needs}。
error.not_a_member | This phone is no member yet, or its key has not arrived: meet a phone that knows of its admission. | 这部手机还不是成员，或密钥尚未到达：请与知道它已被接纳的手机同步。
error.withdrawn | This phone was withdrawn from the community. | 这部手机已被停用。
error.already_a_member | This phone belongs to a community already. | 这部手机已属于一个小区。
error.not_found | There is no such {kind} here. It may not have arrived yet. | 这里没有这个{kind}，可能尚未收到。
error.contact_hidden | The full contact is for who holds the order, and for: {needs}. | 完整联系方式仅供负责人以及：{needs}。
error.care_hidden | The care register is closed to this phone; it needs: {needs}, and its key. | 本机不能查看关爱登记，需要：{needs}及其密钥。
error.command_id_reused | This was sent before as something else. Try once more. | 这个编号已用于别的操作，请再试一次。
error.too_large | That is too long or too much. | 内容过长或过多。
error.invalid_input | "{field}" is not right: {reason} | 「{field}」有误：{reason}
error.home_in_use | Another part of the app is using the data. Wait a moment. | 应用的另一部分正在使用数据，请稍候。
error.disk_full | The phone's storage is full. Nothing was written; what is there can be read. | 手机存储已满，什么都没有写入；已有内容可以查看。
error.damaged | The data on this phone is damaged. It was left as it is and can be repaired from other phones. | 本机数据已损坏，未作改动，可以从其他手机恢复。
error.database_lost | This phone's keys are here and its data is gone, as after the app was installed anew. It comes back from other phones; what was not sent is lost. | 本机密钥仍在，数据却不见了（例如重装应用后）。数据可从其他手机恢复，未发出的内容已丢失。
error.newer_home | A newer version of the app wrote this data. Update the app. | 数据由更新版本的应用写入，请更新应用。
error.foreign_home | The data on this phone is not of this app. It was left as it is. | 本机的数据不属于这个应用，未作改动。
error.secrets_unavailable | The phone's keystore does not answer. Unlock the phone and try again. | 系统密钥库没有响应，请解锁手机后再试。
error.key_lost | The keys for this data are not on this phone: it is a copy, or the keystore was cleared. It is set aside; then join anew. | 本机没有这些数据的密钥：可能是复制的数据，或密钥库被清空。数据会另存一旁，请重新加入。
error.storage | The phone could not read or write: {detail} | 手机无法读写：{detail}
error.internal | The app is at fault. Please report it. | 程序内部错误，请反馈。
error.file | The file cannot be used: {detail} | 无法使用该文件：{detail}
error.not_a_bundle | This file holds no data of a community. | 该文件不是小区数据。
error.newer_version | A newer version of the app is needed. | 需要更新应用版本。
error.other_community | That belongs to another community. | 那属于别的小区。
error.wrong_digits | Those are not the digits on the other phone. Compare again. | 数字与对方手机不一致，请再核对。
error.invitation_over | The invitation is over. Make a new one. | 邀请已失效，请重新邀请。
error.not_heard | Meet a phone of the community first, so that the kit knows what happened. | 请先与小区的一部手机同步，让恢复包了解近况。
error.cannot_listen | The network does not let this phone listen. | 网络不允许本机等待连接。
error.peer_not_welcome | Whoever is there is no member as far as this phone knows. | 对方不是本机所知的成员。
error.not_welcome | The other phone does not know of this one's admission yet. | 对方手机还不知道本机已被接纳。
error.connection | The connection broke. Nothing is lost; the next one goes on from there. | 连接中断。没有丢失内容，下次会接着传。
error.cancelled | It was ended. | 已取消。
error.suspended | The app is asleep. | 应用已休眠。
error.closed | The data is closed. | 数据已关闭。
error.broken | A fault ended the engine. It starts again. | 引擎因故障停止，正在重新启动。
ended.expired | Ten minutes are over: the invitation is good no more. Make a new one. | 十分钟已过，邀请失效，请重新邀请。
ended.guessed | Somebody tried wrong codes: the invitation is over. Make a new one where nobody looks on. | 有人用错误的码尝试，邀请已作废。请在无旁人处重新邀请。
ended.shown_to_two | Two phones used this code: it is over for both. Make a new one where nobody looks on. | 有两部手机使用了同一邀请码，均已作废。请在无旁人处重新邀请。
ended.refused | Refused. Nobody was let in. | 已拒绝，没有人加入。
ended.cancelled | The invitation was taken back. | 邀请已取消。
ended.broken | The other phone went away before you said yes. Make a new invitation. | 确认之前对方手机断开了，请重新邀请。
ended.not_admitted | The community cannot admit that phone. | 无法接纳该手机。
asked.not_open | No invitation is open there any more: it was used, or its time is up. Ask for a new one. | 对方没有有效的邀请：已使用或已过期。请对方重新邀请。
asked.wrong_proof | That is an older invitation. Scan the one on the other screen now. | 这是旧的邀请码，请扫描对方屏幕上现在的邀请码。
asked.shown_to_two | Another phone used the same code: it is over for both. Ask for a new one where nobody looks on. | 另一部手机使用了同一邀请码，均已作废。请在无旁人处重新索取。
asked.refused | The person at the other phone said no. | 对方拒绝了。
asked.not_admitted | The community cannot admit this phone. | 小区无法接纳本机。
asked.garbled | The other phone answered something strange. Ask for a new invitation. | 对方手机的答复无法理解，请重新索取邀请。
asked.other_community | The answer came from another community. Ask for a new invitation. | 答复来自别的小区，请重新索取邀请。
asked.timed_out | Nobody said yes in time. Ask for a new invitation. | 对方未及时确认，请重新索取邀请。
asked.broken | The connection broke before there was an answer. Ask for a new invitation. | 得到答复之前连接断开，请重新索取邀请。
asked.failed | The welcome could not be kept on this phone. | 本机无法保存加入信息。
"""
