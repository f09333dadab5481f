package engine

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// StoredSecrets are the global secrets of a state folder, for what the platform
// itself does not keep. It is a [SecretSource].
type StoredSecrets struct{ Store *history.Store }

// Secret implements [SecretSource]. The content of a file is Base64, which is how
// the properties for files take it.
func (s StoredSecrets) Secret(ctx context.Context, id string) (expr.Value, error) {
	if s.Store == nil {
		return expr.Undefined(), nil
	}
	g, ok, err := s.Store.Global(ctx, id)
	if err != nil || !ok {
		return expr.Undefined(), err
	}
	files := make([]expr.Member, 0, len(g.Files))
	for _, name := range sortedKeys(g.Files) {
		f := g.Files[name]
		members := []expr.Member{{Key: "data", Value: expr.String(base64.StdEncoding.EncodeToString(f.Data))}}
		if f.Path != "" {
			members = append(members, expr.Member{Key: "path", Value: expr.String(f.Path)})
		}
		files = append(files, expr.Member{Key: name, Value: expr.Object(members...)})
	}
	values := expr.FromJSON(map[string]any{})
	if g.Values != nil {
		values = expr.FromJSON(g.Values)
	}
	return expr.Object(
		expr.Member{Key: "values", Value: (&filler{values, mostFilled}).value(values, 0)},
		expr.Member{Key: "files", Value: expr.Object(files...)}), nil
}

// Bounds of values that are made of values that are made of values.
const (
	mostDeep   = 10
	mostFilled = 10_000
)

// A filler replaces `${path}` in the texts of a global secret by its other values,
// as the platform does: "${baseUrl}/users". What leads to no text, number or
// truth value stays as it is written, and so does `\${`, without the backslash.
type filler struct {
	all  expr.Value
	left int
}

func (f *filler) value(v expr.Value, depth int) expr.Value {
	switch v.Kind() {
	case expr.KindString:
		if s, _ := v.AsString(); strings.Contains(s, "${") {
			return expr.String(f.text(s, depth))
		}
	case expr.KindArray:
		items := make([]expr.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = f.value(item, depth)
		}
		return expr.Array(items)
	case expr.KindObject:
		members := make([]expr.Member, len(v.Members()))
		for i, m := range v.Members() {
			members[i] = expr.Member{Key: m.Key, Value: f.value(m.Value, depth)}
		}
		return expr.Object(members...)
	}
	return v
}

func (f *filler) text(s string, depth int) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		if !found {
			out.WriteString(s)
			return out.String()
		}
		s = rest
		if plain, escaped := strings.CutSuffix(before, `\`); escaped {
			out.WriteString(plain + "${")
			continue
		}
		out.WriteString(before)
		name, behind, closed := strings.Cut(rest, "}")
		value := f.all
		for segment := range strings.SplitSeq(name, ".") {
			value = value.Get(segment)
		}
		switch value.Kind() {
		case expr.KindString, expr.KindNumber, expr.KindBool:
			if closed && depth < mostDeep && f.left > 0 {
				f.left--
				out.WriteString(f.value(value, depth+1).Text())
				s = behind
				continue
			}
		}
		out.WriteString("${")
	}
}

// MakeSecret gives the text that is stored for one with calls of random functions
// in it: "${fn.randomSecret(32)}" is made once, when it is stored. Other texts are
// returned as they are.
func MakeSecret(ctx context.Context, text string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	ip := expr.Parse(text)
	if len(ip.Errors) > 0 {
		return text, nil
	}
	calls := 0
	for i := range ip.Parts {
		switch part := &ip.Parts[i]; part.Kind {
		case expr.Expression:
			call, ok := part.Node.(*expr.Call)
			if !ok || call.Name != "randomSecret" && call.Name != "randomString" {
				return text, nil
			}
			calls++
		case expr.Runtime:
			return text, nil
		}
	}
	if calls == 0 {
		return text, nil
	}
	e := env{scope: newScope(&Program{}, systemClock{}.Now()), node: -1}
	e.keep = func(_ context.Context, _, _ string, make func() (expr.Value, error)) (expr.Value, error) {
		return make()
	}
	v, err := ip.Eval(ctx, e, "")
	if err != nil {
		return "", fmt.Errorf("the secret cannot be made: %w", err)
	}
	return v.Text(), nil
}
