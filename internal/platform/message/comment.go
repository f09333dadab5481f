package message

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A host is a Git host with the token that comments there.
type host struct {
	form  string // github, gitlab, bitbucket or azure
	api   *url.URL
	token string
}

// account finds the token for a Git host and the address that it is for. Both are
// the user's of this machine: a template cannot send a token anywhere else.
func (d *Driver) account(service string) (host, error) {
	look := func(names ...string) string {
		for _, name := range names {
			if v := d.options.Variables(name); v != "" {
				return v
			}
		}
		return ""
	}
	h := host{form: service}
	var api, wants string
	switch service {
	case "github":
		h.token, wants = look("GITHUB_TOKEN", "GH_TOKEN"), "GITHUB_TOKEN"
		api = first(look("GITHUB_API_URL"), "https://api.github.com")
	case "gitlab":
		h.token, wants = look("GITLAB_TOKEN"), "GITLAB_TOKEN"
		api = first(look("GITLAB_API_URL", "CI_API_V4_URL"), "https://gitlab.com/api/v4")
	case "bitbucket":
		h.token, wants = look("BITBUCKET_TOKEN"), "BITBUCKET_TOKEN"
		api = first(look("BITBUCKET_API_URL"), "https://api.bitbucket.org/2.0")
	case "azure":
		h.token, wants = look("AZURE_DEVOPS_EXT_PAT"), "AZURE_DEVOPS_EXT_PAT"
		api = first(look("AZURE_DEVOPS_API_URL"), "https://dev.azure.com")
	case "self-hosted":
		h.token, h.form, wants = look("NF_VCS_TOKEN"), look("NF_VCS_FORM"), "NF_VCS_TOKEN, NF_VCS_API_URL and NF_VCS_FORM (github or gitlab)"
		if api = look("NF_VCS_API_URL"); api == "" || h.form != "github" && h.form != "gitlab" {
			h.token = ""
		}
	default:
		return h, platform.Invalid("spec.vcsService", "is %q: comments go to github, gitlab, bitbucket, azure or self-hosted", service)
	}
	if h.token == "" {
		return h, unable("comments on %s need a token in the environment: %s", service, wants)
	}
	to, err := url.Parse(strings.TrimSuffix(api, "/"))
	if err != nil || to.Host == "" || to.Scheme != "https" && !(to.Scheme == "http" && isLoopback(to.Hostname())) {
		return h, unable("the address of the API of %s in the environment is no https address", service)
	}
	h.api = to
	return h, nil
}

// unable says what this machine lacks for a message.
func unable(format string, args ...any) error {
	return &platform.Error{Status: http.StatusUnauthorized, ID: "no-account", Message: fmt.Sprintf(format, args...)}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func isLoopback(name string) bool {
	return name == "localhost" || strings.HasPrefix(name, "127.") || name == "::1"
}

// bare is a repository's address without the scheme and the suffix, which says enough
// to people and holds no credentials.
func bare(repository string) string {
	if _, rest, ok := strings.Cut(repository, "://"); ok {
		repository = rest
	}
	if _, rest, ok := strings.Cut(repository, "@"); ok {
		repository = rest
	}
	return strings.TrimSuffix(strings.TrimSuffix(repository, "/"), ".git")
}

// A comment is a message on a pull request.
type comment struct {
	host   host
	path   []string // of the repository, without the host
	number string
	text   string
	// mark is what the comment of an attempt is known by, in a form that is not shown;
	// empty where the host shows everything.
	mark string
}

func (d *Driver) comment(spec any, text, token string) (message, error) {
	if d.options.Silent {
		return nil, nil
	}
	h, err := d.account(jsonvalue.String(spec, "spec.vcsService"))
	if err != nil {
		return nil, err
	}
	c := &comment{host: h, number: jsonvalue.String(spec, "spec.pullRequestId"), text: text}
	if c.number == "" || strings.Trim(c.number, "0123456789") != "" {
		return nil, platform.Invalid("spec.pullRequestId", "is the number of a pull request, not %q", c.number)
	}
	_, path, _ := strings.Cut(bare(jsonvalue.String(spec, "spec.repoUrl")), "/")
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." {
			return nil, platform.Invalid("spec.repoUrl", "names no repository: it has the form https://HOST/OWNER/NAME")
		}
		c.path = append(c.path, part)
	}
	if wants := map[string]int{"github": 2, "gitlab": 2, "bitbucket": 2, "azure": 3}[h.form]; len(c.path) < wants || h.form != "gitlab" && h.form != "azure" && len(c.path) > wants {
		return nil, platform.Invalid("spec.repoUrl", "names no repository: it has the form https://HOST/OWNER/NAME")
	}
	if token != "" && (h.form == "github" || h.form == "gitlab") {
		c.mark = "<!-- nf-run " + token + " -->"
	}
	return c, nil
}

// request is one to the comments of the pull request, as each host documents it.
func (c *comment) request(method string, query url.Values, body any) (request, error) {
	r := request{method: method, header: http.Header{"Accept": {"application/json"}}}
	var path []string
	switch c.host.form {
	case "github": // docs.github.com/rest/issues/comments: pull requests are issues
		path = []string{"repos", c.path[0], c.path[1], "issues", c.number, "comments"}
		r.header.Set("Accept", "application/vnd.github+json")
		r.header.Set("X-GitHub-Api-Version", "2022-11-28")
		r.header.Set("Authorization", "Bearer "+c.host.token)
	case "gitlab": // docs.gitlab.com/api/notes
		path = []string{"projects", strings.Join(c.path, "/"), "merge_requests", c.number, "notes"}
		r.header.Set("PRIVATE-TOKEN", c.host.token)
	case "bitbucket": // developer.atlassian.com/cloud/bitbucket/rest, pull requests
		path = []string{"repositories", c.path[0], c.path[1], "pullrequests", c.number, "comments"}
		r.header.Set("Authorization", "Bearer "+c.host.token)
	case "azure": // learn.microsoft.com/rest/api/azure/devops/git/pull-request-threads
		path = []string{c.path[0], c.path[1], "_apis", "git", "repositories", c.path[len(c.path)-1], "pullRequests", c.number, "threads"}
		r.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(":"+c.host.token)))
		query = url.Values{"api-version": {"7.1"}}
	}
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	to, err := url.Parse(c.host.api.String() + "/" + strings.Join(path, "/"))
	if err != nil {
		return r, platform.Invalid("spec.repoUrl", "names no repository")
	}
	to.RawQuery = query.Encode()
	r.to = to
	if body != nil {
		if r.body, err = json.Marshal(body); err != nil {
			return r, err
		}
		r.header.Set("Content-Type", "application/json")
	}
	return r, nil
}

func (c *comment) send(ctx context.Context, out *client) (map[string]any, error) {
	text := c.text
	if c.mark != "" {
		text += "\n\n" + c.mark
	}
	var body any = map[string]any{"body": text}
	switch c.host.form {
	case "bitbucket":
		body = map[string]any{"content": map[string]any{"raw": text}}
	case "azure":
		body = map[string]any{"status": "active", "comments": []any{map[string]any{"parentCommentId": 0, "content": text, "commentType": "text"}}}
	}
	r, err := c.request(http.MethodPost, nil, body)
	if err != nil {
		return nil, err
	}
	answer, err := out.do(ctx, r)
	if err != nil {
		return nil, err
	}
	var made any
	_ = json.Unmarshal(answer, &made) // what it says is for people only
	return written(made), nil
}

// written is the output of a node that has written a comment.
func written(made any) map[string]any {
	out := map[string]any{}
	if id := jsonvalue.Get(made, "id"); id != nil {
		out["id"] = id
	}
	for _, path := range []string{"html_url", "links.html.href", "web_url"} {
		if at := jsonvalue.String(made, path); at != "" {
			out["url"] = at
			break
		}
	}
	return out
}

// searchPages bounds how many pages of comments are looked through.
const searchPages = 10

func (c *comment) find(ctx context.Context, out *client) (map[string]any, bool, error) {
	if c.mark == "" {
		return nil, false, errCannotTell
	}
	for page := 1; page <= searchPages; page++ {
		query := url.Values{"per_page": {"100"}, "page": {fmt.Sprint(page)}}
		r, err := c.request(http.MethodGet, query, nil)
		if err != nil {
			return nil, false, err
		}
		answer, err := out.do(ctx, r)
		if err != nil {
			return nil, false, err
		}
		var list []any
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, false, fmt.Errorf("the comments cannot be read: %w", err)
		}
		for _, made := range list {
			if strings.Contains(jsonvalue.String(made, "body"), c.mark) {
				return written(made), true, nil
			}
		}
		if len(list) < 100 {
			return nil, false, nil
		}
	}
	return nil, false, errCannotTell
}
