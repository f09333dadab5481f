// Command null is a language server that answers at once: with an empty list
// of items, whatever it is asked. What a client measures with it is what the
// client, the pipes and the framing cost by themselves.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"strconv"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, "null:", err)
		os.Exit(1)
	}
}

func serve(requests io.Reader, answers io.Writer) error {
	in := textproto.NewReader(bufio.NewReader(requests))
	for {
		header, err := in.ReadMIMEHeader()
		if err != nil {
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
		var request struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
		}
		if err := json.Unmarshal(body, &request); err != nil {
			return err
		}
		if request.Method == "exit" {
			return nil
		}
		if request.ID == nil {
			continue
		}
		result := `{"kind":"full","items":[]}`
		if request.Method == "initialize" {
			result = `{"capabilities":{"textDocumentSync":2,"completionProvider":{},"diagnosticProvider":{}}}`
		}
		answer := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, request.ID, result)
		if _, err := fmt.Fprintf(answers, "Content-Length: %d\r\n\r\n%s", len(answer), answer); err != nil {
			return err
		}
	}
}
