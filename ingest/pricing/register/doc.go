// Package register keeps the price book of a running house: the prices of the configuration and of
// the price file, those set while running (on the shelf "prices"), which models have none, and the
// repricing of history. Its doors are /v1/pricing and `analytics pricing`.
//
// It promises that a change of prices counts for everything taken in from then on, and that history
// changes only when asked: repricing changes raw events, cubes and ledger of a day in one
// transaction, and leaves an activity of category administration before and after. A repricing that
// is cut short is finished by asking for the same again: days that are done do not differ any more.
//
// It never touches what a client said a request cost.
package register
