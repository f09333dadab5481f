package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) versions() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "versions",
		Short: "What a stored template was before: its versions, their differences, going back",
		Long: `Versions shows what a document that a platform stores has been: every change of it, by
'nf-run deploy', a node, a client or an accepted draft, has made a version, with who
made it, when and why. Runs are tied to the version that they run.

NAME is the name or the id of a template or, with --project, of a workflow (with
--previews of a preview blueprint); with --pipeline the stage of a release flow, or with
--previews as well the preview template, whatever NAME. A file may stand for the
document that it is deployed as.

The hosted platform's API keeps no versions. There they are those that the newest runs
were of, named by the newest run of each.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.versionsList(), c.versionsShow(), c.versionsDiff(), c.versionsRestore(), c.versionsNote())
	return cmd
}

// storedFlags are shelfFlags of commands that look at what the local platform stores as
// well.
type storedFlags struct{ shelfFlags }

func (f *storedFlags) add(cmd *cobra.Command) {
	f.shelfFlags.add(cmd)
	f.whole = true
	f.target = "local"
	flag := cmd.Flags().Lookup("target")
	flag.DefValue, flag.Usage = "local", targetUsage
	f.addStage(cmd)
}

// A storedDocument is a document on an open platform.
type storedDocument struct {
	*session
	shelf    stored.Shelf
	document stored.Document
}

// storedAt opens the platform and looks a document up, by its name or by the file that it
// is deployed from.
func (c *command) storedAt(ctx context.Context, f storedFlags, what string) (*storedDocument, error) {
	name := what
	if isFile(what) {
		d, err := c.openIn(what, f.project)
		if err != nil {
			return nil, err
		}
		if name, err = f.of(d); err != nil {
			return nil, err
		}
	}
	return c.storedNamed(ctx, f, name)
}

func (c *command) storedNamed(ctx context.Context, f storedFlags, name string) (*storedDocument, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	s, err := c.storedDocuments(ctx, f.target, nil)
	if err != nil {
		return nil, err
	}
	shelf := f.on(s.target)
	if shelf.Family == stored.PreviewTemplates {
		name = f.pipeline
	}
	if shelf.Family == stored.ReleaseFlows {
		stage, err := stageNamed(name)
		if err != nil {
			s.close()
			return nil, err
		}
		name = strings.ToLower(stage)
	}
	document, err := found(ctx, shelf, name)
	if err != nil {
		s.close()
		return nil, err
	}
	return &storedDocument{s, shelf, document}, nil
}

// withStored does something with a stored document.
func (c *command) withStored(ctx context.Context, f storedFlags, what string, do func(*storedDocument) error) error {
	d, err := c.storedAt(ctx, f, what)
	if err != nil {
		return err
	}
	defer d.close()
	if err := do(d); err != nil {
		return failed(err)
	}
	// What a change has set off by itself is run here, where the platform is.
	return failed(d.settleDocuments(context.WithoutCancel(ctx)))
}

// failed gives an error that has no exit code yet that of a failure.
func failed(err error) error {
	var exit *exitError
	if err == nil || errors.As(err, &exit) {
		return err
	}
	return exitWith(exitFailed, err)
}

// documentVersion is a version in JSON, version 1.
type documentVersion struct {
	// ID is the number or, where the platform keeps no versions, a run.
	ID        string     `json:"id"`
	CreatedAt *time.Time `json:"createdAt,omitempty"`
	CreatedBy string     `json:"createdBy,omitempty"`
	Message   string     `json:"message,omitempty"`
	Cause     string     `json:"cause,omitempty"`
	Runs      int        `json:"runs"`
	NewestRun string     `json:"newestRun,omitempty"`
	Current   bool       `json:"current"`
	// Document is the document as it was, of one version that is shown.
	Document map[string]any `json:"document,omitempty"`
}

func outputOfVersion(v stored.Version) documentVersion {
	return documentVersion{ID: v.ID, CreatedAt: timeOrNil(v.CreatedAt), CreatedBy: v.CreatedBy, Message: v.Message, Cause: v.Cause, Runs: v.Runs, NewestRun: v.NewestRun, Current: v.Current}
}

func (c *command) versionsList() *cobra.Command {
	var f storedFlags
	var limit int
	cmd := &cobra.Command{
		Use:   "list NAME",
		Short: "List the versions of a document, newest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 0 {
				return errors.New("--limit takes a number from 0")
			}
			return c.withStored(cmd.Context(), f, args[0], func(d *storedDocument) error { return c.listVersions(cmd.Context(), d, limit) })
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 50, "the greatest number of versions; 0 is all")
	cmd.ValidArgsFunction = c.completeStored(&f)
	return cmd
}

func (c *command) listVersions(ctx context.Context, d *storedDocument, limit int) error {
	all, err := d.shelf.Versions(ctx, d.document, limit)
	if err != nil {
		return err
	}
	if c.json {
		out := make([]documentVersion, len(all))
		for i, v := range all {
			out[i] = outputOfVersion(v)
		}
		return c.writeJSON(out)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VERSION\tCREATED\tBY\tRUNS\tMESSAGE")
	for _, v := range all {
		id, created := v.ID, ""
		if v.Current {
			id += " (now)"
		}
		if !v.CreatedAt.IsZero() {
			created = v.CreatedAt.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", id, created, v.CreatedBy, v.Runs, terminal.Printable(why(v)))
	}
	return w.Flush()
}

// why says why a version was made.
func why(v stored.Version) string {
	message, _, _ := strings.Cut(v.Message, "\n")
	switch {
	case v.Cause == "":
		return message
	case message == "":
		return v.Cause
	}
	return message + " (" + v.Cause + ")"
}

func (c *command) versionsShow() *cobra.Command {
	var f storedFlags
	cmd := &cobra.Command{
		Use:   "show NAME [VERSION]",
		Short: "Print a document as it was, or is, as JSON",
		Long: `Show prints the document of a version as JSON, that of the newest where none is named. With
--json it prints the version, whose member document holds it. Values of overrides are
secrets, and masked.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStored(cmd.Context(), f, args[0], func(d *storedDocument) error {
				id, err := d.versionNamed(cmd.Context(), append(args, "")[1])
				if err != nil {
					return err
				}
				v, text, err := d.shelf.Version(cmd.Context(), d.document, id)
				if err != nil {
					return err
				}
				if !c.json {
					return c.writeJSON(text)
				}
				out := outputOfVersion(v)
				out.Document = text
				return c.writeJSON(out)
			})
		},
	}
	f.add(cmd)
	cmd.ValidArgsFunction = c.completeStored(&f)
	return cmd
}

// versionNamed is the version that a word means: the newest one for none, and for latest.
func (d *storedDocument) versionNamed(ctx context.Context, word string) (string, error) {
	if word != "" && word != latest {
		return word, nil
	}
	newest, err := d.shelf.Versions(ctx, d.document, 1)
	if err != nil {
		return "", err
	}
	if len(newest) == 0 {
		return "", fmt.Errorf("%s has no versions yet: the platform tells them by its runs, and it has not run", d.document.ID)
	}
	return newest[0].ID, nil
}

func (c *command) versionsDiff() *cobra.Command {
	var f storedFlags
	cmd := &cobra.Command{
		Use:   "diff NAME VERSION [VERSION]",
		Short: "Show in what two versions of a document differ, property by property",
		Long: `Diff lists the properties in which a version differs from a later one, or from the
document as it is now. Nodes are compared with those of their ref, else of their kind
and name, so that a node in front of others changes none of these.`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStored(cmd.Context(), f, args[0], func(d *storedDocument) error {
				ctx := cmd.Context()
				_, before, err := d.shelf.Version(ctx, d.document, args[1])
				if err != nil {
					return err
				}
				var after map[string]any
				if len(args) == 3 {
					_, after, err = d.shelf.Version(ctx, d.document, args[2])
				} else {
					after, err = d.now(ctx)
				}
				if err != nil {
					return err
				}
				return c.writeDifferences(stored.Differences(before, after))
			})
		},
	}
	f.add(cmd)
	cmd.ValidArgsFunction = c.completeStored(&f)
	return cmd
}

// now is the document as it is, in the form that versions have.
func (d *storedDocument) now(ctx context.Context) (map[string]any, error) {
	newest, err := d.shelf.Versions(ctx, d.document, 1)
	if err != nil {
		return nil, err
	}
	if len(newest) == 1 && newest[0].Current {
		_, text, err := d.shelf.Version(ctx, d.document, newest[0].ID)
		return text, err
	}
	return d.shelf.Standing(ctx, d.document)
}

// writeDifferences prints differences, a line for each value that goes or comes.
func (c *command) writeDifferences(all []stored.Difference) error {
	if c.json {
		if all == nil {
			all = []stored.Difference{}
		}
		return c.writeJSON(all)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(c.out, "no differences")
		return err
	}
	paint := painterFor(c.out)
	for _, d := range all {
		for _, line := range d.Lines() {
			line = terminal.Printable(line)
			switch line[0] {
			case '-':
				line = paint.red(line)
			case '+':
				line = paint.green(line)
			}
			if _, err := fmt.Fprintln(c.out, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *command) versionsRestore() *cobra.Command {
	var f storedFlags
	var message string
	cmd := &cobra.Command{
		Use:   "restore NAME VERSION",
		Short: "Make a document what it was, as a new version",
		Long: `Restore stores the document of an earlier version once more. That makes a new version and
changes nothing else: resources are as before until the template is run, which it is
by itself where its option autorun is on.

On the hosted platform the document becomes what it was for a run, as far as the
platform shows that with the run; what it does not show there stays as it is.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStored(cmd.Context(), f, args[0], func(d *storedDocument) error {
				v, err := d.shelf.Restore(cmd.Context(), d.document, args[1], message)
				if err != nil {
					return err
				}
				if c.json {
					return c.writeJSON(outputOfVersion(v))
				}
				_, err = fmt.Fprintf(c.out, "%s %s is as it was in version %s, and has version %s\n", d.shelf.Family.Name, d.document.ID, args[1], v.ID)
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVarP(&message, "message", "m", "", "why")
	cmd.ValidArgsFunction = c.completeStored(&f)
	return cmd
}

func (c *command) versionsNote() *cobra.Command {
	var f storedFlags
	var message string
	cmd := &cobra.Command{
		Use:   "note NAME [VERSION] --message TEXT",
		Short: "Say why a version was made, the newest where none is named",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if message == "" {
				return errors.New("--message says why the version was made")
			}
			return c.withStored(cmd.Context(), f, args[0], func(d *storedDocument) error {
				id, err := d.versionNamed(cmd.Context(), append(args, "")[1])
				if err != nil {
					return err
				}
				if err := d.shelf.Note(cmd.Context(), d.document, id, message); err != nil {
					return err
				}
				if c.json {
					v, _, err := d.shelf.Version(cmd.Context(), d.document, id)
					if err != nil {
						return err
					}
					return c.writeJSON(outputOfVersion(v))
				}
				_, err = fmt.Fprintf(c.out, "version %s: %s\n", id, terminal.Printable(message))
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVarP(&message, "message", "m", "", "why")
	cmd.ValidArgsFunction = c.completeStored(&f)
	return cmd
}

// completeStored completes the name of a document, and of a version after it.
func (c *command) completeStored(f *storedFlags) completion {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		none := func() ([]string, cobra.ShellCompDirective) { return nil, cobra.ShellCompDirectiveDefault }
		s, err := c.look(ctx, f.target)
		if err != nil || f.check() != nil {
			return none()
		}
		defer s.close()
		shelf := f.on(s.target)
		var names []string
		if len(args) == 0 {
			if shelf.Family == stored.ReleaseFlows {
				names = stageNames[:]
			} else if names, err = shelf.IDs(ctx); err != nil {
				return none()
			}
			return startingWith(names, typed), cobra.ShellCompDirectiveDefault
		}
		document, there, err := shelf.Find(ctx, platform.Slug(args[0]))
		if err != nil || !there {
			return none()
		}
		all, err := shelf.Versions(ctx, document, 20)
		if err != nil {
			return none()
		}
		for _, v := range all {
			names = append(names, strings.TrimSuffix(v.ID+"\t"+why(v), "\t"))
		}
		return startingWith(names, typed), cobra.ShellCompDirectiveNoFileComp
	}
}
