package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// Secrets are planted in every place that can hold one, and looked for in all that
// the program writes: its output, its files, what it leaves when it is killed. To
// watch another place, add it to surfaces, or to the commands.

// plants are secrets by where they are planted. Their texts have what encodings
// change; none is a part of another text.
var plants = map[string]string{
	"flag":     `Fl4g!pLaNt "w/rd" <&> 7c1`,
	"file":     `F1le+pLaNt=q9/zz%40é`,
	"env":      `Env1r0n_pLaNt~x5Y8`,
	"stored":   `St0r3d\pLaNt$k2M`,
	"override": `0verr1de-pLaNt-V6b`,
	"creation": `Cre4t10n-pLaNt-H3j`,
	"declared": `Decl4red-pLaNt-P1o`,
	"neutral":  `N3utral-pLaNt-L0w9`,
	"literal":  `Lit3ral-pLaNt-R2d2`,
	"password": `P0rtpass-pLaNt-U8i`,
	"global":   `Gl0bal-pLaNt-T5r`,
	"key":      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\nQyNTUxOQAAACDx8Zr0pLaNtq7wJ3m9\n-----END OPENSSH PRIVATE KEY-----\n",
	"number":   `8137540926`,
	"failure":  `Fa1lur3-pLaNt-J7k`,
}

// short is a secret of three characters, of which words are full.
const short = "run"

// pieces are parts of secrets that the template works with.
var pieces = []string{plants["flag"][:10], plants["flag"][10:], plants["file"][2:12], strings.ToUpper(plants["env"]), identifier}

// identifier is a part of a secret that the template makes the name of a project
// of. A platform knows its resources by such names, the local one by the keys of
// its database: there alone it may stand.
const identifier = "env1r0n-plant"

const plantedTemplate = `{
  "apiVersion": "v1.2", "name": "Planted",
  "arguments": {
    "FLAG_TOKEN": "", "FILE_PASSWORD": "", "API_KEY": "", "STORED": "", "CREATION": "",
    "DECLARED": { "type": "secret", "required": true },
    "NEUTRAL": "", "PIN_SECRET": { "type": "string", "required": true }, "SHORT_SECRET": "run", "MADE": "${fn.randomSecret(40)}",
    "COMPOSED": "user:${args.FLAG_TOKEN}"
  },
  "argumentOverrides": { "OVERRIDE": ` + "`override`" + ` },
  "options": { "runOnCreation": true, "runOnCreationArgumentOverrides": { "CREATION": ` + "`creation`" + ` } },
  "project": { "spec": { "name": "planted ${fn.slug(fn.slice(args.API_KEY, 0, 13))}", "region": "europe-west",
    "description": "${fn.slice(fn.toBase64(args.FILE_PASSWORD), 0, 20)} of ${fn.toBase64(args.COMPOSED)}" } },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "SecretGroup", "ref": "group", "spec": { "name": "group", "secretType": "environment", "priority": 1, "secrets": {
      "variables": {
        "WHOLE": "${args.FLAG_TOKEN}", "FIRST": "${fn.slice(args.FLAG_TOKEN, 0, 10)}", "SECOND": "${fn.slice(args.FLAG_TOKEN, 10)}",
        "UPPER": "${fn.toUpper(args.API_KEY)}", "LOWER": "${fn.toLower(args.API_KEY)}", "PART": "${fn.slice(args.FILE_PASSWORD, 2, 12)}",
        "JSON": "${fn.stringifyJSON([args.STORED, args.OVERRIDE])}", "BACK": "${fn.get(fn.parseJSON(fn.stringifyJSON([args.STORED])), 0)}",
        "URL": "https://user:${args.FILE_PASSWORD}@host/${args.DECLARED}", "MADE": "${args.MADE}", "NEUTRAL": "${args.NEUTRAL}",
        "LITERAL": ` + "`literal`" + `, "GLOBAL": "${secrets.db.values.word}", "PIN": "${args.PIN_SECRET}", "CREATION": "${args.CREATION}",
        "SHORT": "${args.SHORT_SECRET}", "LATER": "${{ secrets.db.values.word }}"
      },
      "files": { "/etc/key": { "data": "${secrets.db.files.key.data}", "encoding": "utf-8" } } } } },
    { "kind": "Addon", "ref": "db", "spec": { "name": "data", "type": "postgresql", "version": "16", "billing": { "deploymentPlan": "nf-compute-20", "storageClass": "ssd", "storage": 4096, "replicas": 1 } } },
    { "kind": "Condition", "spec": { "kind": "Addon", "spec": { "type": "running", "data": { "addonId": "${refs.db.id}" } } } },
    { "kind": "SecretGroup", "ref": "linked", "spec": { "name": "linked", "secretType": "environment", "priority": 1, "secrets": { "variables": {} },
      "addonDependencies": [ { "addonId": "${refs.db.id}", "keys": [ { "keyName": "POSTGRES_URI", "aliases": ["DATABASE_URL"] }, { "keyName": "PASSWORD" } ] } ] } },
    { "kind": "DeploymentService", "ref": "web", "spec": { "name": "web", "description": "@parts of DECLARED@", "billing": { "deploymentPlan": "nf-compute-20" },
      "deployment": { "instances": 1, "external": { "imagePath": "nginx:latest" } },
      "ports": [ { "name": "p01", "internalPort": 80, "public": true, "protocol": "HTTP", "security": { "credentials": [ { "username": "user", "password": ` + "`password`" + `, "type": "basic-auth" } ] } } ],
      "runtimeEnvironment": { "DB": "${refs.linked.addonSecrets.0.variables.DATABASE_URL}", "TOKEN": "${refs.group.secrets.variables.WHOLE}", "PAIR": "${fn.join([args.STORED, args.FLAG_TOKEN], ',')}",
        "EACH": "${fn.join(fn.map(fn.split(args.OVERRIDE, '-'), (x) => fn.toUpper(x)), '+')}" } } },
    { "kind": "ManualJob", "ref": "job", "spec": { "name": "job", "billing": { "deploymentPlan": "nf-compute-10" }, "backoffLimit": 0, "activeDeadlineSeconds": 600,
      "deployment": { "external": { "imagePath": "example/job:v1" } }, "runtimeEnvironment": { "KEY": "${secrets.db.files.key.data}" } } },
    { "kind": "JobRun", "ref": "once", "spec": { "jobId": "${refs.job.id}", "runtimeEnvironment": { "ONCE": "${args.FLAG_TOKEN}", "SLICES": "@parts of FLAG_TOKEN@" } }, "condition": "success" }
  ] } },
  "teardownSpec": { "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "JobRun", "spec": { "jobId": "${refs.job.id}", "projectId": "${refs.job.projectId}", "runtimeEnvironment": { "URI": "${refs.linked.addonSecrets.0.variables.DATABASE_URL}" } }, "condition": "success" } ] } } }
}`

// A plantation is a folder in which commands run, and all that they have written.
type plantation struct {
	t       *testing.T
	dir     string
	program string
	env     []string
	// secrets are looked for by name, in every form; written is where.
	secrets map[string]string
	written map[string]string
	// traces are what the collector has got so far.
	mu     sync.Mutex
	traces strings.Builder
}

func newPlantation(t *testing.T) *plantation {
	t.Helper()
	p := &plantation{t: t, dir: t.TempDir(), program: programFile(t), secrets: map[string]string{}, written: map[string]string{}}
	for _, name := range []string{"tmp", "state", "home"} {
		if err := os.Mkdir(filepath.Join(p.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.env = append(os.Environ(), "NF_STATE="+filepath.Join(p.dir, "state"), "TMPDIR="+filepath.Join(p.dir, "tmp"), "HOME="+filepath.Join(p.dir, "home"),
		"NF_ARG_API_KEY="+plants["env"], "NF_ARG_PIN_SECRET="+plants["number"], "NO_COLOR=1", "GOTRACEBACK=all")
	for name, s := range plants {
		p.secrets[name] = s
	}
	text := plantedTemplate
	for name, s := range plants {
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		text = strings.ReplaceAll(text, "`"+name+"`", string(quoted))
	}
	for name, s := range map[string]string{"FLAG_TOKEN": plants["flag"], "DECLARED": plants["declared"]} {
		var parts []string
		for i := range len(s) - window + 1 {
			parts = append(parts, fmt.Sprintf("${fn.slice(args.%s, %d, %d)}", name, i, i+window))
		}
		text = strings.ReplaceAll(text, "@parts of "+name+"@", strings.Join(parts, " "))
	}
	p.write("planted.json", text)
	given, err := json.Marshal(map[string]string{"FILE_PASSWORD": plants["file"], "DECLARED": plants["declared"]})
	if err != nil {
		t.Fatal(err)
	}
	p.write("arguments.json", string(given))
	p.write("key", plants["key"])
	return p
}

// programFile is the test binary under the name of nf-run, as which it is that. A
// symbolic link would not do: a detached run starts what such a link leads to.
func programFile(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "nf-run")
	if os.Link(self, name) != nil { // another file system
		text, err := os.ReadFile(self)
		if err == nil {
			err = os.WriteFile(name, text, 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return name
}

func (p *plantation) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *plantation) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.program, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

// run runs a command that is watched and returns its exit code.
func (p *plantation) run(stdin string, args ...string) int {
	p.t.Helper()
	cmd := p.command(args...)
	var out, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errOut
	err := cmd.Run()
	name := strings.Join(args, " ")
	for _, s := range plants {
		name = strings.ReplaceAll(name, s, "PLANT")
	}
	p.written["standard output of "+name] += out.String()
	p.written["standard error of "+name] += errOut.String()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// collect has the traces of all commands from here on sent to a collector.
func (p *plantation) collect() {
	p.t.Helper()
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			p.t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.traces.Write(append(text, '\n'))
		_, _ = io.WriteString(w, "{}")
	}))
	p.t.Cleanup(collector.Close)
	p.env = append(p.env, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
}

// must is run for commands that succeed.
func (p *plantation) must(stdin string, args ...string) {
	p.t.Helper()
	if code := p.run(stdin, args...); code != exitOK {
		for where, text := range p.written {
			if strings.HasPrefix(where, "standard ") && strings.Contains(where, " of "+args[0]+" ") {
				p.t.Log(where + ":\n" + text)
			}
		}
		p.t.Fatalf("%s: exit code %d", strings.Join(args, " "), code)
	}
}

// surfaces are the files that are searched, by the folder that they lie in.
var surfaces = map[string]func(name string) bool{
	"state": func(name string) bool { return name != "key" }, // the key opens the others, and is for nobody
	"tmp":   func(string) bool { return true },
	"home":  func(string) bool { return true },
	"out":   func(string) bool { return true }, // plan files, reports
}

// read adds the files as they are now.
func (p *plantation) read(when string) {
	p.t.Helper()
	p.mu.Lock()
	p.written["traces"] = p.traces.String()
	p.mu.Unlock()
	for folder, watched := range surfaces {
		err := filepath.WalkDir(filepath.Join(p.dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !watched(d.Name()) {
				return nil //nolint:nilerr // a file that is gone says nothing
			}
			data, err := os.ReadFile(path)
			if err == nil {
				rel, _ := filepath.Rel(p.dir, path)
				p.written[rel+" "+when] = string(data)
			}
			return nil
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// forms are the ways in which a secret may show.
func forms(s string) map[string]string {
	out := map[string]string{
		"plain": s, "in URLs": url.QueryEscape(s), "in paths": url.PathEscape(s), "percent-encoded": strings.ReplaceAll(url.QueryEscape(s), "+", "%20"),
		"in capitals": strings.ToUpper(s), "in small letters": strings.ToLower(s), "as an identifier": expr.Slug(s), "in hexadecimal digits": hex.EncodeToString([]byte(s)),
	}
	quoted, _ := json.Marshal(s)
	out["in JSON"] = string(quoted[1 : len(quoted)-1])
	twice, _ := json.Marshal(out["in JSON"])
	out["in JSON in JSON"] = string(twice[1 : len(twice)-1])
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), s...))
		// Without the ends, which hang on what stands around.
		encoded = encoded[(8*before+5)/6 : 8*(before+len(s))/6]
		out[fmt.Sprintf("in base64 behind %d bytes", before)] = encoded
		out[fmt.Sprintf("in base64 for URLs behind %d bytes", before)] = strings.NewReplacer("+", "-", "/", "_").Replace(encoded)
	}
	for i, line := range strings.Split(s, "\n") {
		if len(line) > 16 && strings.Contains(s, "\n") && !strings.HasPrefix(line, "-----") {
			out[fmt.Sprintf("line %d", i)] = line
		}
	}
	for form, text := range out {
		if len(text) < 8 {
			delete(out, form)
		}
	}
	return out
}

// search looks for all secrets in all that was written.
func (p *plantation) search() {
	p.t.Helper()
	type pattern struct{ name, form, text string }
	var patterns []pattern
	add := func(name, secret string) {
		for form, text := range forms(secret) {
			patterns = append(patterns, pattern{name, form, text})
		}
	}
	for name, s := range p.secrets {
		add(name, s)
	}
	for _, s := range pieces {
		add("piece "+s, s)
	}
	parts := p.windows()
	for where, text := range p.written {
		if name, at := parts.in(text); name != "" {
			p.t.Errorf("%s shows a part of the secret of %s: …%q…", where, name, text[max(0, at-60):min(len(text), at+window+20)])
		}
		for _, x := range patterns {
			if x.name == "piece "+identifier && strings.HasPrefix(where, filepath.Join("state", "local")) {
				continue
			}
			if i := strings.Index(text, x.text); i >= 0 {
				p.t.Errorf("%s shows the secret of %s, %s: …%q…", where, x.name, x.form, text[max(0, i-60):min(len(text), i+len(x.text)+20)])
			}
		}
	}
}

// set stores what is stored before a run.
func (p *plantation) set() {
	p.t.Helper()
	p.must(plants["stored"]+"\n", "args", "set", "planted.json", "STORED")
	p.must(plants["global"], "secrets", "set", "db.values.word")
	p.must("", "secrets", "set", "db.files.key", "--file", "key")
}

// plantedRun are the arguments of a run.
func plantedRun(more ...string) []string {
	return append([]string{"planted.json", "--args-file", "arguments.json", "--arg", "FLAG_TOKEN=" + plants["flag"], "--arg", "NEUTRAL=" + plants["neutral"]}, more...)
}

// learn adds the secrets that were made: kept ones, and those of the addon.
func (p *plantation) learn() {
	p.t.Helper()
	out, err := p.command("secrets", "list", "--template", "Planted", "--json", "--reveal", "--force").Output()
	if err != nil {
		p.t.Fatal(err)
	}
	var kept secretsOutput
	if err := json.Unmarshal(out, &kept); err != nil || len(kept.Kept) != 1 || len(kept.Kept[0].Value) != 40 {
		p.t.Fatalf("kept are %s, %v", out, err)
	}
	p.secrets["randomSecret"] = kept.Kept[0].Value
	c := &command{state: filepath.Join(p.dir, "state")}
	store, err := c.openState(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	resources := local.New(local.Options{Dir: filepath.Join(p.dir, "state", "local"), Boxer: boxer(store.Sealer())})
	defer func() { _ = resources.Close() }()
	r, err := resources.Do(p.t.Context(), platform.OpListProjects, platform.Params{}, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	id := regexp.MustCompile(`"id":"(planted[^"]*)"`).FindSubmatch(r.Body)
	if id == nil {
		p.t.Fatalf("there is no project: %s", r.Body)
	}
	r, err = resources.Do(p.t.Context(), platform.OpGetAddonCredentials, platform.Params{Path: map[string]string{"projectId": string(id[1]), "addonId": "data"}}, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	var body struct {
		Data struct{ Secrets map[string]string }
	}
	if err := json.Unmarshal(r.Body, &body); err != nil || body.Data.Secrets["password"] == "" {
		p.t.Fatalf("credentials are %s, %v", r.Body, err)
	}
	for _, name := range []string{"password", "adminPassword", "postgresUri"} {
		p.secrets["addon "+name] = body.Data.Secrets[name]
	}
}

func TestPlantedSecretsAreNowhereToBeRead(t *testing.T) {
	p := newPlantation(t)
	if err := os.Mkdir(filepath.Join(p.dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.collect()
	p.set()
	p.must("", "args", "list", "planted.json")
	p.must("", "args", "list", "planted.json", "--json")
	p.must("", append([]string{"plan"}, plantedRun()...)...)
	p.must("", append([]string{"plan", "--json"}, plantedRun()...)...)
	p.must("", append([]string{"plan", "--out", "out/plan"}, plantedRun()...)...)
	// The first attempt fails, and the platform repeats what it was given.
	fail := "once=1:cannot start with " + plants["failure"] + " and " + plants["flag"] + " and " + strings.ToUpper(plants["env"]) + " of user:" + plants["neutral"] + " in " + url.QueryEscape(plants["file"])
	p.secrets["failure"] = plants["flag"] // what nobody told to be a secret is none
	p.must("", append([]string{"run", "--junit", "out/junit.xml", "--markdown", "out/summary.md", "--fail", fail}, plantedRun()...)...)
	p.learn()
	p.read("after a run")
	p.must("", append([]string{"plan"}, plantedRun()...)...)
	p.must("", append([]string{"run", "--json", "--fail", fail}, plantedRun()...)...)
	p.must("", append([]string{"run", "--detach"}, plantedRun()...)...)
	p.run("", "show", "--follow", "latest")
	// A plan file holds no secrets: whoever carries it out gives them again.
	p.must("", append([]string{"plan", "--out", "out/next"}, plantedRun()...)...)
	p.must("", append([]string{"run", "out/next"}, plantedRun()[1:]...)...)
	for _, args := range [][]string{
		{"runs"}, {"runs", "--json"}, {"show", "latest"}, {"show", "latest", "--json"}, {"show", "latest", "--node", "group"}, {"show", "latest", "--node", "once", "--json"},
		{"show", "latest", "--node", "web"}, {"show", "latest", "--node", "db"}, {"graph", "planted.json", "--run", "latest", "--format", "json"}, {"graph", "planted.json", "--run", "latest"},
		{"secrets", "list"}, {"secrets", "list", "planted.json", "--json"}, {"secrets", "key"}, {"args", "list", "planted.json", "--json"},
	} {
		p.must("", args...)
	}
	// Runs that fail, that are refused, and that are torn down.
	p.run("", append([]string{"run", "--fail", strings.Replace(fail, "=1:", "=*:", 1), "--fast"}, plantedRun()...)...)
	p.run("", "show", "latest", "--json")
	p.run("", "retry", "latest")
	p.run("", append([]string{"teardown", "--yes"}, plantedRun()...)...)
	p.run("", "runs", "--json")
	p.run("", "run", "planted.json", "--arg", plants["flag"])
	p.run("", append([]string{"run", "--arg", "PIN_SECRET=" + plants["number"] + "x", "--arg", "UNHEARD=" + plants["flag"]}, plantedRun()...)...)
	p.run("", "args", "set", "planted.json", "--as-json", "STORED="+plants["flag"])
	p.run("", "secrets", "set", "db.values.word.deeper="+plants["flag"])
	p.read("at the end")
	if !strings.Contains(p.written["traces"], "nf.node.ref") || !strings.Contains(p.written["traces"], "cannot start with") {
		t.Errorf("there are no traces of nodes and their errors:\n%.2000s", p.written["traces"])
	}
	p.search()
	checkNoise(t, p.written)
}

// checkNoise holds that a secret of three characters, which stands in many words,
// has not made masks of them.
func checkNoise(t *testing.T, written map[string]string) {
	t.Helper()
	for _, name := range []string{"standard output of runs", "standard output of show latest"} {
		text := written[name]
		if !strings.Contains(text, short) && !strings.Contains(text, strings.ToUpper(short)) || strings.Contains(text, expr.Mask+"ning") {
			t.Errorf("a short secret has become noise in %s:\n%s", name, text)
		}
	}
}

func TestPlantedSecretsAreNotOnTheProcessList(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	p := newPlantation(t)
	p.set()
	p.must("", append([]string{"run", "--detach", "--delay", "2s"}, plantedRun()...)...)
	deadline := time.Now().Add(time.Minute)
	for {
		found := false
		commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range commands {
			line, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(line, []byte(p.dir)) || !bytes.Contains(line, []byte("--passed-on")) {
				continue
			}
			found = true
			environment, err := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
			if err != nil {
				continue
			}
			p.written["the command line of the detached run"] = string(line)
			// What the environment gave stands in it as before.
			kept := slices.DeleteFunc(strings.Split(string(environment), "\x00"), func(e string) bool { return slices.Contains(p.env, e) })
			p.written["the environment of the detached run"] = strings.Join(kept, "\n")
		}
		if found {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the detached run is not on the process list")
		}
	}
	p.run("", "abort", "latest")
	p.run("", "show", "--follow", "latest")
	p.search()
}

func TestACrashLeavesNoSecrets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals")
	}
	p := newPlantation(t)
	p.set()
	base := p.env
	// The secret is made once, so that is the first point.
	for _, point := range []string{"kept-noted", "run-created", "commit-before:4", "commit-after:4", "call-before:3", "call-after:5", "poll-after:2", "concluded"} {
		p.env = append(slices.Clone(base), "NF_CRASH_AT="+point)
		if code := p.run("", append([]string{"run"}, plantedRun()...)...); code == exitOK {
			t.Errorf("it was not killed at %s", point)
		}
		p.read("killed at " + point) // logs of SQLite that nobody has folded in
		p.env = base
		p.run("", "show", "latest", "--json")
		p.run("", "resume", "latest")
		p.read("resumed after " + point)
	}
	p.learn()
	// A dump of all goroutines, while the run waits.
	cmd := p.command(append([]string{"run", "--delay", "5s"}, plantedRun()...)...)
	var errOut lockedBuffer
	cmd.Stderr = &errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(errOut.String(), "waiting"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the run does not wait:\n%s", errOut.String())
		}
	}
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if dump := errOut.String(); !strings.Contains(dump, "goroutine ") {
		t.Errorf("there is no dump:\n%s", dump)
	}
	p.written["a dump of all goroutines"] = errOut.String()
	p.read("after a dump")
	p.search()
}

// A lockedBuffer can be read while a process writes it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
