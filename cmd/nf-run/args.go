package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/spf13/cobra"
)

func (c *command) args() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "args",
		Short: "List a template's arguments, store and remove overrides of them",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.argsList(), c.argsSet(), c.argsRemove())
	return cmd
}

// templateFlag names a template without its file.
type templateFlag struct{ name string }

func (f *templateFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "template", "", "the template's name as 'nf-run runs' shows it, in the place of FILE")
}

// target is the template that a command is about, and what is left of the
// command's arguments. The document is nil where the template is named.
func (f *templateFlag) target(c *command, args []string) (identity string, d *document, rest []string, err error) {
	if f.name != "" {
		return f.name, nil, args, nil
	}
	if len(args) == 0 {
		return "", nil, nil, errors.New("a template is named by its FILE, or with --template")
	}
	x := c.checkFile(args[0])
	if x.err != nil {
		return "", nil, nil, exitWith(exitFailed, x.err)
	}
	if x.snapshot == nil || !x.snapshot.IsTemplate() {
		return "", nil, nil, exitWith(exitFailed, &source.Error{Path: args[0], Message: "is no template"})
	}
	d = &document{path: args[0], snapshot: x.snapshot, name: c.linkName(args[0])}
	return d.identity(), d, args[1:], nil
}

// alone is target for a command that takes FILE or --template and nothing else.
func (f *templateFlag) alone(c *command, args []string) (identity string, d *document, err error) {
	identity, d, rest, err := f.target(c, args)
	if err == nil && len(rest) > 0 {
		err = errors.New("either FILE or --template is given, not both")
	}
	return identity, d, err
}

// listing is a command that lists what a template has, with its secrets shown
// where that is asked for.
func listing(use, short string, run func(ctx context.Context, t templateFlag, reveal bool, args []string) error, c *command) *cobra.Command {
	var template templateFlag
	var reveal revealFlags
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := reveal.allowed(c); err != nil {
				return err
			}
			return run(cmd.Context(), template, reveal.reveal, args)
		},
	}
	template.add(cmd)
	reveal.add(cmd)
	return cmd
}

// argumentOutput is an argument in the JSON form of a list, version 1.
type argumentOutput struct {
	Name     string `json:"name"`
	Type     string `json:"type,omitempty"`
	Declared bool   `json:"declared"`
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"`
	// From is where the value comes from, the strongest of its sources; absent
	// where there is none.
	From engine.Origin `json:"from,omitempty"`
	// Value is masked where it is a secret.
	Value json.RawMessage `json:"value,omitempty"`
	// Stored is when an override was stored, whether or not something stronger
	// replaces it.
	Stored *time.Time `json:"stored,omitempty"`
}

type argumentsOutput struct {
	Version   int              `json:"version"`
	Template  string           `json:"template"`
	File      string           `json:"file,omitempty"`
	Arguments []argumentOutput `json:"arguments"`
}

func (c *command) argsList() *cobra.Command {
	return listing("list FILE", "List arguments: what they are, and where their values come from", c.runArgsList, c)
}

func (c *command) runArgsList(ctx context.Context, t templateFlag, reveal bool, args []string) error {
	identity, d, err := t.alone(c, args)
	if err != nil {
		return err
	}
	s, err := c.look(ctx, "local")
	if err != nil {
		return err
	}
	defer s.close()
	var overrides []history.Override
	if s.store != nil {
		if overrides, err = s.store.Overrides(ctx, identity); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	out := argumentsOutput{Version: 1, Template: identity, Arguments: []argumentOutput{}}
	if d == nil {
		for _, o := range overrides {
			out.Arguments = append(out.Arguments, argumentOutput{Name: o.Name, Secret: !o.Open, From: engine.FromStored, Value: o.Value})
		}
	} else {
		out.File = d.file()
		given, err := c.readArguments(&runFlags{})
		if err != nil {
			return err
		}
		options, err := given.options(ctx, d, s)
		if err != nil {
			return err
		}
		states, _ := engine.Arguments(d.snapshot.Doc, options)
		for _, a := range states {
			if a.From == engine.FromEnvironment && !a.Declared {
				continue // meant for another template
			}
			out.Arguments = append(out.Arguments, argumentOutput{Name: a.Name, Type: a.Type, Declared: a.Declared, Required: a.Required,
				Secret: a.Secret, From: a.From, Value: a.Value})
		}
	}
	for i := range out.Arguments {
		a := &out.Arguments[i]
		for _, o := range overrides {
			if o.Name == a.Name {
				a.Stored = &o.At
			}
		}
		if a.Secret && a.Value != nil && string(a.Value) != `""` && !reveal {
			a.Value = json.RawMessage(`"` + expr.Mask + `"`)
		}
	}
	if c.json {
		return c.writeJSON(out)
	}
	return c.writeArguments(out)
}

func (c *command) writeArguments(out argumentsOutput) error {
	if len(out.Arguments) == 0 {
		_, err := fmt.Fprintf(c.out, "%s has no arguments\n", out.Template)
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tTYPE\tFROM\tVALUE")
	for _, a := range out.Arguments {
		value := string(a.Value)
		if text := ""; json.Unmarshal(a.Value, &text) == nil {
			value = text
		}
		from := string(a.From)
		switch {
		case a.From == "" && a.Required:
			from = "(missing)"
		case a.From == engine.FromStored && !a.Declared:
			from += " (not declared)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.Name, a.Type, from, oneLine(value))
	}
	return w.Flush()
}

// changedOutput is the JSON form of what args and secrets have changed, version 1.
type changedOutput struct {
	Version  int      `json:"version"`
	Template string   `json:"template,omitempty"`
	Set      []string `json:"set,omitempty"`
	Removed  []string `json:"removed,omitempty"`
}

func (c *command) argsSet() *cobra.Command {
	var template templateFlag
	var value valueFlags
	var open, literal, asJSON bool
	cmd := &cobra.Command{
		Use:   "set FILE NAME[=VALUE]",
		Short: "Store a value that an argument has from now on",
		Long: `Set stores an override of an argument, encrypted. Every later run and plan of the
template uses it, unless the environment, --args-file or --arg give another one.

Without =VALUE the value is read from --file or from standard input; on a terminal
it is asked for and not shown. What stands on a command line can be read by
everybody on the machine and stays in the shell's history: NAME=VALUE is for what
is no secret.

The value may hold expressions: '${fn.randomSecret(32)}' is a secret that is made
in the first run and kept.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runArgsSet(cmd.Context(), template, value, history.Override{Open: open, Literal: literal}, asJSON, args)
		},
	}
	template.add(cmd)
	value.add(cmd)
	cmd.Flags().BoolVar(&open, "plain", false, "the value is no secret: plans and the history show it")
	cmd.Flags().BoolVar(&literal, "literal", false, "take ${...} in the value as it is written")
	cmd.Flags().BoolVar(&asJSON, "as-json", false, "read the value as JSON: a number, an array, an object")
	return cmd
}

func (c *command) runArgsSet(ctx context.Context, t templateFlag, f valueFlags, o history.Override, asJSON bool, args []string) error {
	identity, d, rest, err := t.target(c, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return errors.New("one argument is set at a time: args set FILE NAME[=VALUE]")
	}
	name, text, ok := strings.Cut(rest[0], "=")
	if name == "" {
		return errors.New("the argument's name is missing: args set FILE NAME[=VALUE]")
	}
	switch {
	case ok && f.file != "":
		return errors.New("the value is given twice: with =VALUE and with --file")
	case !ok && d != nil && d.path == "-":
		return errors.New("standard input cannot give both the template and the value: use --template or --file")
	case !ok:
		if text, err = c.secretText(ctx, name, f); err != nil {
			return err
		}
	}
	o.Name = name
	if o.Value, err = storedValue(name, text, asJSON, o.Literal); err != nil {
		return exitWith(exitFailed, err)
	}
	if d != nil {
		if err := c.fits(d, o); err != nil {
			return err
		}
	}
	store, err := c.openState(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := store.SetOverride(ctx, identity, o); err != nil {
		return exitWith(exitFailed, err)
	}
	return c.changed(changedOutput{Template: identity, Set: []string{name}})
}

// storedValue is the JSON of a value that is stored. What would be an expression
// and is none is refused: a run would fail of it.
func storedValue(name, text string, asJSON, literal bool) (json.RawMessage, error) {
	if !literal && strings.Contains(text, "${") {
		if errs := expr.Parse(text).Errors; len(errs) > 0 {
			return nil, fmt.Errorf("the value of %s holds ${ and no right expression (%s): correct it, or store it with --literal", name, errs[0].Message)
		}
	}
	if !asJSON {
		return json.Marshal(text)
	}
	v, err := expr.ParseJSON([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("the value of %s is no JSON", name)
	}
	return v.JSON(), nil
}

// fits refuses a value that does not have the declared type, and warns of an
// argument that the template does not have.
func (c *command) fits(d *document, o history.Override) error {
	layer := engine.Layer{From: engine.FromStored, Values: map[string]any{o.Name: o.Value}, Literal: o.Literal, Open: o.Open, Secret: !o.Open}
	states, problems := engine.Arguments(d.snapshot.Doc, engine.Options{Stored: []engine.Layer{layer}})
	for _, p := range problems {
		if p.Code == engine.CodeArgumentType && strings.HasPrefix(p.Message, "argument "+o.Name+" ") {
			return exitWith(exitFailed, errors.New(p.Message))
		}
	}
	var names []string
	for _, a := range states {
		if a.Declared && a.Name == o.Name {
			return nil
		}
		if a.Declared {
			names = append(names, a.Name)
		}
	}
	message := fmt.Sprintf("the template declares no argument %s", o.Name)
	if near := validate.Closest(o.Name, names); near != "" {
		message += fmt.Sprintf("; did you mean %s?", near)
	}
	c.warn([]engine.Problem{{Code: engine.CodeUnknownArgument, Message: message}})
	return nil
}

func (c *command) argsRemove() *cobra.Command {
	var template templateFlag
	cmd := &cobra.Command{
		Use:   "remove FILE NAME...",
		Short: "Remove stored overrides",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runArgsRemove(cmd.Context(), template, args)
		},
	}
	template.add(cmd)
	return cmd
}

func (c *command) runArgsRemove(ctx context.Context, t templateFlag, args []string) error {
	identity, _, names, err := t.target(c, args)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("the names of the arguments are missing: args remove FILE NAME...")
	}
	if !c.hasState() {
		return exitWith(exitFailed, fmt.Errorf("%s has no stored override", identity))
	}
	store, err := c.openState(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	known, err := store.OverrideNames(ctx, identity)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	for _, name := range names {
		removed, err := store.RemoveOverride(ctx, identity, name)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		if !removed {
			text := fmt.Sprintf("%s has no stored override %s", identity, name)
			if near := validate.Closest(name, known); near != "" {
				text += fmt.Sprintf("; did you mean %s?", near)
			}
			return exitWith(exitFailed, errors.New(text))
		}
	}
	return c.changed(changedOutput{Template: identity, Removed: names})
}

// changed says what was changed.
func (c *command) changed(o changedOutput) error {
	if o.Version = 1; c.json {
		return c.writeJSON(o)
	}
	of := ""
	if o.Template != "" {
		of = " of " + o.Template
	}
	for _, name := range o.Set {
		if _, err := fmt.Fprintf(c.out, "%s%s: set\n", name, of); err != nil {
			return err
		}
	}
	for _, name := range o.Removed {
		if _, err := fmt.Fprintf(c.out, "%s%s: removed\n", name, of); err != nil {
			return err
		}
	}
	return nil
}

// openState opens the state folder, and makes it if there is none.
func (c *command) openState(ctx context.Context) (*history.Store, error) {
	dir, err := c.stateFolder()
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	store, err := history.OpenWith(ctx, dir, history.Options{Keyring: c.keyring})
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	return store, nil
}
