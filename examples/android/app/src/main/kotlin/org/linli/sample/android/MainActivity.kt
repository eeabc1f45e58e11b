// Layout only; not compiled by CI: needs Android and Compose. What it shows comes from the models in `logic`.
package org.linli.sample.android

import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.foundation.layout.Column
import androidx.compose.material3.CircularProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.lifecycle.SavedStateHandle
import androidx.lifecycle.ViewModel
import androidx.lifecycle.createSavedStateHandle
import androidx.lifecycle.viewModelScope
import androidx.lifecycle.viewmodel.compose.viewModel
import org.linli.Linli
import org.linli.Reference
import org.linli.Words
import org.linli.sample.BoardModel
import org.linli.sample.EngineState
import org.linli.sample.JoinModel
import org.linli.sample.NewOrderModel
import org.linli.sample.OnTopModel
import org.linli.sample.Saved

class MainActivity : ComponentActivity() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        val app = application as SampleApp
        setContent { MaterialTheme { Main(app) } }
    }
}

/** Models that outlive a turned screen. */
class Models(linli: Linli, words: Words, saved: SavedStateHandle) : ViewModel() {
    val onTop = OnTopModel(linli, viewModelScope, words)
    val board = BoardModel(linli, viewModelScope, words)
    val join = JoinModel(linli, viewModelScope, words)
    val newOrder = NewOrderModel(linli, viewModelScope, words, saved.asSaved())
}

private fun SavedStateHandle.asSaved() =
    object : Saved {
        override fun get(name: String): String? = this@asSaved.get<String>(name)

        override fun set(name: String, text: String?) = this@asSaved.set(name, text)
    }

@Composable
private fun Main(app: SampleApp) {
    val state by app.engine.state.collectAsState()
    when (val now = state) {
        is EngineState.Opening -> CircularProgressIndicator()
        is EngineState.Unavailable -> Text(app.words.explain(now.problem))
        // After a fault the engine is another one, and so are its models.
        is EngineState.Ready -> Screens(app, now.linli, viewModel(key = "${now.linli.hashCode()}") { Models(now.linli, app.words, createSavedStateHandle()) })
    }
}

@Composable
private fun Screens(app: SampleApp, linli: Linli, models: Models) {
    var member by remember { mutableStateOf<Boolean?>(null) }
    var order by remember { mutableStateOf<Reference?>(null) }
    LaunchedEffect(linli) { linli.watch("roster") { member() != null }.collect { member = it } }
    val opened = order
    Column {
        // Whatever screen it is: somebody may need help.
        OnTopView(models.onTop, app.words)
        when {
            member == null -> CircularProgressIndicator()
            member == false -> JoinView(models.join, app.words)
            opened != null -> OrderView(linli, opened, app.words) { order = null }
            else -> BoardView(models.board, app.words) { order = it }
        }
    }
}
