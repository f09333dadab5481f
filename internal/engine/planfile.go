package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// planFileFormat is the version of PlanFile as JSON.
const planFileFormat = 1

// A PlanFile is a plan that can be carried out later, as long as nothing of what
// it was made from has changed. It holds no secrets: of these, and of the
// resources that are there, it has keyed hashes. The key is sealed with that of
// the state folder, so that nobody without the folder can try secrets out.
type PlanFile struct {
	// Format is the version; the name tells the file from a template.
	Format int `json:"planFormat"`
	// Date is when the plan was made; it is the date that the run's expressions
	// see.
	Date time.Time `json:"date"`
	// File is the absolute path of the template, Path the one from the folder of
	// the plan file, for both being moved. Who writes the file sets Path.
	File string `json:"file"`
	Path string `json:"path,omitempty"`
	// Source is the keyed hash of the template's text.
	Source   string `json:"source"`
	Until    string `json:"until,omitempty"`
	Teardown bool   `json:"teardown,omitempty"`
	// Arguments are those of the program, expressions unresolved.
	Arguments []PlannedArgument `json:"arguments,omitempty"`
	// Secrets are keyed hashes of kept secrets, global secrets and inherited
	// outputs that the plan has seen, by what they are; empty where there was none.
	Secrets map[string]string `json:"secrets,omitempty"`
	// World is what the plan has found, beside Plan.Nodes.
	World []Found `json:"world"`
	Plan  *Plan   `json:"plan"`
	// Key is the sealed key of all hashes, MAC the hash of all the rest.
	Key []byte `json:"key"`
	MAC string `json:"mac"`

	text string // as it was read
}

// A PlannedArgument is an argument in a plan file.
type PlannedArgument struct {
	Name string `json:"name"`
	// Value is left out of secrets; Hash is their keyed hash.
	Value   json.RawMessage `json:"value,omitempty"`
	Hash    string          `json:"hash,omitempty"`
	Literal bool            `json:"literal,omitempty"`
	From    Origin          `json:"from,omitempty"`
}

// Found is what a plan has found of a node.
type Found struct {
	// Present are keyed hashes of the properties of the resource as it is, by
	// JSON pointer; nil where there was none.
	Present map[string]string `json:"present,omitempty"`
	// Deed is the keyed hash of what is done to it.
	Deed string `json:"deed,omitempty"`
}

// A ChangedError says why a plan is not carried out: what has changed since.
type ChangedError struct{ Changes []string }

// Error implements error.
func (e *ChangedError) Error() string {
	return "the plan cannot be carried out any more, make a new one: " + strings.Join(e.Changes, "; ")
}

// PlanToFile is Plan that also makes a file of it, which has still to be sealed. A
// plan with problems gives no file.
func (e *Engine) PlanToFile(ctx context.Context, p *Program) (*Plan, *PlanFile, error) {
	l, err := e.planned(ctx, p)
	if err != nil || len(l.plan.Problems) > 0 {
		return l.result(), nil, err
	}
	box, wrapped, err := seal.NewBox(e.Store.Sealer())
	if err != nil {
		return nil, nil, err
	}
	f := l.file(box)
	f.Key, f.Plan = wrapped, l.plan
	return l.plan, f, nil
}

// SealPlan makes a plan file final: no change of it after that goes unseen.
func (e *Engine) SealPlan(f *PlanFile) error {
	box, err := seal.OpenBox(e.Store.Sealer(), f.Key)
	if err != nil {
		return err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	f.text = string(text)
	f.MAC, err = planMAC(box, text)
	return err
}

// file takes down what a plan has found.
func (l *planner) file(box *seal.Box) *PlanFile {
	p := l.program
	f := &PlanFile{Format: planFileFormat, Date: l.now.UTC(), File: p.File, Source: box.Hash([]byte(p.Source)),
		Until: p.Until, Teardown: p.Teardown, Secrets: map[string]string{}, World: make([]Found, len(l.seen))}
	for _, a := range p.Arguments {
		planned := PlannedArgument{Name: a.Name, Value: a.Value, Literal: a.Literal, From: a.from}
		if a.Secret {
			planned.Value, planned.Hash = nil, box.Hash(a.Value)
		}
		f.Arguments = append(f.Arguments, planned)
	}
	for key, v := range l.kept {
		f.Secrets["kept "+key] = hashOf(box, v)
	}
	for id, v := range l.global {
		f.Secrets["global "+id] = hashOf(box, v)
	}
	for _, i := range p.Inherited {
		f.Secrets["output "+strings.ReplaceAll(i.key(), "\x00", " of ")] = hashOf(box, valueOf(i.Output, nil))
	}
	for i := range l.seen {
		if l.seen[i].input == nil {
			continue
		}
		c := &l.seen[i].change
		f.World[i] = Found{Present: properties(box, c.Current), Deed: doing(box, c)}
	}
	return f
}

func hashOf(box *seal.Box, v expr.Value) string {
	if v.IsUndefined() || !v.Known() {
		return ""
	}
	return box.Hash(v.JSON())
}

// properties hashes each property of a resource. The path is part of the hash,
// so that equal values cannot be told.
func properties(box *seal.Box, current any) map[string]string {
	if current == nil {
		return nil
	}
	d := differ{masker: &masker{}, plain: true}
	d.compare("", nil, current, false)
	out := make(map[string]string, len(d.out))
	for _, p := range d.out {
		text, err := marshal(p.After)
		if err != nil {
			continue // it came from JSON
		}
		out[p.Path] = box.Hash(append([]byte(p.Path+" "), text...))
	}
	return out
}

// doing hashes what is done to a node.
func doing(box *seal.Box, c *platform.Change) string {
	text, err := marshal([]any{c.Action, c.Resource, c.Operations, c.Needs, c.Desired})
	if err != nil {
		return ""
	}
	return box.Hash(text)
}

// planMAC hashes a plan file without its hash, however it is laid out.
func planMAC(box *seal.Box, text []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var all map[string]any
	if err := d.Decode(&all); err != nil {
		return "", err
	}
	delete(all, "mac")
	canonical, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	return box.Hash(canonical), nil
}

// IsPlanFile tells a plan file from a template, also one that is damaged.
func IsPlanFile(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	if !strings.HasPrefix(text, "{") {
		return false
	}
	return strings.HasPrefix(strings.TrimLeft(text[1:], " \t\r\n"), `"planFormat"`)
}

// ReadPlanFile reads a plan file from its text; path is told to people. One of a
// newer version is a [*journal.VersionError].
func ReadPlanFile(path, text string) (*PlanFile, error) {
	tree := syntax.Parse(text)
	version, _ := tree.Root().Get("planFormat").Float()
	if version > planFileFormat {
		return nil, &journal.VersionError{Path: path, Found: int(version), Known: planFileFormat}
	}
	damaged := func(what string) error {
		return fmt.Errorf("%s: the plan file is damaged (%s): make the plan again", path, what)
	}
	if errs := tree.Errors(); len(errs) > 0 {
		return nil, damaged(errs[0].Message)
	}
	f := &PlanFile{text: text}
	if err := json.Unmarshal([]byte(text), f); err != nil {
		return nil, damaged(err.Error())
	}
	switch {
	case f.Format < 1:
		return nil, damaged("it has no version")
	case f.Plan == nil || len(f.World) != len(f.Plan.Nodes):
		return nil, damaged("it has no plan")
	case f.Date.IsZero() || f.File == "" || f.Source == "" || len(f.Key) == 0 || f.MAC == "":
		return nil, damaged("a part is missing")
	}
	return f, nil
}

// Layers are the arguments that the plan was given by whoever made it, but for
// secrets: these are given again.
func (f *PlanFile) Layers() []Layer {
	var out []Layer
	for _, a := range f.Arguments {
		switch a.From {
		case FromEnvironment, FromFile, FromFlag:
		default:
			continue
		}
		var v any
		if a.Value == nil || json.Unmarshal(a.Value, &v) != nil {
			continue
		}
		out = append(out, Layer{From: a.From, Values: map[string]any{a.Name: v}, Literal: a.Literal})
	}
	return out
}

// CheckPlan compares a plan file with the program that is to be run and with the
// world as it is. It returns a [*ChangedError] that lists what has changed.
func (e *Engine) CheckPlan(ctx context.Context, f *PlanFile, p *Program) error {
	box, err := seal.OpenBox(e.Store.Sealer(), f.Key)
	if err != nil {
		return fmt.Errorf("the plan was made with another state folder, or its key is gone: %w", err)
	}
	if mac, err := planMAC(box, []byte(f.text)); err != nil || mac != f.MAC {
		return errors.New("the plan file was changed after it was made: make the plan again")
	}
	if f.Plan.Target != e.Target {
		return fmt.Errorf("the plan was made for target %s and cannot be carried out on %s", f.Plan.Target, e.Target)
	}
	changes := f.program(box, p)
	if len(changes) == 0 {
		// The world is looked at only when the rest is as it was: what else would
		// follow from that is no news.
		planned := *p
		planned.Date = f.Date
		l, err := e.planned(ctx, &planned)
		if err != nil {
			return err
		}
		if len(l.plan.Problems) > 0 {
			return &RefusedError{l.plan.Problems}
		}
		changes = f.world(l.file(box), l)
	}
	if len(changes) > 0 {
		return &ChangedError{changes}
	}
	return nil
}

// program lists what is not as it was of what the program was made of.
func (f *PlanFile) program(box *seal.Box, p *Program) (changes []string) {
	say := func(format string, args ...any) { changes = append(changes, fmt.Sprintf(format, args...)) }
	if box.Hash([]byte(p.Source)) != f.Source {
		say("the template %s has changed", f.File)
		return changes
	}
	now := map[string]*Argument{}
	for i := range p.Arguments {
		now[p.Arguments[i].Name] = &p.Arguments[i]
	}
	for _, then := range f.Arguments {
		a := now[then.Name]
		delete(now, then.Name)
		secret := then.Hash != ""
		switch {
		case a == nil && secret || a != nil && secret && box.Hash(a.Value) != then.Hash && a.from != then.From:
			say("argument %s, a secret, is not given as it was to the plan (by %s): secrets are in no plan file, give it again", then.Name, then.From.describe(then.Name))
		case a == nil:
			say("argument %s has no value any more", then.Name)
		case secret != a.Secret:
			say("argument %s is a secret in one of plan and run only", then.Name)
		case secret && box.Hash(a.Value) != then.Hash:
			say("argument %s, a secret, has another value (from %s)", then.Name, a.from.describe(then.Name))
		case !secret && !bytes.Equal(compact(a.Value), compact(then.Value)):
			say("argument %s was %s and is %s now (from %s)", then.Name, compact(then.Value), compact(a.Value), a.from.describe(then.Name))
		}
	}
	for _, name := range sortedKeys(now) {
		say("argument %s had no value and has one now (from %s)", name, now[name].from.describe(name))
	}
	if len(changes) == 0 && p.Hash() != f.Plan.Program {
		say("this version of the program reads the template in another way")
	}
	return changes
}

func compact(text json.RawMessage) []byte {
	var out bytes.Buffer
	if json.Compact(&out, text) != nil {
		return text
	}
	return out.Bytes()
}

// world lists what a new plan has found other than this one.
func (f *PlanFile) world(now *PlanFile, l *planner) (changes []string) {
	say := func(format string, args ...any) { changes = append(changes, fmt.Sprintf(format, args...)) }
	names := map[string]bool{}
	for name := range f.Secrets {
		names[name] = true
	}
	for name := range now.Secrets {
		names[name] = true
	}
	for _, name := range sortedKeys(names) {
		then, is := f.Secrets[name], now.Secrets[name]
		if then == is {
			continue
		}
		kind, what, _ := strings.Cut(name, " ")
		thing := map[string]string{"kept": "the kept secret of ", "global": "the global secret ", "output": "the last run's output of "}[kind] + what
		switch {
		case is == "":
			say("%s is gone", thing)
		case then == "":
			say("%s has a value by now", thing)
		default:
			say("%s has another value", thing)
		}
	}
	if len(now.World) != len(f.World) {
		say("loops have other iterations by now")
		return changes
	}
	for i := range now.World {
		then, is := &f.World[i], &now.World[i]
		before, after := &f.Plan.Nodes[i], &l.plan.Nodes[i]
		what := after.Resource
		if what == "" {
			what = after.Label
		}
		switch changed := differing(then.Present, is.Present); {
		case then.Present != nil && is.Present == nil:
			say("%s is gone", what)
		case then.Present == nil && is.Present != nil:
			say("%s exists by now", what)
		case len(changed) > 0:
			say("%s has changed: %s", what, strings.Join(changed, ", "))
		case before.Action != after.Action:
			say("%s: it was to be %s and would now be %s", after.Label, cmp.Or(before.Action, "nothing"), cmp.Or(after.Action, "nothing"))
		case then.Deed != is.Deed && len(changes) == 0:
			say("%s: what would be done has changed", after.Label)
		}
	}
	return changes
}

// differing lists the properties that two fingerprints do not agree upon.
func differing(a, b map[string]string) []string {
	var out []string
	for path, hash := range a {
		if b[path] != hash {
			out = append(out, path)
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok {
			out = append(out, path)
		}
	}
	for i, path := range out {
		out[i] = unescapePointer(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "."))
	}
	slices.Sort(out)
	return out
}
