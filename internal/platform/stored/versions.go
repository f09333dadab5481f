package stored

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A Version is a document as it was at a time.
type Version struct {
	// ID is its number or, on a platform that keeps no versions, the newest run that was
	// of it.
	ID        string
	CreatedAt time.Time // zero where nobody knows
	// CreatedBy, Message and Cause say who has made it, why, and by what other means than
	// a plain change; empty where nobody knows.
	CreatedBy, Message, Cause string
	// Runs counts the runs of it, NewestRun is one of these.
	Runs      int
	NewestRun string
	Current   bool
}

// ErrNoVersions: the platform keeps no versions of documents, and no drafts.
var ErrNoVersions = errors.New("the hosted platform's API has neither versions nor drafts of documents: the local platform and 'nf-run serve' keep them")

// lacks tells whether a platform has no operation.
func lacks(err error) bool {
	var refused *platform.Error
	return errors.As(err, &refused) && refused.ID == platform.ErrorUnknownOp
}

func (s Shelf) documentPath(d Document, pairs ...string) map[string]string {
	path := map[string]string{"documentId": platform.DocumentID(s.Key(d))}
	for i := 0; i+1 < len(pairs); i += 2 {
		path[pairs[i]] = pairs[i+1]
	}
	return path
}

// Versions lists the versions of a document, newest first, at most limit of them; 0 is
// all. Of a platform that keeps none, they are those that its newest runs were of.
func (s Shelf) Versions(ctx context.Context, d Document, limit int) ([]Version, error) {
	var all []Version
	for row, err := range platform.Items(ctx, s.Target, platform.OpListVersions, s.documentPath(d), "versions") {
		if lacks(err) {
			return s.versionsOfRuns(ctx, d, limit)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, versionOf(row))
		if len(all) == limit {
			break
		}
	}
	return all, nil
}

func versionOf(row map[string]any) Version {
	v := Version{CreatedAt: timeOf(row, "createdAt"), CreatedBy: jsonvalue.String(row, "createdBy"), Message: jsonvalue.String(row, "message"),
		Cause: jsonvalue.String(row, "cause"), NewestRun: jsonvalue.String(row, "newestRun"), Current: jsonvalue.Bool(row, "current")}
	number, _ := jsonvalue.Number(row, "version")
	v.ID = strconv.Itoa(int(number))
	runs, _ := jsonvalue.Number(row, "runs")
	v.Runs = int(runs)
	return v
}

// searchedRuns is how many of the newest runs tell which versions there were.
const searchedRuns = 50

// versionsOfRuns finds the versions that the newest runs were of: each answer of a run
// holds the document that it has executed.
func (s Shelf) versionsOfRuns(ctx context.Context, d Document, limit int) ([]Version, error) {
	standing, err := s.Standing(ctx, d)
	if err != nil {
		return nil, err
	}
	current, err := sum(standing)
	if err != nil {
		return nil, err
	}
	rows, err := s.Runs(ctx, d, searchedRuns)
	if err != nil {
		return nil, err
	}
	var all []Version
	known := map[string]int{}
	for _, row := range rows {
		text, err := s.versionOfRun(ctx, d, row.ID)
		if err != nil {
			return nil, err
		}
		key, err := sum(text)
		if err != nil {
			return nil, err
		}
		i, seen := known[key]
		if !seen {
			i = len(all)
			known[key] = i
			all = append(all, Version{ID: row.ID, NewestRun: row.ID, Current: key == current})
		}
		all[i].Runs++
		all[i].CreatedAt = row.CreatedAt // of the first run that was seen of it
	}
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}

// sum tells documents apart by what they do. Arguments and the name do not count: a run
// has some of its own.
func sum(document map[string]any) (string, error) {
	text, err := jsonvalue.Marshal(jsonvalue.Normal(jsonvalue.Pick(document, []string{"spec", "triggers", "options"})))
	return string(text), err
}

// versionOfRun is the document that a run has executed.
func (s Shelf) versionOfRun(ctx context.Context, d Document, run string) (map[string]any, error) {
	shown, err := (&Run{Target: s.Target, Family: s.Family, Path: d.Path}).Whole(ctx, run)
	return alike(shown), err
}

// Standing is a stored document as it is, in the form that versions have which the
// platform tells by its runs.
func (s Shelf) Standing(ctx context.Context, d Document) (map[string]any, error) {
	shown, err := s.Whole(ctx, d)
	return alike(shown), err
}

// alike is a document of what the platform shows of it or of a run: of both the same,
// where both are of one version.
func alike(shown map[string]any) map[string]any {
	document := documentOf(shown)
	if triggers := shown["triggers"]; triggers != nil {
		document["triggers"] = triggers
	}
	options := maps.Clone(optionDefaults)
	maps.Copy(options, jsonvalue.Object(document, "options"))
	document["options"] = options
	if arguments := jsonvalue.Object(document, "arguments"); arguments != nil {
		arguments = maps.Clone(arguments)
		delete(arguments, TokenArgument)
		document["arguments"] = arguments
	}
	bare(document["spec"])
	return document
}

// Version returns a version of a document, and the document as it was. Values of
// overrides are masked.
func (s Shelf) Version(ctx context.Context, d Document, id string) (Version, map[string]any, error) {
	shown, err := object(s.Target.Do(ctx, platform.OpGetVersion, platform.Params{Path: s.documentPath(d, "version", id)}, nil))
	if lacks(err) {
		text, err := s.versionOfRun(ctx, d, id)
		return Version{ID: id, NewestRun: id}, text, err
	}
	return versionOf(shown), jsonvalue.Object(shown, "document"), err
}

// Restore makes a document what it was, and returns the version that it has become: a
// new one, unless it is so already.
func (s Shelf) Restore(ctx context.Context, d Document, id, message string) (Version, error) {
	body, err := said(map[string]any{}, message)
	if err != nil {
		return Version{}, err
	}
	shown, err := object(s.Target.Do(ctx, platform.OpRestoreVersion, platform.Params{Path: s.documentPath(d, "version", id)}, body))
	if !lacks(err) {
		return versionOf(shown), err
	}
	if message != "" {
		return Version{}, ErrNoVersions
	}
	return Version{ID: id, NewestRun: id, Current: true}, s.RestoreRun(ctx, d, id)
}

// RestoreRun makes a document what it was for a run, as far as the platform shows that
// with the run; what it does not show there stays.
func (s Shelf) RestoreRun(ctx context.Context, d Document, run string) error {
	stands, err := s.Whole(ctx, d)
	if err != nil {
		return err
	}
	was, err := s.versionOfRun(ctx, d, run)
	if err != nil {
		return err
	}
	text := jsonvalue.Pick(stands, []string{"name", "description", "apiVersion", "options", "arguments", "gitops", "triggers", "richInputs", "teardownSpec", "spec"})
	maps.DeleteFunc(text, func(_ string, v any) bool { return v == nil })
	delete(was, "name") // that of the run
	maps.Copy(text, was)
	encoded, err := json.Marshal(text)
	if err != nil {
		return err
	}
	return s.update(ctx, d.Path, encoded)
}

// Note says why a version was made.
func (s Shelf) Note(ctx context.Context, d Document, id, message string) error {
	body, err := said(map[string]any{}, message)
	if err != nil {
		return err
	}
	_, err = s.Target.Do(ctx, platform.OpNoteVersion, platform.Params{Path: s.documentPath(d, "version", id)}, body)
	if lacks(err) {
		return ErrNoVersions
	}
	return err
}

// NewestNamed is the newest version of the document of a name, empty where there is none
// yet. A platform that keeps no versions is an error.
func (s Shelf) NewestNamed(ctx context.Context, name string) (string, error) {
	d, there, err := s.Find(ctx, name)
	if err != nil {
		return "", err
	}
	if !there {
		d = Document{ID: name, Path: s.path(name)}
	}
	shown, err := object(s.Target.Do(ctx, platform.OpListVersions, platform.Params{Path: s.documentPath(d), Query: map[string]string{"per_page": "1"}}, nil))
	switch {
	case lacks(err):
		return "", ErrNoVersions
	case platform.IsNotFound(err) && !there:
		return "", nil
	case err != nil:
		return "", err
	}
	newest, _ := jsonvalue.Get(shown, "versions.0").(map[string]any)
	return versionOf(newest).ID, nil
}

// NoteNewest says why the newest version was made, unless it is still the one given.
func (s Shelf) NoteNewest(ctx context.Context, d Document, before, message string) error {
	newest, err := s.Versions(ctx, d, 1)
	if err != nil {
		return err
	}
	if len(newest) == 0 {
		return fmt.Errorf("the %s %s has no versions", s.Family.Name, d.ID)
	}
	if newest[0].ID == before {
		return nil
	}
	return s.Note(ctx, d, newest[0].ID, message)
}

func said(body map[string]any, message string) (json.RawMessage, error) {
	if message != "" {
		body["message"] = message
	}
	return json.Marshal(body)
}
