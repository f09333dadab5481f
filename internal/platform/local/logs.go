package local

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// logMark begins every line: nothing runs here that would write any, so that logs
// tell what this platform has done.
const logMark = "[local platform] "

// A line is one of a log.
type line struct {
	at         time.Time
	source     string // the container
	generation string
	text       string
}

const (
	defaultLines = 100
	mostLines    = 5000
)

// logTypes are the kinds of logs there are. Nothing passes a network here.
var logTypes = []string{"cdn", "mesh", "ingress", "runtime", "build", "backup", "restore"}

// A logQuery is what is asked of a log.
type logQuery struct {
	types            []string
	container        string
	generation       string
	from, to         time.Time // zero for any
	limit            int
	forward          bool
	includes, omits  string
	matches, without *regexp.Regexp
}

// logQuery reads from the query which part of a log is asked for.
func (c *call) logQuery() (*logQuery, error) {
	query := c.params.Query
	if err := oneOf(query, "queryType", "range"); err != nil {
		return nil, err
	}
	if err := oneOf(query, "direction", "backward", "forward"); err != nil {
		return nil, err
	}
	from, to, err := c.timeRange()
	if err != nil {
		return nil, err
	}
	q := &logQuery{from: from, to: to, limit: defaultLines, forward: query["direction"] == "forward", generation: query["deploymentId"],
		includes: query["textIncludes"], omits: query["textNotIncludes"]}
	if name := query["containerName"]; name != "all" {
		q.container = name
	}
	if text := query["type"]; text != "" {
		q.types = strings.Split(text, ",")
		for _, t := range q.types {
			if !slices.Contains(logTypes, t) {
				return nil, platform.Invalid("type", "is %q; it is one of %s", t, strings.Join(logTypes, ", "))
			}
		}
	}
	if text := query["lineLimit"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, platform.Invalid("lineLimit", "is %q; it is a number from 1 to %d", text, mostLines)
		}
		q.limit = min(n, mostLines)
	}
	for name, at := range map[string]**regexp.Regexp{"regexIncludes": &q.matches, "regexNotIncludes": &q.without} {
		if text := query[name]; text != "" {
			if *at, err = regexp.Compile(text); err != nil {
				return nil, platform.Invalid(name, "is no regular expression: %v", err)
			}
		}
	}
	return q, nil
}

func oneOf(query map[string]string, name string, values ...string) error {
	if v := query[name]; v != "" && !slices.Contains(values, v) {
		return platform.Invalid(name, "is %q; it is one of %s", v, strings.Join(values, ", "))
	}
	return nil
}

// timeRange reads from when to when something is asked for: zero for any time.
func (c *call) timeRange() (from, to time.Time, err error) {
	query := c.params.Query
	for name, at := range map[string]*time.Time{"startTime": &from, "endTime": &to} {
		text := query[name]
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return from, to, platform.Invalid(name, "is %q, which is no time such as 2026-01-31T12:00:00Z", text)
		}
		*at = c.tx.store.inside(t)
	}
	text := query["duration"]
	if text == "" {
		return from, to, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 {
		return from, to, platform.Invalid("duration", "is %q; it is a number of seconds", text)
	}
	length := time.Duration(seconds) * time.Second
	switch {
	case from.IsZero() && to.IsZero():
		from = c.now.Add(-length)
	case from.IsZero():
		from = to.Add(-length)
	case to.IsZero():
		to = from.Add(length)
	}
	return from, to, nil
}

// is tells whether logs of a type are asked for.
func (q *logQuery) is(logType string) bool {
	return q.types == nil && logType == "runtime" || slices.Contains(q.types, logType)
}

// wants tells whether a line is asked for.
func (q *logQuery) wants(l line) bool {
	switch {
	case !q.from.IsZero() && l.at.Before(q.from), !q.to.IsZero() && l.at.After(q.to):
		return false
	case q.container != "" && l.source != q.container, q.generation != "" && l.generation != q.generation:
		return false
	case q.includes != "" && !strings.Contains(l.text, q.includes), q.omits != "" && strings.Contains(l.text, q.omits):
		return false
	}
	return (q.matches == nil || q.matches.MatchString(l.text)) && (q.without == nil || !q.without.MatchString(l.text))
}

// answer gives the lines that are asked for: the newest first, or the oldest.
func (c *call) answerLines(q *logQuery, lines []line) []map[string]any {
	for i := range lines {
		lines[i].text = logMark + lines[i].text
	}
	lines = slices.DeleteFunc(lines, func(l line) bool { return l.at.After(c.now) || !q.wants(l) })
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	if !q.forward {
		slices.Reverse(lines)
	}
	rows := make([]map[string]any, 0, min(len(lines), q.limit))
	for _, l := range lines[:min(len(lines), q.limit)] {
		rows = append(rows, map[string]any{"containerId": l.source, "log": l.text, "ts": c.stamp(l.at)})
	}
	return rows
}

// lines are what a container's life leaves in its log.
func (s *span) lines(image string) []line {
	say := func(at time.Time, format string, args ...any) line {
		return line{at: at, source: s.name, generation: s.generation, text: fmt.Sprintf(format, args...)}
	}
	lines := []line{say(s.begun, "container of %s is started; nothing runs in it", image)}
	if !s.settled.IsZero() && s.settled.After(s.begun) {
		if s.fail != "" {
			lines = append(lines, say(s.settled, "container has failed: %s", s.fail))
		} else {
			lines = append(lines, say(s.settled, "container is ready"))
		}
	}
	switch {
	case s.ended.IsZero():
	case s.finished:
		lines = append(lines, say(s.ended, "container has ended with exit code 0"))
	case s.fail != "" && !s.settled.After(s.begun):
		lines = append(lines, say(s.ended, "container has failed: %s", s.fail))
	default:
		lines = append(lines, say(s.ended, "container is stopped"))
	}
	return lines
}

// imageOf is what a service or a job runs, in words.
func imageOf(r *record) string {
	if path := jsonvalue.String(r.spec, "deployment.external.imagePath"); path != "" {
		return path
	}
	if id := jsonvalue.String(r.spec, "deployment.internal.id"); id != "" {
		return "the image that " + id + " builds"
	}
	return "the image that it builds"
}

// lines are what a build leaves in its log: the states that it has gone through.
func (c *call) buildLines(owner, r *record) []line {
	state := stateOf[buildState](r)
	var lines []line
	say := func(at time.Time, format string, args ...any) {
		if state.Aborted == 0 || at.UnixNano() <= state.Aborted {
			lines = append(lines, line{at: at, source: r.id(), text: fmt.Sprintf(format, args...)})
		}
	}
	during := func(part float64) time.Time {
		return time.Unix(0, state.Build.At+int64(part*float64(max(state.Build.For, 0))))
	}
	say(time.Unix(0, state.Queue.At), "build %s is queued", r.id())
	say(during(0), "build is starting")
	if repository := repositoryOf(owner); repository != "" {
		say(during(0.1), "commit %s of branch %s of %s would be cloned", state.SHA, state.Branch, repository)
	}
	say(during(0.25), "image would be built; nothing is built here")
	if end, ends := state.Build.end(); ends {
		if state.Build.Fail != "" {
			say(end, "build has failed: %s", state.Build.Fail)
		} else {
			say(end, "build has succeeded")
		}
	}
	if state.Aborted != 0 {
		say(time.Unix(0, state.Aborted), "build is aborted")
	}
	return lines
}

// buildsAsked is the build that the query names, or the newest ones.
func (c *call) buildsAsked(owner *record) ([]*record, error) {
	if id := c.params.Query["buildId"]; id != "" {
		r, err := c.below(owner.key, "build", "build", id)
		return []*record{r}, err
	}
	return c.lastBuilds(owner.key)
}

func (c *call) allBuildLines(owner *record) ([]line, error) {
	asked, err := c.buildsAsked(owner)
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, b := range asked {
		lines = append(lines, c.buildLines(owner, b)...)
	}
	return lines, nil
}

func getBuildLogs(job bool) handler {
	return func(c *call) (any, error) {
		owner, err := c.owner(job)
		if err != nil {
			return nil, err
		}
		if err := builds(c, owner); err != nil {
			return nil, err
		}
		q, err := c.logQuery()
		if err != nil {
			return nil, err
		}
		lines, err := c.allBuildLines(owner)
		return c.answerLines(q, lines), err
	}
}

// getLogs answers with the log of a service, a job or an addon.
func getLogs(find func(*call) (*record, error), runtime func(*call, *record) ([]line, error)) handler {
	return func(c *call) (any, error) {
		r, err := find(c)
		if err != nil {
			return nil, err
		}
		q, err := c.logQuery()
		if err != nil {
			return nil, err
		}
		var lines []line
		if q.is("runtime") {
			if lines, err = runtime(c, r); err != nil {
				return nil, err
			}
		}
		if q.is("build") && r.typ != addonFlavour.typ {
			built, err := c.allBuildLines(r)
			if err != nil {
				return nil, err
			}
			lines = append(lines, built...)
		}
		if r.typ == addonFlavour.typ && (q.is("backup") || q.is("restore")) {
			stored, err := c.storedLines(r, q)
			if err != nil {
				return nil, err
			}
			lines = append(lines, stored...)
		}
		return c.answerLines(q, lines), nil
	}
}

func serviceLines(c *call, r *record) ([]line, error) {
	if err := runs(c, r); err != nil {
		return nil, err
	}
	deployed, err := c.rolloutOf(r)
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, s := range c.spansOf(r, deployed.steps) {
		lines = append(lines, s.lines(imageOf(r))...)
	}
	return lines, nil
}

func jobLines(c *call, job *record) ([]line, error) {
	asked, err := c.runsAsked(job, largestPage)
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, run := range asked {
		lines = append(lines, c.spanOfRun(job, run).lines(imageOf(job))...)
	}
	return lines, nil
}

func addonLines(c *call, r *record) ([]line, error) {
	what := fmt.Sprintf("%s %s", jsonvalue.String(r.spec, "type"), jsonvalue.String(r.spec, "version"))
	var lines []line
	for _, s := range c.spansOfAddon(r) {
		lines = append(lines, s.lines(what)...)
	}
	return lines, nil
}

// storedLines are what an addon's newest backups, and their restores, leave in its log.
func (c *call) storedLines(addon *record, q *logQuery) ([]line, error) {
	backups, err := c.tx.list(addon.key+"/backups", page{newest: true, limit: largestPage})
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, b := range backups {
		if q.is("backup") {
			lines = append(lines, storedLines(b, b, "backup")...)
		}
		if !q.is("restore") {
			continue
		}
		restores, err := c.tx.list(b.key+"/restores", page{newest: true, limit: largestPage})
		if err != nil {
			return nil, err
		}
		for _, r := range restores {
			lines = append(lines, storedLines(b, r, "restore")...)
		}
	}
	return lines, nil
}

// storedLines are what a backup, or a restore of it, leaves in its log. Snapshots leave
// nothing.
func storedLines(backup, r *record, noun string) []line {
	if jsonvalue.String(backup.spec, "backupType") != "dump" {
		return nil
	}
	state := stateOf[backupState](r)
	var lines []line
	say := func(at time.Time, format string, args ...any) {
		if state.Aborted == 0 || at.UnixNano() <= state.Aborted {
			lines = append(lines, line{at: at, source: r.id(), text: fmt.Sprintf(format, args...)})
		}
	}
	say(r.created, "%s %s is scheduled", noun, r.id())
	say(time.Unix(0, state.Step.At), "%s is in progress; nothing is copied here", noun)
	if end, ends := state.Step.end(); ends {
		if state.Step.Fail != "" {
			say(end, "%s has failed: %s", noun, state.Step.Fail)
		} else {
			say(end, "%s is complete", noun)
		}
	}
	if state.Aborted != 0 {
		say(time.Unix(0, state.Aborted), "%s is aborted", noun)
	}
	return lines
}

func getBackupLogs(c *call) (any, error) {
	r, err := c.backup()
	if err != nil {
		return nil, err
	}
	q, err := c.logQuery()
	if err != nil {
		return nil, err
	}
	return c.answerLines(q, storedLines(r, r, "backup")), nil
}

func getRestoreLogs(c *call) (any, error) {
	b, err := c.backup()
	if err != nil {
		return nil, err
	}
	r, err := c.below(b.key, "restore", "restores", c.path("restoreId"))
	if err != nil {
		return nil, err
	}
	q, err := c.logQuery()
	if err != nil {
		return nil, err
	}
	return c.answerLines(q, storedLines(b, r, "restore")), nil
}

func ofAddon(c *call) (*record, error) { return c.find("addon", "addons", "addonId") }
