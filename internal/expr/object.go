package expr

import "sort"

// Member is a key of an object and its value.
type Member struct {
	Key   string
	Value Value
}

// members is the content of an object, in the order that it was written in.
type members struct {
	list   []Member
	index  map[string]int // for objects with many keys
	weight int
}

const smallObject = 8

// Object makes an object with its members in the given order; the last of several with one key wins, at the place of the
// first. It keeps the slice: the caller does not change it any more.
func Object(ms ...Member) Value {
	v := Value{kind: KindObject}
	o := &members{list: ms, weight: 2}
	if len(ms) > smallObject {
		o.index = make(map[string]int, len(ms))
	}
	kept := ms[:0]
	for _, m := range ms {
		if at := o.find(kept, m.Key); at >= 0 {
			kept[at].Value = m.Value
			continue
		}
		if o.index != nil {
			o.index[m.Key] = len(kept)
		}
		kept = append(kept, m)
	}
	o.list = kept
	for _, m := range kept {
		o.weight = addWeight(o.weight, len(m.Key)+4+m.Value.weigh())
		v.tinted = v.tinted || m.Value.IsSecret()
	}
	v.ext = o
	return v
}

func (o *members) find(in []Member, key string) int {
	if o.index != nil {
		if at, ok := o.index[key]; ok {
			return at
		}
		return -1
	}
	for i := range in {
		if in[i].Key == key {
			return i
		}
	}
	return -1
}

func (o *members) get(key string) (Value, bool) {
	if at := o.find(o.list, key); at >= 0 {
		return o.list[at].Value, true
	}
	return Value{}, false
}

// Members returns the members of an object in the order that they were written in, and nil for any other kind. The caller
// does not change them.
func (v Value) Members() []Member {
	ms := v.members()
	if !v.secret || ms == nil {
		return ms
	}
	marked := make([]Member, len(ms))
	for i, m := range ms {
		marked[i] = Member{m.Key, m.Value.WithSecret()}
	}
	return marked
}

func (v Value) members() []Member {
	if o, ok := v.ext.(*members); ok {
		return o.list
	}
	return nil
}

// enumerated returns the members in the order in which JavaScript enumerates them: keys that are array positions first,
// in ascending order, then the others as they were written.
func (v Value) enumerated() []Member {
	ms := v.Members()
	moved := false
	for _, m := range ms {
		if _, ok := arrayIndex(m.Key); ok {
			moved = true
			break
		}
	}
	if !moved {
		return ms
	}
	sorted := make([]Member, 0, len(ms))
	for _, m := range ms {
		if _, ok := arrayIndex(m.Key); ok {
			sorted = append(sorted, m)
		}
	}
	sort.Slice(sorted, func(i, j int) bool {
		a, _ := arrayIndex(sorted[i].Key)
		b, _ := arrayIndex(sorted[j].Key)
		return a < b
	})
	for _, m := range ms {
		if _, ok := arrayIndex(m.Key); !ok {
			sorted = append(sorted, m)
		}
	}
	return sorted
}

// arrayIndex reads a key that JavaScript takes for an array position: below 2^32-1, without leading zeros.
func arrayIndex(s string) (uint64, bool) {
	if s == "" || len(s) > 10 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	var n uint64
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + uint64(s[i]-'0')
	}
	return n, n < 1<<32-1
}
