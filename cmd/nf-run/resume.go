package main

import (
	"errors"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/spf13/cobra"
)

func (c *command) resume() *cobra.Command {
	var done, again []string
	var files reports
	var wait patienceFlag
	cmd := &cobra.Command{
		Use:   "resume RUN|latest",
		Short: "Go on with a run whose process is gone",
		Long: `Resume goes on with a run that was interrupted, or that stopped because it could
not be told what a node did. Finished nodes are not repeated.

Where a node is unknown, a person says what became of it. --done NODE says that
it did its work; --done NODE=ID also names what came of it, such as the id of a
build, which is then looked at and waited for as if the node had started it just
now; other nodes that refer to its output need that. --again NODE says that it
did not, and does it once more. Without an answer, the platform is asked again.
Nodes are named by their ref or their JSON pointer.

A run that rehearses failures, or goes on in virtual time, keeps doing so.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			answers, err := readAnswers(done, again)
			if err != nil {
				return err
			}
			patience, err := wait.read(c.watched())
			if err != nil {
				return err
			}
			keep := func(_ history.Run, before *engine.Rehearsal) (*engine.Rehearsal, error) { return before, nil }
			return c.goOn(cmd.Context(), args[0], keep, (*engine.Engine).Resume, engine.RunOptions{Answers: answers, Patience: patience}, files)
		},
	}
	files = reportFlags(cmd)
	wait.add(cmd.Flags())
	cmd.Flags().StringArrayVar(&done, "done", nil, "an unknown node that did its work, as NODE or NODE=ID; may be repeated")
	cmd.Flags().StringArrayVar(&again, "again", nil, "an unknown node that is to do its work again; may be repeated")
	return cmd
}

func readAnswers(done, again []string) ([]engine.Answer, error) {
	var answers []engine.Answer
	for _, text := range done {
		node, id, named := strings.Cut(text, "=")
		if node == "" || named && id == "" {
			return nil, errors.New("--done takes NODE, or NODE=ID with the id of what the node has made")
		}
		answers = append(answers, engine.Answer{Node: node, Done: true, ID: id})
	}
	for _, node := range again {
		answers = append(answers, engine.Answer{Node: node})
	}
	return answers, nil
}

// waitsForPerson says what a person is asked.
func waitsForPerson(run string, nodes []string) error {
	text := "it is not known what became of " + strings.Join(nodes, ", ") + ": look at 'nf-run show " + run + "' and at the platform"
	if len(nodes) > 0 {
		text += ", then say 'nf-run resume " + run + " --done " + nodes[0] + "' or '--again " + nodes[0] + "'"
	}
	return errors.New(text)
}
