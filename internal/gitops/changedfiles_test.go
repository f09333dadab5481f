package gitops

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

func TestTheFilesOfAPushAreLookedUp(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	before := git.Hash(sh(t, bare, "rev-parse", "main"))
	b := newClone(t, bare, "")
	b.write(replacePlan(shop, "large"))
	b.push()
	after := git.Hash(sh(t, bare, "rev-parse", "main"))
	paths, err := a.s.ChangedFiles(t.Context(), a.link, before, after)
	if err != nil || strings.Join(paths, " ") != "infra/shop.json" {
		t.Errorf("%q, %v", paths, err)
	}
	for _, unknown := range [][2]git.Hash{{after, before}, {"", after}, {git.Hash(strings.Repeat("1", 40)), after}} {
		if paths, err := a.s.ChangedFiles(t.Context(), a.link, unknown[0], unknown[1]); paths != nil || err != nil {
			t.Errorf("from %s to %s: %q, %v", unknown[0], unknown[1], paths, err)
		}
	}
}
