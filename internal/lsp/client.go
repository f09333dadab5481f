package lsp

import (
	"slices"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// client is what the client said it can do. The zero value is a client that
// said nothing.
type client struct {
	name, version string

	encoding      syntax.Encoding
	tellsEncoding bool // it negotiates the encoding: LSP 3.17

	pullsDiagnostics   bool
	refreshDiagnostics bool
	publishVersion     bool
	relatedInformation bool
	codeDescription    bool
	diagnosticTags     bool

	snippets            bool
	markdownCompletion  bool
	completionTags      bool
	completionDeprecate bool
	preselect           bool
	markdownHover       bool
	labelDetails        bool
	// asIs says that the client can be told to take a text with the indentation that
	// it has; adjustsIndentation, that it gives the lines of a text that of the line
	// where it goes, unless it is told not to.
	asIs, adjustsIndentation bool
	// A list may say these once for all items.
	defaultEditRange, defaultTextFormat, defaultTextMode bool
	// The client asks for these when an item is looked at, or chosen.
	resolvesDocumentation, resolvesAdditions bool

	configuration         bool
	registerConfiguration bool
	workspaceFolders      bool

	// retriggerCommand is a command of the client that opens the completion
	// list; the protocol has no way to ask for it.
	retriggerCommand string

	features
}

// readClient reads the parameters of initialize. Capabilities are looked up one
// by one, so that one that a client spells in its own way costs that one only.
func readClient(params loose) *client {
	c := &client{
		name:    params.text("clientInfo", "name"),
		version: params.text("clientInfo", "version"),
	}
	caps := params.at("capabilities")
	c.readEncoding(caps)
	c.readDiagnostics(caps)
	c.readTextDocument(caps.at("textDocument"))
	c.features.read(params)

	c.configuration = caps.is("workspace", "configuration")
	c.registerConfiguration = caps.is("workspace", "didChangeConfiguration", "dynamicRegistration")
	c.workspaceFolders = caps.is("workspace", "workspaceFolders")
	c.retriggerCommand = params.text("initializationOptions", "retriggerCommand")
	return c
}

// readEncoding settles how columns are counted: the first of the client's
// encodings that the server has. UTF-16 is what clients that name none use, and
// all others have to know.
func (c *client) readEncoding(caps loose) {
	offered := caps.texts("general", "positionEncodings")
	c.tellsEncoding = offered != nil
	c.encoding = syntax.UTF16
	for _, name := range offered {
		switch name {
		case "utf-16":
			return
		case "utf-8":
			c.encoding = syntax.UTF8
			return
		}
	}
}

func (c *client) readDiagnostics(caps loose) {
	pull, push := caps.at("textDocument", "diagnostic"), caps.at("textDocument", "publishDiagnostics")
	c.pullsDiagnostics = pull.exists()
	c.refreshDiagnostics = caps.is("workspace", "diagnostics", "refreshSupport")
	c.publishVersion = push.is("versionSupport")
	c.relatedInformation = pull.is("relatedInformation") || push.is("relatedInformation")
	c.codeDescription = pull.is("codeDescriptionSupport") || push.is("codeDescriptionSupport")
	c.diagnosticTags = pull.at("tagSupport").exists() || push.at("tagSupport").exists()
}

func (c *client) readTextDocument(caps loose) {
	item := caps.at("completion", "completionItem")
	c.snippets = item.is("snippetSupport")
	c.preselect = item.is("preselectSupport")
	c.completionDeprecate = item.is("deprecatedSupport")
	c.completionTags = item.at("tagSupport").exists()
	c.labelDetails = item.is("labelDetailsSupport")
	lazily := item.texts("resolveSupport", "properties")
	c.resolvesDocumentation = slices.Contains(lazily, "documentation")
	c.resolvesAdditions = slices.Contains(lazily, "additionalTextEdits")
	for _, mode := range item.list("insertTextModeSupport", "valueSet") {
		c.asIs = c.asIs || mode.isMode(protocol.InsertTextModeAsIs)
	}
	c.adjustsIndentation = caps.at("completion", "insertTextMode").isMode(protocol.InsertTextModeAdjustIndentation)
	defaults := caps.texts("completion", "completionList", "itemDefaults")
	c.defaultEditRange = slices.Contains(defaults, "editRange")
	c.defaultTextFormat = slices.Contains(defaults, "insertTextFormat")
	c.defaultTextMode = slices.Contains(defaults, "insertTextMode")
	c.markdownCompletion = slices.Contains(item.texts("documentationFormat"), "markdown")

	// The formats are in the client's order of preference.
	if formats := caps.texts("hover", "contentFormat"); len(formats) > 0 {
		c.markdownHover = formats[0] == "markdown"
	}
}

// loose is a JSON value whose form is not relied upon.
type loose struct{ value any }

// at returns the value at the end of a path of member names.
func (l loose) at(path ...string) loose {
	for _, name := range path {
		object, _ := l.value.(map[string]any)
		l = loose{object[name]}
	}
	return l
}

// exists reports whether the value is an object or true.
func (l loose) exists() bool {
	switch v := l.value.(type) {
	case map[string]any:
		return true
	case bool:
		return v
	}
	return false
}

// is reports whether the value at the path is true.
func (l loose) is(path ...string) bool {
	v, _ := l.at(path...).value.(bool)
	return v
}

// text returns the string at the path, or "".
func (l loose) text(path ...string) string {
	v, _ := l.at(path...).value.(string)
	return v
}

// texts returns the strings of the array at the path, or nil if there is none.
func (l loose) texts(path ...string) []string {
	list, ok := l.at(path...).value.([]any)
	if !ok {
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, v := range list {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// list returns the elements of the array at the path.
func (l loose) list(path ...string) []loose {
	values, _ := l.at(path...).value.([]any)
	list := make([]loose, len(values))
	for i, v := range values {
		list[i] = loose{v}
	}
	return list
}

func (l loose) isMode(mode protocol.InsertTextMode) bool {
	n, ok := l.number()
	return ok && n == float64(mode)
}

// number returns the number at the path.
func (l loose) number(path ...string) (float64, bool) {
	v, ok := l.at(path...).value.(float64)
	return v, ok
}
