package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/template"
	"github.com/spf13/cobra"
)

// secretsOutput is the JSON form of the list of secrets, version 1.
type secretsOutput struct {
	Version int `json:"version"`
	// Template is absent where all secrets are listed.
	Template string               `json:"template,omitempty"`
	Global   []globalSecretOutput `json:"global"`
	Kept     []keptSecretOutput   `json:"kept"`
}

// globalSecretOutput is a value or a file of a global secret.
type globalSecretOutput struct {
	// Path is as templates write it behind "secrets.".
	Path string `json:"path"`
	// Set is false for what the listed template uses and nobody has set.
	Set   bool       `json:"set"`
	SetAt *time.Time `json:"setAt,omitempty"` // of the secret as a whole
	Value any        `json:"value,omitempty"`
}

// keptSecretOutput is a secret that a template has made.
type keptSecretOutput struct {
	Template string    `json:"template"`
	Place    string    `json:"place"`
	Function string    `json:"function"`
	MadeAt   time.Time `json:"madeAt"`
	Value    string    `json:"value,omitempty"`
}

func (c *command) secretsList() *cobra.Command {
	return listing("list [FILE]", "List global secrets and kept ones; with FILE, those that the template uses and has made", c.runSecretsList, c)
}

func (c *command) runSecretsList(ctx context.Context, t templateFlag, reveal bool, args []string) error {
	out := secretsOutput{Version: 1, Global: []globalSecretOutput{}, Kept: []keptSecretOutput{}}
	var d *document
	if t.name != "" || len(args) > 0 {
		var err error
		if out.Template, d, err = t.alone(c, args); err != nil {
			return err
		}
	}
	var store *history.Store
	if c.hasState() {
		var err error
		if store, err = c.openState(ctx); err != nil {
			return err
		}
		defer func() { _ = store.Close() }()
	}
	if err := out.read(ctx, store, d, reveal); err != nil {
		return exitWith(exitFailed, err)
	}
	if c.json {
		return c.writeJSON(out)
	}
	return c.writeSecrets(out)
}

// read fills the list in. store is nil where there is no state folder, d where no
// file is looked at.
func (o *secretsOutput) read(ctx context.Context, store *history.Store, d *document, reveal bool) error {
	var uses []string
	if d != nil {
		uses = secretUses(d.snapshot.Doc)
	}
	if store != nil {
		if o.Template == "" || d != nil {
			if err := o.readGlobals(ctx, store, uses, d != nil, reveal); err != nil {
				return err
			}
		}
		kept, err := store.KeptPlaces(ctx, o.Template)
		if err != nil {
			return err
		}
		for _, k := range kept {
			out := keptSecretOutput{Template: k.Template, MadeAt: k.At}
			out.Place, out.Function = cutPlace(k.Place)
			if reveal {
				value, _, err := store.Kept(ctx, k.Template, k.Place)
				if err != nil {
					return err
				}
				out.Value = string(value)
			}
			o.Kept = append(o.Kept, out)
		}
	}
	for _, path := range uses {
		if !slices.ContainsFunc(o.Global, func(g globalSecretOutput) bool { return covers(path, g.Path) }) {
			o.Global = append(o.Global, globalSecretOutput{Path: path})
		}
	}
	sort.SliceStable(o.Global, func(i, j int) bool { return o.Global[i].Path < o.Global[j].Path })
	return nil
}

// covers tells whether what a template uses is a value or holds it.
func covers(use, path string) bool {
	return path == use || strings.HasPrefix(path, use+".") || strings.HasPrefix(use, path+".")
}

func (o *secretsOutput) readGlobals(ctx context.Context, store *history.Store, uses []string, only, reveal bool) error {
	ids, err := store.GlobalIDs(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		g, ok, err := store.Global(ctx, id)
		if err != nil {
			return err
		}
		if !ok {
			continue // removed meanwhile
		}
		add := func(path string, value any) {
			if only && !slices.ContainsFunc(uses, func(u string) bool { return covers(u, path) }) {
				return
			}
			out := globalSecretOutput{Path: path, Set: true, SetAt: &g.At}
			if reveal {
				out.Value = value
			}
			o.Global = append(o.Global, out)
		}
		eachValue(g.Values, id+".values", add)
		for name, f := range g.Files {
			add(id+".files."+name+".data", base64.StdEncoding.EncodeToString(f.Data))
			if f.Path != "" {
				add(id+".files."+name+".path", f.Path)
			}
		}
	}
	return nil
}

// eachValue visits the scalars of a value with their paths.
func eachValue(v any, path string, visit func(path string, value any)) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			eachValue(e, path+"."+k, visit)
		}
	case []any:
		for i, e := range v {
			eachValue(e, path+"."+strconv.Itoa(i), visit)
		}
	default:
		visit(path, v)
	}
}

// secretUses lists the global secrets that a template names, without doubles.
func secretUses(doc *template.Document) []string {
	seen := map[string]bool{}
	facts := func(f *template.Facts) {
		if f == nil {
			return
		}
		for _, e := range f.Expressions {
			for _, u := range e.Uses {
				if u.Ref.Root != "secrets" || u.Ref.Param || len(u.Ref.Segments) == 0 {
					continue
				}
				names := make([]string, len(u.Ref.Segments))
				for i, s := range u.Ref.Segments {
					names[i] = s.Name
				}
				seen[strings.Join(names, ".")] = true
			}
		}
	}
	for _, s := range doc.Scopes() {
		facts(s.Facts)
		for _, n := range s.Nodes() {
			facts(n.Facts)
		}
	}
	out := make([]string, 0, len(seen))
	for path := range seen {
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

func (c *command) writeSecrets(o secretsOutput) error {
	if len(o.Global)+len(o.Kept) == 0 {
		what := "there are no stored secrets"
		if o.Template != "" {
			what = o.Template + " has made no secrets and uses no global ones"
		}
		_, err := fmt.Fprintln(c.out, what)
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	if len(o.Global) > 0 {
		fmt.Fprintln(w, "GLOBAL\tVALUE\tSET")
		for _, g := range o.Global {
			value, at := expr.Mask, ""
			switch {
			case !g.Set:
				value = "(not set)"
			case g.Value != nil:
				value = oneLine(fmt.Sprint(g.Value))
			}
			if g.SetAt != nil {
				at = g.SetAt.Local().Format(time.DateTime)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", g.Path, value, at)
		}
	}
	if len(o.Kept) > 0 {
		if len(o.Global) > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, "KEPT\tFUNCTION\tVALUE\tMADE\tTEMPLATE")
		for _, k := range o.Kept {
			value := expr.Mask
			if k.Value != "" {
				value = k.Value
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Place, k.Function, value, k.MadeAt.Local().Format(time.DateTime), k.Template)
		}
	}
	return w.Flush()
}

// oneLine writes a text so that it stays in its line of a table.
func oneLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
}
