// Command record stands between an editor and the language server and writes
// down what they say to each other, for the tests that play it again
// (internal/lsp/replay_test.go). An editor starts it in place of nf-lsp:
//
//	NF_RECORD           the file to write; one message a line, with "> " before
//	                    those of the editor and "< " before those of the server
//	NF_RECORD_SERVER    the server
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"strconv"
	"sync"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func run(editor io.Reader, answers io.Writer) error {
	file, err := os.OpenFile(os.Getenv("NF_RECORD"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	server := exec.Command(os.Getenv("NF_RECORD_SERVER"), os.Args[1:]...)
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		return err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	r := &recorder{file: file}
	go func() {
		_ = r.pass("> ", editor, in)
		_ = in.Close()
	}()
	return errors.Join(r.pass("< ", out, answers), server.Wait())
}

// recorder writes messages down in the order in which they pass.
type recorder struct {
	mu   sync.Mutex
	file io.Writer
}

// pass hands messages on, each once it is written down.
func (r *recorder) pass(mark string, from io.Reader, to io.Writer) error {
	in := textproto.NewReader(bufio.NewReader(from))
	for {
		header, err := in.ReadMIMEHeader()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return err
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in.R, body); err != nil {
			return err
		}
		r.mu.Lock()
		_, err = fmt.Fprintf(r.file, "%s%s\n", mark, body)
		r.mu.Unlock()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(to, "Content-Length: %d\r\n\r\n%s", length, body); err != nil {
			return err
		}
	}
}
