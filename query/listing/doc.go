// Package listing lists single events, newest first.
//
// It owns which columns a list has, how a field of a record becomes a cell, and how rows are
// matched with the conditions of a question. It reads chunks from the newest to the oldest and
// stops as soon as no older one can matter; the columns of a filter are read first, the others only
// for chunks that hold a match.
//
// Conditions mean the same as in rollup/cube, which counts them: a property test holds that a list
// is as long as the count. It never groups and never adds up.
package listing
