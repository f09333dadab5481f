package local_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// victimFolder names the state folder to the process that is killed.
const victimFolder = "NF_TEST_VICTIM_FOLDER"

// TestVictim is that process: it creates services with their builds and says so
// after each, until it is killed.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimFolder)
	if dir == "" {
		t.Skip("this is the process that TestKilledWriter kills")
	}
	p := local.New(local.Options{Dir: dir})
	if err := put(p, "shared"); err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("app-%d-%d", os.Getpid(), i)
		if err := createApp(p, name); err != nil {
			t.Fatal(err)
		}
		fmt.Println("created " + name)
	}
}

func createApp(p platform.Target, name string) error {
	_, err := p.Do(context.Background(), platform.OpCreateCombinedService, platform.Params{
		Path: map[string]string{"projectId": "shared"}, Token: "token of " + name},
		[]byte(fmt.Sprintf(`{"name": %q, "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1},
			"vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"}}`, name)))
	return err
}

// TestKilledWriter kills writers in the middle of their work. What they have
// said to be done is there, and nothing is there by halves: a service has its
// build, its log entries and its remembered answer, or it has none of them.
func TestKilledWriter(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	promised := map[string]bool{}
	for round := range 3 {
		for _, name := range killOne(t, dir, 3+round*7) {
			promised[name] = true
		}
	}
	p := open(t, local.Options{Dir: dir})
	effects, err := p.Effects(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	created, built := map[string]int{}, map[string]int{}
	for _, e := range effects {
		if e.Op != platform.OpCreateCombinedService {
			continue
		}
		name := strings.Split(e.Resource, "/")[3]
		if e.Change == local.Created {
			created[name]++
		} else {
			built[name]++
		}
	}
	for name := range promised {
		if created[name] != 1 {
			t.Errorf("%s was said to be created and the log has it %d times", name, created[name])
		}
	}
	for name, times := range created {
		if times != 1 || built[name] != 1 {
			t.Errorf("the log has %s created %d times and built %d times", name, times, built[name])
		}
		at := map[string]string{"projectId": "shared", "serviceId": name}
		service := get(t, p, platform.OpGetService, at)
		if jsonvalue.String(service, "status.build.status") == "" {
			t.Errorf("%s has no build", name)
		}
		if _, ok, err := p.Recover(ctx, platform.OpCreateCombinedService,
			platform.Params{Path: at, Token: "token of " + name}); !ok || err != nil {
			t.Errorf("the answer for %s is not remembered: %v", name, err)
		}
		if err := createApp(p, name); err != nil {
			t.Errorf("repeating %s with its token: %v", name, err)
		}
	}
	if len(promised) < 30 {
		t.Fatalf("only %d services were created before the kills", len(promised))
	}
}

// killOne lets a process work until it has said so many lines, kills it, and
// returns what it has said to have created.
func killOne(t *testing.T, dir string, lines int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimFolder+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		if name, ok := strings.CutPrefix(scanner.Text(), "created "); ok {
			names = append(names, name)
		}
		if len(names) == lines {
			_ = cmd.Process.Kill() // what it says meanwhile is read to the end
		}
	}
	_ = cmd.Wait()
	if len(names) < lines {
		t.Fatalf("the process ended by itself after %d lines", len(names))
	}
	return names
}

func get(t testing.TB, p platform.Target, op string, path map[string]string) any {
	t.Helper()
	response, err := p.Do(context.Background(), op, platform.Params{Path: path}, nil)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	var data any
	if err := response.Data(&data); err != nil {
		t.Fatal(err)
	}
	return data
}
