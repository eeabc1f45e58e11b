// The codes of plain enums: the name of the case, in the engine's spelling.

/// `leftAtDoor` is `left_at_door`.
func code(of plain: some CaseIterable) -> String {
    "\(plain)".reduce(into: "") { text, letter in
        text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
    }
}
