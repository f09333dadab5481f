package main

import (
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestSomethingIsDoneInEachPauseOnce(t *testing.T) {
	near, far := net.Pipe()
	done := make(chan struct{}, 10)
	conn := inPauses(far, 50*time.Millisecond, func() { done <- struct{}{} })
	go func() { _, _ = io.Copy(conn, conn) }() // echoes
	for range 2 {
		buffer := make([]byte, 1)
		for range 10 {
			if _, err := near.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if _, err := near.Read(buffer); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing is done in a pause")
		}
	}
	_ = near.Close()
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	for len(done) > 0 { // a slow machine makes pauses of its own
		<-done
	}
	time.Sleep(200 * time.Millisecond)
	if len(done) > 0 {
		t.Error("something is done after the end")
	}
}

var garbage []byte

func TestCollectingIsWorthItWhereThereIsGarbage(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	if worthCollecting() {
		t.Error("just after a collection")
	}
	for range 64 {
		garbage = make([]byte, leastGarbage/8)
	}
	if !worthCollecting() {
		t.Error("not with garbage")
	}
	collectGarbage()
	if worthCollecting() {
		t.Error("still after it was collected")
	}
}
