package store

// Edges lists the names of all failpoints, in the order in which an event meets them. A test
// compares the list with the code.
func Edges() []string {
	return []string{
		"shelf.before", "shelf.after",
		"commit.before", "commit.after", "commit.acked",
		"seal.pieces", "seal.entry.before", "seal.entry.after", "seal.sweep",
		"merge.before", "merge.entry.before", "merge.entry.after",
		"rederive.before",
		"rewrite.before", "rewrite.after",
		"replace.before", "replace.after",
		"purge.before", "purge.after",
		"drop.entry.before", "drop.entry.after",
		"format.before", "format.after", "condense.before", "condense.after",
		"sweep.before", "sweep.after",
		"erase.intent", "erase.dropped",
		"scrub.copied", "scrub.dropped", "scrub.back",
	}
}
