package web

import "time"

// The limits of what a client may send, each with its why.
const (
	MaxWire     = 5 << 20  // bytes of a body as sent: 8,000 events of 640 bytes
	MaxInflated = 20 << 20 // bytes of a body as read; a gzip bomb of 5 MiB would be 5 GiB
	maxWindow   = 8 << 20  // zstd window: what a decoder may be made to keep in memory
	maxInFlight = 64 << 20 // bytes of all bodies being read at once; then 503
	maxControl  = 1 << 20  // bytes of a JSON body of a control route, such as a new key

	maxSwallowed = 32 << 20 // bytes of a refused body that are read all the same, so that its sender hears why

	maxURL    = 8 << 10  // bytes of path and query
	maxHeader = 16 << 10 // bytes of all headers
	maxConns  = 2048     // connections over TCP; the unix socket has no limit
	maxHops   = 32       // addresses of X-Forwarded-For that are looked at

	maxReport = 64 << 20 // bytes of the report of long work, which a client reads as one line

	maxLogged = 256 // bytes of a string from outside in one log attribute

	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second // whole request
	writeTimeout      = 30 * time.Second // between two writes, not of the whole answer
	idleTimeout       = 2 * time.Minute

	bodyGrace   = 5 * time.Second // before minBodyRate counts
	minBodyRate = 1 << 10         // bytes a second; slower than that is an attack or a dead line

	drainTimeout = 10 * time.Second // for requests under way when the server stops
)
