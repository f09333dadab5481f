package platform

import "context"

type actorKey struct{}

// WithActor says who is behind what is done under a context, for what records that:
// versions of documents, runs of them. who is asked when it is first needed.
func WithActor(ctx context.Context, who func() string) context.Context {
	return context.WithValue(ctx, actorKey{}, who)
}

// Actor returns who is behind what is done under a context; "" where nobody said.
func Actor(ctx context.Context) string {
	if who, ok := ctx.Value(actorKey{}).(func() string); ok {
		return who()
	}
	return ""
}
