package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/spf13/pflag"
)

// overrideFlags say what a release builds and deploys in the place of what its flow
// says. Each is WHAT=VALUE, or VALUE.
type overrideFlags struct{ branches, commits, pulls, builds, images, credentials []string }

func (f *overrideFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.branches, "branch", nil, "build or deploy this branch, as [WHAT=]BRANCH; may be repeated")
	flags.StringArrayVar(&f.commits, "sha", nil, "build or deploy this commit, as [WHAT=]SHA; may be repeated")
	flags.StringArrayVar(&f.pulls, "pull-request", nil, "build this pull request, as [WHAT=]NUMBER; may be repeated")
	flags.StringArrayVar(&f.builds, "build", nil, "deploy this build, as [WHAT=]BUILD; may be repeated")
	flags.StringArrayVar(&f.images, "image", nil, "deploy this image of a registry, as [WHAT=]IMAGE; may be repeated")
	flags.StringArrayVar(&f.credentials, "credentials", nil, "take the image with these credentials, as [WHAT=]ID; may be repeated")
}

// An override is one of the flags.
type override struct{ flag, what, value string }

func (f *overrideFlags) all() []override {
	var all []override
	for _, given := range []struct {
		flag   string
		values []string
	}{{"branch", f.branches}, {"sha", f.commits}, {"pull-request", f.pulls}, {"build", f.builds}, {"image", f.images}, {"credentials", f.credentials}} {
		for _, text := range given.values {
			what, value, named := strings.Cut(text, "=")
			if !named {
				what, value = "", text
			}
			all = append(all, override{given.flag, what, value})
		}
	}
	return all
}

// check refuses what says nothing.
func (f *overrideFlags) check() error {
	for _, o := range f.all() {
		if o.value == "" {
			return fmt.Errorf("--%s takes [WHAT=]VALUE", o.flag)
		}
		if _, err := strconv.ParseUint(o.value, 10, 53); o.flag == "pull-request" && err != nil {
			return fmt.Errorf("--pull-request takes [WHAT=]NUMBER, not %q", o.value)
		}
	}
	return nil
}

// An overridable is a part of a release flow that a run can be given another value for.
type overridable struct {
	names []string // what people call it: its ref, the services that it is about
	// flags are those that it takes.
	flags []string
	// ref and service are what the request calls it by; one of them is empty.
	ref, service string
	// builder is the service whose builds it deploys; empty for other things.
	builder string
	// derived says that what it takes follows from something else, such as a trigger:
	// it is meant only where it is named.
	derived bool
}

// overridables are those of a flow, triggers first. What expressions name is not known
// before the run, so that it goes by its ref only.
func overridables(flow map[string]any) []overridable {
	var all []overridable
	for _, t := range jsonvalue.List(flow, "triggers") {
		if ref := jsonvalue.String(t, "ref"); ref != "" {
			all = append(all, overridable{names: []string{ref}, flags: []string{"branch", "sha", "pull-request"}, ref: ref})
		}
	}
	var visit func(v any)
	visit = func(v any) {
		node, ok := v.(map[string]any)
		if !ok {
			return
		}
		ref, literal := jsonvalue.String(node, "ref"), func(path string) string {
			if text := jsonvalue.String(node, path); !strings.Contains(text, "${") {
				return text
			}
			return ""
		}
		follows := func(paths ...string) bool {
			return slices.ContainsFunc(paths, func(path string) bool { return strings.Contains(jsonvalue.String(node, path), "${refs.") })
		}
		switch node["kind"] {
		case "Build":
			if ref != "" {
				all = append(all, overridable{names: distinct(ref, literal("spec.id")), flags: []string{"branch", "sha", "pull-request"}, ref: ref, derived: follows("spec.branch", "spec.sha")})
			}
		case "Release":
			target := literal("spec.target.id")
			if target == "" {
				break
			}
			o := overridable{names: distinct(target, ref, literal("spec.origin.id")), service: target,
				derived: follows("spec.origin.branch", "spec.origin.build", "spec.origin.imagePath")}
			switch literal("spec.type") {
			case "build":
				o.flags, o.builder = []string{"branch", "sha", "build"}, literal("spec.origin.id")
			case "registry":
				o.flags = []string{"image", "credentials"}
			}
			if o.flags != nil {
				all = append(all, o)
			}
		}
		for _, step := range jsonvalue.List(node, "spec.steps") {
			visit(step)
		}
	}
	visit(flow["spec"])
	return all
}

// distinct are the names that are there, each once.
func distinct(names ...string) []string {
	var out []string
	for _, name := range names {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// request is what the request to run a flow says of the overrides.
func (f *overrideFlags) request(ctx context.Context, p *stagePlace, flow map[string]any) (map[string]any, error) {
	refs, services := map[string]any{}, map[string]any{}
	all := overridables(flow)
	for _, o := range f.all() {
		meant, err := o.choose(all)
		if err != nil {
			return nil, err
		}
		for i := range meant {
			if meant[i].ref != "" {
				value := map[string]any{o.flag: o.value}
				if o.flag == "pull-request" {
					number, _ := strconv.ParseUint(o.value, 10, 53) // see check
					value = map[string]any{"pullRequestId": number}
				}
				refs[meant[i].ref] = jsonvalue.Merge(refs[meant[i].ref], value)
				continue
			}
			origin, err := p.origin(ctx, o, meant[i].builder)
			if err != nil {
				return nil, err
			}
			services[meant[i].service] = jsonvalue.Merge(services[meant[i].service], map[string]any{"origin": origin})
		}
	}
	request := map[string]any{}
	if len(refs) > 0 {
		request["overrides"] = refs
	}
	if len(services) > 0 {
		request["releaseNodeOverrides"] = services
	}
	return request, nil
}

// choose finds what an override is for: everything of that name, or the only thing that
// takes it.
func (o override) choose(all []overridable) ([]overridable, error) {
	var takes, meant []overridable
	known := map[string]bool{}
	for i := range all {
		if !slices.Contains(all[i].flags, o.flag) {
			continue
		}
		takes = append(takes, all[i])
		known[all[i].names[0]] = true
		if slices.Contains(all[i].names, o.what) {
			meant = append(meant, all[i])
		}
	}
	names := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	switch {
	case len(takes) == 0:
		return nil, fmt.Errorf("--%s: the release flow has nothing that it could be for", o.flag)
	case o.what != "" && len(meant) == 0:
		return nil, fmt.Errorf("--%s %s=%s: the release flow has no %q that takes it; there is %s", o.flag, o.what, o.value, o.what, names)
	case o.what != "":
		return meant, nil
	}
	if own := slices.DeleteFunc(slices.Clone(takes), func(one overridable) bool { return one.derived }); len(own) > 0 {
		takes = own
	}
	if len(takes) > 1 {
		return nil, fmt.Errorf("--%s %s: say what it is for, as WHAT=VALUE with one of %s", o.flag, o.value, names)
	}
	return takes, nil
}

// origin is what a Release node deploys by an override. The build of a commit is looked
// up.
func (p *stagePlace) origin(ctx context.Context, o override, builder string) (map[string]any, error) {
	switch o.flag {
	case "image":
		return map[string]any{"imagePath": o.value}, nil
	case "credentials":
		return map[string]any{"credentials": o.value}, nil
	case "branch":
		return map[string]any{"branch": o.value, "build": "latest"}, nil
	}
	if builder == "" && o.flag == "build" {
		return map[string]any{"build": o.value}, nil
	}
	if builder == "" {
		return nil, errors.New("--sha: which service builds what is deployed is known in the run only: name a build with --build")
	}
	builds, err := p.builds(ctx, builder)
	if err != nil {
		return nil, err
	}
	for _, b := range builds {
		if b.done && (o.flag == "sha" && strings.HasPrefix(b.sha, o.value) || o.flag == "build" && b.id == o.value) {
			origin := map[string]any{"build": b.id}
			if b.branch != "" {
				origin["branch"] = b.branch
			}
			return origin, nil
		}
	}
	if o.flag == "build" {
		// One that is not among the newest may be there all the same.
		path := p.service(builder)
		path["buildId"] = o.value
		_, err := p.target.Do(ctx, platform.OpGetServiceBuild, platform.Params{Path: path}, nil)
		return map[string]any{"build": o.value}, err
	}
	return nil, fmt.Errorf("--sha: the service %s has no successful build of the commit %s", builder, o.value)
}

// A knownBuild is a build of a service.
type knownBuild struct {
	id, branch, sha, message string
	done                     bool // with success
}

// manyBuilds bounds how many builds are looked at, the newest first.
const manyBuilds = 200

// builds lists those of a service, PROJECT/SERVICE or one of the stage's project, the
// newest first.
func (p *stagePlace) builds(ctx context.Context, service string) ([]knownBuild, error) {
	var all []knownBuild
	for row, err := range platform.Items(ctx, p.target, platform.OpListServiceBuilds, p.service(service), "builds") {
		if err != nil {
			return nil, err
		}
		all = append(all, knownBuild{id: jsonvalue.String(row, "id"), branch: jsonvalue.String(row, "branch"), sha: jsonvalue.String(row, "sha"),
			message: jsonvalue.String(row, "message"), done: jsonvalue.String(row, "status") == "SUCCESS"})
		if len(all) == manyBuilds {
			break
		}
	}
	return all, nil
}

// service is the path of a service.
func (p *stagePlace) service(id string) map[string]string {
	project := p.shelf.Project
	if before, after, other := strings.Cut(id, "/"); other {
		project, id = before, after
	}
	return map[string]string{"projectId": project, "serviceId": id}
}
