package lsp

import (
	"maps"

	"go.lsp.dev/uri"

	project "github.com/nf-lsp/nf-lsp/internal/settings"
)

// View is everything that a question can be about, at one moment. It and what
// it holds are immutable.
type View struct {
	client   *client
	settings *settings
	// configuration is what the settings mean to the analysis.
	configuration *configuration
	// openSettings are the projects' settings files that are open, as they count.
	openSettings map[string]*project.File
	folders      []folder
	docs         map[documentKey]*Document
	closing      bool // shutdown was requested
}

// folder is a root of the workspace.
type folder struct {
	uri  string
	name string
}

// documentKey identifies a document, however its URI is spelled.
type documentKey string

// keyOf returns the key of a URI. Spellings that differ in escapes or in the
// case of a drive letter have one key.
func keyOf(u string) documentKey {
	parsed, err := uri.Parse(u)
	if err != nil {
		return documentKey(u)
	}
	return documentKey(parsed)
}

func (v *View) clone() *View {
	next := *v
	next.docs = maps.Clone(v.docs)
	if next.docs == nil {
		next.docs = make(map[documentKey]*Document)
	}
	return &next
}

// template returns the open document with this URI if it may be a template,
// else nil: a closed document and one in another language have no answers.
func (v *View) template(u uri.URI) *Document {
	d := v.docs[documentKey(u)]
	if d == nil || !d.isJSON() {
		return nil
	}
	return d
}

// configure sets the settings and gives every document its new analysis.
func (v *View) configure(s *settings) {
	v.settings = s
	v.reconfigure()
}

// reconfigure makes the configuration anew, from the settings as they are now.
func (v *View) reconfigure() {
	v.configuration = newConfiguration(v.settings, v.folders, v.openSettings)
	for key, d := range v.docs {
		v.docs[key] = d.with(v.configuration)
	}
}
