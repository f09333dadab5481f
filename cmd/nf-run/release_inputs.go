package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"golang.org/x/term"
)

// askRichInputs fills the arguments that the inputs of a flow give: on a terminal a
// branch, a commit or a build is chosen. An input of which an argument is given by other
// means is not asked for. Source: "Manually select a commit or build to release".
func (c *command) askRichInputs(ctx context.Context, p *stagePlace, flow, arguments map[string]any, quiet bool) error {
	inputs := jsonvalue.List(flow, "richInputs")
	if len(inputs) == 0 {
		return nil
	}
	stored := map[string]bool{}
	if p.local() {
		layers, err := engine.StoredLayers(ctx, p.store, p.identity())
		if err != nil {
			return exitWith(exitFailed, err)
		}
		for _, l := range layers {
			for name := range l.Values {
				stored[name] = true
			}
		}
	}
	keyboard, isTerminal := c.in.(*os.File)
	asks := isTerminal && term.IsTerminal(int(keyboard.Fd())) && !quiet && !c.json
	var lines *bufio.Reader
	for _, v := range inputs {
		in := readRichInput(v, flow, arguments)
		given := func(name string) bool { return stored[name] || arguments[name] != nil }
		switch {
		case slices.ContainsFunc(in.arguments(), given):
			continue
		case !asks && in.required:
			return exitWith(exitFailed, fmt.Errorf("the release flow asks for %q, which there is no terminal for: give %s", in.title, in.flags()))
		case !asks:
			continue
		}
		if lines == nil {
			lines = bufio.NewReader(keyboard)
		}
		chosen, err := c.askRichInput(ctx, p, lines, in)
		if err != nil {
			return err
		}
		for output, value := range chosen {
			if name := in.outputs[output]; name != "" && value != "" {
				arguments[name] = value
			}
		}
	}
	return nil
}

// A richInput is something that a flow asks for when it is run by hand.
type richInput struct {
	kind, title, description string
	source                   string // the service; empty where that is not known
	required                 bool
	outputs                  map[string]string // names of arguments, by branch, buildSha, buildId
}

func readRichInput(v any, flow, arguments map[string]any) richInput {
	in := richInput{kind: jsonvalue.String(v, "kind"), title: jsonvalue.String(v, "spec.title"), description: jsonvalue.String(v, "spec.description"),
		required: jsonvalue.Bool(v, "spec.required"), outputs: map[string]string{}}
	if in.title == "" {
		in.title = in.kind
	}
	for output, name := range jsonvalue.Object(v, "spec.outputs") {
		if text, ok := name.(string); ok {
			in.outputs[output] = text
		}
	}
	in.source = jsonvalue.String(v, "spec.inputs.source")
	if name, is := strings.CutPrefix(in.source, "${args."); is && strings.HasSuffix(name, "}") {
		name = strings.TrimSuffix(name, "}")
		if in.source = jsonvalue.String(arguments, name); in.source == "" {
			in.source = jsonvalue.String(flow, "arguments."+name)
		}
	}
	if strings.Contains(in.source, "${") {
		in.source = ""
	}
	return in
}

// arguments are the names that it gives values to, sorted.
func (in *richInput) arguments() []string {
	var names []string
	for _, name := range in.outputs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// flags are what gives the same.
func (in *richInput) flags() string {
	names := in.arguments()
	for i, name := range names {
		names[i] = "--arg " + name + "=…"
	}
	if len(names) == 0 {
		return "the flow an input with outputs"
	}
	return strings.Join(names, " or ")
}

// A choice is one of several things that can be chosen.
type choice struct {
	value string
	words string // beside it, for people
	build knownBuild
}

// mostChoices is how many are shown; others can be typed.
const mostChoices = 20

func (c *command) askRichInput(ctx context.Context, p *stagePlace, lines *bufio.Reader, in richInput) (map[string]string, error) {
	fmt.Fprintln(c.errOut, terminal.Printable(in.title))
	if in.description != "" {
		fmt.Fprintln(c.errOut, terminal.Printable(in.description))
	}
	var builds []knownBuild
	if in.source != "" {
		var err error
		if builds, err = p.builds(ctx, in.source); err != nil {
			return nil, exitWith(exitFailed, err)
		}
	}
	if in.kind == "BuildSelector" {
		return c.askBuild(ctx, lines, in, builds)
	}
	return c.askCommit(ctx, p, lines, in, builds)
}

func (c *command) askBuild(ctx context.Context, lines *bufio.Reader, in richInput, builds []knownBuild) (map[string]string, error) {
	var choices []choice
	for _, b := range builds {
		if b.done {
			choices = append(choices, choice{value: b.id, words: b.branch + "@" + shortSHA(b.sha) + " " + b.message, build: b})
		}
	}
	chosen, err := c.askChoice(ctx, lines, "Build", choices, in.required)
	if err != nil || chosen.value == "" {
		return nil, err
	}
	return map[string]string{"branch": chosen.build.branch, "buildSha": chosen.build.sha, "buildId": chosen.value}, nil
}

func (c *command) askCommit(ctx context.Context, p *stagePlace, lines *bufio.Reader, in richInput, builds []knownBuild) (map[string]string, error) {
	var branches []choice
	heads := map[string]knownBuild{}
	if in.source != "" {
		for row, err := range platform.Items(ctx, p.target, platform.OpListServiceBranches, p.service(in.source), "branches") {
			if err != nil {
				return nil, exitWith(exitFailed, err)
			}
			name := jsonvalue.String(row, "name")
			heads[name] = knownBuild{sha: jsonvalue.String(row, "commit.sha"), message: jsonvalue.String(row, "commit.message")}
			branches = append(branches, choice{value: name, words: shortSHA(heads[name].sha)})
		}
	}
	// The branch that the service builds by itself comes first.
	if own, err := p.builtBranch(ctx, in.source); err != nil {
		return nil, exitWith(exitFailed, err)
	} else if i := slices.IndexFunc(branches, func(one choice) bool { return one.value == own }); i > 0 {
		first := branches[i]
		branches = slices.Insert(slices.Delete(branches, i, i+1), 0, first)
	}
	branch, err := c.askChoice(ctx, lines, "Branch", branches, in.required)
	if err != nil || branch.value == "" {
		return nil, err
	}
	if in.outputs["buildSha"] == "" {
		return map[string]string{"branch": branch.value}, nil
	}
	var commits []choice
	seen := map[string]bool{}
	add := func(b knownBuild) {
		if b.sha != "" && !seen[b.sha] {
			seen[b.sha] = true
			commits = append(commits, choice{value: b.sha, words: b.message})
		}
	}
	add(heads[branch.value])
	for _, b := range builds {
		if b.branch == branch.value {
			add(b)
		}
	}
	commit, err := c.askChoice(ctx, lines, "Commit", commits, in.required)
	return map[string]string{"branch": branch.value, "buildSha": commit.value}, err
}

// builtBranch is the branch that a service builds by itself; empty where that is not known.
func (p *stagePlace) builtBranch(ctx context.Context, service string) (string, error) {
	if service == "" {
		return "", nil
	}
	response, err := p.target.Do(ctx, platform.OpGetService, platform.Params{Path: p.service(service)}, nil)
	var data map[string]any
	if err == nil {
		err = response.Data(&data)
	}
	return jsonvalue.String(data, "vcsData.projectBranch"), err
}

// askChoice has one of several things chosen, by its number or by what it is called. A
// line without anything takes the first one; where there is none, nothing, unless
// something is required.
func (c *command) askChoice(ctx context.Context, lines *bufio.Reader, what string, choices []choice, required bool) (choice, error) {
	for i, one := range choices[:min(len(choices), mostChoices)] {
		fmt.Fprintf(c.errOut, "  %d  %s  %s\n", i+1, terminal.Printable(one.value), terminal.Printable(strings.TrimSpace(one.words)))
	}
	if more := len(choices) - mostChoices; more > 0 {
		fmt.Fprintf(c.errOut, "  and %d more, which can be typed\n", more)
	}
	for {
		prompt := what
		if len(choices) > 0 {
			prompt += " [" + terminal.Printable(choices[0].value) + "]"
		}
		text, err := c.line(ctx, lines, prompt)
		if err != nil {
			return choice{}, err
		}
		if text == "" && len(choices) > 0 {
			return choices[0], nil
		}
		if text == "" && !required {
			return choice{}, nil
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(choices) {
			return choices[n-1], nil
		}
		var meant []choice
		for _, one := range choices {
			if one.value == text {
				return one, nil
			}
			if len(text) >= 7 && strings.HasPrefix(one.value, text) {
				meant = append(meant, one)
			}
		}
		switch {
		case len(meant) == 1:
			return meant[0], nil
		case len(meant) == 0 && text != "" && what != "Build":
			return choice{value: text}, nil // the platform knows more than it lists
		}
		fmt.Fprintln(c.errOut, "Take a number of the list, or what stands beside it.")
	}
}

// line reads one from the terminal.
func (c *command) line(ctx context.Context, lines *bufio.Reader, prompt string) (string, error) {
	fmt.Fprintf(c.errOut, "%s: ", prompt)
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := lines.ReadString('\n')
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil && a.text == "" {
			return "", exitWith(exitFailed, errors.New("nothing was chosen, and nothing was started"))
		}
		return strings.TrimSpace(a.text), nil
	case <-ctx.Done():
		fmt.Fprintln(c.errOut)
		return "", exitWith(exitAborted, errors.New("nothing was started"))
	}
}

// shortSHA is a commit as people write it.
func shortSHA(sha string) string {
	if len(sha) > 7 {
		return sha[:7]
	}
	return sha
}
