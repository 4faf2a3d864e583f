package web

import (
	"cmp"
	"slices"
	"strings"

	"analytics/engine/plural"
	"analytics/engine/spelling"
)

// mostNear is how many routes are named to somebody who asked for none.
const mostNear = 5

// astray says which routes somebody may have meant who asked for a path that there is not: those below it, or
// those that are spelled alike, or else those beside it.
func (m *Mux) astray(path string) string {
	paths := m.paths()
	path = strings.TrimRight(path, "/")
	if below := within(path, paths); path != "" && len(below) > 0 {
		return "; below it are " + some(below)
	}
	if near := alike(path, paths); len(near) > 0 {
		return "; did you mean " + spelling.Choices(near) + "?"
	}
	folder := path[:max(0, strings.LastIndexByte(path, '/'))]
	if beside := within(folder, paths); strings.Count(folder, "/") > 1 && len(beside) > 0 {
		return "; beside it are " + some(beside)
	}
	return ""
}

// paths are those of all routes that are no patterns.
func (m *Mux) paths() (paths []string) {
	for _, rt := range m.list {
		if _, path, ok := strings.Cut(rt.pattern, " "); ok && !strings.ContainsRune(path, '{') && path != "/" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// alike are the paths of which each part is spelled like that of the one asked for, and those that have
// something before it or lack it, such as /v1.
func alike(asked string, paths []string) (near []string) {
	parts := strings.Split(strings.Trim(asked, "/"), "/")
	away := map[string]int{}
	for _, path := range paths {
		if strings.HasSuffix(path, asked) && asked != "" || strings.HasSuffix(asked, path) {
			near, away[path] = append(near, path), 1
		} else if d, ok := apart(parts, strings.Split(path[1:], "/")); ok {
			near, away[path] = append(near, path), d
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(away[a], away[b]) })
	return near[:min(len(near), 3)]
}

// apart is how far two paths are apart; not ok if a part of one is no misspelling of the other's.
func apart(a, b []string) (sum int, ok bool) {
	if len(a) != len(b) {
		return 0, false
	}
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if len(spelling.Nearest(a[i], b[i:i+1])) == 0 {
			return 0, false
		}
		sum += spelling.Distance(strings.ToLower(a[i]), b[i])
	}
	return sum, true
}

// within are the paths in a folder.
func within(folder string, paths []string) (all []string) {
	for _, path := range paths {
		if strings.HasPrefix(path, folder+"/") {
			all = append(all, path)
		}
	}
	return all
}

func some(paths []string) string {
	if more := len(paths) - mostNear; more > 0 {
		return strings.Join(paths[:mostNear], ", ") + " and " + plural.Of(more, "other")
	}
	last := len(paths) - 1
	return strings.TrimPrefix(strings.Join(paths[:last], ", ")+" and "+paths[last], " and ")
}
