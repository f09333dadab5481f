package persistent

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Each version of a collection goes on to say what it said, whatever is made of
// it: two versions of one origin, and those made of them, are held against maps.
func TestVersionsDoNotDisturbEachOther(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	versions := []version{{}}
	for range 300 {
		v := versions[r.IntN(len(versions))].changed(r)
		versions = append(versions, v)
		if len(versions) > 20 {
			versions = slices.Delete(versions, 0, 1)
		}
		for _, v := range versions {
			if err := v.check(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// version is a list, a set and an index, and what they have to hold.
type version struct {
	list  List[string]
	set   Set
	index Index

	values map[int32]string
	in     map[int32]bool
	pairs  map[Pair]bool
}

const numbers, keys = 200, 40

func (v version) changed(r *rand.Rand) version {
	next := version{values: maps.Clone(v.values), in: maps.Clone(v.in), pairs: maps.Clone(v.pairs)}
	if next.values == nil {
		next.values, next.in, next.pairs = map[int32]string{}, map[int32]bool{}, map[Pair]bool{}
	}
	list, set, index := v.list.Edit(), v.set.Edit(), v.index.Edit()
	for range r.IntN(60) {
		i := int32(r.IntN(numbers))
		next.values[i] = fmt.Sprint(r.IntN(100))
		list.Set(i, next.values[i])
		next.in[i] = r.IntN(2) == 0
		set.Put(i, next.in[i])
		p := Pair{KeyOf(1, int32(r.IntN(keys)), "key"), i}
		if next.pairs[p] {
			delete(next.pairs, p)
			index.Remove(p.Key, p.Number)
		} else {
			next.pairs[p] = true
			index.Add(p.Key, p.Number)
		}
	}
	next.list, next.set, next.index = list.Done(), set.Done(), index.Done()
	return next
}

func (v version) check() error {
	var members []int32
	for i := range int32(numbers) {
		if got := v.list.Get(i); got != v.values[i] {
			return fmt.Errorf("the list holds %q at %d, not %q", got, i, v.values[i])
		}
		if v.set.Has(i) != v.in[i] {
			return fmt.Errorf("the set does not agree about %d", i)
		}
		if v.in[i] {
			members = append(members, i)
		}
	}
	for i, value := range v.list.All() {
		if value != v.values[i] {
			return fmt.Errorf("the list yields %q at %d, not %q", value, i, v.values[i])
		}
	}
	if got := slices.Collect(v.set.All()); !slices.Equal(got, members) {
		return fmt.Errorf("the set yields %v, not %v", got, members)
	}
	for k := range int32(keys) {
		key := KeyOf(1, k, "key")
		var want []int32
		for p := range v.pairs {
			if p.Key == key {
				want = append(want, p.Number)
			}
		}
		got := v.index.Append(nil, key)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || v.index.Has(key) != (len(want) > 0) {
			return fmt.Errorf("under key %d stand %v, not %v", k, got, want)
		}
	}
	return nil
}

func TestAnIndexOfManyPairsHoldsThemAll(t *testing.T) {
	for _, count := range []int{0, 1, 15, 16, 1000, 5000} {
		var pairs []Pair
		for i := range int32(count) {
			pairs = append(pairs, Pair{KeyOf(0, i/3, "x"), i})
		}
		x := NewIndex(pairs)
		for _, p := range pairs {
			if !slices.Contains(x.Append(nil, p.Key), p.Number) {
				t.Fatalf("of %d pairs, %d is not found", count, p.Number)
			}
		}
		if x.Has(KeyOf(0, int32(count), "x")) || x.Has(0) {
			t.Errorf("an index of %d pairs has a key that was never added", count)
		}
	}
}

func TestKeysTellApartWhatTheyAreMadeOf(t *testing.T) {
	seen := map[Key]string{}
	for kind := range uint8(4) {
		for number := range int32(8) {
			for _, text := range []string{"", "a", "b", "ab"} {
				base := KeyOf(kind, number-4, text)
				for suffix, k := range map[string]Key{"": base, "+": base.With(""), "+a": base.With("a"), "+ab": base.With("a").With("b")} {
					name := fmt.Sprint(kind, number, text, suffix)
					if other, taken := seen[k]; taken || k == 0 {
						t.Errorf("%s has the key of %s", name, other)
					}
					seen[k] = name
				}
			}
		}
	}
}
