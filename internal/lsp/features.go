package lsp

// features are the client's capabilities that single methods go by.
type features struct {
	codeActions     bool // it takes actions as literals, not as commands alone
	preferredFixes  bool
	documentChanges bool // an edit may name the version that it is for
	semanticTokens  bool
	inlayHints      bool
	refreshHints    bool
}

func (f *features) read(caps loose) {
	text, workspace := caps.at("textDocument"), caps.at("workspace")
	f.codeActions = text.at("codeAction", "codeActionLiteralSupport").exists()
	f.preferredFixes = text.is("codeAction", "isPreferredSupport")
	f.semanticTokens = text.at("semanticTokens").exists()
	f.inlayHints = text.at("inlayHint").exists()
	f.refreshHints = workspace.is("inlayHint", "refreshSupport")
	f.documentChanges = workspace.is("workspaceEdit", "documentChanges")
}
