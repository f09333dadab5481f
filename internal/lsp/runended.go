package lsp

// methodRunEnded is how a client that runs templates itself tells that a run has
// ended: what the history says of the document is news.
const methodRunEnded = "northflank/runEnded"

func runEndedMethod() method {
	return notification(methodRunEnded, func(s *Server, p *struct {
		URI string `json:"uri"`
	}) error {
		s.runEnded(p.URI)
		return nil
	})
}
