// Layout only; not compiled by CI: needs Android and Compose. What it shows comes from the models in `logic`.
package org.linli.sample.android

import android.content.Intent
import android.net.Uri
import androidx.compose.foundation.Image
import androidx.compose.foundation.background
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.AlertDialog
import androidx.compose.material3.Button
import androidx.compose.material3.HorizontalDivider
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Tab as MaterialTab
import androidx.compose.material3.TabRow
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.asImageBitmap
import androidx.compose.ui.platform.LocalContext
import androidx.compose.ui.unit.dp
import androidx.activity.compose.rememberLauncherForActivityResult
import com.google.zxing.BarcodeFormat
import com.journeyapps.barcodescanner.BarcodeEncoder
import com.journeyapps.barcodescanner.ScanContract
import com.journeyapps.barcodescanner.ScanOptions
import org.linli.Linli
import org.linli.Reference
import org.linli.Words
import org.linli.sample.BoardModel
import org.linli.sample.BoxModel
import org.linli.sample.Invite
import org.linli.sample.InviteModel
import org.linli.sample.Join
import org.linli.sample.JoinModel
import org.linli.sample.OnTopModel
import org.linli.sample.OrderModel
import org.linli.sample.OrderRow
import org.linli.sample.Sending
import org.linli.sample.Submission
import org.linli.sample.Tab

/** Who needs help, above whatever screen there is. */
@Composable
fun OnTopView(model: OnTopModel, words: Words) {
    val all by model.state.collectAsState()
    val context = LocalContext.current
    for (help in all) {
        Column(Modifier.fillMaxWidth().background(MaterialTheme.colorScheme.errorContainer).padding(16.dp, 8.dp)) {
            Text(help.title, style = MaterialTheme.typography.titleMedium)
            help.text?.let { Text(it) }
            Text(help.toDo)
            Row(Modifier.fillMaxWidth(), Arrangement.SpaceBetween) {
                Button({ context.startActivity(Intent(Intent.ACTION_DIAL, Uri.fromParts("tel", help.number, null))) }) {
                    Text("${words.say("act.call")} ${help.number}")
                }
                Button({ model.respond(help.alert, null) }) { Text(words.say("act.respond")) }
                TextButton({ model.acknowledge(help.alert) }) { Text(words.say("act.acknowledge")) }
            }
        }
    }
}

@Composable
fun BoardView(model: BoardModel, words: Words, open: (Reference) -> Unit) {
    val state by model.state.collectAsState()
    Column(Modifier.fillMaxSize()) {
        TabRow(state.tab.ordinal) {
            for (tab in Tab.entries) {
                MaterialTab(tab == state.tab, onClick = { model.show(tab) }, text = { Text(words.say("scope.${tab.name.lowercase()}")) })
            }
        }
        state.problem?.let { problem -> Text(words.explain(problem), Modifier.clickable { model.retry() }.padding(16.dp)) }
        state.newer?.let { newer -> Text(newer, Modifier.padding(16.dp), color = MaterialTheme.colorScheme.error) }
        if (!state.loading && state.rows.isEmpty() && state.problem == null) Text(words.say("screen.nothing"), Modifier.padding(16.dp))
        LazyColumn {
            items(state.rows, key = { it.order.text }) { row -> OrderLineView(row) { open(row.order) } }
            if (state.more) item { LaunchedEffect(state.rows.size) { model.more() } }
        }
    }
}

@Composable
private fun OrderLineView(row: OrderRow, open: () -> Unit) {
    Column(Modifier.fillMaxWidth().clickable(onClick = open).padding(16.dp, 12.dp)) {
        Row(Modifier.fillMaxWidth(), Arrangement.SpaceBetween) {
            Text(row.title, style = MaterialTheme.typography.titleMedium)
            Text(row.status)
        }
        Text(listOfNotNull(row.place, row.holder).joinToString(" · "))
        for (note in row.notes) Text(note, color = MaterialTheme.colorScheme.error)
    }
    HorizontalDivider()
}

@Composable
fun OrderView(linli: Linli, order: Reference, words: Words, back: () -> Unit) {
    val scope = rememberCoroutineScope()
    val model = remember(order) { OrderModel(linli, order, scope, words) }
    val state by model.state.collectAsState()
    LazyColumn(Modifier.padding(16.dp)) {
        item { TextButton(back) { Text("←") } }
        state.problem?.let { item { Text(words.explain(it)) } }
        state.row?.let { item { OrderLineView(it) {} } }
        state.contact?.let { item { Text(it) } }
        state.note?.let { item { Text(it) } }
        items(state.look) { Text(it, color = MaterialTheme.colorScheme.error) }
        items(state.buttons) { button ->
            Button({ model.sending.send(button.command) }, Modifier.fillMaxWidth(), enabled = button.enabled) { Text(button.label) }
        }
        items(state.history) { Text(it, style = MaterialTheme.typography.bodySmall) }
    }
    SendingView(model.sending, words)
}

@Composable
fun BoxView(linli: Linli, box: Reference, words: Words) {
    val scope = rememberCoroutineScope()
    val model = remember(box) { BoxModel(linli, box, scope, words) }
    val state by model.state.collectAsState()
    val offered by model.offered.collectAsState()
    LazyColumn(Modifier.padding(16.dp)) {
        item { Text(state.place, style = MaterialTheme.typography.titleLarge) }
        items(state.lots, key = { it.lot.text }) { lot ->
            Column(Modifier.fillMaxWidth().clickable { lot.product?.let { model.look(it, "1", null) } }.padding(8.dp)) {
                Text("${lot.title}  ${lot.stock}")
                lot.goodUntil?.let { Text(it) }
                lot.keptBack?.let { Text(it, color = MaterialTheme.colorScheme.error) }
            }
        }
        offered?.let { now ->
            items(now.text) { Text(it) }
            item { Button({ model.take(null) }, enabled = now.enough) { Text(words.say("act.take")) } }
        }
    }
    SendingView(model.sending, words)
}

/** What became of a tap: a question where something speaks against it, a word where it was refused. */
@Composable
private fun <W> SendingView(sending: Submission<W>, words: Words) {
    val state by sending.state.collectAsState()
    when (val now = state) {
        is Sending.Idle, is Sending.Busy -> {}
        is Sending.Done -> LaunchedEffect(now) { sending.seen() }
        is Sending.Warned ->
            AlertDialog(
                onDismissRequest = sending::seen,
                confirmButton = { TextButton({ sending.insist() }) { Text(words.say("act.anyway")) } },
                dismissButton = { TextButton(sending::seen) { Text(words.say("act.not_now")) } },
                text = { Text(now.text) },
            )
        is Sending.Failed ->
            AlertDialog(
                onDismissRequest = sending::seen,
                confirmButton = { TextButton({ sending.retry() }) { Text(words.say("act.again")) } },
                text = { Text(words.explain(now.problem)) },
            )
    }
}

@Composable
fun InviteView(model: InviteModel, words: Words) {
    val state by model.state.collectAsState()
    Column(Modifier.fillMaxSize().padding(24.dp), Arrangement.spacedBy(16.dp)) {
        when (val now = state) {
            is Invite.Idle -> {}
            is Invite.Show -> {
                val code = remember(now.text) { BarcodeEncoder().encodeBitmap(now.text, BarcodeFormat.QR_CODE, 800, 800) }
                Image(code.asImageBitmap(), contentDescription = now.text)
            }
            is Invite.Compare -> {
                Text(words.say("screen.compare"))
                Text(now.digits.chunked(3).joinToString(" "), style = MaterialTheme.typography.displayLarge)
                Button({ model.confirm() }) { Text(words.say("screen.yes")) }
                TextButton({ model.refuse() }) { Text(words.say("screen.no")) }
            }
            is Invite.Admitted -> Text(words.say("join.admitted"))
            is Invite.Over -> Text(now.text)
        }
    }
}

@Composable
fun JoinView(model: JoinModel, words: Words) {
    val state by model.state.collectAsState()
    val camera = rememberLauncherForActivityResult(ScanContract()) { it.contents?.let(model::scanned) }
    Column(Modifier.fillMaxSize().padding(24.dp), Arrangement.spacedBy(16.dp)) {
        when (val now = state) {
            is Join.Scan -> {
                now.problem?.let { Text(it, color = MaterialTheme.colorScheme.error) }
                Button({ camera.launch(ScanOptions().setDesiredBarcodeFormats(ScanOptions.QR_CODE)) }) { Text(words.say("join.scan")) }
            }
            is Join.Read -> Button({ model.ask() }) { Text(words.word("role", now.card.role.name.lowercase())) }
            is Join.Reaching -> Text(words.say("join.reaching"))
            is Join.Compare -> {
                Text(words.say("screen.compare"))
                Text(now.digits.chunked(3).joinToString(" "), style = MaterialTheme.typography.displayLarge)
            }
            is Join.FirstSync -> Text(words.say("join.first_sync"))
            is Join.Done -> Text(words.say("join.ready"))
        }
    }
}
