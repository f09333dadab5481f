package main

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/platform/northflank"
	"github.com/nf-lsp/nf-lsp/internal/version"
)

// Where the hosted platform and its token are found, besides the official CLI's
// context.
const (
	apiTokenVariable = "NORTHFLANK_API_TOKEN"
	apiHostVariable  = "NORTHFLANK_API_HOST"
	// caVariable names a file like --ca-file does.
	caVariable = "NF_CA_FILE"
)

// A targetName says where a run takes place. Its text, which the history keeps,
// is "local" or "northflank[/TEAM][@HOST]", without the host for the hosted
// platform's own: a run is never gone on with in another place.
type targetName struct {
	hosted bool
	team   string
	host   string // "" for [northflank.Host]
}

const targetUsage = "the platform: local, northflank, or northflank/TEAM"

func readTarget(text string) (targetName, error) {
	if text == "local" {
		return targetName{}, nil
	}
	scope, host, at := strings.Cut(text, "@")
	name, team, inTeam := strings.Cut(scope, "/")
	if name != "northflank" || inTeam && team == "" || strings.Contains(team, "/") || at && host == "" {
		return targetName{}, fmt.Errorf("--target takes local, northflank or northflank/TEAM, not %q", text)
	}
	return targetName{hosted: true, team: team, host: sameHost(host)}, nil
}

func (t targetName) String() string {
	if !t.hosted {
		return "local"
	}
	text := "northflank"
	if t.team != "" {
		text += "/" + t.team
	}
	if t.host != "" {
		text += "@" + t.host
	}
	return text
}

// sameTarget tells whether a target that a user names is one of the history or of
// a plan, where it has its full name.
func sameTarget(given, full string) bool {
	g, err := readTarget(given)
	f, fullErr := readTarget(full)
	if g.host == "" {
		f.host = ""
	}
	return err == nil && fullErr == nil && g == f
}

// sameHost writes an address of the platform in one way only.
func sameHost(host string) string {
	if host = strings.TrimSuffix(host, "/"); host == northflank.Host {
		return ""
	}
	return host
}

// An account is a token with the address that it is for.
type account struct {
	host, token string
	from        string // for messages
}

// account finds the token for a target. The environment's comes first; it
// belongs to the environment's address, and is never sent to another one.
func (c *command) account(t targetName) (account, error) {
	if token := os.Getenv(apiTokenVariable); token != "" {
		a := account{host: sameHost(os.Getenv(apiHostVariable)), token: token, from: apiTokenVariable}
		if t.host != "" && t.host != a.host {
			return account{}, fmt.Errorf("%s is for %s, and this run belongs to %s: set %s", apiTokenVariable, shownHost(a.host), shownHost(t.host), apiHostVariable)
		}
		return a, nil
	}
	host := t.host
	if host == "" {
		host = sameHost(os.Getenv(apiHostVariable))
	}
	token, found, locked := seal.LookUp(c.keyring, tokenService, shownHost(host))
	if found {
		return account{host, token, "the keyring"}, nil
	}
	// A keyring that does not answer is in nobody's way who has another token.
	a, err := contextAccount(host)
	if err != nil {
		err = errors.Join(err, locked)
	}
	return a, err
}

// tokenService is what the keyring's entries of API tokens are filed under; the
// account of an entry is the address that the token is for.
const tokenService = "nf-run-token"

func shownHost(host string) string {
	if host == "" {
		return northflank.Host
	}
	return host
}

// contextAccount reads the official CLI's contexts, which stay as they are: the
// one in use, or with a host the first that is for it.
func contextAccount(host string) (account, error) {
	missing := fmt.Errorf("there is no API token: set %s, put one into the keyring, or log in with the platform's own CLI (northflank login)", apiTokenVariable)
	home, err := os.UserHomeDir()
	if err != nil {
		return account{}, missing
	}
	path := filepath.Join(home, ".northflank", "config.json")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return account{}, missing
	}
	if err != nil {
		return account{}, err
	}
	var config struct {
		Current  string `json:"current"`
		Contexts []struct {
			Name  string `json:"name"`
			Host  string `json:"host"`
			Token string `json:"token"`
		} `json:"contexts"`
	}
	if err := json.Unmarshal(content, &config); err != nil {
		return account{}, fmt.Errorf("%s cannot be read: set %s instead", path, apiTokenVariable)
	}
	for _, current := range []bool{true, false} {
		for _, x := range config.Contexts {
			matches := host != "" && sameHost(x.Host) == host || host == "" && current
			if matches && x.Token != "" && (!current || x.Name == config.Current) {
				return account{sameHost(x.Host), x.Token, "the context " + x.Name + " of the platform's CLI"}, nil
			}
		}
	}
	if host != "" {
		return account{}, fmt.Errorf("there is no API token for %s: set %s and %s, or log in there with the platform's own CLI", host, apiTokenVariable, apiHostVariable)
	}
	return account{}, missing
}

// connect returns the hosted platform of a target, and the target's full name.
func (c *command) connect(t targetName) (*northflank.Target, string, error) {
	a, err := c.account(t)
	if err != nil {
		return nil, "", exitWith(exitFailed, err)
	}
	t.host = a.host
	authorities, err := c.authorities()
	if err != nil {
		return nil, "", exitWith(exitFailed, err)
	}
	target, err := northflank.New(northflank.Options{Host: a.host, Token: a.token, Team: t.team, UserAgent: "nf-run/" + version.Number(), Authorities: authorities})
	if err != nil {
		return nil, "", exitWith(exitFailed, fmt.Errorf("%s: %w", a.from, err))
	}
	return target, t.String(), nil
}

// authorities reads the certificate authorities to trust besides the system's; nil for
// none.
func (c *command) authorities() ([]byte, error) {
	path, from := c.caFile, "--ca-file"
	if path == "" {
		path, from = os.Getenv(caVariable), caVariable
	}
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	if block, _ := pem.Decode(text); block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s: %s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", from, path)
	}
	return text, nil
}
