// Package crash holds the tests that pull the plug: the real binary is driven over its socket by a
// load tool with a ledger of its own, while it is killed, cut from power, filled up and damaged.
//
// It owns the oracle: what was acknowledged is stored, what is stored was sent, each id is there
// once, every cube equals the raw events it was made from, and every sum is what the ledger says. It
// imports no room: it sees the product as its users do.
//
//	go test ./engine/crash                                # short form, some 30 kills
//	go test ./engine/crash -run Kill -kills 200 -v -timeout 1h   # long form, over a million acks
//
// The power cut and the full disk need root, for a loop device and a tmpfs; without it they are
// skipped and say so, and with ANALYTICS_TEST_STRICT=1 the skip is an error.
package crash
