package stored

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A Draft is a proposal of what a document is to become.
type Draft struct {
	ID, Name, Description string
	// Status is "open", "accepted" or "closed"; Accepted the version that it has become.
	Status   string
	Accepted int
	// Base is the version that it was made from, Current the one that the document has;
	// 0 in lists.
	Base, Current        int
	CreatedAt, UpdatedAt time.Time
	CreatedBy            string
	// History is what has happened to it, the oldest first; nil in lists.
	History []DraftEvent
	// Text is what it proposes, with the values of overrides masked; nil in lists.
	Text map[string]any
}

// A DraftEvent is something that was done to a draft.
type DraftEvent struct {
	At                time.Time
	By, What, Message string
}

// A Proposal is what a request says of a draft: fields that are empty are left as they
// are.
type Proposal struct {
	Name, Description, Message string
	Text                       json.RawMessage
	// Overwrite accepts a draft whose document has changed since.
	Overwrite bool
}

func (p Proposal) body() (json.RawMessage, error) {
	body := map[string]any{}
	for name, text := range map[string]string{"name": p.Name, "description": p.Description} {
		if text != "" {
			body[name] = text
		}
	}
	if p.Text != nil {
		body["document"] = p.Text
	}
	if p.Overwrite {
		body["overwrite"] = true
	}
	return said(body, p.Message)
}

func draftOf(shown map[string]any) Draft {
	number := func(name string) int {
		n, _ := jsonvalue.Number(shown, name)
		return int(n)
	}
	d := Draft{ID: jsonvalue.String(shown, "id"), Name: jsonvalue.String(shown, "name"), Description: jsonvalue.String(shown, "description"),
		Status: jsonvalue.String(shown, "status"), Accepted: number("accepted"), Base: number("base"), Current: number("current"),
		CreatedAt: timeOf(shown, "createdAt"), UpdatedAt: timeOf(shown, "updatedAt"), CreatedBy: jsonvalue.String(shown, "createdBy"),
		Text: jsonvalue.Object(shown, "document")}
	for _, v := range jsonvalue.List(shown, "history") {
		e, ok := v.(map[string]any)
		if !ok {
			continue
		}
		d.History = append(d.History, DraftEvent{At: timeOf(e, "at"), By: jsonvalue.String(e, "by"), What: jsonvalue.String(e, "what"), Message: jsonvalue.String(e, "message")})
	}
	return d
}

func (s Shelf) draft(ctx context.Context, op string, path map[string]string, p *Proposal) (Draft, error) {
	var body json.RawMessage
	if p != nil {
		var err error
		if body, err = p.body(); err != nil {
			return Draft{}, err
		}
	}
	shown, err := object(s.Target.Do(ctx, op, platform.Params{Path: path}, body))
	if lacks(err) {
		err = ErrNoVersions
	}
	return draftOf(shown), err
}

// CreateDraft proposes what a document is to become.
func (s Shelf) CreateDraft(ctx context.Context, d Document, p Proposal) (Draft, error) {
	return s.draft(ctx, platform.OpCreateDraft, s.documentPath(d), &p)
}

// Draft returns a draft of a document.
func (s Shelf) Draft(ctx context.Context, d Document, id string) (Draft, error) {
	return s.draft(ctx, platform.OpGetDraft, s.documentPath(d, "draftId", id), nil)
}

// UpdateDraft changes an open draft. A new text is made from the document as it is now.
func (s Shelf) UpdateDraft(ctx context.Context, d Document, id string, p Proposal) (Draft, error) {
	return s.draft(ctx, platform.OpUpdateDraft, s.documentPath(d, "draftId", id), &p)
}

// AcceptDraft makes a document what a draft proposes.
func (s Shelf) AcceptDraft(ctx context.Context, d Document, id string, p Proposal) (Draft, error) {
	return s.draft(ctx, platform.OpAcceptDraft, s.documentPath(d, "draftId", id), &p)
}

// CloseDraft gives a draft up.
func (s Shelf) CloseDraft(ctx context.Context, d Document, id string, p Proposal) (Draft, error) {
	return s.draft(ctx, platform.OpCloseDraft, s.documentPath(d, "draftId", id), &p)
}

// Drafts lists the drafts of a document, newest first; of a status, or all where it is
// empty.
func (s Shelf) Drafts(ctx context.Context, d Document, status string) ([]Draft, error) {
	var all []Draft
	for row, err := range platform.Items(ctx, s.Target, platform.OpListDrafts, s.documentPath(d), "drafts") {
		if lacks(err) {
			return nil, ErrNoVersions
		}
		if err != nil {
			return nil, err
		}
		if one := draftOf(row); status == "" || one.Status == status {
			all = append(all, one)
		}
	}
	return all, nil
}
