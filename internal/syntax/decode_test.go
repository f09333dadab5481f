package syntax

import "testing"

func TestDecode(t *testing.T) {
	// The content of the string starts at byte 6.
	const head = `{"s":"`
	type place struct {
		text, source Range // offsets in the text, and in the content as written
	}
	for _, c := range []struct {
		name, content, text string
		places              []place
	}{
		{"plain text is where it is", `abc`, `abc`, []place{{Range{0, 3}, Range{0, 3}}, {Range{1, 2}, Range{1, 2}}, {Range{2, 2}, Range{2, 2}}}},
		{"an escape is two bytes", `a\nb`, "a\nb", []place{{Range{0, 1}, Range{0, 1}}, {Range{1, 2}, Range{1, 3}}, {Range{2, 3}, Range{3, 4}}, {Range{0, 3}, Range{0, 4}}}},
		{"escapes follow one another", `\"\\\/\b\f\n\r\t`, "\"\\/\b\f\n\r\t", []place{{Range{0, 1}, Range{0, 2}}, {Range{3, 5}, Range{6, 10}}, {Range{7, 8}, Range{14, 16}}}},
		{"a rune is escaped with six bytes", `x\u00e9y`, "xéy", []place{{Range{1, 3}, Range{1, 7}}, {Range{3, 4}, Range{7, 8}}}},
		{"a range within such a rune is the whole escape", `x\u00e9y`, "xéy", []place{{Range{1, 2}, Range{1, 7}}, {Range{2, 3}, Range{1, 7}}, {Range{2, 4}, Range{1, 8}}}},
		{"a surrogate pair is one rune", `\ud83d\ude00!`, "😀!", []place{{Range{0, 4}, Range{0, 12}}, {Range{4, 5}, Range{12, 13}}, {Range{1, 2}, Range{0, 12}}}},
		{"lone surrogates are replaced one by one", `\ud83d\ud83da`, "\uFFFD\uFFFDa", []place{{Range{0, 3}, Range{0, 6}}, {Range{3, 6}, Range{6, 12}}, {Range{6, 7}, Range{12, 13}}}},
		{"a low surrogate stands alone", `\ude00`, "\uFFFD", []place{{Range{0, 3}, Range{0, 6}}}},
		{"an unknown escape stays", `a\qb`, `a\qb`, []place{{Range{1, 3}, Range{1, 3}}, {Range{3, 4}, Range{3, 4}}}},
		{"half an escape stays", `\u12\n`, "\\u12\n", []place{{Range{0, 4}, Range{0, 4}}, {Range{4, 5}, Range{4, 6}}}},
		{"bytes that are no UTF-8 are replaced one by one", "a\xff\xfeb", "a\uFFFD\uFFFDb", []place{{Range{1, 4}, Range{1, 2}}, {Range{4, 7}, Range{2, 3}}, {Range{7, 8}, Range{3, 4}}}},
		{"runes that are written stand for themselves", `é😀`, `é😀`, []place{{Range{0, 2}, Range{0, 2}}, {Range{2, 6}, Range{2, 6}}}},
		{"offsets outside of the text are clamped", `ab`, `ab`, []place{{Range{-5, 9}, Range{0, 2}}, {Range{9, 9}, Range{2, 2}}, {Range{2, 1}, Range{2, 2}}}},
		{"an empty text has a place", ``, ``, []place{{Range{0, 0}, Range{0, 0}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Parse(head + c.content + `"}`).Find("/s")
			d := v.Decode()
			if d.Text != c.text || v.Text() != c.text {
				t.Fatalf("%q decodes to %q and reads %q", c.content, d.Text, v.Text())
			}
			for _, p := range c.places {
				want := Range{p.source.Start + len(head), p.source.End + len(head)}
				if got := d.SourceRange(p.text.Start, p.text.End); got != want {
					t.Errorf("text %v is at %v, want %v", p.text, got, want)
				}
				moved := Range{want.Start + 3, want.End + 3}
				if got := d.Moved(3).SourceRange(p.text.Start, p.text.End); got != moved {
					t.Errorf("moved, text %v is at %v, want %v", p.text, got, moved)
				}
			}
		})
	}
}

func TestTextOffset(t *testing.T) {
	d := Parse(`["a\u00e9\nb"]`).Root().Index(0).Decode()
	// Bytes: [ " a \u00e9 \n b "
	for _, c := range []struct {
		name      string
		abs, want int
	}{
		{"before the string is its start", 0, 0},
		{"the opening quote is its start", 1, 0},
		{"a plain byte", 2, 0},
		{"the start of an escape", 3, 1},
		{"within an escape is its start", 6, 1},
		{"the next escape", 9, 3},
		{"behind the escapes", 11, 4},
		{"the closing quote is its end", 12, 5},
		{"behind the string is its end", 99, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := d.TextOffset(c.abs); got != c.want {
				t.Errorf("byte %d is text %d, want %d", c.abs, got, c.want)
			}
		})
	}
}

func TestTextThatIsWrittenAsItReadsIsNotCopied(t *testing.T) {
	v := Parse(`{"a": "plain text", "b": "é and ü"}`).Root()
	a, b := v.Get("a"), v.Get("b")
	if n := testing.AllocsPerRun(10, func() { a.Decode(); a.Text(); b.Decode(); b.Text() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
