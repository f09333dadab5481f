package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Token lets a caller in. Its name says who acted, where its value must not
// be seen.
type Token struct {
	Name, Value string
}

var tokenName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })

// ParseToken reads NAME=VALUE, or VALUE alone, whose name is then "token".
func ParseToken(text string) (Token, error) {
	name, value, named := strings.Cut(text, "=")
	if !named || !tokenName().MatchString(name) {
		// A value may hold "=" itself, as base64 does.
		name, value = "token", text
	}
	if value == "" {
		return Token{}, errors.New("a token is NAME=VALUE or VALUE, and the value is empty")
	}
	if strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return Token{}, fmt.Errorf("the value of token %q holds a space or a character that no HTTP header takes", name)
	}
	return Token{Name: name, Value: value}, nil
}

// Anonymous is who calls a server without tokens. No token has this name.
const Anonymous = "anonymous"

// tokens recognises callers without telling by its timing how much of a value
// was right: it compares digests, and always all of them.
type tokens struct {
	names   []string
	digests [][sha256.Size]byte
}

func newTokens(list []Token) (tokens, error) {
	var t tokens
	for _, token := range list {
		digest := sha256.Sum256([]byte(token.Value))
		if token.Name == Anonymous {
			return t, fmt.Errorf("a token is named %q, as those are who have none: give it another name", token.Name)
		}
		if slices.Contains(t.names, token.Name) {
			return t, fmt.Errorf("two tokens are named %q: name them NAME=VALUE", token.Name)
		}
		if slices.Contains(t.digests, digest) {
			return t, fmt.Errorf("token %q has the value of another one", token.Name)
		}
		t.names, t.digests = append(t.names, token.Name), append(t.digests, digest)
	}
	return t, nil
}

// caller returns the name of the token that a request carries, and false when
// it carries none of ours. Where there are no tokens everybody is [Anonymous].
func (t tokens) caller(r *http.Request) (string, bool) {
	if len(t.digests) == 0 {
		return Anonymous, true
	}
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return t.named(value)
}

// named returns the name of a token, and false when it is none of ours.
func (t tokens) named(value string) (string, bool) {
	if len(t.digests) == 0 {
		return "anonymous", true
	}
	digest := sha256.Sum256([]byte(strings.TrimSpace(value)))
	found := -1
	for i := range t.digests {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(digest[:], t.digests[i][:]), i, found)
	}
	if found < 0 {
		return "", false
	}
	return t.names[found], true
}

type callerKey struct{}

func withCaller(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, callerKey{}, name)
}

// Caller returns who has sent a request that was let in: the name of a token, or
// [Anonymous]; "" outside of one.
func Caller(ctx context.Context) string {
	name, _ := ctx.Value(callerKey{}).(string)
	return name
}
