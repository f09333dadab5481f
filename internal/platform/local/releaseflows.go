package local

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A release flow is the document of a stage. It keeps the name of the stage as its
// identifier, in small letters.
var releaseFlowFlavour = flavour{noun: "release flow", versioned: true, typ: "release flow",
	check: checkDocumentOf(platform.ReleaseFlowDocument), refuse: refuseDocument(platform.ReleaseFlowDocument),
	born: stateless, grown: keptState, show: showReleaseFlow}

var releaseFlowRuns = holder{kind: platform.ReleaseFlowDocument, runParam: "runId", member: "runs", find: releaseFlow}

func releaseFlowsOf(pipeline *record) string { return pipeline.key + "/release-flows" }

// stage returns the pipeline and the stage that the path names.
func (c *call) stage() (pipeline *record, stage string, err error) {
	if pipeline, err = c.look(&pipelineFamily.flavour); err != nil {
		return nil, "", err
	}
	name := stageNamed(c.path("stage"))
	if name == "" {
		return nil, "", notFound("stage", c.path("stage"), nameOf(pipeline))
	}
	return pipeline, strings.ToLower(name), nil
}

func releaseFlow(c *call) (*record, error) {
	pipeline, stage, err := c.stage()
	if err != nil {
		return nil, err
	}
	r, err := c.tx.load(releaseFlowsOf(pipeline) + "/" + stage)
	if err == nil && r == nil {
		err = notFound("release flow", stage, nameOf(pipeline))
	}
	return r, err
}

func getReleaseFlow(c *call) (any, error) {
	r, err := releaseFlow(c)
	if err != nil {
		return nil, err
	}
	return showReleaseFlow(c, r)
}

// updateReleaseFlow sets the document of a stage, which may have had none.
func updateReleaseFlow(c *call) (any, error) {
	pipeline, stage, err := c.stage()
	if err != nil {
		return nil, err
	}
	return c.storeDocument(&releaseFlowFlavour, releaseFlowsOf(pipeline), stage, c.asked())
}

func showReleaseFlow(c *call, r *record) (map[string]any, error) {
	shown, err := showFlow(c, r)
	if err == nil {
		shown["stage"] = stageNamed(r.id())
	}
	return shown, err
}
