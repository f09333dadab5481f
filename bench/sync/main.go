// Command sync measures how linked files are kept up to date, beside git itself and go-git,
// with real servers on loopback.
//
//	sync --nf-run FILE [--gogit FILE] --out FOLDER [--rounds N] [--files N] [--smoke]
//
// It writes sync.json and sync.md, and prints the latter. Times are milliseconds.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

type bench struct {
	nfRun, goGit, out string
	rounds, files     int
	smoke             bool
	work              string
}

func main() {
	var b bench
	flag.StringVar(&b.nfRun, "nf-run", "", "the program")
	flag.StringVar(&b.goGit, "gogit", "", "the peer with go-git; without it that is left out")
	flag.StringVar(&b.out, "out", "", "where the results go")
	flag.IntVar(&b.rounds, "rounds", 60, "how often each is measured")
	flag.IntVar(&b.files, "files", 100_000, "how many files the large repository has")
	flag.BoolVar(&b.smoke, "smoke", false, "little, once, for whether it works")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "sync:", err)
		os.Exit(1)
	}
}

// A row is one line of the results.
type row struct {
	What   string  `json:"what"`
	Median float64 `json:"medianMs"`
	P10    float64 `json:"p10Ms"`
	P90    float64 `json:"p90Ms"`
	Runs   int     `json:"runs"`
	// Ratio is that of the medians of ours to git's in the same turns, where there is one.
	Ratio  float64 `json:"ratio,omitempty"`
	Target string  `json:"target,omitempty"`
	Met    *bool   `json:"met,omitempty"`
}

func rowOf(what string, times []float64) row {
	sorted := slices.Sorted(slices.Values(times))
	at := func(share float64) float64 { return round(sorted[int(share*float64(len(sorted)-1)+0.5)]) }
	return row{What: what, Median: at(0.5), P10: at(0.1), P90: at(0.9), Runs: len(times)}
}

func round(f float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', 1, 64), 64)
	return r
}

func since(begun time.Time) float64 { return float64(time.Since(begun).Microseconds()) / 1000 }

func (b *bench) run(ctx context.Context) (err error) {
	if b.nfRun == "" || b.out == "" {
		return errors.New("--nf-run and --out are missing")
	}
	if b.smoke {
		b.rounds, b.files = 1, 1000
	}
	if b.nfRun, err = filepath.Abs(b.nfRun); err != nil {
		return err
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	if b.work, err = os.MkdirTemp("", "sync-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.work) }()
	config := "[user]\nname = Bench\nemail = bench@example.com\n[init]\ndefaultBranch = main\n[gc]\nauto = 0\n"
	if err := os.WriteFile(filepath.Join(b.work, "gitconfig"), []byte(config), 0o600); err != nil {
		return err
	}
	for name, value := range map[string]string{"GIT_CONFIG_GLOBAL": filepath.Join(b.work, "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "NF_KEY": "file"} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	address, stop, err := b.daemon(ctx)
	if err != nil {
		return err
	}
	defer stop()
	var rows []row
	for _, part := range []func(context.Context, string) ([]row, error){b.poll, b.pushToRun, b.large} {
		more, err := part(ctx, address)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	return b.write(ctx, rows)
}

// daemon serves the repositories of the work folder by git's own server.
func (b *bench) daemon(ctx context.Context) (address string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	at := listener.Addr().String()
	_, port, _ := net.SplitHostPort(at)
	if err := listener.Close(); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, "git", "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1", "--port="+port, "--base-path="+b.work, b.work)
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := (&net.Dialer{}).DialContext(ctx, "tcp", at); err == nil {
			return "git://" + at, stop, c.Close()
		} else if time.Now().After(end) {
			stop()
			return "", nil, fmt.Errorf("git daemon does not answer: %w", err)
		}
	}
}

// command runs a program to its end and returns what it has written.
func (b *bench) command(ctx context.Context, dir, in, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out, errOut bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, strings.NewReader(in), &out, &errOut
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(name), strings.Join(args, " "), err, out.String(), errOut.String())
	}
	return out.String(), nil
}

func (b *bench) git(ctx context.Context, dir string, args ...string) error {
	_, err := b.command(ctx, dir, "", "git", args...)
	return err
}

const template = `{"apiVersion": "v1.2", "name": "Bench", "spec": {"kind": "Project", "ref": "p", "spec": {"name": %q, "region": "europe-west"}}}` + "\n"

// repository makes one with templates, 1,000 in a folder, without writing each as a file.
func (b *bench) repository(ctx context.Context, name string, files int) (string, error) {
	bare := filepath.Join(b.work, name)
	if err := b.git(ctx, "", "init", "-q", "--bare", bare); err != nil {
		return "", err
	}
	for _, set := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
		if err := b.git(ctx, bare, "config", set, "true"); err != nil {
			return "", err
		}
	}
	var in strings.Builder
	in.WriteString("commit refs/heads/main\ncommitter Bench <bench@example.com> 0 +0000\ndata 1\nx\n")
	for i := range files {
		text := fmt.Sprintf(template, fmt.Sprintf("Project %d", i))
		fmt.Fprintf(&in, "M 100644 inline d%d/f%d.json\ndata %d\n%s\n", i/1000, i%1000, len(text), text)
	}
	_, err := b.command(ctx, bare, in.String(), "git", "fast-import", "--quiet")
	return bare, err
}

// poll compares a round without news over 100 links with the fetches of clones, in turns.
func (b *bench) poll(ctx context.Context, address string) ([]row, error) {
	const links = 100
	if _, err := b.repository(ctx, "poll.git", links); err != nil {
		return nil, err
	}
	s := &gitops.Syncer{Dir: filepath.Join(b.work, "poll"), Git: &git.Program{}}
	url, err := git.ParseURL(address+"/poll.git", "")
	if err != nil {
		return nil, err
	}
	branch, err := git.ParseBranch("main")
	if err != nil {
		return nil, err
	}
	var all []gitops.Link
	for i := range links {
		path, err := git.ParsePath(fmt.Sprintf("d0/f%d.json", i))
		if err != nil {
			return nil, err
		}
		l := gitops.Link{Name: strconv.Itoa(i), File: filepath.Join(b.work, "files", fmt.Sprintf("%d.json", i)), URL: url, Branch: branch, Path: path}
		if _, err := s.Link(ctx, l); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	clone := filepath.Join(b.work, "clone")
	if err := b.git(ctx, "", "clone", "-q", address+"/poll.git", clone); err != nil {
		return nil, err
	}
	var failed error
	watch := &gitops.Watch{
		Syncer: s, Every: time.Second, Links: func() ([]gitops.Link, error) { return all, nil },
		Moved:  func(context.Context, []gitops.Link) error { return errors.New("there is no news") },
		Failed: func(_ []gitops.Link, err error, _ time.Duration) { failed = err },
	}
	ours := func() error { return errors.Join(watch.Run(ctx, true), failed) }
	fetch := func() error { return b.git(ctx, clone, "fetch", "-q") }
	names := []string{"a round of `sync watch` over 100 links to one repository", "`git fetch` of a clone"}
	do := []func() (float64, error){timed(ours), timed(fetch)}
	if b.goGit != "" {
		other := filepath.Join(b.work, "clone-gogit")
		if err := b.git(ctx, "", "clone", "-q", address+"/poll.git", other); err != nil {
			return nil, err
		}
		peer, err := startPeer(ctx, b.goGit, other)
		if err != nil {
			return nil, err
		}
		defer peer.stop()
		names, do = append(names, "`Fetch` of go-git on a clone"), append(do, peer.ask)
	}
	times := make([][]float64, len(do))
	for round := range b.rounds + min(b.rounds, 5) {
		for i := range do {
			who := (i + round) % len(do)
			ms, err := do[who]()
			if err != nil {
				return nil, err
			}
			if round >= min(b.rounds, 5) { // the first ones warm up
				times[who] = append(times[who], ms)
			}
		}
	}
	rows := make([]row, len(do))
	for i := range do {
		rows[i] = rowOf(names[i], times[i])
	}
	rows[0].Ratio = float64(int(100*rows[0].Median/rows[1].Median+0.5)) / 100
	if !b.smoke {
		met := rows[0].Ratio <= 1.3
		rows[0].Target, rows[0].Met = "at most 1.3 times `git fetch`", &met
	}
	return rows, nil
}

func timed(do func() error) func() (float64, error) {
	return func() (float64, error) {
		begun := time.Now()
		err := do()
		return since(begun), err
	}
}

// A peer is a process that fetches when it is asked.
type peer struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

func startPeer(ctx context.Context, program, clone string) (*peer, error) {
	cmd := exec.CommandContext(ctx, program, clone)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &peer{cmd, in, bufio.NewScanner(out)}, cmd.Start()
}

func (p *peer) ask() (float64, error) {
	if _, err := io.WriteString(p.in, "\n"); err != nil {
		return 0, err
	}
	if !p.lines.Scan() {
		return 0, errors.New("the peer has ended")
	}
	return strconv.ParseFloat(p.lines.Text(), 64)
}

func (p *peer) stop() { _ = p.in.Close(); _ = p.cmd.Wait() }

// pushToRun pushes with git, tells a server as a Git host does, and takes when the run of the
// linked template has started.
func (b *bench) pushToRun(ctx context.Context, address string) ([]row, error) {
	if _, err := b.repository(ctx, "push.git", 1); err != nil {
		return nil, err
	}
	const secret = "a-secret-of-the-bench"
	state, file, theirs := filepath.Join(b.work, "state"), filepath.Join(b.work, "linked.json"), filepath.Join(b.work, "theirs")
	for _, args := range [][]string{
		{"sync", "link", file, "--repo", address + "/push.git", "--branch", "main", "--path", "/d0/f0.json", "--autorun", "on"},
		{"sync", "hook", "set", "bench", "--host", "github", "--file", "-"},
	} {
		if _, err := b.command(ctx, b.work, secret, b.nfRun, append(args, "--state", state)...); err != nil {
			return nil, err
		}
	}
	if err := b.git(ctx, "", "clone", "-q", address+"/push.git", theirs); err != nil {
		return nil, err
	}
	server := exec.CommandContext(ctx, b.nfRun, "serve", "--addr", "127.0.0.1:0", "--json", "--quiet", "--state", state)
	server.Dir = b.work
	out, err := server.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	defer func() { _ = server.Process.Signal(os.Interrupt); _ = server.Wait() }()
	var serving struct{ URL string }
	if err := json.NewDecoder(out).Decode(&serving); err != nil {
		return nil, err
	}
	body := fmt.Sprintf(`{"ref": "refs/heads/main", "repository": {"clone_url": %q}, "round": `, address+"/push.git")
	var whole, told []float64
	for round := range min(b.rounds, 20) {
		text := fmt.Sprintf(template, fmt.Sprintf("Round %d", round))
		if err := os.WriteFile(filepath.Join(theirs, "d0", "f0.json"), []byte(text), 0o600); err != nil {
			return nil, err
		}
		if err := b.git(ctx, theirs, "commit", "-qam", "Round"); err != nil {
			return nil, err
		}
		begun := time.Now()
		if err := b.git(ctx, theirs, "push", "-q"); err != nil {
			return nil, err
		}
		pushed := time.Now()
		if err := tell(ctx, serving.URL+"/git-hooks/bench", secret, body+strconv.Itoa(round)+"}"); err != nil {
			return nil, err
		}
		started, err := b.started(ctx, state, round+1)
		if err != nil {
			return nil, err
		}
		whole = append(whole, float64(started.Sub(begun).Microseconds())/1000)
		told = append(told, float64(started.Sub(pushed).Microseconds())/1000)
	}
	return []row{
		rowOf("from the start of `git push` to the start of the run, by a webhook", whole),
		rowOf("of these, from the end of the push", told),
	}, nil
}

func tell(ctx context.Context, address, secret, body string) error {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Github-Event", "push")
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(m.Sum(nil)))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`"files":["Bench"]`)) && !bytes.Contains(text, []byte(`"files":["linked"]`)) {
		return fmt.Errorf("the webhook was answered with %d: %s", answer.StatusCode, text)
	}
	return nil
}

// started waits for a number of runs, all of which have ended well, and returns when the
// newest has started.
func (b *bench) started(ctx context.Context, state string, runs int) (time.Time, error) {
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		text, err := b.command(ctx, b.work, "", b.nfRun, "runs", "--json", "--state", state)
		if err != nil {
			return time.Time{}, err
		}
		var list []struct {
			Status    string
			StartedAt time.Time
		}
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return time.Time{}, err
		}
		if len(list) == runs && list[0].Status == "success" {
			return list[0].StartedAt, nil
		}
		if time.Now().After(end) {
			return time.Time{}, fmt.Errorf("run %d has not come: %s", runs, text)
		}
	}
}

// large links, changes and pushes one file of a repository of many, beside a clone by git.
func (b *bench) large(ctx context.Context, address string) ([]row, error) {
	if _, err := b.repository(ctx, "large.git", b.files); err != nil {
		return nil, err
	}
	const ours, theirs = 0, 1
	var times [2][]float64
	for round := range min(b.rounds, 5) {
		dir := filepath.Join(b.work, fmt.Sprintf("large-%d", round))
		file, state, clone := filepath.Join(dir, "x.json"), filepath.Join(dir, "state"), filepath.Join(dir, "clone")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		begun := time.Now()
		if _, err := b.command(ctx, dir, "", b.nfRun, "sync", "link", file, "--repo", address+"/large.git", "--branch", "main", "--path", "/d0/f7.json", "--state", state); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, fmt.Appendf(nil, template, fmt.Sprintf("Ours %d", round)), 0o600); err != nil {
			return nil, err
		}
		if _, err := b.command(ctx, dir, "", b.nfRun, "sync", "push", file, "--state", state); err != nil {
			return nil, err
		}
		times[ours] = append(times[ours], since(begun))

		begun = time.Now()
		if err := b.git(ctx, dir, "clone", "-q", "--depth=1", address+"/large.git", clone); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(clone, "d0", "f8.json"), fmt.Appendf(nil, template, fmt.Sprintf("Theirs %d", round)), 0o600); err != nil {
			return nil, err
		}
		if err := b.git(ctx, clone, "commit", "-qam", "Change"); err != nil {
			return nil, err
		}
		if err := b.git(ctx, clone, "push", "-q"); err != nil {
			return nil, err
		}
		times[theirs] = append(times[theirs], since(begun))
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	rows := []row{
		rowOf(fmt.Sprintf("`sync link`, a change and `sync push` of one file of %d", b.files), times[ours]),
		rowOf("the same with `git clone --depth=1`, `git commit` and `git push`", times[theirs]),
	}
	rows[0].Ratio = float64(int(100*rows[0].Median/rows[1].Median+0.5)) / 100
	return rows, nil
}

func (b *bench) write(ctx context.Context, rows []row) error {
	version, err := b.command(ctx, "", "", "git", "version")
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(map[string]any{"version": 1, "cores": runtime.NumCPU(), "git": strings.TrimSpace(version), "rows": rows}, "", "  ")
	if err != nil {
		return err
	}
	var md strings.Builder
	md.WriteString("| what | ms (10-90 %) | runs | times git's | target | met |\n| --- | ---: | ---: | ---: | --- | --- |\n")
	for _, r := range rows {
		ratio, met := "", ""
		if r.Ratio != 0 {
			ratio = strconv.FormatFloat(r.Ratio, 'f', -1, 64)
		}
		if r.Met != nil {
			met = map[bool]string{true: "yes", false: "no"}[*r.Met]
		}
		fmt.Fprintf(&md, "| %s | %v (%v-%v) | %d | %s | %s | %s |\n", r.What, r.Median, r.P10, r.P90, r.Runs, ratio, r.Target, met)
	}
	fmt.Fprintf(&md, "\n%d cores, %s-%s; %s; servers are `git daemon` and `nf-run serve` on loopback.\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, strings.TrimSpace(version))
	if err := os.WriteFile(filepath.Join(b.out, "sync.json"), append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.out, "sync.md"), []byte(md.String()), 0o600); err != nil {
		return err
	}
	fmt.Print(md.String())
	return nil
}
