package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// The JUnit form of a run: a suite for the run, a case for each node that is no
// workflow. What did not succeed has failed, was skipped or not reached, or is an
// error where nobody knows what became of it or it was cut off at its work.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string       `xml:"name,attr"`
		Classname string       `xml:"classname,attr"`
		Time      string       `xml:"time,attr"`
		Failure   *junitReason `xml:"failure"`
		Error     *junitReason `xml:"error"`
		Skipped   *junitReason `xml:"skipped"`
	}
	junitReason struct {
		Message string `xml:"message,attr,omitempty"`
		Type    string `xml:"type,attr,omitempty"`
	}
)

func writeJUnit(out io.Writer, v *engine.RunView, now time.Time) error {
	end := now
	if v.Concluded {
		end = v.ConcludedAt
	}
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	suite := junitSuite{Name: v.Template, Time: seconds(end.Sub(v.CreatedAt)), Timestamp: v.CreatedAt.UTC().Format("2006-01-02T15:04:05")}
	for i := range v.Nodes {
		n := &v.Nodes[i]
		if n.Flow != "" {
			continue
		}
		suite.Tests++
		c := junitCase{Name: nodeTitle(n), Classname: v.Template, Time: seconds(nodeElapsed(n, end))}
		reason := &junitReason{Message: nodeRemark(v, n, now), Type: string(n.State)}
		switch n.State {
		case engine.StateSuccess:
		case engine.StateFailure:
			c.Failure = reason
			suite.Failures++
		case engine.StateUnknown, engine.StateAborted:
			c.Error = reason
			suite.Errors++
		default:
			if reason.Message == "" {
				reason.Message = string(n.State)
			}
			c.Skipped = reason
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(out)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suites: []junitSuite{suite}}); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}
