package telemetry

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// A request is an ExportTraceServiceRequest of OTLP:
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
type request struct {
	resource       []attribute
	scope, version string
	spans          []span
}

type span struct {
	Trace      traceID     `json:"traceId"`
	ID         spanID      `json:"spanId"`
	Parent     spanID      `json:"parentSpanId,omitzero"`
	Name       string      `json:"name"`
	Kind       int         `json:"kind"`
	Start      nanoseconds `json:"startTimeUnixNano,string"`
	End        nanoseconds `json:"endTimeUnixNano,string"`
	Attributes []attribute `json:"attributes,omitempty"`
	Events     []event     `json:"events,omitempty"`
	Dropped    int         `json:"droppedEventsCount,omitempty"`
	Status     *status     `json:"status,omitempty"`
}

type event struct {
	Time       nanoseconds `json:"timeUnixNano,string"`
	Name       string      `json:"name"`
	Attributes []attribute `json:"attributes,omitempty"`
}

type status struct {
	Message string `json:"message,omitempty"`
	Code    int    `json:"code"`
}

// Values of the enumerations of OTLP.
const (
	kindInternal = 1
	kindClient   = 3
	codeOK       = 1
	codeError    = 2
)

type (
	traceID [16]byte
	spanID  [8]byte
	// nanoseconds are counted from 1970.
	nanoseconds int64
)

// MarshalText writes identifiers as OTLP/JSON does, which is not how JSON writes
// bytes elsewhere: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
func (t traceID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, t[:]), nil }

// MarshalText is that of traceID.
func (s spanID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

func at(t time.Time) nanoseconds { return nanoseconds(t.UnixNano()) }

// An attribute is a KeyValue: its value is a string, an int or a bool.
type attribute struct {
	key   string
	value any
}

func text(key, value string) attribute   { return attribute{key, value} }
func number(key string, n int) attribute { return attribute{key, n} }
func flag(key string, b bool) attribute  { return attribute{key, b} }

// given leaves out texts that are empty.
func given(list ...attribute) []attribute {
	out := list[:0]
	for _, a := range list {
		if a.value != "" {
			out = append(out, a)
		}
	}
	return out
}

// MarshalJSON implements json.Marshaler.
func (a attribute) MarshalJSON() ([]byte, error) {
	value := map[string]any{}
	switch v := a.value.(type) {
	case string:
		value["stringValue"] = v
	case int:
		value["intValue"] = strconv.Itoa(v)
	case bool:
		value["boolValue"] = v
	}
	return json.Marshal(map[string]any{"key": a.key, "value": value})
}

func (r request) json() []byte {
	scope := map[string]any{"name": r.scope, "version": r.version}
	body, err := json.Marshal(map[string]any{"resourceSpans": []any{map[string]any{
		"resource":   map[string]any{"attributes": r.resource},
		"scopeSpans": []any{map[string]any{"scope": scope, "spans": r.spans}},
	}}})
	if err != nil {
		panic(err) // nothing in it can be refused
	}
	return body
}

// The numbers below are those of the fields in trace.proto and common.proto.

func (r request) protobuf() []byte {
	return message(nil, 1, func(b []byte) []byte {
		b = message(b, 1, func(b []byte) []byte { return attributes(b, 1, r.resource) })
		return message(b, 2, func(b []byte) []byte {
			b = message(b, 1, func(b []byte) []byte { return str(str(b, 1, r.scope), 2, r.version) })
			for i := range r.spans {
				b = message(b, 2, r.spans[i].protobuf)
			}
			return b
		})
	})
}

func (s *span) protobuf(b []byte) []byte {
	b = octets(octets(b, 1, s.Trace[:]), 2, s.ID[:])
	if s.Parent != (spanID{}) {
		b = octets(b, 4, s.Parent[:])
	}
	b = whole(str(b, 5, s.Name), 6, s.Kind)
	b = fixed(fixed(b, 7, s.Start), 8, s.End)
	b = attributes(b, 9, s.Attributes)
	for _, e := range s.Events {
		b = message(b, 11, func(b []byte) []byte {
			return attributes(str(fixed(b, 1, e.Time), 2, e.Name), 3, e.Attributes)
		})
	}
	b = whole(b, 12, s.Dropped)
	if s.Status != nil {
		b = message(b, 15, func(b []byte) []byte { return whole(str(b, 2, s.Status.Message), 3, s.Status.Code) })
	}
	return b
}

func attributes(b []byte, field int, list []attribute) []byte {
	for _, a := range list {
		b = message(b, field, func(b []byte) []byte {
			return message(str(b, 1, a.key), 2, func(b []byte) []byte {
				switch v := a.value.(type) {
				case string:
					return octets(b, 1, []byte(strings.ToValidUTF8(v, "\uFFFD")))
				case int: // one of a choice is written although it is zero
					return binary.AppendUvarint(binary.AppendUvarint(b, 3<<3), uint64(v))
				case bool:
					return binary.AppendUvarint(binary.AppendUvarint(b, 2<<3), map[bool]uint64{true: 1}[v])
				}
				return b
			})
		})
	}
	return b
}

// Wire types of protocol buffers, which stand beside the number of a field:
// https://protobuf.dev/programming-guides/encoding/#structure
const (
	wireFixed64 = 1
	wireLength  = 2
)

// message writes a field that write writes the inside of.
func message(b []byte, field int, write func([]byte) []byte) []byte {
	return octets(b, field, write(nil))
}

func octets(b []byte, field int, value []byte) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3|wireLength)
	return append(binary.AppendUvarint(b, uint64(len(value))), value...)
}

// str writes a text that is valid as the protocol asks for it.
func str(b []byte, field int, value string) []byte {
	if value == "" {
		return b
	}
	return octets(b, field, []byte(strings.ToValidUTF8(value, "\uFFFD")))
}

func whole(b []byte, field, value int) []byte {
	if value == 0 {
		return b
	}
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(field)<<3), uint64(value))
}

func fixed(b []byte, field int, value nanoseconds) []byte {
	return binary.LittleEndian.AppendUint64(binary.AppendUvarint(b, uint64(field)<<3|wireFixed64), uint64(value))
}
