package lsp

// Methods returns the names of what the server understands, and of each whether
// it is a request.
func Methods() map[string]bool {
	names := map[string]bool{}
	for _, m := range methods() {
		names[m.name] = m.isCall
	}
	return names
}
