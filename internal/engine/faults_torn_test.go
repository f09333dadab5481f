package engine_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A picture is what the disk has of a run at one moment.
type picture struct {
	when            string
	state, platform map[string][]byte
	// synced is how much of the journal's log is sure to survive a loss of power.
	synced int
}

// A photographed platform has pictures taken before and after each node is started, one of
// which starts at a time.
type photographed struct {
	engine.Platform
	t        testing.TB
	dir      string
	synced   int
	pictures []picture
}

const journalLog = "runs/r/journal.db-wal"

// Start implements engine.Platform. What cannot be repeated starts when its intent is on
// the disk, and with it all that the journal held before.
func (p *photographed) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	before := p.picture("before " + req.Kind)
	if !p.Repeatable(req) {
		p.synced = logEnd(before.state[journalLog])
		before.synced = p.synced
	}
	p.pictures = append(p.pictures, before)
	r, err := p.Platform.Start(ctx, req)
	if err == nil && r.Durable != nil {
		err = r.Durable() // of a platform that loses what it has answered, there is a test of its own
	}
	p.pictures = append(p.pictures, p.picture("after "+req.Kind))
	return r, err
}

func (p *photographed) picture(when string) picture {
	return picture{when, files(p.t, filepath.Join(p.dir, "state")), files(p.t, filepath.Join(p.dir, "platform")), p.synced}
}

// frameSize is that of a frame of a log with its header, https://www.sqlite.org/fileformat2.html#walformat.
func frameSize(log []byte) int { return 24 + int(binary.BigEndian.Uint32(log[8:])) }

// logEnd is where the frames of a log end; behind them there may be room for more.
func logEnd(log []byte) int {
	if len(log) < 32 {
		return 0
	}
	end, size := 32, frameSize(log)
	for end+size <= len(log) && string(log[end+8:end+16]) == string(log[16:24]) {
		end += size
	}
	return end
}

// torn is the log as a loss of power may leave it: something is missing of what was not
// brought to the disk.
func torn(log []byte, synced int, rng *rand.Rand) (what string, left []byte) {
	end := logEnd(log)
	if end <= synced {
		return "whole", log
	}
	at := synced + rng.IntN(end-synced)
	left = slices.Clone(log)
	switch size := frameSize(log); rng.IntN(4) {
	case 0:
		return fmt.Sprintf("cut at %d of %d", at, end), left[:at]
	case 1:
		clear(left[at:])
		return fmt.Sprintf("zeros from %d of %d on", at, end), left
	case 2:
		clear(left[max(synced, end-size):end])
		return "the last frame is zeros", left
	default: // blocks come to the disk in any order
		clear(left[at:min(at+512, end)])
		return fmt.Sprintf("zeros at %d of %d", at, end), left
	}
}

const tornTemplate = `{"apiVersion": "v1.2", "name": "Torn", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "context": {"projectId": "${refs.project.id}"}, "steps": [
	{"kind": "Project", "ref": "project", "spec": {"name": "Torn", "region": "europe-west"}},
	{"kind": "ManualJob", "ref": "job", "spec": {"name": "job", "billing": {"deploymentPlan": "nf-compute-10"}, "backoffLimit": 0, "activeDeadlineSeconds": 600, "deployment": {"external": {"imagePath": "example/job:v1"}}}},
	{"kind": "JobRun", "ref": "first", "spec": {"jobId": "${refs.job.id}"}, "condition": "success"},
	{"kind": "SecretGroup", "ref": "group", "spec": {"name": "group", "secretType": "environment", "priority": 10, "secrets": {"variables": {"RUN": "${refs.first.id}", "MADE": "${fn.randomSecret(20)}"}}}},
	{"kind": "JobRun", "ref": "second", "spec": {"jobId": "${refs.job.id}"}, "condition": "success"},
	{"kind": "SecretGroup", "ref": "last", "spec": {"name": "last", "secretType": "environment", "priority": 10, "secrets": {"variables": {"RUN": "${refs.second.id}"}}}}
]}}}`

// TestFaultsAJournalWithATornTail takes the power away before and after each node, when
// the end of the journal's log has not come to the disk, or in parts. Nothing is done
// twice, and nothing is left out.
func TestFaultsAJournalWithATornTail(t *testing.T) {
	b := newBench(t, t.TempDir())
	camera := &photographed{Platform: platform.NewDriver(b.platform), t: t, dir: b.dir}
	b.engine.Platform = camera
	source := program(t, tornTemplate, engine.Options{})
	if r, err := b.engine.Run(t.Context(), source, engine.RunOptions{ID: "r"}); err != nil || r.State != engine.StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if len(camera.pictures) != 12 {
		t.Fatalf("there are %d pictures", len(camera.pictures))
	}
	seed := engine.Seed(t)
	for i, p := range camera.pictures {
		for k := range engine.Cases(1, 60) {
			what, log := torn(p.state[journalLog], p.synced, engine.Case(seed, 1000*i+k))
			t.Run(fmt.Sprintf("%s, %s", p.when, what), func(t *testing.T) {
				dir := t.TempDir()
				for folder, content := range map[string]map[string][]byte{"state": p.state, "platform": p.platform} {
					for name, text := range content {
						if name == journalLog {
							text = log
						}
						path := filepath.Join(dir, folder, name)
						if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)); err != nil {
							t.Fatal(err)
						}
					}
				}
				left := newBench(t, dir)
				left.engine.Platform = platform.NewDriver(left.platform)
				r, err := left.engine.Resume(t.Context(), "r", engine.RunOptions{})
				if errors.Is(err, journal.ErrNone) && p.synced == 0 {
					// Nothing of the journal was on the disk, nor had anything begun that cannot be
					// repeated: the template is run again.
					r, err = left.engine.Run(t.Context(), source, engine.RunOptions{})
				}
				if err != nil || r.State != engine.StateSuccess {
					t.Fatalf("%+v, %v", r, err)
				}
				var got []string
				for _, e := range left.effects() {
					if strings.HasPrefix(e, "run ") {
						e = e[:strings.LastIndex(e, "/")]
					}
					got = append(got, e)
				}
				if want := []string{"create projects/torn", "create projects/torn/jobs/job", "run projects/torn/jobs/job/runs", "create projects/torn/secrets/group",
					"run projects/torn/jobs/job/runs", "create projects/torn/secrets/last"}; !slices.Equal(got, want) {
					t.Errorf("the platform did %q", got)
				}
			})
		}
	}
}
