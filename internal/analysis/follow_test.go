package analysis_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Whatever a person types, in whatever order, a snapshot that was made from the
// one before says the same as one that was made afresh.
func TestASnapshotThatFollowsEditsEqualsAFreshOne(t *testing.T) {
	everyCase(t, func(t *testing.T, c *testCase) { typeInto(t, c.text, 1, 25) })
	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no templates", err)
	}
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			typeInto(t, string(text), uint64(i), 60)
		})
	}
	t.Run("entangled", func(t *testing.T) { typeInto(t, entangled, 3, 400) })
	t.Run("lines that end with CR and LF", func(t *testing.T) { typeInto(t, strings.ReplaceAll(entangled, "\n", "\r\n"), 4, 100) })
}

// FuzzFollowing does what the seed says, in the same way.
func FuzzFollowing(f *testing.F) {
	fuzzing.KeepMoving(f)
	f.Add(entangled, uint64(1))
	f.Add(strings.ReplaceAll(entangled, "\n", "\r\n"), uint64(2))
	f.Add(readTemplate(f, "payload.json"), uint64(3))
	f.Add(readTemplate(f, "pipeline.json"), uint64(4))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) < 20_000 {
			typeInto(t, text, seed, 12)
		}
	})
}

// entangled is a template in which everything depends on everything: names that
// are taken twice, that stand in the wrong order, that nest and that are missing.
const entangled = `{
  "apiVersion": "v1.2",
  "name": "Entangled",
  "arguments": { "BRANCH": "main", "COUNT": 3, "NAME": "a-rather-long-name-for-a-service", "UNUSED": "" },
  "argumentOverrides": {},
  "triggers": [{ "ref": "hook" }],
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "context": { "projectId": "${refs.project.id}" },
      "steps": [
        { "kind": "Project", "ref": "project", "spec": { "name": "Shop", "region": "europe-west" } },
        { "kind": "Addon", "ref": "data", "spec": { "name": "data", "type": "postgresql", "version": "16-latest",
          "billing": { "deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": "${args.COUNT}" } } },
        { "kind": "AddonBackup", "ref": "backup", "spec": { "addonId": "${refs.data.id}", "backupType": "dump" } },
        { "kind": "Addon", "ref": "copy", "spec": { "name": "copy", "type": "postgresql", "version": "15-latest", "source": { "backupId": "${refs.backup.id}" },
          "billing": { "deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1 } } },
        { "kind": "Workflow", "ref": "both", "spec": { "type": "parallel", "steps": [
          { "kind": "CombinedService", "ref": "web", "spec": { "name": "Web ${args.BRANCH}", "billing": { "deploymentPlan": "nf-compute-20" },
            "ports": [{ "name": "http", "internalPort": 80, "protocol": "HTTP" }],
            "runtimeEnvironment": { "URI": "${refs.data.secrets.POSTGRES_URI}", "OTHER": "https://${refs.api.ports.0.dns}", "HOME": "${HOME}", "C": "${COUNT}", "HOOK": "${refs.hook.branch}" } } },
          { "kind": "DeploymentService", "ref": "api", "spec": { "name": "api", "deployment": { "instances": "${fn.if(fn.eq(args.BRANCH, 'main'), args.COUNT, 1)}" },
            "runtimeEnvironment": { "WEB": "https://${refs.web.ports.1.dns}", "OLD": "${args.data.id}", "ALL": "${fn.get(args, 'COUNT')}" } } },
          { "kind": "DeploymentService", "ref": "api", "spec": { "name": "API", "deployment": { "instances": 1 } } }
        ] } },
        { "kind": "Condition", "spec": { "kind": "Service", "spec": { "type": "running", "data": { "serviceId": "${refs.web.id}" } } } },
        { "kind": "Condition", "spec": { "kind": "Addon", "spec": { "type": "running", "data": { "addonId": "data" } } } },
        { "kind": "LoopWorkflow", "ref": "loop", "spec": { "steps": [
          { "kind": "Build", "ref": "build", "skipNodeExecution": true, "spec": { "id": "${refs.web.id}", "branch": "${item.name}" } } ] } },
        { "kind": "Pipeline", "ref": "pipeline", "spec": { "name": "${refs.project.id}-${args.NAME}-${refs.build.sha}",
          "preview": { "spec": { "triggers": [{ "ref": "git" }], "arguments": { "COUNT": 1 }, "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
            { "kind": "Addon", "ref": "data", "spec": { "name": "data-${args.previewId}", "type": "${template.refs.data.type}", "branch": "${refs.git.branch}" } },
            { "kind": "JobRun", "ref": "run", "spec": { "jobId": "${refs.web.id}", "count": "${args.NAME}", "x": "${fn.not(template.refs.copy.id)}" } } ] } } } },
          "stages": [
            { "name": "Staging", "nfObjects": [{ "id": "${refs.web.id}" }], "releaseFlow": { "spec": { "spec": { "kind": "Release", "ref": "release",
              "spec": { "type": "deployment", "target": { "id": "${template.refs.later.id}" }, "origin": { "id": "web" } } } } } },
            { "name": "Production", "nfObjects": [{ "id": "${refs.api.id}" }, { "id": "data" }], "releaseFlow": { "spec": { "teardownSpec": { "spec": { "kind": "JobRun", "spec": {} } },
              "spec": { "kind": "Release", "spec": { "type": "deployment", "target": { "id": "${template.refs.api.id}" }, "origin": { "id": "${template.refs.web.id}" } } } } } } ] } },
        { "kind": "Template", "ref": "template", "spec": { "kind": "ReleaseFlow", "name": "flow", "spec": { "apiVersion": "v1.2", "spec": {
          "kind": "Workflow", "spec": { "type": "sequential", "steps": [
            { "kind": "BuildSource", "ref": "source", "spec": { "name": "${args.NOTHING}", "x": "${refs.sources.id}", "y": "${args.COUNT}" } },
            { "kind": "Addon", "spec": { "name": "inner", "type": "redis", "version": "7", "z": "${refs.later.id}" } } ] } } } } },
        { "kind": "Addon", "ref": "later", "spec": { "name": "Data", "type": "postgresql", "version": "14", "billing": { "deploymentPlan": "nf-compute-20" } } }
      ]
    }
  },
  "teardownSpec": { "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [{ "kind": "JobRun", "ref": "clean", "spec": { "jobId": "${refs.loop.id}" } }] } } }
}
`

// typeInto types into a text, and takes most of it back.
func typeInto(t *testing.T, text string, seed uint64, edits int) {
	t.Helper()
	if testing.Short() {
		edits = (edits + 9) / 10
	}
	f := following{
		t: t, text: text, first: text, rand: rand.New(rand.NewPCG(seed, 9)),
		snapshot: analysis.NewSnapshot(syntax.Parse(text), nil, nil),
	}
	for range edits {
		if f.rand.IntN(15) == 0 { // what is left broken would hide the rest
			f.replace(0, len(f.text), f.first)
		}
		start, end, piece := f.edit()
		taken := f.text[start:end]
		f.replace(start, end, piece)
		if f.rand.IntN(3) > 0 {
			f.replace(start, start+len(piece), taken)
		}
	}
}

// following is a snapshot that follows what is typed.
type following struct {
	t           *testing.T
	text, first string
	snapshot    *analysis.Snapshot
	rand        *rand.Rand
	log         []string
}

func (f *following) replace(start, end int, piece string) {
	f.t.Helper()
	f.log = append(f.log, fmt.Sprintf("%d-%d %q", start, end, piece))
	f.text = f.text[:start] + piece + f.text[end:]
	tree := f.snapshot.Tree.Edit(syntax.Edit{Range: syntax.Range{Start: start, End: end}, NewText: piece})
	f.snapshot = analysis.NewSnapshot(tree, f.snapshot, nil)
	if f.rand.IntN(4) == 0 {
		return // versions that nobody asks about are passed over
	}
	fresh := analysis.NewSnapshot(syntax.Parse(f.text), nil, nil)
	if diff := difference(said(fresh), said(f.snapshot)); diff != "" {
		f.t.Fatalf("after the edits %s the findings differ (-fresh +followed):\n%s\nin\n%s", strings.Join(f.log, ", "), diff, f.text)
	}
}

// told is a finding with all there is to it.
type told struct {
	analysis.Finding
	Fixes []analysis.Fix
}

func said(s *analysis.Snapshot) []told {
	var out []told
	for _, f := range s.Findings() {
		out = append(out, told{f, s.Fixes(f)})
	}
	return out
}

func difference(want, got []told) string {
	return cmp.Diff(want, got, cmpopts.IgnoreUnexported(analysis.Finding{}))
}

// pieces are what is typed: single characters, words that change what a node or
// a name means, and whole nodes.
var pieces = []string{
	`"`, `{`, `}`, `[`, `]`, `,`, `:`, `${`, `refs.`, `args.`, `template.`, "\n", "\r\n", "\r", `x`, `\`, ` `, ``, ``, `é`, `😀`,
	`"skipNodeExecution": true,`, `"arguments": {"BRANCH": 1},`, `"triggers": [{"ref": "web"}],`, `"project": {"id": "p"},`, `"context": {"projectId": "p"},`,
	`"updateMode": "patch",`, `"projectId": "other",`, `"$schema": "https://api.northflank.com/v1/schemas/release-flow",`,
	`{"kind": "Condition", "ref": "web", "spec": {"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "${refs.web.id}"}}}},`,
	`{"kind": "Workflow", "spec": {"type": "parallel", "steps": [{"kind": "Build", "ref": "api", "spec": {"id": "${refs.pipeline.id}"}}]}},`,
}

// words are those of which one is written in the place of another.
var words = [][]string{
	{`"sequential"`, `"parallel"`, `"paralle"`},
	{`"Workflow"`, `"LoopWorkflow"`, `"workflow"`, `"Workflo"`, `"Build"`},
	{`"Addon"`, `"AddonBackup"`, `"Pipeline"`, `"Template"`, `"CombinedService"`, `"DeploymentService"`},
	{`"steps"`, `"step"`}, {`"spec"`, `"teardownSpec"`}, {`"preview"`, `"previews"`}, {`"stages"`, `"stage"`},
	{`"kind"`, `"ref"`}, {`16-latest`, `15`, `17.1`}, {`postgresql`, `mysql`},
	{`"ref": "git"`, `"ref": "data"`}, {`"ref": "hook"`, `"ref": "web"`}, {`"ReleaseFlow"`, `"PreviewEnv"`, `"ResourceTemplate"`}, {`args.`, `refs.`, `template.refs.`, `template.args.`},
	{`"COUNT"`, `"BRANCH"`, `"NEW"`}, {`${`, `$`}, {`"triggers"`, `"arguments"`},
}

// edit chooses what is typed next: a piece somewhere, a ref or a name that another
// has, another word, a line or an element that is taken out, repeated or moved.
func (f *following) edit() (start, end int, piece string) {
	text := f.text
	start = f.rand.IntN(len(text) + 1)
	switch f.rand.IntN(10) {
	case 0: // a line is repeated somewhere else, or taken out
		lines := strings.SplitAfter(text, "\n")
		start = strings.LastIndexByte(text[:start], '\n') + 1
		if f.rand.IntN(2) == 0 {
			return start, start, lines[f.rand.IntN(len(lines))]
		}
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			return start, start + i + 1, ""
		}
	case 1: // a node gets the ref, or the name, of another one
		return f.swap(f.rand.IntN(2) == 0)
	case 2: // a reference leads elsewhere
		if i := strings.Index(text[start:], "refs."); i >= 0 {
			start += i + len("refs.")
			end = start
			for end < len(text) && (text[end] == '-' || 'a' <= text[end]|0x20 && text[end]|0x20 <= 'z') {
				end++
			}
			if refs := refsIn(text); len(refs) > 0 {
				return start, end, refs[f.rand.IntN(len(refs))]
			}
		}
	case 3, 4, 5: // a word becomes another one
		group := words[f.rand.IntN(len(words))]
		from := group[f.rand.IntN(len(group))]
		if n := strings.Count(text, from); n > 0 {
			for range 1 + f.rand.IntN(n) {
				start = end + strings.Index(text[end:], from)
				end = start + len(from)
			}
			return start, end, group[f.rand.IntN(len(group))]
		}
	case 6: // a node is taken out, or put in once more
		tree := syntax.Parse(text)
		if v := element(tree, start); v.IsValid() {
			at := v.Range()
			if f.rand.IntN(2) == 0 {
				return at.Start, at.Start, v.Raw() + ", "
			}
			if next := at.End; next < len(text) && text[next] == ',' {
				at.End++
			}
			return at.Start, at.End, ""
		}
	case 7: // two nodes change places
		tree := syntax.Parse(text)
		if v := element(tree, start); v.IsValid() {
			if w := element(tree, v.Range().End+2); w.IsValid() && w.Range().Start > v.Range().End {
				return v.Range().Start, w.Range().End, w.Raw() + text[v.Range().End:w.Range().Start] + v.Raw()
			}
		}
	}
	start = f.rand.IntN(len(text) + 1)
	return start, min(len(text), start+f.rand.IntN(6)), pieces[f.rand.IntN(len(pieces))]
}

// swap writes the ref, or the name, of one node where that of another one stands.
func (f *following) swap(ref bool) (start, end int, piece string) {
	key := `"name": "`
	if ref {
		key = `"ref": "`
	}
	var at [][2]int
	for i := 0; ; {
		j := strings.Index(f.text[i:], key)
		if j < 0 {
			break
		}
		i += j + len(key)
		if end := strings.IndexByte(f.text[i:], '"'); end >= 0 {
			at = append(at, [2]int{i, i + end})
		}
	}
	if len(at) == 0 {
		return 0, 0, ""
	}
	from, to := at[f.rand.IntN(len(at))], at[f.rand.IntN(len(at))]
	return to[0], to[1], f.text[from[0]:from[1]]
}

// refsIn lists the refs in a text.
func refsIn(text string) []string {
	parts := strings.Split(text, `"ref": "`)[1:]
	for i, p := range parts {
		parts[i], _, _ = strings.Cut(p, `"`)
	}
	return slices.DeleteFunc(parts, func(s string) bool { return strings.ContainsAny(s, "\n") })
}

// element returns the innermost element of an array around an offset.
func element(tree *syntax.Tree, offset int) syntax.Value {
	var found syntax.Value
	for _, step := range tree.PathAt(offset).Steps {
		if step.Value.Kind() == syntax.KindArray {
			if v := step.Value.Index(step.Index); v.IsValid() {
				found = v
			}
		}
	}
	return found
}
