package local

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// longestName is how long the name of a resource may be, and so of an environment.
const longestName = 39

// conventional is the name that the convention of a preview template gives the
// environment of a commit, empty where the commit does not have what that takes. Source:
// "Choose a naming convention". The values of the option are not documented: they are
// told apart by the words in them.
func conventional(format string, pullRequest any, branch string, now time.Time) string {
	switch format = strings.ToLower(format); {
	case strings.Contains(format, "pull") || strings.HasPrefix(format, "pr"):
		if pullRequest == nil {
			return ""
		}
		return shortened("pr-" + slugged(fmt.Sprint(pullRequest)))
	case strings.Contains(format, "branch"):
		return shortened(slugged(branch))
	case strings.Contains(format, "time") || strings.Contains(format, "date"):
		return now.UTC().Format("06-01-02-1504")
	}
	return ""
}

// slugged writes a branch with the letters, digits and hyphens of identifiers.
func slugged(branch string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(branch) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// shortened cuts a name that is too long for a resource. What is cut off stays in it
// as a digest: long branches that begin alike are not one environment.
func shortened(name string) string {
	if len(name) <= longestName {
		return name
	}
	return apart(name, name)
}

// apart tells a name from the same name of something else.
func apart(name, from string) string {
	const digits = 6
	digest := sha256.Sum256([]byte(from))
	if most := longestName - digits - 1; len(name) > most {
		name = strings.TrimSuffix(name[:most], "-")
	}
	return name + "-" + hex.EncodeToString(digest[:])[:digits]
}

// words are two random ones, with digits behind them where all that were drawn are
// taken.
func words(taken func(string) (bool, error)) (string, error) {
	for range 8 {
		var b [2]byte
		_, _ = rand.Read(b[:]) // never fails
		name := adjectives[int(b[0])%len(adjectives)] + "-" + nouns[int(b[1])%len(nouns)]
		if there, err := taken(name); err != nil || !there {
			return name, err
		}
	}
	return freshID(), nil
}
