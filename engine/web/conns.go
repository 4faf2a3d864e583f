package web

import (
	"net"
	"sync"
)

// limited is a listener with at most max connections. When they are all taken, the connection that
// has waited longest without a request under way is closed for the new one: an attacker who opens
// connections and says nothing then only pushes out his own. If all are at work, Accept waits.
type limited struct {
	net.Listener
	max int

	mu     sync.Mutex
	freed  *sync.Cond
	closed bool
	open   int
	idle   list // idle or silent so far, the longest first
}

// list is a doubly linked list of connections, so that taking one out of 2,048 costs nothing.
type list struct{ first, last *conn }

// conn is one connection of a limited listener.
type conn struct {
	net.Conn
	of *limited

	idle       bool // these four under of.mu
	closed     bool
	prev, next *conn
}

func limit(l net.Listener, max int) *limited {
	lim := &limited{Listener: l, max: max}
	lim.freed = sync.NewCond(&lim.mu)
	return lim
}

// Accept waits for a connection, and then for room.
func (l *limited) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	for l.open >= l.max && l.idle.first == nil && !l.closed {
		l.freed.Wait()
	}
	if l.closed {
		l.mu.Unlock()
		_ = c.Close()
		return nil, net.ErrClosed
	}
	var out *conn
	if l.open >= l.max {
		out = l.idle.first
		l.forget(out)
	}
	n := &conn{Conn: c, of: l}
	l.open++
	l.idle.push(n)
	l.mu.Unlock()
	if out != nil {
		_ = out.Conn.Close()
	}
	return n, nil
}

// Close stops accepting, also an Accept that waits for room.
func (l *limited) Close() error {
	l.mu.Lock()
	l.closed = true
	l.freed.Broadcast()
	l.mu.Unlock()
	return l.Listener.Close()
}

// forget takes a connection out of the count. The caller holds mu.
func (l *limited) forget(c *conn) {
	if c.closed {
		return
	}
	c.closed = true
	l.idle.drop(c)
	l.open--
	l.freed.Signal()
}

// busy notes whether a connection has a request under way.
func (l *limited) busy(c *conn, busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case c.closed:
	case busy:
		l.idle.drop(c)
	case !c.idle:
		l.idle.push(c)
		l.freed.Signal()
	}
}

// Close closes the connection and makes room.
func (c *conn) Close() error {
	c.of.mu.Lock()
	c.of.forget(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

func (l *list) push(c *conn) {
	c.idle, c.prev, c.next = true, l.last, nil
	if l.last == nil {
		l.first = c
	} else {
		l.last.next = c
	}
	l.last = c
}

func (l *list) drop(c *conn) {
	if !c.idle {
		return
	}
	if c.prev == nil {
		l.first = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		l.last = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.idle, c.prev, c.next = false, nil, nil
}
