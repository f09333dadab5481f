package analysis

import (
	"fmt"
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// output reports outputs that the target's kind does not document.
func (l *linker) output(d *dependency) {
	segs := d.Ref.Segments
	if len(segs) < 2 || segs[1].Name == "" {
		return
	}
	name := segs[1].Name
	if name == "ports" && len(segs) > 2 {
		l.portIndex(d)
		return
	}
	shape := outputShape(d.target)
	if shape == nil || len(shape.Properties) == 0 || name == "outputs" {
		return
	}
	if _, ok := shape.Property(name); ok {
		return
	}
	names := make([]string, 0, len(shape.Properties))
	for _, p := range shape.Properties {
		names = append(names, p.Name)
	}
	at := d.segment(1)
	if near := validate.Closest(name, names); near != "" {
		l.reporter.addAt(Warning, CodeUnknownOutput, at,
			fmt.Sprintf("%s node documents no output %q; did you mean %q?", withArticle(d.target.Kind), name, near),
			withFix("Change to "+near, syntax.Edit{Range: at, NewText: near}))
		return
	}
	l.reporter.add(CodeUnknownOutput, at, fmt.Sprintf("%s node documents no output %q.", withArticle(d.target.Kind), name))
}

// portIndex reports positions in a service's ports that it does not have.
func (l *linker) portIndex(d *dependency) {
	count := d.target.Ports
	index, err := strconv.Atoi(d.Ref.Segments[2].Name)
	if err != nil || count < 0 || index < count {
		return
	}
	message := fmt.Sprintf("%q has no port at position %d: it declares none.", d.target.Ref, index)
	switch {
	case count == 1:
		message = fmt.Sprintf("%q has no port at position %d: its only port is at position 0.", d.target.Ref, index)
	case count > 1:
		message = fmt.Sprintf("%q has no port at position %d: positions are 0 to %d.", d.target.Ref, index, count-1)
	}
	l.reporter.add(CodePortIndex, d.segment(2), message, withAnchor(d.target, partPorts, "its ports"))
}
