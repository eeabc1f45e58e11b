struct Failure { let key: String; init(_ e: Error) { key = "error.unknown" } }
