package api

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// window is how long a caller's count goes on: an hour from its first request,
// as "Use the API" of the platform's guides says.
const window = time.Hour

// documentedLimit is the platform's own number of requests in a window, from the same guide.
const documentedLimit = 1000

// unlimited are the headers of a server that counts nobody's requests. Clients find the
// numbers that each response of the platform has, and those that obey them never wait.
var unlimited = struct{ most, reset []string }{
	most:  []string{strconv.Itoa(documentedLimit)},
	reset: []string{strconv.Itoa(int(window / time.Second))},
}

// mostCallers is how many callers are counted at once: where strangers are counted,
// there may be any number of them.
const mostCallers = 10_000

// A limiter counts the requests of each caller in a window of time.
type limiter struct {
	most   int
	window time.Duration
	now    func() time.Time

	mu    sync.Mutex
	spent map[string]*spending
}

func newLimiter(most int, window time.Duration, now func() time.Time) *limiter {
	return &limiter{most: most, window: window, now: now, spent: map[string]*spending{}}
}

type spending struct {
	until time.Time
	count int
}

// admit counts a request of a caller, writes the headers that say what is left,
// and returns whether there was any. Without a limit nothing is counted, and all of the
// platform's is left.
func (l *limiter) admit(caller string, header http.Header) bool {
	if l.most <= 0 {
		header["X-Ratelimit-Limit"], header["X-Ratelimit-Remaining"], header["X-Ratelimit-Reset"] = unlimited.most, unlimited.most, unlimited.reset
		return true
	}
	now := l.now()
	l.mu.Lock()
	s := l.spent[caller]
	if s == nil || !now.Before(s.until) {
		if len(l.spent) >= mostCallers {
			maps.DeleteFunc(l.spent, func(_ string, s *spending) bool { return !now.Before(s.until) })
		}
		if len(l.spent) >= mostCallers {
			clear(l.spent) // a crowd is let in rather than kept in mind
		}
		s = &spending{until: now.Add(l.window)}
		l.spent[caller] = s
	}
	allowed := s.count < l.most
	if allowed {
		s.count++
	}
	left, wait := l.most-s.count, s.until.Sub(now)
	l.mu.Unlock()

	seconds := strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
	header["X-Ratelimit-Limit"] = []string{strconv.Itoa(l.most)}
	header["X-Ratelimit-Remaining"] = []string{strconv.Itoa(left)}
	header["X-Ratelimit-Reset"] = []string{seconds}
	if !allowed {
		header["Retry-After"] = []string{seconds}
	}
	return allowed
}
