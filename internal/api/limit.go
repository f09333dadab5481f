package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// window is how long a caller's count goes on: an hour from its first request,
// as "Use the API" of the platform's guides says.
const window = time.Hour

// A limiter counts the requests of each caller.
type limiter struct {
	most int
	now  func() time.Time

	mu    sync.Mutex
	spent map[string]*spending
}

type spending struct {
	until time.Time
	count int
}

// admit counts a request of a caller, writes the headers that say what is left,
// and returns whether there was any.
func (l *limiter) admit(caller string, header http.Header) bool {
	if l.most <= 0 {
		return true
	}
	now := l.now()
	l.mu.Lock()
	s := l.spent[caller]
	if s == nil || !now.Before(s.until) {
		s = &spending{until: now.Add(window)}
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
