package spelling

import (
	"slices"
	"strings"
)

// Nearest finds up to three names that a misspelled one may have meant, the nearest first.
func Nearest(name string, names []string) []string {
	if len(name) > 64 {
		return nil
	}
	name = strings.ToLower(name)
	type near struct {
		name     string
		distance int
	}
	var all []near
	for _, n := range names {
		d := Distance(name, n)
		part := len(name) > 2 && (strings.Contains(n, name) || strings.Contains(name, n))
		if part {
			d = min(d, 2)
		}
		// Of a short name two other letters make another word.
		if part || d <= max(1, (len(name)+1)/3) {
			all = append(all, near{n, d})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return a.distance - b.distance })
	var best []string
	for _, n := range all[:min(3, len(all))] {
		best = append(best, n.name)
	}
	return best
}

// Distance is how many letters must be changed, added, dropped or swapped with their neighbour to
// make b of a.
func Distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// Choices writes names for a sentence: "a", "a or b", "a, b or c".
func Choices(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
}
