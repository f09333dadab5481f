package local

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"strings"
)

// inParent says for messages what a key's resource is in: `project "p"`.
func inParent(key string) string {
	segments := strings.Split(key, "/")
	if len(segments)%2 == 1 {
		segments = segments[:len(segments)-1]
	}
	if len(segments) < 2 {
		return ""
	}
	noun := strings.TrimSuffix(segments[len(segments)-2], "s")
	return noun + ` "` + segments[len(segments)-1] + `"`
}

// projectID is the identifier of the project that a record belongs to.
func (r *record) projectID() string {
	segments := strings.SplitN(r.key, "/", 3)
	return segments[1]
}

// face is what every resource shows: its specification and what identifies it.
func (c *call) face(r *record, blanks ...string) map[string]any {
	shown := maps.Clone(r.spec)
	for _, name := range blanks {
		if _, ok := shown[name]; !ok {
			shown[name] = nil
		}
	}
	shown["id"] = r.id()
	shown["internalId"] = hex.EncodeToString(c.derive("id", r.key)[:12])
	shown["createdAt"] = c.stamp(r.created)
	shown["updatedAt"] = c.stamp(r.updated)
	return shown
}

// derive makes a value for a purpose and a key that stays the same in this
// state folder.
func (c *call) derive(purpose, key string) []byte { return c.tx.store.derive(purpose + "\x00" + key) }

// label spells bytes as the random part of a host name.
func label(b []byte) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	text := make([]byte, len(b))
	for i := range b {
		text[i] = letters[int(b[i])%len(letters)]
	}
	return string(text)
}

// freshID is the identifier of a build, a run or a backup: words and a number
// that nobody else has.
func freshID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return adjectives[int(b[0])%len(adjectives)] + "-" + nouns[int(b[1])%len(nouns)] + "-" + hex.EncodeToString(b[2:])
}

var adjectives = [...]string{"brave", "calm", "dusty", "early", "fancy", "gentle", "hasty", "keen", "lively", "merry",
	"noble", "quiet", "rapid", "sunny", "tidy", "witty"}

var nouns = [...]string{"badger", "canyon", "dune", "ember", "fjord", "glacier", "harbor", "island", "lagoon", "meadow",
	"otter", "prairie", "reef", "summit", "tundra", "valley"}
