package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// DefaultMaxMessage is the largest message body, in bytes, that is read when
// the options name no other limit. It leaves room for a document of more than
// a hundred megabytes, whose escaped form is larger than the file.
const DefaultMaxMessage = 256 << 20

const (
	// maxHeaderLine bounds how much of a line without an end is held while the
	// next header is looked for.
	maxHeaderLine = 4 << 10
	// keepBuffer is the largest buffer that is kept once it is empty, so that
	// one large message does not occupy memory for the rest of a session.
	keepBuffer = 1 << 20
	firstRead  = 8 << 10
)

var headerName = []byte("content-length:")

// garbage is an error that costs the bytes it describes; reading goes on
// behind them.
type garbage struct{ reason string }

func (g *garbage) Error() string { return g.reason }

// frameReader cuts a byte stream into message bodies by the LSP header
// framing. What is no frame is reported once per run of such bytes, and
// reading takes up again at the next "Content-Length:", wherever it stands:
// that is what follows a body that was longer than announced, a line that a
// program printed by mistake, or a message that was refused for its size.
type frameReader struct {
	src        io.Reader
	max        int
	buf        []byte
	start, end int  // the unread bytes are buf[start:end]
	line       int  // where the line that was read last begins
	body       int  // where the body that was handed out last begins
	lost       bool // inside a run of bytes that was reported already
}

func newFrameReader(src io.Reader, max int) *frameReader {
	if max <= 0 {
		max = DefaultMaxMessage
	}
	return &frameReader{src: src, max: max}
}

// next returns the body of the next frame. It is a view of the reader's buffer
// and valid until the following call. The error is a *garbage when reading can
// go on, io.EOF at a clean end, io.ErrUnexpectedEOF inside a frame.
func (f *frameReader) next() ([]byte, error) {
	if f.start == f.end {
		f.start, f.end = 0, 0
		if cap(f.buf) > keepBuffer {
			f.buf = nil
		}
	}
	length, err := f.header()
	if err != nil {
		return nil, err
	}
	for f.end-f.start < length {
		if err := f.fill(length); err != nil {
			return nil, midFrame(err)
		}
	}
	f.lost = false
	f.body = f.start
	f.start += length
	return f.buf[f.body:f.start:f.start], nil
}

// reject says that the body of the last frame was no message. A raw header
// inside it (JSON text cannot hold one: its line end would be escaped) shows
// that the announced length was wrong; reading then goes on there, so that the
// messages that were swallowed are not lost.
func (f *frameReader) reject() {
	f.lost = true
	body := f.buf[f.body:f.start]
	for from := 0; ; {
		i := indexFold(body[from:], headerName)
		if i < 0 {
			return
		}
		i += from
		value := body[i+len(headerName):]
		if nl := bytes.IndexByte(value, '\n'); nl > 0 {
			if _, err := parseLength(value[:nl], f.max); err == nil {
				f.start = f.body + i
				return
			}
		}
		from = i + len(headerName)
	}
}

// header reads up to the blank line that ends a header block and returns the
// length that the block announces.
func (f *frameReader) header() (int, error) {
	length := -1
	for {
		line, err := f.readLine()
		switch {
		case errors.Is(err, errLongLine):
			length = -1
			if g := f.lose("more than %d bytes without a header", maxHeaderLine); g != nil {
				return 0, g
			}
			continue
		case err != nil:
			if length >= 0 || len(line) > 0 {
				err = midFrame(err)
			}
			return 0, err
		case len(line) == 0:
			if length >= 0 {
				return length, nil
			}
			continue // a blank line between frames does no harm
		}
		at := lastIndexFold(line, headerName)
		if at < 0 {
			if !isHeaderField(line) {
				length = -1
				if g := f.lose("%s is no header", excerpt(line)); g != nil {
					return 0, g
				}
			}
			continue
		}
		if at > 0 && !f.lost {
			f.start = f.line + at // the header is read again when this is reported
			return 0, f.lose("%s stands before a header", excerpt(line[:at]))
		}
		if at == 0 {
			f.lost = false // whatever was reported ends here
		}
		n, err := parseLength(line[at+len(headerName):], f.max)
		if err != nil {
			length = -1
			if g := f.lose("%v", err); g != nil {
				return 0, g
			}
			continue
		}
		length = n
	}
}

// lose starts a run of bytes that belong to no frame. It returns nil inside
// such a run: the run was reported when it began.
func (f *frameReader) lose(format string, args ...any) *garbage {
	if f.lost {
		return nil
	}
	f.lost = true
	return &garbage{reason: fmt.Sprintf(format, args...)}
}

var errLongLine = errors.New("line too long")

// readLine returns the next line without its end. A line that exceeds
// maxHeaderLine is dropped up to the place where a header could begin.
func (f *frameReader) readLine() ([]byte, error) {
	for scanned := 0; ; {
		window := f.buf[f.start:f.end]
		if nl := bytes.IndexByte(window[scanned:], '\n'); nl >= 0 {
			nl += scanned
			f.line = f.start
			f.start += nl + 1
			return bytes.TrimSuffix(window[:nl], []byte("\r")), nil
		}
		scanned = len(window)
		if scanned > maxHeaderLine {
			if at := indexFold(window[1:], headerName); at >= 0 {
				f.start += 1 + at
			} else {
				f.start = f.end - len(headerName)
			}
			return nil, errLongLine
		}
		if err := f.fill(0); err != nil {
			return f.buf[f.start:f.end], err
		}
	}
}

// fill reads once more. want is the number of unread bytes that the caller
// waits for; the buffer grows with what has arrived, so that an announced
// length alone allocates nothing.
func (f *frameReader) fill(want int) error {
	if f.start > 0 && (f.end == len(f.buf) || f.start == f.end) {
		f.end = copy(f.buf, f.buf[f.start:f.end])
		f.start = 0
	}
	if f.end == len(f.buf) {
		size := max(2*len(f.buf), firstRead)
		if want > len(f.buf) {
			size = min(size, want+firstRead)
		}
		f.buf = slices.Grow(f.buf, size-len(f.buf))[:size]
	}
	// A reader may return nothing without an error; it gets a hundred chances,
	// as in package bufio.
	for range 100 {
		n, err := f.src.Read(f.buf[f.end:])
		f.end += n
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

func parseLength(value []byte, limit int) (int, error) {
	text := string(bytes.TrimSpace(value))
	n, err := strconv.ParseUint(text, 10, 63)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && n > uint64(limit):
		return 0, fmt.Errorf("a message of %s bytes is refused: the limit is %d", excerptString(text), limit)
	case err != nil:
		return 0, fmt.Errorf("Content-Length %q is no number of bytes", excerptString(text))
	case n == 0:
		return 0, errors.New("Content-Length is 0: a message has at least two bytes")
	}
	return int(n), nil
}

// isHeaderField reports whether line has the form "Name: value" with a name
// made of the characters that HTTP allows in one.
func isHeaderField(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 {
		return false
	}
	for _, c := range line[:colon] {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// indexFold is bytes.Index for a needle in lower-case ASCII, without regard to
// case in the text.
func indexFold(text, needle []byte) int {
	for i := 0; i+len(needle) <= len(text); i++ {
		if hasPrefixFold(text[i:], needle) {
			return i
		}
	}
	return -1
}

func lastIndexFold(text, needle []byte) int {
	for i := len(text) - len(needle); i >= 0; i-- {
		if hasPrefixFold(text[i:], needle) {
			return i
		}
	}
	return -1
}

func hasPrefixFold(text, needle []byte) bool {
	for i, want := range needle {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != want {
			return false
		}
	}
	return true
}

func midFrame(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func excerpt(b []byte) string { return strconv.Quote(excerptString(string(b))) }

func excerptString(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
