// Package budget is the ledger of what may be spent: for each budget what its period has cost, what
// calls under way may still cost, and what is left, in whole nano-USD.
//
// It owns the budgets (those that were set, on the shelf "budgets", and those of the configuration),
// their periods in the calendar of a zone, the reservations of calls under way, and the answer to
// "may this call go on?". The gateway asks it, ingest tells it of each request that was stored, and
// alerts reads it to tell people. It is in the engine because rooms on both sides of it need it.
//
// # What is counted
//
// The spend of a period is the sum of the costs of the ai_request rows in the store whose timestamps
// are in the period: what is not stored, or has no price, is not in it. It is kept up to date from
// bodies that were committed (Note, then Settle), each row once. Where a receipt does not say which
// rows of a body were duplicates, where a commit failed, and where rows were rewritten or erased, the
// sum is made again from the store. On start it is made from the store, so that after kill -9 it is
// what the rows say: there is nothing to repair.
//
// To make it again, a snapshot is taken at a moment at which no body is between its commit and its
// count (fence), so each row is in the snapshot or counted after it, and never both.
//
// # Periods
//
// hour, day, week and month are those of the calendar of a zone, summer time included. A length such
// as 24h or 30d is a rolling period: the last whole steps with the one that runs, a step being a
// minute up to 24 hours and an hour beyond. Rows that retention removed are not counted any more: a
// period should not be longer than raw events are kept.
//
// # Reservations
//
// A call reserves the most it is expected to cost before it is let through, and its reservation goes
// in the step in which its row is counted: between the two, no other call sees neither. Calls can
// overshoot a limit only by what a call cost more than it had reserved. Reservations are in memory
// only: those of a process that died are gone with it, and those of calls that were never recorded
// expire.
//
// Budgets that are named after a person, or of their scope, go when the person is erased (forget.go).
//
// It never prices anything, never answers a caller in a provider's words, and never sends a message.
package budget
