package engine

import (
	"container/heap"
	"time"
)

// An alarm wakes a node at a time.
type alarm struct {
	at   time.Time
	node int
	// turn tells alarms of a node apart: only the one of its present turn counts.
	turn int
}

// alarms is a heap, the earliest first.
type alarms []alarm

func (a alarms) Len() int           { return len(a) }
func (a alarms) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a alarms) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push implements heap.Interface.
func (a *alarms) Push(x any) { *a = append(*a, x.(alarm)) }

// Pop implements heap.Interface.
func (a *alarms) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}

// wake wakes a node at a time, and at no earlier one that was set for it.
func (x *execution) wake(node int, at time.Time) {
	n := &x.nodes[node]
	n.turn++
	n.sleeps = true
	heap.Push(&x.alarms, alarm{at: at, node: node, turn: n.turn})
}

// nextAlarm is when the next node wants to be woken.
func (x *execution) nextAlarm() (time.Time, bool) {
	for len(x.alarms) > 0 {
		a := x.alarms[0]
		if n := &x.nodes[a.node]; n.sleeps && n.turn == a.turn {
			return a.at, true
		}
		heap.Pop(&x.alarms)
	}
	return time.Time{}, false
}

// ring wakes the nodes whose time has come.
func (x *execution) ring(now time.Time) {
	for {
		at, ok := x.nextAlarm()
		if !ok || at.After(now) {
			return
		}
		node := heap.Pop(&x.alarms).(alarm).node
		n := &x.nodes[node]
		n.sleeps = false
		if n.approval != nil {
			x.late(node, now)
		} else if n.wait != nil {
			x.enqueue(call{do: doPoll, node: node, wait: *n.wait})
		} else {
			x.enqueue(call{do: doStart, node: node})
		}
	}
}
