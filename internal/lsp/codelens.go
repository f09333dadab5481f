package lsp

import (
	"context"
	"encoding/json"
	"fmt"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// codeLensMethod offers to check, plan and run a document, and counts references.
func codeLensMethod() method {
	return query(protocol.MethodTextDocumentCodeLens, codeLens).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if c.codeLenses {
				resolve := true
				caps.CodeLensProvider = &protocol.CodeLensOptions{ResolveProvider: &resolve}
			}
		})
}

func codeLensResolveMethod() method {
	return query(protocol.MethodCodeLensResolve, codeLensResolve)
}

// lensData is what a lens brings along to be resolved.
type lensData struct {
	URI string `json:"uri"`
}

func codeLens(_ context.Context, v *View, p *protocol.CodeLensParams) (any, error) {
	lenses := []protocol.CodeLens{}
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return lenses, nil
	}
	target, err := json.Marshal(d.URI)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(lensData{URI: d.URI})
	if err != nil {
		return nil, err
	}
	lens := func(at protocol.Range, title, command string, more ...protocol.LSPAny) {
		arguments := append([]protocol.LSPAny{target}, more...)
		lenses = append(lenses, protocol.CodeLens{Range: at, Command: protocol.Command{Title: title, Command: command, Arguments: arguments}})
	}
	last, versions := d.lastRun(v), d.versions(v)
	for _, l := range d.Analysis().Lenses() {
		at := d.span(l.Range)
		if l.Document {
			lens(at, "Check", commandCheck)
			lens(at, "Plan", commandPlan)
			lens(at, "Run", commandRun)
			if last != nil {
				lens(at, "Open last run: "+last.State, commandShow)
			}
			if versions != nil && len(versions.Links) > 0 {
				m := d.gitMarks()
				for _, l := range m.lenses() {
					lens(at, l[0], l[1])
				}
			}
			continue
		}
		if l.Ref != "" {
			lenses = append(lenses, protocol.CodeLens{Range: at, Data: data})
		}
		if l.Until != "" {
			until, err := json.Marshal(commandOptions{Until: l.Until})
			if err != nil {
				return nil, err
			}
			lens(at, "Run up to here", commandRun, until)
		}
	}
	return lenses, nil
}

// codeLensResolve counts the references to the ref at the lens. The document may
// have changed since the lens was made; where no ref is there any more, the lens
// says nothing.
func codeLensResolve(_ context.Context, v *View, p *protocol.CodeLens) (any, error) {
	var data lensData
	if len(p.Data) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(p.Data, &data); err != nil {
		return nil, fmt.Errorf("the data of a lens is not what the server has sent: %w", err)
	}
	d := v.template(uri.URI(keyOf(data.URI)))
	if d == nil {
		return p, nil
	}
	uses, ok := d.Analysis().Uses(d.offset(p.Range.Start))
	if !ok {
		p.Command = protocol.Command{Title: "no ref"}
		return p, nil
	}
	p.Command = protocol.Command{Title: fmt.Sprintf("%d references", len(uses))}
	if len(uses) == 1 {
		p.Command.Title = "1 reference"
	}
	// The protocol has no command that shows places; clients that have one say so.
	if show := d.env.client.referencesCommand; show != "" && len(uses) > 0 {
		locations := make([]protocol.Location, len(uses))
		for i, u := range uses {
			locations[i] = protocol.Location{URI: uri.URI(d.URI), Range: d.span(u)}
		}
		p.Command.Command = show
		for _, argument := range []any{uri.URI(d.URI), p.Range.Start, locations} {
			encoded, err := protocol.Marshal(argument)
			if err != nil {
				return nil, err
			}
			p.Command.Arguments = append(p.Command.Arguments, encoded)
		}
	}
	return p, nil
}
