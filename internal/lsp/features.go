package lsp

import "slices"

// features are the client's capabilities that single methods go by.
type features struct {
	codeActions     bool // it takes actions as literals, not as commands alone
	preferredFixes  bool
	disabledActions bool // it shows actions that are not possible, with the reason
	resolvesActions bool // it asks for an action's edit when the action is chosen
	documentChanges bool // an edit may name the version that it is for
	createsFiles    bool // an edit may make files
	semanticTokens  bool
	inlayHints      bool
	codeLenses      bool
	refreshLenses   bool
	showsDocuments  bool // it opens a document that the server names
	showsProgress   bool // the server may start progress by itself
	runEvents       bool // it takes the notifications about runs
	gitStatus       bool // and those about Git

	executesCommands bool

	workspaceDiagnostics bool // it asks for the findings of files that are not open
	registerWatching     bool
	readsContent         bool // it reads documents of the server that are in no file
	// referencesCommand is a command of the client that shows places.
	referencesCommand string
	refreshHints      bool

	// elsewhere is what the client has from somebody else, and registers the methods
	// that can be registered for some languages only.
	elsewhere elsewhere
	registers map[string]bool

	navigationFeatures
}

func (f *features) read(params loose) {
	caps := params.at("capabilities")
	text, workspace := caps.at("textDocument"), caps.at("workspace")
	f.navigationFeatures.read(text)
	f.elsewhere = readElsewhere(params.at("initializationOptions", "elsewhere"))
	f.readRegisters(text)
	f.codeActions = text.at("codeAction", "codeActionLiteralSupport").exists()
	f.preferredFixes = text.is("codeAction", "isPreferredSupport")
	f.disabledActions = text.is("codeAction", "disabledSupport")
	f.resolvesActions = text.is("codeAction", "dataSupport") &&
		slices.Contains(text.texts("codeAction", "resolveSupport", "properties"), "edit")
	f.semanticTokens = text.at("semanticTokens").exists()
	f.inlayHints = text.at("inlayHint").exists()
	f.refreshHints = workspace.is("inlayHint", "refreshSupport")
	f.codeLenses = text.at("codeLens").exists()
	f.refreshLenses = workspace.is("codeLens", "refreshSupport")
	f.showsDocuments = caps.is("window", "showDocument", "support")
	f.executesCommands = workspace.at("executeCommand").exists()
	f.showsProgress = caps.is("window", "workDoneProgress")
	f.runEvents = caps.is("experimental", "northflank", "runEvents")
	f.gitStatus = caps.is("experimental", "northflank", "gitStatus")
	f.referencesCommand = params.text("initializationOptions", "referencesCommand")
	f.workspaceDiagnostics = workspace.at("diagnostics").exists()
	f.readsContent = workspace.at("textDocumentContent").exists()
	f.registerWatching = workspace.is("didChangeWatchedFiles", "dynamicRegistration")
	f.documentChanges = workspace.is("workspaceEdit", "documentChanges")
	f.createsFiles = f.documentChanges && slices.Contains(workspace.texts("workspaceEdit", "resourceOperations"), "create")
}
