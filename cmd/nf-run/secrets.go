package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/spf13/cobra"
)

func (c *command) secrets() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "List, set and remove global secrets, and the random secrets that templates have made",
		Long: `Global secrets are what ${secrets.ID.values.PATH} and ${secrets.ID.files.FILE.data}
read in every template. Kept secrets are the values of randomSecret and
randomString: a template makes them in its first run and gets the same ones in
every later run, until they are removed.

All of them are stored encrypted in the state folder; see 'nf-run secrets key'.`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.secretsList(), c.secretsSet(), c.secretsRemove(), c.secretsKey())
	return cmd
}

// A secretPath leads to a global secret or a part of one.
type secretPath struct {
	id string
	// file says that names lead into the files, else into the values. whole
	// paths name neither.
	file, whole bool
	names       []string
}

// secretWord is compiled by the command that needs it, not whenever a process starts.
var secretWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`) })

// parseSecretPath reads ID.values.PATH, ID.files.FILE.data and ID.files.FILE.path,
// with or without the word that they begin with in a template.
func parseSecretPath(text string) (secretPath, error) {
	names := strings.Split(strings.TrimPrefix(text, "secrets."), ".")
	for _, name := range names {
		if !secretWord().MatchString(name) {
			return secretPath{}, fmt.Errorf("%q names no global secret: write ID.values.NAME, or ID.files.FILE", text)
		}
	}
	p := secretPath{id: names[0]}
	switch {
	case len(names) == 1:
		p.whole = true
	case names[1] == "values":
		p.names = names[2:]
	case names[1] == "files":
		p.file, p.names = true, names[2:]
		if len(p.names) > 2 || len(p.names) == 2 && p.names[1] != "data" && p.names[1] != "path" {
			return secretPath{}, fmt.Errorf("%q names no part of a file: write %s.files.FILE.data or %s.files.FILE.path", text, p.id, p.id)
		}
	default:
		return secretPath{}, fmt.Errorf("%q is neither below values nor below files: write %s.values.%s or %s.files.%s",
			text, p.id, strings.Join(names[1:], "."), p.id, names[1])
	}
	return p, nil
}

func (p secretPath) String() string {
	switch {
	case p.whole:
		return p.id
	case p.file:
		return strings.Join(append([]string{p.id, "files"}, p.names...), ".")
	}
	return strings.Join(append([]string{p.id, "values"}, p.names...), ".")
}

func (c *command) secretsSet() *cobra.Command {
	var value valueFlags
	var asJSON, literal bool
	var path string
	cmd := &cobra.Command{
		Use:   "set ID.values.NAME[=VALUE] | ID.files.FILE --file F",
		Short: "Set a value or a file of a global secret",
		Long: `Set stores a value of a global secret, encrypted. Names may lead into objects and
arrays: db.values.credentials.password, db.values.hosts.0.

Without =VALUE the value is read from --file or from standard input; on a terminal
it is asked for and not shown. What stands on a command line can be read by
everybody on the machine and stays in the shell's history.

'${fn.randomSecret(32)}' makes the secret now. ${NAME} in a value stands for
another value of the same secret; --literal takes it as it is written.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runSecretsSet(cmd.Context(), args[0], value, path, asJSON, literal)
		},
	}
	value.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "as-json", false, "read the value as JSON: a number, an array, an object")
	cmd.Flags().BoolVar(&literal, "literal", false, "take ${...} in the value as it is written")
	cmd.Flags().StringVar(&path, "path", "", "of a file: where it belongs in a container")
	return cmd
}

func (c *command) runSecretsSet(ctx context.Context, text string, f valueFlags, place string, asJSON, literal bool) error {
	name, value, given := strings.Cut(text, "=")
	p, err := parseSecretPath(name)
	if err != nil {
		return err
	}
	switch {
	case given && f.file != "":
		return errors.New("the value is given twice: with =VALUE and with --file")
	case p.whole, p.file && len(p.names) == 0:
		return fmt.Errorf("%s is not one value: write %s.values.NAME or %s.files.FILE", p, p.id, p.id)
	case !p.file && len(p.names) == 0 && !asJSON:
		return fmt.Errorf("%s are all values of the secret: give them as an object, with --as-json", p)
	case place != "" && (!p.file || len(p.names) == 2 && p.names[1] == "path"):
		return errors.New("--path is for files")
	case p.file && (asJSON || literal):
		return errors.New("the content of a file is taken as it is: --as-json and --literal are for values")
	}
	change, err := c.readGlobal(ctx, p, value, given, f, place, asJSON, literal)
	if err != nil {
		return err
	}
	store, err := c.openState(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := store.ChangeGlobal(ctx, p.id, change); err != nil {
		return exitWith(exitFailed, err)
	}
	return c.changed(changedOutput{Set: []string{p.String()}})
}

// readGlobal reads what is to be stored and returns the change that stores it.
func (c *command) readGlobal(ctx context.Context, p secretPath, value string, given bool, f valueFlags, place string, asJSON, literal bool) (func(*history.Global) error, error) {
	if p.file && (len(p.names) == 1 || p.names[1] == "data") {
		data := []byte(value)
		if !given {
			var err error
			if data, err = c.secretBytes(ctx, p.String(), f); err != nil {
				return nil, err
			}
		}
		return func(g *history.Global) error { return setFile(g, p.names[0], data, place) }, nil
	}
	if !given {
		var err error
		if value, err = c.secretText(ctx, p.String(), f); err != nil {
			return nil, err
		}
	}
	if p.file {
		return func(g *history.Global) error {
			file, ok := g.Files[p.names[0]]
			if !ok {
				return fmt.Errorf("%s has no file %s yet: set its content first", p.id, p.names[0])
			}
			return setFile(g, p.names[0], file.Data, value)
		}, nil
	}
	if !literal {
		var err error
		if value, err = engine.MakeSecret(ctx, value); err != nil {
			return nil, exitWith(exitFailed, err)
		}
	}
	var v any = value
	if asJSON {
		parsed, err := expr.ParseJSON([]byte(value))
		if err != nil {
			return nil, exitWith(exitFailed, fmt.Errorf("the value of %s is no JSON", p))
		}
		v = parsed.ToAny()
	}
	if literal {
		v = escapeReferences(v)
	}
	return func(g *history.Global) error { return g.Set(p.names, v) }, nil
}

func setFile(g *history.Global, name string, data []byte, place string) error {
	if g.Files == nil {
		g.Files = map[string]history.GlobalFile{}
	}
	if place == "" {
		place = g.Files[name].Path
	}
	g.Files[name] = history.GlobalFile{Data: data, Path: place}
	return nil
}

// escapeReferences writes texts so that nothing in them is replaced when they are
// read.
func escapeReferences(v any) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "${", `\${`)
	case []any:
		for i := range v {
			v[i] = escapeReferences(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = escapeReferences(v[k])
		}
	}
	return v
}

func (c *command) secretsRemove() *cobra.Command {
	var template templateFlag
	var all bool
	cmd := &cobra.Command{
		Use:   "remove ID[.values.NAME | .files.FILE] | FILE PLACE...",
		Short: "Remove global secrets, or kept ones so that the next run makes new ones",
		Long: `With one argument, remove removes a global secret, or a part of one.

With a template's FILE (or --template) and places, as list shows them, it removes
kept secrets of the template: the next run makes new ones and gives them to all
resources that use them. A run that has begun keeps the ones that it has.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if template.name == "" && len(args) == 1 && !all {
				return c.runSecretsRemove(cmd.Context(), args[0])
			}
			return c.runSecretsForget(cmd.Context(), template, all, args)
		},
	}
	template.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "all kept secrets of the template")
	return cmd
}

func (c *command) runSecretsRemove(ctx context.Context, text string) error {
	p, err := parseSecretPath(text)
	if err != nil {
		return err
	}
	none := exitWith(exitFailed, fmt.Errorf("there is no global secret %s", p))
	if !c.hasState() {
		return none
	}
	store, err := c.openState(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := store.ChangeGlobal(ctx, p.id, func(g *history.Global) error {
		if !p.removeFrom(g) {
			return none
		}
		return nil
	}); err != nil {
		if errors.Is(err, none) {
			return err
		}
		return exitWith(exitFailed, err)
	}
	return c.changed(changedOutput{Removed: []string{p.String()}})
}

func (p secretPath) removeFrom(g *history.Global) bool {
	switch {
	case p.whole:
		had := len(g.Values)+len(g.Files) > 0
		g.Values, g.Files = nil, nil
		return had
	case !p.file:
		return g.Remove(p.names)
	case len(p.names) == 0:
		had := len(g.Files) > 0
		g.Files = nil
		return had
	}
	file, ok := g.Files[p.names[0]]
	if !ok {
		return false
	}
	if len(p.names) == 2 && p.names[1] == "path" {
		had := file.Path != ""
		file.Path = ""
		g.Files[p.names[0]] = file
		return had
	}
	delete(g.Files, p.names[0])
	return true
}

func (c *command) runSecretsForget(ctx context.Context, t templateFlag, all bool, args []string) error {
	identity, _, places, err := t.target(c, args)
	if err != nil {
		return err
	}
	if all == (len(places) > 0) {
		return errors.New("name the places of the kept secrets, as 'nf-run secrets list FILE' shows them, or give --all")
	}
	if !c.hasState() {
		return exitWith(exitFailed, fmt.Errorf("%s has no kept secrets", identity))
	}
	store, err := c.openState(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	kept, err := store.KeptPlaces(ctx, identity)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	var removed []string
	for _, place := range places {
		if !slices.ContainsFunc(kept, func(k history.KeptPlace) bool { return namesPlace(place, k) }) {
			return exitWith(exitFailed, fmt.Errorf("%s has no kept secret %s; 'nf-run secrets list' shows those that it has", identity, place))
		}
	}
	for _, k := range kept {
		if !all && !slices.ContainsFunc(places, func(p string) bool { return namesPlace(p, k) }) {
			continue
		}
		if _, err := store.Forget(ctx, identity, k.Place); err != nil {
			return exitWith(exitFailed, err)
		}
		removed = append(removed, k.Place)
	}
	return c.changed(changedOutput{Template: identity, Removed: removed})
}

// namesPlace tells whether a text names a kept secret: by its place, with or
// without the function that made it.
func namesPlace(text string, k history.KeptPlace) bool {
	place, _ := cutPlace(k.Place)
	return text == k.Place || text == place
}

// cutPlace cuts the key of a kept secret into its place and the function.
func cutPlace(key string) (place, function string) {
	if i := strings.LastIndexByte(key, ' '); i >= 0 {
		return key[:i], key[i+1:]
	}
	return key, ""
}

func (c *command) secretsKey() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Tell where the key is that opens the stored secrets, or move it",
		Long: `The key is made when the first secret is stored: in the keyring of the operating
system where there is one that answers, else in the file "key" of the state folder,
which only its owner can read. NF_KEY=file or NF_KEY=keyring chooses. Where it is
then stays as it is; --to moves it. Without the key nobody can read the secrets:
keep a copy of the file, or of what the keyring holds under "nf-run".`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSecretsKey(cmd.Context(), to) },
	}
	cmd.Flags().StringVar(&to, "to", "", "move the key: file or keyring")
	return cmd
}

// keyOutput is the JSON form of a key, version 1.
type keyOutput struct {
	Version int `json:"version"`
	// In is "file" or "keyring"; empty while there is no key.
	In seal.Place `json:"in"`
	// Recipient is the public half of the key.
	Recipient string `json:"recipient,omitempty"`
	File      string `json:"file"`
}

func (c *command) runSecretsKey(ctx context.Context, to string) error {
	place, err := seal.ParsePlace(to)
	if err != nil || to != "" && place == seal.Auto {
		return errors.New("--to takes file or keyring")
	}
	dir, err := c.stateFolder()
	if err != nil {
		return exitWith(exitFailed, err)
	}
	out := keyOutput{Version: 1, File: history.KeyFile(dir)}
	if to != "" || history.Exists(dir) {
		store, err := c.openState(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }()
		if to != "" {
			if err := store.Key().Move(place); err != nil {
				return exitWith(exitFailed, err)
			}
		}
		if out.In, out.Recipient, err = store.Key().Where(); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	if c.json {
		return c.writeJSON(out)
	}
	switch out.In {
	case "":
		_, err = fmt.Fprintf(c.out, "there is no key yet; the first secret that is stored makes it\n")
	case seal.Keyring:
		_, err = fmt.Fprintf(c.out, "in the keyring, as %s says: %s\n", out.File, out.Recipient)
	default:
		_, err = fmt.Fprintf(c.out, "in %s: %s\n", out.File, out.Recipient)
	}
	return err
}
