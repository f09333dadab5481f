package local

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A version is a record of a document as it was stored. Every change that changes
// something makes one, whoever asks for it: a client, a node, an accepted draft. They
// count from 1, stay as long as the document, and only their message changes.
type version struct {
	// By is who has made it, empty where nobody said; Message why, in their words.
	By      string `json:"by,omitempty"`
	Message string `json:"message,omitempty"`
	// Cause says what made it that was no plain change, such as an accepted draft.
	Cause string `json:"cause,omitempty"`
}

const versionType = "version"

func versionsOf(document string) string { return document + "/versions" }

// newestVersion is the number of a document as it is now. One that was stored before
// versions were kept is its own first.
func (c *call) newestVersion(document string) (int, error) {
	newest, err := c.tx.list(versionsOf(document), page{newest: true, limit: 1})
	if err != nil || len(newest) == 0 {
		return 1, err
	}
	return strconv.Atoi(newest[0].id())
}

// keepVersion records what a document becomes. before is nil for a new one.
func (c *call) keepVersion(document string, before *record, spec map[string]any) error {
	number := 0
	if before != nil {
		newest, err := c.tx.list(versionsOf(document), page{newest: true, limit: 1})
		if err != nil {
			return err
		}
		if len(newest) == 0 {
			if err := c.addVersion(document, 1, before.updated, before.spec, version{}); err != nil {
				return err
			}
			number = 1
		} else if number, err = strconv.Atoi(newest[0].id()); err != nil {
			return err
		}
	}
	return c.addVersion(document, number+1, c.now, spec, version{By: c.actor, Message: c.message(), Cause: c.cause})
}

func (c *call) addVersion(document string, number int, at time.Time, spec map[string]any, v version) error {
	parent := versionsOf(document)
	return c.tx.create(&record{key: parent + "/" + strconv.Itoa(number), parent: parent, typ: versionType, created: at, spec: spec}, v)
}

// message is what a request about a version or a draft says of it.
func (c *call) message() string {
	if !c.op.Own() {
		return ""
	}
	return jsonvalue.String(c.body, "message")
}

// longestMessage bounds what is said of versions and drafts, in bytes.
const longestMessage = 2000

func (k *check) short(paths ...string) {
	for _, path := range paths {
		switch v := jsonvalue.Get(k.spec, path).(type) {
		case nil:
		case string:
			if len(v) > longestMessage {
				k.fail(path, "is longer than %d bytes", longestMessage)
			}
		default:
			k.fail(path, "is no string")
		}
	}
}

// documentOf returns the document that the path names, and what it is.
func (c *call) documentOf() (*record, *flavour, error) {
	id := c.path("documentId")
	r, err := c.tx.load(strings.ReplaceAll(id, ":", "/"))
	if err != nil {
		return nil, nil, err
	}
	if r != nil {
		if f := documentFlavour(r.typ); f != nil {
			return r, f, nil
		}
	}
	return nil, nil, notFound("document", id, "")
}

func documentFlavour(typ string) *flavour {
	for _, f := range []*flavour{&templateFamily.flavour, &workflowFamily.flavour, &blueprintFamily.flavour, &releaseFlowFlavour, &previewFlavour} {
		if f.typ == typ {
			return f
		}
	}
	return nil
}

// readable is a document without the values of its overrides, which are secrets: each is
// told apart from others by a number, so that changes show.
func (c *call) readable(spec map[string]any) map[string]any {
	overrides := jsonvalue.Object(spec, "argumentOverrides")
	if len(overrides) == 0 {
		return spec
	}
	hidden := map[string]any{}
	for name, v := range overrides {
		hidden[name] = c.hidden(name, v)
	}
	shown := maps.Clone(spec)
	shown["argumentOverrides"] = hidden
	return shown
}

// hidden stands for the value of an override.
func (c *call) hidden(name string, v any) string {
	text, err := jsonvalue.Marshal(v)
	if err != nil {
		text = nil
	}
	return expr.Mask + " " + hex.EncodeToString(c.derive("override", name+"\x00"+string(text))[:4])
}

// unmask puts the values of overrides back that a text has from what was shown of the
// document.
func (c *call) unmask(document *record, text map[string]any) error {
	overrides := jsonvalue.Object(text, "argumentOverrides")
	if len(overrides) == 0 {
		return nil
	}
	own, kept := maps.Clone(overrides), jsonvalue.Object(document.spec, "argumentOverrides")
	for name, v := range overrides {
		shown, isText := v.(string)
		if !isText || !strings.HasPrefix(shown, expr.Mask) {
			continue
		}
		value, there := kept[name]
		if !there || c.hidden(name, value) != shown {
			return platform.Invalid("argumentOverrides."+name, "is a mask of a value that the document does not have any more")
		}
		own[name] = value
	}
	text["argumentOverrides"] = own
	return nil
}

func (c *call) versionRow(r *record) map[string]any {
	v := stateOf[version](r)
	row := map[string]any{"createdAt": c.stamp(r.created), "createdBy": v.By, "message": v.Message, "cause": v.Cause}
	row["version"], _ = strconv.Atoi(r.id())
	return row
}

// versionRuns counts the runs of each version, and names the newest.
func (c *call) versionRuns(document string) (map[int]int, map[int]string, error) {
	runs, err := c.tx.all(document + "/runs")
	counts, newest := map[int]int{}, map[int]string{}
	for _, r := range runs {
		n, _ := jsonvalue.Number(r.spec, "version")
		counts[int(n)]++
		newest[int(n)] = r.id()
	}
	return counts, newest, err
}

func listVersions(c *call) (any, error) {
	document, _, err := c.documentOf()
	if err != nil {
		return nil, err
	}
	counts, newest, err := c.versionRuns(document.key)
	if err != nil {
		return nil, err
	}
	current, err := c.newestVersion(document.key)
	if err != nil {
		return nil, err
	}
	show := func(row map[string]any) map[string]any {
		n := row["version"].(int)
		row["runs"], row["current"] = counts[n], n == current
		if id := newest[n]; id != "" {
			row["newestRun"] = id
		}
		return row
	}
	rows, err := c.rows(versionsOf(document.key), true, func(r *record) (map[string]any, error) { return show(c.versionRow(r)), nil })
	if err == nil && len(rows) == 0 && c.params.Query["cursor"] == "" {
		rows = append(rows, show(c.onlyVersion(document)))
	}
	return map[string]any{"versions": rows}, err
}

// onlyVersion is a document that was stored before versions were kept.
func (c *call) onlyVersion(document *record) map[string]any {
	return map[string]any{"version": 1, "createdAt": c.stamp(document.updated), "createdBy": "", "message": "", "cause": ""}
}

// versionOf returns a version of a document; its record is nil for the one that was
// stored before versions were kept.
func (c *call) versionOf(document *record, number string) (*record, map[string]any, error) {
	r, err := c.tx.load(versionsOf(document.key) + "/" + number)
	if err != nil || r != nil {
		if err != nil {
			return nil, nil, err
		}
		return r, r.spec, nil
	}
	if newest, err := c.newestVersion(document.key); err != nil || newest == 1 && number == "1" {
		return nil, document.spec, err
	}
	return nil, nil, notFound("version", number, nameOf(document))
}

func getVersion(c *call) (any, error) {
	document, _, err := c.documentOf()
	if err != nil {
		return nil, err
	}
	r, text, err := c.versionOf(document, c.path("version"))
	if err != nil {
		return nil, err
	}
	row := c.onlyVersion(document)
	if r != nil {
		row = c.versionRow(r)
	}
	current, err := c.newestVersion(document.key)
	row["current"], row["document"] = row["version"] == current, c.readable(text)
	return row, err
}

// noteVersion says why a version was made. It is the only change of one that there is.
func noteVersion(c *call) (any, error) {
	document, _, err := c.documentOf()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("message")
	k.short("message")
	if err := k.err(); err != nil {
		return nil, err
	}
	r, text, err := c.versionOf(document, c.path("version"))
	if err != nil {
		return nil, err
	}
	if r == nil {
		if err := c.addVersion(document.key, 1, document.updated, text, version{Message: c.message()}); err != nil {
			return nil, err
		}
		return getVersion(c)
	}
	v := stateOf[version](r)
	v.Message = c.message()
	if err := c.tx.save(r, v, c.now); err != nil {
		return nil, err
	}
	return getVersion(c)
}

// restoreVersion makes a document what it was, as a new version.
func restoreVersion(c *call) (any, error) {
	document, f, err := c.documentOf()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.short("message")
	if err := k.err(); err != nil {
		return nil, err
	}
	_, text, err := c.versionOf(document, c.path("version"))
	if err != nil {
		return nil, err
	}
	if err := c.restore(document, f, text, "version "+c.path("version")+" restored"); err != nil {
		return nil, err
	}
	return c.currentVersion(document)
}

// restore sets a document to a text that it has been before or that a draft proposes.
func (c *call) restore(document *record, f *flavour, text map[string]any, cause string) error {
	c.cause = cause
	_, err := c.storeDocument(f, document.parent, document.id(), maps.Clone(text))
	return err
}

// currentVersion shows a document's newest version.
func (c *call) currentVersion(document *record) (any, error) {
	newest, err := c.newestVersion(document.key)
	if err != nil {
		return nil, err
	}
	r, _, err := c.versionOf(document, strconv.Itoa(newest))
	if err != nil {
		return nil, err
	}
	row := c.onlyVersion(document)
	if r != nil {
		row = c.versionRow(r)
	}
	row["current"] = true
	return row, nil
}

// renamed refuses another name for a document that is found by its name.
func renamed(document *record, f *flavour, text map[string]any) error {
	if f.segment == "" {
		return nil // of a stage or a pipeline
	}
	if name := jsonvalue.String(text, "name"); name != "" && platform.Slug(name) != document.id() {
		return platform.Invalid("name", "cannot be changed")
	}
	if text["name"] == nil {
		text["name"] = document.spec["name"]
	}
	return nil
}

// moved is the refusal to take back what nobody has looked at.
func moved(document *record, base, current int) error {
	return &platform.Error{Status: http.StatusConflict, ID: platform.ErrorConflict,
		Message: fmt.Sprintf("%s is at version %d by now, and the draft was made from version %d: accepting it takes back what has changed since. "+
			"Look at the differences; accept it all the same (overwrite, --overwrite), or make a new draft", nameOf(document), current, base)}
}
