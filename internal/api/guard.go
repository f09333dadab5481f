package api

import (
	"net"
	"net/http"
	"strings"
)

// A guard keeps web pages out. A page that a user has open can send requests to
// addresses that only the user's machine reaches, so an address alone is no
// proof of who asks.
type guard struct {
	// open servers take requests without a token: only for a name that a page
	// of somebody else cannot have.
	open bool
	// hosts are names besides the loopback ones that an open server goes by.
	hosts   []string
	origins *http.CrossOriginProtection
}

// refuses returns why a request is not taken, "" when it is.
func (g guard) refuses(r *http.Request) string {
	if g.open && !g.knows(r.Host) {
		return "this server answers to its loopback address only, not to the name " + clip(r.Host, 80) + "; start it with a token to use another"
	}
	if err := g.origins.Check(r); err != nil {
		return "a page of another origin may not act here"
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return "a page of another site may not read here"
	}
	return ""
}

// knows tells whether a Host header names the machine itself. A name that a
// stranger's DNS leads here (rebinding) does not.
func (g guard) knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	for _, known := range g.hosts {
		if strings.EqualFold(host, known) {
			return true
		}
	}
	return false
}

func clip(text string, most int) string {
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
