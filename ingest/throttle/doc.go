// Package throttle slows down who asks too much of the public doors, by degrees, and tells the
// user's own application whom it would slow down.
//
// Two things are counted. An address (IPv4 alone, IPv6 by /64, which is what one customer gets) has
// a bucket of requests. A visitor (address and user agent together) has a level:
//
//	normal 1.0 · warning 0.5 · severe 0.25 · blocked 0
//
// which is the part of the rate it may keep up. Four criteria raise a level: requests a minute,
// scanner hits, events of a bad class, and refusals. Each has a threshold for each level; a visitor
// is at the highest level that any criterion gives, and goes down one level for each span of decay
// in which nothing raised it again. What is refused for its speed is no new reason: who stops, or
// slows down, is let in again, and who shares an address with a flood is not taken for it.
//
// It promises bounded memory under any number of forged addresses, and that no address or user
// agent is kept: both become a hash under a random number that this process made and never writes
// down. So a restart forgets all levels, which the next minute of an attack raises again; keeping
// the number on disk would let whoever has the disk try all addresses. It slows down the house's
// doors as a whole and knows no tenants. It never drops what was taken in.
package throttle
