// Package api is the HTTP codec of a target's operations: routes, status codes,
// headers, who may call, and how much. It turns a request into one call of
// [platform.Target.Do] and its answer back into a response.
//
// The package must not know what an operation means: it has no names of
// resources in it. The routes come from [platform.Operations].
package api
