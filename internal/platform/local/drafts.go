package local

import (
	"maps"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A draft is a proposal of what a document is to become: its record's specification is
// the text. Source: "Manage template versions".
type draft struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Base is the version of the document that the draft was made from.
	Base int `json:"base"`
	// Status is one of the draft's states; Accepted the version that it has become.
	Status   string `json:"status"`
	Accepted int    `json:"accepted,omitempty"`
	// History is what has happened to it, the oldest first.
	History []draftEvent `json:"history"`
}

// A draftEvent is something that was done to a draft.
type draftEvent struct {
	At      int64  `json:"at"` // nanoseconds
	By      string `json:"by,omitempty"`
	What    string `json:"what"` // created, updated, accepted, closed
	Message string `json:"message,omitempty"`
}

// The states of drafts.
const (
	draftOpen     = "open"
	draftAccepted = "accepted"
	draftClosed   = "closed"
)

const draftType = "draft"

// note adds to a draft's history.
func (d *draft) note(c *call, what string) {
	d.History = append(d.History, draftEvent{At: c.now.UnixNano(), By: c.actor, What: what, Message: c.message()})
}

// draft returns the draft that the path names, and its document.
func (c *call) draft() (document *record, f *flavour, r *record, state draft, err error) {
	if document, f, err = c.documentOf(); err != nil {
		return nil, nil, nil, state, err
	}
	if r, err = c.tx.load(document.key + "/drafts/" + c.path("draftId")); err != nil {
		return nil, nil, nil, state, err
	}
	if r == nil {
		return nil, nil, nil, state, notFound(draftType, c.path("draftId"), nameOf(document))
	}
	return document, f, r, stateOf[draft](r), nil
}

// openDraft is draft for what changes it, which one that was decided on does not take.
func (c *call) openDraft() (document *record, f *flavour, r *record, state draft, err error) {
	document, f, r, state, err = c.draft()
	if err == nil && state.Status != draftOpen {
		err = conflict("draft %q is %s already", r.id(), state.Status)
	}
	if err == nil {
		k := &check{spec: c.body}
		k.short("message", "name", "description")
		k.boolean("overwrite")
		k.object("document")
		err = k.err()
	}
	return document, f, r, state, err
}

func (c *call) showDraft(document, r *record, state draft, whole bool) (map[string]any, error) {
	first, last := state.History[0], state.History[len(state.History)-1]
	shown := map[string]any{"id": r.id(), "name": state.Name, "description": state.Description, "status": state.Status, "base": state.Base,
		"createdAt": c.stamp(r.created), "createdBy": first.By, "updatedAt": c.stamp(time.Unix(0, last.At))}
	if state.Accepted != 0 {
		shown["accepted"] = state.Accepted
	}
	if !whole {
		return shown, nil
	}
	history := []any{}
	for _, e := range state.History {
		history = append(history, map[string]any{"at": c.stamp(time.Unix(0, e.At)), "by": e.By, "what": e.What, "message": e.Message})
	}
	shown["history"], shown["document"] = history, c.readable(r.spec)
	current, err := c.newestVersion(document.key)
	shown["current"] = current
	return shown, err
}

// proposed checks what a draft wants a document to be, so that it can be accepted.
func (c *call) proposed(document *record, f *flavour) (map[string]any, error) {
	text := maps.Clone(jsonvalue.Object(c.body, "document"))
	if err := renamed(document, f, text); err != nil {
		return nil, beneath("document", err)
	}
	if err := c.unmask(document, text); err != nil {
		return nil, beneath("document", err)
	}
	k := &check{spec: text}
	f.check(k)
	err := k.err()
	if err == nil && f.refuse != nil {
		err = f.refuse(c, document, document.key, text)
	}
	return text, beneath("document", err)
}

func createDraft(c *call) (any, error) {
	document, f, err := c.documentOf()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("document")
	k.object("document")
	k.short("message", "name", "description")
	if err := k.err(); err != nil {
		return nil, err
	}
	text, err := c.proposed(document, f)
	if err != nil {
		return nil, err
	}
	if unchanged(document.spec, text) {
		return nil, platform.Invalid("document", "is what %s is already: there is nothing to propose", nameOf(document))
	}
	base, err := c.newestVersion(document.key)
	if err != nil {
		return nil, err
	}
	id := freshID()
	state := draft{Name: orDefault(jsonvalue.String(c.body, "name"), id), Description: jsonvalue.String(c.body, "description"), Base: base, Status: draftOpen}
	state.note(c, "created")
	r := &record{key: document.key + "/drafts/" + id, parent: document.key + "/drafts", typ: draftType, created: c.now, spec: text}
	if err := c.tx.create(r, state); err != nil {
		return nil, err
	}
	return c.draftDone(document, r, state, Created)
}

// draftDone logs a change of a draft and shows it.
func (c *call) draftDone(document, r *record, state draft, change Change) (any, error) {
	if err := c.log(r.key, change); err != nil {
		return nil, err
	}
	return c.showDraft(document, r, state, true)
}

func listDrafts(c *call) (any, error) {
	document, _, err := c.documentOf()
	if err != nil {
		return nil, err
	}
	status := c.params.Query["status"]
	k := &check{spec: map[string]any{"status": status}}
	k.oneOf("status", draftOpen, draftAccepted, draftClosed)
	if err := k.err(); err != nil {
		return nil, err
	}
	records, err := c.listWhere(document.key+"/drafts", true, func(r *record) (bool, error) {
		return status == "" || stateOf[draft](r).Status == status, nil
	})
	if err != nil {
		return nil, err
	}
	rows := []any{}
	for _, r := range records {
		row, err := c.showDraft(document, r, stateOf[draft](r), false)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return map[string]any{"drafts": rows}, nil
}

func getDraft(c *call) (any, error) {
	document, _, r, state, err := c.draft()
	if err != nil {
		return nil, err
	}
	return c.showDraft(document, r, state, true)
}

// updateDraft changes what a draft proposes, or what is said of it. A new text is made
// from the document as it is by now.
func updateDraft(c *call) (any, error) {
	document, f, r, state, err := c.openDraft()
	if err != nil {
		return nil, err
	}
	if c.body["document"] != nil {
		if r.spec, err = c.proposed(document, f); err != nil {
			return nil, err
		}
		if state.Base, err = c.newestVersion(document.key); err != nil {
			return nil, err
		}
	}
	if name := jsonvalue.String(c.body, "name"); name != "" {
		state.Name = name
	}
	if description, said := c.body["description"].(string); said {
		state.Description = description
	}
	state.note(c, "updated")
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return c.draftDone(document, r, state, Updated)
}

// acceptDraft makes a document what a draft proposes. What was changed since the draft
// was made would be lost, so that who accepts it says so.
func acceptDraft(c *call) (any, error) {
	document, f, r, state, err := c.openDraft()
	if err != nil {
		return nil, err
	}
	current, err := c.newestVersion(document.key)
	if err != nil {
		return nil, err
	}
	if current != state.Base && !jsonvalue.Bool(c.body, "overwrite") {
		return nil, moved(document, state.Base, current)
	}
	if err := c.restore(document, f, r.spec, "draft "+r.id()+" accepted"); err != nil {
		return nil, err
	}
	if state.Accepted, err = c.newestVersion(document.key); err != nil {
		return nil, err
	}
	state.Status = draftAccepted
	state.note(c, "accepted")
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return c.draftDone(document, r, state, Updated)
}

// closeDraft gives a draft up. Closing it again changes nothing.
func closeDraft(c *call) (any, error) {
	document, _, r, state, err := c.draft()
	if err == nil && state.Status == draftClosed {
		return c.showDraft(document, r, state, true)
	}
	if err == nil {
		document, _, r, state, err = c.openDraft()
	}
	if err != nil {
		return nil, err
	}
	state.Status = draftClosed
	state.note(c, "closed")
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return c.draftDone(document, r, state, Updated)
}
