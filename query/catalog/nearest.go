package catalog

import "analytics/engine/spelling"

// Nearest finds up to three names that a misspelled one may have meant, the nearest first.
func Nearest(name string, names []string) []string { return spelling.Nearest(name, names) }

// Choices writes names for a sentence: "a", "a or b", "a, b or c".
func Choices(names []string) string { return spelling.Choices(names) }
