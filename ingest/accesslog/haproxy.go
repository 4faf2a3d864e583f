package accesslog

import "bytes"

// proxied reads a line of HAProxy's HTTP log, with or without what syslog puts in front:
//
//	… haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109
//	200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu|Mozilla/5.0} {} "GET /index.html HTTP/1.1"
//
// The headers it captured have no names there. What has "://" is the referrer, what has a slash or a
// space the user agent, what looks like a name the host.
func proxied(line []byte, h *hit) verdict {
	at := bytes.Index(line, []byte(" ["))
	for at >= 0 && !dated(line[at+2:]) {
		next := bytes.Index(line[at+2:], []byte(" ["))
		if next < 0 {
			return silent // a note of the proxy
		}
		at += 2 + next
	}
	if at < 0 {
		return silent
	}
	h.set(address, line[bytes.LastIndexByte(line[:at], ' ')+1:at])
	rest := line[at+2:]
	end := bytes.IndexByte(rest, ']')
	if end < 0 {
		return foreign
	}
	h.set(moment, rest[:end])
	rest = bytes.TrimLeft(rest[end+1:], " ")
	if len(rest) > 0 && rest[0] == '"' {
		return commonly(line, at, h)
	}
	for i := range 4 { // frontend, backend and server, times, status
		if i == 3 {
			h.set(status, firstWord(rest))
		}
		end := bytes.IndexByte(rest, ' ')
		if end < 0 {
			return silent // of a TCP connection
		}
		rest = rest[end+1:]
	}
	quote := bytes.IndexByte(rest, '"')
	if quote < 0 {
		return silent
	}
	if n := bytes.Index(rest, []byte("} \"")); n >= 0 {
		quote = n + 2 // a captured header may have quotes
	}
	captured(rest[:quote], h)
	end = bytes.LastIndexByte(rest, '"')
	if end == quote {
		end = len(rest) // longer than the proxy's buffer, which cuts lines
	}
	h.set(request, rest[quote+1:end])
	return good
}

// commonly reads a line of "option httplog clf": a common one with more behind it, where captured headers
// stand in quotes.
func commonly(line []byte, at int, h *hit) verdict {
	h.reset()
	head := line[:at]
	for range 2 { // the words between address and time
		if n := bytes.LastIndexByte(head, ' '); n >= 0 {
			head = head[:n]
		}
	}
	line = line[bytes.LastIndexByte(head, ' ')+1:]
	if !plain.match(line, h) {
		return foreign
	}
	h.nameless = false                          // the place of a common line's is always empty
	_, rest, _ := bytes.Cut(line, []byte(`" `)) // behind the request
	for n, part := range bytes.Split(rest, []byte{'"'}) {
		if n > clfNames && n%2 == 1 {
			guess(part, h)
		}
	}
	return good
}

// clfNames are the pieces of such a line up to the last name in quotes that is none of a header: two that are
// empty, frontend, backend and server.
const clfNames = 2*5 - 1

// dated reports a text that begins as 06/Feb/2009: does.
func dated(v []byte) bool {
	return len(v) > 12 && v[2] == '/' && v[6] == '/' && v[11] == ':'
}

// captured takes what it can from the first braces, which are those of the request.
func captured(v []byte, h *hit) {
	begin := bytes.IndexByte(v, '{')
	if begin < 0 {
		return
	}
	v = v[begin+1:]
	if end := bytes.IndexByte(v, '}'); end >= 0 {
		v = v[:end]
	}
	for part := range bytes.SplitSeq(v, []byte{'|'}) {
		guess(part, h)
	}
}

// guess takes in a captured header by what it looks like.
func guess(part []byte, h *hit) {
	switch {
	case bytes.Contains(part, []byte("://")) && !bytes.ContainsAny(part, " ("):
		h.set(referrer, part)
	case bytes.ContainsAny(part, "/ ("):
		h.set(agent, part)
	case bytes.IndexByte(part, '.') > 0 && !isAddress(part):
		h.set(host, part)
	}
}
