package git

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Commit is one commit that has changed a file.
type Commit struct {
	Hash, Parent Hash
	Author       string
	At           time.Time
	Subject      string
}

// Log lists the commits behind one that have changed a file, the newest first. It knows
// what was fetched: see Deepen. Of merges it follows what has changed the file.
func (r *Repository) Log(ctx context.Context, from Hash, p Path, limit int) ([]Commit, error) {
	out, err := r.program.run(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: []string{
		"log", "-z", "--no-show-signature", "--max-count=" + strconv.Itoa(limit), "--format=%H%x1f%P%x1f%an%x1f%ct%x1f%s", "--end-of-options", string(from), "--", p.String(),
	}})
	if err != nil {
		return nil, err
	}
	var commits []Commit
	for line := range strings.SplitSeq(string(out), "\x00") {
		fields := strings.Split(strings.TrimSpace(line), "\x1f")
		if len(fields) != 5 {
			continue
		}
		hash, ok := parseHash(fields[0])
		if !ok {
			continue
		}
		seconds, _ := strconv.ParseInt(fields[3], 10, 64)
		c := Commit{Hash: hash, Author: fields[2], At: time.Unix(seconds, 0).UTC(), Subject: fields[4]}
		if first, _, _ := strings.Cut(fields[1], " "); first != "" {
			c.Parent, _ = parseHash(first)
		}
		commits = append(commits, c)
	}
	return commits, nil
}

// Shallow reports whether history ends here before it begins.
func (r *Repository) Shallow(ctx context.Context) (bool, error) {
	out, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	return strings.TrimSpace(string(out)) == "true", err
}
