package glob

// Match reports whether the whole text fits the pattern, where * is any run of bytes and ? one byte.
// It is what =~ means everywhere. There is only ever one star to come back to, so nobody can make it
// slower than the product of the lengths; path.Match knows classes and stops at slashes.
func Match(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
