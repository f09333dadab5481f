package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// completePreview completes PIPELINE and, where environments are named, NAME. What
// cannot be found out is not offered; nothing is made on the way.
func (c *command) completePreview(f *previewFlags, named bool) completion {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		if len(args) > 1 || len(args) == 1 && !named || len(args) == 0 && f.blueprint {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, err := c.look(ctx, f.target)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer s.close()
		var names []string
		if len(args) == 0 {
			names = pipelineNames(ctx, s.target, f.project, typed)
		} else if p, err := s.previews(ctx, *f, args[0]); err == nil {
			all, err := p.environments(ctx)
			for _, e := range all {
				if err == nil {
					names = append(names, e.Name+"\t"+e.origin())
				}
			}
		}
		var offered []string
		for _, name := range names {
			if strings.HasPrefix(name, typed) {
				offered = append(offered, name)
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp
	}
}
