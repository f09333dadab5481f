package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The vendor's guide on writing templates ends with a template for Payload CMS
// that holds one true mistake: a condition on a service that passes an addon's
// identifier. NF_REFERENCE names the folder that the guide lies in.
func TestTheGuidesPayloadTemplateIsCheckedCorrectedAndRun(t *testing.T) {
	reference := os.Getenv("NF_REFERENCE")
	if reference == "" {
		t.Skip("NF_REFERENCE names no folder with the vendor's guides")
	}
	guides, _ := filepath.Glob(filepath.Join(reference, "seeds", "002_*.txt"))
	if len(guides) != 1 {
		t.Fatalf("%s holds %d guides of that name", reference, len(guides))
	}
	guide, err := os.ReadFile(guides[0])
	if err != nil {
		t.Fatal(err)
	}
	template := lastBlock(t, string(guide))
	t.Setenv("NF_STATE", filepath.Join(t.TempDir(), "state"))
	file := filepath.Join(t.TempDir(), "payload.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	nfRun := func(args ...string) (int, string, string) {
		var out, errOut bytes.Buffer
		code := run(context.Background(), args, strings.NewReader(""), &out, &errOut)
		return code, out.String(), errOut.String()
	}

	write(template)
	code, out, _ := nfRun("check", "--json", file)
	var checked checkOutput
	if err := json.Unmarshal([]byte(out), &checked); err != nil {
		t.Fatal(err)
	}
	if code != exitFailed || checked.Errors != 1 || len(checked.Files) != 1 || len(checked.Files[0].Findings) != 1 {
		t.Fatalf("check exits with %d and says %s", code, out)
	}
	f := checked.Files[0].Findings[0]
	if got := template[f.Range.Start.Offset:f.Range.End.Offset]; got != `"addonId"` || !strings.Contains(f.Message, `"serviceId"`) {
		t.Errorf("the finding stands at %s and says %q", got, f.Message)
	}
	if code, _, _ := nfRun("run", file); code != exitFailed {
		t.Errorf("a template with an error runs, exit code %d", code)
	}

	if len(f.Fixes) == 0 {
		t.Fatal("the finding has no fix")
	}
	e := f.Fixes[0].Edits[0]
	write(template[:e.Range.Start.Offset] + e.NewText + template[e.Range.End.Offset:])
	if code, out, _ := nfRun("check", file); code != exitOK {
		t.Errorf("corrected, check exits with %d:\n%s", code, out)
	}
	code, out, errOut := nfRun("run", "--json", file)
	if code != exitOK {
		t.Fatalf("corrected, the run exits with %d:\n%s%s", code, out, errOut)
	}
	if !strings.Contains(out, `"concluded":true`) {
		t.Error("no event says that the run has concluded")
	}
}

// lastBlock returns the last template in a text.
func lastBlock(t *testing.T, text string) string {
	t.Helper()
	for end := len(text); end > 0; {
		start := strings.LastIndex(text[:end], "{")
		if start < 0 {
			break
		}
		end = start
		var raw json.RawMessage
		d := json.NewDecoder(strings.NewReader(text[start:]))
		if d.Decode(&raw) == nil && strings.HasPrefix(strings.TrimSpace(string(raw[1:])), `"apiVersion"`) {
			return string(raw)
		}
	}
	t.Fatal("the guide holds no template")
	return ""
}
