package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) draft() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "draft",
		Short: "Propose changes of a stored template, look at them, accept or close them",
		Long: `Draft works with proposals of what a stored document is to become: a template, or with
--project a workflow, with --pipeline a release flow (see 'nf-run versions'). A draft
changes nothing until it is accepted: then the document is replaced by it as a whole,
which makes a version. Who has done what with a draft, and when, is kept.

Drafts are kept by the local platform and 'nf-run serve'; the hosted platform's API has
none.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.draftCreate(), c.draftList(), c.draftShow(), c.draftEdit(), c.draftAccept(), c.draftClose())
	return cmd
}

// proposalFlags are what is said of a draft.
type proposalFlags struct{ name, description, message string }

func (f *proposalFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "name", "", "what the draft is called")
	cmd.Flags().StringVar(&f.description, "description", "", "what is said of the draft")
	f.addMessage(cmd)
}

func (f *proposalFlags) addMessage(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.message, "message", "m", "", "why, for the history")
}

func (f *proposalFlags) proposal() stored.Proposal {
	return stored.Proposal{Name: f.name, Description: f.description, Message: f.message}
}

// proposed is the text of a file that is right enough to be stored.
func (c *command) proposed(path string, f storedFlags) (*document, json.RawMessage, error) {
	d, err := c.openIn(path, f.project)
	if err != nil {
		return nil, nil, err
	}
	text := d.snapshot.Tree.Source()
	if !json.Valid([]byte(text)) {
		return nil, nil, exitWith(exitFailed, errors.New("the platform takes plain JSON, without comments: take them out"))
	}
	return d, json.RawMessage(text), nil
}

func (c *command) draftCreate() *cobra.Command {
	var f storedFlags
	var p proposalFlags
	cmd := &cobra.Command{
		Use:   "create FILE",
		Short: "Propose that the document of the same name becomes what the file says",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, text, err := c.proposed(args[0], f)
			if err != nil {
				return err
			}
			name, err := f.of(file)
			if err != nil {
				return err
			}
			proposal := p.proposal()
			proposal.Text = text
			return c.withStored(cmd.Context(), f, name, func(d *storedDocument) error {
				made, err := d.shelf.CreateDraft(cmd.Context(), d.document, proposal)
				if err != nil {
					return err
				}
				return c.writeDraft(made, "created")
			})
		},
	}
	f.add(cmd)
	p.add(cmd)
	return cmd
}

// draftOutput is a draft in JSON, version 1.
type draftOutput struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Status is "open", "accepted" or "closed"; Accepted the version that it has become.
	Status   string `json:"status"`
	Accepted int    `json:"accepted,omitempty"`
	// Base is the version that it was made from, Current the one that the document has.
	Base      int           `json:"base"`
	Current   int           `json:"current,omitempty"`
	CreatedBy string        `json:"createdBy,omitempty"`
	CreatedAt *time.Time    `json:"createdAt,omitempty"`
	UpdatedAt *time.Time    `json:"updatedAt,omitempty"`
	History   []draftedStep `json:"history,omitempty"`
	// Differences are those from the document as it is, Reverted those that accepting
	// the draft takes back: what has changed since it was made.
	Differences []stored.Difference `json:"differences,omitempty"`
	Reverted    []stored.Difference `json:"reverted,omitempty"`
	Document    map[string]any      `json:"document,omitempty"`
}

// draftedStep is something that was done to a draft.
type draftedStep struct {
	At      *time.Time `json:"at,omitempty"`
	By      string     `json:"by,omitempty"`
	What    string     `json:"what"`
	Message string     `json:"message,omitempty"`
}

func outputOfDraft(d stored.Draft) draftOutput {
	out := draftOutput{ID: d.ID, Name: d.Name, Description: d.Description, Status: d.Status, Accepted: d.Accepted, Base: d.Base, Current: d.Current,
		CreatedBy: d.CreatedBy, CreatedAt: timeOrNil(d.CreatedAt), UpdatedAt: timeOrNil(d.UpdatedAt), Document: d.Text}
	for _, e := range d.History {
		out.History = append(out.History, draftedStep{At: timeOrNil(e.At), By: e.By, What: e.What, Message: e.Message})
	}
	return out
}

// writeDraft says what was done with a draft.
func (c *command) writeDraft(d stored.Draft, done string) error {
	if c.json {
		out := outputOfDraft(d)
		out.Document = nil
		return c.writeJSON(out)
	}
	title := d.ID
	if d.Name != d.ID {
		title += " " + strconv.Quote(d.Name)
	}
	more := ""
	if d.Accepted != 0 {
		more = fmt.Sprintf(", version %d", d.Accepted)
	}
	_, err := fmt.Fprintf(c.out, "draft %s: %s%s\n", terminal.Printable(title), done, more)
	return err
}

func (c *command) draftList() *cobra.Command {
	var f storedFlags
	status := "open"
	cmd := &cobra.Command{
		Use:   "list NAME",
		Short: "List the drafts of a document, newest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted := status
			switch status {
			case "all":
				wanted = ""
			case "open", "accepted", "closed":
			default:
				return fmt.Errorf("--status takes open, accepted, closed or all, not %q", status)
			}
			return c.withStored(cmd.Context(), f, args[0], func(d *storedDocument) error { return c.listDrafts(cmd.Context(), d, wanted) })
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&status, "status", status, "open, accepted, closed or all")
	return cmd
}

func (c *command) listDrafts(ctx context.Context, d *storedDocument, status string) error {
	all, err := d.shelf.Drafts(ctx, d.document, status)
	if err != nil {
		return err
	}
	if c.json {
		out := make([]draftOutput, len(all))
		for i, one := range all {
			out[i] = outputOfDraft(one)
		}
		return c.writeJSON(out)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintf(c.out, "no drafts of %s\n", d.document.ID)
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DRAFT\tSTATUS\tNAME\tFROM VERSION\tBY\tCREATED")
	for _, one := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", one.ID, one.Status, terminal.Printable(one.Name), one.Base, one.CreatedBy, one.CreatedAt.Local().Format(time.DateTime))
	}
	return w.Flush()
}

// draftNamed finds a draft by its id, the beginning of one, or its name.
func (d *storedDocument) draftNamed(ctx context.Context, what string) (stored.Draft, error) {
	all, err := d.shelf.Drafts(ctx, d.document, "")
	if err != nil {
		return stored.Draft{}, err
	}
	var meant []string
	for _, one := range all {
		if one.ID == what {
			meant = []string{one.ID}
			break
		}
		if strings.HasPrefix(one.ID, what) || one.Name == what {
			meant = append(meant, one.ID)
		}
	}
	switch len(meant) {
	case 1:
		return d.shelf.Draft(ctx, d.document, meant[0])
	case 0:
		return stored.Draft{}, fmt.Errorf("%s has no draft %q: 'nf-run draft list %s --status all' lists them", d.document.ID, what, d.document.ID)
	}
	return stored.Draft{}, fmt.Errorf("several drafts are called %q: %s", what, strings.Join(meant, ", "))
}

func (c *command) draftShow() *cobra.Command {
	var f storedFlags
	var whole bool
	cmd := &cobra.Command{
		Use:   "show NAME DRAFT",
		Short: "Show what a draft would change, property by property, and what was done with it",
		Long: `Show lists the properties in which a draft differs from the document as it is. Where the
document has changed since the draft was made, what accepting it would take back is listed
as well. With --document the text of the draft is printed as JSON.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStored(cmd.Context(), f, args[0], func(d *storedDocument) error {
				one, err := d.draftNamed(cmd.Context(), args[1])
				if err != nil {
					return err
				}
				if whole {
					return c.writeJSON(one.Text)
				}
				return c.showDraft(cmd.Context(), d, one)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&whole, "document", false, "print the text of the draft as JSON")
	return cmd
}

// compared are the differences that a draft makes: from the document as it is, of a draft
// that was accepted from the version before, and what it takes back.
func (d *storedDocument) compared(ctx context.Context, one stored.Draft) (differences, reverted []stored.Difference, err error) {
	if one.Status == "accepted" {
		_, before, err := d.shelf.Version(ctx, d.document, strconv.Itoa(one.Accepted-1))
		return stored.Differences(before, one.Text), nil, err
	}
	_, now, err := d.shelf.Version(ctx, d.document, strconv.Itoa(one.Current))
	if err != nil || one.Current == one.Base {
		return stored.Differences(now, one.Text), nil, err
	}
	_, base, err := d.shelf.Version(ctx, d.document, strconv.Itoa(one.Base))
	if err != nil {
		return nil, nil, err
	}
	// What has changed since is taken back where the draft has it as it was.
	proposed := map[string]bool{}
	for _, x := range stored.Differences(base, one.Text) {
		proposed[x.Path] = true
	}
	for _, x := range stored.Differences(now, base) {
		if !proposed[x.Path] {
			reverted = append(reverted, x)
		}
	}
	return stored.Differences(now, one.Text), reverted, nil
}

func (c *command) showDraft(ctx context.Context, d *storedDocument, one stored.Draft) error {
	differences, reverted, err := d.compared(ctx, one)
	if err != nil {
		return err
	}
	if c.json {
		out := outputOfDraft(one)
		out.Differences, out.Reverted = differences, reverted
		return c.writeJSON(out)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "draft %s %s: %s", one.ID, terminal.Printable(strconv.Quote(one.Name)), one.Status)
	if one.Accepted != 0 {
		fmt.Fprintf(&b, " as version %d", one.Accepted)
	}
	fmt.Fprintf(&b, ", made from version %d of %s", one.Base, d.document.ID)
	if one.Status == "open" && one.Current != one.Base {
		fmt.Fprintf(&b, ", which is at version %d by now", one.Current)
	}
	b.WriteString("\n")
	if one.Description != "" {
		fmt.Fprintf(&b, "%s\n", terminal.Printable(one.Description))
	}
	for _, e := range one.History {
		fmt.Fprintf(&b, "  %s  %s", e.At.Local().Format(time.DateTime), e.What)
		if e.By != "" {
			fmt.Fprintf(&b, " by %s", terminal.Printable(e.By))
		}
		if e.Message != "" {
			fmt.Fprintf(&b, ": %s", terminal.Printable(e.Message))
		}
		b.WriteString("\n")
	}
	if _, err := fmt.Fprint(c.out, b.String()); err != nil {
		return err
	}
	if len(reverted) > 0 {
		fmt.Fprintln(c.out, "Accepting it takes back what has changed since:")
		if err := c.writeDifferences(reverted); err != nil {
			return err
		}
		fmt.Fprintln(c.out, "All in all:")
	}
	return c.writeDifferences(differences)
}

func (c *command) draftEdit() *cobra.Command {
	var f storedFlags
	var p proposalFlags
	cmd := &cobra.Command{
		Use:   "edit NAME DRAFT [FILE]",
		Short: "Change what an open draft proposes, or what is said of it",
		Long: `Edit takes the text of a file in the place of what a draft proposes, which is then made
from the document as it is now. Without a file only the name, the description and the
history change.`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			proposal := p.proposal()
			if len(args) == 3 {
				var err error
				if _, proposal.Text, err = c.proposed(args[2], f); err != nil {
					return err
				}
			} else if proposal.Name == "" && proposal.Description == "" && proposal.Message == "" {
				return errors.New("there is nothing to change: give a file, --name, --description or --message")
			}
			return c.changeDraft(cmd.Context(), f, args, proposal, "updated", stored.Shelf.UpdateDraft)
		},
	}
	f.add(cmd)
	p.add(cmd)
	return cmd
}

// changeDraft does something to a draft and says so.
func (c *command) changeDraft(ctx context.Context, f storedFlags, args []string, p stored.Proposal, done string,
	do func(stored.Shelf, context.Context, stored.Document, string, stored.Proposal) (stored.Draft, error)) error {
	return c.withStored(ctx, f, args[0], func(d *storedDocument) error {
		one, err := d.draftNamed(ctx, args[1])
		if err != nil {
			return err
		}
		changed, err := do(d.shelf, ctx, d.document, one.ID, p)
		if err != nil {
			return err
		}
		return c.writeDraft(changed, done)
	})
}

func (c *command) draftAccept() *cobra.Command {
	var f storedFlags
	var p proposalFlags
	var overwrite bool
	cmd := &cobra.Command{
		Use:   "accept NAME DRAFT",
		Short: "Make a document what a draft proposes",
		Long: `Accept replaces the document by the draft, as a new version. Where the document has
changed since the draft was made, that would take the changes back: it is refused with
the exit code 4 and what would be lost, unless --overwrite says that it is meant. To
keep both, put the changes into a file and 'nf-run draft edit' the draft.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			proposal := p.proposal()
			proposal.Overwrite = overwrite
			return c.acceptDraft(cmd.Context(), f, args, proposal)
		},
	}
	f.add(cmd)
	p.addMessage(cmd)
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "also where changes that were made since are taken back")
	return cmd
}

func (c *command) acceptDraft(ctx context.Context, f storedFlags, args []string, p stored.Proposal) error {
	return c.withStored(ctx, f, args[0], func(d *storedDocument) error {
		one, err := d.draftNamed(ctx, args[1])
		if err != nil {
			return err
		}
		accepted, err := d.shelf.AcceptDraft(ctx, d.document, one.ID, p)
		var refused *platform.Error
		if errors.As(err, &refused) && refused.Status == 409 && one.Status == "open" && !p.Overwrite {
			if _, reverted, compareErr := d.compared(ctx, one); compareErr == nil && len(reverted) > 0 && !c.json {
				if writeErr := c.writeDifferences(reverted); writeErr != nil {
					return writeErr
				}
			}
			return exitWith(exitConflict, err)
		}
		if err != nil {
			return err
		}
		return c.writeDraft(accepted, "accepted")
	})
}

func (c *command) draftClose() *cobra.Command {
	var f storedFlags
	var p proposalFlags
	cmd := &cobra.Command{
		Use:   "close NAME DRAFT",
		Short: "Give a draft up",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeDraft(cmd.Context(), f, args, p.proposal(), "closed", stored.Shelf.CloseDraft)
		},
	}
	f.add(cmd)
	p.addMessage(cmd)
	return cmd
}
