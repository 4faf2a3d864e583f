package store

// Edges lists the names of all failpoints: those that a store meets once in its life, and then in the
// order in which an event meets them. A test compares the list with the code.
func Edges() []string {
	return []string{
		"format.before", "format.after",
		"shelf.before", "shelf.after",
		"commit.before", "commit.after", "commit.acked",
		"seal.pieces", "seal.entry.before", "seal.entry.after", "seal.sweep",
		"merge.before", "merge.entry.before", "merge.entry.after",
		"rederive.before",
		"rewrite.before", "rewrite.after",
		"replace.before", "replace.after",
		"purge.before", "purge.after",
		"adopt.before", "adopt.after",
		"drop.entry.before", "drop.entry.after",
		"condense.before", "condense.after",
		"sweep.before", "sweep.after",
		"erase.intent", "erase.dropped",
		"scrub.copied", "scrub.dropped", "scrub.back",
	}
}
