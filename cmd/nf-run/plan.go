package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/spf13/cobra"
)

func (c *command) plan() *cobra.Command {
	var f runFlags
	var since string
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Say what a run would do, and do nothing",
		Long: `Plan works out what every node of the template would do to the target as it is
now: create, update with which changes, nothing, run, wait, be skipped. It
changes nothing anywhere. What is there and changes is shown as a diff of its
properties.

--out writes the plan to a file as well, which 'nf-run run FILE' carries out as
long as nothing has changed. The file holds no secrets, only hashes of them whose
key is that of the state folder. A plan file is shown when it is FILE itself.

The exit code is 1 when the template cannot run.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if flag := f.rehearsal.given(); flag != "" {
				return fmt.Errorf("%s is for run: a plan does nothing that could fail or take time", flag)
			}
			return c.runPlan(cmd.Context(), args[0], f, since)
		},
	}
	flags := cmd.Flags()
	f.add(flags, targetUsage)
	flags.StringVar(&f.out, "out", "", "write the plan to this file, for 'nf-run run'")
	flags.BoolVar(&f.teardown, "teardown", false, "plan the template's teardown")
	flags.StringVar(&f.until, "until", "", "plan one node, by its ref, its JSON pointer or the name that plans call it by, and all that it depends on")
	flags.StringVar(&since, "since", "", "show only nodes that have changed since a revision of Git: a commit, a branch, HEAD~1")
	f.rehearsal.add(flags)
	for _, name := range []string{"fail", "fast", "delay"} {
		_ = flags.MarkHidden(name) // refused, with a reason
	}
	return cmd
}

func (c *command) runPlan(ctx context.Context, path string, f runFlags, revision string) error {
	if file, err := openPlan(path); err != nil {
		return err
	} else if file != nil {
		if revision != "" {
			return fmt.Errorf("%s is a plan already: --since is for its template, %s", path, file.File)
		}
		return c.showPlanned(path, file, f)
	}
	if f.out != "" && path == "-" {
		return errors.New("a plan file needs a template that is a file, not standard input")
	}
	given, err := c.readArguments(&f)
	if err != nil {
		return err
	}
	d, err := c.open(path)
	if err != nil {
		return err
	}
	open := c.look
	if f.out != "" {
		// The hashes in the file need a key, which the state folder keeps.
		open = func(ctx context.Context, target string) (*session, error) { return c.start(ctx, target, nil) }
	}
	s, err := open(ctx, f.target)
	if err != nil {
		return err
	}
	defer s.close()
	program, err := c.program(ctx, d, given, s, &f)
	if err != nil {
		return err
	}
	plan, err := c.makePlan(ctx, s, program, f.out)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	var since *sinceRevision
	if revision != "" {
		if since, err = c.since(ctx, path, revision, d.snapshot.Tree); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	if c.json {
		var out any = plan
		if since != nil {
			out = plannedSince{plan, sinceOutput{Revision: revision, Commit: string(since.commit), Changes: some(since.changes)}}
		}
		if err := c.writeJSON(out); err != nil {
			return exitWith(exitFailed, err)
		}
		if len(plan.Problems) > 0 {
			return exitWith(exitFailed, nil)
		}
		return nil
	}
	if err := c.writePlanSince(plan, since); err != nil {
		return exitWith(exitFailed, err)
	}
	if len(plan.Problems) > 0 {
		_ = c.refuse(d, plan.Problems)
		return exitWith(exitFailed, errors.New("the template cannot run"))
	}
	return nil
}

// makePlan plans a program and, where that is wanted and nothing keeps it from
// running, writes the plan file.
func (c *command) makePlan(ctx context.Context, s *session, program *engine.Program, out string) (*engine.Plan, error) {
	if out == "" {
		return s.engine.Plan(ctx, program)
	}
	plan, file, err := s.engine.PlanToFile(ctx, program)
	if err != nil || file == nil {
		return plan, err
	}
	if rel, err := filepath.Rel(filepath.Dir(abs(out)), program.File); err == nil {
		file.Path = filepath.ToSlash(rel)
	}
	if err := s.engine.SealPlan(file); err != nil {
		return nil, err
	}
	if err := writePlanFile(out, file); err != nil {
		return nil, err
	}
	fmt.Fprintf(c.errOut, "the plan is in %s: carry it out with 'nf-run run %s'\n", out, out)
	return plan, nil
}

// showPlanned shows what a plan file holds.
func (c *command) showPlanned(path string, file *engine.PlanFile, f runFlags) error {
	if f.out != "" || f.until != "" || f.teardown || len(f.arguments) > 0 || f.argumentsFile != "" {
		return fmt.Errorf("%s is a plan already, which is only shown: flags that make another one are for its template, %s", path, file.File)
	}
	if c.json {
		return c.writeJSON(file.Plan)
	}
	fmt.Fprintf(c.out, "made at %s\n", file.Date.Local().Format(time.DateTime))
	return c.writePlan(file.Plan)
}

// planSigns stand in front of what a plan does to a node.
var planSigns = map[platform.Action]string{
	platform.ActionCreate: "+", platform.ActionUpdate: "~", platform.ActionUnchanged: "=", platform.ActionApply: "±",
	platform.ActionRun: "▸", platform.ActionWait: "◌", platform.ActionRead: "◦", engine.ActionSkip: "-",
}

// plannedSince is the JSON form of a plan with what has changed since a revision.
type plannedSince struct {
	*engine.Plan
	Since sinceOutput `json:"since"`
}

type sinceOutput struct {
	Revision string           `json:"revision"`
	Commit   string           `json:"commit"`
	Changes  []changes.Change `json:"changes"`
}

func (c *command) writePlan(p *engine.Plan) error { return c.writePlanSince(p, nil) }

// writePlanSince writes a plan, or of it the nodes that have changed since a revision with
// the workflows around them.
func (c *command) writePlanSince(p *engine.Plan, since *sinceRevision) error {
	shows := make([]bool, len(p.Nodes))
	left := 0
	for i := range p.Nodes {
		shows[i] = since == nil || since.has(p.Nodes[i].Path)
		if !shows[i] && p.Nodes[i].Flow == "" {
			left++
		}
		for n := p.Nodes[i].Parent; shows[i] && n >= 0 && !shows[n]; n = p.Nodes[n].Parent {
			shows[n] = true
		}
	}
	w := bufio.NewWriter(c.out)
	paint := painterFor(c.out)
	what := upTo(p.Until)
	if p.Teardown {
		what += "  teardown"
	}
	fmt.Fprintf(w, "%s on %s%s\n", paint.bold(p.Template), p.Target, what)
	levels := make([]int, len(p.Nodes))
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Parent >= 0 {
			levels[i] = levels[n.Parent] + 1
		}
		if !shows[i] {
			continue
		}
		indent := strings.Repeat("  ", levels[i]+1)
		view := engine.NodeView{Outline: n.Outline}
		sign := planSigns[n.Action]
		switch {
		case n.Flow != "":
			fmt.Fprintf(w, "%s%s%s\n", indent, paint.dim(nodeTitle(&view)), maybe(n))
			continue
		case sign == "":
			sign = paint.red("!")
		case n.Action == platform.ActionCreate:
			sign = paint.green(sign)
		case n.Action == platform.ActionUpdate || n.Action == platform.ActionApply:
			sign = paint.yellow(sign)
		default:
			sign = paint.dim(sign)
		}
		fmt.Fprintf(w, "%s%s %s", indent, sign, nodeTitle(&view))
		if n.Action != "" {
			fmt.Fprintf(w, "  %s", paint.dim(string(n.Action)))
		}
		if n.Resource != "" {
			fmt.Fprintf(w, "  %s", paint.dim(n.Resource))
		}
		if n.Cost != nil && n.Cost.After > 0 {
			fmt.Fprintf(w, "  %s", paint.dim(fmt.Sprintf("$%.2f a month", n.Cost.After)))
		}
		fmt.Fprintf(w, "%s\n", maybe(n))
		writeChanges(w, indent+"    ", n, paint)
	}
	if left > 0 {
		fmt.Fprintf(w, "%s\n", paint.dim(fmt.Sprintf("  %s as in %s", counted(left, "node"), since.commit.Short())))
	}
	for _, x := range p.Warnings {
		fmt.Fprintf(w, "%s: %s\n", paint.yellow("warning"), x.Message)
	}
	writeSummary(w, &p.Summary)
	return w.Flush()
}

func maybe(n *engine.Planned) string {
	if n.Each {
		return "  (for each: only the run can tell)"
	}
	if n.Maybe && n.Action != engine.ActionSkip {
		return "  (unless it is skipped: only the run can tell)"
	}
	return ""
}

// writeChanges writes the properties of what is new, and a diff of those of what
// is there.
func writeChanges(w *bufio.Writer, indent string, n *engine.Planned, paint painter) {
	for line := range strings.Lines(n.Diff) {
		line = cut(strings.TrimSuffix(line, "\n"))
		switch line[0] {
		case '-':
			line = paint.red(line)
		case '+':
			line = paint.green(line)
		default:
			line = paint.dim(line)
		}
		fmt.Fprintf(w, "%s%s\n", indent, line)
	}
	if n.Diff != "" {
		return
	}
	for _, d := range n.Changes {
		name := strings.ReplaceAll(strings.TrimPrefix(d.Path, "/"), "/", ".")
		if name == "" {
			continue // an action without data
		}
		fmt.Fprintf(w, "%s%s %s: %s\n", indent, paint.green("+"), name, shown(d.After, d))
	}
}

// maxShown is how much of a value a line of a plan shows, in characters.
const maxShown = 100

func shown(v any, d engine.Difference) string {
	if v == nil && d.Unknown {
		return "(known after apply)"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return cut(string(text))
}

// cut shortens what is too long for a line.
func cut(text string) string {
	if r := []rune(text); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return text
}

func writeSummary(w *bufio.Writer, s *engine.Summary) {
	var parts []string
	for _, x := range []struct {
		n    int
		what string
	}{
		{s.Create, "to create"}, {s.Update, "to update"}, {s.Apply, "to create or update"}, {s.Unchanged, "unchanged"},
		{s.Run, "to run"}, {s.Wait, "to wait for"}, {s.Skip, "skipped"},
	} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to do"}
	}
	fmt.Fprintf(w, "\n%s; %s\n", strings.Join(parts, ", "), counted(s.Requests, "request"))
	if s.Cost != nil {
		without := ""
		if len(s.Cost.LeftOut) > 0 {
			without = ", without " + strings.Join(s.Cost.LeftOut, ", ")
		}
		fmt.Fprintf(w, "monthly cost: $%.2f now, $%.2f after%s\n", s.Cost.Before, s.Cost.After, without)
	}
}
