package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilInterrupted returns a context that ends with the first signal that asks for
// the process's end, which is asked for in good order then. The second one ends the
// process at once, as if nobody had listened. Both are taken from one queue, so that
// none is lost however quickly they follow one another.
func untilInterrupted(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	heard := make(chan os.Signal, 2)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-heard
		cancel()
		again := <-heard
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		dieOf(again)
	}()
	return ctx
}
