package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

var tokenNames = map[analysis.TokenType]string{
	analysis.TokenDelimiter: "delimiter", analysis.TokenRoot: "root", analysis.TokenRef: "ref", analysis.TokenProperty: "property",
	analysis.TokenArgument: "argument", analysis.TokenFunction: "function", analysis.TokenUnknownFunction: "unknown",
	analysis.TokenParameter: "parameter", analysis.TokenVariable: "variable", analysis.TokenString: "string",
	analysis.TokenNumber: "number", analysis.TokenRegex: "regex", analysis.TokenKeyword: "keyword",
}

// inTemplate puts a JSON string into a node's spec.
func inTemplate(literal string) string {
	return `{"apiVersion":"v1.2","name":"😀 Shop","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
{"kind":"Project","ref":"shop","spec":{"name":"Shop","description":` + literal + `}}]}}}`
}

func tokens(text string, within syntax.Range) string {
	var out []string
	for _, t := range analysis.NewSnapshot(syntax.Parse(text), nil, nil).Tokens(within) {
		out = append(out, fmt.Sprintf("%s:%s", tokenNames[t.Type], text[t.Range.Start:t.Range.End]))
	}
	return strings.Join(out, " ")
}

func TestTokens(t *testing.T) {
	tests := []struct{ name, literal, want string }{
		{"a reference to an output", `"x ${refs.db-1.ports.0.dns} y"`, "delimiter:${ root:refs ref:db-1 property:ports property:0 property:dns delimiter:}"},
		{"an argument", `"${args.BRANCH}"`, "delimiter:${ root:args argument:BRANCH delimiter:}"},
		{"a secret", `"${secrets.s.values.A}"`, "delimiter:${ root:secrets property:s property:values property:A delimiter:}"},
		{"several in one string", `"${args.A}-${args.B}"`, "delimiter:${ root:args argument:A delimiter:} delimiter:${ root:args argument:B delimiter:}"},
		{"literals of a call", `"${fn.if(true, 'a', 1.5, null, undefined)}"`, "delimiter:${ root:fn function:if keyword:true string:'a' number:1.5 keyword:null keyword:undefined delimiter:}"},
		{"a function that there is not", `"${fn.nope()}"`, "delimiter:${ root:fn unknown:nope delimiter:}"},
		{"a regular expression, its backslash escaped for JSON", `"${fn.search(args.A, /\\d}+/gi)}"`, `delimiter:${ root:fn function:search root:args argument:A regex:/\\d}+/gi delimiter:}`},
		{"a lambda and its parameter", `"${fn.find(args.L, (item, i) => fn.eq(item.name, i))}"`, "delimiter:${ root:fn function:find root:args argument:L parameter:item parameter:i root:fn function:eq parameter:item property:name parameter:i delimiter:}"},
		{"an array", `"${fn.join(['a', 2], ',')}"`, "delimiter:${ root:fn function:join string:'a' number:2 string:',' delimiter:}"},
		{"the outer template", `"${template.refs.b.branch} ${template.fn.slug('x')}"`, "delimiter:${ root:template root:refs ref:b property:branch delimiter:} delimiter:${ root:template root:fn function:slug string:'x' delimiter:}"},
		{"a value that the container fills in", `"${{ HOME }}"`, "delimiter:${{ variable:HOME delimiter:}}"},
		{"a name in brackets", `"${args['A B']}"`, "delimiter:${ root:args argument:A B delimiter:}"},
		{"escaped quotes", `"\"${fn.eq(\"a\", args.A)}\""`, `delimiter:${ root:fn function:eq string:\"a\" root:args argument:A delimiter:}`},
		{"unicode escapes of its own signs", `"$\u007Bargs.A\u007d"`, `delimiter:$\u007B root:args argument:A delimiter:\u007d`},
		{"an escape for its dollar", `"\\\u0024{args.A} \u0024\u007Bargs.A} \u0024{{ HOME }}"`, `delimiter:\u0024\u007B root:args argument:A delimiter:} delimiter:\u0024{{ variable:HOME delimiter:}}`},
		{"escapes in names", `"😀\u0024{\u0072efs.\u0061\ud83d\ude00.i\u0064} \u0024{\u0066n.slu\u0067('\u0061')}"`, `delimiter:\u0024{ root:\u0072efs ref:\u0061\ud83d\ude00 property:i\u0064 delimiter:} delimiter:\u0024{ root:\u0066n function:slu\u0067 string:'\u0061' delimiter:}`},
		{"surrogate pairs in front and inside", `"😀\ud83d\ude00${fn.eq('😀', '\ud83d\ude00')}é"`, `delimiter:${ root:fn function:eq string:'😀' string:'\ud83d\ude00' delimiter:}`},
		{"a literal dollar", `"\\${args.A} $5 {}"`, ""},
		{"no expression", `"args.A"`, ""},
		{"half typed: a trailing dot", `"${refs."`, "delimiter:${ root:refs"},
		{"half typed: nothing yet", `"${}"`, "delimiter:${ delimiter:}"},
		{"half typed: an open call", `"${fn.if(args.A, 'x"`, "delimiter:${ root:fn function:if root:args argument:A string:'x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := inTemplate(tt.literal)
			if got := tokens(text, syntax.Range{End: len(text)}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTokensStandInTheOrderOfTheText(t *testing.T) {
	text := `{"apiVersion":"v1.2","arguments":{"B":"${args.A}"},"spec":{"kind":"Workflow","spec":{"steps":[{"kind":"Project","spec":{"name":"${args.STEP}"}}],"type":"sequential","context":{"projectId":"${args.CTX}"}}},"name":"${args.LAST}"}`
	want := "delimiter:${ root:args argument:A delimiter:} delimiter:${ root:args argument:STEP delimiter:} delimiter:${ root:args argument:CTX delimiter:} delimiter:${ root:args argument:LAST delimiter:}"
	if got := tokens(text, syntax.Range{End: len(text)}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	at := strings.Index(text, "CTX")
	if got := tokens(text, syntax.Range{Start: at, End: at + 1}); got != "delimiter:${ root:args argument:CTX delimiter:}" {
		t.Errorf("of a range: %s", got)
	}
	if got := tokens(`{"scripts":{"x":"${args.A}"}}`, syntax.Range{End: 30}); got != "" {
		t.Errorf("in foreign JSON: %s", got)
	}
}

func FuzzTokens(f *testing.F) {
	fuzzing.KeepMoving(f)
	f.Add(`${fn.find(args.L, (i) => fn.eq(i.n, 'x'))} ${{ A }} \${x} ${`)
	f.Add("\\u0024{refs.\\ud83d.x")
	f.Add("${['\n' /x")
	f.Fuzz(func(t *testing.T, content string) {
		text := inTemplate(`"` + content + `"`)
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		end := 0
		for _, token := range s.Tokens(syntax.Range{End: len(text)}) {
			if token.Range.Start < end || token.Range.End <= token.Range.Start || token.Range.End > len(text) {
				t.Fatalf("%v behind %d in %q", token, end, text)
			}
			end = token.Range.End
			if strings.ContainsAny(text[token.Range.Start:token.Range.End], "\n\r") {
				t.Fatalf("%v leaves its line in %q", token, text)
			}
		}
	})
}
