package wire

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// readAll returns the bodies as they are and each run of garbage as "!reason".
// Bodies that start with "~" are rejected, as the stream does with what is no
// message.
func readAll(t *testing.T, src io.Reader, limit int) []string {
	t.Helper()
	f := newFrameReader(src, limit)
	var got []string
	for {
		body, err := f.next()
		if g := (*garbage)(nil); errors.As(err, &g) {
			got = append(got, "!"+g.reason)
			continue
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				got = append(got, "!!"+err.Error())
			}
			return got
		}
		got = append(got, string(body))
		if body[0] == '~' {
			f.reject()
		}
	}
}

func TestFrames(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"two frames follow each other", frame("one") + frame("two"), []string{"one", "two"}},
		{"other header fields are ignored", "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 3\r\nX-Y: z\r\n\r\none", []string{"one"}},
		{"the field name is read in any case", "content-LENGTH:3\r\n\r\none", []string{"one"}},
		{"a bare line feed ends a line", "Content-Length: 3\n\none", []string{"one"}},
		{"blank lines between frames do no harm", frame("one") + "\r\n\n\r\n" + frame("two"), []string{"one", "two"}},
		{"a line that is no header costs one error", "hello there\r\nhow are you\r\n" + frame("one"), []string{`!"hello there" is no header`, "one"}},
		{"a header without a length costs its body", "Foo: bar\r\n\r\n{}" + frame("one"), []string{`!"{}" stands before a header`, "one"}},
		{"a length that is no number", "Content-Length: three\r\n\r\n{}" + frame("one"), []string{`!Content-Length "three" is no number of bytes`, "one"}},
		{"a negative length", "Content-Length: -3\r\n\r\n{}" + frame("one"), []string{`!Content-Length "-3" is no number of bytes`, "one"}},
		{"a length of zero", "Content-Length: 0\r\n\r\n" + frame("one"), []string{"!Content-Length is 0: a message has at least two bytes", "one"}},
		{"a huge length is refused without waiting for it", "Content-Length: 5000\r\n\r\n{}" + frame("one"), []string{"!a message of 5000 bytes is refused: the limit is 4000", "one"}},
		{"a length beyond all integers is refused", "Content-Length: 99999999999999999999999\r\n\r\n" + frame("one"), []string{"!a message of 99999999999999999999999 bytes is refused: the limit is 4000", "one"}},
		{"a refused body is skipped", "Content-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000) + frame("one"), []string{"!a message of 9000 bytes is refused: the limit is 4000", "one"}},
		{"a body longer than announced", "Content-Length: 3\r\n\r\none more" + frame("two"), []string{"one", `!" more" stands before a header`, "two"}},
		{"a body shorter than announced swallows no message", "Content-Length: 30\r\n\r\n~short" + frame("one") + frame("two"), []string{"~short" + frame("one"), "one", "two"}},
		{"what follows a rejected body is part of it", "Content-Length: 2\r\n\r\n~x}" + frame("one"), []string{"~x", "one"}},
		{"a rejected body is whole when no header stands in it", frame("~Content-Length: 3, they said") + frame("one"), []string{"~Content-Length: 3, they said", "one"}},
		{"a header that is refused counts by itself", "a\nContent-Length: x\r\n\r\n" + frame("one"), []string{`!"a" is no header`, `!Content-Length "x" is no number of bytes`, "one"}},
		{"each run of garbage costs one error", "a\n" + frame("one") + "b\n" + frame("two"), []string{`!"a" is no header`, "one", `!"b" is no header`, "two"}},
		{"a flood without a line end is not kept", strings.Repeat("x", 50_000) + frame("one"), []string{"!more than 4096 bytes without a header", "one"}},
		{"the input ends within a header", "Content-Len", []string{"!!unexpected EOF"}},
		{"the input ends after a header line", "Content-Length: 3\r\n", []string{"!!unexpected EOF"}},
		{"the input ends within a body", "Content-Length: 3\r\n\r\non", []string{"!!unexpected EOF"}},
		{"a body that is larger than the buffer", frame(strings.Repeat("é", 2000)) + frame("one"), []string{strings.Repeat("é", 2000), "one"}},
	}
	readers := []struct {
		name string
		wrap func(io.Reader) io.Reader
	}{
		{"at once", func(r io.Reader) io.Reader { return r }},
		{"byte by byte", iotest.OneByteReader},
		{"with the error beside the last data", iotest.DataErrReader},
	}
	for _, tt := range tests {
		for _, r := range readers {
			t.Run(tt.name+"/"+r.name, func(t *testing.T) {
				got := readAll(t, r.wrap(strings.NewReader(tt.in)), 4000)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
}

func TestAnAnnouncedLengthAllocatesNothing(t *testing.T) {
	f := newFrameReader(strings.NewReader("Content-Length: 200000000\r\n\r\n{}"), 0)
	if _, err := f.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("error %v", err)
	}
	if cap(f.buf) > 1<<20 {
		t.Errorf("%d bytes were allocated for a body that never came", cap(f.buf))
	}
}

func TestALargeBufferIsGivenBack(t *testing.T) {
	f := newFrameReader(strings.NewReader(frame(strings.Repeat("x", 4<<20))+frame("one")+frame("two")), 0)
	for range 3 {
		if _, err := f.next(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.next(); !errors.Is(err, io.EOF) {
		t.Fatalf("error %v", err)
	}
	if cap(f.buf) > keepBuffer {
		t.Errorf("the reader keeps %d bytes", cap(f.buf))
	}
}

func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		frame(`{"jsonrpc":"2.0"}`),
		"Content-Length: 30\r\n\r\n~short" + frame("one"),
		"garbage\r\n\r\n" + frame("x"),
		"Content-Length: -1\r\n\r\nContent-Length: 99999999999999999999\n\n",
	} {
		f.Add(seed, "tail")
	}
	f.Fuzz(func(t *testing.T, noise, body string) {
		if body == "" || strings.ContainsAny(body, "~\n") {
			t.Skip()
		}
		// Whatever came before, and however it is cut into reads: a line of its
		// own and then a frame is found again, unless the noise announced a body
		// that takes it in.
		in := noise + "\n" + frame(body) + frame(body)
		whole := readAll(t, strings.NewReader(in), 100)
		if pieces := readAll(t, iotest.OneByteReader(strings.NewReader(in)), 100); !cmp.Equal(whole, pieces) {
			// Only a flood without a line end may be cut differently.
			if !strings.Contains(strings.Join(append(whole, pieces...), ""), "without a header") {
				t.Fatalf("cut differently:\n%q\n%q", whole, pieces)
			}
		}
		if len(whole) == 0 {
			t.Fatalf("nothing came of %q", in)
		}
		if !strings.Contains(strings.ToLower(noise), "content-length:") && len(body) <= 100 && whole[len(whole)-1] != body {
			t.Fatalf("the frame after the noise is lost: %q", whole)
		}
	})
}
