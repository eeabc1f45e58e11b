// Layout only: not compiled by CI, which has no SwiftUI. What it shows and decides is in `Logic`, which is tested.

import Linli
import LinliSample
import SwiftUI
import VisionKit

struct JoinView: View {
    @State var model: JoinModel
    let words: Words
    let done: () -> Void
    @State private var pasted = ""

    var body: some View {
        VStack(spacing: 24) {
            Text(model.sentence).multilineTextAlignment(.center)
            switch model.step {
            case .scan:
                if DataScannerViewController.isSupported, DataScannerViewController.isAvailable {
                    CodeScanner { model.scanned($0) }
                } else {
                    Text(words.say("join.no_camera"))
                }
                TextField("linli:…", text: $pasted).onSubmit { model.scanned(pasted) }
            case .confirm:
                Button("OK") { Task { await model.ask() } }
                Button(words.say("act.cancel"), role: .cancel) { model.again() }
            case .compare(let digits):
                Text(digits).font(.system(size: 64, weight: .bold, design: .monospaced))
            case .reaching, .arriving:
                ProgressView()
            case .done:
                Button("OK", action: done)
            case .failed:
                Button(words.say("act.again")) { model.again() }
            }
        }
        .padding()
    }
}

struct CodeScanner: UIViewControllerRepresentable {
    let found: (String) -> Void

    func makeUIViewController(context: Context) -> DataScannerViewController {
        let scanner = DataScannerViewController(recognizedDataTypes: [.barcode(symbologies: [.qr])])
        scanner.delegate = context.coordinator
        try? scanner.startScanning()
        return scanner
    }

    func updateUIViewController(_: DataScannerViewController, context: Context) {}

    func makeCoordinator() -> Coordinator { Coordinator(found: found) }

    final class Coordinator: NSObject, DataScannerViewControllerDelegate {
        let found: (String) -> Void

        init(found: @escaping (String) -> Void) { self.found = found }

        func dataScanner(_: DataScannerViewController, didAdd items: [RecognizedItem], allItems _: [RecognizedItem]) {
            for case .barcode(let code) in items { code.payloadStringValue.map(found) }
        }
    }
}
