// Package person finds somebody who is being erased in what rooms keep beside events: letters, incidents,
// budgets, rules, funnels, reports.
//
// It owns what an erasure goes by (Person), how an id is found in a text (text.go) and in JSON (json.go), and
// the way through a shelf (Sweep). It decides nothing about what becomes of a row: the room that keeps it does.
//
// An erasure may be made again when only a hash of the id is known, so a text is not searched for the id: each
// stretch of its words is held against the hash. An id is found where it stands as words of its own, and not
// inside longer ones: ann is not in joanne, nor in ann_b. One of a few digits is found only where a user is
// spoken of, since 1 is also a count.
//
// What a channel cut off (a name of more than 40 characters in a short message) is not found by its beginning,
// unless the id is known.
package person
