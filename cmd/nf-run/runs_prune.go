package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/spf13/cobra"
)

// What says how many runs are kept, in place of the default.
const (
	keepRunsVariable = "NF_KEEP_RUNS"
	keepDaysVariable = "NF_KEEP_DAYS"
)

func (c *command) runsPrune() *cobra.Command {
	var keep, days, template string
	var dry bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove old runs and free what they take",
		Long: `Prune removes runs beyond the limits from the history, with their journals: all
but the newest --keep runs of each template, and those that ended more than
--days days ago. Runs that go on, that were interrupted or that wait for a person
stay, and so does the newest successful run of each template on each target, to
whose outputs a teardown refers.

The same happens to a template's runs after each run of it. The limits are 100
runs and any number of days; NF_KEEP_RUNS and NF_KEEP_DAYS set others. Each is a
number, or "all".`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			limits, err := retention(keep, days)
			if err != nil {
				return err
			}
			return c.runPrune(cmd.Context(), template, limits, dry)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&keep, "keep", "", "how many runs of each template to keep (default: NF_KEEP_RUNS, else 100)")
	flags.StringVar(&days, "days", "", "how many days to keep runs that have ended (default: NF_KEEP_DAYS, else all)")
	flags.StringVar(&template, "template", "", "only runs of the template with this name")
	flags.BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	return cmd
}

// retention reads the limits from flags, which may be empty, the environment and
// the defaults.
func retention(keep, days string) (history.Retention, error) {
	r := history.DefaultRetention
	for _, x := range []struct {
		to                        *int
		flag, name, variable, env string
	}{
		{&r.Runs, keep, "--keep", keepRunsVariable, os.Getenv(keepRunsVariable)},
		{&r.Days, days, "--days", keepDaysVariable, os.Getenv(keepDaysVariable)},
	} {
		text, name := x.flag, x.name
		if text == "" {
			text, name = x.env, x.variable
		}
		switch n, err := strconv.Atoi(text); {
		case text == "":
		case text == "all":
			*x.to = history.NoLimit
		case err != nil || n < 0:
			return r, fmt.Errorf("%s takes a number from 0, or \"all\", not %q", name, text)
		default:
			*x.to = n
		}
	}
	return r, nil
}

// prunedOutput is the JSON form of a prune, version 1.
type prunedOutput struct {
	Version int         `json:"version"`
	DryRun  bool        `json:"dryRun,omitempty"`
	Removed []prunedRun `json:"removed"`
	Bytes   int64       `json:"bytes"`
}

type prunedRun struct {
	ID          string    `json:"id"`
	Template    string    `json:"template"`
	Status      string    `json:"status"`
	ConcludedAt time.Time `json:"concludedAt"`
	Bytes       int64     `json:"bytes"`
}

func (c *command) runPrune(ctx context.Context, template string, keep history.Retention, dry bool) error {
	out := prunedOutput{Version: 1, DryRun: dry, Removed: []prunedRun{}}
	var failed error
	if c.hasState() {
		store, err := c.openHistory(ctx, "")
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }()
		var removed []history.Pruned
		removed, failed = store.Prune(ctx, template, keep, time.Now(), dry)
		for _, r := range removed {
			out.Removed = append(out.Removed, prunedRun{r.ID, r.Template, r.Status, r.ConcludedAt, r.Bytes})
			out.Bytes += r.Bytes
		}
	}
	if c.json {
		if err := c.writeJSON(out); err != nil {
			return exitWith(exitFailed, err)
		}
	} else {
		for _, r := range out.Removed {
			fmt.Fprintf(c.out, "%s  %s  %s\n", r.ID, r.Status, r.Template)
		}
		what := "removed"
		if dry {
			what = "would be removed"
		}
		fmt.Fprintf(c.out, "%s %s, %.1f MB\n", counted(len(out.Removed), "run"), what, float64(out.Bytes)/1e6)
	}
	if failed != nil {
		return exitWith(exitFailed, failed)
	}
	return nil
}
