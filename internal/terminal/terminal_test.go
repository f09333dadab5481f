package terminal_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/nf-lsp/nf-lsp/internal/terminal/terminaltest"
)

func lines(texts ...string) []string { return texts }

func TestAPictureIsBroughtUpToDateInPlace(t *testing.T) {
	screen := terminaltest.New(20, 6)
	size := terminal.Size{Width: 20, Height: 6}
	p := terminal.NewPicture(screen)
	fmt.Fprint(screen, "$ command\r\n")
	for _, step := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"the first drawing stands below what was there", lines("one", "two"), "$ command\none\ntwo\n"},
		{"a shorter line leaves nothing of the one before", lines("1", "two"), "$ command\n1\ntwo\n"},
		{"lines are added below", lines("1", "two", "three"), "$ command\n1\ntwo\nthree\n"},
		{"lines are taken away", lines("1"), "$ command\n1\n"},
		{"the screen scrolls when the picture grows beyond its end", lines("a", "b", "c", "d", "e"), "a\nb\nc\nd\ne\n"},
		{"all can change at once", lines("A", "B"), "A\nB\n"},
	} {
		p.Draw(step.lines, size)
		if got := screen.Screen(); got != step.want {
			t.Errorf("%s:\n%swant:\n%s", step.name, got, step.want)
		}
		if !screen.Plain() {
			t.Errorf("%s: the terminal is not as it was", step.name)
		}
	}
	p.Print("said\n", size)
	p.Draw(lines("A", "B"), size)
	p.Finish(lines("the end"), size)
	if got, want := screen.All(), "$ command\nsaid\nthe end\n"; got != want {
		t.Errorf("at the end:\n%swant:\n%s", got, want)
	}
	if y, x := screen.Cursor(); y != 2 || x != 0 {
		t.Errorf("the cursor stands in line %d, column %d", y, x)
	}
	if err := screen.Err(); err != nil {
		t.Error(err)
	}
}

func TestOnlyLinesThatChangedAreWritten(t *testing.T) {
	screen := terminaltest.New(80, 24)
	size := terminal.Size{Width: 80, Height: 24}
	texts := make([]string, 20)
	for i := range texts {
		texts[i] = fmt.Sprintf("line %d: %s", i, strings.Repeat("x", 50))
	}
	p := terminal.NewPicture(screen)
	p.Draw(texts, size)
	before := screen.Written()
	p.Draw(texts, size)
	if n := screen.Written() - before; n != 0 {
		t.Errorf("%d bytes were written where nothing has changed", n)
	}
	texts[7] = "line 7: new"
	p.Draw(texts, size)
	if n := screen.Written() - before; n > 40 {
		t.Errorf("%d bytes were written for one short line", n)
	}
	if got, want := screen.Screen(), strings.Join(texts, "\n")+"\n"; got != want {
		t.Errorf("%s", got)
	}
}

func TestWhatIsTypedDoesNotStay(t *testing.T) {
	screen := terminaltest.New(20, 6)
	size := terminal.Size{Width: 20, Height: 6}
	p := terminal.NewPicture(screen)
	p.Draw(lines("one", "two"), size)
	fmt.Fprint(screen, "^C")
	p.Draw(lines("one", "zwei"), size)
	if got := screen.Screen(); got != "one\nzwei\n" {
		t.Errorf("%s", got)
	}
}

func TestAPictureBeginsAnewBelowWhatOthersHaveWritten(t *testing.T) {
	screen := terminaltest.New(20, 8)
	size := terminal.Size{Width: 20, Height: 8}
	p := terminal.NewPicture(screen)
	p.Draw(lines("one", "two"), size)
	fmt.Fprint(screen, "[1]+ Stopped\r\n$ fg\r\n")
	p.Forget()
	p.Draw(lines("one", "drei"), size)
	if got, want := screen.Screen(), "one\ntwo\n[1]+ Stopped\n$ fg\none\ndrei\n"; got != want {
		t.Errorf("%s", got)
	}
}

var unpainted = strings.NewReplacer("\x1b[31m", "", "\x1b[0m", "")

// Whatever is drawn, and however the terminal is resized meanwhile, the picture
// stands once, whole, directly above the cursor, and what was there before it is
// still there.
func TestAPictureStandsOnceInAnyTerminal(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		size := terminal.Size{Width: 4 + r.IntN(40), Height: 2 + r.IntN(12)}
		screen := terminaltest.New(size.Width, size.Height)
		p := terminal.NewPicture(screen)
		fmt.Fprint(screen, "$\r\n")
		var drawn []string
		for step := range 20 {
			if r.IntN(4) == 0 {
				next := terminal.Size{Width: 4 + r.IntN(40), Height: size.Height + r.IntN(5)}
				rows := 0
				for _, l := range drawn {
					rows += terminal.RowsOf(l, next.Width)
				}
				if rows < next.Height { // else some of it is scrolled out by the terminal itself
					size = next
					screen.Resize(size.Width, size.Height)
				}
			}
			texts := make([]string, r.IntN(size.Height))
			for i := range texts {
				text := strings.Repeat([]string{"x", "字", "é", "👍🏽"}[r.IntN(4)], r.IntN(20))
				texts[i] = terminal.Cut(fmt.Sprint(i, text), size.Width-1)
				if r.IntN(2) == 0 {
					texts[i] = "\x1b[31m" + texts[i] + "\x1b[0m"
				}
			}
			if r.IntN(8) == 0 {
				p.Print("!", size)
			}
			drawn = texts
			p.Draw(drawn, size)
			var found []string
			for l := range strings.Lines(screen.All()) {
				if l = strings.TrimSuffix(l, "\n"); l != "$" && l != "!" && l != "" {
					found = append(found, l)
				}
			}
			if got, want := strings.Join(found, "\n"), unpainted.Replace(strings.Join(texts, "\n")); got != want {
				t.Fatalf("seed %d, step %d: there is\n%s\nwant\n%s", seed, step, screen.All(), want)
			}
			if !strings.HasPrefix(strings.ReplaceAll(screen.All(), "\n", ""), "$") {
				t.Fatalf("seed %d, step %d: what was there before is gone:\n%s", seed, step, screen.All())
			}
			if err := screen.Err(); err != nil || !screen.Plain() {
				t.Fatalf("seed %d, step %d: %v, as it was: %v", seed, step, err, screen.Plain())
			}
		}
	}
}

func TestWidthIsWhatTerminalsTake(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"ASCII takes a column each", "abc def", 7},
		{"nothing takes nothing", "", 0},
		{"what is composed counts once", "é", 1},
		{"what combines takes none", "e\u0301", 1},
		{"wide characters take two", "数据库", 6},
		{"emoji take two", "🚀", 2},
		{"emoji that are joined take two together", "👩‍🚀", 2},
		{"emoji with a tone of skin take two together", "👍🏽", 2},
		{"signs of states take one", "✓✗●◌↻■…·", 8},
	} {
		if got := terminal.Width(c.text); got != c.want {
			t.Errorf("%s: %q has %d columns, want %d", c.name, c.text, got, c.want)
		}
	}
}

func TestTextIsCutToColumns(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		want       string
	}{
		{"what fits stays", "database", 8, "database"},
		{"what does not ends in an ellipsis", "database", 7, "databa…"},
		{"no space stands before it", "my database", 4, "my…"},
		{"wide characters are not parted", "数据库", 4, "数…"},
		{"wide characters that fit stay", "数据库", 6, "数据库"},
		{"what is joined is not parted", "a👩‍🚀b", 3, "a…"},
		{"one column holds the ellipsis", "database", 1, "…"},
		{"no column holds nothing", "database", 0, ""},
		{"nor do fewer", "database", -3, ""},
	} {
		if got := terminal.Cut(c.text, c.width); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPrintableTextDoesNothingToATerminal(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain text stays", "all well", "all well"},
		{"letters of all languages stay", "für Größe 数据库 👩‍🚀", "für Größe 数据库 👩‍🚀"},
		{"lines become one", "one\r\ntwo\tthree", "one  two three"},
		{"sequences are broken", "\x1b[2Jgone", "\uFFFD[2Jgone"},
		{"so are those of eight bits", "\u009b2Jgone", "\uFFFD2Jgone"},
		{"titles are broken", "\x1b]0;title\a", "\uFFFD]0;title\uFFFD"},
		{"the direction is not turned around", "a\u202Eb\u2066c", "a\uFFFDb\uFFFDc"},
		{"what is no text is replaced", "a\xffb", "a\uFFFDb"},
	} {
		if got := terminal.Printable(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("数据库 👩‍🚀 e\u0301", 5)
	f.Fuzz(func(t *testing.T, text string, width int) {
		text = terminal.Printable(text)
		if got := terminal.Cut(text, width); terminal.Width(got) > max(0, width) {
			t.Errorf("Cut(%q, %d) is %q with %d columns", text, width, got, terminal.Width(got))
		}
	})
}
